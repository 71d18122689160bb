"""What an answer is worth, judged by the device's JavaScript: the same cases as the server's Python (CHK-2, CHK-4, CHK-10)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.js.device import Device

CASES = Path(__file__).parents[1] / "cases"
MODULE = "/static/test/js/checklists/judge.js"


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of one file."""
    found: list[dict[str, Any]] = json.loads((CASES / f"{name}.json").read_text("utf-8"))["cases"]
    return found


def test_answers_are_judged_as_the_server_does(device: Device) -> None:
    """CHK-4, CHK-10: numbers against limits, choices that fail, N/A where it is allowed."""
    found = device.run(
        "const {judge} = await import(arg[0]); return arg[1].map((one) => judge(one.item, one.value, one.verdict))",
        [MODULE, cases("judge")],
    )
    by_name = {c["name"]: f for c, f in zip(cases("judge"), found, strict=True)}
    assert by_name == {c["name"]: c["expect"] for c in cases("judge")}


def test_lists_stand_as_the_server_says(device: Device) -> None:
    """CHK-2, CHK-3, CHK-7, F17, T30: counts, score, result, gaps and what waits for what."""
    found = device.run(
        """const judge = await import(arg[0]);
           return arg[1].map(({template, items}) => {
             const find = (id) => items[id];
             const waits = judge.itemsOf(template).map((item) => [item.id, judge.waitsFor(item, find)]);
             return {
               progress: judge.progress(template, find), score: judge.score(template, find),
               result: judge.result(template, find, false), result_done: judge.result(template, find, true),
               gaps: judge.gaps(template, find), waits_for: Object.fromEntries(waits.filter(([, ids]) => ids.length)),
             };
           })""",
        [MODULE, cases("progress")],
    )
    by_name = {c["name"]: f for c, f in zip(cases("progress"), found, strict=True)}
    assert by_name == {c["name"]: c["expect"] for c in cases("progress")}


def test_rounds_have_the_servers_ids(device: Device) -> None:
    """sync.md §5: the n-th round of a repeated list has one id on every device, also before it has a run."""
    found = device.run(
        """const {uuid5} = await import("/static/test/js/replica/ids.js");
           return Promise.all(arg.map((one) => uuid5(one.first_run_id, String(one.round))))""",
        cases("rounds"),
    )
    assert found == [c["expect"] for c in cases("rounds")]
