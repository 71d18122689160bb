"""Using a closed bin again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import close_bin, reopen_bin
from tests.stock.conftest import Warehouse


@pytest.fixture
def closed(warehouse: Warehouse) -> Warehouse:
    close_bin(warehouse.cast.logistics_manager, bin_id=warehouse.one, reason="维修")
    return warehouse


def test_it_works_and_reaches_every_replica(closed: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """As it was."""
    verify_operation(lambda: reopen_bin(closed.cast.logistics_manager, bin_id=closed.one, reason="修好了"))
    assert closed.record("bin", closed.one)["status"] == "active"


def test_outsider_and_wrong_role(closed: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), closed.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            reopen_bin(actor, bin_id=closed.one, reason="x")
    verdict = device("warehouse_keeper").say("stock.reopen_bin", {"bin_id": closed.one, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(closed: Warehouse, device: Callable[[str], Any]) -> None:
    """Its code was given to another meanwhile; a bin that is open, or not there."""
    manager = closed.cast.logistics_manager
    with pytest.raises(NotFound):
        reopen_bin(manager, bin_id=new_id(), reason="x")
    closed.bin("A-01-1-01")
    with pytest.raises(Refused, match="bin_taken"):
        reopen_bin(manager, bin_id=closed.one, reason="x")
    verdict = device("logistics_manager").say("stock.reopen_bin", {"bin_id": closed.one, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "bin_taken")
    with pytest.raises(Refused, match="bin_active"):
        reopen_bin(manager, bin_id=closed.two, reason="x")


def test_said_twice_it_has_one_effect(closed: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("logistics_manager")
    op = phone.op("stock.reopen_bin", {"bin_id": str(closed.one), "reason": "x"})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
