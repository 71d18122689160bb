"""A small warehouse: two bins, a mug in pieces and cartons, a serum kept by lot."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ledger.models import Holding
from app.ledger.select import balance_at
from app.lib.clock import now
from app.lib.ids import Id, new_id
from app.stock.models import bin_account
from app.stock.operations import add_bin, add_product, receive
from app.sync.models import Record
from tests.conftest import Cast

MUG_EAN, MUG_CARTON, SERUM_EAN = "6901234567892", "16901234567899", "6923450656785"


class Warehouse:
    """Makes products and bins as the manager does, moves goods as the keeper, and reads what devices are told."""

    def __init__(self, cast: Cast, fresh: Callable[[], Session]) -> None:
        self.cast, self.fresh = cast, fresh
        self.one, self.two = self.bin("A-01-1-01"), self.bin("A-01-1-02")
        self.mug = self.product("HOM-0001", "马克杯", "Mug", "HOM", codes=[(MUG_EAN, "1"), (MUG_CARTON, "24")])
        self.serum = self.product("COS-0001", "精华液", "Serum", "COS", unit="bottle", codes=[(SERUM_EAN, "1")])

    def bin(self, code: str, area: str = "A", **more: Any) -> Id:
        bin_id: Id = more.pop("bin_id", None) or new_id()
        add_bin(self.cast.logistics_manager, bin_id=bin_id, code=code, area=area, **more)
        return bin_id

    def product(
        self, sku: str, zh: str, en: str, category: str, *, unit: str = "each", codes: Any = (), **more: Any
    ) -> Id:  # fmt: skip
        product_id: Id = more.pop("product_id", None) or new_id()
        add_product(
            self.cast.logistics_manager, product_id=product_id, sku=sku, zh=zh, en=en, category=category, unit=unit,
            codes=[{"code": code, "pack": pack} for code, pack in codes], **more,
        )  # fmt: skip
        return product_id

    def put(self, bin_id: Id, product_id: Id, quantity: str, **more: Any) -> None:
        """Goods come in."""
        receive(self.cast.warehouse_keeper, bin_id=bin_id, product_id=product_id, quantity=quantity, **more)

    def on_hand(self, bin_id: Id, product_id: Id, *, at: int | None = None, lot: str = "", status: str = "available") -> Decimal:
        """What the ledger says lies there."""
        holding = Holding(bin_account(bin_id), product_id, lot, status)
        return balance_at(self.fresh(), self.cast.site_id, holding, now() if at is None else at)

    def record(self, kind: str, id: object) -> Any:
        """What devices are told of a thing, or None."""
        found = select(Record.data).where(Record.kind == kind, Record.id == str(id), Record.gone.is_(False))
        data = self.fresh().scalar(found)
        return None if data is None else orjson.loads(data)


@pytest.fixture
def warehouse(app: Flask, cast: Cast, fresh: Callable[[], Session]) -> Warehouse:
    return Warehouse(cast, fresh)
