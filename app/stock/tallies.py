"""One person's count of one bin with its stock take, looked up once a transaction: a push of scans asks hundreds of times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from app.lib.ids import Id
from app.lib.keeping import forget, kept
from app.stock.counting import BinCount, StockTake
from app.stock.models import ACTIVE, Barcode, Product
from app.stock.settings import stock_settings
from app.sync import Tx

KEPT = "stock.tallies"
GOODS = "stock.goods"
LINES = "stock.lines"

# Built once: every push of scans asks these.
OF_SITE: BindParameter[Id] = bindparam("site")
OF_IDS: BindParameter[Id] = bindparam("ids", expanding=True)
COUNTS = (
    select(BinCount, StockTake)
    .join(StockTake, (StockTake.site_id == BinCount.site_id) & (StockTake.id == BinCount.stock_take_id))
    .where(BinCount.site_id == OF_SITE, BinCount.id.in_(OF_IDS))
)
ALIASES = (
    select(Barcode.key, Barcode.product_id, Barcode.pack)
    .join(Product, Product.id == Barcode.product_id)
    .where(Product.status == ACTIVE, Barcode.key.in_(bindparam("keys", expanding=True)))
)
PRODUCTS = select(Product.id, Product.unit, Product.sku, Product.status).where(Product.id.in_(OF_IDS))


@dataclass
class Tally:
    """A bin count and the stock take it belongs to."""

    count: BinCount
    take: StockTake

    @cached_property
    def name(self) -> str:
        """The count's id as records spell it."""
        return str(self.count.id)

    def is_recount(self) -> bool:
        """Opened for single lines that somebody else has counted before."""
        return bool(self.count.recounts)


@dataclass(frozen=True)
class Goods:
    """What a count line has to know of its product."""

    sku: str
    decimals: int
    is_active: bool


def tallies(session: Session, site_id: Id, count_ids: Iterable[Id]) -> dict[Id, Tally]:
    """The bin counts of this site among these ids; what the transaction holds already is not read again."""
    known: dict[tuple[Id, Id], Tally] = kept(session, KEPT)
    wanted = list(dict.fromkeys(count_ids))
    if fresh := [id for id in wanted if (site_id, id) not in known]:
        for count, take in session.execute(COUNTS, {"site": site_id, "ids": fresh}):
            known[site_id, count.id] = Tally(count, take)
    return {id: known[site_id, id] for id in wanted if (site_id, id) in known}


def tally_of(tx: Tx, count_id: Id) -> Tally:
    """The bin count an operation names; a device's operation waits for whoever opens it (parent_missing)."""
    tx.about("bin_count", count_id)
    return tallies(tx.session, tx.site_id, [count_id]).get(count_id) or tx.missing("bin_count", count_id)


def keep_tally(session: Session, tally: Tally) -> None:
    """Let what follows in this transaction find a count that was just opened."""
    kept(session, KEPT)[tally.count.site_id, tally.count.id] = tally


def keep_lines(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Let the records be made of lines as they were just written: nobody has to read them back."""
    kept(session, LINES).update({row["id"]: row for row in rows})


def kept_lines(session: Session) -> dict[Id, dict[str, Any]]:
    """Lines this transaction wrote, by id."""
    found: dict[Id, dict[str, Any]] = kept(session, LINES)
    return found


def forget_lines(session: Session) -> None:
    """Lines were changed: they are read again."""
    forget(session, LINES)


def goods(session: Session, product_ids: Iterable[Id]) -> dict[Id, Goods]:
    """What is known of these products, asked once a transaction."""
    known: dict[Id, Goods] = kept(session, GOODS)
    wanted = list(dict.fromkeys(product_ids))
    if fresh := [id for id in wanted if id not in known]:
        settings = stock_settings(session)
        for id, unit, sku, status in session.execute(PRODUCTS, {"ids": fresh}):
            known[id] = Goods(sku, settings.decimals(unit), status == ACTIVE)
    return {id: known[id] for id in wanted if id in known}


def aliases(session: Session, keys: Iterable[str]) -> dict[str, tuple[Id, Decimal]]:
    """Key → (product, how many one scan means): codes that somebody identified before a phone heard of it."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    return {key: (product_id, pack) for key, product_id, pack in session.execute(ALIASES, {"keys": wanted})}
