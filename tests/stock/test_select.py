"""A review, however large, asks a constant number of questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.lib.db import db
from app.stock.count_records import render_bins, render_counts, render_lines, render_recounts, render_takes
from app.stock.select import load_review
from tests.stock.conftest import StockCount


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the reading session asks meanwhile."""
    seen: list[str] = []
    heard = lambda connection, cursor, statement, *_: seen.append(statement)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", heard)
    yield seen
    event.remove(db.engine, "before_cursor_execute", heard)


def stock_take_of(stock_count: StockCount, bins: int, scans: int) -> None:
    """A count of so many bins, each with a mug short, scanned one by one; in review, with recounts."""
    warehouse = stock_count.warehouse
    places = [warehouse.bin(f"B-{bins:02}-1-{place:02}") for place in range(bins)]
    stock_count.id = stock_count.plan(bins=places)
    for bin_id in places:
        warehouse.put(bin_id, stock_count.mug, "40")
        warehouse.put(bin_id, stock_count.serum, "2", lot="L1")
        stock_count.count(bin_id, lines=[(stock_count.mug, "1")] * scans)
    stock_count.close()


def test_a_review_of_any_size(stock_count: StockCount) -> None:
    """quality.md: two bins cost as many statements as six, two scans as many as five."""
    counts = []
    for bins, scans in ((2, 2), (6, 5)):
        stock_take_of(stock_count, bins, scans)
        take, session = stock_count.row(), stock_count.fresh()
        with statements() as seen:
            review = load_review(session, take)
        assert [len(review.lines), len(stock_count.recounts())] == [2 * bins, 2 * bins]
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_records_of_any_number(stock_count: StockCount) -> None:
    """quality.md: each kind of record is made of many ids by a constant number of questions."""
    counts = []
    for bins in (2, 6):
        stock_take_of(stock_count, bins, 2)
        recounts, lines, session = stock_count.recounts(), stock_count.lines(), stock_count.fresh()
        places = {f"{stock_count.id}/{line.bin_id}" for line in lines}
        asked = [
            (render_takes, [str(stock_count.id)]),
            (render_bins, sorted(places)),
            (render_counts, sorted({str(line.bin_count_id) for line in lines})),
            (render_lines, [f"{line.bin_count_id}/{line.id}" for line in lines]),
            (render_recounts, [str(one.id) for one in recounts]),
        ]
        with statements() as seen:
            made = [len(render(session, ids)) for render, ids in asked]
        assert made == [1, bins, bins, 2 * bins, 2 * bins]
        counts.append(len(seen))
    assert counts[0] == counts[1]
