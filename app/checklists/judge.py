"""What an answer is worth: pass, fail, N/A or open; pure functions that Python and the device's JavaScript share by cases.

`item` is an item of a template's document, `items` maps item ids to what `checklist_item` records show (missing: nobody
touched the item yet). `tests/cases/judge.json` and `progress.json` hold both languages to the same answers.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid5

import orjson

from app.lib.ids import Id

PASS = "pass"  # noqa: S105 - a verdict
FAIL = "fail"
NA = "na"
OPEN = "open"
CONTESTED = "contested"
CLEARED = "cleared"

NUMBER = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,6})?")
NEED_A_VALUE = {"number", "text", "choice", "scan", "signature"}
COMPARED_BY_VALUE = {"number", "text", "choice", "scan"}

Item = Mapping[str, Any]
Items = Mapping[str, Mapping[str, Any]]


def number(value: object) -> Decimal | None:
    """The number a person typed (full-width digits and a decimal comma are understood), or None."""
    text = unicodedata.normalize("NFKC", str(value)).strip().replace("−", "-")
    return Decimal(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def judge(item: Item, value: str | None, verdict: str | None) -> str:
    """The verdict that counts: a number outside its limits or a choice in `fail_if` fails by itself (CHK-4).

    N/A counts only where it is allowed (CHK-10): on items that are not critical, and where the template says so.
    """
    if verdict == FAIL:
        return FAIL
    if verdict == NA:
        return NA if may_be_na(item) else OPEN
    if verdict not in (PASS, None) or (value in (None, "") and (verdict is None or item["kind"] in NEED_A_VALUE)):
        return OPEN
    if item["kind"] == "number":
        return PASS if is_within(item, value) else FAIL  # rule: CHK-4
    if item["kind"] == "choice" and value in (item.get("fail_if") or ()):
        return FAIL
    return PASS


def may_be_na(item: Item) -> bool:
    """N/A needs no permission on ordinary items, the template's on critical ones (CHK-10)."""
    return bool(item.get("na_allowed")) or not item.get("critical")


def is_within(item: Item, value: object) -> bool:
    """The number lies inside the item's limits, both ends included; what is no number does not (CHK-4)."""
    measured = number(value)
    if measured is None:
        return False
    low, high = item.get("min"), item.get("max")
    return (low is None or measured >= Decimal(str(low))) and (high is None or measured <= Decimal(str(high)))


def is_same(item: Item, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Two answers that say the same: then both people attest it (CHK-7). Photos and signatures never look alike."""
    if a["verdict"] != b["verdict"]:
        return False
    if a["verdict"] == NA or item["kind"] not in COMPARED_BY_VALUE:
        return True
    if item["kind"] == "number":
        return number(a.get("value")) == number(b.get("value"))
    return bool((a.get("value") or "") == (b.get("value") or ""))


def standing(found: Mapping[str, Any] | None) -> str:
    """How an item stands: pass, fail, na, contested (counts as fail, CHK-7) or open."""
    if not found:
        return OPEN
    if found.get("contested"):
        return CONTESTED
    answers = found.get("answers") or []
    return str(answers[-1]["verdict"]) if answers else OPEN


def is_waived(found: Mapping[str, Any] | None) -> bool:
    """A complete waiver lets a critical item pass the gate; it does not make it good (CHK-2)."""
    return bool(found and (found.get("waiver") or {}).get("complete"))


def each_item(template: Mapping[str, Any]) -> Iterator[Item]:
    """Every item of a template's document, in order."""
    for section in template["sections"]:
        yield from section["items"]


def asked(template: Mapping[str, Any], items: Items) -> Iterator[Item]:
    """The items that are asked as things stand, in order (F22).

    One with `when: {item, is}` is asked while the earlier item that it names is asked itself and stands as one of `is`, or was
    answered with one of them. What was answered before an item was no longer asked stays with it, and counts for nothing.
    """
    left_out = set()
    for item in each_item(template):
        when = item.get("when")
        if when and (when["item"] in left_out or not _is_one_of(when["is"], items.get(when["item"]))):  # rule: F22
            left_out.add(item["id"])
        else:
            yield item


def _is_one_of(wanted: list[str], found: Mapping[str, Any] | None) -> bool:
    """Two answers that differ ask for whatever either of them asks for."""
    answers = (found or {}).get("answers") or []
    said = [*answers] if found and found.get("contested") else answers[-1:]
    return any(answer.get("verdict") in wanted or answer.get("value") in wanted for answer in said)


def progress(template: Mapping[str, Any], items: Items) -> dict[str, int]:
    """How many items stand where. `contested` ones are not in `fail`, though they count like it."""
    counts = dict.fromkeys((PASS, FAIL, NA, CONTESTED, OPEN, "total"), 0)
    for item in asked(template, items):
        found = items.get(item["id"])
        counts[standing(found) if found else OPEN] += 1
        counts["total"] += 1
    return counts


def score(template: Mapping[str, Any], items: Items) -> dict[str, int] | None:
    """Passed out of what counts; N/A is left out of both sides, and a list of nothing but N/A has no score (F17)."""
    counts = progress(template, items)
    total = counts["total"] - counts[NA]  # rule: T30
    return {"pass": counts[PASS], "total": total} if total else None


def result(template: Mapping[str, Any], items: Items, *, done: bool) -> str | None:
    """`fail` as soon as a critical item failed or is contested, unwaived, whatever the score; `pass` once done (T30)."""
    for item in asked(template, items):
        found = items.get(item["id"])
        if found and item.get("critical") and standing(found) in (FAIL, CONTESTED) and not is_waived(found):  # rule: T30
            return FAIL
    return PASS if done else None


def gaps(template: Mapping[str, Any], items: Items) -> list[dict[str, Any]]:
    """What is missing or wrong, in list order: `{item_id, why, blocks}`.

    `why`: open, fail, contested, or sent_back (returned by the accepter and not answered since). Critical items that did
    not pass and whatever was sent back block the end of the list (CHK-2); the rest is only shown.
    """
    found_gaps = []
    for item in asked(template, items):
        found = items.get(item["id"])
        why = "sent_back" if found and found.get("sent_back") else standing(found)
        if why in (PASS, NA):
            continue
        blocks = why == "sent_back" or (bool(item.get("critical")) and not is_waived(found))
        found_gaps.append({"item_id": item["id"], "why": why, "blocks": blocks})
    return found_gaps


def waits_for(item: Item, items: Items) -> list[str]:
    """The items this one still waits for: neither passed, nor N/A, nor waived (CHK-3)."""
    return [before for before in item.get("after") or () if not _is_settled(items.get(before))]


def is_waiting(item: Item, items: Items) -> bool:
    """Whether the item waits for another (CHK-3)."""
    return bool(waits_for(item, items))


def _is_settled(found: Mapping[str, Any] | None) -> bool:
    return standing(found) in (PASS, NA) or is_waived(found)


def is_late(happened_at: int, due_at: int | None) -> bool:
    """Answered after the list was due, by corrected time (CHK-8, GEN-5)."""
    return due_at is not None and happened_at > due_at


def round_id(first_run_id: Id, number: int) -> Id:
    """The id of the n-th round's run, the same on every device without asking (sync.md §5)."""
    return first_run_id if number == 1 else uuid5(first_run_id, str(number))


def token(shown: Any) -> str:
    """A short name for exactly what a decider is shown: another thing, another token (I7)."""
    return hashlib.sha256(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
