"""What the verbs of checklists accept: anything else is malformed at both doors."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from app.cases.models import KINDS, SEVERITIES

SHA256 = validate.Regexp(r"^[0-9a-f]{64}$")
ITEM_ID = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")
MOST_ROUNDS = 1000


def text(most: int, *, least: int = 0, **more: Any) -> fields.Str:
    """A text as typed, at most `most` characters."""
    return fields.Str(validate=validate.Length(min=least, max=most), **more)


def reason() -> fields.Str:
    """A decision's reason: never empty."""
    return text(1000, least=1, required=True)


class OfRun(Schema):
    """Every verb about a run names it."""

    run_id = fields.UUID(required=True)


class OfRound(OfRun):
    """A later round is named by its number and the first run: its own run may not exist yet (`repeat_min`)."""

    round = fields.Int(strict=True, validate=validate.Range(min=2, max=MOST_ROUNDS))
    first_run_id = fields.UUID()

    @validates_schema
    def check_round(self, data: dict[str, Any], **_: Any) -> None:
        """Both or neither."""
        if ("round" in data) != ("first_run_id" in data):
            raise ValidationError("round and first_run_id go together", "round")


class OpenRun(OfRound):
    """`unverified`: the device could not know that the lists before this one are accepted (CHK-3)."""

    unverified = fields.Bool()


class AnswerItem(OfRound):
    """One answer to one item: there is no form for several (CHK-5).

    `value` is as typed or chosen: number, choice id, text, scanned code, sha256 of the signature's PNG. `photos` are
    sha256 of JPEGs, which the operation lists in its `blobs` too; those of `photos_before` show the fault that
    was fixed on the spot, the others how it is now. `withdrawn` are photos of the person's earlier answer
    that never left the device, and in whose place others stand now.
    """

    item_id = fields.Str(required=True, validate=ITEM_ID)
    verdict = fields.Str(required=True, validate=validate.OneOf(["pass", "fail", "na", "cleared"]))
    value = text(2000, allow_none=True)
    note = text(2000, allow_none=True)
    reason = text(1000, allow_none=True)
    severity = fields.Str(allow_none=True, validate=validate.OneOf(SEVERITIES))
    photos = fields.List(fields.Str(validate=SHA256), validate=validate.Length(max=12))
    photos_before = fields.List(fields.Str(validate=SHA256), validate=validate.Length(max=12))
    withdrawn = fields.List(fields.Str(validate=SHA256), validate=validate.Length(max=12))
    fixed = fields.Bool()
    unverified = fields.Bool()


class ReportFault(OfRun):
    """A case about an item, opened in one tap (CHK-9)."""

    item_id = fields.Str(required=True, validate=ITEM_ID)
    case_id = fields.UUID(required=True)
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    severity = fields.Str(required=True, validate=validate.OneOf(SEVERITIES))
    note = text(2000, allow_none=True)
    owner = fields.UUID(allow_none=True)


class FinishRun(OfRun):
    """The list is done."""


class ForceFinish(OfRun):
    """The list is done although a device that took part was not heard."""

    reason = reason()


class AcceptRun(OfRun):
    """A signature: sha256 of its PNG."""

    signature = fields.Str(required=True, validate=SHA256)
    note = text(1000, allow_none=True)


class SentBackItem(Schema):
    """One item that the accepter returns, and what is wrong with it."""

    item_id = fields.Str(required=True, validate=ITEM_ID)
    note = text(1000, allow_none=True)


class RejectRun(OfRun):
    """Sent back: why, and which items."""

    reason = reason()
    items = fields.List(fields.Nested(SentBackItem), validate=validate.Length(max=200), load_default=list)


class ReopenRun(OfRun):
    """A signature is voided."""

    reason = reason()


class WaiveItem(OfRun):
    """One step of the permission to go on with a failed critical item."""

    item_id = fields.Str(required=True, validate=ITEM_ID)
    reason = reason()


class DecideContested(OfRun):
    """Which of two answers stands."""

    item_id = fields.Str(required=True, validate=ITEM_ID)
    answer_id = fields.UUID(required=True)
    reason = text(1000, allow_none=True)


class OfReference(OfRun):
    """A photo of an item as how it should look, or no more."""

    item_id = fields.Str(required=True, validate=ITEM_ID)
    sha = fields.Str(required=True, validate=SHA256)


class StartRun(OfRun):
    """A list started by hand; `template` is `CL-GRN@1` (the version the starter saw, CHK-1) or `CL-GRN` (the newest)."""

    template = text(60, least=1, required=True)
    title = text(200, allow_none=True)
    show_id = fields.UUID(allow_none=True)


class AssignRun(OfRun):
    """Who is put on the run from now on, instead of who was."""

    people = fields.List(fields.UUID(), required=True, validate=validate.Length(max=50))


class CancelRun(OfRun):
    """The list is not needed any more."""

    reason = reason()
