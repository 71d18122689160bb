"""Moving a show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import answer_item, finish_run, open_run
from app.checklists.steps import run_id_of
from app.lib.clock import HOUR, MINUTE
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.shows.operations import cancel_show, change_show
from tests.shows.conftest import Plan


def test_it_works_and_reaches_every_replica(plan: Plan, verify_operation: Callable[..., Any]) -> None:
    """Its unfinished lists move with it, also those already open; a longer show moves what hangs on its end."""
    show_id = plan.show()
    open_run(plan.cast.safety_officer, run_id=run_id_of(show_id, "CL-SAFE"))
    later = plan.starts_at + HOUR
    verify_operation(lambda: change_show(plan.cast.operations, show_id=show_id, title="改名", starts_at=later, planned_min=180))
    show, runs = plan.record("show", show_id), plan.runs(show_id)
    assert (show["title"], show["starts_at"], show["planned_min"], show["kind"]) == ("改名", later, 180, "daily")
    assert (runs["CL-SAFE"]["status"], runs["CL-SAFE"]["due_at"]) == ("open", later - 200 * MINUTE)
    assert runs["CL-STRK"]["start_at"] == later + 180 * MINUTE


def test_a_finished_list_stays_as_it_is(plan: Plan) -> None:
    """GEN-2: what was done was done for that time."""
    show_id = plan.show()
    run_id = run_id_of(show_id, "CL-DOC")
    for item_id in ("DOC-A1", "DOC-A2", "DOC-A3", "DOC-A4", "DOC-B1", "DOC-B2", "DOC-B4"):
        answer_item(plan.cast.operations, run_id=run_id, item_id=item_id, verdict="pass")
    answer_item(plan.cast.operations, run_id=run_id, item_id="DOC-B3", verdict="pass", value="5")
    finish_run(plan.cast.operations, run_id=run_id)
    before = plan.run(show_id, "CL-DOC")["due_at"]
    change_show(plan.cast.operations, show_id=show_id, starts_at=plan.starts_at + HOUR)
    assert plan.run(show_id, "CL-DOC")["due_at"] == before


def test_outsider_and_wrong_role(plan: Plan, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    show_id = plan.show()
    for actor in (new_id(), plan.cast.stagehand):
        with pytest.raises(Forbidden):
            change_show(actor, show_id=show_id, title="x")
    verdict = device("stagehand").say("shows.change_show", {"show_id": show_id, "title": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(plan: Plan, device: Callable[[str], Any]) -> None:
    """Into a taken room or time, a cancelled show, none at all: refused at both doors with the same code."""
    first, second = plan.show(), plan.show(room_id=plan.two)
    with pytest.raises(Refused, match="room_taken"):
        change_show(plan.cast.operations, show_id=second, room_id=plan.one)
    change_show(plan.cast.operations, show_id=first, planned_min=60)
    with pytest.raises(NotFound):
        change_show(plan.cast.operations, show_id=new_id(), title="x")
    cancel_show(plan.cast.operations, show_id=first, reason="x")
    with pytest.raises(Refused, match="show_cancelled"):
        change_show(plan.cast.operations, show_id=first, title="x")
    verdict = device("operations").say("shows.change_show", {"show_id": first, "title": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "show_cancelled")


def test_said_twice_it_moves_once(plan: Plan, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    show_id, tablet = plan.show(), device("operations")
    op = tablet.op("shows.change_show", {"show_id": str(show_id), "starts_at": plan.starts_at + HOUR})
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["replayed"]) == ("applied", True)
    assert plan.record("show", show_id)["starts_at"] == plan.starts_at + HOUR
