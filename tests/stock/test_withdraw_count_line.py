"""Taking a line back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import cancel_stock_take, withdraw_count_line
from app.sync.operations import admit_operation
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """F9: the line counts no more, and stays to be seen; scanning again after it works."""
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    first = stock_count.line(count_id, stock_count.mug, "24")
    verify_operation(lambda: phone.say("stock.withdraw_count_line", {"count_line_id": first}))
    stock_count.line(count_id, stock_count.mug, "2")
    stock_count.finish(count_id)
    phone.pull()
    assert phone.get("count_line", f"{count_id}/{first}")["withdrawn"] is True
    assert [line.withdrawn_at is None for line in stock_count.lines()] == [False, True]
    assert [line.sides[0].figure.quantity for line in stock_count.review().lines] == [2]


def test_a_scan_and_its_undo_in_one_push(stock_count: StockCount, device: Device) -> None:
    """The record tells what stands at the end of the push, not what was first written."""
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    said = {"bin_count_id": str(count_id), "product_id": str(stock_count.mug), "quantity": "1", "via": "wedge"}
    scans = [phone.op("stock.record_count_line", said) for _ in range(2)]
    phone.send(*scans, phone.op("stock.withdraw_count_line", {"count_line_id": scans[0]["id"]}))
    phone.pull()
    assert [phone.get("count_line", f"{count_id}/{scan['id']}")["withdrawn"] for scan in scans] == [True, False]


def test_outsider_wrong_role_and_another_s_line(stock_count: StockCount, device: Device) -> None:
    """403 in the office, without effect from a device."""
    line_id = stock_count.line(stock_count.open())
    for actor in (new_id(), stock_count.cast.finance, stock_count.cast.shipping_clerk):
        with pytest.raises(Forbidden):
            withdraw_count_line(actor, count_line_id=line_id)
    for login, code in (("finance", "outside_grant"), ("shipping_clerk", "not_your_count")):
        verdict = device(login).say("stock.withdraw_count_line", {"count_line_id": line_id})
        assert (verdict["status"], verdict["code"]) == ("noted", code)
    assert [line.withdrawn_at for line in stock_count.lines()] == [None]


def test_wrong_state(stock_count: StockCount, device: Device) -> None:
    """T11: after the close and after a cancellation, the same code at both doors; a line nobody recorded is waited for."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "1")
    count_id = stock_count.open()
    line_id = stock_count.line(count_id)
    stock_count.finish(count_id)
    with pytest.raises(NotFound):
        withdraw_count_line(stock_count.cast.warehouse_keeper, count_line_id=new_id())
    phone = device("warehouse_keeper")
    assert phone.say("stock.withdraw_count_line", {"count_line_id": new_id()})["status"] == "held"
    stock_count.skip(stock_count.two)
    stock_count.close()
    with pytest.raises(Refused, match="after_close"):
        withdraw_count_line(stock_count.cast.warehouse_keeper, count_line_id=line_id)
    late = phone.say("stock.withdraw_count_line", {"count_line_id": line_id})
    assert (late["status"], late["code"], stock_count.lines()[0].withdrawn_at) == ("noted", "after_close", None)
    admit_operation(stock_count.cast.shift_lead, kept_id=late["id"], reason="确实扫错了")
    assert [line.outcome for line in stock_count.review().lines] == ["recount"]
    cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    with pytest.raises(Refused, match="take_cancelled"):
        withdraw_count_line(stock_count.cast.warehouse_keeper, count_line_id=line_id)


def test_said_twice_it_is_withdrawn_once(stock_count: StockCount, device: Device) -> None:
    """GEN-4: a repetition is a replay, and taking it back again changes nothing."""
    phone, line_id = device("warehouse_keeper"), stock_count.line(stock_count.open())
    op = phone.op("stock.withdraw_count_line", {"count_line_id": str(line_id)})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    at = stock_count.lines()[0].withdrawn_at
    other = phone.say("stock.withdraw_count_line", {"count_line_id": line_id})
    assert (first["status"], again["replayed"], other["status"]) == ("applied", True, "applied")
    assert stock_count.lines()[0].withdrawn_at == at
