"""Closing a bin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import close_bin, transfer
from tests.stock.conftest import Warehouse


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """An empty one."""
    verify_operation(lambda: close_bin(warehouse.cast.logistics_manager, bin_id=warehouse.two, reason="拆了货架"))
    assert warehouse.record("bin", warehouse.two)["status"] == "archived"
    warehouse.bin("A-01-1-02")


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), warehouse.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            close_bin(actor, bin_id=warehouse.one, reason="x")
    verdict = device("warehouse_keeper").say("stock.close_bin", {"bin_id": warehouse.one, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """STK-12: not while anything lies in it; and not twice."""
    cast, one, two = warehouse.cast, warehouse.one, warehouse.two
    with pytest.raises(NotFound):
        close_bin(cast.logistics_manager, bin_id=new_id(), reason="x")
    warehouse.put(one, warehouse.mug, "5")
    with pytest.raises(Refused, match="bin_has_stock"):
        close_bin(cast.logistics_manager, bin_id=one, reason="x")
    verdict = device("logistics_manager").say("stock.close_bin", {"bin_id": one, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "bin_has_stock")
    transfer(cast.warehouse_keeper, bin_id=one, to_bin_id=two, product_id=warehouse.mug, quantity="5")
    close_bin(cast.logistics_manager, bin_id=one, reason="x")
    with pytest.raises(Refused, match="bin_closed"):
        close_bin(cast.logistics_manager, bin_id=one, reason="x")


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("logistics_manager")
    op = phone.op("stock.close_bin", {"bin_id": str(warehouse.one), "reason": "x"})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
