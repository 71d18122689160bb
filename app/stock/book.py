"""What the book says of bins at any moment, looked up for a whole stock take by a constant number of statements (STK-5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ledger.models import Balance, Holding, Movement, Posting
from app.lib.ids import Id

SOME = 400  # accounts asked for in one statement


class Moved(NamedTuple):
    """What was added to a holding, and when."""

    holding: Holding
    at: int
    quantity: Decimal


class Book:
    """Balances of some accounts, now and back to `since`, as if what is in `without` had never been posted."""

    def __init__(
        self, session: Session, site_id: Id, accounts: Sequence[str], since: int, without: Iterable[Moved] = ()
    ) -> None:  # fmt: skip
        self.now: dict[Holding, Decimal] = {}
        self.later: dict[Holding, list[tuple[int, Decimal]]] = defaultdict(list)
        for some in _parts(accounts):
            self._read(session, site_id, some, since)
        for holding, at, quantity in without:
            self.now[holding] = self.now.get(holding, Decimal(0)) - quantity
            if at > since:
                self.later[holding].append((at, -quantity))

    def _read(self, session: Session, site_id: Id, accounts: list[str], since: int) -> None:
        balances = select(Balance).where(Balance.site_id == site_id, Balance.account.in_(accounts))
        self.now.update({balance.holding: balance.quantity for balance in session.scalars(balances)})
        moved = select(
            Posting.account, Posting.item_id, Posting.lot, Posting.status, Posting.happened_at, Posting.quantity
        ).where(Posting.site_id == site_id, Posting.account.in_(accounts), Posting.happened_at > since)
        for account, item_id, lot, status, at, quantity in session.execute(moved):
            self.later[Holding(account, item_id, lot, status)].append((at, quantity))

    def at(self, holding: Holding, at: int) -> Decimal:
        """What stood there at that moment, movements that happened then included; also what arrived since about that time."""
        found = self.now.get(holding, Decimal(0))
        return found - sum((quantity for moved, quantity in self.later.get(holding, ()) if moved > at), Decimal(0))  # rule: STK-5


def adjusted_by(session: Session, site_id: Id, take_id: Id) -> list[Moved]:
    """What approvals of this stock take have posted to bins: more than once when late lines opened its review again."""
    query = (
        select(Posting.account, Posting.item_id, Posting.lot, Posting.status, Posting.happened_at, Posting.quantity)
        .join(Movement, (Movement.site_id == Posting.site_id) & (Movement.id == Posting.movement_id))
        .where(Movement.site_id == site_id, Movement.ref_kind == "stock_take", Movement.ref_id == str(take_id))
    )
    found = [
        Moved(Holding(account, item_id, lot, status), at, quantity)
        for account, item_id, lot, status, at, quantity in session.execute(query)
    ]
    return [moved for moved in found if not moved.holding.is_outer]


def _parts(accounts: Sequence[str]) -> Iterable[list[str]]:
    return (list(accounts[start : start + SOME]) for start in range(0, len(accounts), SOME))
