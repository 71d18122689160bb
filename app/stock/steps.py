"""What other verbs make happen to stock: goods move, the house's settings are kept."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import select, tuple_

from app.documents.steps import keep_document
from app.ledger.models import Holding
from app.ledger.steps import SOME, Draft, Leg, Posted, post
from app.lib.ids import Id, new_id
from app.stock.counting import SettledCount
from app.stock.models import Bin, bin_of
from app.stock.settings import ID, KIND
from app.sync import Tx

LOST = "out:adjust"  # where what is missing went, and what is found came from


def keep_settings(tx: Tx, body: dict[str, Any]) -> None:
    """Keep the pack's stock settings; the same again changes nothing."""
    if keep_document(tx, KIND, ID, body, 1):
        tx.publish(KIND, ID)


def move(tx: Tx, drafts: Iterable[Draft]) -> Posted:
    """Post movements of goods and tell every device which products lie in which bins now.

    What leaves a bin below zero is a doubt with effect, and nothing is picked from that bin until it is counted (STK-2). What
    happened before a count that is already approved is posted together with its opposite: the counted figure stands (STK-5).
    """
    drafts = list(drafts)
    opposites = _opposites(tx, drafts)
    posted = post(tx, [*drafts, *opposites])
    for bin_id in {id for holding in posted.after if (id := bin_of(holding))}:
        tx.publish("bin", bin_id)
        tx.about("bin", bin_id)
    for item_id in {holding.item_id for holding in posted.after}:
        tx.about("product", item_id)
    if opposites:
        tx.doubt("before_count")
    for holding in posted.below_zero:  # rule: STK-2, T25
        _lock(tx, holding)
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
