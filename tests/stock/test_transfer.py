"""Goods that change their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.operations import transfer
from tests.stock.conftest import Warehouse


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """Out of one bin, into the other, nothing in between; a lot stays what it is."""
    keeper, one, two, serum = warehouse.cast.warehouse_keeper, warehouse.one, warehouse.two, warehouse.serum
    warehouse.put(one, serum, "5", lot="L1", expires_on="2027-05-31")
    verify_operation(lambda: transfer(keeper, bin_id=one, to_bin_id=two, product_id=serum, quantity="5", lot="L1"))
    assert (warehouse.on_hand(one, serum, lot="L1"), warehouse.on_hand(two, serum, lot="L1")) == (0, 5)
    assert (warehouse.record("bin", one)["products"], warehouse.record("bin", two)["products"]) == ([], [str(serum)])


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403 in the office; from a device it is kept without effect."""
    warehouse.put(warehouse.one, warehouse.mug, "5")
    said = {"bin_id": warehouse.one, "to_bin_id": warehouse.two, "product_id": warehouse.mug, "quantity": "5"}
    for actor in (new_id(), warehouse.cast.stagehand):
        with pytest.raises(Forbidden):
            transfer(actor, **said)
    verdict = device("stagehand").say("stock.transfer", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "outside_grant")
    assert warehouse.on_hand(warehouse.one, warehouse.mug) == 5


def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """To the same bin is nothing; of what is not there, the goods are where they were put all the same (STK-2)."""
    keeper, one, two, mug = warehouse.cast.warehouse_keeper, warehouse.one, warehouse.two, warehouse.mug
    said = {"bin_id": one, "to_bin_id": two, "product_id": mug, "quantity": "2"}
    with pytest.raises(NotFound):
        transfer(keeper, **{**said, "to_bin_id": new_id()})
    with pytest.raises(Refused, match="same_bin"):
        transfer(keeper, **{**said, "to_bin_id": one})
    with pytest.raises(Refused, match="below_zero"):
        transfer(keeper, **said)
    verdict = device("warehouse_keeper").say("stock.transfer", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "below_zero")
    assert (warehouse.on_hand(one, mug), warehouse.on_hand(two, mug)) == (-2, 2)


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    warehouse.put(warehouse.one, warehouse.mug, "5")
    phone = device("warehouse_keeper")
    data = {
        "bin_id": str(warehouse.one), "to_bin_id": str(warehouse.two), "product_id": str(warehouse.mug), "quantity": "2",
    }  # fmt: skip
    op = phone.op("stock.transfer", data)
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert warehouse.on_hand(warehouse.two, warehouse.mug) == 2
