"""One answer to one item, at both doors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.models import select_answers
from app.checklists.operations import answer_item, cancel_run
from app.lib import clock
from app.lib.clock import HOUR, MINUTE
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.people.operations import withdraw_role
from app.sync.engine import engine
from app.sync.operations import admit_operation
from tests.checklists.conftest import PHOTO, SIGNATURE, Tonight

Device = Callable[[str], Any]


def said(tonight: Tonight, code: str, item_id: str, verdict: str = "pass", **more: Any) -> dict[str, Any]:
    return {"run_id": str(tonight.run_id(code)), "item_id": item_id, "verdict": verdict, **more}


def say(tablet: Any, data: dict[str, Any], **changes: Any) -> Any:
    return tablet.say("checklists.answer_item", data, **changes)


def code_of(verdict: Any) -> tuple[str, str | None]:
    return verdict["status"], verdict["code"]


# -- the six ------------------------------------------------------------------------------------------------------------------


def test_it_works_and_reaches_every_replica(tonight: Tonight, verify_operation: Callable[..., Any]) -> None:
    """The first answer opens the list; the item's state is its answer's id."""
    answer = {"value": "130", "note": "量了两处"}
    outcome = verify_operation(lambda: tonight.answer("safety_officer", "CL-SAFE", "SAFE-F2", **answer))
    item, run = tonight.item("CL-SAFE", "SAFE-F2"), tonight.run("CL-SAFE")
    assert item["state"] == [str(outcome.id)]
    assert (item["answers"][0]["verdict"], item["answers"][0]["value"], item["answers"][0]["note"]) == ("pass", "130", "量了两处")
    assert (run["status"], run["counts"]["pass"], run["started_by"]) == ("open", 1, str(tonight.cast.safety_officer))


def test_an_outsider_may_not(tonight: Tonight) -> None:
    """Somebody the house does not know, and a run it does not have."""
    with pytest.raises(Forbidden):
        answer_item(new_id(), run_id=tonight.run_id("CL-SAFE"), item_id="SAFE-F3", verdict="pass")
    with pytest.raises(NotFound):
        answer_item(tonight.cast.safety_officer, run_id=new_id(), item_id="SAFE-F3", verdict="pass")


def test_another_post_may_not_but_its_fact_is_kept(tonight: Tonight, device: Device) -> None:
    """GEN-6: 403 in the office; from a device kept without effect, until a lead admits it. An assignee may."""
    with pytest.raises(Forbidden):
        tonight.answer("co_host", "CL-SAFE", "SAFE-F3")
    with pytest.raises(Forbidden):
        tonight.answer("finance", "CL-SAFE", "SAFE-F3")
    verdict = say(device("co_host"), said(tonight, "CL-SAFE", "SAFE-F3"))
    assert code_of(verdict) == ("noted", "not_your_list")
    assert tonight.item("CL-SAFE", "SAFE-F3") is None
    admit = {"kept_id": verdict["id"], "reason": "替班"}
    engine().perform(admit_operation, tonight.cast.shift_lead, admit)
    assert tonight.item("CL-SAFE", "SAFE-F3")["answers"][0]["by"] == str(tonight.cast.co_host)


def test_leads_and_stand_ins_may(tonight: Tonight) -> None:
    """CL-SAFE is the safety officer's; the shift lead stands in, the logistics manager may always."""
    for login, item_id in (("shift_lead", "SAFE-F3"), ("logistics_manager", "SAFE-F4")):
        tonight.answer(login, "CL-SAFE", item_id)
    assert tonight.run("CL-SAFE")["counts"]["pass"] == 2


def test_after_the_end_an_answer_is_kept_without_effect(tonight: Tonight, device: Device) -> None:
    """Wrong state: the same code at both doors; the run is flagged for whoever signs, and their view is stale (I7)."""
    tonight.fill("CL-SAFE")
    tonight.finish("CL-SAFE")
    before = tonight.state("CL-SAFE")
    with pytest.raises(Refused, match="after_close"):
        tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3", verdict="fail")
    verdict = say(device("safety_officer"), said(tonight, "CL-SAFE", "SAFE-F3", "fail"))
    assert code_of(verdict) == ("noted", "after_close")
    assert tonight.item("CL-SAFE", "SAFE-F3")["answers"][0]["verdict"] == "pass"
    assert tonight.run("CL-SAFE")["flags"] == ["after_close"]
    with pytest.raises(Refused, match="stale_basis"):
        tonight.accept("CL-SAFE", basis=[before])


def test_a_cancelled_list_keeps_the_fact(tonight: Tonight, device: Device) -> None:
    """Wrong state: cancelled while the crew worked offline (requirements §27)."""
    cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), reason="场次改期")
    with pytest.raises(Refused, match="run_cancelled"):
        tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3")
    assert code_of(say(device("safety_officer"), said(tonight, "CL-SAFE", "SAFE-F3"))) == ("noted", "run_cancelled")


def test_said_twice_it_is_one_answer(tonight: Tonight, device: Device) -> None:
    """GEN-4, T1: the repetition tells the verdict and changes nothing."""
    tablet = device("safety_officer")
    op = tablet.op("checklists.answer_item", said(tonight, "CL-SAFE", "SAFE-F3"))
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert len(select_answers(tonight.fresh(), tonight.site_id, tonight.run_id("CL-SAFE"))) == 1


# -- evidence -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item_id", "more", "code"),
    [
        ("SAFE-F2", {"value": "breit"}, "not_a_number"),
        ("SAFE-F2", {"value": "1e3"}, "not_a_number"),
        ("SAFE-P5", {"value": "Liu"}, "not_a_signature"),
        ("NO-SUCH", {}, "unknown_item"),
        ("SAFE-F1", {"photos": [PHOTO]}, "photos_not_named"),
    ],
)
def test_malformed_answers_are_refused_at_both_doors(
    tonight: Tonight, device: Device, item_id: str, more: dict[str, Any], code: str
) -> None:
    """A number is a number; a photo is announced; what no list has cannot be answered."""
    verdict = say(device("safety_officer"), said(tonight, "CL-SAFE", item_id, **more))
    assert code_of(verdict) == ("rejected", code)
    with pytest.raises(Refused, match=code):
        answer_item(tonight.cast.safety_officer, **said(tonight, "CL-SAFE", item_id, **more))


def test_a_choice_is_one_of_the_items(tonight: Tonight, device: Device) -> None:
    """Another word is malformed; one in `fail_if` fails by itself (CHK-4)."""
    tablet = device("shift_lead")
    assert code_of(say(tablet, said(tonight, "CL-GNG", "GNG-A1", value="maybe"))) == ("rejected", "not_a_choice")
    say(tablet, said(tonight, "CL-GNG", "GNG-A1", value="no_go"))
    assert tonight.item("CL-GNG", "GNG-A1")["answers"][0]["verdict"] == "fail"


@pytest.mark.parametrize(
    "bad",
    [{"verdict": "maybe"}, {"item_ids": ["SAFE-F3"]}, {"item_id": ["SAFE-F3", "SAFE-F4"]}, {"note": "x" * 3000}],
)
def test_one_answer_names_one_item(tonight: Tonight, device: Device, bad: dict[str, Any]) -> None:
    """CHK-5: there is no form for ticking in bulk; unknown fields and endless texts are malformed."""
    verdict = say(device("safety_officer"), {**said(tonight, "CL-SAFE", "SAFE-F3"), **bad})
    assert code_of(verdict) == ("rejected", "malformed")


def test_a_number_outside_its_limits_fails_by_itself(tonight: Tonight, device: Device) -> None:
    """CHK-4: whatever key was tapped; the number stays as it was typed."""
    verdict = say(device("safety_officer"), said(tonight, "CL-SAFE", "SAFE-F2", value=" 119，5 ".replace("，", ",")))
    answer = tonight.item("CL-SAFE", "SAFE-F2")["answers"][0]
    assert code_of(verdict) == ("applied", None)
    assert (answer["verdict"], answer["value"]) == ("fail", " 119,5 ")
    assert tonight.run("CL-SAFE")["result"] == "fail"


def test_a_photo_item_needs_its_photo(tonight: Tonight, device: Device) -> None:
    """CHK-5, T12: without one it is kept and the item stays open; a fail needs none."""
    tablet = device("safety_officer")
    with pytest.raises(Refused, match="photo_missing"):
        tonight.answer("safety_officer", "CL-SAFE", "SAFE-F1")
    assert code_of(say(tablet, said(tonight, "CL-SAFE", "SAFE-F1"))) == ("noted", "photo_missing")
    assert tonight.item("CL-SAFE", "SAFE-F1") is None
    say(tablet, said(tonight, "CL-SAFE", "SAFE-F1", photos=[PHOTO]), blobs=[PHOTO])
    assert tonight.item("CL-SAFE", "SAFE-F1")["answers"][0]["photos"] == [PHOTO]
    assert code_of(say(tablet, said(tonight, "CL-SAFE", "SAFE-E4", "fail"))) == ("applied", None)


@pytest.mark.parametrize("item_id", ["SAFE-F2", "SAFE-P5"])
def test_a_pass_needs_its_value(tonight: Tonight, device: Device, item_id: str) -> None:
    """A number, text, choice, scan or signature passes by its value, a fail stands without."""
    assert code_of(say(device("safety_officer"), said(tonight, "CL-SAFE", item_id))) == ("noted", "value_missing")
    with pytest.raises(Refused, match="value_missing"):
        tonight.answer("safety_officer", "CL-SAFE", item_id)


def test_not_applicable_needs_leave_and_a_reason(tonight: Tonight, device: Device) -> None:
    """CHK-10: not on critical items unless the template says so, and never without a reason."""
    tablet = device("safety_officer")
    for item_id, more, code in (("SAFE-F3", {"reason": "没有"}, "na_not_allowed"), ("SAFE-S3", {}, "na_without_reason")):
        assert code_of(say(tablet, said(tonight, "CL-SAFE", item_id, "na", **more))) == ("noted", code)
        with pytest.raises(Refused, match=code):
            tonight.answer("safety_officer", "CL-SAFE", item_id, verdict="na", **more)
    for item_id in ("SAFE-S2", "SAFE-S4"):  # critical with leave; ordinary
        assert code_of(say(tablet, said(tonight, "CL-SAFE", item_id, "na", reason="没有吊挂"))) == ("applied", None)
    assert tonight.run("CL-SAFE")["counts"]["na"] == 2


# -- order --------------------------------------------------------------------------------------------------------------------


def test_a_list_waits_for_its_list(tonight: Tonight, device: Device) -> None:
    """CHK-3: the office refuses; a device's answer is in force and marked, with its flag or without: a fact is kept."""
    with pytest.raises(Refused, match="order_unverified") as refusal:
        tonight.answer("stagehand", "CL-SET", "SET-A2")
    assert refusal.value.facts["waits_for"] == "CL-SAFE"
    tablet = device("stagehand")
    for item_id, more in (("SET-A2", {}), ("SET-A3", {"unverified": True})):
        assert code_of(say(tablet, said(tonight, "CL-SET", item_id, **more))) == ("noted", "order_unverified")
        assert tonight.item("CL-SET", item_id)["answers"][0]["unverified"] is True
    assert tonight.run("CL-SET")["flags"] == ["order_unverified"]
    assert tonight.run("CL-SET")["counts"]["pass"] == 2


def test_accepted_before_the_answer_is_in_order(tonight: Tonight, device: Device) -> None:
    """CHK-3, GEN-5: the device could not know; what counts is the moment it happened."""
    tablet = device("stagehand")
    start = clock.now()
    early = tablet.op("checklists.answer_item", said(tonight, "CL-SET", "SET-A2", unverified=True), at=start + MINUTE)
    late = tablet.op("checklists.answer_item", said(tonight, "CL-SET", "SET-A3", unverified=True), at=start + 30 * MINUTE)
    with clock.at(start + 20 * MINUTE):
        tonight.through("CL-SAFE")
    with clock.at(start + HOUR):
        first, second = tablet.send(early, late)["verdicts"]
    assert code_of(first) == ("noted", "order_unverified")
    assert code_of(second) == ("applied", None)
    assert tonight.item("CL-SET", "SET-A3")["answers"][0]["unverified"] is False


def test_reopened_later_it_was_in_order_then(tonight: Tonight, device: Device) -> None:
    """CHK-3: a signature that was voided afterwards stood at that moment."""
    from app.checklists.operations import reopen_run

    tonight.through("CL-SAFE")
    start, tablet = clock.now(), device("stagehand")
    op = tablet.op("checklists.answer_item", said(tonight, "CL-SET", "SET-A2"), at=start + MINUTE)
    with clock.at(start + 10 * MINUTE):
        reopen_run(
            tonight.cast.logistics_manager, run_id=tonight.run_id("CL-SAFE"), reason="补查", basis=[tonight.state("CL-SAFE")]
        )
    after = tablet.op("checklists.answer_item", said(tonight, "CL-SET", "SET-A3"), at=start + 20 * MINUTE)
    with clock.at(start + 30 * MINUTE):
        first, second = tablet.send(op, after)["verdicts"]
    assert (code_of(first), code_of(second)) == (("applied", None), ("noted", "order_unverified"))


def test_an_item_waits_for_its_items(tonight: Tonight, device: Device) -> None:
    """CHK-3: E2 comes after E1; a failed E1 keeps it waiting; taking back needs no order."""
    with pytest.raises(Refused, match="order_unverified") as refusal:
        tonight.answer("safety_officer", "CL-SAFE", "SAFE-E2", value="60")
    assert refusal.value.facts["waits_for"] == "SAFE-E1"
    tablet = device("safety_officer")
    say(tablet, said(tonight, "CL-SAFE", "SAFE-E1", "fail"))
    assert code_of(say(tablet, said(tonight, "CL-SAFE", "SAFE-E2", value="60"))) == ("noted", "order_unverified")
    assert code_of(say(tablet, said(tonight, "CL-SAFE", "SAFE-E2", "cleared"))) == ("applied", None)
    say(tablet, said(tonight, "CL-SAFE", "SAFE-E1"))
    assert code_of(say(tablet, said(tonight, "CL-SAFE", "SAFE-E2", value="60"))) == ("applied", None)


# -- two devices --------------------------------------------------------------------------------------------------------------


def test_two_different_answers_are_contested(tonight: Tonight, device: Device, verify_operation: Callable[..., Any]) -> None:
    """CHK-7, T31: both kept, counts as fail, values only for leads."""
    one, two = device("safety_officer"), device("shift_lead")
    first = say(one, said(tonight, "CL-SAFE", "SAFE-F3"))
    second = verify_operation(lambda: say(two, said(tonight, "CL-SAFE", "SAFE-F3", "fail")))
    assert (code_of(first), code_of(second)) == (("applied", None), ("noted", "contested"))
    item, run = tonight.item("CL-SAFE", "SAFE-F3"), tonight.run("CL-SAFE")
    assert item["contested"] and item["state"] == sorted([first["id"], second["id"]])
    assert all(set(answer) == {"id", "by", "at"} for answer in item["answers"])
    assert (run["counts"]["contested"], run["result"]) == (1, "fail")
    whole = tonight.record("contested_item", f"{tonight.run_id('CL-SAFE')}/SAFE-F3")
    assert {answer["verdict"] for answer in whole["answers"]} == {"pass", "fail"}
    assert tonight.exceptions() == ["contested"]
    with pytest.raises(Refused, match="contested"):
        tonight.answer("logistics_manager", "CL-SAFE", "SAFE-F3", basis=[])


def test_two_equal_answers_attest_each_other(tonight: Tonight, device: Device) -> None:
    """CHK-7: the same said twice by two people is one answer with two witnesses; 5 and 5.0 are the same."""
    one, two = device("safety_officer"), device("shift_lead")
    first = say(one, said(tonight, "CL-SAFE", "SAFE-F2", value="130"))
    second = say(two, said(tonight, "CL-SAFE", "SAFE-F2", value="130.0"))
    assert code_of(second) == ("applied", None)
    item = tonight.item("CL-SAFE", "SAFE-F2")
    assert not item["contested"] and item["state"] == sorted([first["id"], second["id"]])
    assert tonight.run("CL-SAFE")["counts"]["pass"] == 1


def test_who_has_seen_an_answer_changes_it(tonight: Tonight, device: Device) -> None:
    """CHK-7: the basis contains all current ids: a normal change; the old answer stays in the history."""
    one, two = device("safety_officer"), device("shift_lead")
    first = say(one, said(tonight, "CL-SAFE", "SAFE-F3"))
    second = say(two, said(tonight, "CL-SAFE", "SAFE-F3", "fail"), basis=[first["id"]])
    assert code_of(second) == ("applied", None)
    assert tonight.item("CL-SAFE", "SAFE-F3")["state"] == [second["id"]]
    history = select_answers(tonight.fresh(), tonight.site_id, tonight.run_id("CL-SAFE"))
    assert [(str(a.id), a.current, a.superseded_at is not None) for a in history] == [
        (first["id"], False, True),
        (second["id"], True, False),
    ]


def test_ones_own_earlier_answer_counts_as_seen(tonight: Tonight, device: Device) -> None:
    """CHK-7, sync.md §5: also with an empty basis, also in one batch."""
    tablet = device("safety_officer")
    each = (said(tonight, "CL-SAFE", "SAFE-F3", verdict) for verdict in ("pass", "fail", "pass"))
    ops = [tablet.op("checklists.answer_item", data) for data in each]
    verdicts = tablet.send(*ops)["verdicts"]
    assert {code_of(verdict) for verdict in verdicts} == {("applied", None)}
    assert tonight.item("CL-SAFE", "SAFE-F3")["state"] == [ops[-1]["id"]]
    history = select_answers(tonight.fresh(), tonight.site_id, tonight.run_id("CL-SAFE"))
    assert [a.current for a in history] == [False, False, True]


def test_taking_back_takes_back_what_was_seen(tonight: Tonight, device: Device) -> None:
    """T31: one tap clears an own answer; a stale clearing never takes a tick it had not seen, in either order."""
    one, two = device("safety_officer"), device("shift_lead")
    first = say(one, said(tonight, "CL-SAFE", "SAFE-F3"))
    say(one, said(tonight, "CL-SAFE", "SAFE-F3", "cleared"))
    assert (tonight.item("CL-SAFE", "SAFE-F3")["state"], tonight.run("CL-SAFE")["counts"]["open"]) == ([], 21)
    again = say(one, said(tonight, "CL-SAFE", "SAFE-F3"))
    stale = say(two, said(tonight, "CL-SAFE", "SAFE-F3", "cleared"), basis=[first["id"]])
    assert code_of(stale) == ("applied", None)
    assert tonight.item("CL-SAFE", "SAFE-F3")["state"] == [again["id"]]


def test_taking_back_ends_the_contest(tonight: Tonight, device: Device) -> None:
    """CHK-7: who takes the own answer back leaves the other one standing."""
    one, two = device("safety_officer"), device("shift_lead")
    say(one, said(tonight, "CL-SAFE", "SAFE-F3"))
    second = say(two, said(tonight, "CL-SAFE", "SAFE-F3", "fail"))
    say(one, said(tonight, "CL-SAFE", "SAFE-F3", "cleared"))
    item = tonight.item("CL-SAFE", "SAFE-F3")
    assert not item["contested"] and item["state"] == [second["id"]]
    assert tonight.record("contested_item", f"{tonight.run_id('CL-SAFE')}/SAFE-F3") is None


# -- time and signatures ------------------------------------------------------------------------------------------------------


def test_late_is_shown_and_never_erased(tonight: Tonight, device: Device) -> None:
    """CHK-8, GEN-5: by the corrected time, also when the show moves afterwards."""
    from app.shows.operations import change_show

    tablet, due = device("safety_officer"), tonight.run("CL-SAFE")["due_at"]
    in_time = tablet.op("checklists.answer_item", said(tonight, "CL-SAFE", "SAFE-F3"), at=due)
    late = tablet.op("checklists.answer_item", said(tonight, "CL-SAFE", "SAFE-F4"), at=due + 1)
    with clock.at(due + HOUR):
        tablet.send(in_time, late)
        change_show(tonight.cast.operations, show_id=tonight.show_id, starts_at=tonight.starts_at + 5 * HOUR)
    assert tonight.item("CL-SAFE", "SAFE-F3")["answers"][0]["late"] is False
    assert tonight.item("CL-SAFE", "SAFE-F4")["answers"][0]["late"] is True
    assert tonight.run("CL-SAFE")["counts"]["late"] == 1


@pytest.mark.parametrize(("verdict", "status"), [("pass", "accepted"), ("fail", "done")])
def test_an_answer_after_the_signature(tonight: Tonight, device: Device, verdict: str, status: str) -> None:
    """CHK-6, GEN-2: kept without effect, the run is flagged; a fail voids the signature, and what waited waits again."""
    tonight.through("CL-SAFE")
    with pytest.raises(Refused, match="after_acceptance"):
        tonight.answer("safety_officer", "CL-SAFE", "SAFE-F4", verdict=verdict)
    heard = say(device("safety_officer"), said(tonight, "CL-SAFE", "SAFE-F4", verdict))
    run = tonight.run("CL-SAFE")
    assert code_of(heard) == ("noted", "after_acceptance")
    assert (run["status"], run["flags"]) == (status, ["after_acceptance"])
    assert tonight.item("CL-SAFE", "SAFE-F4")["answers"][0]["verdict"] == "pass"
    assert (tonight.run("CL-SET")["needs"][0]["accepted_at"] is None) == (status == "done")


def test_a_late_answer_that_is_admitted_voids_the_signature(
    tonight: Tonight, device: Device, verify_operation: Callable[..., Any]
) -> None:
    """I7: the signature did not cover it; now the list shows it and waits to be signed again."""
    tonight.through("CL-SAFE")
    seen = tonight.item("CL-SAFE", "SAFE-P4")["state"]
    heard = say(device("safety_officer"), said(tonight, "CL-SAFE", "SAFE-P4", value="20"), basis=seen)
    admit = {"kept_id": heard["id"], "reason": "离线补传"}
    verify_operation(lambda: engine().perform(admit_operation, tonight.cast.shift_lead, admit))
    assert (tonight.run("CL-SAFE")["status"], tonight.item("CL-SAFE", "SAFE-P4")["state"]) == ("done", [heard["id"]])


def test_admitting_what_is_in_force_adds_nothing(tonight: Tonight, device: Device) -> None:
    """An answer out of turn already counts; the lead's word only closes its exception."""
    heard = say(device("stagehand"), said(tonight, "CL-SET", "SET-A2"))
    engine().perform(admit_operation, tonight.cast.shift_lead, {"kept_id": heard["id"], "reason": "现场看过"})
    assert tonight.operation(heard["id"]).status == "applied"
    assert tonight.item("CL-SET", "SET-A2")["state"] == [heard["id"]]
    assert tonight.exceptions() == []


def test_work_done_before_a_role_was_withdrawn_stays_valid(tonight: Tonight, device: Device) -> None:
    """GEN-7, T8: judged as of its own time."""
    tablet, start = device("safety_officer"), clock.now()
    before = tablet.op("checklists.answer_item", said(tonight, "CL-SAFE", "SAFE-F3"), at=start + MINUTE)
    with clock.at(start + 10 * MINUTE):
        withdraw_role(tonight.cast.admin, person_id=tonight.cast.safety_officer, role="safety_officer")
    after = tablet.op("checklists.answer_item", said(tonight, "CL-SAFE", "SAFE-F4"), at=start + 20 * MINUTE)
    with clock.at(start + HOUR):
        first, second = tablet.send(before, after)["verdicts"]
    assert code_of(first) == ("applied", None)
    assert code_of(second) == ("noted", "outside_grant")


def test_a_signature_is_a_picture(tonight: Tonight, device: Device) -> None:
    """F21: its sha256 is the value."""
    tonight.fill("CL-SAFE", but=["SAFE-P5"])
    verdict = say(device("safety_officer"), said(tonight, "CL-SAFE", "SAFE-P5", value=SIGNATURE), blobs=[SIGNATURE])
    assert code_of(verdict) == ("applied", None)
