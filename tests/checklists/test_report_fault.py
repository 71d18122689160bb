"""Opening a case about an item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.cases.operations import close_case
from app.checklists.operations import report_fault
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from tests.checklists.conftest import Tonight


def report(tonight: Tonight, login: str = "safety_officer", **more: Any) -> Id:
    case_id = more.pop("case_id", new_id())
    said = {"item_id": "SAFE-F3", "kind": "fault", "severity": "major", "note": "压力不足", **more}
    report_fault(tonight.cast[login], run_id=tonight.run_id("CL-SAFE"), case_id=case_id, **said)
    return case_id


def test_it_works_and_reaches_every_replica(tonight: Tonight, verify_operation: Callable[..., Any]) -> None:
    """CHK-9: one operation opens the case, the item links to it and shows how it stands."""
    tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3", verdict="fail")
    case_id = verify_operation(lambda: report(tonight, owner=tonight.cast.equipment_keeper))
    case = tonight.record("case", case_id)
    assert (case["no"], case["status"], case["owner"]) == (1, "open", str(tonight.cast.equipment_keeper))
    assert (case["run_id"], case["item_id"]) == (str(tonight.run_id("CL-SAFE")), "SAFE-F3")
    assert tonight.item("CL-SAFE", "SAFE-F3")["case"] == {"id": str(case_id), "no": 1, "status": "open"}
    verify_operation(lambda: close_case(tonight.cast.shift_lead, case_id=case_id, reason="已换新"))
    assert tonight.item("CL-SAFE", "SAFE-F3")["case"]["status"] == "closed"


def test_an_open_case_hides_a_closed_one(tonight: Tonight) -> None:
    """CHK-9: of several cases about one item the open one is shown; numbers count on."""
    first, second = report(tonight), report(tonight)
    close_case(tonight.cast.shift_lead, case_id=second, reason="重复")
    assert tonight.item("CL-SAFE", "SAFE-F3")["case"] == {"id": str(first), "no": 1, "status": "open"}
    third = report(tonight)
    assert tonight.record("case", third)["no"] == 3


def test_outsider_and_another_post(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """403 in the office; from a device kept without effect."""
    with pytest.raises(Forbidden):
        report_fault(
            new_id(), run_id=tonight.run_id("CL-SAFE"), item_id="SAFE-F3", case_id=new_id(), kind="fault", severity="minor"
        )
    with pytest.raises(Forbidden):
        report(tonight, "co_host")
    data = {
        "run_id": tonight.run_id("CL-SAFE"), "item_id": "SAFE-F3", "case_id": new_id(), "kind": "fault", "severity": "minor",
    }  # fmt: skip
    verdict = device("co_host").say("checklists.report_fault", data)
    assert (verdict["status"], verdict["code"]) == ("noted", "not_your_list")


def test_wrong_state(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """No such run, item or person, an id that is taken: refused, and nothing opened."""
    taken = report(tonight)
    for more, code in (
        ({"item_id": "NOPE"}, "unknown_item"),
        ({"owner": new_id()}, "unknown_person"),
        ({"case_id": taken}, "id_taken"),
    ):
        with pytest.raises(Refused, match=code):
            report(tonight, **more)
    with pytest.raises(NotFound):
        report_fault(
            tonight.cast.safety_officer, run_id=new_id(), item_id="SAFE-F3", case_id=new_id(), kind="fault", severity="minor"
        )
    data = {
        "run_id": tonight.run_id("CL-SAFE"), "item_id": "NOPE", "case_id": new_id(), "kind": "fault", "severity": "minor",
    }  # fmt: skip
    verdict = device("safety_officer").say("checklists.report_fault", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "unknown_item")


def test_said_twice_it_is_one_case(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("safety_officer")
    data = {
        "run_id": str(tonight.run_id("CL-SAFE")), "item_id": "SAFE-F3", "case_id": str(new_id()), "kind": "incident",
        "severity": "critical",
    }  # fmt: skip
    op = tablet.op("checklists.report_fault", data)
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert tonight.record("case", data["case_id"])["no"] == 1
