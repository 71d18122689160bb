"""Products in the office: the list, one product with where it lies and what moved, adding, changing, archiving."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_login import current_user

from app.ledger.select import on_hand
from app.lib.db import db
from app.lib.ids import Id, new_id, parse_id
from app.lib.tables import csv_answer, xlsx_answer
from app.lib.words import pick, t
from app.people.access import names_of
from app.people.forms import stands_on
from app.people.guard import fresh, need, once
from app.people.history import select_history
from app.stock import operations
from app.stock.finding import PRODUCT_SORTS, Wanted, bins_in_use, select_lying, select_moved, select_products
from app.stock.models import CLASSES, STATUSES, Barcode, Product, access_product, barcodes_of
from app.stock.views import bp, sees_book, word

MOST_EXPORTED = 60_000
TEXTS = ("sku", "zh", "en", "category", "unit", "abc")
TICKS = ("lot", "expiry", "serial")
WHOLE = ("shelf_life_days", "lead_time_days")
AMOUNTS = ("reorder_point", "reorder_qty", "safety_stock")


@bp.get("/products")
def products() -> str:
    """The catalogue, narrowed and sorted by its address."""
    need("stock.read_office")
    session, wanted = db.session(), Wanted.read(request.args, PRODUCT_SORTS)
    rows, page = select_products(session, wanted)
    ids = [row.id for row in rows]
    amounts = on_hand(session, current_user.site_id, ids) if sees_book() else None
    return render_template(
        "stock/products.html",
        rows=rows,
        page=page,
        wanted=wanted,
        codes=barcodes_of(session, ids),
        amounts=amounts,
        classes=CLASSES,
    )


@bp.get("/products.<any(csv, xlsx):form>")
def products_file(form: str) -> Response:
    """The list as it is narrowed, in the columns in which an import reads it again; no cell is a formula (GEN-10)."""
    need("stock.read_office")
    session = db.session()
    rows, _ = select_products(session, Wanted.read(request.args, PRODUCT_SORTS), most=MOST_EXPORTED)
    codes = barcodes_of(session, [row.id for row in rows])
    head = [t(f"office.stock.column_{name}") for name in EXPORTED]
    answer = csv_answer if form == "csv" else xlsx_answer
    return answer(f"products.{form}", head, [_exported(row, codes[row.id]) for row in rows])


EXPORTED = (
    "sku", "zh", "en", "category", "unit", "abc", "lot", "expiry", "serial", "shelf_life_days", "reorder_point", "reorder_qty",
    "safety_stock", "lead_time_days", "barcodes",
)  # fmt: skip


def _exported(product: Product, codes: list[Barcode]) -> list[Any]:
    """One row. Several codes stand in one cell, each with `*n` where one scan means more than one."""
    told = " ".join(code.code if code.pack == 1 else f"{code.code}*{code.pack:f}" for code in codes)
    values = [getattr(product, name) for name in EXPORTED[:-1]]
    return [
        *((t("office.stock.yes") if value else t("office.stock.no")) if isinstance(value, bool) else value for value in values),
        told,
    ]


@bp.get("/products/new")
def new_product() -> str:
    """The form for a new product."""
    need("stock.manage")
    return render_template("stock/new_product.html", fresh_id=new_id, classes=CLASSES)


@bp.post("/products")
@stands_on("/stock/products/new", code_taken="codes", code_twice="codes", check_digit="codes")
def add_product() -> Response:
    """Add it. The same form sent twice leads to the same product."""
    product_id = parse_id(request.form.get("product_id")) or new_id()
    operations.add_product(current_user.id, product_id=product_id, operation_id=once(), **_typed())
    return _done(product_id, "product_added")


@bp.get("/products/<uuid:product_id>")
def product(product_id: Id) -> str:
    """One product: what it is, where it lies, what moved, and what may be done with it."""
    need("stock.read_office")
    session, site_id = db.session(), current_user.site_id
    one = access_product(session, product_id)
    sees = sees_book()
    lying = select_lying(session, site_id, product_id=product_id)
    moved = select_moved(session, site_id, product_id=product_id) if sees else []
    return render_template(
        "stock/product.html", one=one, codes=barcodes_of(session, [product_id])[product_id], lying=lying, sees=sees, moved=moved,
        total=sum((row.quantity for row in lying), Decimal(0)), names=names_of(session, {row.movement.by for row in moved}),
        bins=bins_in_use(session, site_id), statuses=STATUSES, classes=CLASSES, fresh_id=new_id,
        history=select_history(session, "product", product_id, 50) if sees else [],
    )  # fmt: skip


@bp.post("/products/<uuid:product_id>")
@stands_on("/stock/products/{product_id}")
def change_product(product_id: Id) -> Response:
    """Change what the form says."""
    operations.change_product(current_user.id, product_id=product_id, operation_id=once(), **_typed())
    return _done(product_id, "saved")


@bp.post("/products/<uuid:product_id>/archive")
@stands_on("/stock/products/{product_id}")
def archive_product(product_id: Id) -> Response:
    """Out of use."""
    operations.archive_product(current_user.id, product_id=product_id, reason=word("reason") or "", operation_id=once())
    return _done(product_id, "archived")


@bp.post("/products/<uuid:product_id>/archive/end")
@stands_on("/stock/products/{product_id}")
def restore_product(product_id: Id) -> Response:
    """In use again."""
    operations.restore_product(current_user.id, product_id=product_id, reason=word("reason") or "", operation_id=once())
    return _done(product_id, "restored")


@bp.post("/products/<uuid:product_id>/<any(receipts, issues, transfers):what>")
@stands_on("/stock/products/{product_id}", bin="bin_id", product="product_id", below_zero="quantity", lot_missing="lot")
def move(product_id: Id, what: str) -> Response:
    """Goods came, went, or changed their place; in the office nothing goes below zero (STK-2)."""
    said: dict[str, Any] = {"product_id": product_id, **_goods()}
    if what == "receipts":
        operations.receive(current_user.id, operation_id=once(), **said, delivery=word("delivery"), expires_on=word("expires_on"))
    elif what == "issues":
        operations.issue(current_user.id, operation_id=once(), **said, purpose=word("purpose"))
    else:
        operations.transfer(current_user.id, operation_id=once(), **said, to_bin_id=word("to_bin_id"))
    return _done(product_id, {"receipts": "received", "issues": "issued", "transfers": "transferred"}[what])


def _goods() -> dict[str, Any]:
    """How much of what, from where, as typed."""
    return {
        "bin_id": word("bin_id"), "quantity": word("quantity"), "lot": word("lot") or "", "note": word("note"),
        "status": word("status") or STATUSES[0],
    }  # fmt: skip


def _typed() -> dict[str, Any]:
    """A product's form as typed: blank numbers are none, codes one a line, `*24` after a code says what one scan means."""
    form = request.form
    said: dict[str, Any] = {name: " ".join(form.get(name, "").split()) for name in TEXTS}
    said |= {name: form.get(name) == "1" for name in TICKS}
    said |= {name: _whole(form.get(name, "")) for name in WHOLE}
    said |= {name: form.get(name, "").strip() or None for name in AMOUNTS}
    return {
        **said,
        "cost_fen": _fen(form.get("cost_fen", "")),
        "codes": [_code(line) for line in form.get("codes", "").splitlines() if line.strip()],
    }


def _whole(text: str) -> int | str | None:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 10 else text or None


def _fen(text: str) -> int | str | None:
    """Yuan as typed, in whole fen; what is no amount is left for the schema to name."""
    text = text.strip().replace(",", "").removeprefix("¥")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text, re.ASCII):
        return text or None
    return int(Decimal(text) * 100)


def _code(line: str) -> dict[str, str]:
    code, _, pack = line.strip().replace("×", "*").partition("*")
    return {"code": code.strip(), "pack": pack.strip() or "1"}


def _done(product_id: Id, said: str) -> Response:
    fresh()
    flash(t(f"office.stock.flash_{said}", name=pick(access_product(db.session(), product_id))))
    return make_response(redirect(f"/stock/products/{product_id}", 303))
