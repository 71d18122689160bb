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


# -- the fault and its repair -------------------------------------------------------------------------------------------------


def test_the_photos_of_the_fault_are_told_from_those_of_the_repair(
    tonight: Tonight, device: Device, as_: Callable[[str], Any], verify_operation: Callable[..., Any]
) -> None:
    """F20: before and after are in every replica, in the history, and side by side on the office's page and on paper."""
    tonight.answer("safety_officer", "CL-SAFE", "SAFE-E4", verdict="fail", photos=[TAKEN])
    fixed = {"photos": [TAKEN, MARKED], "photos_before": [TAKEN], "fixed": True}
    verify_operation(lambda: tonight.answer("shift_lead", "CL-SAFE", "SAFE-E4", **fixed))
    assert tonight.item("CL-SAFE", "SAFE-E4")["answers"][0]["photos_before"] == [TAKEN]
    put(device("safety_officer"), TAKEN, TAKEN_BYTES)
    for page in ("", "/print"):
        shown = as_("logistics_manager").get(f"/lists/{tonight.run_id('CL-SAFE')}{page}?lang=en").text
        pair = shown[shown.index('class="pair"') : shown.index("</div>", shown.index('class="pair"'))]
        before, after = pair.split("</figure>")[:2]
        assert (TAKEN in before, MARKED in before, TAKEN in after, MARKED in after) == (True, False, False, True)
        assert (name_of(tonight, "safety_officer") in before, name_of(tonight, "shift_lead") in after) == (True, True)


def name_of(tonight: Tonight, login: str) -> str:
    return str(tonight.record("person", tonight.cast[login])["name"])


def test_only_what_was_fixed_has_a_before(tonight: Tonight) -> None:
    """What the answer does not show, and what was not mended, is nobody's before."""
    tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3", verdict="fail", photos=[TAKEN], photos_before=[TAKEN])
    assert tonight.item("CL-SAFE", "SAFE-F3")["answers"][0].get("photos_before") is None
    tonight.answer("safety_officer", "CL-SAFE", "SAFE-F3", photos=[MARKED], photos_before=[TAKEN, MARKED], fixed=True)
    assert tonight.item("CL-SAFE", "SAFE-F3")["answers"][0]["photos_before"] == [MARKED]


def test_a_photo_item_is_not_good_by_the_photo_of_its_fault(tonight: Tonight, device: Device) -> None:
    """CHK-5: fixed on the spot, it needs one of the repair; an old device tells none apart, and its photo counts."""
    tablet = device("safety_officer")
    say(tonight, tablet, [TAKEN], verdict="fail")
    more = {"fixed": True, "photos_before": [TAKEN]}
    assert say(tonight, tablet, [TAKEN], **more) == "noted"
    assert tonight.item("CL-SAFE", ITEM)["answers"][0]["verdict"] == "fail"
    assert say(tonight, tablet, [TAKEN, MARKED], **more) == "applied"
    assert tonight.item("CL-SAFE", ITEM)["answers"][0]["verdict"] == "pass"
    say(tonight, tablet, [TAKEN], verdict="fail")
    assert say(tonight, tablet, [TAKEN], fixed=True) == "applied"


def test_what_was_answered_before_stays_seen_in_the_office(tonight: Tonight, device: Device, as_: Any) -> None:
    """I7, CHK-5: the photo of an answer that was taken again belongs to its history; devices have no more use for it."""
    tablet, other = device("safety_officer"), device("shift_lead")
    for sha, body in ((TAKEN, TAKEN_BYTES), (MARKED, MARKED_BYTES)):
        assert say(tonight, tablet, [sha]) == "applied"
        assert put(tablet, sha, body) == "ok"
    supervisor = as_("supervisor")
    page = supervisor.get(f"/lists/{tonight.run_id('CL-SAFE')}").text
    for sha in (TAKEN, MARKED):
        assert f"/blobs/{sha}/" in page and supervisor.get(f"/blobs/{sha}/display").status_code == 200
    assert [other.client.get(f"/api/blobs/{sha}/display").status_code for sha in (TAKEN, MARKED)] == [404, 200]
    assert say(tonight, tablet, [TAKEN]) == "applied"
    assert other.client.get(f"/api/blobs/{TAKEN}/display").status_code == 200, "named again, it is read again"
