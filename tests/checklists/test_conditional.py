"""Items that are asked only under an answer (F22): what counts, what ends a list, and what a template may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.checklists.operations import answer_item, finish_run, start_run
from app.lib.errors import Refused
from app.lib.ids import Id, new_id
from app.starter.operations import load_pack
from app.starter.reading import read_files
from tests.checklists.conftest import Tonight
from tests.conftest import Cast

ASKED = {
    "id": "CL-RAIN", "version": 1, "zh": "雨天加查", "en": "Rainy day", "phase": "daily", "anchor": "day_open",
    "start_offset_min": 0, "due_offset_min": 60, "owner_role": "stagehand", "accept_role": "shift_lead",
    "sections": [{"id": "RAIN-A", "zh": "门口", "en": "Door", "items": [
        {"id": "RAIN-A1", "zh": "地面干燥", "en": "Floor is dry", "kind": "tick"},
        {"id": "RAIN-A2", "zh": "已放警示牌", "en": "Warning sign stands", "kind": "tick", "critical": True,
         "when": {"item": "RAIN-A1", "is": ["fail"]}},
        {"id": "RAIN-A3", "zh": "哪块牌子", "en": "Which sign", "kind": "text", "when": {"item": "RAIN-A2", "is": ["pass"]}},
    ]}],
}  # fmt: skip


def with_list(change: Callable[[list[dict[str, Any]]], None] = lambda items: None) -> dict[str, Any]:
    """The pack with a list of conditional items."""
    items = [dict(item) for item in ASKED["sections"][0]["items"]]  # type: ignore[index]
    change(items)
    return {**read_files(), "checklists/99-rain.yaml": {**ASKED, "sections": [{**ASKED["sections"][0], "items": items}]}}  # type: ignore[index,dict-item]


@pytest.fixture
def rain(tonight: Tonight, cast: Cast) -> Id:
    """A list begun, nothing answered."""
    load_pack(cast.admin, files=with_list())
    run_id = new_id()
    start_run(cast.stagehand, run_id=run_id, template="CL-RAIN")
    return run_id


def test_what_is_not_asked_is_not_missing(tonight: Tonight, cast: Cast, rain: Id) -> None:
    """F22, CHK-2: the critical follow-up of a dry floor keeps no list open and stands in no count."""
    counts = tonight.record("checklist_run", rain)["counts"]
    assert counts["open"] == 1
    answer_item(cast.stagehand, run_id=rain, item_id="RAIN-A1", verdict="pass")
    finish_run(cast.stagehand, run_id=rain)
    run = tonight.record("checklist_run", rain)
    assert (run["status"], run["score"], run["counts"]["open"]) == ("done", {"pass": 1, "total": 1}, 0)


def test_a_follow_up_that_is_asked_holds_the_list(tonight: Tonight, cast: Cast, rain: Id) -> None:
    """F22, CHK-2: asked by a fail, it blocks like any critical item; answered and no longer asked, it counts for nothing."""
    answer_item(cast.stagehand, run_id=rain, item_id="RAIN-A1", verdict="fail", note="进水")
    with pytest.raises(Refused, match="critical_gaps") as refusal:
        finish_run(cast.stagehand, run_id=rain)
    assert refusal.value.facts["items"] == "RAIN-A2"
    answer_item(cast.stagehand, run_id=rain, item_id="RAIN-A2", verdict="fail", note="找不到牌子")
    assert tonight.record("checklist_run", rain)["result"] == "fail"
    first = tonight.record("checklist_item", f"{rain}/RAIN-A1")["state"]
    answer_item(cast.stagehand, run_id=rain, item_id="RAIN-A1", verdict="pass", basis=first)
    run = tonight.record("checklist_run", rain)
    assert (run["result"], run["counts"]["fail"], run["counts"]["pass"]) == (None, 0, 1)
    kept = tonight.record("checklist_item", f"{rain}/RAIN-A2")["answers"]
    assert [answer["verdict"] for answer in kept] == ["fail"]  # and would count again


def test_the_office_shows_what_is_asked_and_says_when(cast: Cast, rain: Id, as_: Callable[[str], FlaskClient]) -> None:
    """The record leaves out what was not asked; the template says under which answer it is."""
    client = as_("supervisor")
    page = client.get(f"/lists/{rain}").get_data(as_text=True)
    assert "地面干燥" in page and "已放警示牌" not in page
    assert "只在“地面干燥”答“不合格”时才问" in client.get("/templates/CL-RAIN@1").get_data(as_text=True)
    answer_item(cast.stagehand, run_id=rain, item_id="RAIN-A1", verdict="fail", note="进水")
    assert "已放警示牌" in client.get(f"/lists/{rain}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("change", "key", "why"),
    [
        ({"item": "RAIN-A3", "is": ["pass"]}, "RAIN-A2.when.item", "RAIN-A3 is no item above this one"),
        ({"item": "RAIN-A2", "is": ["pass"]}, "RAIN-A2.when.item", "RAIN-A2 is no item above this one"),
        ({"item": "RAIN-A1", "is": ["maybe"]}, "RAIN-A2.when.is", "maybe cannot be said to RAIN-A1: pass, fail, na"),
        ({"item": "RAIN-A1", "is": []}, "sections.0.items.1.when.is", "Shorter than minimum length 1."),
        ({"item": "RAIN-A1"}, "sections.0.items.1.when.is", "Missing data for required field."),
    ],
)
def test_a_condition_that_cannot_be_is_refused(cast: Cast, change: dict[str, Any], key: str, why: str) -> None:
    """Told by file and key; nothing is loaded."""
    with pytest.raises(Refused, match="bad_pack") as refusal:
        load_pack(cast.admin, files=with_list(lambda items: items[1].update(when=change)))
    assert refusal.value.facts == {"file": "checklists/99-rain.yaml", "key": key, "why": why}


def test_nothing_waits_for_what_may_not_be_asked(cast: Cast) -> None:
    """CHK-3: it would wait for ever."""
    with pytest.raises(Refused, match="bad_pack") as refusal:
        load_pack(cast.admin, files=with_list(lambda items: items[2].update(after=["RAIN-A2"])))
    assert refusal.value.facts["key"] == "RAIN-A3.after"
