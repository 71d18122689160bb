"""Admitting a kept fact: it takes effect as of its own time (GEN-6, sync.md §3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.sync.operations import admit_operation, dismiss_operation
from tests.conftest import Cast, device
from tests.sync.kept import Kept, keep_a_fact
from tests.wire import WireDevice

__all__ = ["device"]


@pytest.fixture
def kept(cast: Cast, device: Callable[[str], WireDevice]) -> Kept:
    return keep_a_fact(cast, device)


def test_it_takes_effect_and_reaches_every_replica(kept: Kept, cast: Cast, verify_operation: Callable[..., Any]) -> None:
    """The answer stands with its author and time; its device hears a second verdict."""
    assert kept.item() is None
    verify_operation(lambda: admit_operation(cast.shift_lead, kept_id=kept.id, reason="替班,现场看过"))
    (answer,) = kept.item()["answers"]
    assert (answer["id"], answer["by"]) == (str(kept.id), str(cast.camera))
    verdict = kept.verdict()
    assert (verdict["n"], verdict["status"], verdict["code"]) == (2, "applied", None)


def test_nobody_admits_their_own(kept: Kept, cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """GEN-3: two people means two people."""
    lead = device("shift_lead")
    run = lead.say("checklists.finish_run", {"run_id": kept.run_id})
    with pytest.raises(Refused) as refused:
        admit_operation(cast.shift_lead, kept_id=run["id"], reason="x")
    assert refused.value.code in {"own_operation", "already_decided"}
    with pytest.raises(Forbidden):
        admit_operation(cast.camera, kept_id=kept.id, reason="x")


@pytest.mark.parametrize("who", ["stagehand", "supervisor", "admin"])
def test_it_takes_the_right(kept: Kept, cast: Cast, who: str) -> None:
    """Wrong role: 403, and the fact stays as it was."""
    with pytest.raises(Forbidden):
        admit_operation(cast[who], kept_id=kept.id, reason="x")
    assert kept.item() is None


def test_unknown_operation(cast: Cast) -> None:
    """404."""
    with pytest.raises(NotFound):
        admit_operation(cast.shift_lead, kept_id=new_id(), reason="x")


def test_said_twice(kept: Kept, cast: Cast) -> None:
    """The second lead is told that it is decided; nothing is doubled."""
    admit_operation(cast.shift_lead, kept_id=kept.id, reason="x")
    with pytest.raises(Refused) as refused:
        admit_operation(cast.logistics_manager, kept_id=kept.id, reason="x")
    assert refused.value.code == "already_decided"
    assert len(kept.item()["answers"]) == 1


def test_not_after_it_was_dismissed(kept: Kept, cast: Cast) -> None:
    """Wrong state."""
    dismiss_operation(cast.shift_lead, kept_id=kept.id, reason="x")
    with pytest.raises(Refused) as refused:
        admit_operation(cast.logistics_manager, kept_id=kept.id, reason="x")
    assert refused.value.code == "already_decided"


def test_a_reason_is_needed(kept: Kept, cast: Cast) -> None:
    """Bad input names the field."""
    with pytest.raises(Refused) as refused:
        admit_operation(cast.shift_lead, kept_id=kept.id, reason="")
    assert refused.value.status == 422 and "reason" in refused.value.fields
