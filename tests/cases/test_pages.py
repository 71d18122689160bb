"""The office's pages of exceptions and cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app.cases.models import Case, OperationException
from app.checklists.operations import report_fault
from app.lib.ids import Id, new_id
from tests.checklists.conftest import Tonight
from tests.checklists.conftest import tonight as tonight
from tests.checklists.test_pages import HTMX, READERS, questions

As = Callable[[str], FlaskClient]
Device = Callable[[str], Any]


def late_answer(tonight: Tonight, device: Device) -> Id:
    """An answer that reaches a signed list from a phone: kept, without effect, an exception is open."""
    tonight.through("CL-SAFE")
    data = {"run_id": str(tonight.run_id("CL-SAFE")), "item_id": "SAFE-F3", "verdict": "pass", "note": "补拍"}
    verdict = device("safety_officer").say("checklists.answer_item", data)
    assert (verdict["status"], verdict["code"]) == ("noted", "after_acceptance")
    found = tonight.fresh().scalar(select(OperationException.id))
    assert found is not None
    return found


def fault(tonight: Tonight) -> Id:
    """A fault reported about an item."""
    case_id = new_id()
    report_fault(
        tonight.cast.safety_officer, run_id=tonight.run_id("CL-SAFE"), item_id="SAFE-F3", case_id=case_id, kind="fault",
        severity="major", note="<b>漏电</b>",
    )  # fmt: skip
    return case_id


def test_who_reads_exceptions(tonight: Tonight, as_: As, client: FlaskClient, device: Device) -> None:
    """Leads and supervisors read; a supervisor decides nothing; the floor gets 403; another house's is 404."""
    page = f"/exceptions/{late_answer(tonight, device)}"
    for path in ("/exceptions", "/exceptions?decided=1", page):
        assert client.get(path).status_code == 303
        for login in ("shift_lead", "logistics_manager", "operations", "supervisor"):
            assert as_(login).get(path).status_code == 200, (login, path)
        for login in ("stagehand", "director", "admin", "finance"):
            assert as_(login).get(path).status_code == 403, (login, path)
    assert f"{page}/decision" in as_("shift_lead").get(page).text
    assert f"{page}/decision" not in as_("supervisor").get(page).text
    said = {"word": "admit", "reason": "x"}
    assert as_("supervisor").post(f"{page}/decision", data=said).status_code == 403
    assert as_("shift_lead").get(f"/exceptions/{new_id()}").status_code == 404
    assert as_("shift_lead").get("/exceptions/x").status_code == 404


def test_the_page_tells_what_was_said_and_whether_it_counts(tonight: Tonight, as_: As, device: Device) -> None:
    """Item, list, show, answer, note, person, device, both times, in force or not, and who decides."""
    page = as_("shift_lead").get(f"/exceptions/{late_answer(tonight, device)}").text
    for said in (
        "验收后到了迟来的答案",
        "开播前安全检查",
        "秋冬家居好物夜",
        "补拍",
        "马国强",
        "safety_officer&#39;s device",
        "没有生效",
    ):
        assert said in page, said
    assert "⟦" not in page


def test_admitting_and_dismissing(tonight: Tonight, as_: As, device: Device) -> None:
    """A reason is asked for; decided it leaves the queue, stands among the decided, and is not decided again."""
    exception_id = late_answer(tonight, device)
    url, browser = f"/exceptions/{exception_id}/decision", as_("logistics_manager")
    answer = browser.post(url, data={"word": "dismiss", "reason": " "}, headers=HTMX)
    assert answer.status_code == 422 and "<html" not in answer.text
    said = {"word": "dismiss", "reason": "已另拍", "operation_id": str(new_id())}
    for _ in range(2):
        assert browser.post(url, data=said).status_code == 303
    assert f"/exceptions/{exception_id}" not in browser.get("/exceptions").text
    assert "已另拍" in browser.get(f"/exceptions/{exception_id}").text
    assert browser.post(url, data={"word": "admit", "reason": "x"}, headers=HTMX).status_code == 409


def test_contested_answers_are_decided_on_their_list(tonight: Tonight, as_: As, device: Device) -> None:
    """The page leads to both answers instead of admitting one blindly (CHK-7)."""
    for login, verdict in (("stagehand", "pass"), ("stagehand2", "fail")):
        data = {"run_id": str(tonight.run_id("CL-SET")), "item_id": "SET-B1", "verdict": verdict}
        device(login).say("checklists.answer_item", data)
    found = tonight.fresh().scalar(select(OperationException.id).where(OperationException.code == "contested"))
    page = as_("shift_lead").get(f"/exceptions/{found}").text
    assert f"/lists/{tonight.run_id('CL-SET')}#item-SET-B1" in page and "/decision" not in page


def test_cases(tonight: Tonight, as_: As, client: FlaskClient) -> None:
    """Readers of lists read cases; a lead closes one with a reason, once; hostile words are words (T40)."""
    url = f"/cases/{fault(tonight)}"
    for path in ("/cases", "/cases?closed=1", url):
        assert client.get(path).status_code == 303
        for login in READERS:
            assert as_(login).get(path).status_code == 200, (login, path)
        assert as_("stagehand").get(path).status_code == 403
    assert as_("supervisor").post(f"{url}/closure", data={"reason": "x"}).status_code == 403
    lead = as_("shift_lead")
    assert "&lt;b&gt;漏电" in lead.get(url).text and "<b>漏电" not in lead.get("/cases").text
    assert lead.post(f"{url}/closure", data={"reason": ""}, headers=HTMX).status_code == 422
    assert lead.post(f"{url}/closure", data={"reason": "换了插座"}).status_code == 303
    assert "换了插座" in lead.get(url).text and "故障 1 号" in lead.get("/cases?closed=1").text
    assert lead.post(f"{url}/closure", data={"reason": "x"}, headers=HTMX).status_code == 409
    assert tonight.fresh().scalar(select(Case.status)) == "closed"
    assert lead.get(f"/cases/{new_id()}").status_code == 404


def test_both_languages(tonight: Tonight, as_: As, device: Device) -> None:
    """No word is missing (GEN-8)."""
    exception_id, case_id = late_answer(tonight, device), fault(tonight)
    browser = as_("shift_lead")
    for lang in ("zh", "en"):
        browser.set_cookie("offstage-lang", lang)
        for path in ("/exceptions", f"/exceptions/{exception_id}", "/exceptions?decided=1", "/cases", f"/cases/{case_id}"):
            assert "⟦" not in browser.get(path).text, (path, lang)


def test_constant_number_of_questions(tonight: Tonight, as_: As, device: Device) -> None:
    """Five exceptions and five cases cost as many statements as one."""
    late_answer(tonight, device)
    fault(tonight)
    browser = as_("shift_lead")
    before = {path: questions(browser, path) for path in ("/exceptions", "/cases")}
    phone = device("safety_officer")
    for item in ("SAFE-F3", "SAFE-F4", "SAFE-F3", "SAFE-F4"):
        data = {"run_id": str(tonight.run_id("CL-SAFE")), "item_id": item, "verdict": "pass"}
        phone.say("checklists.answer_item", data)
        fault(tonight)
    assert {path: questions(browser, path) for path in before} == before
