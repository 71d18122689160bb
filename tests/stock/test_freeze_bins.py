"""Freezing bins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.stock.operations import (
    approve_stock_take,
    cancel_stock_take,
    close_bin,
    freeze_bins,
    issue,
    receive,
    transfer,
    unfreeze_bins,
)
from tests.checklists.test_pages import HTMX
from tests.stock.conftest import StockCount, Warehouse

As = Callable[[str], FlaskClient]


def freeze(warehouse: Warehouse, *bins: Id, **more: Any) -> None:
    freeze_bins(warehouse.cast.shift_lead, bins=bins or [warehouse.one], reason="查错货", **more)


def is_frozen(warehouse: Warehouse, *bins: Id) -> list[bool]:
    """What devices are told of these bins, else of both."""
    return [warehouse.record("bin", id)["frozen"] for id in bins or (warehouse.one, warehouse.two)]


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """STK-13: frozen until somebody lets go; what is frozen already stays as it is."""
    one, two = warehouse.one, warehouse.two
    verify_operation(lambda: freeze(warehouse))
    assert is_frozen(warehouse) == [True, False]
    freeze(warehouse, one, two)
    assert is_frozen(warehouse) == [True, True]


@pytest.mark.parametrize("verb", [freeze_bins, unfreeze_bins])
def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any], verb: Any) -> None:
    """403, and rejected from a device: both are decisions."""
    said = {"bins": [str(warehouse.one)], **({"reason": "x"} if verb is freeze_bins else {})}
    for actor in (new_id(), warehouse.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            verb(actor, **said)
    verdict = device("warehouse_keeper").say(verb.type, said)
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(stock_count: StockCount, device: Callable[[str], Any]) -> None:
    """Twice, nothing frozen, a bin that is closed or unknown, a count that is over: refused at both doors."""
    warehouse, lead = stock_count.warehouse, stock_count.cast.shift_lead
    phone = device("shift_lead")
    with pytest.raises(Refused, match="bins_not_frozen"):
        unfreeze_bins(lead, bins=[warehouse.one])
    freeze(warehouse)
    with pytest.raises(Refused, match="bins_frozen"):
        freeze(warehouse)
    verdict = phone.say("stock.freeze_bins", {"bins": [str(warehouse.one)], "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "bins_frozen")
    close_bin(stock_count.cast.logistics_manager, bin_id=warehouse.two, reason="x")
    for wrong in (warehouse.two, new_id()):
        with pytest.raises(Refused, match="unknown_bin"):
            freeze(warehouse, wrong)
    with pytest.raises(NotFound):
        freeze(warehouse, stock_take_id=new_id())
    cancel_stock_take(lead, stock_take_id=stock_count.id, reason="x")
    with pytest.raises(Refused, match="take_cancelled"):
        freeze(warehouse, stock_take_id=stock_count.id)


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("shift_lead")
    for type, said in (
        ("freeze_bins", {"bins": [str(warehouse.one)], "reason": "x"}),
        ("unfreeze_bins", {"bins": [str(warehouse.one)]}),
    ):
        op = phone.op(f"stock.{type}", said)
        first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
        assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)


@pytest.mark.parametrize("verb", ["receive", "issue", "transfer out", "transfer in"])
def test_nothing_moves_there(warehouse: Warehouse, device: Callable[[str], Any], verb: str) -> None:
    """STK-13: the office is refused and nothing changes; what a phone did is in force, and an exception waits for a lead."""
    keeper, one, two, mug = warehouse.cast.warehouse_keeper, warehouse.one, warehouse.two, warehouse.mug
    for bin_id in (one, two):
        warehouse.put(bin_id, mug, "5")
    freeze(warehouse)
    said: dict[str, Any] = {"bin_id": str(one), "product_id": str(mug), "quantity": "2"}
    call: Any = {"receive": receive, "issue": issue}.get(verb, transfer)
    if verb == "issue":
        said["purpose"] = "use"
    elif verb != "receive":
        said |= {"bin_id": str(two), "to_bin_id": str(one)} if verb == "transfer in" else {"to_bin_id": str(two)}
    with pytest.raises(Refused, match="bin_frozen"):
        call(keeper, **said)
    assert warehouse.on_hand(one, mug) == 5
    verdict = device("warehouse_keeper").say(call.type, said)
    assert (verdict["status"], verdict["code"], verdict["facts"]) == ("noted", "bin_frozen", {"bin": "A-01-1-01"})
    assert warehouse.record("exception", verdict["exception"])["status"] == "open"
    assert warehouse.on_hand(one, mug) == (3 if verb in ("issue", "transfer out") else 7)
    unfreeze_bins(warehouse.cast.shift_lead, bins=[one])
    call(keeper, **said)


def test_below_zero_is_the_worse_of_two(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """STK-2, STK-13: what has to be counted is what the exception says, and the bin is locked as ever."""
    freeze(warehouse)
    said = {"bin_id": str(warehouse.one), "product_id": str(warehouse.mug), "quantity": "2", "purpose": "use"}
    assert device("warehouse_keeper").say("stock.issue", said)["code"] == "below_zero"
    told = warehouse.record("bin", warehouse.one)
    assert told["locked"] and told["frozen"]


def test_a_count_freezes_nothing_by_itself(stock_count: StockCount) -> None:
    """STK-13: goods move while it is counted, and the difference is that of the moment (STK-5)."""
    stock_count.open()
    assert is_frozen(stock_count.warehouse) == [False, False]
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "5")


@pytest.mark.parametrize("end", ["approved", "cancelled"])
def test_a_freeze_for_a_count_ends_with_it(stock_count: StockCount, end: str) -> None:
    """STK-13: counted all the same; its end lets go of what was frozen for it, not of what was frozen for something else."""
    warehouse, cast = stock_count.warehouse, stock_count.cast
    three = warehouse.bin("A-01-1-03")
    freeze(warehouse, three)
    stock_count.id = stock_count.plan(bins=[stock_count.one, stock_count.two, three], freeze=True)
    assert is_frozen(warehouse, stock_count.one, three) == [True, True]
    stock_count.count()
    assert is_frozen(warehouse, stock_count.one) == [True]
    if end == "cancelled":
        cancel_stock_take(cast.shift_lead, stock_take_id=stock_count.id, reason="x")
    else:
        stock_count.skip(stock_count.two)
        stock_count.skip(three)
        stock_count.close()
        approve_stock_take(cast.logistics_manager, stock_take_id=stock_count.id, basis=[stock_count.review().state()])
    assert is_frozen(warehouse, stock_count.one, stock_count.two, three) == [False, False, True]


def test_the_bin_page(warehouse: Warehouse, as_: As) -> None:
    """One form to freeze, with its reason; one tap to let go; who may not plan counts sees why, and no form."""
    at, lead = f"/stock/bins/{warehouse.one}", as_("shift_lead")
    wrong = lead.post(f"{at}/freezing", data={"reason": ""}, headers=HTMX)
    assert wrong.status_code == 422 and 'id="freeze-reason-error"' in wrong.text
    assert as_("buyer").post(f"{at}/freezing", data={"reason": "x"}).status_code == 403
    assert lead.post(f"{at}/freezing", data={"reason": "查错货"}).status_code == 303
    assert is_frozen(warehouse) == [True, False]
    assert "冻结：查错货" in lead.get(at).text and "已冻结" in lead.get("/stock/bins").text
    buyer = as_("buyer").get(at).text
    assert "冻结：查错货" in buyer and "/freezing" not in buyer
    assert lead.post(f"{at}/freezing/end").status_code == 303
    assert is_frozen(warehouse) == [False, False] and "冻结：查错货" not in lead.get(at).text.split("history")[0]


def test_the_count_page(stock_count: StockCount, as_: As) -> None:
    """All its bins by one tap, and let go by one."""
    at, lead = f"/stock/counts/{stock_count.id}", as_("shift_lead")
    assert lead.post(f"{at}/freezing").status_code == 303
    assert is_frozen(stock_count.warehouse) == [True, True]
    assert "2 个库位已冻结" in lead.get(at).text
    assert f'action="{at}/freezing"' not in lead.get(at).text
    assert as_("finance").post(f"{at}/freezing/end").status_code == 403
    assert lead.post(f"{at}/freezing/end").status_code == 303
    assert is_frozen(stock_count.warehouse) == [False, False]
    assert f'action="{at}/freezing"' in lead.get(at).text
