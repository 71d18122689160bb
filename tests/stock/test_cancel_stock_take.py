"""A count that is off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib import clock
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import cancel_stock_take
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


def said(stock_count: StockCount, **changes: Any) -> dict[str, Any]:
    return {"stock_take_id": stock_count.id, "reason": "改到下周", **changes}


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """Also in review: nobody recounts any more, the lines stay readable, the book is as it was."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "9")
    stock_count.through((stock_count.mug, "1"))
    clerk = device("shipping_clerk")
    assert len(clerk.all("recount")) == 1
    verify_operation(lambda: cancel_stock_take(stock_count.cast.shift_lead, **said(stock_count)))
    clerk.pull()
    assert (stock_count.take()["status"], clerk.all("recount"), len(stock_count.lines())) == ("cancelled", [], 1)
    assert stock_count.warehouse.on_hand(stock_count.one, stock_count.mug) == 9


def test_outsider_and_wrong_role(stock_count: StockCount, device: Device) -> None:
    """Those who plan cancel."""
    for actor in (new_id(), stock_count.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            cancel_stock_take(actor, **said(stock_count))
    assert device("warehouse_keeper").say("stock.cancel_stock_take", said(stock_count))["status"] == "rejected"


def test_wrong_state_and_said_twice(stock_count: StockCount, device: Device) -> None:
    """GEN-4: a repetition is a replay; cancelled is cancelled, at both doors."""
    operation_id = new_id()
    for _ in range(2):
        cancel_stock_take(stock_count.cast.shift_lead, operation_id=operation_id, **said(stock_count))
    with pytest.raises(Refused, match="take_cancelled"):
        cancel_stock_take(stock_count.cast.shift_lead, **said(stock_count))
    verdict = device("shift_lead").say("stock.cancel_stock_take", said(stock_count))
    assert (verdict["status"], verdict["code"]) == ("rejected", "take_cancelled")
    with pytest.raises(NotFound):
        cancel_stock_take(stock_count.cast.shift_lead, **said(stock_count, stock_take_id=new_id()))


def test_who_waits_to_close_it_hears(stock_count: StockCount, device: Device) -> None:
    """An "over" that was held for another phone waits for nothing any more, whenever that one comes back (sync.md §3)."""
    one, two = device("warehouse_keeper"), device("shipping_clerk")
    stock_count.count()
    two.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.two})
    with clock.at(clock.now() + clock.MINUTE):
        held = one.say("stock.close_stock_take", {"stock_take_id": stock_count.id})
        assert held["status"] == "held"
        cancel_stock_take(stock_count.cast.shift_lead, **said(stock_count))
        one.pull()
    later = one.get("verdict", held["id"])
    assert (later["status"], later["code"]) == ("noted", "take_cancelled")
