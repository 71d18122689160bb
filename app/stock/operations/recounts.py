"""Counting again: what is out of tolerance, by somebody who has not counted it; a third decides between two (STK-4, F13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from app.lib.db import insert_rows
from app.lib.ids import Id, new_id
from app.lib.keeping import kept
from app.people.access import may
from app.stock import schemas
from app.stock.counting import ADJUSTED, CLOSED, OVER, REVIEW, BinCount, CountLine, Recount, StockTake
from app.stock.holding_back import check_book, counted_by
from app.stock.select import Review, ReviewLine, load_review
from app.stock.tallies import Tally, forget_lines
from app.stock.variance import RECOUNT, THIRD, Key
from app.sync import Tx, operation

COUNT, REVIEWS = "stock.count", "stock.review"
TOGETHER = "stock.admitting_together"


@operation("stock.ask_recount", schema=schemas.AskRecount, right=REVIEWS)
def ask_recount(tx: Tx, actor: Id, *, stock_take_id: Id, lines: list[dict[str, Any]], assigned_to: Id | None) -> None:
    """Have lines counted again by somebody who has not counted them; without a name by any other counter (STK-4)."""
    take = review_take(tx, stock_take_id)
    wanted = [Key(said["bin_id"], said["product_id"], said["lot"], said["status"]) for said in lines]
    review = load_review(tx.session, take, {key.bin_id for key in wanted})
    check_reviewer(tx, review)
    if assigned_to is not None and not may(tx.session, assigned_to, COUNT, tx.site_id, tx.happened_at):
        tx.refuse("cannot_recount", status=422, fields={"assigned_to": ["cannot_recount"]})
    for key in dict.fromkeys(wanted):
        line = review.line(key)
        if line is None:
            tx.refuse("unknown_line")
        if assigned_to is not None and assigned_to in {side.figure.by for side in line.sides}:  # rule: T23, GEN-3
            tx.refuse("own_recount")
        _ask(tx, take, line, assigned_to)
    tx.readers_changed()


def _ask(tx: Tx, take: StockTake, line: ReviewLine, assigned_to: Id | None) -> None:
    """One open recount a line: asking again gives it to somebody else."""
    round = RECOUNT if len(line.sides) == 1 else THIRD
    if line.recount is None:
        _add(tx, take, {line.key: round}, assigned_to)
        return
    line.recount.assigned_to, line.recount.asked_by, line.recount.asked_at = assigned_to, tx.actor, tx.happened_at
    line.recount.round = round
    tx.session.flush()
    tx.publish("recount", line.recount.id)


def _add(tx: Tx, take: StockTake, rounds: dict[Key, int], assigned_to: Id | None = None) -> None:
    rows = [
        {
            "site_id": tx.site_id, "id": new_id(), "stock_take_id": take.id, **key._asdict(), "round": round,
            "assigned_to": assigned_to, "asked_by": tx.actor, "asked_at": tx.happened_at, "done_by": None,
        }
        for key, round in rounds.items()
    ]  # fmt: skip
    insert_rows(tx.session, Recount, rows)
    for row in rows:
        tx.publish("recount", row["id"])


# -- what counting makes happen -------------------------------------------------------------------------------------------


def ask_needed(tx: Tx, take: StockTake, bin_ids: Iterable[Id] | None = None) -> None:
    """Ask for every recount that the figures call for and nobody has asked for yet (STK-4, STK-6)."""
    review = load_review(tx.session, take, bin_ids)
    needed: dict[Key, int] = {}
    for line in review.lines:
        round = line.standing.round
        if round is None or line.decision is not None:
            continue
        if line.recount is None:
            needed[line.key] = round  # rule: STK-4
        elif line.recount.round != round:
            line.recount.round = round
            tx.publish("recount", line.recount.id)
    _add(tx, take, needed)
    tx.readers_changed()


def check_recounts(tx: Tx, take: StockTake, bin_id: Id, recount_ids: list[Id]) -> None:
    """They are of this bin, and the person has not counted any of them: two people means two people (GEN-3)."""
    query = select(Recount).where(Recount.site_id == tx.site_id, Recount.id.in_(recount_ids))
    rows = list(tx.session.scalars(query))
    if len(rows) < len(set(recount_ids)) or any(row.stock_take_id != take.id or row.bin_id != bin_id for row in rows):
        tx.refuse("unknown_recount")
    counted = counted_by(tx.session, rows)
    if any(tx.actor in people for people in counted.values()):
        tx.doubt("own_recount", effect=False)  # rule: STK-4, GEN-3, T23


def settle_recounts(tx: Tx, tally: Tally) -> None:
    """A recount was finished: it is nobody's task any more, and where it disagrees a third person counts (STK-4)."""
    ids = [Id(id) for id in tally.count.recounts]
    rows = tx.session.scalars(select(Recount).where(Recount.site_id == tx.site_id, Recount.id.in_(ids)))
    for row in rows:
        row.done_by = row.done_by or tx.actor
        tx.publish("recount", row.id)
    tx.session.flush()
    ask_needed(tx, tally.take, [tally.count.bin_id])


def publish_recounts(tx: Tx, take: StockTake, bin_id: Id | None = None) -> None:
    """Who is to do the open recounts may have changed."""
    query = select(Recount.id).where(
        Recount.site_id == tx.site_id, Recount.stock_take_id == take.id, Recount.done_by.is_(None)
    )  # fmt: skip
    for id in tx.session.scalars(query if bin_id is None else query.where(Recount.bin_id == bin_id)):
        tx.publish("recount", id)


def publish_counted(tx: Tx, take: StockTake) -> None:
    """What people counted leaves their devices when the stock take ends, and comes back when it is open again."""
    counts = select(BinCount.id).where(BinCount.site_id == tx.site_id, BinCount.stock_take_id == take.id)
    lines = select(CountLine.bin_count_id, CountLine.id).where(
        CountLine.site_id == tx.site_id, CountLine.stock_take_id == take.id
    )  # fmt: skip
    for id in tx.session.scalars(counts):
        tx.publish("bin_count", id)
    for count_id, id in tx.session.execute(lines):
        tx.publish("count_line", f"{count_id}/{id}")
    forget_lines(tx.session)


def reopen(tx: Tx, take: StockTake) -> None:
    """A late fact was admitted: no approval covers it, so the review goes on (T11, I7)."""
    if tx.admitted is None or take.status not in (REVIEW, ADJUSTED, CLOSED):
        return
    had_ended = take.status in OVER
    take.status, take.ended, take.approvals = REVIEW, None, []
    tx.session.flush()
    if had_ended:
        publish_counted(tx, take)
    tx.publish("stock_take", take.id)
    if take.id not in kept(tx.session, TOGETHER):
        ask_needed(tx, take)


@contextmanager
def admitting_together(tx: Tx, take: StockTake) -> Iterator[None]:
    """Several late facts are admitted at once: what has to be counted again is asked when all of them are in."""
    kept(tx.session, TOGETHER)[take.id] = True
    yield
    kept(tx.session, TOGETHER).pop(take.id, None)
    ask_needed(tx, take)


# -- what reviewing shares ------------------------------------------------------------------------------------------------


def review_take(tx: Tx, take_id: Id) -> StockTake:
    """A stock take that is being reviewed; the person is not one who must not know the book (STK-3)."""
    tx.about("stock_take", take_id)
    take = tx.session.get(StockTake, (tx.site_id, take_id)) or tx.missing("stock_take", take_id)
    check_book(tx.session, tx.site_id, tx.actor)
    if take.status != REVIEW:
        tx.refuse("take_not_in_review", no=take.no)
    return take


def check_reviewer(tx: Tx, review: Review) -> None:
    """Who counted anything in it neither reviews nor approves it (GEN-3)."""
    if tx.actor in review.counted_by:  # rule: GEN-3, T23
        tx.refuse("own_count")


__all__ = [
    "admitting_together",
    "ask_needed",
    "ask_recount",
    "check_recounts",
    "check_reviewer",
    "publish_counted",
    "publish_recounts",
    "reopen",
    "review_take",
    "settle_recounts",
]
