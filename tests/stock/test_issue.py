"""Goods that leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import issue
from tests.stock.conftest import Warehouse


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """What is gone is gone; the last one takes the product out of the bin."""
    keeper, one, mug = warehouse.cast.warehouse_keeper, warehouse.one, warehouse.mug
    warehouse.put(one, mug, "5")
    issue(keeper, bin_id=one, product_id=mug, quantity="3", purpose="show", ref=str(new_id()))
    assert warehouse.on_hand(one, mug) == 2
    verify_operation(lambda: issue(keeper, bin_id=one, product_id=mug, quantity="2", purpose="use"))
    assert (warehouse.on_hand(one, mug), warehouse.record("bin", one)["products"]) == (0, [])


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403 in the office; from a device it is kept without effect."""
    warehouse.put(warehouse.one, warehouse.mug, "5")
    said = {"bin_id": warehouse.one, "product_id": warehouse.mug, "quantity": "5", "purpose": "use"}
    for actor in (new_id(), warehouse.cast.camera):
        with pytest.raises(Forbidden):
            issue(actor, **said)
    verdict = device("camera").say("stock.issue", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "outside_grant")
    assert warehouse.on_hand(warehouse.one, warehouse.mug) == 5


def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """STK-2: more than there is. The office refuses; a phone's is in force, and the bin is locked for picking."""
    keeper, one, mug = warehouse.cast.warehouse_keeper, warehouse.one, warehouse.mug
    warehouse.put(one, mug, "5")
    said = {"bin_id": one, "product_id": mug, "quantity": "6", "purpose": "order"}
    with pytest.raises(NotFound):
        issue(keeper, **{**said, "product_id": new_id()})
    with pytest.raises(Refused, match="below_zero"):
        issue(keeper, **said)
    assert warehouse.on_hand(one, mug) == 5
    verdict = device("warehouse_keeper").say("stock.issue", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "below_zero")
    assert warehouse.on_hand(one, mug) == -1
    assert warehouse.record("bin", one)["locked"] is True
    with pytest.raises(Refused, match="bin_locked"):
        issue(keeper, **{**said, "quantity": "1"})


def test_two_phones_take_the_last_one(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """T25: both are kept, the second is flagged, and no verdict tells how many there were (STK-3)."""
    one, mug = warehouse.one, warehouse.mug
    warehouse.put(one, mug, "41")
    said = {"bin_id": one, "product_id": mug, "quantity": "41", "purpose": "show"}
    first, second = (device(login).say("stock.issue", said) for login in ("warehouse_keeper", "shipping_clerk"))
    assert (first["status"], second["status"], second["code"]) == ("applied", "noted", "below_zero")
    assert warehouse.on_hand(one, mug) == -41
    assert "41" not in str({**second["facts"], "product_id": ""})
    assert second["exception"]


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4, also when it was kept as an exception."""
    phone = device("warehouse_keeper")
    data = {"bin_id": str(warehouse.one), "product_id": str(warehouse.mug), "quantity": "2", "purpose": "use"}
    op = phone.op("stock.issue", data)
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["code"], again["code"], again["replayed"]) == ("below_zero", "below_zero", True)
    assert warehouse.on_hand(warehouse.one, warehouse.mug) == -2
