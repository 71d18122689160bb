"""Accuracy of counts: the interval against published values, sums against their rows, and nothing for who counts blind."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.lib import clock
from app.lib.clock import DAY, now
from app.lib.ids import Id
from app.stock import accuracy
from app.stock.accuracy import Tally, load_accuracy, wilson
from app.stock.finding import select_lying
from app.stock.operations import close_unchanged
from tests.checklists.test_pages import questions
from tests.stock.conftest import StockCount

As = Callable[[str], FlaskClient]
PAGES = ("/stock/accuracy", "/stock/accuracy?days=0&by=count", "/stock/accuracy.csv")


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3; its mirror image; and no line at all."""
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson(n - hits, n) == pytest.approx((1 - high, 1 - low), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def settled(stock_count: StockCount, lines: list[tuple[str, str]], login: str = "warehouse_keeper") -> Id:
    """A count of bin one, adjusted: for each product what the book has and what is found; recounted where it is out."""
    warehouse = stock_count.warehouse
    stock_count.id = stock_count.plan(counters=(login, "shipping_clerk"), bins=[stock_count.one])
    products = []
    for n, (book, found) in enumerate(lines):
        product_id = warehouse.product(f"X-{str(stock_count.id)[-6:]}-{n}", "物", "Thing", "HOM", cost_fen=100)
        warehouse.put(stock_count.one, product_id, book)
        products.append((product_id, found))
    there = select_lying(stock_count.fresh(), stock_count.cast.site_id, bin_id=stock_count.one)
    rest = [(one.product.id, str(one.quantity)) for one in there if one.product.id not in dict(products)]
    stock_count.count(login=login, lines=[*products, *rest])
    stock_count.close()
    return end(stock_count, dict(products))


def end(stock_count: StockCount, found: dict[Id, str]) -> Id:
    """Recounts agree with what was found, a reviewer accepts, the manager approves."""
    if recounts := stock_count.recounts():
        again = stock_count.open(login="shipping_clerk", recounts=[one.id for one in recounts])
        for one in recounts:
            stock_count.line(again, one.product_id, found[one.product_id], "shipping_clerk")
        stock_count.finish(again, "shipping_clerk")
    for line in stock_count.review().lines:
        if line.is_open:
            stock_count.decide(line.key.product_id)
    stock_count.approve()
    return stock_count.id


def load(stock_count: StockCount, by: str = "week", since: int = 0) -> Any:
    return load_accuracy(stock_count.fresh(), stock_count.cast.site_id, since, by, str)


def test_sums_equal_their_rows(stock_count: StockCount) -> None:
    """GEN-9: five lines, three that match, one off by 9 and one by −1 against 100 fen each; by area, by counter, in all."""
    settled(stock_count, [("10", "10"), ("10", "10"), ("10", "10"), ("20", "29"), ("10", "9")])
    found = load(stock_count)
    assert found.total == Tally(lines=5, matched=3, held=5, net_fen=800, off_fen=1000)
    for lines in (found.points, found.areas, found.counters):
        assert sum((line.tally for line in lines), Tally()) == found.total
    assert [(line.key, line.tally.lines) for line in found.areas] == [("A", 5)]
    assert [line.key for line in found.counters] == [stock_count.cast.warehouse_keeper], "the first to count, not who recounted"


def test_goods_that_moved_between_the_counts_are_nobody_s_error(stock_count: StockCount) -> None:
    """STK-5: the first figure is held against the book of its own moment, and a recount that agrees with it lets it stand."""
    thing = stock_count.warehouse.product("X-1", "物", "Thing", "HOM", cost_fen=100)
    stock_count.warehouse.put(stock_count.one, thing, "50")
    stock_count.id = stock_count.plan(bins=[stock_count.one])
    stock_count.count(lines=[(thing, "40")])
    stock_count.warehouse.put(stock_count.one, thing, "10")
    stock_count.close()
    end(stock_count, {thing: "50"})
    assert load(stock_count).total == Tally(lines=1, matched=0, held=1, net_fen=-1000, off_fen=1000)


def test_a_first_figure_that_was_wrong(stock_count: StockCount) -> None:
    """The recount finds the shelf right: it matched in the end, not at first, and the figure did not hold."""
    thing = stock_count.warehouse.product("X-1", "物", "Thing", "HOM", cost_fen=100)
    stock_count.warehouse.put(stock_count.one, thing, "50")
    stock_count.id = stock_count.plan(bins=[stock_count.one])
    stock_count.count(lines=[(thing, "40")])
    stock_count.close()
    for login in ("shipping_clerk", "returns_clerk"):
        again = stock_count.open(login=login, recounts=[stock_count.recounts()[0].id])
        stock_count.line(again, thing, "50", login)
        stock_count.finish(again, login)
    stock_count.approve()
    assert load(stock_count).total == Tally(lines=1)


def test_what_was_left_is_worth_nothing(stock_count: StockCount) -> None:
    """A difference that adjusted no book has no value here, and still did not match."""
    thing = stock_count.warehouse.product("X-1", "物", "Thing", "HOM", cost_fen=100)
    stock_count.warehouse.put(stock_count.one, thing, "50")
    stock_count.id = stock_count.plan(bins=[stock_count.one])
    stock_count.count(lines=[(thing, "49")])
    stock_count.close()
    close_unchanged(
        stock_count.cast.logistics_manager, stock_take_id=stock_count.id, reason="改期", basis=[stock_count.review().state()]
    )
    assert load(stock_count).total == Tally(lines=1, held=1)


def test_along_weeks_and_counts(stock_count: StockCount) -> None:
    """Two counts of one week are one point, three counts three; a period leaves out what is older."""
    at = now()
    moments = [at + days * DAY for days in (0, 21, 21)]
    for moment in moments:
        with clock.at(moment):
            settled(stock_count, [("10", "10"), ("10", "8")])
    weeks, counts = load(stock_count).points, load(stock_count, "count").points
    assert [line.tally.lines for line in weeks] == [2, 4 + 6] and len(counts) == 3
    assert [line.name for line in counts] == ["周末盘点"] * 3
    assert len(load(stock_count, "count", since=moments[1]).points) == 2
    assert load(stock_count).floor < 90, "the scale begins below the lowest interval"


def test_the_picture_keeps_to_the_newest(stock_count: StockCount, monkeypatch: pytest.MonkeyPatch) -> None:
    """More points than can be told apart are counted and left to the file."""
    monkeypatch.setattr(accuracy, "MOST_POINTS", 1)
    first = settled(stock_count, [("10", "10")])
    with clock.at(now() + DAY):
        last = settled(stock_count, [("10", "10")])
    found = load(stock_count, "count")
    assert [line.key for line in found.points] == [last] and found.left_out == 1 and last != first


def test_who_reads_it(stock_count: StockCount, as_: As, client: FlaskClient) -> None:
    """Reviewers; not the floor, not whoever is not signed in."""
    settled(stock_count, [("10", "10")])
    for path in PAGES:
        assert client.get(path).status_code == 303
        for login in ("logistics_manager", "shift_lead", "finance", "general_manager"):
            assert as_(login).get(path).status_code == 200, (login, path)
        for login in ("warehouse_keeper", "buyer", "supervisor", "stagehand"):
            assert as_(login).get(path).status_code == 403, (login, path)


def test_nothing_for_whoever_counts_blind(stock_count: StockCount, as_: As) -> None:
    """STK-3, T22: shares and values come from the book."""
    settled(stock_count, [("10", "10")])
    lead = as_("shift_lead")
    stock_count.plan(counters=("shift_lead",))
    for path in PAGES:
        answer = lead.get(path)
        assert answer.status_code == 403 and "相符" not in answer.text, path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_picture_table_and_file_say_the_same(stock_count: StockCount, as_: As, lang: str) -> None:
    """GEN-8, GEN-10: each share with its interval in words and as a dot; the file adds up to the page."""
    settled(stock_count, [("10", "10"), ("10", "10"), ("20", "29")])
    browser = as_("logistics_manager")
    browser.set_cookie("offstage-lang", lang)
    for by in ("week", "count"):
        page = browser.get(f"/stock/accuracy?by={by}").text
        assert "⟦" not in page and "66.7\u00a0%" in page and "20.8–93.9\u00a0%" in page and page.count('<svg class="fig') == 4
        assert "+¥9.00" in page and "2 / 3" in page
    said = browser.get("/stock/accuracy.csv").get_data().decode("utf-8-sig")
    head, row = csv.reader(said.splitlines())
    assert len(head) == len(row) and row[5:] == ["3", "2", "66.7", "20.8", "93.9", "3", "9", "9"] and "⟦" not in said
    with clock.at(now() + 200 * DAY):
        later = as_("logistics_manager")
        later.set_cookie("offstage-lang", lang)
        assert "2 / 3" not in later.get("/stock/accuracy").text and "2 / 3" in later.get("/stock/accuracy?days=0").text
        assert "⟦" not in later.get("/stock/accuracy").text


def test_constant_number_of_questions(stock_count: StockCount, as_: As) -> None:
    """Four counts cost as many statements as one."""
    settled(stock_count, [("10", "10")])
    browser = as_("logistics_manager")
    pages = ("/stock/accuracy", "/stock/accuracy?by=count")
    before = [questions(browser, path) for path in pages]
    for login in ("returns_clerk", "warehouse_keeper", "returns_clerk"):
        settled(stock_count, [("10", "10")], login)
    assert [questions(browser, path) for path in pages] == before
