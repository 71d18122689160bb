"""Putting people on a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import assign_run, cancel_run
from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import Tonight


def test_it_works_and_reaches_every_replica(tonight: Tonight, verify_operation: Callable[..., Any]) -> None:
    """Whoever is put on a run may answer whatever their role; the next assignment replaces the first."""
    run_id, cast = tonight.run_id("CL-SAFE"), tonight.cast
    verify_operation(lambda: assign_run(cast.shift_lead, run_id=run_id, people=[cast.co_host, cast.camera, cast.co_host]))
    assert set(tonight.run("CL-SAFE")["assignees"]) == {str(cast.co_host), str(cast.camera)}
    tonight.answer("co_host", "CL-SAFE", "SAFE-F3")
    verify_operation(lambda: assign_run(cast.shift_lead, run_id=run_id, people=[]))
    assert tonight.run("CL-SAFE")["assignees"] == []
    with pytest.raises(Forbidden):
        tonight.answer("co_host", "CL-SAFE", "SAFE-F4")


def test_only_leads_may(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """Outsider and worker: 403, and rejected from a device."""
    for actor in (new_id(), tonight.cast.stagehand):
        with pytest.raises(Forbidden):
            assign_run(actor, run_id=tonight.run_id("CL-SAFE"), people=[])
    data = {"run_id": tonight.run_id("CL-SAFE"), "people": []}
    verdict = device("stagehand").say("checklists.assign_run", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """A person who is not there; a cancelled list: the same code at both doors."""
    with pytest.raises(Refused, match="unknown_person"):
        assign_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), people=[new_id()])
    cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), reason="x")
    with pytest.raises(Refused, match="run_cancelled"):
        assign_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), people=[])
    data = {"run_id": tonight.run_id("CL-SAFE"), "people": []}
    verdict = device("shift_lead").say("checklists.assign_run", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "run_cancelled")


def test_said_twice_it_is_one_assignment(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("shift_lead")
    data = {"run_id": str(tonight.run_id("CL-SAFE")), "people": [str(tonight.cast.camera)]}
    op = tablet.op("checklists.assign_run", data)
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["replayed"]) == ("applied", True)
    assert tonight.run("CL-SAFE")["assignees"] == [str(tonight.cast.camera)]
