"""What the verb of the starter pack accepts."""

from __future__ import annotations

from marshmallow import Schema, fields


class LoadPack(Schema):
    """The pack's files as data, by name; what is in them is checked by `reading.read_pack`."""

    files = fields.Dict(keys=fields.Str(), required=True)
