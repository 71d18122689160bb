"""The verbs of cases."""

from __future__ import annotations

from sqlalchemy import select

from app.cases.models import CLOSED, OPEN, Case, OperationException
from app.cases.schemas import CloseCase, DecideParked
from app.cases.steps import admit, dismiss
from app.lib.ids import Id
from app.sync import Tx, operation
from app.sync.models import Operation


@operation("cases.close_case", schema=CloseCase, right="checklists.lead")
def close_case(tx: Tx, actor: Id, *, case_id: Id, reason: str) -> None:
    """Say that what the case is about has been put right, and how. Refused when it is closed already."""
    case = tx.session.get(Case, (tx.site_id, case_id)) or tx.missing("case", case_id)
    if not case.is_open():
        tx.refuse("case_closed", no=case.no)
    case.status, case.closed_by, case.closed_at, case.close_reason = CLOSED, actor, tx.happened_at, reason
    tx.publish("case", case_id)
    tx.about("case", case_id)
    tx.about(case.about_kind, case.about_id)


@operation("cases.decide_parked", schema=DecideParked, right="exceptions.decide")
def decide_parked(tx: Tx, actor: Id, *, exception_id: Id, word: str, reason: str) -> None:
    """One word on all that was parked from a device for the same reason, in the order in which it was done; never one's own.

    What still cannot be understood stays parked; refused when that is all of it.
    """
    exception = tx.session.get(OperationException, (tx.site_id, exception_id)) or tx.missing("exception", exception_id)
    rows = _parked_with(tx, exception)
    if not rows:
        tx.refuse("already_decided")
    if any(row.actor == actor for row in rows):
        tx.refuse("own_operation")  # rule: GEN-3
    if word == "dismiss":
        for row in rows:
            dismiss(tx, row, reason)
    elif not [row for row in rows if admit(tx, row, reason)]:
        tx.refuse("still_parked")


def _parked_with(tx: Tx, exception: OperationException) -> list[Operation]:
    """The parked operations of the same device and reason that nobody decided, oldest first."""
    device = select(Operation.device_id).where(Operation.id == exception.operation_id).scalar_subquery()
    query = (
        select(Operation)
        .join(OperationException, OperationException.operation_id == Operation.id)
        .where(
            OperationException.site_id == tx.site_id, OperationException.code == exception.code,
            OperationException.status == OPEN, Operation.status == "parked", Operation.device_id == device,
        )
        .order_by(Operation.happened_at, Operation.id)
    )  # fmt: skip
    return list(tx.session.scalars(query))
