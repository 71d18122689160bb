"""Goods that came in."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from app.ledger.select import balances_of, rebuilt
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.models import bin_account
from app.stock.operations import archive_product, close_bin, receive
from tests.stock.conftest import Warehouse


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """STK-1: on hand is the sum of what moved; devices hear that the product lies there, not how many (STK-3)."""
    keeper, one, mug = warehouse.cast.warehouse_keeper, warehouse.one, warehouse.mug
    verify_operation(lambda: receive(keeper, bin_id=one, product_id=mug, quantity="737", delivery="SF-1"))
    receive(keeper, bin_id=one, product_id=mug, quantity="3")
    assert warehouse.on_hand(one, mug) == 740
    told = warehouse.record("bin", one)
    assert told["products"] == [str(mug)] and "74" not in str({**told, "id": "", "products": []})
    session, site_id = warehouse.fresh(), warehouse.cast.site_id
    sums = rebuilt(session, site_id)
    assert sum(sums.values()) == 0
    assert balances_of(session, site_id, [bin_account(one)]).items() <= sums.items()


def test_what_is_weighed_is_exact(warehouse: Warehouse) -> None:
    """GEN-9: tenths that no binary fraction holds add up, decimals follow the unit."""
    rice = warehouse.product("FOD-1", "米", "Rice", "FOD", unit="kg", lot=False)
    for _ in range(3):
        warehouse.put(warehouse.one, rice, "0.1")
    assert warehouse.on_hand(warehouse.one, rice) == Decimal("0.3")
    with pytest.raises(Refused, match="too_many_decimals"):
        warehouse.put(warehouse.one, warehouse.mug, "0.5")


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403 in the office; from a device it is kept without effect."""
    said = {"bin_id": warehouse.one, "product_id": warehouse.mug, "quantity": "5"}
    for actor in (new_id(), warehouse.cast.stagehand):
        with pytest.raises(Forbidden):
            receive(actor, **said)
    verdict = device("stagehand").say("stock.receive", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "outside_grant")
    assert warehouse.on_hand(warehouse.one, warehouse.mug) == 0


def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """A closed bin, an archived product, no lot where one is kept: refused in the office, in force from a phone."""
    cast, mug, serum = warehouse.cast, warehouse.mug, warehouse.serum
    with pytest.raises(NotFound):
        receive(cast.warehouse_keeper, bin_id=new_id(), product_id=mug, quantity="5")
    close_bin(cast.logistics_manager, bin_id=warehouse.two, reason="x")
    old = warehouse.product("HOM-9", "x", "x", "HOM")
    archive_product(cast.logistics_manager, product_id=old, reason="x")
    phone = device("warehouse_keeper")
    for bin_id, product_id, code in (
        (warehouse.two, mug, "bin_closed"), (warehouse.one, old, "product_archived"), (warehouse.one, serum, "lot_missing"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=code):
            receive(cast.warehouse_keeper, bin_id=bin_id, product_id=product_id, quantity="5")
        verdict = phone.say("stock.receive", {"bin_id": bin_id, "product_id": product_id, "quantity": "5"})
        assert (verdict["status"], verdict["code"]) == ("noted", code)
        assert warehouse.on_hand(bin_id, product_id) == 5


@pytest.mark.parametrize("quantity", ["0", "-1", "1e3", "NaN", "", "1.0001", "10000000", 5, None])
def test_what_is_no_quantity_is_refused(warehouse: Warehouse, device: Callable[[str], Any], quantity: Any) -> None:
    """Exact, more than nothing, and not by a slip of the finger a million."""
    said = {"bin_id": warehouse.one, "product_id": warehouse.mug, "quantity": quantity}
    verdict = device("warehouse_keeper").say("stock.receive", said)
    assert (verdict["status"], verdict["code"]) == ("rejected", "malformed")
    assert "quantity" in verdict["facts"]["fields"]


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4; and two that are alike are two (T2)."""
    phone = device("warehouse_keeper")
    said = {"bin_id": str(warehouse.one), "product_id": str(warehouse.mug), "quantity": "5"}
    op = phone.op("stock.receive", said)
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert warehouse.on_hand(warehouse.one, warehouse.mug) == 5
    phone.say("stock.receive", said)
    assert warehouse.on_hand(warehouse.one, warehouse.mug) == 10
