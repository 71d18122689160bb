"""A new bin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.stock.operations import add_bin
from tests.stock.conftest import Warehouse


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """Known on the whole site, with nothing in it."""
    bin_id = new_id()
    verify_operation(lambda: add_bin(warehouse.cast.logistics_manager, bin_id=bin_id, code="B-02-1-01", area="B", note="梯子"))
    assert warehouse.record("bin", bin_id) == {
        "id": str(bin_id), "code": "B-02-1-01", "area": "B", "note": "梯子", "status": "active", "locked": False,
        "frozen": False, "products": [],
    }  # fmt: skip


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), warehouse.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            add_bin(actor, bin_id=new_id(), code="B-1", area="B")
    verdict = device("warehouse_keeper").say("stock.add_bin", {"bin_id": new_id(), "code": "B-1", "area": "B"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"code": "a-01-1-01", "area": "A"}, "bin_taken"),
        ({"code": "A-9", "area": "Z"}, "unknown_area"),
        ({"area": "A"}, "malformed"),
    ],
)
def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any], said: dict[str, Any], code: str) -> None:
    """A code of another bin, however it is written; an area nobody knows; no code."""
    with pytest.raises(Refused, match=code):
        add_bin(warehouse.cast.logistics_manager, bin_id=new_id(), **said)
    verdict = device("logistics_manager").say("stock.add_bin", {"bin_id": new_id(), **said})
    assert (verdict["status"], verdict["code"]) == ("rejected", code)
    with pytest.raises(Refused, match="id_taken"):
        add_bin(warehouse.cast.logistics_manager, bin_id=warehouse.one, code="A-9", area="A")


def test_said_twice_it_is_one_bin(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("logistics_manager")
    op = phone.op("stock.add_bin", {"bin_id": str(new_id()), "code": "B-1", "area": "B"})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
