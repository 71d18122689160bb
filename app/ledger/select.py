"""Questions about balances: now, at any moment, and made anew from the postings."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ledger.models import Balance, Holding, Posting
from app.lib.ids import Id
from app.lib.quantities import Quantity

HOLDING = (Posting.account, Posting.item_id, Posting.lot, Posting.status)
SUM = func.sum(Posting.quantity, type_=Quantity)


def balance_at(session: Session, site_id: Id, holding: Holding, at: int) -> Decimal:
    """The holding's quantity at that moment, movements that happened then included (STK-5)."""
    query = select(SUM).where(
        Posting.site_id == site_id,
        Posting.account == holding.account,
        Posting.item_id == holding.item_id,
        Posting.lot == holding.lot,
        Posting.status == holding.status,
        Posting.happened_at <= at,
    )
    return session.scalar(query) or Decimal(0)


def balances_of(session: Session, site_id: Id, accounts: Iterable[str]) -> dict[Holding, Decimal]:
    """What stands in these accounts now, without what has come to zero."""
    query = select(Balance).where(Balance.site_id == site_id, Balance.account.in_(list(accounts)), Balance.quantity != 0)
    return {balance.holding: balance.quantity for balance in session.scalars(query)}


def on_hand(session: Session, site_id: Id, item_ids: Iterable[Id]) -> dict[Id, Decimal]:
    """Item → what is in the house of it, in whatever bin, lot and status."""
    query = (
        select(Balance.item_id, func.sum(Balance.quantity, type_=Quantity).label("quantity"))
        .where(Balance.site_id == site_id, Balance.item_id.in_(list(item_ids)), Balance.account.startswith("bin:"))
        .group_by(Balance.item_id)
    )
    return {row.item_id: row.quantity for row in session.execute(query)}


def rebuilt(session: Session, site_id: Id) -> dict[Holding, Decimal]:
    """Every balance made anew from the postings: equal to what is kept, or the ledger is broken (I6)."""
    query = select(*HOLDING, SUM).where(Posting.site_id == site_id).group_by(*HOLDING)
    return {Holding(account, item, lot, status): quantity for account, item, lot, status, quantity in session.execute(query)}
