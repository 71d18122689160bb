"""Dismissing a kept fact: it stays in the log and never takes effect (GEN-6, sync.md §3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import start_run
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.sync.operations import dismiss_operation
from tests.conftest import Cast, device
from tests.sync.kept import Kept, keep_a_fact
from tests.wire import WireDevice

__all__ = ["device"]


@pytest.fixture
def kept(cast: Cast, device: Callable[[str], WireDevice]) -> Kept:
    return keep_a_fact(cast, device)


def test_it_stays_without_effect_and_every_replica_hears(kept: Kept, cast: Cast, verify_operation: Callable[..., Any]) -> None:
    """The item stays open; the device that sent it learns why."""
    verify_operation(lambda: dismiss_operation(cast.shift_lead, kept_id=kept.id, reason="不是当班人"))
    assert kept.item() is None
    verdict = kept.verdict()
    assert (verdict["n"], verdict["status"], verdict["code"]) == (2, "noted", "dismissed")
    assert verdict["facts"]["reason"] == "不是当班人"


@pytest.mark.parametrize("who", ["camera", "stagehand", "supervisor", "admin"])
def test_it_takes_the_right(kept: Kept, cast: Cast, who: str) -> None:
    """Outsider and wrong role: 403."""
    with pytest.raises(Forbidden):
        dismiss_operation(cast[who], kept_id=kept.id, reason="x")
    assert kept.verdict() is None


def test_unknown_operation(cast: Cast) -> None:
    """404."""
    with pytest.raises(NotFound):
        dismiss_operation(cast.shift_lead, kept_id=new_id(), reason="x")


def test_said_twice(kept: Kept, cast: Cast) -> None:
    """Decided is decided; the verdict's number does not grow again."""
    dismiss_operation(cast.shift_lead, kept_id=kept.id, reason="x")
    with pytest.raises(Refused) as refused:
        dismiss_operation(cast.logistics_manager, kept_id=kept.id, reason="x")
    assert refused.value.code == "already_decided"
    assert kept.verdict()["n"] == 2


def test_an_applied_operation_is_not_dismissed(cast: Cast) -> None:
    """Wrong state: what is in force is reversed by its own verbs, not here (GEN-2)."""
    said = start_run(cast.warehouse_keeper, run_id=new_id(), template="CL-WHO@1", title=None)
    with pytest.raises(Refused) as refused:
        dismiss_operation(cast.shift_lead, kept_id=said.id, reason="x")
    assert refused.value.code == "already_decided"
