"""Saying that this is all that lies in a bin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import cancel_stock_take, finish_bin
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """The bin is counted, and the stock take one bin further."""
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    stock_count.line(count_id)
    verify_operation(lambda: phone.say("stock.finish_bin", {"bin_count_id": count_id}))
    phone.pull()
    assert phone.get("bin_count", count_id)["finished_at"] is not None
    assert (stock_count.bin(stock_count.one)["state"], stock_count.take()["done"]) == ("counted", 1)


def test_what_nobody_saw_is_not_found_and_never_zero_by_one_person(stock_count: StockCount) -> None:
    """STK-6: the book's goods of a finished bin that have no line wait for a second person, however few they are."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "1")
    stock_count.warehouse.put(stock_count.two, stock_count.serum, "8", lot="L1")
    stock_count.count(lines=[(stock_count.serum, "1")])
    found = {line.key.product_id: line for line in stock_count.review().lines}
    assert set(found) == {stock_count.mug, stock_count.serum}
    mug = found[stock_count.mug]
    assert ([side.figure.quantity for side in mug.sides], mug.settled, mug.standing.round) == ([0], None, 2)
    assert stock_count.warehouse.on_hand(stock_count.two, stock_count.serum, lot="L1") == 8


def test_two_who_find_nothing_agree(stock_count: StockCount) -> None:
    """STK-6: the second person is another person."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "1")
    stock_count.count()
    stock_count.count(login="shipping_clerk")
    assert [line.outcome for line in stock_count.review().lines] == ["within"]


def test_an_empty_bin(stock_count: StockCount, device: Device) -> None:
    """One tap for "nothing lies here"; with a line in it that cannot be, and the line holds (GEN-6)."""
    count_id = stock_count.open()
    stock_count.finish(count_id, is_empty=True)
    assert stock_count.warehouse.record("bin_count", count_id)["is_empty"] is True
    other = stock_count.open(stock_count.two)
    stock_count.line(other, stock_count.mug, "3")
    said = {"bin_count_id": other, "is_empty": True}
    with pytest.raises(Refused, match="bin_not_empty"):
        finish_bin(stock_count.cast.warehouse_keeper, **said)
    verdict = device("warehouse_keeper").say("stock.finish_bin", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "bin_not_empty")
    assert [line.sides[0].figure.quantity for line in stock_count.review().lines] == [3]


def test_outsider_wrong_role_and_another_s_count(stock_count: StockCount, device: Device) -> None:
    """403 in the office, without effect from a device."""
    count_id = stock_count.open()
    for actor in (new_id(), stock_count.cast.finance, stock_count.cast.shipping_clerk):
        with pytest.raises(Forbidden):
            finish_bin(actor, bin_count_id=count_id)
    for login, code in (("finance", "outside_grant"), ("shipping_clerk", "not_your_count")):
        verdict = device(login).say("stock.finish_bin", {"bin_count_id": count_id})
        assert (verdict["status"], verdict["code"]) == ("noted", code)
    assert stock_count.bin(stock_count.one)["state"] == "counting"


def test_wrong_state(stock_count: StockCount, device: Device) -> None:
    """Cancelled: the same code at both doors; a count that nobody opened is waited for."""
    count_id = stock_count.open()
    with pytest.raises(NotFound):
        finish_bin(stock_count.cast.warehouse_keeper, bin_count_id=new_id())
    phone = device("warehouse_keeper")
    assert phone.say("stock.finish_bin", {"bin_count_id": new_id()})["code"] == "parent_missing"
    cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    with pytest.raises(Refused, match="take_cancelled"):
        finish_bin(stock_count.cast.warehouse_keeper, bin_count_id=count_id)
    verdict = phone.say("stock.finish_bin", {"bin_count_id": count_id})
    assert (verdict["status"], verdict["code"]) == ("noted", "take_cancelled")


def test_said_twice_it_is_finished_once(stock_count: StockCount, device: Device) -> None:
    """GEN-4: a repetition is a replay, and a second "that is all" keeps the first moment."""
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    op = phone.op("stock.finish_bin", {"bin_count_id": str(count_id)})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    at = stock_count.warehouse.record("bin_count", count_id)["finished_at"]
    assert phone.say("stock.finish_bin", {"bin_count_id": count_id})["status"] == "applied"
    assert (first["status"], again["replayed"]) == ("applied", True)
    assert stock_count.warehouse.record("bin_count", count_id)["finished_at"] == at
