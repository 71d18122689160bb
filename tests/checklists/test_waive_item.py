"""Permission to go on with a failed critical item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import waive_item
from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import Tonight

ITEM = "SET-A3"


@pytest.fixture
def failed(tonight: Tonight) -> Tonight:
    """CL-SET has one critical item that failed; everything else passed."""
    tonight.through("CL-SAFE")
    tonight.fill("CL-SET", but=[ITEM])
    tonight.answer("stagehand", "CL-SET", ITEM, verdict="fail")
    return tonight


def waive(tonight: Tonight, login: str, code: str = "CL-SET", item_id: str = ITEM, **more: Any) -> Any:
    row = tonight.rows(code).get(item_id)
    more.setdefault("basis", row.state if row else [])
    return waive_item(tonight.cast[login], run_id=tonight.run_id(code), item_id=item_id, reason="备用屏代替", **more)


def test_it_works_and_reaches_every_replica(failed: Tonight, verify_operation: Callable[..., Any]) -> None:
    """CHK-2: the logistics manager, then operations; only the second step lets the list end, and the fail stays to see."""
    with pytest.raises(Refused, match="critical_gaps"):
        failed.finish("CL-SET")
    verify_operation(lambda: waive(failed, "logistics_manager"))
    assert failed.item("CL-SET", ITEM)["waiver"]["complete"] is False
    with pytest.raises(Refused, match="critical_gaps"):
        failed.finish("CL-SET")
    verify_operation(lambda: waive(failed, "operations"))
    waiver = failed.item("CL-SET", ITEM)["waiver"]
    assert [step["role"] for step in waiver["steps"]] == ["logistics_manager", "operations"]
    assert waiver["complete"] and all(step["reason"] == "备用屏代替" for step in waiver["steps"])
    failed.finish("CL-SET")
    run = failed.run("CL-SET")
    assert (run["result"], run["counts"]["fail"], run["score"]) == ("pass", 1, {"pass": 17, "total": 18})


def test_an_unanswered_critical_item_may_be_waived(tonight: Tonight) -> None:
    """CHK-2: failed or unanswered; on what the whole run showed, or on the item."""
    tonight.through("CL-SAFE")
    tonight.fill("CL-SET", but=[ITEM])
    waive(tonight, "logistics_manager", basis=[tonight.state("CL-SET")])
    waive(tonight, "operations")
    tonight.finish("CL-SET")


def test_outsider_wrong_role_and_wrong_step(failed: Tonight, device: Callable[[str], Any]) -> None:
    """Only who holds the role of the next step; operations cannot begin."""
    for actor in (new_id(), failed.cast.shift_lead):
        with pytest.raises(Forbidden):
            waive_item(actor, run_id=failed.run_id("CL-SET"), item_id=ITEM, reason="x", basis=[])
    with pytest.raises(Forbidden):
        waive(failed, "operations")
    data = {"run_id": failed.run_id("CL-SET"), "item_id": ITEM, "reason": "x"}
    verdict = device("operations").say("checklists.waive_item", data, basis=failed.rows("CL-SET")[ITEM].state)
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_your_step")


def test_it_takes_two_people_who_did_not_answer(failed: Tonight) -> None:
    """GEN-3: holding both roles is not being two people; whoever answered the item waives nothing of it."""
    from app.people.operations import give_role

    give_role(failed.cast.admin, person_id=failed.cast.logistics_manager, role="operations")
    waive(failed, "logistics_manager")
    with pytest.raises(Refused, match="two_people"):
        waive(failed, "logistics_manager")
    failed.answer("logistics_manager", "CL-SET", ITEM, verdict="fail")
    with pytest.raises(Refused, match="two_people"):
        waive(failed, "logistics_manager")


def test_never_for_the_safety_list(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """CHK-2: the approval limits name the lists whose critical items nobody may waive."""
    tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3", verdict="fail")
    with pytest.raises(Refused, match="never_waived"):
        waive(tonight, "logistics_manager", "CL-SAFE", "SAFE-F3")
    data = {"run_id": tonight.run_id("CL-SAFE"), "item_id": "SAFE-F3", "reason": "x"}
    verdict = device("logistics_manager").say("checklists.waive_item", data, basis=tonight.rows("CL-SAFE")["SAFE-F3"].state)
    assert (verdict["status"], verdict["code"]) == ("rejected", "never_waived")


def test_wrong_state_and_stale_view(failed: Tonight) -> None:
    """Nothing to waive on what passed or is ordinary; not on an old view; not twice; not on an item that is not there."""
    for item_id in ("SET-C1", "SET-B1"):
        with pytest.raises(Refused, match="nothing_to_waive"):
            waive(failed, "logistics_manager", item_id=item_id)
    with pytest.raises(Refused, match="unknown_item"):
        waive(failed, "logistics_manager", item_id="NOPE")
    with pytest.raises(Refused, match="stale_basis"):
        waive(failed, "logistics_manager", basis=[str(new_id())])
    waive(failed, "logistics_manager")
    waive(failed, "operations")
    with pytest.raises(Refused, match="already_waived"):
        waive(failed, "operations")
    failed.finish("CL-SET")
    failed.accept("CL-SET")
    with pytest.raises(Refused, match="run_accepted"):
        waive(failed, "logistics_manager")


def test_a_new_answer_ends_the_permission(failed: Tonight) -> None:
    """I7: it was given for what was shown; another fail needs another one."""
    waive(failed, "logistics_manager")
    waive(failed, "operations")
    failed.answer("stagehand", "CL-SET", ITEM, verdict="fail", note="现在另一块也坏了")
    assert "waiver" not in failed.item("CL-SET", ITEM)
    with pytest.raises(Refused, match="critical_gaps"):
        failed.finish("CL-SET")


def test_said_twice_it_is_one_step(failed: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("logistics_manager")
    data = {"run_id": str(failed.run_id("CL-SET")), "item_id": ITEM, "reason": "x"}
    op = tablet.op("checklists.waive_item", data, basis=failed.rows("CL-SET")[ITEM].state)
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert len(failed.item("CL-SET", ITEM)["waiver"]["steps"]) == 1
