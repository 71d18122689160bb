"""What devices are told of stock. No record here carries a quantity of the book, nor what something costs (STK-3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.models import find_document
from app.ledger.models import Balance
from app.lib.ids import Id, parse_id
from app.lib.quantities import format_quantity
from app.stock import count_records  # noqa: F401 - what devices are told of counting
from app.stock.models import Barcode, Bin, Product, barcodes_of, bin_account
from app.stock.settings import ID, KIND
from app.sync import Placed, buckets, record

TOLD_OF_PRODUCT = ("sku", "zh", "en", "unit", "category", "abc", "lot", "expiry", "serial", "status")
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
    """The catalogue, archived products too: what was counted once keeps its name."""
    rows = session.scalars(select(Product).where(Product.id.in_([parse_id(id) for id in ids]))).all()
    codes = barcodes_of(session, [row.id for row in rows])
    return {str(row.id): [Placed(buckets.org(), show_product(row, codes[row.id]))] for row in rows}


def show_product(product: Product, codes: list[Barcode]) -> dict[str, Any]:
    """One product as devices read it."""
    return {
        "id": str(product.id),
        **{name: getattr(product, name) for name in TOLD_OF_PRODUCT},
        "codes": [{"code": code.code, "pack": format_quantity(code.pack), "key": code.key} for code in codes],
    }


@record("bin")
def render_bins(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Bins, and which products lie in them: not how many."""
    rows = session.scalars(select(Bin).where(Bin.id.in_([parse_id(id) for id in ids]))).all()
    products = _products_in(session, rows)
    return {str(row.id): [Placed(buckets.site(row.site_id), show_bin(row, products[row.account]))] for row in rows}


def show_bin(found: Bin, products: list[str]) -> dict[str, Any]:
    """One bin as devices read it."""
    return {
        "id": str(found.id),
        "code": found.code,
        "area": found.area,
        "note": found.note,
        "status": found.status,
        "locked": found.locked is not None,
        "products": products,
    }


def _products_in(session: Session, bins: Sequence[Bin]) -> dict[str, list[str]]:
    """Account → ids of the products of which something is there, in a fixed order."""
    found: dict[str, set[Id]] = {bin_account(one.id): set() for one in bins}
    query = select(Balance.account, Balance.item_id).where(
        Balance.site_id.in_({one.site_id for one in bins}), Balance.account.in_(list(found)), Balance.quantity != 0
    )
    for account, item_id in session.execute(query):
        found[account].add(item_id)
    return {account: sorted(map(str, ids)) for account, ids in found.items()}
