"""Counting again, by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib import clock
from app.lib.clock import MINUTE
from app.lib.errors import Forbidden, Refused
from app.lib.ids import Id, new_id
from app.stock.operations import ask_recount, open_bin, plan_stock_take
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


@pytest.fixture
def counted(stock_count: StockCount) -> StockCount:
    """Thirty mugs in the book, one short by the keeper's count: within the tolerance, so nobody asked yet."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.through((stock_count.mug, "29"))
    return stock_count


def said(stock_count: StockCount, **changes: Any) -> dict[str, Any]:
    lines = [{"bin_id": stock_count.one, "product_id": stock_count.mug}]
    return {"stock_take_id": stock_count.id, "lines": lines, **changes}


def recount(stock_count: StockCount, login: str, quantity: str) -> Id:
    """Do every open recount of bin one."""
    asked = [one.id for one in stock_count.recounts()]
    return stock_count.count(login=login, lines=[(stock_count.mug, quantity)], recounts=asked)


def test_it_works_and_reaches_every_replica(
    counted: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """F13, STK-3: the named person alone is told, and nothing of what was counted or of the book."""
    verify_operation(lambda: ask_recount(counted.cast.logistics_manager, **said(counted, assigned_to=counted.cast.stagehand)))
    told = device("stagehand").all("recount")
    assert [set(one) for one in told] == [{"id", "stock_take_id", "bin_id", "product_id", "lot", "status", "round"}]
    assert device("shipping_clerk").all("recount") == []
    assert recount(counted, "stagehand", "30")
    assert (counted.recounts(), [len(line.sides) for line in counted.review().lines]) == ([], [2])


def test_asked_again_it_goes_to_somebody_else(counted: StockCount, device: Device) -> None:
    """One open recount a line."""
    ask_recount(counted.cast.logistics_manager, **said(counted))
    ask_recount(counted.cast.logistics_manager, **said(counted, assigned_to=counted.cast.returns_clerk))
    assert [one.assigned_to for one in counted.recounts()] == [counted.cast.returns_clerk]
    assert (device("shipping_clerk").all("recount"), len(device("returns_clerk").all("recount"))) == ([], 1)


def test_outsider_and_wrong_role(counted: StockCount, device: Device) -> None:
    """Reviewers ask."""
    for actor in (new_id(), counted.cast.warehouse_keeper, counted.cast.stagehand):
        with pytest.raises(Forbidden):
            ask_recount(actor, **said(counted))
    assert device("warehouse_keeper").say("stock.ask_recount", said(counted))["status"] == "rejected"


def test_wrong_state(stock_count: StockCount, device: Device) -> None:
    """While counting there is no review; a line that is not there; the same at both doors."""
    manager = stock_count.cast.logistics_manager
    with pytest.raises(Refused, match="take_not_in_review"):
        ask_recount(manager, **said(stock_count))
    assert device("logistics_manager").say("stock.ask_recount", said(stock_count))["code"] == "take_not_in_review"
    stock_count.through()
    with pytest.raises(Refused, match="unknown_line"):
        ask_recount(manager, **said(stock_count))
    with pytest.raises(Refused, match="malformed"):
        ask_recount(manager, **said(stock_count, lines=[]))


def test_said_twice_it_is_asked_once(counted: StockCount) -> None:
    """GEN-4: a form sent twice, and a line named twice."""
    operation_id, lines = new_id(), said(counted)["lines"] * 2
    for _ in range(2):
        ask_recount(counted.cast.logistics_manager, operation_id=operation_id, **said(counted, lines=lines))
    assert len(counted.recounts()) == 1


def test_never_by_who_counted_it(counted: StockCount, device: Device) -> None:
    """T23, STK-4, GEN-3: not when asked, not when opened; a phone's is kept without effect."""
    with pytest.raises(Refused, match="own_recount"):
        ask_recount(counted.cast.logistics_manager, **said(counted, assigned_to=counted.cast.warehouse_keeper))
    with pytest.raises(Refused, match="cannot_recount"):
        ask_recount(counted.cast.logistics_manager, **said(counted, assigned_to=counted.cast.finance))
    ask_recount(counted.cast.logistics_manager, **said(counted))
    opening = {"stock_take_id": counted.id, "bin_id": counted.one, "recounts": [one.id for one in counted.recounts()]}
    with pytest.raises(Refused, match="own_recount"):
        open_bin(counted.cast.warehouse_keeper, **opening)
    verdict = device("warehouse_keeper").say("stock.open_bin", opening)
    assert (verdict["status"], verdict["code"]) == ("noted", "own_recount")
    with pytest.raises(Refused, match="unknown_recount"):
        open_bin(counted.cast.shipping_clerk, **{**opening, "bin_id": counted.two})
    with pytest.raises(Refused, match="unknown_recount"):
        open_bin(counted.cast.shipping_clerk, **{**opening, "recounts": [new_id()]})


def test_a_reviewer_who_counted_is_none(counted: StockCount) -> None:
    """GEN-3, T23: counter, recounter and reviewer are three."""
    ask_recount(counted.cast.logistics_manager, **said(counted, assigned_to=counted.cast.shift_lead))
    recount(counted, "shift_lead", "20")
    with pytest.raises(Refused, match="own_count"):
        ask_recount(counted.cast.shift_lead, **said(counted))


def test_a_third_decides_between_two(stock_count: StockCount, device: Device) -> None:
    """STK-4, T23: two disagree, so a third is asked by itself: told to neither of them, and none of their figures with it."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.through((stock_count.mug, "20"))
    assert [one.round for one in stock_count.recounts()] == [2]
    with clock.at(clock.now() + MINUTE):
        recount(stock_count, "shipping_clerk", "30")
        assert [one.round for one in stock_count.recounts()] == [3]
        for login, told in (("warehouse_keeper", 0), ("shipping_clerk", 0), ("returns_clerk", 1)):
            assert len(device(login).all("recount")) == told, login
        with pytest.raises(Refused, match="own_recount"):
            recount(stock_count, "shipping_clerk", "30")
    with clock.at(clock.now() + 2 * MINUTE):
        recount(stock_count, "returns_clerk", "29")
    line = stock_count.review().lines[0]
    assert line.settled is not None
    assert (line.settled.figure.quantity, line.settled.figure.by) == (29, stock_count.cast.returns_clerk)
    assert (stock_count.recounts(), line.outcome) == ([], "within")


def test_two_who_counted_the_bin_on_their_own(stock_count: StockCount) -> None:
    """STK-4: another person's count of the bin is the recount: agreeing settles it, disagreeing calls the third at the close."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.count(lines=[(stock_count.mug, "20")])
    stock_count.count(login="shipping_clerk", lines=[(stock_count.mug, "21")])
    stock_count.skip(stock_count.two)
    stock_count.close()
    assert (stock_count.recounts(), [line.outcome for line in stock_count.review().lines]) == ([], ["outside"])
    stock_count.id = new_id()
    plan_stock_take(
        stock_count.cast.shift_lead, stock_take_id=stock_count.id, title="再盘", kind="spot", bins=[stock_count.one],
        overlap=True, counters=[stock_count.cast[login] for login in ("warehouse_keeper", "shipping_clerk", "returns_clerk")],
    )  # fmt: skip
    stock_count.count(lines=[(stock_count.mug, "20")])
    stock_count.count(login="shipping_clerk", lines=[(stock_count.mug, "30")])
    stock_count.close()
    assert [one.round for one in stock_count.recounts()] == [3]


def test_the_book_is_withheld_from_who_recounts(counted: StockCount, device: Device) -> None:
    """STK-3: from being told until it is done."""
    clerk = device("returns_clerk")
    assert has_book(clerk)
    ask_recount(counted.cast.logistics_manager, **said(counted, assigned_to=counted.cast.returns_clerk))
    assert not has_book(clerk)
    recount(counted, "returns_clerk", "30")
    assert has_book(clerk)


def has_book(phone: Any) -> bool:
    return any(name.endswith(":book") for name in phone.pull()["buckets"])
