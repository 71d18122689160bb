"""Which products and bins a page shows, in which order, and what lies and moved there: a constant number of questions a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.ledger.models import Balance, Movement, Posting
from app.lib.errors import NotFound
from app.lib.ids import Id
from app.stock.codes import read_code
from app.stock.models import ACTIVE, ARCHIVED, CLASSES, Barcode, Bin, Product, bin_account, text_key

PER_PAGE = 100
STATES = (ACTIVE, ARCHIVED)


@dataclass(frozen=True)
class Page:
    """One page of a longer list."""

    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True)
class Wanted:
    """What was asked for. Unknown values count as not asked: an old address still opens."""

    q: str = ""
    state: str = ACTIVE
    narrow: str = ""
    abc: str = ""
    key: str = "code"
    down: bool = False
    page: int = 1

    @classmethod
    def read(cls, args: Any, sorts: Iterable[str]) -> Wanted:
        """From the query of an address. `narrow` is a category of products or an area of bins."""
        said = args.get("sort", "code")
        key = said.removeprefix("-")
        page = args.get("page", "1")
        return cls(
            q=args.get("q", "").strip()[:80],
            state=args.get("state") if args.get("state") in STATES else ACTIVE,
            narrow=args.get("narrow", "")[:20],
            abc=args.get("abc") if args.get("abc") in CLASSES else "",
            key=key if key in sorts else "code",
            down=said.startswith("-") and key in sorts,
            page=int(page) if page.isdecimal() and 0 < len(page) < 6 and int(page) else 1,
        )

    def query(self, **changes: Any) -> str:
        """The address's query with some of it changed; what is as usual is left out."""
        told = replace(self, **({"page": 1} | changes))
        usual = Wanted()
        said = {name: getattr(told, name) for name in ("q", "state", "narrow", "abc", "page")}
        parts = {name: value for name, value in said.items() if value != getattr(usual, name)}
        if told.key != usual.key or told.down:
            parts["sort"] = f"{'-' if told.down else ''}{told.key}"
        return urlencode(parts)


PRODUCT_SORTS: dict[str, Any] = {
    "code": Product.sku,
    "name": Product.zh,
    "category": Product.category,
    "abc": Product.abc,
    "changed": Product.changed_at,
}
BIN_SORTS: dict[str, Any] = {"code": Bin.code, "area": Bin.area}


def select_products(session: Session, wanted: Wanted, *, most: int | None = PER_PAGE) -> tuple[list[Product], Page]:
    """The wanted page of products; `most` None: all of them."""
    query = select(Product).where(Product.status == wanted.state, *_product_words(wanted.q))
    if wanted.narrow:
        query = query.where(Product.category == wanted.narrow)
    if wanted.abc:
        query = query.where(Product.abc == wanted.abc)
    return _page(session, query, wanted, PRODUCT_SORTS, Product.id, most)


def _product_words(q: str) -> list[ColumnElement[bool]]:
    """Every word stands in a name or the SKU; one word may be a code as it is scanned."""
    words = q.split()
    found: list[ColumnElement[bool]] = []
    for word in words:
        texts = (Product.sku, Product.zh, Product.en)
        said = [column.icontains(word, autoescape=True) for column in texts]
        found.append(or_(*said, Product.id.in_(select(Barcode.product_id).where(Barcode.key == read_code(word).key))))
    return found


def find_product(session: Session, typed: str) -> Id:
    """The product in use whose SKU or code was typed, or NotFound."""
    coded = select(Barcode.product_id).where(Barcode.key == read_code(typed.strip()).key)
    named = select(Product.id).where(Product.status == ACTIVE, or_(Product.sku_key == text_key(typed), Product.id.in_(coded)))
    product_id = session.scalar(named)
    if product_id is None:
        raise NotFound("product")
    return product_id


def select_bins(session: Session, site_id: Id, wanted: Wanted, *, most: int | None = PER_PAGE) -> tuple[list[Bin], Page]:
    """The wanted page of the site's bins."""
    query = select(Bin).where(Bin.site_id == site_id, Bin.status == wanted.state)
    if wanted.q:
        bin_said = read_code(wanted.q).bin
        texts = [column.icontains(wanted.q, autoescape=True) for column in (Bin.code, Bin.note)]
        query = query.where(or_(*texts, Bin.code_key == (bin_said or "")))
    if wanted.narrow:
        query = query.where(Bin.area == wanted.narrow)
    return _page(session, query, wanted, BIN_SORTS, Bin.id, most)


def _page(
    session: Session, query: Select[Any], wanted: Wanted, sorts: dict[str, Any], last: InstrumentedAttribute[Id], most: int | None
) -> tuple[list[Any], Page]:
    column = sorts[wanted.key]
    some = query.order_by(column.desc() if wanted.down else column, last)
    if most is not None:
        some = some.limit(most)  # rule: T43
    first = list(session.scalars(some)) if most is None or wanted.page == 1 else []
    if most is None or 0 < len(first) < most:  # that was all: a search need not walk the catalogue again to count
        return first, Page(1, len(first))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = Page(min(wanted.page, max(1, -(-total // PER_PAGE))), total)
    return first or list(session.scalars(some.offset((page.number - 1) * PER_PAGE))), page


# -- what lies where ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lying:
    """A quantity of one lot and status of a product in a bin."""

    bin: Bin
    product: Product
    lot: str
    status: str
    quantity: Decimal
    moved_at: int


def select_lying(session: Session, site_id: Id, *, product_id: Id | None = None, bin_id: Id | None = None) -> list[Lying]:
    """What lies in the house of a product, or in a bin; below zero too, for that needs looking into."""
    query = select(Balance).where(Balance.site_id == site_id, Balance.account.startswith("bin:"), Balance.quantity != 0)
    if product_id is not None:
        query = query.where(Balance.item_id == product_id)
    if bin_id is not None:
        query = query.where(Balance.account == bin_account(bin_id))
    balances = session.scalars(query).all()
    by_account = {one.account: one for one in session.scalars(select(Bin).where(Bin.site_id == site_id))} if balances else {}
    products = {
        one.id: one for one in session.scalars(select(Product).where(Product.id.in_({found.item_id for found in balances})))
    }
    lying = [
        Lying(by_account[one.account], products[one.item_id], one.lot, one.status, one.quantity, one.moved_at)
        for one in balances
        if one.account in by_account and one.item_id in products
    ]
    return sorted(lying, key=lambda one: (one.bin.code, one.product.sku, one.lot, one.status))


def bins_in_use(session: Session, site_id: Id) -> list[Bin]:
    """Bins that goods may be put into, by code."""
    return list(session.scalars(select(Bin).where(Bin.site_id == site_id, Bin.status == ACTIVE).order_by(Bin.code)))


def goods_in(session: Session, site_id: Id, bins: Iterable[Bin]) -> dict[Id, int]:
    """Bin → how many different products lie in it."""
    by_account = {one.account: one.id for one in bins}
    query = (
        select(Balance.account, func.count(func.distinct(Balance.item_id)))
        .where(Balance.site_id == site_id, Balance.account.in_(list(by_account)), Balance.quantity != 0)
        .group_by(Balance.account)
    )
    return {by_account[account]: n for account, n in session.execute(query)}


# -- what moved -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moved:
    """One side of a movement, as a page of a product or a bin tells it."""

    movement: Movement
    posting: Posting
    bin: Bin | None
    product: Product | None


def select_moved(
    session: Session, site_id: Id, *, product_id: Id | None = None, bin_id: Id | None = None, most: int = 50
) -> list[Moved]:
    """What changed in the bins lately, newest first."""
    query = (
        select(Movement, Posting)
        .join(Posting, (Posting.site_id == Movement.site_id) & (Posting.movement_id == Movement.id))
        .where(Posting.site_id == site_id, Posting.account.startswith("bin:"))
        .order_by(Posting.happened_at.desc(), Posting.movement_id.desc(), Posting.n)
        .limit(most)
    )
    if product_id is not None:
        query = query.where(Posting.item_id == product_id)
    if bin_id is not None:
        query = query.where(Posting.account == bin_account(bin_id))
    rows = session.execute(query).all()
    accounts = {posting.account for _, posting in rows}
    bins = {one.account: one for one in session.scalars(select(Bin).where(Bin.site_id == site_id))} if accounts else {}
    items = {posting.item_id for _, posting in rows}
    products = {one.id: one for one in session.scalars(select(Product).where(Product.id.in_(items)))}
    return [Moved(movement, posting, bins.get(posting.account), products.get(posting.item_id)) for movement, posting in rows]
