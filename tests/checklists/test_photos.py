"""Photos of an answer: those in whose place others stand (F20)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

from PIL import Image
from sqlalchemy import select

from app.sync.models import Blob
from tests.checklists.conftest import Tonight

Device = Callable[[str], Any]
ITEM = "SAFE-F1"


def picture(colour: str) -> tuple[str, bytes]:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return hashlib.sha256(out.getvalue()).hexdigest(), out.getvalue()


TAKEN, TAKEN_BYTES = picture("#aa8866")
MARKED, MARKED_BYTES = picture("#ffd60a")


def say(tonight: Tonight, tablet: Any, photos: list[str], *, item_id: str = ITEM, **more: Any) -> Any:
    data = {"run_id": str(tonight.run_id("CL-SAFE")), "item_id": item_id, "verdict": "pass", "photos": photos, **more}
    return tablet.say("checklists.answer_item", data, blobs=photos)["status"]


def put(tablet: Any, sha: str, body: bytes) -> str:
    answer = tablet.client.put(f"/api/blobs/{sha}", data=body)
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json["status"])


def kept(tonight: Tonight) -> dict[str, str]:
    """Photo → what became of it."""
    return {row.sha: row.status for row in tonight.fresh().scalars(select(Blob))}


def test_what_was_taken_and_never_sent_is_not_kept_any_more(tonight: Tonight, device: Device) -> None:
    """F20: the marked picture stands; the one in whose place it stands is not stored, even when it comes after all."""
    tablet = device("safety_officer")
    assert say(tonight, tablet, [TAKEN]) == "applied"
    assert say(tonight, tablet, [MARKED], withdrawn=[TAKEN]) == "applied"
    assert (put(tablet, MARKED, MARKED_BYTES), put(tablet, TAKEN, TAKEN_BYTES)) == ("ok", "withdrawn")
    assert tonight.item("CL-SAFE", ITEM)["answers"][0]["photos"] == [MARKED]
    assert kept(tonight) == {MARKED: "ok", TAKEN: "withdrawn"}
    assert tablet.client.get(f"/api/blobs/{MARKED}/display").status_code == 200
    assert tablet.client.get(f"/api/blobs/{TAKEN}/display").status_code == 404


def test_nobody_takes_back_what_another_took(tonight: Tonight, device: Device) -> None:
    """I7: somebody else's photo, one that this answer still shows, one of another item and one that is here already all stay."""
    first, second = device("safety_officer"), device("shift_lead")
    say(tonight, first, [TAKEN])
    second.pull()
    basis = tonight.item("CL-SAFE", ITEM)["state"]
    data = {
        "run_id": str(tonight.run_id("CL-SAFE")),
        "item_id": ITEM,
        "verdict": "pass",
        "photos": [MARKED],
        "withdrawn": [TAKEN],
    }
    assert second.say("checklists.answer_item", data, blobs=[MARKED], basis=basis)["status"] == "applied"
    say(tonight, second, [MARKED], withdrawn=[MARKED])
    assert kept(tonight) == {}
    assert put(first, TAKEN, TAKEN_BYTES) == "ok"
    say(tonight, first, [TAKEN], item_id="SAFE-E4")
    say(tonight, first, [MARKED], item_id="SAFE-E4", withdrawn=[TAKEN])
    assert kept(tonight) == {TAKEN: "ok"}


def test_one_that_another_item_shows_still_comes(tonight: Tonight, device: Device) -> None:
    """The same file, chosen for two items: marking it in one leaves the other as it is."""
    tablet = device("safety_officer")
    say(tonight, tablet, [TAKEN])
    say(tonight, tablet, [TAKEN], item_id="SAFE-E4")
    say(tonight, tablet, [MARKED], withdrawn=[TAKEN])
    assert put(tablet, TAKEN, TAKEN_BYTES) == "ok"


def test_an_answer_without_effect_withdraws_nothing(tonight: Tonight, device: Device) -> None:
    """After the end the photo that stands is the one that was taken, and it comes."""
    tablet = device("safety_officer")
    say(tonight, tablet, [TAKEN])
    tonight.fill("CL-SAFE", but=[ITEM])
    tonight.finish("CL-SAFE")
    assert say(tonight, tablet, [MARKED], withdrawn=[TAKEN]) == "noted"
    assert put(tablet, TAKEN, TAKEN_BYTES) == "ok"
