"""What a phone still held when its count was closed: admitted or dismissed together, bin by bin, by somebody else (T11)."""

from __future__ import annotations

from sqlalchemy import or_, select

from app.cases.steps import admit, dismiss
from app.lib.ids import Id
from app.stock import schemas
from app.stock.counting import CANCELLED, BinCount, StockTake
from app.stock.operations.recounts import admitting_together
from app.sync import Tx, operation
from app.sync.models import Operation, OperationAbout

AFTER_CLOSE, MISSING = "after_close", "parent_missing"


@operation("stock.admit_late", schema=schemas.DecideLate, right="exceptions.decide")
def admit_late(tx: Tx, actor: Id, *, bin_count_id: Id, reason: str) -> None:
    """Let everything late of one person's count of a bin take effect, each as of its own time; the review goes on with it.

    Never one's own (GEN-3). A count that was opened late brings the lines that wait for it.
    """
    rows, take = _to_decide(tx, actor, bin_count_id)
    if take.status == CANCELLED:
        tx.refuse("take_cancelled")
    with admitting_together(tx, take):
        for row in rows:
            admit(tx, row, reason)


@operation("stock.dismiss_late", schema=schemas.DecideLate, right="exceptions.decide")
def dismiss_late(tx: Tx, actor: Id, *, bin_count_id: Id, reason: str) -> None:
    """Say that nothing late of one person's count of a bin counts; it stays in the log, and no review is opened again.

    Never one's own (GEN-3). What waits for a count that was opened late is dismissed with it.
    """
    rows, _ = _to_decide(tx, actor, bin_count_id)
    for row in rows:
        dismiss(tx, row, reason)


def _to_decide(tx: Tx, actor: Id, bin_count_id: Id) -> tuple[list[Operation], StockTake]:
    """What is late of this count and whose it is; the decision joins the trail of both."""
    rows = _late(tx, bin_count_id)
    if not rows:
        tx.refuse("nothing_late")
    if any(row.actor == actor for row in rows):
        tx.refuse("own_operation")  # rule: GEN-3
    take = _take(tx, bin_count_id, rows)
    tx.about("stock_take", take.id)
    tx.about("bin_count", bin_count_id)
    return rows, take


def _late(tx: Tx, bin_count_id: Id) -> list[Operation]:
    """What was noted after the close or waits for a count that was, in the order in which it was done."""
    filed = select(OperationAbout.operation_id).where(
        OperationAbout.kind == "bin_count", OperationAbout.about_id == str(bin_count_id)
    )  # fmt: skip
    late = (Operation.status == "noted") & (Operation.code == AFTER_CLOSE)
    waiting = (Operation.status == "held") & (Operation.code == MISSING)
    query = select(Operation).where(
        Operation.id.in_(filed), Operation.site_id == tx.site_id, Operation.in_force.is_(False), or_(late, waiting)
    )  # fmt: skip
    return list(tx.session.scalars(query.order_by(Operation.happened_at, Operation.id)))


def _take(tx: Tx, bin_count_id: Id, rows: list[Operation]) -> StockTake:
    """The stock take they belong to: that of the count, or what its late opening names."""
    count = tx.session.get(BinCount, (tx.site_id, bin_count_id))
    opening = next((row for row in rows if row.id == bin_count_id), None)
    take_id = count.stock_take_id if count else Id(opening.data["stock_take_id"]) if opening else None
    take = tx.session.get(StockTake, (tx.site_id, take_id)) if take_id else None
    if take is None:
        tx.missing("bin_count", bin_count_id)
    return take
