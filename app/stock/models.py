"""Products with their barcodes, bins, and what was imported. Balances lie in the ledger, counts in `counting.py`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.ledger.models import Holding
from app.lib.db import IdType, Json, Model
from app.lib.errors import NotFound
from app.lib.ids import Id, parse_id
from app.lib.quantities import Quantity

ACTIVE = "active"
ARCHIVED = "archived"
CLASSES = ("A", "B", "C")
STATUSES = ("available", "hold", "damaged", "expired", "sample", "return_pending")
AVAILABLE = STATUSES[0]


class Product(Model):
    """One SKU of the whole organisation. Money in fen; reorder figures in its unit. `cost_fen` never leaves the office."""

    __tablename__ = "product"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    sku: Mapped[str] = mapped_column(String(40))
    sku_key: Mapped[str] = mapped_column(String(40))
    zh: Mapped[str] = mapped_column(String(200))
    en: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(20))
    abc: Mapped[str] = mapped_column(String(1))
    lot: Mapped[bool] = mapped_column(Boolean)
    expiry: Mapped[bool] = mapped_column(Boolean)
    serial: Mapped[bool] = mapped_column(Boolean)
    shelf_life_days: Mapped[int | None] = mapped_column(Integer)
    cost_fen: Mapped[int | None] = mapped_column(BigInteger)
    reorder_point: Mapped[Decimal | None] = mapped_column(Quantity)
    reorder_qty: Mapped[Decimal | None] = mapped_column(Quantity)
    safety_stock: Mapped[Decimal | None] = mapped_column(Quantity)
    lead_time_days: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(10))
    made_by: Mapped[Id] = mapped_column(IdType)
    made_at: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_product_sku", "sku_key"),
        Index("ix_product_place", "status", "category", "sku"),
    )

    def is_active(self) -> bool:
        """Scanned, counted and bought; an archived one is only looked up."""
        return self.status == ACTIVE


class Barcode(Model):
    """A code that stands for a product; `pack` is how many of its unit one scan means (STK-11). `key` is what it is found by."""

    __tablename__ = "barcode"

    product_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    pack: Mapped[Decimal] = mapped_column(Quantity)
    seq: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("ix_barcode_key", "key"),)


class Bin(Model):
    """One storage place. `locked` `{code, at, by}`: nothing is picked from it until it is counted (STK-2).

    `frozen` `{reason, at, by, stock_take_id}`: nothing moves there until somebody lets go, or that count ends (STK-13).
    """

    __tablename__ = "bin"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    code_key: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    locked: Mapped[dict[str, Any] | None] = mapped_column(Json)
    frozen: Mapped[dict[str, Any] | None] = mapped_column(Json)
    made_by: Mapped[Id] = mapped_column(IdType)
    made_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_bin_id", "id"),
        Index("ix_bin_code", "site_id", "code_key"),
        Index("ix_bin_place", "site_id", "status", "code"),
    )

    def is_active(self) -> bool:
        """Goods may lie in it."""
        return self.status == ACTIVE

    @property
    def account(self) -> str:
        """Its account in the ledger."""
        return bin_account(self.id)


class StockImport(Model):
    """A file that was applied as a whole: how many rows created, changed, left alone. What was only looked at leaves no row."""

    __tablename__ = "stock_import"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(200))
    sha: Mapped[str] = mapped_column(String(64))
    summary: Mapped[dict[str, Any]] = mapped_column(Json)
    applied_by: Mapped[Id] = mapped_column(IdType)
    applied_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_stock_import_applied", "site_id", "applied_at"),)


def bin_account(bin_id: Id) -> str:
    """A bin's account in the ledger."""
    return f"bin:{bin_id}"


def bin_of(holding: Holding) -> Id | None:
    """The bin that a holding lies in, or None for an outer account."""
    kind, _, id = holding.account.partition(":")
    return parse_id(id) if kind == "bin" else None


def text_key(text: str) -> str:
    """What two SKUs or bin codes are compared by: case and spaces make no difference to a person who types them."""
    return "".join(text.split()).upper()


def access_product(session: Session, product_id: Id) -> Product:
    """The product, or NotFound."""
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound("product")
    return product


def access_bin(session: Session, site_id: Id, bin_id: Id) -> Bin:
    """The bin of this site, or NotFound."""
    found = session.get(Bin, (site_id, bin_id))
    if found is None:
        raise NotFound("bin")
    return found


def barcodes_of(session: Session, product_ids: Iterable[Id]) -> dict[Id, list[Barcode]]:
    """Product → its codes in their order; many products by one question."""
    found: dict[Id, list[Barcode]] = {id: [] for id in product_ids}
    query = select(Barcode).where(Barcode.product_id.in_(list(found))).order_by(Barcode.product_id, Barcode.seq)
    for barcode in session.scalars(query):
        found[barcode.product_id].append(barcode)
    return found
