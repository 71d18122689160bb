"""The board of tonight: who sees it, what it says, that it moves cheaply."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from app.lib import clock
from app.lib.clock import HOUR, MINUTE
from app.lib.ids import new_id
from app.shows.operations import plan_show
from tests.checklists.conftest import Tonight
from tests.checklists.conftest import tonight as tonight  # the same evening
from tests.checklists.test_pages import HTMX, questions

As = Callable[[str], FlaskClient]


def test_who_sees_the_board(tonight: Tonight, as_: As, client: FlaskClient) -> None:
    """Readers see tonight; the floor's people are shown the way there; nobody gets in without signing in."""
    assert client.get("/").status_code == 303
    assert "开播前安全检查" in as_("shift_lead").get("/").text
    page = as_("stagehand").get("/").text
    assert "开播前安全检查" not in page and "/floor/today" in page


def test_the_navigation_leads_only_where_one_may_go(tonight: Tonight, as_: As) -> None:
    """Every link beside the page answers 200 for the person who sees it."""
    for login in ("shift_lead", "supervisor", "stagehand", "admin", "logistics_manager"):
        browser = as_(login)
        links = set(re.findall(r'<a class="nav" href="(/[^"]*)"', browser.get("/").text))
        assert {"/", "/account", "/floor/today"} <= links
        for link in links:
            assert browser.get(link).status_code == 200, (login, link)


def test_gates_on_the_clock(tonight: Tonight, as_: As) -> None:
    """Ten gates before the show, each with a bar; a critical fail is the blocker and the verdict."""
    with clock.at(tonight.starts_at - 3 * HOUR):
        tonight.through("CL-SAFE")
        tonight.answer("stagehand", "CL-SET", "SET-C1", verdict="fail", note="看不见", severity="major")
        page = as_("shift_lead").get("/").text
    assert page.count('class="outline"') == 10
    assert "还不能开播" in page and "挡住开播的" in page
    assert re.search(r'href="/lists/[^"]+#item-SET-C1"', page)
    assert page.count('class="nowline"') == 10


def test_what_waits_for_this_person(tonight: Tonight, as_: As) -> None:
    """A finished list waits for whoever may sign it, and for nobody who answered in it (GEN-3)."""
    with clock.at(tonight.starts_at - 230 * MINUTE):
        tonight.fill("CL-SAFE")
        tonight.finish("CL-SAFE")
        assert "验收：开播前安全检查" in as_("logistics_manager").get("/").text
        assert "验收：开播前安全检查" not in as_("director").get("/").text


def test_the_board_asks_for_itself_and_hears_that_nothing_changed(tonight: Tonight, as_: As) -> None:
    """As a fragment it is the board alone, with an ETag; the same ETag again is 304 until somebody does something."""
    with clock.at(tonight.starts_at - 3 * HOUR):
        browser = as_("shift_lead")
        first = browser.get("/", headers=HTMX)
        assert "<html" not in first.text and "<main" not in first.text and first.headers["Offstage-Fragment"] == "1"
        again = browser.get("/", headers={**HTMX, "If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304 and not again.data
        tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3", verdict="fail", note="x", severity="minor")
        assert browser.get("/", headers={**HTMX, "If-None-Match": first.headers["ETag"]}).status_code == 200


def test_both_languages(tonight: Tonight, as_: As) -> None:
    """No word is missing (GEN-8)."""
    for login in ("logistics_manager", "stagehand"):
        browser = as_(login)
        for lang in ("zh", "en"):
            browser.set_cookie("offstage-lang", lang)
            assert "⟦" not in browser.get("/").text


def test_constant_number_of_questions(tonight: Tonight, as_: As) -> None:
    """A second show with its lists costs no statement more."""
    browser = as_("logistics_manager")
    before = questions(browser, "/")
    plan_show(
        tonight.cast.operations, show_id=new_id(), title="夜场", kind="daily", room_id=tonight.room_id,
        starts_at=tonight.starts_at + 6 * HOUR, planned_min=60,
    )  # fmt: skip
    assert questions(browser, "/") <= before


def test_errors_speak_both_languages_and_name_help(tonight: Tonight, as_: As, client: FlaskClient) -> None:
    """404 and 403 as pages: both languages, who can help, the way back (F34); as a fragment one sentence."""
    browser = as_("stagehand")
    for path, status in (("/nowhere", 404), ("/lists", 403), ("/shows", 403), ("/exceptions", 403), ("/cases", 403)):
        answer: Any = browser.get(path)
        assert answer.status_code == status, path
        assert 'lang="en"' in answer.text and "logistics manager" in answer.text and "后勤主管" in answer.text
        part = browser.get(path, headers=HTMX)
        assert part.status_code == status and "<html" not in part.text
    assert client.get("/nowhere").status_code == 404
