"""Saying that counting is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib import clock
from app.lib.clock import MINUTE
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.stock.operations import cancel_stock_take, close_stock_take
from app.sync.operations import admit_operation
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """From now on it is reviewed; the counter who closes is a counter as good as any."""
    stock_count.count(lines=[(stock_count.mug, "1")])
    stock_count.skip(stock_count.two)
    phone = device("warehouse_keeper")
    verify_operation(lambda: phone.say("stock.close_stock_take", {"stock_take_id": stock_count.id}))
    assert (stock_count.take()["status"], stock_count.take()["done"]) == ("review", 2)
    assert stock_count.row().closed["by"] == str(stock_count.cast.warehouse_keeper)


def test_bins_left_keep_it_open(stock_count: StockCount, device: Device) -> None:
    """STK-6: a bin neither counted nor skipped with a reason; the same code at both doors, with the bins named."""
    stock_count.count()
    with pytest.raises(Refused, match="bins_left") as refusal:
        stock_count.close()
    assert refusal.value.facts == {"n": 1, "bins": "A-01-1-02"}
    verdict = device("warehouse_keeper").say("stock.close_stock_take", {"stock_take_id": stock_count.id})
    assert (verdict["status"], verdict["code"]) == ("noted", "bins_left")
    with pytest.raises(Refused, match="bins_left"):
        admit_operation(stock_count.cast.shift_lead, kept_id=verdict["id"], reason="算了")
    stock_count.open(stock_count.two)
    with pytest.raises(Refused, match="bins_left"):
        stock_count.close()
    assert stock_count.take()["status"] == "counting"


def test_out_of_tolerance_asks_for_a_recount(stock_count: StockCount, device: Device) -> None:
    """STK-4: more than 2 units and 2 %: by somebody who has not counted it, and nobody else is told (F13)."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "100")
    stock_count.warehouse.put(stock_count.one, stock_count.serum, "100", lot="L1")
    count_id = stock_count.open()
    stock_count.line(count_id, stock_count.mug, "97")
    stock_count.line(count_id, stock_count.serum, "98", lot="L1")
    stock_count.finish(count_id)
    stock_count.skip(stock_count.two)
    assert stock_count.recounts() == []
    stock_count.close()
    asked = stock_count.recounts()
    assert [(one.product_id, one.lot, one.round, one.assigned_to) for one in asked] == [(stock_count.mug, "", 2, None)]
    for login, told in (("warehouse_keeper", 0), ("shipping_clerk", 1), ("returns_clerk", 1), ("shift_lead", 0)):
        assert len(device(login).all("recount")) == told, login


def test_outsider_wrong_role_and_who_is_not_on_the_count(stock_count: StockCount, device: Device) -> None:
    """403 in the office, without effect from a device."""
    stock_count.count()
    stock_count.skip(stock_count.two)
    for actor in (new_id(), stock_count.cast.finance, stock_count.cast.stagehand):
        with pytest.raises(Forbidden):
            close_stock_take(actor, stock_take_id=stock_count.id)
    verdict = device("stagehand").say("stock.close_stock_take", {"stock_take_id": stock_count.id})
    assert (verdict["status"], verdict["code"]) == ("noted", "not_your_count")
    assert stock_count.take()["status"] == "counting"


def test_wrong_state(stock_count: StockCount, device: Device) -> None:
    """Cancelled: the same code at both doors."""
    with pytest.raises(NotFound):
        close_stock_take(stock_count.cast.shift_lead, stock_take_id=new_id())
    cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    with pytest.raises(Refused, match="take_cancelled"):
        stock_count.close()
    verdict = device("warehouse_keeper").say("stock.close_stock_take", {"stock_take_id": stock_count.id})
    assert (verdict["status"], verdict["code"]) == ("noted", "take_cancelled")


def test_said_twice_it_is_closed_once(stock_count: StockCount, device: Device) -> None:
    """GEN-4: a repetition is a replay, and a second person's "over" agrees with the first."""
    stock_count.count()
    stock_count.skip(stock_count.two)
    phone = device("warehouse_keeper")
    op = phone.op("stock.close_stock_take", {"stock_take_id": str(stock_count.id)})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    closed = stock_count.row().closed
    other = device("shipping_clerk").say("stock.close_stock_take", {"stock_take_id": stock_count.id})
    assert (first["status"], again["replayed"], other["status"]) == ("applied", True, "applied")
    assert stock_count.row().closed == closed


def test_it_waits_for_every_phone_that_counts(stock_count: StockCount, device: Device) -> None:
    """T11, sync.md §5: held with the names until the other was heard with everything it had; then its lines are in."""
    one, two = device("warehouse_keeper"), device("shipping_clerk")
    stock_count.count()
    opened = two.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.two})["id"]
    line = two.op(
        "stock.record_count_line",
        {"bin_count_id": opened, "product_id": str(stock_count.mug), "quantity": "5", "via": "wedge"},
    )
    finish = two.op("stock.finish_bin", {"bin_count_id": opened})
    with clock.at(clock.now() + MINUTE):
        done = one.say("stock.close_stock_take", {"stock_take_id": stock_count.id})
    assert (done["status"], done["code"], done["facts"]) == ("held", "devices_not_heard", {"names": "shipping_clerk's device"})
    assert stock_count.take()["status"] == "counting"
    with clock.at(clock.now() + 2 * MINUTE):
        assert {verdict["status"] for verdict in two.send(line, finish)["verdicts"]} == {"applied"}
    one.pull()
    later = one.get("verdict", done["id"])
    assert (later["status"], later["n"], stock_count.take()["status"]) == ("applied", 2, "review")
    assert [line.sides[0].figure.quantity for line in stock_count.review().lines] == [5]


def test_ten_minutes_without_a_network_take_nobody_off_the_count(stock_count: StockCount, device: Device) -> None:
    """T11: a phone that was away comes back with its lines, and its person goes on counting."""
    phone = device("shipping_clerk")
    opened = phone.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.two})["id"]
    said = {"bin_count_id": opened, "product_id": str(stock_count.mug), "quantity": "1", "via": "wedge"}
    away = [phone.op("stock.record_count_line", said) for _ in range(3)]
    with clock.at(clock.now() + 10 * MINUTE):
        assert {verdict["status"] for verdict in phone.send(*away)["verdicts"]} == {"applied"}
        assert phone.say("stock.finish_bin", {"bin_count_id": opened})["status"] == "applied"
    assert len(stock_count.lines()) == 3


def test_the_office_cannot_wait_and_says_for_whom(stock_count: StockCount, device: Device) -> None:
    """T11: refused with the names; a phone heard in the last minute is there."""
    stock_count.count()
    stock_count.skip(stock_count.two)
    device("shipping_clerk").say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.two})
    with clock.at(clock.now() + 5 * MINUTE), pytest.raises(Refused, match="devices_not_heard") as refusal:
        stock_count.close()
    assert "shipping_clerk" in refusal.value.facts["names"]
    stock_count.close()
    assert stock_count.take()["status"] == "review"


def test_nobody_waits_for_what_a_phone_was_before(stock_count: StockCount, device: Device) -> None:
    """T11: a phone that lost its stream goes on as another one, and is heard as that one."""
    stock_count.count()
    stock_count.skip(stock_count.two)
    phone = device("shipping_clerk")
    phone.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.two})
    with clock.at(clock.now() + 5 * MINUTE):
        again: Any = phone.client.post("/api/devices", json={"replaces": str(phone.id)}).json
        with pytest.raises(Refused, match="devices_not_heard"):
            stock_count.close()
        phone.id, phone.seq = Id(again["device"]["id"]), 0
        phone.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.two})
        stock_count.close()
    assert stock_count.take()["status"] == "review"
