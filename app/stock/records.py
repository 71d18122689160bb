"""What devices are told of stock: quantities only as `balance`, to those who may know the book; never a cost (STK-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.documents.models import find_document
from app.ledger.models import Balance
from app.lib.ids import Id, parse_id
from app.lib.keeping import kept
from app.lib.quantities import format_quantity
from app.stock import count_records  # noqa: F401 - what devices are told of counting
from app.stock.codes import read_code
from app.stock.models import Barcode, Bin, Product, bin_account
from app.stock.settings import ID, KIND
from app.sync import Placed, buckets, record
from app.sync.unit import chunks

TOLD_OF_PRODUCT = ("sku", "zh", "en", "unit", "category", "abc", "lot", "expiry", "serial", "status")
PRODUCTS = select(Product.id, *(getattr(Product, name) for name in TOLD_OF_PRODUCT)).where(
    Product.id.in_(bindparam("ids", expanding=True))
)
CODES = (
    select(Barcode.product_id, Barcode.code, Barcode.key, Barcode.pack)
    .where(Barcode.product_id.in_(bindparam("ids", expanding=True)))
    .order_by(Barcode.product_id, Barcode.seq)
)
MADE = "stock.made_products"
TOLD_SETTINGS = ("units", "statuses", "categories", "bin_areas", "movement_reasons")


@record("stock_settings")
def render_settings(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Units, categories, areas and reasons, for every device; tolerances are not among them."""
    document = find_document(session, KIND, ID) if ID in ids else None
    if document is None:
        return {}
    return {ID: [Placed(buckets.org(), {name: document.body.get(name, []) for name in TOLD_SETTINGS})]}


@record("product")
def render_products(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """The catalogue, archived products too: what was counted once keeps its name. Thousands at once, when a file was imported."""
    made = kept(session, MADE)
    found: dict[str, list[Placed]] = {id: [Placed(buckets.org(), made[id])] for id in ids if id in made}
    for some in chunks([id for name in ids if name not in made and (id := parse_id(name))]):
        codes: dict[Id, list[dict[str, str]]] = {}
        for code in session.execute(CODES, {"ids": some}):
            told = {"code": code.code, "pack": format_quantity(code.pack), "key": code.key}
            codes.setdefault(code.product_id, []).append(told)
        for row in session.execute(PRODUCTS, {"ids": some}).mappings():
            data = show_product(str(row["id"]), read_code(row["sku"]).key, dict(row), codes.get(row["id"], []))
            found[data["id"]] = [Placed(buckets.org(), data)]
    return found


def show_product(id: str, key: str, said: Mapping[str, Any], codes: list[dict[str, str]]) -> dict[str, Any]:
    """One product as devices read it."""
    return {"id": id, "key": key, **{name: said[name] for name in TOLD_OF_PRODUCT}, "codes": codes}


def keep_made(session: Session, records: dict[str, dict[str, Any]]) -> None:
    """Products that this transaction makes, as devices read them: a file makes thousands, and none of them is read back."""
    kept(session, MADE).update(records)


@record("bin")
def render_bins(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Bins, and which products lie in them: not how many."""
    found: dict[str, list[Placed]] = {}
    for some in chunks([id for id in map(parse_id, ids) if id is not None]):
        rows = session.scalars(select(Bin).where(Bin.id.in_(some))).all()
        products = _products_in(session, rows)
        found |= {str(row.id): [Placed(buckets.site(row.site_id), show_bin(row, products[row.account]))] for row in rows}
    return found


def show_bin(found: Bin, products: list[str]) -> dict[str, Any]:
    """One bin as devices read it."""
    return {
        "id": str(found.id),
        "code": found.code,
        "area": found.area,
        "note": found.note,
        "status": found.status,
        "locked": found.locked is not None,
        "frozen": found.frozen is not None,
        "products": products,
    }


@record("balance")
def render_balances(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """How much lies in bins, for those alone who may know the book (STK-3): they read it where they stand, without a network."""
    found: dict[str, list[Placed]] = {}
    for some in chunks([id for id in map(parse_id, ids) if id is not None]):
        sites = dict(session.execute(select(Bin.id, Bin.site_id).where(Bin.id.in_(some))).all())
        accounts = {bin_account(id): id for id in sites}
        lies: dict[Id, list[dict[str, str]]] = {}
        query = select(Balance).where(
            Balance.site_id.in_(set(sites.values())), Balance.account.in_(list(accounts)), Balance.quantity != 0
        )
        for one in session.scalars(query.order_by(Balance.item_id, Balance.lot, Balance.status)):
            said = {"product_id": str(one.item_id), "lot": one.lot, "status": one.status}
            lies.setdefault(accounts[one.account], []).append({**said, "quantity": format_quantity(one.quantity)})
        for id, goods in lies.items():
            found[str(id)] = [Placed(buckets.book(sites[id]), {"id": str(id), "goods": goods})]  # rule: STK-3
    return found


def _products_in(session: Session, bins: Sequence[Bin]) -> dict[str, list[str]]:
    """Account → ids of the products of which something is there, in a fixed order."""
    found: dict[str, set[Id]] = {bin_account(one.id): set() for one in bins}
    query = select(Balance.account, Balance.item_id).where(
        Balance.site_id.in_({one.site_id for one in bins}), Balance.account.in_(list(found)), Balance.quantity != 0
    )
    for account, item_id in session.execute(query):
        found[account].add(item_id)
    return {account: sorted(map(str, ids)) for account, ids in found.items()}
