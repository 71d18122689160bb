"""What the verbs of devices accept."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.people.schemas import NAME, REASON, SECRET, Line, Text


class EnrolDevice(Schema):
    """A browser that wants to work on its own."""

    device_id = fields.UUID(required=True)
    name = Line(required=True, validate=NAME)
    shared = fields.Bool(load_default=False)
    build = fields.Str(load_default=None, allow_none=True, validate=validate.Length(max=40))
    cookie_hash = fields.Str(required=True, metadata=SECRET)
    replaces = fields.UUID(load_default=None, allow_none=True)


class ReplaceDevice(Schema):
    """The same browser after it lost its stream."""

    device_id = fields.UUID(required=True)
    replaces = fields.UUID(required=True)
    cookie_hash = fields.Str(required=True, metadata=SECRET)


class GrantDevice(Schema):
    """A person who signs in on an enrolled device."""

    device_id = fields.UUID(required=True)
    grant_id = fields.UUID(required=True)


class EndGrant(Schema):
    """The end of a grant."""

    grant_id = fields.UUID(required=True)


class RenameDevice(Schema):
    """The name people know it by, and whether it is shared."""

    device_id = fields.UUID(required=True)
    name = Line(required=True, validate=NAME)
    shared = fields.Bool(required=True)


class RevokeDevice(Schema):
    """A device that is lost, and why."""

    device_id = fields.UUID(required=True)
    reason = Text(required=True, validate=REASON)
