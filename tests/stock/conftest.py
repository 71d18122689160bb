"""A small warehouse: two bins, a mug in pieces and cartons, a serum kept by lot; and a stock take of it."""

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
from app.stock.counting import CountLine, Recount, StockTake, access_stock_take
from app.stock.models import bin_account
from app.stock.operations import (
    add_bin,
    add_product,
    approve_stock_take,
    close_stock_take,
    decide_line,
    finish_bin,
    open_bin,
    plan_stock_take,
    receive,
    record_count_line,
    skip_bin,
)
from app.stock.select import Review, load_review
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


COUNTERS = ("warehouse_keeper", "shipping_clerk", "returns_clerk")


class StockCount:
    """A blind stock take of both bins by three people, planned by the shift lead; done at the office unless a device is named."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse, self.cast, self.fresh = warehouse, warehouse.cast, warehouse.fresh
        self.one, self.two, self.mug, self.serum = warehouse.one, warehouse.two, warehouse.mug, warehouse.serum
        self.id = self.plan()

    def plan(self, take_id: Id | None = None, **more: Any) -> Id:
        """Plan a stock take; what is not named is as usual."""
        take_id = take_id or new_id()
        counters = [self.cast[login] for login in more.pop("counters", COUNTERS)]
        said = {"title": "周末盘点", "kind": "cycle", "bins": [self.one, self.two], "overlap": True, **more}
        plan_stock_take(self.cast.shift_lead, stock_take_id=take_id, counters=counters, **said)
        return take_id

    # -- what people do ---------------------------------------------------------------------------------------------------

    def open(self, bin_id: Id | None = None, login: str = "warehouse_keeper", **more: Any) -> Id:
        """A person's count of a bin begins."""
        return open_bin(self.cast[login], stock_take_id=self.id, bin_id=bin_id or self.one, **more).id

    def line(
        self, count_id: Id, product_id: Id | None = None, quantity: str = "1", login: str = "warehouse_keeper", **more: Any
    ) -> Id:  # fmt: skip
        """One scan."""
        said = {"bin_count_id": count_id, "quantity": quantity, "via": "wedge", **more}
        if "code" not in said:
            said["product_id"] = product_id or self.mug
        return record_count_line(self.cast[login], **said).id

    def finish(self, count_id: Id, login: str = "warehouse_keeper", **more: Any) -> None:
        finish_bin(self.cast[login], bin_count_id=count_id, **more)

    def count(
        self, bin_id: Id | None = None, login: str = "warehouse_keeper", lines: Any = (), **more: Any
    ) -> Id:  # fmt: skip
        """Count a bin from opening it to saying that this is all: `lines` are (product, quantity)."""
        count_id = self.open(bin_id, login, **more)
        for product_id, quantity in lines:
            self.line(count_id, product_id, quantity, login)
        self.finish(count_id, login)
        return count_id

    def skip(self, bin_id: Id) -> None:
        skip_bin(self.cast.shift_lead, stock_take_id=self.id, bin_id=bin_id, reason="货架挡住了")

    def close(self) -> None:
        close_stock_take(self.cast.shift_lead, stock_take_id=self.id)

    def through(self, *lines: Any) -> None:
        """Bin one counted by the keeper, bin two skipped, closed."""
        self.count(lines=lines)
        self.skip(self.two)
        self.close()

    def decide(self, product_id: Id, login: str = "logistics_manager", **changes: Any) -> None:
        """A reviewer's word on a line of bin one, on what it shows now."""
        line = next(line for line in self.review().lines if line.key.product_id == product_id)
        said = {"stock_take_id": self.id, **line.key._asdict(), "accepted": True, "reason": "miscount", "basis": [line.state]}
        decide_line(self.cast[login], **{**said, **changes})

    def approve(self, login: str = "logistics_manager", **more: Any) -> Any:
        """Approve what is shown now."""
        more.setdefault("basis", [self.review().state()])
        return approve_stock_take(self.cast[login], stock_take_id=self.id, **more)

    # -- what is there ----------------------------------------------------------------------------------------------------

    def take(self) -> Any:
        return self.warehouse.record("stock_take", self.id)

    def bin(self, bin_id: Id) -> Any:
        return self.warehouse.record("stock_take_bin", f"{self.id}/{bin_id}")

    def row(self) -> StockTake:
        """The stock take as the tables have it."""
        return access_stock_take(self.fresh(), self.cast.site_id, self.id)

    def review(self) -> Review:
        return load_review(self.fresh(), self.row())

    def outcomes(self) -> dict[tuple[Id, Id], str]:
        """(bin, product) → what the line came to."""
        return {(line.key.bin_id, line.key.product_id): line.outcome for line in self.review().lines}

    def recounts(self) -> list[Recount]:
        """Open recounts, oldest first."""
        query = select(Recount).where(Recount.stock_take_id == self.id, Recount.done_by.is_(None))
        return list(self.fresh().scalars(query.order_by(Recount.asked_at, Recount.id)))

    def lines(self) -> list[CountLine]:
        query = select(CountLine).where(CountLine.stock_take_id == self.id)
        return list(self.fresh().scalars(query.order_by(CountLine.happened_at, CountLine.id)))

    def exceptions(self, status: str = "open") -> list[Any]:
        """Exceptions, oldest first."""
        query = select(Record.data).where(Record.kind == "exception", Record.gone.is_(False)).order_by(Record.rev)
        found = [orjson.loads(data) for data in self.fresh().scalars(query)]
        return [one for one in found if one["status"] == status]


@pytest.fixture
def stock_count(warehouse: Warehouse) -> StockCount:
    return StockCount(warehouse)
