"""Finishing without a device that took part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import force_finish
from app.lib import clock
from app.lib.clock import MINUTE
from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import Tonight


@pytest.fixture
def waiting(tonight: Tonight, device: Callable[[str], Any]) -> Tonight:
    """CL-SET is answered, but a tablet that opened it is silent."""
    tonight.through("CL-SAFE")
    device("stagehand2").say("checklists.open_run", {"run_id": tonight.run_id("CL-SET")})
    tonight.fill("CL-SET")
    return tonight


def test_it_works_and_reaches_every_replica(waiting: Tonight, verify_operation: Callable[..., Any]) -> None:
    """T11: done, by whom and why; the run says that it was forced."""
    run_id = waiting.run_id("CL-SET")
    with clock.at(clock.now() + 10 * MINUTE):
        verify_operation(lambda: force_finish(waiting.cast.shift_lead, run_id=run_id, reason="平板没电了"))
    finished = waiting.run("CL-SET")["finished"]
    assert finished["forced"] == {"by": str(waiting.cast.shift_lead), "reason": "平板没电了"}


def test_only_leads_may(waiting: Tonight, device: Callable[[str], Any]) -> None:
    """Outsider and worker: 403, and rejected from a device."""
    for actor in (new_id(), waiting.cast.stagehand):
        with pytest.raises(Forbidden):
            force_finish(actor, run_id=waiting.run_id("CL-SET"), reason="x")
    verdict = device("stagehand").say("checklists.force_finish", {"run_id": waiting.run_id("CL-SET"), "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_it_forces_the_waiting_not_the_list(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """CHK-2: a critical gap refuses as ever, at both doors; a finished list is not finished again."""
    tonight.fill("CL-SAFE", but=["SAFE-F3"])
    data = {"run_id": tonight.run_id("CL-SAFE"), "reason": "赶时间"}
    with pytest.raises(Refused, match="critical_gaps"):
        force_finish(tonight.cast.shift_lead, **data)
    verdict = device("shift_lead").say("checklists.force_finish", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "critical_gaps")
    tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3")
    tonight.finish("CL-SAFE")
    with pytest.raises(Refused, match="run_done"):
        force_finish(tonight.cast.shift_lead, **data)


def test_said_twice_it_is_forced_once(waiting: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    lead = device("shift_lead")
    op = lead.op("checklists.force_finish", {"run_id": str(waiting.run_id("CL-SET")), "reason": "平板没电了"})
    first, again = (lead.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)


def test_what_the_silent_device_sends_later_is_kept(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """T11: never vanishes, never counts by itself."""
    tonight.through("CL-SAFE")
    tablet = device("stagehand2")
    data = {"run_id": str(tonight.run_id("CL-SET")), "item_id": "SET-B2", "verdict": "fail"}
    tablet.say("checklists.open_run", {"run_id": tonight.run_id("CL-SET")})
    kept = tablet.op("checklists.answer_item", data)
    tonight.fill("CL-SET")
    force_finish(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SET"), reason="平板没电了")
    verdict = tablet.send(kept)["verdicts"][0]
    assert (verdict["status"], verdict["code"]) == ("noted", "after_close")
    assert tonight.item("CL-SET", "SET-B2")["answers"][0]["verdict"] == "pass"
    assert "after_close" in tonight.run("CL-SET")["flags"]


def test_a_finish_that_was_held_is_settled_by_it(waiting: Tonight, device: Callable[[str], Any]) -> None:
    """The stagehand's own "done" waited for the silent tablet; forced by a lead, it agrees and waits no longer."""
    tablet, run_id = device("stagehand"), waiting.run_id("CL-SET")
    held = tablet.say("checklists.finish_run", {"run_id": run_id})
    assert held["status"] == "held"
    with clock.at(clock.now() + 10 * MINUTE):
        force_finish(waiting.cast.shift_lead, run_id=run_id, reason="平板没电了")
    tablet.pull()
    verdict = tablet.get("verdict", held["id"])
    assert (verdict["status"], verdict["n"]) == ("applied", 2)
