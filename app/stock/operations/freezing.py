"""Freezing bins: nothing is put there or taken from there, so that a count finds the goods at rest (STK-13)."""

from __future__ import annotations

from app.lib.ids import Id
from app.stock import schemas
from app.stock.counting import REVIEW, StockTake
from app.stock.operations.counts import NOT_IN
from app.stock.steps import find_bins, freeze, unfreeze
from app.sync import Tx, operation

RIGHT = "stock.plan_count"
OVER = {status: code for status, code in NOT_IN.items() if status != REVIEW}


@operation("stock.freeze_bins", schema=schemas.FreezeBins, right=RIGHT)
def freeze_bins(tx: Tx, actor: Id, *, bins: list[Id], reason: str, stock_take_id: Id | None) -> None:
    """Freeze these bins until somebody lets go of them, or until the stock take ends; what is frozen already stays as it is.

    The office is refused a movement of what lies there; what a phone did all the same is kept, in force, as an exception.
    """
    if stock_take_id is not None:
        take = tx.session.get(StockTake, (tx.site_id, stock_take_id)) or tx.missing("stock_take", stock_take_id)
        tx.about("stock_take", stock_take_id)
        if take.status in OVER:
            tx.refuse(OVER[take.status])
    found = find_bins(tx, bins)
    if not freeze(tx, found, reason, stock_take_id):
        tx.refuse("bins_frozen", n=len(found))


@operation("stock.unfreeze_bins", schema=schemas.OfBins, right=RIGHT)
def unfreeze_bins(tx: Tx, actor: Id, *, bins: list[Id]) -> None:
    """Goods move there again; also before the count ends that they were frozen for."""
    found = find_bins(tx, bins)
    if not unfreeze(tx, found):
        tx.refuse("bins_not_frozen", n=len(found))
