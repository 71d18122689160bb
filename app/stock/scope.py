"""Which bins a stock take is about: chosen by area, by what lies in them, by name, or those that were counted longest ago."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ledger.models import Balance
from app.lib.ids import Id
from app.stock.codes import read_code
from app.stock.counting import LIVE, REVIEW, SettledCount, StockTake, StockTakeBin
from app.stock.models import ACTIVE, Bin, Product, text_key

BETWEEN = re.compile(r"[\s,;，；、]+")


@dataclass(frozen=True)
class Scope:
    """What a planner chose. Bins named by code are taken as they are; else area, category and class narrow together."""

    areas: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    most: int | None = None
    locked: bool = False

    @classmethod
    def read(cls, form: Any) -> Scope:
        """From a form or an address."""
        most = form.get("most", "").strip()
        return cls(
            areas=form.getlist("area"),
            categories=form.getlist("category"),
            classes=form.getlist("abc"),
            codes=[one for one in BETWEEN.split(form.get("codes", "")) if one][:5000],
            most=int(most) if most.isdecimal() and 0 < len(most) < 5 and int(most) else None,
            locked=form.get("locked") == "1",
        )

    def kept(self) -> dict[str, Any]:
        """As the stock take keeps it: what was chosen, nothing else."""
        return {name: value for name, value in asdict(self).items() if value and name != "codes"}


@dataclass
class Found:
    """The bins of a scope in walking order; `unknown` are codes that name no bin in use, `busy` open counts with some of them."""

    bins: list[Bin]
    unknown: list[str]
    busy: dict[StockTake, int]


def select_scope(session: Session, site_id: Id, scope: Scope) -> Found:
    """The bins that the scope is about. An empty scope is the whole warehouse."""
    bins = list(session.scalars(select(Bin).where(Bin.site_id == site_id, Bin.status == ACTIVE).order_by(Bin.code)))
    unknown: list[str] = []
    if scope.codes:
        by_key = {one.code_key: one for one in bins}
        wanted = {text_key(read_code(code).bin or code): code for code in scope.codes}
        unknown = [code for key, code in wanted.items() if key not in by_key]
        bins = [by_key[key] for key in wanted if key in by_key]
    if scope.areas:
        bins = [one for one in bins if one.area in scope.areas]
    if scope.locked:
        bins = [one for one in bins if one.locked is not None]
    if scope.categories or scope.classes:
        holding = _holding(session, site_id, scope)
        bins = [one for one in bins if one.account in holding]
    if scope.most is not None and len(bins) > scope.most:
        last = last_counted(session, site_id)
        oldest = sorted(bins, key=lambda one: (last.get(one.account, 0), one.code))[: scope.most]
        bins = sorted(oldest, key=lambda one: one.code)
    return Found(bins, unknown, counts_open_in(session, site_id, [one.id for one in bins]))


def _holding(session: Session, site_id: Id, scope: Scope) -> set[str]:
    """Accounts in which something of these categories and classes lies."""
    query = (
        select(Balance.account)
        .join(Product, Product.id == Balance.item_id)
        .where(Balance.site_id == site_id, Balance.quantity != 0)
    )
    if scope.categories:
        query = query.where(Product.category.in_(scope.categories))
    if scope.classes:
        query = query.where(Product.abc.in_(scope.classes))
    return set(session.scalars(query.distinct()))


def last_counted(session: Session, site_id: Id) -> dict[str, int]:
    """Account → when anything in it was last counted and approved; a bin that never was is not in it."""
    last = func.max(SettledCount.counted_at).label("at")
    query = select(SettledCount.account, last).where(SettledCount.site_id == site_id).group_by(SettledCount.account)
    return {row.account: row.at for row in session.execute(query)}


def counts_open_in(session: Session, site_id: Id, bin_ids: Iterable[Id]) -> dict[StockTake, int]:
    """Open counts, also those in review, that have some of these bins, each with how many of them; by their number."""
    query = (
        select(StockTake, StockTakeBin.bin_id)
        .join(StockTakeBin, (StockTake.site_id == StockTakeBin.site_id) & (StockTake.id == StockTakeBin.stock_take_id))
        .where(StockTakeBin.site_id == site_id, StockTake.status.in_((*LIVE, REVIEW)))
        .order_by(StockTake.no)
    )
    wanted = set(bin_ids)
    return Counter(take for take, bin_id in session.execute(query) if bin_id in wanted)
