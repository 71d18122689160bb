"""Planning a count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.stock.operations import cancel_stock_take, close_bin, plan_stock_take
from tests.stock.conftest import StockCount


def said(stock_count: StockCount, **changes: Any) -> dict[str, Any]:
    found = {
        "stock_take_id": new_id(), "title": "A 区循环盘点", "kind": "cycle", "bins": [stock_count.one, stock_count.two],
        "counters": [stock_count.cast.warehouse_keeper], "overlap": True,
    }  # fmt: skip
    return {**found, **changes}


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Callable[[str], Any], verify_operation: Callable[..., Any]
) -> None:
    """Everybody hears of it; tolerances and how the bins were chosen stay in the office."""
    data = said(stock_count, tolerance={"units": "5"}, scope={"area": "A"}, due_at=1_900_000_000_000)
    verify_operation(lambda: plan_stock_take(stock_count.cast.shift_lead, **data))
    tablet = device("warehouse_keeper")
    take = tablet.get("stock_take", data["stock_take_id"])
    assert (take["no"], take["status"], take["bins"], take["done"], take["blind"]) == (2, "planned", 2, 0, True)
    assert take["counters"] == [str(stock_count.cast.warehouse_keeper)]
    assert not {"tolerance", "scope"} & set(take)
    bins = [one for one in tablet.all("stock_take_bin") if one["stock_take_id"] == take["id"]]
    assert [(one["bin_id"], one["seq"], one["state"]) for one in sorted(bins, key=lambda one: one["seq"])] == [
        (str(stock_count.one), 1, "todo"),
        (str(stock_count.two), 2, "todo"),
    ]


def test_tolerances_are_the_house_s_unless_said(stock_count: StockCount) -> None:
    """STK-4: the starter pack's figures, each replaced by what the planner says."""
    assert stock_count.row().tolerance == {"units": "2", "percent": "2", "value_fen": 20000, "class_a_units": "0"}
    stock_count.id = stock_count.plan(tolerance={"percent": "1.5", "value_fen": 5000})
    assert stock_count.row().tolerance == {"units": "2", "percent": "1.5", "value_fen": 5000, "class_a_units": "0"}


def test_outsider_and_wrong_role(stock_count: StockCount, device: Callable[[str], Any]) -> None:
    """Leads plan. A decision from a device is refused, not kept."""
    for actor in (new_id(), stock_count.cast.warehouse_keeper, stock_count.cast.finance):
        with pytest.raises(Forbidden):
            plan_stock_take(actor, **said(stock_count))
    verdict = device("warehouse_keeper").say("stock.plan_stock_take", said(stock_count))
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_what_cannot_be_planned(stock_count: StockCount, device: Callable[[str], Any]) -> None:
    """A closed bin, a bin nobody knows, a person nobody knows, and one who does not count; the same at both doors."""
    cast = stock_count.cast
    closed = stock_count.warehouse.bin("A-09-1-01")
    close_bin(cast.logistics_manager, bin_id=closed, reason="拆架")
    wrong = [
        ({"bins": [closed]}, "unknown_bin"),
        ({"bins": [new_id()]}, "unknown_bin"),
        ({"counters": [new_id()]}, "unknown_person"),
        ({"counters": [cast.warehouse_keeper, cast.finance]}, "cannot_count"),
        ({"stock_take_id": stock_count.id}, "id_taken"),
        ({"bins": []}, "malformed"),
        ({"counters": []}, "malformed"),
    ]
    for changes, code in wrong:
        with pytest.raises(Refused, match=code):
            plan_stock_take(cast.shift_lead, **said(stock_count, **changes))
        verdict = device("shift_lead").say("stock.plan_stock_take", said(stock_count, **changes))
        assert (verdict["status"], verdict["code"]) == ("rejected", code)


def test_said_twice_it_is_planned_once(stock_count: StockCount) -> None:
    """GEN-4: a form sent twice. A bin named twice is counted once."""
    data, operation_id = said(stock_count, bins=[stock_count.one, stock_count.one]), new_id()
    for _ in range(2):
        plan_stock_take(stock_count.cast.shift_lead, operation_id=operation_id, **data)
    stock_count.id = data["stock_take_id"]
    assert (stock_count.take()["no"], stock_count.take()["bins"]) == (2, 1)


def test_a_bin_of_another_open_count(stock_count: StockCount, device: Callable[[str], Any]) -> None:
    """Two counts of one bin at the same time are refused with the name of the other, unless the planner says so."""
    lead, wanted = stock_count.cast.shift_lead, said(stock_count, bins=[stock_count.one], overlap=False)
    for status in ("planned", "counting", "review"):
        with pytest.raises(Refused, match="bins_busy") as refused:
            plan_stock_take(lead, **wanted)
        assert refused.value.facts["counts"] == "1 周末盘点", status
        verdict = device("shift_lead").say("stock.plan_stock_take", wanted)
        assert (verdict["status"], verdict["code"]) == ("rejected", "bins_busy")
        if status == "planned":
            stock_count.count(lines=[])
        elif status == "counting":
            stock_count.skip(stock_count.two)
            stock_count.close()
    plan_stock_take(lead, **{**wanted, "overlap": True, "stock_take_id": new_id()})
    three = stock_count.warehouse.bin("A-01-1-03")
    plan_stock_take(lead, **{**wanted, "bins": [three], "stock_take_id": new_id()})


def test_it_is_no_matter_once_the_other_has_ended(stock_count: StockCount) -> None:
    """Called off or approved."""
    cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    plan_stock_take(stock_count.cast.shift_lead, **said(stock_count, overlap=False))


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_counts_the_last_figure_stands(stock_count: StockCount, first: int) -> None:
    """STK-5: in whatever order the two are approved."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    takes = [stock_count.id, stock_count.plan()]
    for take_id, quantity in zip(takes, ("30", "29"), strict=True):
        stock_count.id = take_id
        stock_count.through((stock_count.mug, quantity))
    for at in (first, 1 - first):
        stock_count.id = takes[at]
        stock_count.approve()
    assert stock_count.warehouse.on_hand(stock_count.one, stock_count.mug) == 29
