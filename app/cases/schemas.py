"""What the verbs of cases accept."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class CloseCase(Schema):
    """Which case, and what became of it."""

    case_id = fields.UUID(required=True)
    reason = fields.Str(required=True, validate=validate.Length(min=1, max=1000))


class DecideParked(Schema):
    """One of the parked operations, and the word on all that were parked for the same reason from its device."""

    exception_id = fields.UUID(required=True)
    word = fields.Str(required=True, validate=validate.OneOf(["admit", "dismiss"]))
    reason = fields.Str(required=True, validate=validate.Length(min=1, max=1000))
