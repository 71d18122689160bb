"""Tables of counting: stock takes, who counts what, each person's count of a bin, its lines, and what was settled by it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.ledger.models import Holding
from app.lib.db import IdType, Json, Model
from app.lib.errors import NotFound
from app.lib.ids import Id
from app.lib.quantities import Quantity
from app.stock.models import bin_account

PLANNED = "planned"
COUNTING = "counting"
REVIEW = "review"
ADJUSTED = "adjusted"
CLOSED = "closed"
CANCELLED = "cancelled"
LIVE = (PLANNED, COUNTING)
OVER = (ADJUSTED, CLOSED, CANCELLED)
KINDS = ("full", "cycle", "spot")


class StockTake(Model):
    """A planned count. States: planned → counting → review → adjusted | closed (without change); or cancelled.

    `tolerance` is `{units, percent, value_fen, class_a_units}` as it was when planned (STK-4). `scope` says how the bins were
    chosen, for people to read; the bins themselves are `StockTakeBin`. `closed` is `{by, at, forced, reason}`; `approvals` a list
    of `{by, at, role, state}`.
    """

    __tablename__ = "stock_take"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    no: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    blind: Mapped[bool] = mapped_column(Boolean)
    tolerance: Mapped[dict[str, Any]] = mapped_column(Json)
    scope: Mapped[dict[str, Any]] = mapped_column(Json)
    status: Mapped[str] = mapped_column(String(12))
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    planned_by: Mapped[Id] = mapped_column(IdType)
    planned_at: Mapped[int] = mapped_column(BigInteger)
    closed: Mapped[dict[str, Any] | None] = mapped_column(Json)
    approvals: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    ended: Mapped[dict[str, Any] | None] = mapped_column(Json)

    __table_args__ = (
        Index("ix_stock_take_id", "id"),
        Index("ix_stock_take_no", "site_id", "no", unique=True),
        Index("ix_stock_take_status", "site_id", "status", "planned_at"),
    )

    def is_live(self) -> bool:
        """Counters may still count: what arrives now needs no review opened again."""
        return self.status in LIVE


class StockTakeCounter(Model):
    """A person who is to count in it: `book` is withheld from them while it is blind and not closed (STK-3)."""

    __tablename__ = "stock_take_counter"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    stock_take_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    person_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    assigned_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_stock_take_counter_person", "site_id", "person_id"),)


class StockTakeBin(Model):
    """A bin that belongs to the count. `skipped` `{by, at, reason}`: it was not reached, and why (STK-6)."""

    __tablename__ = "stock_take_bin"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    stock_take_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    bin_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    skipped: Mapped[dict[str, Any] | None] = mapped_column(Json)

    __table_args__ = (Index("ix_stock_take_bin_bin", "site_id", "bin_id"),)


class BinCount(Model):
    """One person's count of one bin, from opening it to saying that this is all (`finished_at`).

    `recounts` names the recounts it was opened for: then it speaks of those lines alone. `replaced_by`: the same person counted
    the bin again and said so; the first count is history. `is_empty`: nothing lies there, and the person said it.
    """

    __tablename__ = "bin_count"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    stock_take_id: Mapped[Id] = mapped_column(IdType)
    bin_id: Mapped[Id] = mapped_column(IdType)
    by: Mapped[Id] = mapped_column(IdType)
    device_id: Mapped[Id | None] = mapped_column(IdType)
    opened_at: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    is_empty: Mapped[bool] = mapped_column(Boolean)
    recounts: Mapped[list[str]] = mapped_column(Json)
    replaced_by: Mapped[Id | None] = mapped_column(IdType)

    __table_args__ = (
        Index("ix_bin_count_id", "id"),
        Index("ix_bin_count_take", "site_id", "stock_take_id", "bin_id"),
        Index("ix_bin_count_by", "site_id", "by"),
    )


class CountLine(Model):
    """One scan or typed quantity: an observation, never overwritten (sync.md §5). A line taken back keeps `withdrawn_at`.

    `product_id` None: a code nobody knows, kept as `code` with its photo until a person identifies it (STK-10); `key` is what
    it would be found by. `quantity` is in the product's unit, packs already multiplied; `pack` says how many one scan meant.
    """

    __tablename__ = "count_line"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    bin_count_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    stock_take_id: Mapped[Id] = mapped_column(IdType)
    bin_id: Mapped[Id] = mapped_column(IdType)
    product_id: Mapped[Id | None] = mapped_column(IdType)
    key: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str | None] = mapped_column(String(200))
    lot: Mapped[str] = mapped_column(String(40))
    expires_on: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    pack: Mapped[Decimal] = mapped_column(Quantity)
    via: Mapped[str] = mapped_column(String(10))
    photo: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
    by: Mapped[Id] = mapped_column(IdType)
    happened_at: Mapped[int] = mapped_column(BigInteger)
    withdrawn_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_count_line_id", "id"),
        Index("ix_count_line_take", "site_id", "stock_take_id", "bin_id"),
        Index("ix_count_line_key", "key"),
    )


class Recount(Model):
    """One line to be counted again by somebody who has not counted it; the earlier figures are hidden from them (STK-4, F13).

    `round` 2 is the recount, 3 decides between two that disagree. `assigned_to` None: whoever else counts in this stock take.
    """

    __tablename__ = "recount"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    stock_take_id: Mapped[Id] = mapped_column(IdType)
    bin_id: Mapped[Id] = mapped_column(IdType)
    product_id: Mapped[Id] = mapped_column(IdType)
    lot: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    round: Mapped[int] = mapped_column(Integer)
    assigned_to: Mapped[Id | None] = mapped_column(IdType)
    asked_by: Mapped[Id] = mapped_column(IdType)
    asked_at: Mapped[int] = mapped_column(BigInteger)
    done_by: Mapped[Id | None] = mapped_column(IdType)

    __table_args__ = (
        Index("ix_recount_id", "id"),
        Index("ix_recount_take", "site_id", "stock_take_id", "bin_id"),
    )


class CountDecision(Model):
    """What a reviewer said of one line's difference: accepted with a reason code, or left as the book has it."""

    __tablename__ = "count_decision"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    stock_take_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    bin_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    product_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    lot: Mapped[str] = mapped_column(String(40), primary_key=True)
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    accepted: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(64))
    by: Mapped[Id] = mapped_column(IdType)
    at: Mapped[int] = mapped_column(BigInteger)


class CountResult(Model):
    """What a stock take ended with for one holding, as it was approved: kept for reports, never shown to a device.

    `first` is what the first person counted and `quantity` what it was settled at, each with the book of its own moment;
    `outcome`: `matched`, `adjusted`, `left` (the book stands) or `superseded`. `value_fen`: what the difference is worth, signed.
    """

    __tablename__ = "count_result"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    stock_take_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    bin_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    product_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    lot: Mapped[str] = mapped_column(String(40), primary_key=True)
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    first: Mapped[Decimal] = mapped_column(Quantity)
    first_by: Mapped[Id] = mapped_column(IdType)
    first_book: Mapped[Decimal] = mapped_column(Quantity)
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    book: Mapped[Decimal] = mapped_column(Quantity)
    by: Mapped[Id] = mapped_column(IdType)
    counted_at: Mapped[int] = mapped_column(BigInteger)
    value_fen: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    settled_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_count_result_settled", "site_id", "settled_at"),)


class SettledCount(Model):
    """The last approved count of one holding: what stood there at `counted_at` (STK-5).

    A movement that happened before it but arrives later is posted together with its opposite, so that the figure stands.
    """

    __tablename__ = "settled_count"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    account: Mapped[str] = mapped_column(String(60), primary_key=True)
    item_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    lot: Mapped[str] = mapped_column(String(40), primary_key=True)
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    stock_take_id: Mapped[Id] = mapped_column(IdType)
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    counted_at: Mapped[int] = mapped_column(BigInteger)
    adjusted_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_settled_count_take", "site_id", "stock_take_id"),)


def holding_of(bin_id: Id, product_id: Id, lot: str, status: str) -> Holding:
    """The ledger's holding that a count line speaks of."""
    return Holding(bin_account(bin_id), product_id, lot, status)


def access_stock_take(session: Session, site_id: Id, stock_take_id: Id) -> StockTake:
    """The stock take of this site, or NotFound."""
    take = session.get(StockTake, (site_id, stock_take_id))
    if take is None:
        raise NotFound("stock_take")
    return take


def next_take_no(session: Session, site_id: Id) -> int:
    """The number of the site's next stock take; asked inside the one write transaction, so it stays free."""
    return int(session.scalar(select(func.coalesce(func.max(StockTake.no), 0)).where(StockTake.site_id == site_id)) or 0) + 1


def counters_of(session: Session, site_id: Id, take_ids: Iterable[Id]) -> dict[Id, list[Id]]:
    """Stock take → the people who are to count in it."""
    found: dict[Id, list[Id]] = {id: [] for id in take_ids}
    query = select(StockTakeCounter).where(StockTakeCounter.site_id == site_id, StockTakeCounter.stock_take_id.in_(list(found)))
    for row in session.scalars(query.order_by(StockTakeCounter.assigned_at, StockTakeCounter.person_id)):
        found[row.stock_take_id].append(row.person_id)
    return found
