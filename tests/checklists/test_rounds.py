"""Lists that are gone through every so many minutes while a show is live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.judge import round_id
from app.checklists.operations import answer_item, cancel_run
from app.lib.clock import MINUTE
from app.lib.errors import Refused
from app.lib.ids import new_id
from tests.checklists.conftest import Tonight


def in_round(tonight: Tonight, number: int, item_id: str = "AIR-B1", verdict: str = "pass", **more: Any) -> dict[str, Any]:
    first = tonight.run_id("CL-AIR")
    return {
        "run_id": str(round_id(first, number)), "round": number, "first_run_id": str(first), "item_id": item_id,
        "verdict": verdict, **more,
    }  # fmt: skip


def test_the_first_answer_makes_the_round(
    tonight: Tonight, device: Callable[[str], Any], verify_operation: Callable[..., Any]
) -> None:
    """sync.md §5: the n-th is due at start + n · repeat, on both sides."""
    tablet = device("tech_support")
    verdict = verify_operation(lambda: tablet.say("checklists.answer_item", in_round(tonight, 3)))
    run = tonight.record("checklist_run", round_id(tonight.run_id("CL-AIR"), 3))
    assert (verdict["status"], verdict["code"]) == ("noted", "order_unverified")  # go/no-go is not signed yet
    assert (run["round"], run["first_run_id"], run["status"]) == (3, str(tonight.run_id("CL-AIR")), "open")
    assert run["due_at"] == tonight.starts_at + 3 * 15 * MINUTE
    assert run["start_at"] == tonight.starts_at + 2 * 15 * MINUTE


def test_two_tablets_meet_in_one_round(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """CHK-7: begun offline by two, it is one run whose answers merge."""
    one, two = device("tech_support"), device("camera")
    one.say("checklists.answer_item", in_round(tonight, 2))
    two.say("checklists.answer_item", in_round(tonight, 2, verdict="fail"))
    two.say("checklists.answer_item", in_round(tonight, 2, "AIR-B3"))
    run = tonight.record("checklist_run", round_id(tonight.run_id("CL-AIR"), 2))
    assert (run["counts"]["contested"], run["counts"]["pass"]) == (1, 1)


@pytest.mark.parametrize("change", [{"round": 4}, {"run_id": str(new_id())}, {"first_run_id": str(new_id())}])
def test_a_round_that_is_none_is_malformed(tonight: Tonight, device: Callable[[str], Any], change: dict[str, Any]) -> None:
    """The id follows from the first run and the number."""
    verdict = device("tech_support").say("checklists.answer_item", {**in_round(tonight, 2), **change})
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_that_round")


def test_only_repeated_lists_have_rounds(tonight: Tonight) -> None:
    """And a number goes with its first run."""
    first = tonight.run_id("CL-SAFE")
    with pytest.raises(Refused, match="not_that_round"):
        answer_item(
            tonight.cast.safety_officer, run_id=round_id(first, 2), round=2, first_run_id=first, item_id="SAFE-F3",
            verdict="pass",
        )  # fmt: skip
    with pytest.raises(Refused, match="malformed"):
        answer_item(tonight.cast.tech_support, run_id=round_id(first, 2), round=2, item_id="AIR-B1", verdict="pass")


def test_a_cancelled_list_has_no_further_rounds(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """The fact is kept without effect, and no run comes into being."""
    cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-AIR"), reason="x")
    verdict = device("tech_support").say("checklists.answer_item", in_round(tonight, 2))
    assert (verdict["status"], verdict["code"]) == ("noted", "run_cancelled")
    assert tonight.record("checklist_run", round_id(tonight.run_id("CL-AIR"), 2)) is None


def test_a_round_of_an_unknown_list_waits_for_it(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """T10: child before parent is held, not dropped."""
    tablet, first = device("tech_support"), str(new_id())
    data = {**in_round(tonight, 2), "first_run_id": first, "run_id": str(round_id(new_id().__class__(first), 2))}
    held = tablet.say("checklists.answer_item", data)
    assert (held["status"], held["code"]) == ("held", "parent_missing")
    tablet.say("checklists.start_run", {"run_id": first, "template": "CL-AIR"})
    tablet.pull()
    assert tablet.get("verdict", held["id"])["status"] == "applied"
