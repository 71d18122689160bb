"""Closing a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.operations import close_case
from app.checklists.operations import report_fault, start_run
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.sync.models import OperationAbout, Record
from tests.conftest import Cast


@pytest.fixture
def case_id(cast: Cast) -> Id:
    """A fault that the safety officer found."""
    run_id, case_id = new_id(), new_id()
    start_run(cast.safety_officer, run_id=run_id, template="CL-SAFE")
    report_fault(
        cast.safety_officer, run_id=run_id, item_id="SAFE-F3", case_id=case_id, kind="fault", severity="major", note="压力不足"
    )
    return case_id


def test_it_works_and_reaches_every_replica(
    case_id: Id, cast: Cast, fresh: Callable[[], Session], verify_operation: Callable[..., Any]
) -> None:
    """Closed with what became of it, in the trail of the case and of the item."""
    outcome = verify_operation(lambda: close_case(cast.shift_lead, case_id=case_id, reason="已换新"))
    data = fresh().scalar(select(Record.data).where(Record.kind == "case", Record.id == str(case_id)))
    case = orjson.loads(data or "")
    assert (case["status"], case["closed"]["reason"], case["closed"]["by"]) == ("closed", "已换新", str(cast.shift_lead))
    about = select(OperationAbout.kind).where(OperationAbout.operation_id == outcome.id)
    assert set(fresh().scalars(about)) == {"case", "checklist_item"}


def test_outsider_and_wrong_role(case_id: Id, cast: Cast, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), cast.safety_officer):
        with pytest.raises(Forbidden):
            close_case(actor, case_id=case_id, reason="x")
    verdict = device("safety_officer").say("cases.close_case", {"case_id": case_id, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(case_id: Id, cast: Cast, device: Callable[[str], Any]) -> None:
    """Not twice, not without a reason, not one that is not there: the same code at both doors."""
    with pytest.raises(Refused, match="malformed"):
        close_case(cast.shift_lead, case_id=case_id, reason="")
    with pytest.raises(NotFound):
        close_case(cast.shift_lead, case_id=new_id(), reason="x")
    close_case(cast.shift_lead, case_id=case_id, reason="x")
    with pytest.raises(Refused, match="case_closed"):
        close_case(cast.shift_lead, case_id=case_id, reason="x")
    verdict = device("shift_lead").say("cases.close_case", {"case_id": case_id, "reason": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "case_closed")


def test_said_twice_it_is_closed_once(case_id: Id, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("shift_lead")
    op = tablet.op("cases.close_case", {"case_id": str(case_id), "reason": "x"})
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)


def test_a_case_that_is_on_its_way_is_waited_for(cast: Cast, device: Callable[[str], Any]) -> None:
    """T10: closing before the report arrived is held, and settles with it."""
    lead, worker = device("shift_lead"), device("safety_officer")
    run_id, case_id = str(new_id()), str(new_id())
    held = lead.say("cases.close_case", {"case_id": case_id, "reason": "x"})
    assert (held["status"], held["code"]) == ("held", "parent_missing")
    worker.say("checklists.start_run", {"run_id": run_id, "template": "CL-SAFE"})
    data = {"run_id": run_id, "item_id": "SAFE-F3", "case_id": case_id, "kind": "fault", "severity": "minor"}
    worker.say("checklists.report_fault", data)
    lead.pull()
    assert lead.get("verdict", held["id"])["status"] == "applied"
