"""What was answered and what was done, as sentences of the crew (office pages, paper, tables)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.checklists import judge
from app.lib.ids import parse_id
from app.lib.times import near_time, span
from app.lib.words import catalogue, pick, t
from app.sync.models import Operation

LAMPS = {"pass": "go", "fail": "stop", "na": "na", "contested": "two", "open": "off", "cleared": "off"}
LAMPS_OF_DEEDS = {
    "report_fault": "stop", "finish_run": "wait", "force_finish": "wait", "accept_run": "go", "reject_run": "stop",
    "reopen_run": "stop", "waive_item": "wait", "decide_contested": "go", "set_reference": "go", "cancel_run": "na",
}  # fmt: skip
MOST_NAMED = 3

Units = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Told:
    """One row of "what happened"."""

    at: int
    cue: str
    text: str
    note: str | None
    operation: Operation


def unit_of(item: judge.Item, units: Units) -> str:
    """The unit in the reader's words; one that is not listed is written as it stands."""
    unit = item["unit"]
    return pick(units[unit]) if unit in units else unit or ""


def said_words(item: judge.Item, said: Iterable[str]) -> str:
    """Verdicts and choices of an item as its reader says them: `Fail or yes`."""
    names = {choice["id"]: pick(choice) for choice in item["choices"] or ()}
    return t("office.checklists.or").join(names.get(word) or t(f"office.checklists.verdict_{word}") for word in said)


def limits(item: judge.Item, units: Units) -> str:
    """`≥ 3 台`, `18–28 °C`; empty without limits."""
    low, high, unit = item["min"], item["max"], unit_of(item, units)
    if low is None and high is None:
        return ""
    if low == high:
        said = f"= {low}"
    elif high is None:
        said = f"≥ {low}"
    elif low is None:
        said = f"≤ {high}"
    else:
        said = f"{low}–{high}"
    return f"{said} {unit}".strip()


def value(item: judge.Item, answer: Mapping[str, Any], units: Units) -> str:
    """The value of an answer as it is read; a signature and a photo are shown, not read."""
    said = answer.get("value")
    if said in (None, "") or item["kind"] in ("signature", "photo"):
        return ""
    if item["kind"] == "number":
        return f"{said} {unit_of(item, units)}".strip()
    if item["kind"] == "choice":
        return pick(next((choice for choice in item["choices"] if choice["id"] == said), None)) or str(said)
    return str(said)


def verdict(code: str) -> str:
    """合格, 不合格, 不适用, 两个答案, 未答, 撤回."""
    return t(f"office.checklists.verdict_{code}")


def answer(item: judge.Item, said: Mapping[str, Any], units: Units) -> str:
    """Verdict and value in a few characters: `合格，4 台`."""
    shown = value(item, said, units)
    return f"{verdict(said['verdict'])} · {shown}" if shown else verdict(said["verdict"])


def cue_text(cue: Any, waits_for: tuple[Any, ...] = ()) -> str:
    """The word beside a list's lamp."""
    facts = dict(cue.facts)
    if "at" in facts:
        facts["at"] = near_time(facts["at"])
    if "ms" in facts:
        facts["span"] = span(facts.pop("ms"))
    if cue.word == "waits":
        facts["lists"] = t("office.checklists.and").join(short_name(found) for found in waits_for)
        if len(waits_for) > MOST_NAMED:
            return t("office.checklists.cue_waits_many", n=len(waits_for))
    return t(f"office.checklists.cue_{cue.word}", **facts)


def list_name(template: Any) -> str:
    """A list's name, or the code it goes by."""
    return template if isinstance(template, str) else pick(template.document)


def short_name(template: Any) -> str:
    """A list's name in a narrow column: the crew's short one where there is one."""
    code = template if isinstance(template, str) else template.code
    key = f"shows.gate.{code.lower().replace('-', '_')}"
    return t(key) if key in catalogue() else list_name(template)


def tell(operation: Operation, items: Mapping[str, judge.Item], list_title: str, names: Mapping[str, str], units: Units) -> Told:
    """One operation about a list: its lamp and its sentence."""
    deed = operation.type.rpartition(".")[2]
    data = operation.data
    item = items.get(str(data.get("item_id")))
    facts = {
        "who": names.get(str(operation.actor), "–"),
        "list": list_title,
        "item": pick(item) if item else data.get("item_id", ""),
    }
    cue = LAMPS_OF_DEEDS.get(deed, "off")
    if deed == "answer_item" and item is not None:
        judged = judge.judge(item, data.get("value"), data["verdict"]) if data["verdict"] != judge.CLEARED else judge.CLEARED
        judged = data["verdict"] if judged == judge.OPEN else judged
        facts["answer"] = answer(item, {**data, "verdict": judged}, units)
        cue = LAMPS[judged]
    if deed == "assign_run":
        facts["people"] = t("office.checklists.and").join(names.get(str(id), "–") for id in data.get("people", ())) or "–"
    note = next((str(data[key]) for key in ("note", "reason") if data.get(key)), None)
    return Told(operation.happened_at, cue, t(f"office.checklists.did_{deed}", **facts), note, operation)


def people_in(operations: list[Operation]) -> set[Any]:
    """Everybody whom these operations speak of."""
    found: set[Any] = {operation.actor for operation in operations}
    for operation in operations:
        found.update(id for said in operation.data.get("people", ()) if (id := parse_id(said)))
    return found
