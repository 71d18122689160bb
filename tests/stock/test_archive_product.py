"""Archiving a product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import archive_product, issue
from tests.stock.conftest import Warehouse


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """It stays readable: what was counted once keeps its name."""
    manager = warehouse.cast.logistics_manager
    verify_operation(lambda: archive_product(manager, product_id=warehouse.mug, reason="停产"))
    told = warehouse.record("product", warehouse.mug)
    assert (told["status"], told["zh"]) == ("archived", "马克杯")


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), warehouse.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            archive_product(actor, product_id=warehouse.mug, reason="x")
    verdict = device("warehouse_keeper").say("stock.archive_product", {"product_id": warehouse.mug, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """STK-12: not while any of it is in the house; and not twice."""
    cast = warehouse.cast
    with pytest.raises(NotFound):
        archive_product(cast.logistics_manager, product_id=new_id(), reason="x")
    warehouse.put(warehouse.one, warehouse.mug, "5")
    with pytest.raises(Refused, match="product_has_stock"):
        archive_product(cast.logistics_manager, product_id=warehouse.mug, reason="x")
    verdict = device("logistics_manager").say("stock.archive_product", {"product_id": warehouse.mug, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "product_has_stock")
    issue(cast.warehouse_keeper, bin_id=warehouse.one, product_id=warehouse.mug, quantity="5", purpose="use")
    archive_product(cast.logistics_manager, product_id=warehouse.mug, reason="x")
    with pytest.raises(Refused, match="product_archived"):
        archive_product(cast.logistics_manager, product_id=warehouse.mug, reason="x")


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("logistics_manager")
    op = phone.op("stock.archive_product", {"product_id": str(warehouse.mug), "reason": "x"})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
