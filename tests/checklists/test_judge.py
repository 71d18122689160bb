"""What an answer is worth, by the cases that the device's JavaScript is held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.checklists import judge

CASES = Path(__file__).parents[1] / "cases"


def cases(name: str) -> list[Any]:
    """The cases of a file, each under its name."""
    found = json.loads((CASES / f"{name}.json").read_text("utf-8"))["cases"]
    return [pytest.param(case, id=case["name"]) for case in found]


@pytest.mark.parametrize("case", cases("judge"))
def test_an_answer_is_judged_as_on_the_device(case: dict[str, Any]) -> None:
    """CHK-4, CHK-10, T30: limits, choices and N/A make the verdict, the same in both languages."""
    assert judge.judge(case["item"], case["value"], case["verdict"]) == case["expect"]


@pytest.mark.parametrize("case", cases("progress"))
def test_a_list_is_counted_as_on_the_device(case: dict[str, Any]) -> None:
    """CHK-2, CHK-3, CHK-7, F17, T30: progress, score, result, gaps and what waits for what."""
    template, items, expect = case["template"], case["items"], case["expect"]
    assert judge.progress(template, items) == expect["progress"]
    assert judge.score(template, items) == expect["score"]
    assert judge.result(template, items, done=False) == expect["result"]
    assert judge.result(template, items, done=True) == expect["result_done"]
    assert judge.gaps(template, items) == expect["gaps"]
    waits = {item["id"]: found for item in judge.each_item(template) if (found := judge.waits_for(item, items))}
    assert waits == expect["waits_for"]
    assert {item["id"] for item in judge.each_item(template) if judge.is_waiting(item, items)} == set(waits)


@pytest.mark.parametrize("case", cases("rounds"))
def test_a_round_has_the_id_the_device_gives_it(case: dict[str, Any]) -> None:
    """Two tablets that begin the same round offline begin one run."""
    assert judge.round_id(UUID(case["first_run_id"]), case["round"]) == UUID(case["expect"])


def test_late_is_after_due_by_corrected_time() -> None:
    """CHK-8, GEN-5: on the dot is in time; without a due time nothing is late."""
    assert not judge.is_late(1000, 1000)
    assert judge.is_late(1001, 1000)
    assert not judge.is_late(1001, None)


def test_equal_answers_are_equal_by_what_they_say() -> None:
    """CHK-7: 5 and 5.0 say the same, two texts do not, and two photos of the same wall never look alike."""
    number = {"id": "A", "kind": "number"}
    assert judge.is_same(number, {"verdict": "pass", "value": "5"}, {"verdict": "pass", "value": "5.0"})
    assert not judge.is_same(number, {"verdict": "pass", "value": "5"}, {"verdict": "pass", "value": "6"})
    photo = {"id": "A", "kind": "photo"}
    assert judge.is_same(photo, {"verdict": "pass", "photos": ["a"]}, {"verdict": "pass", "photos": ["b"]})
    assert not judge.is_same(photo, {"verdict": "pass"}, {"verdict": "fail"})
    text = {"id": "A", "kind": "text"}
    assert not judge.is_same(text, {"verdict": "pass", "value": "a"}, {"verdict": "pass", "value": "b"})
    assert judge.is_same(text, {"verdict": "na", "value": "a"}, {"verdict": "na", "value": None})


def test_another_thing_shown_has_another_token() -> None:
    """I7: no approval covers what was not shown."""
    assert judge.token({"a": 1, "b": 2}) == judge.token({"b": 2, "a": 1})
    assert judge.token(["a"]) != judge.token(["b"])
