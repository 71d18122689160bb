"""A bin that was not reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import cancel_stock_take, skip_bin
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


def said(stock_count: StockCount, **changes: Any) -> dict[str, Any]:
    return {"stock_take_id": stock_count.id, "bin_id": stock_count.one, "reason": "货架挡住了", **changes}


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """STK-6: not counted is not zero: what the book has there stays, and is no line of the review."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "7")
    phone = device("warehouse_keeper")
    verify_operation(lambda: phone.say("stock.skip_bin", said(stock_count)))
    assert (stock_count.bin(stock_count.one)["state"], stock_count.take()["done"]) == ("skipped", 1)
    stock_count.count(stock_count.two)
    stock_count.close()
    assert stock_count.review().lines == []
    assert stock_count.warehouse.on_hand(stock_count.one, stock_count.mug) == 7


def test_counted_after_all(stock_count: StockCount) -> None:
    """Whoever reaches it later counts it; the reason stays on file."""
    stock_count.skip(stock_count.one)
    stock_count.count()
    assert stock_count.bin(stock_count.one)["state"] == "counted"


def test_outsider_wrong_role_and_who_is_not_on_the_count(stock_count: StockCount, device: Device) -> None:
    """Counters and those who plan; 403 in the office, without effect from a device."""
    for actor in (new_id(), stock_count.cast.finance, stock_count.cast.stagehand):
        with pytest.raises(Forbidden):
            skip_bin(actor, **said(stock_count))
    verdict = device("stagehand").say("stock.skip_bin", said(stock_count))
    assert (verdict["status"], verdict["code"]) == ("noted", "not_your_count")
    assert stock_count.bin(stock_count.one)["state"] == "todo"
    skip_bin(stock_count.cast.logistics_manager, **said(stock_count))
    assert stock_count.bin(stock_count.one)["state"] == "skipped"


def test_wrong_state(stock_count: StockCount, device: Device) -> None:
    """Not planned, closed, cancelled: the same code at both doors. Without a reason it is malformed."""
    keeper, phone = stock_count.cast.warehouse_keeper, device("warehouse_keeper")
    with pytest.raises(NotFound):
        skip_bin(keeper, **said(stock_count, stock_take_id=new_id()))
    with pytest.raises(Refused, match="malformed"):
        skip_bin(keeper, **said(stock_count, reason=""))
    wrong = said(stock_count, bin_id=stock_count.warehouse.bin("A-01-1-03"))
    refused(stock_count, phone, "bin_not_planned", wrong)
    stock_count.through()
    refused(stock_count, phone, "after_close", said(stock_count))
    cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    refused(stock_count, phone, "take_cancelled", said(stock_count))


def refused(stock_count: StockCount, phone: Any, code: str, data: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=code):
        skip_bin(stock_count.cast.warehouse_keeper, **data)
    verdict = phone.say("stock.skip_bin", data)
    assert (verdict["status"], verdict["code"]) == ("noted", code)


def test_said_twice_it_is_skipped_once(stock_count: StockCount, device: Device) -> None:
    """GEN-4: a repetition is a replay."""
    phone = device("warehouse_keeper")
    op = phone.op("stock.skip_bin", {name: str(value) for name, value in said(stock_count).items()})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["replayed"], stock_count.take()["done"]) == ("applied", True, 1)
