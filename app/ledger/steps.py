"""What verbs may make happen in the ledger: post movements, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select, tuple_

from app.ledger.models import Balance, Holding, Movement, Posting
from app.lib.db import insert_rows
from app.lib.ids import Id
from app.sync import Tx

SOME = 200  # holdings asked for in one statement: four bound values each


@dataclass(frozen=True)
class Leg:
    """A quantity of one item on its way from one holding to another."""

    source: Holding
    target: Holding
    quantity: Decimal


@dataclass(frozen=True)
class Draft:
    """A movement to be posted. `happened_at` None: when the operation happened."""

    id: Id
    kind: str
    legs: Sequence[Leg]
    reason: str | None = None
    note: str | None = None
    ref: tuple[str, str] | None = None
    caused_by: Id | None = None
    happened_at: int | None = None
    by: Id | None = None


@dataclass
class Posted:
    """What posting made of it: the balances of every touched holding, before and after."""

    before: dict[Holding, Decimal] = field(default_factory=dict)
    after: dict[Holding, Decimal] = field(default_factory=dict)

    @property
    def below_zero(self) -> list[Holding]:
        """Inner holdings that this brought, or left and lowered, below zero (STK-2)."""
        return [
            holding
            for holding, quantity in self.after.items()
            if quantity < 0 and quantity < self.before[holding] and not holding.is_outer
        ]


def post(tx: Tx, drafts: Iterable[Draft]) -> Posted:
    """Post movements together, by a constant number of statements; each leg leaves one holding and enters another (STK-1).

    The caller publishes what shows them. Raises ValueError for a leg that moves nothing, less than nothing, or another item.
    """
    drafts = list(drafts)
    movements: list[dict[str, object]] = []
    postings: list[dict[str, object]] = []
    change: dict[Holding, Decimal] = defaultdict(Decimal)
    for draft in drafts:
        at = tx.happened_at if draft.happened_at is None else draft.happened_at
        movements.append(_movement(tx, draft, at))
        for n, (holding, quantity) in enumerate(_sides(draft)):
            change[holding] += quantity
            postings.append(_posting(tx, draft, n + 1, holding, quantity, at))
    posted = _balances(tx, change)
    insert_rows(tx.session, Movement, movements)
    insert_rows(tx.session, Posting, postings)
    return posted


def _sides(draft: Draft) -> Iterable[tuple[Holding, Decimal]]:
    for leg in draft.legs:
        if leg.quantity <= 0 or leg.source == leg.target or leg.source.item_id != leg.target.item_id:
            raise ValueError(f"a movement {draft.kind} moves a quantity of one item from one holding to another")
        yield leg.source, -leg.quantity
        yield leg.target, leg.quantity


def _movement(tx: Tx, draft: Draft, at: int) -> dict[str, object]:
    kind, id = draft.ref or (None, None)
    return {
        "site_id": tx.site_id, "id": draft.id, "kind": draft.kind, "reason": draft.reason, "note": draft.note, "ref_kind": kind,
        "ref_id": id, "operation_id": tx.operation_id, "caused_by": draft.caused_by, "by": draft.by or tx.actor,
        "happened_at": at, "posted_at": tx.now,
    }  # fmt: skip


def _posting(tx: Tx, draft: Draft, n: int, holding: Holding, quantity: Decimal, at: int) -> dict[str, object]:
    return {
        "site_id": tx.site_id, "movement_id": draft.id, "n": n, **holding._asdict(), "quantity": quantity, "happened_at": at,
    }  # fmt: skip


def _balances(tx: Tx, change: dict[Holding, Decimal]) -> Posted:
    """Add to the kept sums, and tell what they were."""
    before = _present(tx, list(change))
    after = {holding: before[holding] + quantity for holding, quantity in change.items()}
    rows = [
        {"site_id": tx.site_id, **holding._asdict(), "quantity": quantity, "moved_at": tx.now}
        for holding, quantity in after.items()
    ]
    insert_rows(tx.session, Balance, rows, replace=("quantity", "moved_at"))  # rule: STK-1
    return Posted(before, after)


def _present(tx: Tx, holdings: list[Holding]) -> dict[Holding, Decimal]:
    """The sums as they stand; nothing was ever posted: zero."""
    found: dict[Holding, Decimal] = dict.fromkeys(holdings, Decimal(0))
    columns = tuple_(Balance.account, Balance.item_id, Balance.lot, Balance.status)
    for start in range(0, len(holdings), SOME):
        some = [tuple(holding) for holding in holdings[start : start + SOME]]
        rows = tx.session.execute(
            select(Balance.account, Balance.item_id, Balance.lot, Balance.status, Balance.quantity).where(
                Balance.site_id == tx.site_id, columns.in_(some)
            )
        )
        found.update({Holding(account, item, lot, status): quantity for account, item, lot, status, quantity in rows})
    return found
