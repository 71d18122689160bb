"""Signing a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.models import select_acceptances
from app.checklists.operations import accept_run
from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import SIGNATURE, Tonight


def test_it_works_and_reaches_every_replica(tonight: Tonight, verify_operation: Callable[..., Any]) -> None:
    """CHK-6: the accepting role signs; what waited for the list no longer does (CHK-3)."""
    tonight.fill("CL-SAFE")
    tonight.finish("CL-SAFE")
    outcome = verify_operation(lambda: tonight.accept("CL-SAFE", note="都看过了"))
    run = tonight.run("CL-SAFE")
    assert outcome.status == "applied"
    assert (run["status"], run["result"], run["accepted"]["note"]) == ("accepted", "pass", "都看过了")
    assert run["accepted"]["by"] == str(tonight.cast.logistics_manager)
    assert tonight.run("CL-SET")["needs"][0]["accepted_at"] == run["accepted"]["at"]


def test_whoever_answered_does_not_sign(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """CHK-6, GEN-3, T32: not at the office, not by way of sync, and not after somebody else answered over it."""
    tonight.through("CL-SAFE")
    first = tonight.answer("shift_lead", "CL-SET", "SET-A2")
    tonight.answer("stagehand", "CL-SET", "SET-A2", basis=[str(first.id)])
    tonight.fill("CL-SET", but=["SET-A2"])
    tonight.finish("CL-SET")
    with pytest.raises(Refused, match="own_work"):
        tonight.accept("CL-SET")
    tablet = device("shift_lead")
    data = {"run_id": tonight.run_id("CL-SET"), "signature": SIGNATURE}
    verdict = tablet.say("checklists.accept_run", data, basis=[tonight.state("CL-SET")])
    assert (verdict["status"], verdict["code"]) == ("rejected", "own_work")
    assert tonight.run("CL-SET")["status"] == "done"
    tonight.accept("CL-SET", "logistics_manager")


def test_another_role_does_not_sign(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """CHK-6: 403 in the office, rejected from a device; an outsider has no site here at all."""
    tonight.fill("CL-SAFE")
    tonight.finish("CL-SAFE")
    with pytest.raises(Forbidden):
        tonight.accept("CL-SAFE", "stagehand")
    with pytest.raises(Forbidden):
        accept_run(new_id(), run_id=tonight.run_id("CL-SAFE"), signature=SIGNATURE, basis=[tonight.state("CL-SAFE")])
    data = {"run_id": tonight.run_id("CL-SAFE"), "signature": SIGNATURE}
    verdict = device("stagehand").say("checklists.accept_run", data, basis=[tonight.state("CL-SAFE")])
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_yours_to_accept")


def test_the_stand_in_and_the_logistics_manager_may_sign(tonight: Tonight) -> None:
    """CL-SET is signed by the shift lead, their stand-in the warehouse keeper, or the logistics manager."""
    tonight.through("CL-SAFE")
    tonight.fill("CL-SET")
    tonight.finish("CL-SET")
    tonight.accept("CL-SET", "warehouse_keeper")
    assert tonight.run("CL-SET")["status"] == "accepted"


def test_an_unfinished_list_is_not_signed(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """Wrong state: the same code at both doors."""
    tonight.fill("CL-SAFE")
    with pytest.raises(Refused, match="run_open"):
        tonight.accept("CL-SAFE")
    data = {"run_id": tonight.run_id("CL-SAFE"), "signature": SIGNATURE}
    verdict = device("logistics_manager").say("checklists.accept_run", data, basis=[tonight.state("CL-SAFE")])
    assert (verdict["status"], verdict["code"]) == ("rejected", "run_open")


def test_a_signature_covers_only_what_was_shown(tonight: Tonight) -> None:
    """I7: what came since makes the decision stale."""
    tonight.fill("CL-SAFE")
    before = tonight.state("CL-SAFE")
    tonight.finish("CL-SAFE")
    with pytest.raises(Refused, match="stale_basis"):
        tonight.accept("CL-SAFE", basis=[before])
    with pytest.raises(Refused, match="stale_basis"):
        tonight.accept("CL-SAFE", basis=[])


def test_said_twice_it_is_one_signature(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4: the repetition tells the first verdict; another signature comes too late."""
    tonight.fill("CL-SAFE")
    tonight.finish("CL-SAFE")
    tablet, state = device("logistics_manager"), tonight.state("CL-SAFE")
    data = {"run_id": str(tonight.run_id("CL-SAFE")), "signature": SIGNATURE}
    op = tablet.op("checklists.accept_run", data, basis=[state])
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert len(select_acceptances(tonight.fresh(), tonight.site_id, tonight.run_id("CL-SAFE"))) == 1
    verdict = tablet.say("checklists.accept_run", data, basis=[tonight.state("CL-SAFE")])
    assert (verdict["status"], verdict["code"]) == ("rejected", "run_accepted")
