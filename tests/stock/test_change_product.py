"""Changing a product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import change_product
from tests.stock.conftest import MUG_EAN, SERUM_EAN, Warehouse


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """What is named changes, the rest stays; codes take the place of all of them."""
    manager, mug = warehouse.cast.logistics_manager, warehouse.mug
    verify_operation(lambda: change_product(manager, product_id=mug, en="Tall mug", codes=[{"code": MUG_EAN, "pack": "6"}]))
    told = warehouse.record("product", mug)
    assert (told["zh"], told["en"]) == ("马克杯", "Tall mug")
    assert [(code["code"], code["pack"]) for code in told["codes"]] == [(MUG_EAN, "6")]


def test_the_unit_stays_once_goods_have_moved(warehouse: Warehouse) -> None:
    """STK-12: figures of the past would mean something else."""
    manager, mug = warehouse.cast.logistics_manager, warehouse.mug
    change_product(manager, product_id=mug, unit="box")
    warehouse.put(warehouse.one, mug, "5")
    change_product(manager, product_id=mug, unit="box", zh="杯")
    with pytest.raises(Refused, match="unit_in_use") as refusal:
        change_product(manager, product_id=mug, unit="each")
    assert refusal.value.fields == {"unit": ["unit_in_use"]}
    assert warehouse.record("product", mug)["unit"] == "box"


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), warehouse.cast.stagehand):
        with pytest.raises(Forbidden):
            change_product(actor, product_id=warehouse.mug, zh="x")
    verdict = device("stagehand").say("stock.change_product", {"product_id": warehouse.mug, "zh": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """Another's SKU or code (STK-10), and a product that is not there; nothing of the change is kept."""
    manager = warehouse.cast.logistics_manager
    with pytest.raises(NotFound):
        change_product(manager, product_id=new_id(), zh="x")
    for changes, code in (({"sku": "COS-0001"}, "sku_taken"), ({"zh": "y", "codes": [{"code": SERUM_EAN}]}, "code_taken")):
        with pytest.raises(Refused, match=code):
            change_product(manager, product_id=warehouse.mug, **changes)
        verdict = device("logistics_manager").say("stock.change_product", {"product_id": warehouse.mug, **changes})
        assert (verdict["status"], verdict["code"]) == ("rejected", code)
    assert warehouse.record("product", warehouse.mug)["zh"] == "马克杯"


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("logistics_manager")
    op = phone.op("stock.change_product", {"product_id": str(warehouse.mug), "zh": "杯"})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
