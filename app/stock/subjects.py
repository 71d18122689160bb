"""Movements and counts as exceptions tell them: what was done where, with which goods, and what settles it.

How much is among the `figures`: whoever counts blind reads neither what others said nor what the book has (STK-3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.owning import owned_by
from app.cases.subjects import Subject, Way, tells_of_operations
from app.ledger.models import Balance
from app.lib.ids import Id, parse_id
from app.lib.quantities import format_quantity
from app.lib.words import pick, t
from app.stock.counting import BinCount, CountLine, StockTake
from app.stock.models import AVAILABLE, Bin, Product, bin_account
from app.stock.settings import StockSettings, stock_settings
from app.sync.models import Operation, OperationAbout

Rows = list[tuple[str, str]]


def subjects_of_operations(session: Session, operations: list[Operation]) -> dict[Id, Subject]:
    """Operation → what it is about, told from a constant number of questions."""
    known = _Known(session, operations)
    return {operation.id: _tell(known, operation) for operation in operations}


def counted_in(session: Session, operation_ids: Iterable[Id]) -> dict[Id, Id]:
    """Operation → the count of a bin that it is part of; most are of none."""
    query = select(OperationAbout.operation_id, OperationAbout.about_id).where(
        OperationAbout.kind == "bin_count", OperationAbout.operation_id.in_(list(operation_ids))
    )
    return {operation_id: count_id for operation_id, about in session.execute(query) if (count_id := parse_id(about))}


class _Known:
    """Everything that these operations name."""

    def __init__(self, session: Session, operations: list[Operation]) -> None:
        said = [operation.data for operation in operations]
        self.settings: StockSettings = stock_settings(session)
        self.statuses = {one["id"]: one for one in self.settings.body.get("statuses", []) if one["id"] != AVAILABLE}
        self.count_of = counted_in(session, [operation.id for operation in operations])
        self.lines = _by_id(session, CountLine, _named(said, "count_line_id"))
        self.counts = _by_id(session, BinCount, set(self.count_of.values()))
        counts, lines = self.counts.values(), self.lines.values()
        self.takes = _by_id(session, StockTake, _named(said, "stock_take_id") | {one.stock_take_id for one in counts})
        bins = _named(said, "bin_id") | _named(said, "to_bin_id") | {one.bin_id for one in counts}
        self.bins: dict[Id, Bin] = _by_id(session, Bin, bins)
        products = _named(said, "product_id") | {one.product_id for one in lines if one.product_id}
        self.products: dict[Id, Product] = _by_id(session, Product, products)
        self.book = self._book(session, [one for one in operations if one.code == "below_zero"])

    def _book(self, session: Session, operations: list[Operation]) -> dict[tuple[str, Id], Decimal]:
        """(account, product) → what the book has there now, of goods that went below zero."""
        accounts = {bin_account(id) for one in operations if (id := parse_id(one.data.get("bin_id")))}
        query = select(Balance).where(Balance.account.in_(accounts))
        return {(one.account, one.item_id): one.quantity for one in session.scalars(query) if one.quantity < 0}

    def take(self, operation: Operation) -> StockTake | None:
        count = self.counts.get(self.count_of.get(operation.id, operation.id))
        named = parse_id(operation.data.get("stock_take_id")) or (count.stock_take_id if count else None)
        return self.takes.get(named) if named else None

    def bin(self, operation: Operation, name: str = "bin_id") -> Bin | None:
        count = self.counts.get(self.count_of.get(operation.id, operation.id)) if name == "bin_id" else None
        named = parse_id(operation.data.get(name)) or (count.bin_id if count else None)
        return self.bins.get(named) if named else None

    def goods(self, operation: Operation) -> tuple[Product | None, str | None]:
        """The product, or the code that nobody knows."""
        line = self.lines.get(parse_id(operation.data.get("count_line_id")) or operation.id)
        named = parse_id(operation.data.get("product_id")) or (line.product_id if line else None)
        return (self.products.get(named) if named else None), operation.data.get("code") or (line.code if line else None)


def _named(said: Iterable[dict[str, Any]], name: str) -> set[Id]:
    return {id for data in said if (id := parse_id(data.get(name)))}


def _by_id(session: Session, model: Any, ids: set[Id]) -> dict[Id, Any]:
    return {row.id: row for row in session.scalars(select(model).where(model.id.in_(ids)))}


# -- telling --------------------------------------------------------------------------------------------------------------


def _tell(known: _Known, operation: Operation) -> Subject:
    take, place = known.take(operation), known.bin(operation)
    product, code = known.goods(operation)
    goods = pick(product) if product else code
    verb = t(f"office.stock.did_{operation.type.rpartition('.')[2]}")
    title = " · ".join(filter(None, [place.code if place else None, goods])) or (take.title if take else verb)
    return Subject(
        title, take.title if take else "", _href(take, place, operation),
        [(t("office.stock.head_what"), verb), *_facts(known, operation, take, place, product, code)],
        [str(operation.data["photo"])] if operation.data.get("photo") else [],
        figures=_figures(known, operation, product), group=_group(known, operation),
        ways=_ways(known, operation, place, product),
    )  # fmt: skip


def _href(take: StockTake | None, place: Bin | None, operation: Operation) -> str | None:
    if take is not None:
        return f"/stock/counts/{take.id}" + ("?view=unknown" if operation.code == "unknown_code" else "")
    return f"/stock/bins/{place.id}" if place else None


def _facts(
    known: _Known, operation: Operation, take: StockTake | None, place: Bin | None, product: Product | None, code: str | None
) -> Rows:
    data, target = operation.data, known.bin(operation, "to_bin_id")
    status = known.statuses.get(str(data.get("status")))
    said = [
        ("head_count", t("office.stock.told_count", title=take.title, no=take.no) if take else None),
        ("head_bin", place.code if place else None),
        ("into_bin", target.code if target else None),
        ("head_product", f"{pick(product)} · {product.sku}" if product else None),
        ("told_code", code),
        ("lot", data.get("lot")),
        ("expires_on", data.get("expires_on")),
        ("csv_status", pick(status) if status else None),
        ("purpose", t(f"office.stock.kind_issue_{data['purpose']}") if data.get("purpose") else None),
        ("told_ref", data.get("ref")),
        ("delivery", data.get("delivery")),
        ("column_note", data.get("note")),
        ("reason", data.get("reason")),
    ]
    return [(t(f"office.stock.{name}"), str(value)) for name, value in said if value]


def _figures(known: _Known, operation: Operation, product: Product | None) -> Rows:
    """How much was said, and what the book has where it went below zero."""
    unit = known.settings.units.get(product.unit) if product else None
    rows = []
    if (said := operation.data.get("quantity")) is not None:
        rows.append((t("office.stock.head_quantity"), _amount(Decimal(str(said)), unit)))
    place = known.bin(operation)
    book = known.book.get((place.account, product.id)) if place and product else None
    if book is not None:
        rows.append((t("office.stock.told_book"), _amount(book, unit)))
    return rows


def _amount(quantity: Decimal, unit: dict[str, Any] | None) -> str:
    said = format_quantity(quantity).replace("-", "−")
    return f"{said} {pick(unit)}" if unit else said


# -- settling -------------------------------------------------------------------------------------------------------------


def _group(known: _Known, operation: Operation) -> str | None:
    """All that came late of one count of a bin, and all scans of one code, are settled by one word."""
    if operation.code == "after_close":
        count_id = known.count_of.get(operation.id)
        return str(count_id) if count_id else None
    return str(operation.facts.get("key")) if operation.code == "unknown_code" else None


def _ways(known: _Known, operation: Operation, place: Bin | None, product: Product | None) -> list[Way]:
    find = WAYS.get(operation.code or "")
    return find(known, operation, place, product) if find else []


def _spot_count(_known: _Known, _operation: Operation, place: Bin | None, _product: Product | None) -> list[Way]:
    if place is None:
        return []
    asked = urlencode({"kind": "spot", "codes": place.code, "title": t("office.stock.told_spot_title", bin=place.code)})
    return [Way(t("office.stock.told_spot_count", bin=place.code), f"/stock/counts/new?{asked}", "stock.plan_count")]


def _decide_late(known: _Known, operation: Operation, place: Bin | None, _product: Product | None) -> list[Way]:
    if operation.id not in known.count_of or operation.exception_id is None:
        return []
    word = t("office.stock.told_admit_late", bin=place.code if place else "")
    return [Way(word, f"/stock/exceptions/{operation.exception_id}/late", "exceptions.decide", "stock/_late.html")]


def _identify(_known: _Known, operation: Operation, _place: Bin | None, _product: Product | None) -> list[Way]:
    if operation.exception_id is None:
        return []
    at, code = f"/stock/exceptions/{operation.exception_id}/code", str(operation.data.get("code", ""))
    return [Way(t("office.stock.identify"), at, "stock.manage", "stock/_identify.html", {"code": code})]


def _see_bin(_known: _Known, _operation: Operation, place: Bin | None, _product: Product | None) -> list[Way]:
    return [Way(t("office.stock.told_see_bin", bin=place.code), f"/stock/bins/{place.id}", "stock.manage")] if place else []


def _see_product(_known: _Known, _operation: Operation, _place: Bin | None, product: Product | None) -> list[Way]:
    if product is None:
        return []
    return [Way(t("office.stock.told_see_product", sku=product.sku), f"/stock/products/{product.id}", "stock.manage")]


WAYS: dict[str, Callable[[_Known, Operation, Bin | None, Product | None], list[Way]]] = {
    "below_zero": _spot_count,
    "bin_locked": _spot_count,
    "lot_missing": _spot_count,
    "after_close": _decide_late,
    "unknown_code": _identify,
    "bin_closed": _see_bin,
    "bin_frozen": _see_bin,
    "product_archived": _see_product,
}


owned_by("stock", "logistics_manager", "shift_lead")
tells_of_operations("stock", subjects_of_operations)
