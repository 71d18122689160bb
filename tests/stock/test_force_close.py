"""Closing without waiting for a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib import clock
from app.lib.clock import MINUTE
from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.stock.operations import close_stock_take, force_close
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]
REASON = "手机掉水里了"


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """T11: a forced close is told apart, and what the phone still held arrives as late, none of it lost."""
    phone = device("shipping_clerk")
    opened = phone.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.two})["id"]
    said = {"bin_count_id": opened, "product_id": str(stock_count.mug), "quantity": "1", "via": "wedge"}
    late = [phone.op("stock.record_count_line", said) for _ in range(3)]
    stock_count.count()
    stock_count.skip(stock_count.two)
    with clock.at(clock.now() + 5 * MINUTE):
        with pytest.raises(Refused, match="devices_not_heard"):
            stock_count.close()
        verify_operation(lambda: force_close(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason=REASON))
        verdicts = phone.send(*late)["verdicts"]
    assert {(verdict["status"], verdict["code"]) for verdict in verdicts} == {("noted", "after_close")}
    closed = stock_count.row().closed
    assert (closed["forced"], closed["reason"], len(stock_count.exceptions())) == (True, REASON, 3)


def test_it_forces_the_waiting_not_the_count(stock_count: StockCount, device: Device) -> None:
    """STK-6: a bin that is left refuses as ever, at both doors."""
    stock_count.count()
    said = {"stock_take_id": stock_count.id, "reason": REASON}
    with pytest.raises(Refused, match="bins_left"):
        force_close(stock_count.cast.shift_lead, **said)
    verdict = device("shift_lead").say("stock.force_close", said)
    assert (verdict["status"], verdict["code"]) == ("rejected", "bins_left")


def test_outsider_and_wrong_role(stock_count: StockCount, device: Device) -> None:
    """Those who plan force; a counter asks them."""
    said = {"stock_take_id": stock_count.id, "reason": REASON}
    for actor in (new_id(), stock_count.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            force_close(actor, **said)
    assert device("warehouse_keeper").say("stock.force_close", said)["code"] == "outside_grant"


def test_wrong_state_and_said_twice(stock_count: StockCount) -> None:
    """GEN-4: a repetition is a replay; closed is closed. Without a reason it is malformed."""
    stock_count.count()
    stock_count.skip(stock_count.two)
    said, operation_id = {"stock_take_id": stock_count.id, "reason": REASON}, new_id()
    with pytest.raises(Refused, match="malformed"):
        force_close(stock_count.cast.shift_lead, **{**said, "reason": ""})
    for _ in range(2):
        assert force_close(stock_count.cast.shift_lead, operation_id=operation_id, **said).status == "applied"
    with pytest.raises(Refused, match="take_in_review"):
        force_close(stock_count.cast.shift_lead, **said)


def test_a_held_close_agrees_with_the_forced_one(stock_count: StockCount, device: Device) -> None:
    """Whoever waited hears that it is closed."""
    one, two = device("warehouse_keeper"), device("shipping_clerk")
    two.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.two})
    stock_count.count()
    stock_count.skip(stock_count.two)
    with clock.at(clock.now() + MINUTE):
        held = one.say("stock.close_stock_take", {"stock_take_id": stock_count.id})
        assert held["status"] == "held"
        force_close(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason=REASON)
    one.pull()
    assert one.get("verdict", held["id"])["status"] == "applied"
    close_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id)
