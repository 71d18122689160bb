"""What other verbs make happen to stock: goods move, bins are frozen, the house's settings are kept."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import select, tuple_

from app.documents.steps import keep_document
from app.ledger.models import Holding
from app.ledger.steps import SOME, Draft, Leg, Posted, post
from app.lib.ids import Id, new_id
from app.stock.counting import SettledCount, StockTakeBin
from app.stock.models import ACTIVE, Bin, bin_of
from app.stock.settings import ID, KIND
from app.sync import Tx
from app.sync.unit import chunks

LOST = "out:adjust"  # where what is missing went, and what is found came from


def keep_settings(tx: Tx, body: dict[str, Any]) -> None:
    """Keep the pack's stock settings; the same again changes nothing."""
    if keep_document(tx, KIND, ID, body, 1):
        tx.publish(KIND, ID)


def move(tx: Tx, drafts: Iterable[Draft]) -> Posted:
    """Post movements of goods and tell every device which products lie in which bins now.

    What leaves a bin below zero is a doubt with effect, and nothing is picked from that bin until it is counted (STK-2). What
    happened before a count that is already approved is posted together with its opposite: the counted figure stands (STK-5).
    So is what moves in a frozen bin a doubt with effect (STK-13).
    """
    drafts = list(drafts)
    opposites = _opposites(tx, drafts)
    posted = post(tx, [*drafts, *opposites])
    for bin_id in {id for holding in posted.after if (id := bin_of(holding))}:
        tx.publish("bin", bin_id)
        tx.publish("balance", bin_id)
        tx.about("bin", bin_id)
    for item_id in {holding.item_id for holding in posted.after}:
        tx.about("product", item_id)
    if opposites:
        tx.doubt("before_count")
    for holding in posted.below_zero:  # rule: STK-2, T25
        _lock(tx, holding)
    _check_frozen(tx, posted)
    return posted


def _opposites(tx: Tx, drafts: list[Draft]) -> list[Draft]:
    """For each side of a movement that an approved count already saw: the adjustment that leaves the counted figure alone."""
    settled = _settled(tx, {holding for draft in drafts for leg in draft.legs for holding in (leg.source, leg.target)})
    found = []
    for draft in drafts:
        at = tx.happened_at if draft.happened_at is None else draft.happened_at
        for leg in draft.legs:
            for holding, back in ((leg.source, -leg.quantity), (leg.target, leg.quantity)):
                counted_at = settled.get(holding)
                if counted_at is not None and at <= counted_at:
                    found.append(_undo(draft, holding, back, at))
    return found


def _undo(draft: Draft, holding: Holding, moved: Decimal, at: int) -> Draft:
    """An `adjust` that takes out of the holding what the movement puts there, at the same moment."""
    outer = holding._replace(account=LOST)
    leg = Leg(holding, outer, moved) if moved > 0 else Leg(outer, holding, -moved)
    return Draft(new_id(), "adjust", [leg], reason="before_count", caused_by=draft.id, happened_at=at)


def _settled(tx: Tx, holdings: set[Holding]) -> dict[Holding, int]:
    """Holding → when it was last counted by an approved stock take."""
    inner = [tuple(holding) for holding in holdings if not holding.is_outer]
    columns = (SettledCount.account, SettledCount.item_id, SettledCount.lot, SettledCount.status)
    query = select(*columns, SettledCount.counted_at).where(SettledCount.site_id == tx.site_id)
    found = {}
    for start in range(0, len(inner), SOME):
        for account, item, lot, status, at in tx.session.execute(query.where(tuple_(*columns).in_(inner[start : start + SOME]))):
            found[Holding(account, item, lot, status)] = at
    return found


def _lock(tx: Tx, holding: Holding) -> None:
    """The book is wrong here: say so, and let nobody pick from it until somebody counted."""
    bin_id = bin_of(holding)
    found = tx.session.get(Bin, (tx.site_id, bin_id)) if bin_id else None
    if found is None:
        return
    tx.doubt("below_zero", bin=found.code, product_id=str(holding.item_id))
    found.locked = {"code": "below_zero", "at": tx.happened_at, "by": str(tx.actor)}


def lock_free(tx: Tx, bin_id: Id) -> None:
    """The bin was counted: goods are picked from it again."""
    found = tx.session.get(Bin, (tx.site_id, bin_id))
    if found is not None and found.locked is not None:
        found.locked = None
        tx.publish("bin", bin_id)


# -- bins at rest ---------------------------------------------------------------------------------------------------------


def _check_frozen(tx: Tx, posted: Posted) -> None:
    """Nothing moves in a frozen bin: refused in the office, kept and in force where it has happened on the floor."""
    ids = sorted({id for holding in posted.after if (id := bin_of(holding))})
    for some in chunks(ids):
        query = select(Bin.code).where(Bin.site_id == tx.site_id, Bin.id.in_(some), Bin.frozen.is_not(None))
        for code in tx.session.scalars(query.order_by(Bin.code).limit(1)):
            tx.doubt("bin_frozen", bin=code)  # rule: STK-13


def find_bins(tx: Tx, bin_ids: Iterable[Id]) -> list[Bin]:
    """These bins, or refused: all of them are here and in use."""
    wanted = list(dict.fromkeys(bin_ids))
    found: list[Bin] = []
    for some in chunks(wanted):
        found += tx.session.scalars(select(Bin).where(Bin.site_id == tx.site_id, Bin.status == ACTIVE, Bin.id.in_(some)))
    if len(found) < len(wanted):
        tx.refuse("unknown_bin", status=422, fields={"bins": ["unknown_bin"]})
    return found


def freeze(tx: Tx, bins: Iterable[Bin], reason: str, stock_take_id: Id | None = None) -> int:
    """Freeze these bins, with a stock take until it ends; how many were not frozen yet."""
    fresh = [one for one in bins if one.frozen is None]
    take = str(stock_take_id) if stock_take_id else None
    for one in fresh:
        one.frozen = {"reason": reason, "at": tx.happened_at, "by": str(tx.actor), "stock_take_id": take}
    _tell_bins(tx, fresh)
    return len(fresh)


def unfreeze(tx: Tx, bins: Iterable[Bin]) -> int:
    """Goods move in these bins again; how many of them were frozen."""
    frozen = [one for one in bins if one.frozen is not None]
    for one in frozen:
        one.frozen = None
    _tell_bins(tx, frozen)
    return len(frozen)


def unfreeze_counted(tx: Tx, stock_take_id: Id) -> None:
    """A stock take has ended: the bins that were frozen for it, and for nothing else, are let go."""
    query = (
        select(Bin)
        .join(StockTakeBin, (StockTakeBin.site_id == Bin.site_id) & (StockTakeBin.bin_id == Bin.id))
        .where(Bin.site_id == tx.site_id, StockTakeBin.stock_take_id == stock_take_id, Bin.frozen.is_not(None))
    )
    unfreeze(tx, [one for one in tx.session.scalars(query) if one.frozen and one.frozen["stock_take_id"] == str(stock_take_id)])


def _tell_bins(tx: Tx, bins: Iterable[Bin]) -> None:
    for one in bins:
        tx.publish("bin", one.id)
        tx.about("bin", one.id)
    tx.session.flush()
