"""Saying that a list is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import cancel_run, finish_run, reject_run
from app.lib import clock
from app.lib.clock import MINUTE
from app.lib.errors import Forbidden, Refused
from app.lib.ids import Id, new_id
from tests.checklists.conftest import Tonight

Device = Callable[[str], Any]


def test_it_works_and_reaches_every_replica(tonight: Tonight, verify_operation: Callable[..., Any]) -> None:
    """Everything passed: done, with a score."""
    tonight.fill("CL-SAFE")
    verify_operation(lambda: tonight.finish("CL-SAFE"))
    run = tonight.run("CL-SAFE")
    assert (run["status"], run["result"], run["score"]) == ("done", "pass", {"pass": 21, "total": 21})
    assert run["finished"]["by"] == str(tonight.cast.safety_officer)


def test_outsider_and_another_post_may_not(tonight: Tonight, device: Device) -> None:
    """403 in the office; from a device kept without effect."""
    tonight.fill("CL-SAFE")
    for actor in (new_id(), tonight.cast.finance, tonight.cast.co_host):
        with pytest.raises(Forbidden):
            finish_run(actor, run_id=tonight.run_id("CL-SAFE"))
    verdict = device("co_host").say("checklists.finish_run", {"run_id": tonight.run_id("CL-SAFE")})
    assert (verdict["status"], verdict["code"]) == ("noted", "not_your_list")
    assert tonight.run("CL-SAFE")["status"] == "open"


@pytest.mark.parametrize("gap", ["open", "fail", "contested"])
def test_a_critical_gap_keeps_the_list_open(tonight: Tonight, device: Device, gap: str) -> None:
    """CHK-2, CHK-7: unanswered, failed or contested; the same code at both doors. Ordinary gaps are only shown."""
    tonight.fill("CL-SAFE", but=["SAFE-F3", "SAFE-P1"])
    if gap != "open":
        tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3", verdict="fail")
    if gap == "contested":
        device("shift_lead").say(
            "checklists.answer_item", {"run_id": tonight.run_id("CL-SAFE"), "item_id": "SAFE-F3", "verdict": "pass"}
        )
    with pytest.raises(Refused, match="critical_gaps") as refusal:
        clock_forward(tonight)
    assert refusal.value.facts["items"] == "SAFE-F3"
    verdict = device("safety_officer").say("checklists.finish_run", {"run_id": tonight.run_id("CL-SAFE")})
    assert verdict["status"] in ("noted", "held")
    assert tonight.run("CL-SAFE")["status"] == "open"


def clock_forward(tonight: Tonight) -> None:
    finish_run(tonight.cast.safety_officer, run_id=tonight.run_id("CL-SAFE"))


def test_ordinary_gaps_do_not_block(tonight: Tonight) -> None:
    """CHK-2 speaks of critical items; the score shows the rest (T30)."""
    tonight.fill("CL-SAFE", but=["SAFE-P1", "SAFE-S4"])
    tonight.answer("safety_officer", "CL-SAFE", "SAFE-S4", verdict="fail")
    tonight.finish("CL-SAFE")
    assert tonight.run("CL-SAFE")["score"] == {"pass": 19, "total": 21}
    assert tonight.run("CL-SAFE")["result"] == "pass"


def test_not_applicable_stays_out_of_the_score(tonight: Tonight) -> None:
    """T30, F17: N/A is left out of both sides."""
    tonight.fill("CL-SAFE", but=["SAFE-S3"])
    tonight.answer("safety_officer", "CL-SAFE", "SAFE-S3", verdict="na", reason="不用梯子")
    tonight.finish("CL-SAFE")
    assert tonight.run("CL-SAFE")["score"] == {"pass": 20, "total": 20}


def test_after_a_signature_or_cancelling_it_is_kept_without_effect(tonight: Tonight, device: Device) -> None:
    """Wrong state: the same code at both doors."""
    tonight.through("CL-SAFE")
    cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SET"), reason="不用布景")
    for code, login, why in (("CL-SAFE", "safety_officer", "after_acceptance"), ("CL-SET", "stagehand", "run_cancelled")):
        with pytest.raises(Refused, match=why):
            finish_run(tonight.cast[login], run_id=tonight.run_id(code))
        verdict = device(login).say("checklists.finish_run", {"run_id": tonight.run_id(code)})
        assert (verdict["status"], verdict["code"]) == ("noted", why)


def test_said_twice_it_is_done_once(tonight: Tonight, device: Device) -> None:
    """GEN-4: a repetition is a replay, and a second person's "done" agrees with the first."""
    tonight.fill("CL-SAFE")
    tablet = device("safety_officer")
    op = tablet.op("checklists.finish_run", {"run_id": str(tonight.run_id("CL-SAFE"))})
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    finished = tonight.run("CL-SAFE")["finished"]
    other = device("shift_lead").say("checklists.finish_run", {"run_id": tonight.run_id("CL-SAFE")})
    assert (first["status"], again["replayed"], other["status"]) == ("applied", True, "applied")
    assert tonight.run("CL-SAFE")["finished"] == finished


def all_but_one(tonight: Tonight, device: Device) -> tuple[Any, Any, str]:
    """Two devices and the list that the second has open; SET-B3 alone is not answered."""
    tonight.through("CL-SAFE")
    one, two, run_id = device("stagehand"), device("stagehand2"), str(tonight.run_id("CL-SET"))
    two.say("checklists.open_run", {"run_id": run_id})
    tonight.fill("CL-SET", but=["SET-B3"])
    return one, two, run_id


def test_it_waits_for_every_device_that_took_part(tonight: Tonight, device: Device) -> None:
    """T11, sync.md §5: held with the names, until the other one was heard with everything it had."""
    one, two, run_id = all_but_one(tonight, device)
    mark = two.op("checklists.answer_item", {"run_id": run_id, "item_id": "SET-B3", "verdict": "pass"})
    with clock.at(clock.now() + MINUTE):
        done = one.say("checklists.finish_run", {"run_id": run_id})
    assert (done["status"], done["code"], done["facts"]["names"]) == ("held", "devices_not_heard", "stagehand2's device")
    assert tonight.run("CL-SET")["status"] == "open"
    with clock.at(clock.now() + 2 * MINUTE):
        two.send(mark)
    one.pull()
    later = one.get("verdict", done["id"])
    assert (later["status"], later["n"]) == ("applied", 2)
    assert tonight.run("CL-SET")["status"] == "done"


def test_it_waits_for_the_device_that_took_the_place_of_one(tonight: Tonight, device: Device) -> None:
    """T11: a tablet that lost its stream is another one now; that one is waited for, also where somebody waits already."""
    one, two, run_id = all_but_one(tonight, device)
    with clock.at(clock.now() + MINUTE):
        done = one.say("checklists.finish_run", {"run_id": run_id})
    with clock.at(clock.now() + 2 * MINUTE):
        again: Any = two.client.post("/api/devices", json={"replaces": str(two.id)}).json
    assert tonight.run("CL-SET")["status"] == "open", "it was enrolled and has not spoken yet"
    two.id, two.seq = Id(again["device"]["id"]), 0
    with clock.at(clock.now() + 3 * MINUTE):
        two.say("checklists.answer_item", {"run_id": run_id, "item_id": "SET-B3", "verdict": "pass"})
    one.pull()
    assert (one.get("verdict", done["id"])["status"], tonight.run("CL-SET")["status"]) == ("applied", "done")


def test_the_office_cannot_wait_and_says_for_whom(tonight: Tonight, device: Device) -> None:
    """T11: refused with the names; a device heard in the last minute is there."""
    tonight.through("CL-SAFE")
    tablet = device("stagehand2")
    tablet.say("checklists.open_run", {"run_id": tonight.run_id("CL-SET")})
    tonight.fill("CL-SET")
    with clock.at(clock.now() + 5 * MINUTE), pytest.raises(Refused, match="devices_not_heard") as refusal:
        tonight.finish("CL-SET")
    assert "stagehand2" in refusal.value.facts["names"]
    tonight.finish("CL-SET")
    assert tonight.run("CL-SET")["status"] == "done"


def test_what_was_sent_back_blocks_until_answered_anew(tonight: Tonight) -> None:
    """A rejection that may be ignored would be none; the mark of the rejection goes with the next end."""
    tonight.through("CL-SAFE")
    tonight.fill("CL-SET")
    tonight.finish("CL-SET")
    items = [{"item_id": "SET-B2", "note": "还有指纹"}]
    reject_run(
        tonight.cast.shift_lead, run_id=tonight.run_id("CL-SET"), reason="台面", items=items, basis=[tonight.state("CL-SET")]
    )
    with pytest.raises(Refused, match="critical_gaps"):
        tonight.finish("CL-SET")
    tonight.answer("stagehand", "CL-SET", "SET-B2")
    tonight.finish("CL-SET")
    assert tonight.run("CL-SET")["rejected"] is None
    assert "sent_back" not in tonight.item("CL-SET", "SET-B2")
