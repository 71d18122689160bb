"""How an item should look is taken back (F24)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import drop_reference, set_reference
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import PHOTO, Tonight

ITEM = "SAFE-F1"


@pytest.fixture
def shown(tonight: Tonight) -> Tonight:
    """SAFE-F1 has a photo of how it should look."""
    tonight.through("CL-SAFE")
    set_reference(tonight.cast.logistics_manager, run_id=tonight.run_id("CL-SAFE"), item_id=ITEM, sha=PHOTO)
    return tonight


def drop(tonight: Tonight, login: str, sha: str = PHOTO) -> Any:
    return drop_reference(tonight.cast[login], run_id=tonight.run_id("CL-SAFE"), item_id=ITEM, sha=sha)


def reference(tonight: Tonight) -> Any:
    return tonight.record("checklist_reference", f"CL-SAFE/{ITEM}")


def test_it_works_and_reaches_every_replica(shown: Tonight, verify_operation: Callable[..., Any]) -> None:
    """The record goes from every device."""
    verify_operation(lambda: drop(shown, "logistics_manager"))
    assert reference(shown) is None


def test_an_outsider_may_not(shown: Tonight) -> None:
    """Somebody the house does not know, and a run it does not have."""
    with pytest.raises(Forbidden):
        drop_reference(new_id(), run_id=shown.run_id("CL-SAFE"), item_id=ITEM, sha=PHOTO)
    with pytest.raises(NotFound):
        drop_reference(shown.cast.logistics_manager, run_id=new_id(), item_id=ITEM, sha=PHOTO)


def test_only_who_may_accept_the_list(shown: Tonight, device: Callable[[str], Any]) -> None:
    """Another post may not, at either door."""
    with pytest.raises(Forbidden, match="not_yours_to_accept"):
        drop(shown, "stagehand")
    data = {"run_id": str(shown.run_id("CL-SAFE")), "item_id": ITEM, "sha": PHOTO}
    verdict = device("stagehand").say("checklists.drop_reference", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_yours_to_accept")
    assert reference(shown)["sha"] == PHOTO


def test_not_when_another_photo_stands_there(shown: Tonight, device: Callable[[str], Any]) -> None:
    """Wrong state: what one saw is not what stands there now, or nothing does; the same code at both doors."""
    other = "ef" * 32
    with pytest.raises(Refused, match="stale_basis"):
        drop(shown, "logistics_manager", other)
    data = {"run_id": str(shown.run_id("CL-SAFE")), "item_id": ITEM, "sha": other}
    verdict = device("logistics_manager").say("checklists.drop_reference", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "stale_basis")
    drop(shown, "logistics_manager")
    with pytest.raises(Refused, match="stale_basis"):
        drop(shown, "logistics_manager")


def test_said_twice_it_is_one(shown: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4: the repetition tells the verdict and changes nothing."""
    tablet = device("logistics_manager")
    data = {"run_id": str(shown.run_id("CL-SAFE")), "item_id": ITEM, "sha": PHOTO}
    op = tablet.op("checklists.drop_reference", data)
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert reference(shown) is None
