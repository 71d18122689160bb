"""What happened on the demo site, as acts in time: (moment, what is done). The same moment gives the same story."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from app.checklists.judge import each_item, number, round_id
from app.lib.clock import DAY, HOUR, MINUTE
from app.lib.ids import Id

NAMESPACE = UUID("0ff57a6e-0000-5000-8000-00000000d300")
LENGTH_MIN = 120
TEN_MINUTES = 10 * MINUTE

# Who works through a list, who signs it, and from which to which minute of the show: answered, signed at the last.
PLAN: dict[str, tuple[str, str, int, int]] = {
    "CL-SMP": ("warehouse_keeper", "operations", -420, -330),
    "CL-DOC": ("operations", "director", -410, -320),
    "CL-SAFE": ("safety_officer", "logistics_manager", -238, -208),
    "CL-SET": ("stagehand", "shift_lead", -206, -156),
    "CL-LGT": ("camera", "director", -152, -128),
    "CL-AUD": ("tech_support", "director", -150, -112),
    "CL-CAM": ("camera", "director", -126, -101),
    "CL-PRP": ("stagehand", "co_host", -140, -68),
    "CL-NET": ("tech_support", "operations", -100, -78),
    "CL-GNG": ("shift_lead", "operations", -28, -11),
    "CL-AIR": ("tech_support", "shift_lead", 2, 14),
    "CL-STRK": ("stagehand", "shift_lead", LENGTH_MIN + 6, LENGTH_MIN + 82),
}
GOOD_TEXT = {"SET-E5": "按时完成", "GNG-B3": "吴思远", "STRK-D3": "无"}
SCANS = {"CAM-A1": "EQ-CAM-0003", "CAM-A2": "EQ-CAM-0007", "AUD-A1": "EQ-MIC-0012", "PRP-A1": "EQ-PRP-0041"}


@dataclass(frozen=True, order=True)
class Act:
    """One thing somebody did; `do` is called with the clock standing at `at`."""

    at: int
    seq: int
    do: Callable[[], object] = field(compare=False)


def demo_id(name: str) -> Id:
    """The id of a thing of the demo: the same each time it is made."""
    return uuid5(NAMESPACE, name)


def tonight(now: int) -> int:
    """The start of tonight's show: about three hours from now, on a full ten minutes."""
    return -(-(now + 3 * HOUR) // TEN_MINUTES) * TEN_MINUTES


@dataclass(frozen=True)
class ShowPlan:
    """A show of the demo."""

    key: str
    title: str
    kind: str
    room: str
    starts_at: int
    aim: str

    @property
    def id(self) -> Id:
        return demo_id(f"show/{self.key}")


def shows(now: int) -> list[ShowPlan]:
    """Yesterday's, tonight's and next week's."""
    start = tonight(now)
    return [
        ShowPlan("yesterday", "家清日化专场", "daily", "room-1", start - DAY, "清库存，拉新客"),
        ShowPlan("tonight", "秋冬家居好物夜", "brand", "room-1", start, "客单价 120 元以上，新品首播"),
        ShowPlan("next-week", "年货节预热直播", "big_day", "room-2", start + 7 * DAY, "预售 5000 单"),
    ]


def answers_of(template: dict[str, Any], photos: list[str], signature: str, rng: random.Random) -> Iterator[dict[str, Any]]:
    """A good answer to every item of a list, in its order: predecessors come before."""
    done: set[str] = set()
    waiting = list(each_item(template))
    while waiting:
        item = next(item for item in waiting if set(item["after"]) <= done)
        waiting.remove(item)
        done.add(item["id"])
        yield {"item_id": item["id"], **_answer(item, photos, signature, rng)}


def _answer(item: Any, photos: list[str], signature: str, rng: random.Random) -> dict[str, Any]:
    kind = item["kind"]
    if kind == "number":
        return {"verdict": "pass", "value": good_number(item, rng)}
    if kind == "photo":
        return {"verdict": "pass", "photos": [rng.choice(photos)]}
    if kind == "choice":
        good = [choice["id"] for choice in item["choices"] if choice["id"] not in item["fail_if"]]
        return {"verdict": "pass", "value": good[len(good) // 2]}
    if kind == "text":
        return {"verdict": "pass", "value": GOOD_TEXT.get(item["id"], "已确认")}
    if kind == "scan":
        return {"verdict": "pass", "value": SCANS.get(item["id"], f"EQ-{item['id'][:3]}-0001")}
    if kind == "signature":
        return {"verdict": "pass", "value": signature}
    return {"verdict": "pass"}


def good_number(item: Any, rng: random.Random) -> str:
    """A value inside the limits, nearer to the middle than to an end, as whole as its limits are."""
    low, high = item["min"], item["max"]
    if low is None and high is None:
        return "1"
    if low is None:
        low = high * 0.6 if high > 0 else high * 1.2
    if high is None:
        high = low * 1.3 if low > 0 else low + 3
    value = low + (high - low) * rng.uniform(0.3, 0.7)
    whole = isinstance(item["min"] or item["max"], int) and high - low >= 1
    text = str(round(value)) if whole else f"{value:.2f}"
    return text if number(text) is not None else "1"


def rounds(first_run_id: Id, repeat_min: int | None) -> list[tuple[int, Id, int]]:
    """Of a repeated list every round on air, of another the one there is: (number, run, minutes after the first)."""
    if not repeat_min:
        return [(1, first_run_id, 0)]
    return [(n, round_id(first_run_id, n), (n - 1) * repeat_min) for n in range(1, LENGTH_MIN // repeat_min + 1)]
