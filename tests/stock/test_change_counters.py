"""Other people on a count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.stock.operations import cancel_stock_take, change_counters
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


def said(stock_count: StockCount, *logins: str) -> dict[str, Any]:
    return {"stock_take_id": stock_count.id, "counters": [stock_count.cast[login] for login in logins]}


def test_it_works_and_reaches_every_replica(stock_count: StockCount, verify_operation: Callable[..., Any]) -> None:
    """Who was taken off counts no more; what they counted stays."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "3")
    stock_count.count(lines=[(stock_count.mug, "3")])
    verify_operation(lambda: change_counters(stock_count.cast.shift_lead, **said(stock_count, "stagehand", "stagehand")))
    assert stock_count.take()["counters"] == [str(stock_count.cast.stagehand)]
    with pytest.raises(Forbidden):
        stock_count.open(stock_count.two)
    assert [line.outcome for line in stock_count.review().lines] == ["matched"]


def test_a_new_counter_is_told_of_open_recounts(stock_count: StockCount, device: Device) -> None:
    """F13: in review somebody who has not counted is put on it, and hears what is to be counted again."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.through((stock_count.mug, "3"))
    hand, clerk = device("stagehand"), device("shipping_clerk")
    assert (len(hand.all("recount")), len(clerk.all("recount"))) == (0, 1)
    change_counters(stock_count.cast.shift_lead, **said(stock_count, "warehouse_keeper", "stagehand"))
    hand.pull()
    clerk.pull()
    assert (len(hand.all("recount")), len(clerk.all("recount"))) == (1, 0)


def test_outsider_and_wrong_role(stock_count: StockCount, device: Device) -> None:
    """Those who plan choose."""
    for actor in (new_id(), stock_count.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            change_counters(actor, **said(stock_count, "stagehand"))
    assert device("warehouse_keeper").say("stock.change_counters", said(stock_count, "stagehand"))["status"] == "rejected"


def test_wrong_state_and_wrong_people(stock_count: StockCount, device: Device) -> None:
    """One who does not count, nobody at all, a count that has ended: refused at both doors."""
    lead = stock_count.cast.shift_lead
    for people, code in (("finance",), "cannot_count"), ((), "malformed"):
        with pytest.raises(Refused, match=code):
            change_counters(lead, **said(stock_count, *people))
        assert device("shift_lead").say("stock.change_counters", said(stock_count, *people))["code"] == code
    cancel_stock_take(lead, stock_take_id=stock_count.id, reason="改期")
    with pytest.raises(Refused, match="take_cancelled"):
        change_counters(lead, **said(stock_count, "stagehand"))


def test_said_twice(stock_count: StockCount) -> None:
    """GEN-4: a form sent twice has one effect."""
    operation_id = new_id()
    for _ in range(2):
        change_counters(stock_count.cast.shift_lead, operation_id=operation_id, **said(stock_count, "stagehand"))
    assert stock_count.take()["counters"] == [str(stock_count.cast.stagehand)]
