"""Beginning to count a bin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.stock.counting import BinCount
from app.stock.operations import cancel_stock_take, open_bin
from app.sync.operations import admit_operation
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


def opened(stock_count: StockCount) -> list[BinCount]:
    query = select(BinCount).where(BinCount.stock_take_id == stock_count.id).order_by(BinCount.opened_at, BinCount.id)
    return list(stock_count.fresh().scalars(query))


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """The operation is the count; the stock take has begun, and everybody sees who is where."""
    phone = device("warehouse_keeper")
    said = {"stock_take_id": stock_count.id, "bin_id": stock_count.one}
    verdict = verify_operation(lambda: phone.say("stock.open_bin", said))
    assert verdict["status"] == "applied"
    phone.pull()
    mine = phone.get("bin_count", verdict["id"])
    assert (mine["bin_id"], mine["finished_at"], mine["recounts"]) == (str(stock_count.one), None, [])
    assert (stock_count.take()["status"], stock_count.bin(stock_count.one)["state"]) == ("counting", "counting")
    assert stock_count.bin(stock_count.one)["by"] == [str(stock_count.cast.warehouse_keeper)]
    assert opened(stock_count)[0].device_id == phone.id


def test_nobody_else_is_told_of_a_count(stock_count: StockCount, device: Device) -> None:
    """STK-3: it lies with the person who counts, not with the other counter, not with a lead."""
    count_id = stock_count.open()
    assert device("warehouse_keeper").get("bin_count", count_id) is not None
    assert device("shipping_clerk").get("bin_count", count_id) is None
    assert device("shift_lead").get("bin_count", count_id) is None


def test_outsider_wrong_role_and_who_is_not_on_the_count(stock_count: StockCount, device: Device) -> None:
    """403 in the office, kept without effect from a device; a lead may admit it."""
    said = {"stock_take_id": stock_count.id, "bin_id": stock_count.one}
    for actor in (new_id(), stock_count.cast.finance, stock_count.cast.stagehand):
        with pytest.raises(Forbidden):
            open_bin(actor, **said)
    assert device("finance").say("stock.open_bin", said)["code"] == "outside_grant"
    verdict = device("stagehand").say("stock.open_bin", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "not_your_count")
    assert opened(stock_count) == []
    admit_operation(stock_count.cast.shift_lead, kept_id=verdict["id"], reason="临时帮忙")
    assert [(str(one.id), one.by) for one in opened(stock_count)] == [(verdict["id"], stock_count.cast.stagehand)]


def test_a_bin_nobody_planned_is_kept_until_somebody_takes_it_in(stock_count: StockCount, device: Device) -> None:
    """Wrong state: the same code at both doors; admitted, the bin belongs to the count."""
    third = stock_count.warehouse.bin("A-01-1-03")
    said = {"stock_take_id": stock_count.id, "bin_id": third}
    with pytest.raises(Refused, match="bin_not_planned"):
        open_bin(stock_count.cast.warehouse_keeper, **said)
    phone = device("warehouse_keeper")
    verdict = phone.say("stock.open_bin", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "bin_not_planned")
    line = phone.say(
        "stock.record_count_line",
        {"bin_count_id": verdict["id"], "product_id": stock_count.mug, "quantity": "3", "via": "wedge"},
    )
    assert (line["status"], line["code"]) == ("held", "parent_missing")
    admit_operation(stock_count.cast.shift_lead, kept_id=verdict["id"], reason="也要盘")
    assert (stock_count.bin(third)["state"], stock_count.bin(third)["seq"], stock_count.take()["bins"]) == ("counting", 3, 3)
    assert [line.quantity for line in stock_count.lines()] == [3]


def test_wrong_state(stock_count: StockCount, device: Device) -> None:
    """T8, T11: cancelled, or closed: the same code at both doors, without effect."""
    said = {"stock_take_id": stock_count.id, "bin_id": stock_count.one}
    with pytest.raises(NotFound):
        open_bin(stock_count.cast.warehouse_keeper, **{**said, "stock_take_id": new_id()})
    stock_count.through()
    late = {**said, "bin_id": stock_count.two}
    for code in ("after_close", "take_cancelled"):
        with pytest.raises(Refused, match=code):
            open_bin(stock_count.cast.warehouse_keeper, **late)
        verdict = device("warehouse_keeper").say("stock.open_bin", late)
        assert (verdict["status"], verdict["code"]) == ("noted", code)
        if code == "after_close":
            cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    assert len(opened(stock_count)) == 1


def test_said_twice_it_is_opened_once(stock_count: StockCount, device: Device) -> None:
    """GEN-4: a repetition is a replay."""
    phone = device("warehouse_keeper")
    op = phone.op("stock.open_bin", {"stock_take_id": str(stock_count.id), "bin_id": str(stock_count.one)})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["replayed"], len(opened(stock_count))) == ("applied", True, 1)


def test_one_counts_a_bin_anew_and_the_old_count_is_history(stock_count: StockCount) -> None:
    """STK-4: an own recount takes the place of the first explicitly; both stay."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "10")
    first = stock_count.count(lines=[(stock_count.mug, "4")])
    second = stock_count.count(lines=[(stock_count.mug, "10")], replaces=[first])
    assert stock_count.warehouse.record("bin_count", first)["replaced_by"] == str(second)
    assert [[side.figure.quantity for side in line.sides] for line in stock_count.review().lines] == [[10]]


def test_nobody_replaces_the_count_of_another(stock_count: StockCount) -> None:
    """STK-4: another person's count is a figure of its own."""
    first = stock_count.count(lines=[(stock_count.mug, "4")])
    with pytest.raises(Refused, match="not_your_count"):
        stock_count.open(login="shipping_clerk", replaces=[first])
    with pytest.raises(Refused, match="not_your_count"):
        stock_count.open(stock_count.two, replaces=[first])
    with pytest.raises(NotFound):
        stock_count.open(replaces=[Id(int=1)])
