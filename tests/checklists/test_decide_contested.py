"""Deciding which of two answers stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.models import select_answers
from app.checklists.operations import decide_contested
from app.lib.errors import Forbidden, Refused
from app.lib.ids import Id, new_id
from tests.checklists.conftest import Tonight

ITEM = "SAFE-F3"


class Contest:
    """Two tablets disagree about one item."""

    def __init__(self, tonight: Tonight, device: Callable[[str], Any]) -> None:
        self.tonight = tonight
        self.run_id = tonight.run_id("CL-SAFE")
        self.one, self.two = device("safety_officer"), device("shift_lead")
        self.passed = self._say(self.one, "pass")
        self.failed = self._say(self.two, "fail")

    def _say(self, tablet: Any, verdict: str) -> str:
        data = {"run_id": self.run_id, "item_id": ITEM, "verdict": verdict}
        return str(tablet.say("checklists.answer_item", data)["id"])

    def decide(self, login: str, answer: str, **more: Any) -> Any:
        more.setdefault("basis", self.tonight.rows("CL-SAFE")[ITEM].state)
        return decide_contested(
            self.tonight.cast[login], run_id=self.run_id, item_id=ITEM, answer_id=Id(answer), reason="去看过", **more
        )


@pytest.fixture
def contest(tonight: Tonight, device: Callable[[str], Any]) -> Contest:
    return Contest(tonight, device)


def test_it_works_and_reaches_every_replica(contest: Contest, verify_operation: Callable[..., Any]) -> None:
    """CHK-7: one stands, the other stays in the history; both devices and the exceptions hear it."""
    verify_operation(lambda: contest.decide("logistics_manager", contest.failed))
    item = contest.tonight.item("CL-SAFE", ITEM)
    assert (item["contested"], item["state"], item["answers"][0]["verdict"]) == (False, [contest.failed], "fail")
    assert item["decided"]["by"] == str(contest.tonight.cast.logistics_manager)
    assert contest.tonight.record("contested_item", f"{contest.run_id}/{ITEM}") is None
    assert (contest.tonight.exceptions(), contest.tonight.exceptions("settled")) == ([], ["contested"])
    contest.two.pull()
    assert contest.two.get("verdict", contest.failed)["status"] == "applied"
    history = select_answers(contest.tonight.fresh(), contest.tonight.site_id, contest.run_id)
    assert {str(a.id): a.current for a in history} == {contest.passed: False, contest.failed: True}


def test_the_other_one_hears_that_it_lost(contest: Contest) -> None:
    """The answer that was contested and lost stays noted, with the reason."""
    contest.decide("logistics_manager", contest.passed)
    contest.two.pull()
    verdict = contest.two.get("verdict", contest.failed)
    assert (verdict["status"], verdict["code"], verdict["n"]) == ("noted", "decided_otherwise", 2)


def test_only_leads_may(contest: Contest) -> None:
    """Outsider and worker: 403, and rejected from a device."""
    with pytest.raises(Forbidden):
        decide_contested(new_id(), run_id=contest.run_id, item_id=ITEM, answer_id=Id(contest.passed), basis=[])
    with pytest.raises(Forbidden):
        contest.decide("safety_officer", contest.passed)
    data = {"run_id": contest.run_id, "item_id": ITEM, "answer_id": contest.passed}
    verdict = contest.one.say("checklists.decide_contested", data, basis=[])
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state_and_stale_view(contest: Contest) -> None:
    """Refused at both doors: nothing contested, an old view, no such answer, a cancelled list."""
    with pytest.raises(Refused, match="stale_basis"):
        contest.decide("logistics_manager", contest.passed, basis=[contest.passed])
    with pytest.raises(Refused, match="not_an_answer"):
        contest.decide("logistics_manager", str(new_id()))
    contest.decide("logistics_manager", contest.passed, basis=[contest.tonight.state("CL-SAFE")])
    with pytest.raises(Refused, match="not_contested"):
        contest.decide("logistics_manager", contest.passed)
    data = {"run_id": contest.run_id, "item_id": ITEM, "answer_id": contest.passed}
    verdict = contest.two.say("checklists.decide_contested", data, basis=[contest.passed])
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_contested")


def test_said_twice_it_is_decided_once(contest: Contest) -> None:
    """GEN-4."""
    data = {"run_id": str(contest.run_id), "item_id": ITEM, "answer_id": contest.passed}
    op = contest.two.op("checklists.decide_contested", data, basis=sorted([contest.passed, contest.failed]))
    first, again = (contest.two.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)


def test_another_answer_opens_it_again(contest: Contest) -> None:
    """A decision is about the answers it saw: a third one that saw none of them is contested again."""
    contest.decide("logistics_manager", contest.passed)
    contest._say(contest.two, "fail")
    item = contest.tonight.item("CL-SAFE", ITEM)
    assert item["contested"] and "decided" not in item
