"""Cancelling a show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import accept_run, answer_item, finish_run, start_run
from app.checklists.sheet import access_sheet
from app.checklists.steps import run_id_of
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.shows.operations import cancel_show
from tests.shows.conftest import Plan


def test_it_works_and_reaches_every_replica(plan: Plan, verify_operation: Callable[..., Any]) -> None:
    """Its lists close as cancelled with the reason (requirements §27); a signed one stays signed (GEN-2)."""
    show_id = plan.show()
    run_id = run_id_of(show_id, "CL-DOC")
    for item_id in ("DOC-A1", "DOC-A2", "DOC-A3", "DOC-A4", "DOC-B1", "DOC-B2", "DOC-B4"):
        answer_item(plan.cast.operations, run_id=run_id, item_id=item_id, verdict="pass")
    answer_item(plan.cast.operations, run_id=run_id, item_id="DOC-B3", verdict="pass", value="5")
    finish_run(plan.cast.operations, run_id=run_id)
    state = access_sheet(plan.fresh(), plan.cast.site_id, run_id).state()
    accept_run(plan.cast.director, run_id=run_id, signature="ab" * 32, basis=[state])
    alone = new_id()
    start_run(plan.cast.camera, run_id=alone, template="CL-CAM")
    verify_operation(lambda: cancel_show(plan.cast.operations, show_id=show_id, reason="主播请假"))
    runs = plan.runs(show_id)
    assert plan.record("show", show_id)["status"] == "cancelled"
    assert runs.pop("CL-DOC")["status"] == "accepted"
    assert {(run["status"], run["cancelled"]["reason"]) for run in runs.values()} == {("cancelled", "主播请假")}
    assert plan.record("checklist_run", alone)["status"] == "open"


def test_outsider_and_wrong_role(plan: Plan, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    show_id = plan.show()
    for actor in (new_id(), plan.cast.stagehand):
        with pytest.raises(Forbidden):
            cancel_show(actor, show_id=show_id, reason="x")
    verdict = device("stagehand").say("shows.cancel_show", {"show_id": show_id, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(plan: Plan, device: Callable[[str], Any]) -> None:
    """Not twice, and not one that is not there: the same code at both doors."""
    show_id = plan.show()
    cancel_show(plan.cast.operations, show_id=show_id, reason="x")
    with pytest.raises(Refused, match="show_cancelled"):
        cancel_show(plan.cast.operations, show_id=show_id, reason="x")
    with pytest.raises(NotFound):
        cancel_show(plan.cast.operations, show_id=new_id(), reason="x")
    verdict = device("operations").say("shows.cancel_show", {"show_id": show_id, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "show_cancelled")


def test_said_twice_it_is_cancelled_once(plan: Plan, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("operations")
    op = tablet.op("shows.cancel_show", {"show_id": str(plan.show()), "reason": "x"})
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
