"""Taking an archived product back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import archive_product, restore_product
from tests.stock.conftest import MUG_EAN, Warehouse


@pytest.fixture
def archived(warehouse: Warehouse) -> Warehouse:
    archive_product(warehouse.cast.logistics_manager, product_id=warehouse.mug, reason="停产")
    return warehouse


def test_it_works_and_reaches_every_replica(archived: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """As it was."""
    verify_operation(lambda: restore_product(archived.cast.logistics_manager, product_id=archived.mug, reason="又有货了"))
    assert archived.record("product", archived.mug)["status"] == "active"


def test_outsider_and_wrong_role(archived: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), archived.cast.shift_lead):
        with pytest.raises(Forbidden):
            restore_product(actor, product_id=archived.mug, reason="x")
    verdict = device("shift_lead").say("stock.restore_product", {"product_id": archived.mug, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


@pytest.mark.parametrize(("sku", "codes", "code"), [("HOM-0001", [], "sku_taken"), ("HOM-9", [(MUG_EAN, "1")], "code_taken")])
def test_wrong_state(archived: Warehouse, device: Callable[[str], Any], sku: str, codes: Any, code: str) -> None:
    """STK-10: somebody else has its SKU or a code by now."""
    manager = archived.cast.logistics_manager
    with pytest.raises(NotFound):
        restore_product(manager, product_id=new_id(), reason="x")
    archived.product(sku, "x", "x", "HOM", codes=codes)
    with pytest.raises(Refused, match=code):
        restore_product(manager, product_id=archived.mug, reason="x")
    verdict = device("logistics_manager").say("stock.restore_product", {"product_id": archived.mug, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", code)
    with pytest.raises(Refused, match="product_active"):
        restore_product(manager, product_id=archived.serum, reason="x")


def test_said_twice_it_has_one_effect(archived: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("logistics_manager")
    op = phone.op("stock.restore_product", {"product_id": str(archived.mug), "reason": "x"})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
