"""Changing a bin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import change_bin
from tests.stock.conftest import Warehouse


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """What is named changes; what lies in it stays there."""
    warehouse.put(warehouse.one, warehouse.mug, "5")
    verify_operation(lambda: change_bin(warehouse.cast.logistics_manager, bin_id=warehouse.one, code="V-01-1-01", area="V"))
    told = warehouse.record("bin", warehouse.one)
    assert (told["code"], told["area"], told["products"]) == ("V-01-1-01", "V", [str(warehouse.mug)])


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), warehouse.cast.stagehand):
        with pytest.raises(Forbidden):
            change_bin(actor, bin_id=warehouse.one, note="x")
    verdict = device("stagehand").say("stock.change_bin", {"bin_id": warehouse.one, "note": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """A code of another bin, and a bin that is not there."""
    manager = warehouse.cast.logistics_manager
    with pytest.raises(NotFound):
        change_bin(manager, bin_id=new_id(), note="x")
    with pytest.raises(Refused, match="bin_taken"):
        change_bin(manager, bin_id=warehouse.one, code="A-01-1-02")
    verdict = device("logistics_manager").say("stock.change_bin", {"bin_id": warehouse.one, "code": "A-01-1-02"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "bin_taken")
    assert warehouse.record("bin", warehouse.one)["code"] == "A-01-1-01"


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("logistics_manager")
    op = phone.op("stock.change_bin", {"bin_id": str(warehouse.one), "note": "x"})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
