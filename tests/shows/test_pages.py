"""The office's pages of shows: who reads, who plans, what a wrong plan is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.lib.clock import DAY
from app.lib.ids import new_id
from app.lib.times import field_time
from tests.checklists.test_pages import HTMX, READERS, questions
from tests.shows.conftest import Plan

As = Callable[[str], FlaskClient]


def typed(plan: Plan, **more: Any) -> dict[str, Any]:
    """The form as a planner fills it in."""
    return {
        "title": "母婴上新", "kind": "brand", "room_id": str(plan.two), "starts_at": field_time(plan.starts_at),
        "planned_min": "90", "aim": "新品首播", "show_id": str(new_id()), "operation_id": str(new_id()), **more,
    }  # fmt: skip


def test_role_matrix(plan: Plan, as_: As, client: FlaskClient) -> None:
    """Readers of lists read shows; only planners get the form; the floor gets 403."""
    show = f"/shows/{plan.show()}"
    for page in ("/shows", "/shows?past=1", show):
        assert client.get(page).status_code == 303, page
        for login in READERS:
            assert as_(login).get(page).status_code == 200, (login, page)
        for login in ("stagehand", "finance", "admin"):
            assert as_(login).get(page).status_code == 403, (login, page)
    for login in ("operations", "logistics_manager"):
        assert as_(login).get("/shows/new").status_code == 200
    for login in ("shift_lead", "supervisor", "stagehand"):
        assert as_(login).get("/shows/new").status_code == 403
        assert as_(login).post("/shows", data=typed(plan)).status_code == 403
        assert as_(login).post(f"{show}/cancellation", data={"reason": "x"}).status_code == 403
    assert as_("operations").get(f"/shows/{new_id()}").status_code == 404
    assert as_("operations").get("/shows/nonsense").status_code == 404


def test_planning_lays_out_the_lists(plan: Plan, as_: As) -> None:
    """Planned once, however often the form is sent; its page shows every list with its times."""
    said, browser = typed(plan), as_("operations")
    for _ in range(2):
        answer = browser.post("/shows", data=said)
        assert (answer.status_code, answer.location) == (303, f"/shows/{said['show_id']}")
    page = browser.get(answer.location).text
    assert "母婴上新" in page and "新品首播" in page and "2 号直播间" in page and page.count('class="statecell"') == 12
    assert "母婴上新" in browser.get("/shows").text
    assert plan.record("show", said["show_id"])["starts_at"] == plan.starts_at - plan.starts_at % 60_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 201), ("kind", "party"), ("room_id", "no"), ("starts_at", "0206-01-01T20:00"),
        ("starts_at", "soon"), ("planned_min", "0"), ("planned_min", "1e9"), ("planned_min", "abc"), ("aim", "x" * 1001),
    ],
)  # fmt: skip
def test_a_wrong_plan_names_the_field(plan: Plan, as_: As, field: str, value: str) -> None:
    """422 beside the form, the field named, nothing planned."""
    said = typed(plan, **{field: value})
    answer = as_("operations").post("/shows", data=said, headers=HTMX)
    assert answer.status_code == 422 and field in answer.text and "<html" not in answer.text
    assert plan.record("show", said["show_id"]) is None


def test_the_first_room_of_a_site(app: Flask, as_: As, client: FlaskClient) -> None:
    """Without a room nothing can be planned: the page leads to the form, and the room that is added can be planned in."""
    browser = as_("operations")
    assert 'href="/shows/rooms"' in browser.get("/shows/new").text and "<select" not in browser.get("/shows/new").text
    said = {"room_id": str(new_id()), "operation_id": str(new_id()), "zh": "1 号直播间", "en": "Studio 1"}
    for _ in range(2):
        answer = browser.post("/shows/rooms", data=said)
        assert (answer.status_code, answer.location) == (303, "/shows/rooms")
    page = browser.get("/shows/rooms").text
    assert page.count("1 号直播间</span>") == 1 and "Studio 1" in page and "加的" in page, "who added it is on the page"
    assert said["room_id"] in browser.get("/shows/new").text
    assert client.get("/shows/rooms").status_code == client.post("/shows/rooms", data=said).status_code == 303
    for login in ("shift_lead", "supervisor", "stagehand", "admin"):
        assert as_(login).get("/shows/rooms").status_code == 403
        assert as_(login).post("/shows/rooms", data={"zh": "x", "en": "x"}).status_code == 403


def test_a_taken_room_is_said_in_a_sentence(plan: Plan, as_: As) -> None:
    """SHW-3: the other show is named."""
    plan.show(title="家居好物夜", room_id=plan.two)
    answer = as_("operations").post("/shows", data=typed(plan), headers=HTMX)
    assert answer.status_code == 409 and "家居好物夜" in answer.text


def test_moving_and_cancelling(plan: Plan, as_: As) -> None:
    """Moved lists move along; a cancelled show closes them and shows the reason; then nothing more can be changed."""
    show_id, browser = plan.show(), as_("logistics_manager")
    before = plan.run(show_id, "CL-SET")["due_at"]
    said = typed(plan, starts_at=field_time(plan.starts_at + DAY), title="改名场")
    assert browser.post(f"/shows/{show_id}/plan", data=said).status_code == 303
    moved = plan.run(show_id, "CL-SET")["due_at"] - before
    assert abs(moved - DAY) < 60_000
    assert browser.post(f"/shows/{show_id}/cancellation", data={"reason": "主播生病"}).status_code == 303
    page = browser.get(f"/shows/{show_id}").text
    assert "主播生病" in page and "改名场" in page and f"/shows/{show_id}/plan" not in page
    answer = browser.post(f"/shows/{show_id}/plan", data={**said, "operation_id": str(new_id())}, headers=HTMX)
    assert answer.status_code == 409 and "已取消" in answer.text


def test_both_languages_and_hostile_names(plan: Plan, as_: As) -> None:
    """No word is missing; a title with markup is shown as typed (GEN-8, T40)."""
    show_id = plan.show(title="<img src=x onerror=alert(1)>")
    browser = as_("operations")
    for lang in ("zh", "en"):
        browser.set_cookie("offstage-lang", lang)
        for path in ("/shows", "/shows?past=1", "/shows/new", f"/shows/{show_id}", "/lists"):
            text = browser.get(path).text
            assert "⟦" not in text and "<img src=x" not in text, (path, lang)


def test_constant_number_of_questions(plan: Plan, as_: As) -> None:
    """Five shows cost as many statements as one."""
    browser = as_("operations")
    plan.show()
    before = questions(browser, "/shows")
    for number in range(1, 5):
        plan.show(starts_at=plan.starts_at + number * DAY, title=f"第 {number} 场")
    assert questions(browser, "/shows") <= before
