"""What the verbs of shows accept."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.people.schemas import NAME, Line
from app.shows.models import KINDS

EPOCH_2020 = 1_577_836_800_000
EPOCH_2100 = 4_102_444_800_000
LONGEST_MIN = 24 * 60


def title(*, required: bool) -> fields.Str:
    """What the crew calls the show."""
    return fields.Str(required=required, validate=validate.Length(min=1, max=200))


def starts_at(*, required: bool) -> fields.Int:
    """Milliseconds since 1970 UTC, within this century: a typed year 0206 is no show."""
    return fields.Int(required=required, strict=True, validate=validate.Range(min=EPOCH_2020, max=EPOCH_2100))


def planned_min(*, required: bool) -> fields.Int:
    """Minutes on air, at most a day."""
    return fields.Int(required=required, strict=True, validate=validate.Range(min=1, max=LONGEST_MIN))


class AddRoom(Schema):
    """A studio with its two names."""

    room_id = fields.UUID(required=True)
    zh = Line(required=True, validate=NAME)
    en = Line(required=True, validate=NAME)


class PlanShow(Schema):
    """What, where, when, how long."""

    show_id = fields.UUID(required=True)
    title = title(required=True)
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    room_id = fields.UUID(required=True)
    starts_at = starts_at(required=True)
    planned_min = planned_min(required=True)
    aim = fields.Str(allow_none=True, validate=validate.Length(max=1000))


class ChangeShow(Schema):
    """Only what changes is named."""

    show_id = fields.UUID(required=True)
    title = title(required=False)
    starts_at = starts_at(required=False)
    planned_min = planned_min(required=False)
    room_id = fields.UUID()
    aim = fields.Str(allow_none=True, validate=validate.Length(max=1000))


class CancelShow(Schema):
    """Which show, and why."""

    show_id = fields.UUID(required=True)
    reason = fields.Str(required=True, validate=validate.Length(min=1, max=1000))
