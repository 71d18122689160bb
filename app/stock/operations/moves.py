"""Goods that come, go and change their place: facts, in force even where the book says it cannot be (STK-2, GEN-6)."""

from __future__ import annotations

from typing import Any

from app.ledger.models import Holding
from app.ledger.steps import Draft, Leg
from app.lib.ids import Id
from app.stock import schemas
from app.stock.models import Bin, Product
from app.stock.settings import stock_settings
from app.stock.steps import move
from app.sync import Tx, operation

RIGHT = "stock.move"
OUT = {"show": "issue_show", "order": "issue_order", "use": "issue_use"}


@operation("stock.receive", schema=schemas.Receive, right=RIGHT, fact=True)
def receive(tx: Tx, actor: Id, *, bin_id: Id, delivery: str | None, **goods: Any) -> None:
    """Goods came in and lie in the bin. `delivery` is the number on their papers, as typed."""
    where = _bin(tx, bin_id)
    there = _holding(tx, where, goods)
    _post(tx, "receipt", there._replace(account="out:supplier"), there, goods, ("delivery", delivery) if delivery else None)


@operation("stock.issue", schema=schemas.Issue, right=RIGHT, fact=True)
def issue(tx: Tx, actor: Id, *, bin_id: Id, purpose: str, ref: str | None, **goods: Any) -> None:
    """Goods left the bin. Below zero the office refuses, a phone's is kept in force and the bin locked (STK-2)."""
    where = _bin(tx, bin_id)
    here = _holding(tx, where, goods)
    _check_lock(tx, where)
    _post(tx, OUT[purpose], here, here._replace(account=f"out:{purpose}"), goods, (purpose, ref) if ref else None)


@operation("stock.transfer", schema=schemas.Transfer, right=RIGHT, fact=True)
def transfer(tx: Tx, actor: Id, *, bin_id: Id, to_bin_id: Id, **goods: Any) -> None:
    """Goods went from one bin to another."""
    if bin_id == to_bin_id:
        tx.refuse("same_bin", status=422, fields={"to_bin_id": ["same_bin"]})
    where, target = _bin(tx, bin_id), _bin(tx, to_bin_id)
    here = _holding(tx, where, goods)
    _check_lock(tx, where)
    _post(tx, "transfer", here, here._replace(account=target.account), goods, None)


def _bin(tx: Tx, bin_id: Id) -> Bin:
    """The bin; goods at a closed one are kept, and somebody looks into it."""
    found = tx.session.get(Bin, (tx.site_id, bin_id)) or tx.missing("bin", bin_id)
    if not found.is_active():
        tx.doubt("bin_closed", bin=found.code)
    return found


def _holding(tx: Tx, where: Bin, goods: dict[str, Any]) -> Holding:
    """What moves, checked against the product: as many decimals as its unit has, a lot where it is kept by lot."""
    product = tx.session.get(Product, goods["product_id"]) or tx.missing("product", goods["product_id"])
    decimals = stock_settings(tx.session).decimals(product.unit)
    if goods["quantity"] != round(goods["quantity"], decimals):
        tx.refuse("too_many_decimals", status=422, fields={"quantity": ["too_many_decimals"]}, decimals=decimals)
    if product.lot and not goods["lot"]:
        tx.doubt("lot_missing", sku=product.sku)
    if not product.is_active():
        tx.doubt("product_archived", sku=product.sku)
    return Holding(where.account, product.id, goods["lot"], goods["status"])


def _check_lock(tx: Tx, where: Bin) -> None:
    """Nothing is picked from a bin whose book is wrong (STK-2)."""
    if where.locked is not None:
        tx.doubt("bin_locked", bin=where.code)


def _post(tx: Tx, kind: str, source: Holding, target: Holding, goods: dict[str, Any], ref: tuple[str, str] | None) -> None:
    draft = Draft(tx.operation_id, kind, [Leg(source, target, goods["quantity"])], note=goods["note"], ref=ref)
    move(tx, [draft])
