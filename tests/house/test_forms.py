"""Every form of the office: what is wrong stands at its field, in both languages, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cases.models import OperationException
from app.checklists.operations import report_fault
from app.demo.cast import PASSWORD
from app.lib.clock import DAY
from app.lib.ids import new_id
from app.lib.times import field_time
from app.sync.models import Operation
from tests.checklists.conftest import Tonight
from tests.checklists.conftest import tonight as tonight

Bad = dict[str, tuple[str, ...]]
HOSTILE = "\"'><script>alert(1)</script>"
LONG, NOBODY = "长" * 1001, "018f0000-0000-7000-8000-000000000000"
TYPED = ("text", "tel", "number", "datetime-local")
ENGLISH_OF_THE_LIBRARY = ("Missing data", "Length must", "Not a valid", "Must be", "may not be null", "maximum length")
REASON: Bad = {"reason": ("", "   ", LONG)}
PLAN: Bad = {
    "title": ("", "   ", LONG), "room_id": ("", "no", NOBODY), "starts_at": ("", "soon", "0206-01-01T20:00"),
    "planned_min": ("", "abc", "0", "1441", "9" * 30), "aim": (LONG,),
}  # fmt: skip
PERSON: Bad = {
    "name": ("", LONG), "login": ("", LONG, "camera"), "phone": ("abc", "1" * 21, "13800000005"), "lang": ("", "fr"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A form: who sends it where, what a good one says, and what each of its fields does not take.

    `keys` are fields that are no inputs: which of the form's buttons was pressed, a signature, something hidden. The good one is
    not taken where more than its fields is wrong.
    """

    login: str
    path: str
    good: dict[str, Any]
    bad: Bad
    keys: tuple[str, ...] = ()
    is_taken: bool = True


FORMS = {
    "people.add": Case(
        "admin", "/people", {"name": "沈月", "login": "shen", "phone": "13900000001", "lang": "en", "roles": "camera"},
        {**PERSON, "roles": ("nope", HOSTILE)},
    ),
    "people.change": Case("admin", "/people/{stagehand}", {"name": "王磊", "login": "w", "phone": "", "lang": "zh"}, PERSON),
    "people.give": Case("admin", "/people/{stagehand}/roles", {"role": "camera"}, {"role": ("", "nope", HOSTILE)}),
    "people.suspend": Case("admin", "/people/{stagehand}/suspension", {"reason": "休假"}, REASON),
    "people.leave": Case("admin", "/people/{stagehand}/leaving", {"reason": "离职"}, REASON),
    "people.own_language": Case("camera", "/account/language", {"lang": "en"}, {"lang": ("", "fr")}, keys=("lang",)),
    "people.change_own_password": Case(
        "camera", "/account/password", {"current": PASSWORD, "password": "很长的一句话 12", "again": "很长的一句话 12"},
        {"current": ("", "wrong"), "password": ("", "short", "x" * 201), "again": ("", "else")},
    ),
    "devices.rename": Case("logistics_manager", "/devices/{device}", {"name": "平板 3"}, {"name": ("", "   ", LONG)}),
    "devices.revoke": Case("logistics_manager", "/devices/{device}/revocation", {"reason": "丢了"}, REASON),
    "shows.plan": Case(
        "operations", "/shows",
        {"title": "母婴上新", "kind": "brand", "room_id": "{room}", "starts_at": "{later}", "planned_min": "90", "aim": "首播"},
        {**PLAN, "kind": ("", "party", HOSTILE)},
    ),
    "shows.change": Case(
        "operations", "/shows/{show}/plan",
        {"title": "改名", "room_id": "{room}", "starts_at": "{later}", "planned_min": "60", "aim": "x"}, PLAN,
    ),
    "shows.add_room": Case(
        "operations", "/shows/rooms", {"zh": "外场", "en": "On location"},
        {"zh": ("", "   ", LONG, "1 号直播间"), "en": ("", LONG, "studio 1")},
    ),
    "shows.cancel": Case("operations", "/shows/{show}/cancellation", {"reason": "主播生病"}, REASON),
    "cases.decide": Case(
        "shift_lead", "/exceptions/{exception}/decision", {"word": "admit", "reason": "当面看过"},
        {**REASON, "word": ("", "maybe", HOSTILE)}, keys=("word",),
    ),
    "cases.close": Case("shift_lead", "/cases/{case}/closure", {"reason": "换了线"}, REASON),
    "checklists.start": Case(
        "warehouse_keeper", "/start", {"template": "CL-GRN@1", "title": "到货 88", "show_id": ""},
        {"title": (LONG,), "show_id": ("no", NOBODY), "template": ("", "nope", LONG, HOSTILE)}, keys=("template",),
    ),
    "checklists.accept": Case(
        "operations", "/lists/{done}/acceptance", {"note": "看过", "signature": "data:image/png;base64,"},
        {"signature": ("", "data:image/png;base64,%%%", HOSTILE)}, keys=("signature",), is_taken=False,
    ),
    "checklists.reject": Case(
        "operations", "/lists/{done}/rejection", {"reason": "重拍", "item": []},
        {**REASON, "item": ("nope", HOSTILE)},
    ),
    "checklists.reopen": Case("logistics_manager", "/lists/{signed}/reopening", {"reason": "换了"}, REASON),
    "checklists.finish": Case("shift_lead", "/lists/{open}/finish", {"reason": "平板丢了"}, {"reason": (LONG,)}, is_taken=False),
    "checklists.waive": Case("logistics_manager", "/lists/{open}/items/SET-C1/waiver", {"reason": "有备机"}, REASON),
    "checklists.decide": Case(
        "shift_lead", "/lists/{open}/items/SET-B1/decision", {"answer_id": "{answer}", "reason": "看过"},
        {"answer_id": ("", "no", NOBODY), "reason": (LONG,)},
    ),
    "checklists.assign": Case(
        "shift_lead", "/lists/{open}/assignment", {"person": ["{stagehand}"]}, {"person": ("no", NOBODY, HOSTILE)},
    ),
    "checklists.cancel": Case("shift_lead", "/lists/{open}/cancellation", {"reason": "停播"}, REASON),
}  # fmt: skip
# Buttons without a field of their own, and forms whose answer is not about one field.
PLAIN = {
    "people.do_sign_in": "says login and password are not right, never which",
    "cases.decide_parked": "for what no device of these tests sends: tests/cases/test_decide_parked.py",
    "starter.set_up": "only on an empty site: tests/people/test_found_site.py",
    **dict.fromkeys(
        ("people.sign_out", "people.language", "people.end_sessions", "people.withdraw", "people.reset", "people.reinstate",
         "people.rehire", "devices.end_own", "devices.end_of_person", "starter.load", "checklists.refer",
         "checklists.drop_reference"), "one button",
    ),
}  # fmt: skip


class Page(HTMLParser):
    """A page's elements by id and name, and the text inside of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: dict[str, dict[str, Any]] = {}
        self.fields: list[dict[str, Any]] = []
        self.alerts: list[str] = []
        self.links: set[str] = set()
        self._open: list[dict[str, Any]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is open gathers the text up to its end."""
        one = {**dict(attrs), "tag": tag, "text": "", "inside": [o for o in self._open if o["tag"] in ("form", "fieldset")]}
        if one.get("id"):
            self.ids[one["id"]] = one
        if one.get("name"):
            self.fields.append(one)
        if tag == "a" and any(o.get("role") == "alert" for o in self._open):
            self.links.add(str(one.get("href")))
        if tag not in ("input", "meta", "link", "br", "img"):
            self._open.append(one)

    def handle_endtag(self, tag: str) -> None:
        """Its text is complete."""
        while any(one["tag"] == tag for one in self._open):
            one = self._open.pop()
            if one.get("role") == "alert":
                self.alerts.append(one["text"].strip())
            if one["tag"] == tag:
                break

    def handle_data(self, data: str) -> None:
        """Text belongs to every element around it."""
        for one in self._open:
            one["text"] += data

    def of(self, form: str, name: str) -> list[dict[str, Any]]:
        """The inputs of this name in the form that is sent there."""
        return [one for one in self.fields if one["name"] == name and any(o.get("action") == form for o in one["inside"])]


@pytest.fixture
def ids(tonight: Tonight, device: Callable[[str], Any]) -> dict[str, str]:
    """A night on which every form stands on some page: a list done, one signed, one open with two answers and a fail."""
    tonight.through("CL-SAFE")
    tonight.fill("CL-SMP")
    tonight.finish("CL-SMP")
    phones = [device(login) for login in ("stagehand", "stagehand2")]
    run_id, case_id = tonight.run_id("CL-SET"), new_id()
    for phone, verdict in zip(phones, ("pass", "fail"), strict=True):
        phone.say("checklists.answer_item", {"run_id": run_id, "item_id": "SET-B1", "verdict": verdict})
    tonight.answer("stagehand", "CL-SET", "SET-C1", verdict="fail", note="x", severity="major")
    fault = {"item_id": "SET-C1", "case_id": case_id, "kind": "fault", "severity": "major", "note": "x"}
    report_fault(tonight.cast.stagehand, run_id=run_id, **fault)
    phones[0].say("checklists.answer_item", {"run_id": tonight.run_id("CL-SAFE"), "item_id": "SAFE-F3", "verdict": "pass"})
    late = tonight.fresh().scalar(select(OperationException.id).where(OperationException.code != "contested"))
    found = {
        "device": phones[0].id, "room": tonight.room_id, "show": tonight.show_id, "open": run_id, "case": case_id,
        "done": tonight.run_id("CL-SMP"), "signed": tonight.run_id("CL-SAFE"), "exception": late,
        "answer": tonight.item("CL-SET", "SET-B1")["answers"][0]["id"], "stagehand": tonight.cast.stagehand,
        "later": field_time(tonight.starts_at + DAY),
    }  # fmt: skip
    return {name: str(value) for name, value in found.items()}


def filled(said: Any, ids: dict[str, str]) -> Any:
    """The ids of the night in their places."""
    if isinstance(said, str):
        return said.format(**ids) if "{" in said else said
    return {k: filled(v, ids) for k, v in said.items()} if isinstance(said, dict) else [filled(v, ids) for v in said]


def applied(session: Session) -> int:
    """How many operations were ever kept."""
    return session.scalar(select(func.count()).select_from(Operation)) or 0


def check_refused(answer: Any, form: str, case: Case, name: str, sent: dict[str, Any]) -> None:
    """The page with the form in it; what is wrong stands at the field and at the top of what is read out; the rest as typed."""
    assert answer.status_code == 422, (name, sent[name], answer.status_code)
    text = answer.text
    assert "<script>alert" not in text and "⟦" not in text
    assert not [said for said in ENGLISH_OF_THE_LIBRARY if said in text]
    page = Page(text)
    typed = {other: value for other, value in sent.items() if isinstance(value, str)}
    [alert] = [said for said in page.alerts if said]
    if name in case.keys:
        assert len(alert.splitlines()) > 1, "the field is named"
    else:
        inputs = page.of(form, name)
        marked = [one for field in inputs for one in (field, *field["inside"]) if one.get("aria-invalid") == "true"]
        assert marked, (name, "is not marked")
        error = page.ids[marked[0]["aria-describedby"].split()[-1]]["text"]
        assert error.strip() and error.strip() in alert and f"#{marked[0]['id']}" in page.links
        assert any(ch in error for ch in "：:"), "the sentence names the field"
    for other, value in typed.items() if name != "template" else ():  # a list that is not offered has no form
        inputs = [one for one in page.of(form, other) if one["tag"] == "textarea" or one.get("type") in TYPED]
        shown = [(one["text"] if one["tag"] == "textarea" else one.get("value") or "").strip() for one in inputs]
        assert not inputs or value.strip() in shown, (other, "was not kept")


@pytest.mark.parametrize("endpoint", FORMS)
def test_what_is_wrong_stands_at_its_field(
    endpoint: str, ids: dict[str, str], as_: Callable[[str], FlaskClient], tonight: Tonight
) -> None:
    """422 with the form drawn again, in both languages, and nothing changed (F34, GEN-8, T40)."""
    case = FORMS[endpoint]
    form, good = filled(case.path, ids), filled(case.good, ids)
    browser, before = as_(case.login), applied(tonight.fresh())
    seen = Page(browser.post(form, data={next(iter(case.bad)): "x" * 2000}).text).of(form, "state")
    good |= {"state": [one["value"] for one in seen]} if seen else {}
    for name, wrongs in case.bad.items():
        for number, wrong in enumerate(wrongs):
            browser.set_cookie("offstage-lang", ("zh", "en")[number % 2])
            sent = {**good, name: wrong}
            check_refused(browser.post(form, data=sent), form, case, name, sent)
    hostile = {k: HOSTILE if isinstance(v, str) and k not in case.keys else v for k, v in good.items()}
    for lang in ("zh", "en"):
        browser.set_cookie("offstage-lang", lang)
        first, [wrong, *_] = next(iter(case.bad.items()))
        check_refused(browser.post(form, data={**hostile, first: wrong}), form, case, first, {**hostile, first: wrong})
    assert applied(tonight.fresh()) == before
    if case.is_taken:
        assert browser.post(form, data=good).status_code == 303, "the same form without a mistake is taken"


def test_every_form_is_known(app: Flask) -> None:
    """A new form of these features is tried above, or has its reason here. Stock tries its own: tests/stock."""
    features = {endpoint.partition(".")[0] for endpoint in FORMS} | {"starter"}
    office = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or set()) and not rule.rule.startswith("/api/") and rule.endpoint.partition(".")[0] in features
    }
    assert office == {*FORMS, *PLAIN}
