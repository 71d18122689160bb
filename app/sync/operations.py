"""Decisions about operations that were kept but did not fit: admit them or dismiss them (sync.md §3)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.lib.ids import Id
from app.sync.engine import as_values, decided, engine, find_operation
from app.sync.models import Operation as OperationRow
from app.sync.registry import operation, operations
from app.sync.tx import Tx
from app.sync.unit import Judged

OPEN = {"noted", "parked", "held"}


class DecideOperation(Schema):
    """Which kept operation, and why."""

    kept_id = fields.UUID(required=True)
    reason = fields.Str(required=True, validate=validate.Length(min=1, max=1000))


@operation("sync.admit_operation", schema=DecideOperation, right="exceptions.decide")
def admit_operation(tx: Tx, actor: Id, *, kept_id: Id, reason: str) -> None:
    """Let a kept operation take effect, judged as of its own time. Never one's own (GEN-3)."""
    row = _open_operation(tx, actor, kept_id)
    if row.in_force:  # what it did stands: to run it again would do it twice
        judged = Judged(decided({**as_values(row), "n": row.n + 1}, tx.now, "applied", None, {}))
    elif not is_admissible(row):
        tx.refuse("still_parked")
    else:
        judged = engine().rerun(tx.unit, row, admitted=row.code or "")
    if judged.values["status"] != "applied":
        tx.refuse(judged.values["code"], **judged.values["facts"])
    _decide(tx, row, judged, "admitted", reason)


@operation("sync.dismiss_operation", schema=DecideOperation, right="exceptions.decide")
def dismiss_operation(tx: Tx, actor: Id, *, kept_id: Id, reason: str) -> None:
    """Leave a kept operation without effect, for good; it stays in the log. Never one's own (GEN-3).

    What waits for something that it would have made hears that this never comes (T9).
    """
    row = _open_operation(tx, actor, kept_id)
    values: dict[str, Any] = {**as_values(row), "n": row.n + 1}
    status = "noted" if row.status == "noted" else "rejected"
    facts = {**row.facts, "reason": reason}
    judged = Judged(decided(values, tx.now, status, "dismissed", facts, in_force=row.in_force))
    for made in judged.made:
        tx.fire(f"id:{made}")  # rule: T9
    _decide(tx, row, judged, "dismissed", reason)


def is_admissible(row: OperationRow) -> bool:
    """Whether it may take effect by somebody's word. Of what was parked before anybody asked for its right, only a fact may."""
    op = operations.get(row.type)
    return row.status != "parked" or (op is not None and (op.fact or row.code == "handler_failed"))


def _open_operation(tx: Tx, actor: Id, operation_id: Id) -> OperationRow:
    row = find_operation(tx.session, operation_id)
    if row.actor == actor:
        tx.refuse("own_operation")
    if row.status not in OPEN or row.code in {"dismissed", "admitted"}:
        tx.refuse("already_decided")
    return row


def _decide(tx: Tx, row: OperationRow, judged: Judged, how: str, reason: str) -> None:
    tx.unit.rejudged[row.id] = judged
    tx.about("operation", row.id)
    if row.exception_id:
        judged.values["exception_id"] = row.exception_id
        engine().hooks.close_exception(tx, row.exception_id, how, reason)
