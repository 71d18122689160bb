"""Letting go of frozen bins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.stock.operations import unfreeze_bins
from tests.stock.conftest import Warehouse
from tests.stock.test_freeze_bins import freeze, is_frozen


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """STK-13: also of bins of which only some are frozen; goods move there again."""
    freeze(warehouse)
    verify_operation(lambda: unfreeze_bins(warehouse.cast.shift_lead, bins=[warehouse.one, warehouse.two]))
    assert is_frozen(warehouse) == [False, False]
    warehouse.put(warehouse.one, warehouse.mug, "1")


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device: it is a decision."""
    freeze(warehouse)
    for actor in (new_id(), warehouse.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            unfreeze_bins(actor, bins=[warehouse.one])
    verdict = device("warehouse_keeper").say("stock.unfreeze_bins", {"bins": [str(warehouse.one)]})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")
    assert is_frozen(warehouse) == [True, False]


def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """None of them is frozen, one that is unknown, none at all: refused at both doors."""
    for bins, code in (([warehouse.one], "bins_not_frozen"), ([new_id()], "unknown_bin"), ([], "malformed")):
        with pytest.raises(Refused, match=code):
            unfreeze_bins(warehouse.cast.shift_lead, bins=bins)
        verdict = device("shift_lead").say("stock.unfreeze_bins", {"bins": bins})
        assert (verdict["status"], verdict["code"]) == ("rejected", code)


def test_said_twice_it_has_one_effect(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    freeze(warehouse)
    phone = device("shift_lead")
    op = phone.op("stock.unfreeze_bins", {"bins": [str(warehouse.one)]})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
