"""Movements, their postings, and the sums over them."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.lib.db import IdType, Model
from app.lib.ids import Id
from app.lib.quantities import Quantity

OUTER = "out:"


class Holding(NamedTuple):
    """What a balance is of: one item of one lot ("" for none) and status in one account."""

    account: str
    item_id: Id
    lot: str
    status: str

    @property
    def is_outer(self) -> bool:
        """Outside the house: a supplier, a customer, what got lost. It may stand below zero."""
        return self.account.startswith(OUTER)


class Movement(Model):
    """One change, as it was posted: never edited, never deleted (GEN-2). `ref_kind`/`ref_id` name what it hangs on."""

    __tablename__ = "movement"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    ref_kind: Mapped[str | None] = mapped_column(String(40))
    ref_id: Mapped[str | None] = mapped_column(String(120))
    operation_id: Mapped[Id] = mapped_column(IdType)
    caused_by: Mapped[Id | None] = mapped_column(IdType)
    by: Mapped[Id] = mapped_column(IdType)
    happened_at: Mapped[int] = mapped_column(BigInteger)
    posted_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_movement_id", "id"),
        Index("ix_movement_happened", "site_id", "happened_at"),
        Index("ix_movement_ref", "ref_kind", "ref_id"),
    )


class Posting(Model):
    """What a movement adds to one holding; `n` counts from 1 within the movement."""

    __tablename__ = "posting"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    movement_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    account: Mapped[str] = mapped_column(String(60))
    item_id: Mapped[Id] = mapped_column(IdType)
    lot: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    happened_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_posting_account", "site_id", "account", "item_id", "happened_at"),
        Index("ix_posting_item", "site_id", "item_id", "happened_at"),
    )


class Balance(Model):
    """The sum of the postings to one holding, kept so that nobody has to add them up; `select.rebuilt` proves it."""

    __tablename__ = "balance"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    account: Mapped[str] = mapped_column(String(60), primary_key=True)
    item_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    lot: Mapped[str] = mapped_column(String(40), primary_key=True)
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    moved_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_balance_item", "site_id", "item_id"),)

    @property
    def holding(self) -> Holding:
        """What it is a balance of."""
        return Holding(self.account, self.item_id, self.lot, self.status)
