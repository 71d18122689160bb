"""Somebody leaves the house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.cases.operations import close_case
from app.checklists.models import ChecklistAssignee
from app.checklists.operations import assign_run, report_fault, start_run
from app.demo.cast import PASSWORD
from app.lib import clock
from app.lib.clock import HOUR, now
from app.lib.ids import Id, new_id
from app.people.access import may, roles_at
from app.people.models import Person
from app.people.operations import end_employment, give_role, suspend_person
from tests.checklists.conftest import Tonight
from tests.checklists.conftest import tonight as tonight
from tests.conftest import Cast
from tests.people.conftest import refuses
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], fresh: Callable[[], Session], person: Callable[[Id], Person]
) -> None:
    """PPL-2, GEN-7: roles and rights end now, name and history stay, and so does what was right before."""
    later = now() + HOUR
    with clock.at(later):
        verify_operation(lambda: end_employment(cast.admin, person_id=cast.stagehand, reason=" 合同到期 "))
    gone = person(cast.stagehand)
    assert (gone.status, gone.left_at, gone.left_reason, gone.name) == ("left", later, "合同到期", "王磊")
    assert roles_at(fresh(), cast.stagehand, later) == set()
    assert may(fresh(), cast.stagehand, "checklists.answer", cast.site_id, later - 1)
    assert not may(fresh(), cast.stagehand, None, cast.site_id, later)


def test_they_are_out_everywhere(
    cast: Cast, as_: Callable[[str], FlaskClient], device: Callable[[str], WireDevice], client: FlaskClient
) -> None:
    """PPL-2: sessions end, the password opens nothing and says why only to who knows it."""
    browser = as_("stagehand")
    end_employment(cast.admin, person_id=cast.stagehand, reason="x")
    assert browser.get("/account").headers["Location"].startswith("/signin")
    right = client.post("/signin", data={"login": "stagehand", "password": PASSWORD, "lang": "en"})
    wrong = client.post("/signin", data={"login": "stagehand", "password": "wrong one"})
    assert right.status_code == 403 and "Set-Cookie" not in right.headers and wrong.status_code == 422


def test_their_devices_open_no_more_and_still_hand_in(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """PPL-2, GEN-7: the grant ends for good; what they did before counts, what comes after is kept without effect."""
    tablet, colleague = device("stagehand"), device("camera")
    before = tablet.op("checklists.start_run", {"run_id": str(new_id()), "template": "CL-SET"})
    with clock.at(now() + HOUR):
        end_employment(cast.admin, person_id=cast.stagehand, reason="x")
    with clock.at(now() + 2 * HOUR):
        after = tablet.op("checklists.start_run", {"run_id": str(new_id()), "template": "CL-SET"})
        verdicts = tablet.send(before, after)["verdicts"]
        tablet.pull()
        colleague.pull()
    assert [(verdict["status"], verdict["code"]) for verdict in verdicts] == [("applied", None), ("noted", "outside_grant")]
    assert tablet.all("me") == [] and tablet.all("person") == [] and tablet.all("playbook")
    known = colleague.get("person", cast.stagehand)
    assert (known["name"], known["roles"]) == ("王磊", [])


def test_nobody_leaves_with_open_cases(cast: Cast, person: Callable[[Id], Person]) -> None:
    """PPL-2: refused until they are closed, with their numbers; nothing is changed by the refusal."""
    run_id, cases = new_id(), [new_id(), new_id()]
    start_run(cast.safety_officer, run_id=run_id, template="CL-SAFE")
    fault = {"run_id": run_id, "kind": "fault", "severity": "major", "owner": cast.stagehand}
    for case_id, item_id in zip(cases, ("SAFE-F3", "SAFE-F1"), strict=True):
        report_fault(cast.safety_officer, case_id=case_id, item_id=item_id, **fault)
    refusal = refuses("cases_left", lambda: end_employment(cast.admin, person_id=cast.stagehand, reason="x"))
    assert refusal.facts == {"n": 2, "cases": "1, 2"}
    assert (person(cast.stagehand).status, person(cast.stagehand).left_at) == ("active", None)
    for case_id in cases:
        close_case(cast.shift_lead, case_id=case_id, reason="x")
    end_employment(cast.admin, person_id=cast.stagehand, reason="x")


def test_their_lists_come_back_to_somebody(
    tonight: Tonight, as_: Callable[[str], FlaskClient], verify_operation: Callable[..., Any], fresh: Callable[[], Session]
) -> None:
    """PPL-2: lists that go on are nobody's again and a case names each for whoever leads; shared, signed ones need nobody."""
    cast = tonight.cast
    alone, shared = tonight.run_id("CL-SET"), tonight.run_id("CL-LGT")
    assign_run(cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), people=[cast.stagehand])
    tonight.through("CL-SAFE")
    assign_run(cast.shift_lead, run_id=alone, people=[cast.stagehand])
    assign_run(cast.shift_lead, run_id=shared, people=[cast.stagehand, cast.camera])
    verify_operation(lambda: end_employment(cast.admin, person_id=cast.stagehand, reason="x"))
    assert (tonight.run("CL-SET")["assignees"], tonight.run("CL-LGT")["assignees"]) == ([], [str(cast.camera)])
    kept = fresh().scalars(select(ChecklistAssignee.run_id).where(ChecklistAssignee.person_id == cast.stagehand)).all()
    assert kept == [tonight.run_id("CL-SAFE")], "history stays"
    [case] = fresh().scalars(select(Case)).all()
    assert (case.kind, case.about_kind, case.about_id, case.note) == ("handover", "checklist_run", str(alone), "王磊")
    lead = as_("shift_lead")
    for page in ("/cases", f"/cases/{case.id}"):
        text = lead.get(page).text
        assert "场地分区布置与验收" in text and "原来指派给王磊" in text and "交接 1 号" in text
    assert f'href="/lists/{alone}"' in lead.get(f"/cases/{case.id}").text
    assign_run(cast.shift_lead, run_id=alone, people=[cast.camera])
    close_case(cast.shift_lead, case_id=case.id, reason="派给孙浩")


def test_only_who_manages_people_may(
    cast: Cast, not_for_others: Callable[..., None], not_from_a_device: Callable[..., None]
) -> None:
    """Administrators, online."""
    not_for_others(end_employment, person_id=cast.stagehand, reason="x")
    not_from_a_device(end_employment, person_id=str(cast.stagehand), reason="x")


def test_wrong_states(cast: Cast) -> None:
    """Not oneself, not without a reason, not twice; who left is hired again before anything else. Who is suspended may leave."""
    refuses("own_account", lambda: end_employment(cast.admin, person_id=cast.admin, reason="x"))
    refuses("malformed", lambda: end_employment(cast.admin, person_id=cast.stagehand, reason=" "), "reason")
    suspend_person(cast.admin, person_id=cast.stagehand, reason="x")
    end_employment(cast.admin, person_id=cast.stagehand, reason="x")
    for verb, data in ((end_employment, {"reason": "x"}), (suspend_person, {"reason": "x"}), (give_role, {"role": "camera"})):
        refuses("has_left", lambda verb=verb, data=data: verb(cast.admin, person_id=cast.stagehand, **data))  # type: ignore[misc]  # mypy reads no default of a lambda


def test_said_twice_it_is_once(cast: Cast, as_: Callable[[str], FlaskClient]) -> None:
    """GEN-4, by the page's form; the page tells when and why, and offers only to hire again."""
    admin, form = as_("admin"), {"reason": "合同到期", "operation_id": str(new_id())}
    for _ in range(2):
        assert admin.post(f"/people/{cast.stagehand}/leaving", data=form).status_code == 303
    page = admin.get(f"/people/{cast.stagehand}").text
    assert "原因：合同到期" in page and "/leaving/end" in page and "没有岗位的人可以登录" not in page
    assert not any(f'/people/{cast.stagehand}/{verb}"' in page for verb in ("leaving", "suspension", "password", "roles"))
    assert "合同到期" not in as_("stagehand2").get(f"/people/{cast.stagehand}").text
    assert "王磊" not in admin.get("/people").text and "王磊" in admin.get("/people?state=left").text


def test_a_refused_form_keeps_what_was_typed(cast: Cast, as_: Callable[[str], FlaskClient]) -> None:
    """Its page comes back with the sentence at the field."""
    answer = as_("admin").post(f"/people/{cast.stagehand}/leaving", data={"reason": ""})
    assert answer.status_code == 422 and "写明原因" in answer.text
