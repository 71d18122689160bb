"""Who must not know the book: everybody who is to count or recount blind, from being told to until it is closed (STK-3).

The device gets no bucket with quantities (`app.devices.access`), the office shows none (`check_book`); withholding wins over
every right.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.devices.access import withholds_book
from app.lib.errors import Forbidden
from app.lib.ids import Id
from app.stock.counting import LIVE, REVIEW, BinCount, Recount, StockTake, StockTakeCounter, counters_of

OF_TAKE = (StockTake.site_id == StockTakeCounter.site_id) & (StockTake.id == StockTakeCounter.stock_take_id)


@withholds_book
def is_withheld(session: Session, site_id: Id, person_id: Id) -> bool:
    """Whether the person is to count or recount in an open blind stock take of the site."""
    counts = exists().where(
        OF_TAKE, StockTake.blind, StockTake.status.in_(LIVE), StockTakeCounter.site_id == site_id,
        StockTakeCounter.person_id == person_id,
    )  # fmt: skip
    return bool(session.scalar(select(counts))) or _is_to_recount(session, site_id, person_id)  # rule: STK-3


def check_book(session: Session, site_id: Id, person_id: Id) -> None:
    """Refuse a page or a verb that shows quantities of the book, or what differs from it."""
    if is_withheld(session, site_id, person_id):  # rule: STK-3, T22
        raise Forbidden("book_withheld")


def _is_to_recount(session: Session, site_id: Id, person_id: Id) -> bool:
    query = (
        select(Recount)
        .join(StockTake, (StockTake.site_id == Recount.site_id) & (StockTake.id == Recount.stock_take_id))
        .where(Recount.site_id == site_id, Recount.done_by.is_(None), StockTake.blind, StockTake.status == REVIEW)
    )
    return any(person_id in people for people in told_to(session, list(session.scalars(query))).values())


def told_to(session: Session, recounts: Iterable[Recount]) -> dict[Id, list[Id]]:
    """Recount → who is to do it: the person named, else every counter of the stock take who has not counted that line (STK-4)."""
    asked = list(recounts)
    counted = counted_by(session, asked)
    counters: dict[tuple[Id, Id], list[Id]] = {}
    for site_id in {one.site_id for one in asked}:
        found = counters_of(session, site_id, {one.stock_take_id for one in asked if one.site_id == site_id})
        counters.update({(site_id, take_id): people for take_id, people in found.items()})
    return {
        one.id: [one.assigned_to]
        if one.assigned_to is not None
        else [id for id in counters[one.site_id, one.stock_take_id] if id not in counted[one.id]]  # rule: T23
        for one in asked
    }


def counted_by(session: Session, recounts: Iterable[Recount]) -> dict[Id, set[Id]]:
    """Recount → everybody who has counted its line: in a count of the whole bin, or in a recount of it."""
    asked = list(recounts)
    takes = {one.stock_take_id for one in asked}
    lines = {
        str(one.id): (one.bin_id, one.product_id, one.lot, one.status)
        for one in session.scalars(select(Recount).where(Recount.stock_take_id.in_(takes)))
    }
    bins = {one.bin_id for one in asked}
    counts = list(session.scalars(select(BinCount).where(BinCount.stock_take_id.in_(takes), BinCount.bin_id.in_(bins))))
    found: dict[Id, set[Id]] = {}
    for one in asked:
        line = (one.bin_id, one.product_id, one.lot, one.status)
        found[one.id] = {
            count.by
            for count in counts
            if count.stock_take_id == one.stock_take_id
            and count.bin_id == one.bin_id
            and (not count.recounts or (count.finished_at is not None and any(lines.get(id) == line for id in count.recounts)))
        }
    return found
