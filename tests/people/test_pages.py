"""The pages of people: who sees what, and what they say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.lib.ids import Id, new_id
from app.people.operations import add_person, suspend_person
from tests.conftest import Cast
from tests.people.conftest import HASH

As = Callable[[str], FlaskClient]
ZH = {"Accept-Language": "zh"}
HTMX = {"HX-Request": "true", **ZH}

# Route → who gets what: nobody signed in, a stagehand, the logistics manager, the administrator.
MATRIX = {
    "GET /signin": (200, 200, 200, 200),
    "GET /setup": (303, 303, 303, 303),
    "GET /account": (303, 200, 200, 200),
    "GET /account/password": (303, 303, 303, 303),
    "POST /account/password": (303, 422, 422, 422),
    "POST /account/language": (303, 422, 422, 422),
    "GET /people": (303, 200, 200, 200),
    "GET /people.csv": (303, 403, 403, 200),
    "GET /people/new": (303, 403, 403, 200),
    "POST /people": (303, 403, 403, 422),
    "GET /people/{id}": (303, 200, 200, 200),
    "POST /people/{id}": (303, 403, 403, 422),
    "POST /people/{id}/roles": (303, 403, 403, 422),
    "POST /people/{id}/roles/camera/end": (303, 403, 403, 409),
    "GET /people/{id}/suspension": (303, 303, 303, 303),
    "POST /people/{id}/suspension": (303, 403, 403, 422),
    "POST /people/{id}/suspension/end": (303, 403, 403, 409),
    "POST /starter": (303, 403, 403, 303),
    "POST /people/{id}/password": (303, 403, 403, 303),
    "POST /signout": (303, 303, 303, 303),
}


@pytest.mark.parametrize("route", MATRIX)
def test_who_may_what(route: str, client: FlaskClient, as_: As, cast: Cast) -> None:
    """Every route for everybody: led to the sign-in, 403, or the page's own answer."""
    method, path = route.split(" ")
    browsers = (client, as_("stagehand"), as_("logistics_manager"), as_("admin"))
    found = tuple(b.open(path.format(id=cast.director), method=method).status_code for b in browsers)
    assert found == MATRIX[route]


@pytest.mark.parametrize("path", ["/people/{id}", "/people/{id}/roles", "/people/{id}/password", "/people/{id}/suspension/end"])
def test_nobody_is_guessed(path: str, as_: As) -> None:
    """An id that is not of this house is a 404, whatever is asked of it."""
    data = {"role": "camera", "name": "x", "login": "x", "lang": "zh"}
    assert as_("admin").post(path.format(id=new_id()), data=data).status_code == 404
    assert as_("admin").get("/people/nonsense").status_code == 404


def test_the_list_is_narrowed_and_sorted(cast: Cast, as_: As) -> None:
    """By role, by state, by pinyin; the page itself narrows while one types."""
    suspend_person(cast.admin, person_id=cast.marketing, reason="休假")
    admin = as_("admin")
    page = admin.get("/people", headers=ZH).text
    assert (
        "26 人在用，1 人停用" in page and "韩雪" not in page and page.index("曹睿") < page.index("陈建国") < page.index("张秀兰")
    )
    assert "韩雪" in admin.get("/people?state=suspended").text and "韩雪" in admin.get("/people?state=all").text
    stagehands = admin.get("/people?role=stagehand").text.split("<tbody>")[1]
    assert stagehands.count("<tr") == 2
    down = admin.get("/people?sort=role&down=1").text.split("<tbody>")[1]
    assert down.index("周雨桐") < down.index("何冰冰")
    assert admin.get("/people?sort=%27--&state=x&role=%3Cb%3E").status_code == 200
    assert 'data-said="王磊 场务' in page


def test_phones_and_logins_are_not_for_everybody(as_: As, cast: Cast) -> None:
    """Numbers for those who call people in, logins and devices for those who manage, names and roles for all."""
    for login, phone, account in (("camera", False, False), ("shift_lead", True, False), ("admin", True, True)):
        pages = as_(login).get("/people").text + as_(login).get(f"/people/{cast.stagehand}").text
        assert ("13800000004" in pages) == phone
        assert ("stagehand2" in pages) == account
    assert "13800000006" in as_("camera").get(f"/people/{cast.camera}").text, "one's own number"


def test_history_and_verbs_are_an_administrators(as_: As, cast: Cast) -> None:
    """Everybody reads roles and duties; the rest is not even in the page."""
    others, admins = (as_(login).get(f"/people/{cast.stagehand}", headers=ZH).text for login in ("camera", "admin"))
    for said in ("历史", "停用账号", "重设密码", "改资料"):
        assert said not in others and said in admins
    assert "按时间节点布置" in others


def test_the_list_leaves_the_house_as_text(cast: Cast, as_: As) -> None:
    """GEN-10, T40: UTF-8 with its mark, leading zeros kept, nothing runs as a formula."""
    evil = new_id()
    add_person(cast.admin, person_id=evil, name='=HYPERLINK("//x")', login="@evil", phone="00123456", password_hash=HASH)
    answer = as_("admin").get("/people.csv", headers=ZH)
    assert answer.mimetype == "text/csv" and answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 28
    row = next(row for row in rows if "HYPERLINK" in row["姓名"])
    assert row["姓名"].startswith("'=") and row["账号"] == "'@evil" and row["手机号"] == "00123456"


NAUGHTY = [
    "<img src=x onerror=alert(1)>", "{{ 7*7 }}", "Robert'); DROP TABLE person;--", "‮evil", "𠜎𠜱 👩‍🔧", "阿卜杜热合曼·买买提",
    "%s%n{0}", "null", "../../etc",
]  # fmt: skip


@pytest.mark.parametrize("name", NAUGHTY)
def test_any_name_stands_as_it_was_typed(name: str, as_: As) -> None:
    """T40: escaped on every page that shows it, and still the name that was typed."""
    admin, person_id = as_("admin"), str(new_id())
    form = {"name": name, "login": f"login {NAUGHTY.index(name)}", "phone": "", "lang": "zh", "person_id": person_id}
    assert admin.post("/people", data=form).status_code == 303
    for page in ("/people", f"/people/{person_id}"):
        text = admin.get(page).text
        assert "<img src=x" not in text and ">49<" not in text and "⟦" not in text
    csv_text = admin.get("/people.csv").data.decode("utf-8-sig")
    assert any(row[0].lstrip("'") == name for row in csv.reader(io.StringIO(csv_text)))


def test_refusals_come_beside_the_form(as_: As, cast: Cast) -> None:
    """htmx gets the sentence alone; a browser without it a page in both languages."""
    fragment = as_("admin").post(f"/people/{cast.camera}/roles/stagehand/end", headers=HTMX)
    assert fragment.status_code == 409 and "<html" not in fragment.text and "这个岗位已经收回" in fragment.text
    page = as_("admin").post(f"/people/{cast.camera}/roles/stagehand/end", headers=ZH).text
    assert "<html" in page and "这个岗位已经收回" in page and "This role has ended already" in page


def test_both_languages_are_complete(as_: As, cast: Cast) -> None:
    """GEN-8: no key shows through, and an English page asks for nothing in Chinese but names."""
    admin = as_("admin")
    for lang in ("zh", "en"):
        admin.set_cookie("offstage-lang", lang)
        for page in ("/people", "/people/new", f"/people/{cast.stagehand}", "/account", "/signin", "/devices"):
            assert "⟦" not in admin.get(page).text


def test_pages_of_htmx_are_the_same_pages(as_: As, cast: Cast) -> None:
    """A fragment is the page without its frame."""
    admin = as_("admin")
    whole, part = admin.get("/people").text, admin.get("/people", headers=HTMX).text
    assert part.strip().startswith("<main") and "<nav" not in part.split("</main>")[1]
    assert whole.count("<tr") == part.count("<tr")


def test_the_id_of_a_form_is_checked(as_: As, cast: Cast) -> None:
    """An operation id that is none is as good as none."""
    for said in ("", "x", "1" * 36):
        form = {"role": "co_host", "operation_id": said}
        assert as_("admin").post(f"/people/{cast.camera}/roles", data=form).status_code == 303


def test_ones_own_page_leads_to_the_account(as_: As, cast: Cast) -> None:
    """Nobody suspends, resets or gives a role to themselves by a button."""
    admin = as_("admin")
    page = admin.get(f"/people/{cast.admin}").text
    assert 'href="/account"' in page
    assert all(f"/people/{cast.admin}/{verb}" not in page for verb in ("suspension", "password", 'roles"'))


def test_ids_are_canonical(as_: As, newcomer: Id) -> None:
    """One address a person."""
    assert as_("admin").get(f"/people/{newcomer.hex}").status_code == 404
