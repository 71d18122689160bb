"""Sending a finished list back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import reject_run
from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import Tonight


@pytest.fixture
def done(tonight: Tonight) -> Tonight:
    """CL-SAFE is finished."""
    tonight.fill("CL-SAFE")
    tonight.finish("CL-SAFE")
    return tonight


def reject(tonight: Tonight, login: str = "logistics_manager", **more: Any) -> Any:
    more.setdefault("basis", [tonight.state("CL-SAFE")])
    more.setdefault("items", [{"item_id": "SAFE-F1", "note": "照片看不清"}])
    return reject_run(tonight.cast[login], run_id=tonight.run_id("CL-SAFE"), reason="再看一次", **more)


def test_it_works_and_reaches_every_replica(done: Tonight, verify_operation: Callable[..., Any]) -> None:
    """CHK-6: open again, with the reason; the named item carries its note and counts as a gap."""
    verify_operation(lambda: reject(done))
    run, item = done.run("CL-SAFE"), done.item("CL-SAFE", "SAFE-F1")
    assert (run["status"], run["finished"], run["rejected"]["reason"]) == ("open", None, "再看一次")
    assert item["sent_back"]["note"] == "照片看不清"
    assert item["answers"][0]["verdict"] == "pass"


def test_who_may_not_sign_may_not_send_back(done: Tonight, device: Callable[[str], Any]) -> None:
    """Outsider, another role, and whoever answered (GEN-3)."""
    with pytest.raises(Forbidden):
        reject_run(new_id(), run_id=done.run_id("CL-SAFE"), reason="x", basis=[done.state("CL-SAFE")])
    with pytest.raises(Forbidden):
        reject(done, "co_host")
    data = {"run_id": done.run_id("CL-SAFE"), "reason": "x", "items": []}
    verdict = device("co_host").say("checklists.reject_run", data, basis=[done.state("CL-SAFE")])
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_yours_to_accept")


def test_whoever_answered_does_not_judge(tonight: Tonight) -> None:
    """GEN-3: the logistics manager helped out, so somebody else judges."""
    tonight.answer("logistics_manager", "CL-SAFE", "SAFE-F3")
    tonight.fill("CL-SAFE", but=["SAFE-F3"])
    tonight.finish("CL-SAFE")
    with pytest.raises(Refused, match="own_work"):
        reject(tonight)


def test_wrong_state_and_stale_view(done: Tonight, device: Callable[[str], Any]) -> None:
    """Refused at both doors with the same code; on an old view; for an item that is not there."""
    with pytest.raises(Refused, match="stale_basis"):
        reject(done, basis=["old"])
    with pytest.raises(Refused, match="unknown_item"):
        reject(done, items=[{"item_id": "SET-A1"}])
    reject(done)
    with pytest.raises(Refused, match="run_open"):
        reject(done)
    data = {"run_id": done.run_id("CL-SAFE"), "reason": "x", "items": []}
    verdict = device("logistics_manager").say("checklists.reject_run", data, basis=[done.state("CL-SAFE")])
    assert (verdict["status"], verdict["code"]) == ("rejected", "run_open")


def test_said_twice_it_is_sent_back_once(done: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("logistics_manager")
    data = {"run_id": str(done.run_id("CL-SAFE")), "reason": "x", "items": []}
    op = tablet.op("checklists.reject_run", data, basis=[done.state("CL-SAFE")])
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
