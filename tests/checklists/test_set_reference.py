"""A photo of an accepted run shows how its item should look (F24)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import answer_item, reopen_run, set_reference
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import PHOTO, Tonight

ITEM = "SAFE-F1"
BEFORE, AFTER = "ef" * 32, "aa" * 32


@pytest.fixture
def signed(tonight: Tonight) -> Tonight:
    """CL-SAFE is done by the safety officer and signed by the logistics manager."""
    tonight.through("CL-SAFE")
    return tonight


def refer(tonight: Tonight, login: str, item_id: str = ITEM, sha: str = PHOTO, **more: Any) -> Any:
    return set_reference(tonight.cast[login], run_id=tonight.run_id("CL-SAFE"), item_id=item_id, sha=sha, **more)


def reference(tonight: Tonight, item_id: str = ITEM) -> Any:
    return tonight.record("checklist_reference", f"CL-SAFE/{item_id}")


def test_it_works_and_reaches_every_replica(signed: Tonight, verify_operation: Callable[..., Any]) -> None:
    """Who may accept the list says so; every device that may have the list may have the photo."""
    verify_operation(lambda: refer(signed, "logistics_manager"))
    found = reference(signed)
    assert (found["code"], found["item_id"], found["sha"]) == ("CL-SAFE", ITEM, PHOTO)
    assert found["by"] == str(signed.cast.logistics_manager)


def test_an_outsider_may_not(signed: Tonight) -> None:
    """Somebody the house does not know, and a run it does not have."""
    with pytest.raises(Forbidden):
        set_reference(new_id(), run_id=signed.run_id("CL-SAFE"), item_id=ITEM, sha=PHOTO)
    with pytest.raises(NotFound):
        set_reference(signed.cast.logistics_manager, run_id=new_id(), item_id=ITEM, sha=PHOTO)


def test_only_who_may_accept_the_list(signed: Tonight, device: Callable[[str], Any]) -> None:
    """CHK-6: neither another post nor whoever answered; a device's decision is rejected with the same code."""
    for login in ("stagehand", "safety_officer"):
        with pytest.raises(Forbidden, match="not_yours_to_accept"):
            refer(signed, login)
    data = {"run_id": str(signed.run_id("CL-SAFE")), "item_id": ITEM, "sha": PHOTO}
    verdict = device("stagehand").say("checklists.set_reference", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_yours_to_accept")


def test_not_by_who_answered_in_it(tonight: Tonight) -> None:
    """GEN-3: nobody says of their own work that it is how it should be."""
    tonight.answer("logistics_manager", "CL-SAFE", "SAFE-F3")
    tonight.fill("CL-SAFE", but=["SAFE-F3"])
    tonight.finish("CL-SAFE")
    with pytest.raises(Refused, match="own_work"):
        refer(tonight, "logistics_manager")


def test_only_of_an_accepted_run(signed: Tonight, device: Callable[[str], Any]) -> None:
    """Wrong state: a list that is open again shows nothing that stands."""
    reopen_run(signed.cast.logistics_manager, run_id=signed.run_id("CL-SAFE"), reason="x", basis=[signed.state("CL-SAFE")])
    with pytest.raises(Refused, match="run_open"):
        refer(signed, "logistics_manager")
    data = {"run_id": str(signed.run_id("CL-SAFE")), "item_id": ITEM, "sha": PHOTO}
    verdict = device("logistics_manager").say("checklists.set_reference", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "run_open")
    assert reference(signed) is None


def test_only_a_photo_of_how_it_is_good(tonight: Tonight) -> None:
    """A photo of another item, of none, and of the fault before it was fixed are refused; the one after is not."""
    tonight.answer("safety_officer", "CL-SAFE", ITEM, verdict="fail", photos=[BEFORE])
    row = tonight.rows("CL-SAFE")[ITEM]
    said = {"verdict": "pass", "fixed": True, "photos": [BEFORE, AFTER], "photos_before": [BEFORE]}
    run_id = tonight.run_id("CL-SAFE")
    answer_item(tonight.cast.safety_officer, run_id=run_id, item_id=ITEM, **said, basis=row.state, blobs=said["photos"])
    tonight.fill("CL-SAFE", but=[ITEM])
    tonight.finish("CL-SAFE")
    tonight.accept("CL-SAFE")
    for item_id, sha in ((ITEM, BEFORE), (ITEM, PHOTO), ("SAFE-F3", PHOTO), ("NOPE", PHOTO)):
        with pytest.raises(Refused, match="no_reference_photo"):
            refer(tonight, "logistics_manager", item_id, sha)
    refer(tonight, "logistics_manager", ITEM, AFTER)
    assert reference(tonight)["sha"] == AFTER


def test_said_twice_it_is_one(signed: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4: the repetition tells the verdict and changes nothing."""
    tablet = device("logistics_manager")
    data = {"run_id": str(signed.run_id("CL-SAFE")), "item_id": ITEM, "sha": PHOTO}
    op = tablet.op("checklists.set_reference", data)
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert reference(signed)["sha"] == PHOTO


def test_the_office_sets_it_and_shows_it(signed: Tonight, as_: Callable[[str], Any]) -> None:
    """A key at each photo of the signed list; then the photo stands at its item, and the trail tells of it."""
    browser = as_("logistics_manager")
    address = f"/lists/{signed.run_id('CL-SAFE')}"
    assert f'action="{address}/items/{ITEM}/reference"' in browser.get(address).text
    answer = browser.post(f"{address}/items/{ITEM}/reference", data={"sha": PHOTO})
    assert answer.status_code == 303
    page = browser.get(f"{address}").text
    assert f'action="{address}/items/{ITEM}/reference/removal"' in page
    assert f'action="{address}/items/{ITEM}/reference"' not in page
    assert "定了标准图" in page
    assert f"/items/{ITEM}/reference" not in as_("director").get(address).text, "who may not accept it has no key"
