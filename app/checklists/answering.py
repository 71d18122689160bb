"""Rules of one answer: what is malformed, what is doubted, and how answers of two devices meet (CHK-7)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from app.checklists import judge
from app.checklists.models import (
    ACCEPTED,
    AFTER_ACCEPTANCE,
    AFTER_CLOSE,
    CANCELLED,
    DONE,
    OPEN,
    ORDER_UNVERIFIED,
    SCHEDULED,
    ItemState,
)
from app.checklists.sheet import Sheet, unmet_needs
from app.checklists.who import may_answer
from app.sync import Tx
from app.sync.blobs import withdraw

SHA = re.compile(r"[0-9a-f]{64}")


class Meeting(NamedTuple):
    """What becomes of an item's current answers when a new one comes."""

    superseded: list[str]
    current: list[dict[str, Any]]
    contested: bool


def read_answer(tx: Tx, sheet: Sheet, said: dict[str, Any]) -> dict[str, Any]:
    """The answer as it is kept, judged; malformed input is refused at both doors.

    The verdict is the judged one: a number outside its limits fails whatever key was tapped (CHK-4).
    """
    item = sheet.template.items.get(said["item_id"])
    if item is None:
        tx.refuse("unknown_item", item=said["item_id"])
    value, photos = said.get("value") or None, said.get("photos") or []
    if value is not None and said["verdict"] != judge.CLEARED:
        check_value(tx, item, value)
    if photos and not set(photos) <= set(tx.blobs):
        tx.refuse("photos_not_named", item=item["id"])
    verdict = said["verdict"]
    late = judge.is_late(tx.happened_at, sheet.run.due_at)  # rule: CHK-8, GEN-5
    if verdict in (judge.PASS, judge.FAIL):
        judged = judge.judge(item, value, verdict)
        verdict = judged if judged == judge.FAIL else verdict
    before = [sha for sha in said.get("photos_before") or () if sha in photos] if said.get("fixed") else []
    return {
        "id": str(tx.operation_id),
        "by": str(tx.actor),
        "at": tx.happened_at,
        "verdict": verdict,
        "value": value,
        "note": said.get("note") or None,
        "reason": said.get("reason") or None,
        "severity": said.get("severity"),
        "photos": photos,
        **({"photos_before": before} if before else {}),
        "fixed": bool(said.get("fixed")),
        "late": late,
        "unverified": False,
        "received_at": tx.now,
    }


def check_value(tx: Tx, item: judge.Item, value: str) -> None:
    """A number must be one, a choice one of the item's, a signature a picture's sha256."""
    kind = item["kind"]
    if kind == "number" and judge.number(value) is None:
        tx.refuse("not_a_number", item=item["id"])
    if kind == "choice" and value not in {choice["id"] for choice in item["choices"]}:
        tx.refuse("not_a_choice", item=item["id"])
    if kind == "signature" and not SHA.fullmatch(value):
        tx.refuse("not_a_signature", item=item["id"])


def check_run(tx: Tx, sheet: Sheet, answer: dict[str, Any], item_id: str) -> None:
    """Doubts that leave the answer without effect: whose list it is, and whether it is still being worked on."""
    run = sheet.run
    if not may_answer(tx.session, tx.actor, sheet, tx.happened_at):
        tx.outside("not_your_list", role=sheet.template.owner_role)
    if run.status in (SCHEDULED, OPEN):
        return
    facts = {"run_id": str(run.id), "item_id": item_id, "verdict": answer["verdict"]}
    if run.status == CANCELLED:
        tx.doubt("run_cancelled", effect=False, **facts)
    if run.status == ACCEPTED:  # rule: CHK-6
        tx.doubt(AFTER_ACCEPTANCE, effect=False, **facts)
    if run.status == DONE:
        tx.doubt(AFTER_CLOSE, effect=False, **facts)


def check_evidence(tx: Tx, item: judge.Item, answer: dict[str, Any]) -> None:
    """N/A needs leave and a reason (CHK-10); a pass needs what the item's kind asks for (CHK-5)."""
    verdict = answer["verdict"]
    if verdict == judge.NA:
        if not judge.may_be_na(item):  # rule: CHK-10
            tx.doubt("na_not_allowed", effect=False, item=item["id"])
        if not answer["reason"]:  # rule: CHK-10
            tx.doubt("na_without_reason", effect=False, item=item["id"])
    if verdict == judge.PASS:
        if item["kind"] == "photo" and not set(answer["photos"]) - set(answer.get("photos_before", ())):  # rule: CHK-5
            tx.doubt("photo_missing", effect=False, item=item["id"])
        if item["kind"] in judge.NEED_A_VALUE and answer["value"] is None:
            tx.doubt("value_missing", effect=False, item=item["id"])


def check_order(tx: Tx, sheet: Sheet, item: judge.Item, answer: dict[str, Any]) -> bool:
    """Whether the answer came out of turn (CHK-3): the lists before this one, and the items before this item.

    The office refuses. A device's answer is in force and marked: it could not know, or went on knowingly.
    """
    if answer["verdict"] == judge.CLEARED:
        return False
    lists = unmet_needs(tx.session, sheet, tx.happened_at)
    items = sheet.waits_for_items(item)
    if not lists and not items:
        return False
    tx.doubt(ORDER_UNVERIFIED, waits_for=", ".join([*lists, *items]), lists=lists, items=items)  # rule: CHK-3
    return True


def meet(tx: Tx, item: judge.Item, row: ItemState | None, answer: dict[str, Any]) -> Meeting:
    """A new answer replaces the current ones its author had seen and stands beside those they had not (CHK-7).

    Seen is what the basis names and what the same stream sent earlier. Beside an equal answer both attest it; beside
    another one the item is contested. Taking an answer back takes back what was seen, nothing else, so a tick never
    goes by a stale message (T31).
    """
    current = list(row.answers or []) if row is not None else []
    basis = set(tx.basis)
    seen = [a["id"] for a in current if a["id"] in basis or tx.stream_saw(a["id"])]
    unseen = [a for a in current if a["id"] not in seen]
    stand = unseen if answer["verdict"] == judge.CLEARED else [*unseen, answer]  # rule: T31
    contested = any(not judge.is_same(item, stand[0], other) for other in stand[1:])  # rule: CHK-7, T31
    return Meeting(seen, stand, contested)


def withdraw_photos(tx: Tx, sheet: Sheet, item_id: str, answer: dict[str, Any], meeting: Meeting, asked: list[str]) -> None:
    """Nobody waits any more for photos of the person's own answer in whose place this one has others (F20).

    What somebody else took nobody takes back: it comes like any photo.
    """
    row = sheet.items.get(item_id)
    before = [a for a in (row.answers if row else ()) if a["id"] in meeting.superseded and a["by"] == answer["by"]]
    own = {sha for a in before for sha in a["photos"]} - set(answer["photos"])
    if gone := own & set(asked):
        withdraw(tx.session, gone, ("checklist_item", f"{sheet.name}/{item_id}"), now=tx.now)
