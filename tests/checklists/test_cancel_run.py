"""Cancelling a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import cancel_run
from app.lib import clock
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import Tonight


def test_it_works_and_reaches_every_replica(tonight: Tonight, verify_operation: Callable[..., Any]) -> None:
    """With the reason; what waited for it has nothing to wait for and stays locked (CHK-3)."""
    verify_operation(lambda: cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), reason="改外场"))
    run = tonight.run("CL-SAFE")
    assert (run["status"], run["cancelled"]["reason"], run["cancelled"]["by"]) == (
        "cancelled", "改外场", str(tonight.cast.shift_lead),
    )  # fmt: skip
    with pytest.raises(Refused, match="order_unverified"):
        tonight.answer("stagehand", "CL-SET", "SET-A2")


def test_only_leads_may(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """Outsider and worker: 403, and rejected from a device."""
    for actor in (new_id(), tonight.cast.stagehand):
        with pytest.raises(Forbidden):
            cancel_run(actor, run_id=tonight.run_id("CL-SAFE"), reason="x")
    with pytest.raises(NotFound):
        cancel_run(tonight.cast.shift_lead, run_id=new_id(), reason="x")
    verdict = device("stagehand").say("checklists.cancel_run", {"run_id": tonight.run_id("CL-SAFE"), "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_what_is_signed_is_not_cancelled(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-2: it was done. Nor is a cancelled one cancelled again; the same code at both doors."""
    tonight.through("CL-SAFE")
    cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SET"), reason="x")
    for code, why in (("CL-SAFE", "run_accepted"), ("CL-SET", "run_cancelled")):
        with pytest.raises(Refused, match=why):
            cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id(code), reason="x")
        verdict = device("shift_lead").say("checklists.cancel_run", {"run_id": tonight.run_id(code), "reason": "x"})
        assert (verdict["status"], verdict["code"]) == ("rejected", why)


def test_a_reason_is_never_empty(tonight: Tonight) -> None:
    """GEN-2: a decision without a reason is malformed."""
    with pytest.raises(Refused, match="malformed") as refusal:
        cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), reason="")
    assert "reason" in refusal.value.fields


def test_said_twice_it_is_cancelled_once(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("shift_lead")
    op = tablet.op("checklists.cancel_run", {"run_id": str(tonight.run_id("CL-SAFE")), "reason": "x"})
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)


def test_who_waits_to_finish_it_hears(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """A "done" that was held for another tablet waits for nothing any more, whenever that one comes back (sync.md §3)."""
    tonight.through("CL-SAFE")
    one, two = device("stagehand"), device("stagehand2")
    run_id = tonight.run_id("CL-SET")
    two.say("checklists.open_run", {"run_id": run_id})
    tonight.fill("CL-SET")
    with clock.at(clock.now() + clock.MINUTE):
        held = one.say("checklists.finish_run", {"run_id": run_id})
        assert held["status"] == "held"
        cancel_run(tonight.cast.shift_lead, run_id=run_id, reason="改外场")
        one.pull()
    later = one.get("verdict", held["id"])
    assert (later["status"], later["code"]) == ("noted", "run_cancelled")
