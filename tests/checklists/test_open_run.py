"""Taking a list in hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.checklists.models import ChecklistParticipant
from app.checklists.operations import cancel_run, open_run
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import Tonight


def devices(tonight: Tonight, code: str) -> list[Any]:
    found = select(ChecklistParticipant.device_id).where(ChecklistParticipant.run_id == tonight.run_id(code))
    return list(tonight.fresh().scalars(found))


def test_it_works_and_reaches_every_replica(
    tonight: Tonight, device: Callable[[str], Any], verify_operation: Callable[..., Any]
) -> None:
    """The list is open, and its end will wait for this device."""
    tablet = device("safety_officer")
    verdict = verify_operation(lambda: tablet.say("checklists.open_run", {"run_id": tonight.run_id("CL-SAFE")}))
    assert verdict["status"] == "applied"
    assert (tonight.run("CL-SAFE")["status"], devices(tonight, "CL-SAFE")) == ("open", [tablet.id])


def test_opening_out_of_turn_is_no_exception(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """CHK-3: looking breaks no order; the answers that follow carry the doubt."""
    data = {"run_id": tonight.run_id("CL-SET"), "unverified": True}
    assert device("stagehand").say("checklists.open_run", data)["status"] == "applied"


def test_outsider_and_another_post(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """Whoever only looks takes no part: nobody waits for their phone."""
    for actor in (new_id(), tonight.cast.finance, tonight.cast.director):
        with pytest.raises(Forbidden):
            open_run(actor, run_id=tonight.run_id("CL-SAFE"))
    with pytest.raises(NotFound):
        open_run(tonight.cast.safety_officer, run_id=new_id())
    verdict = device("director").say("checklists.open_run", {"run_id": tonight.run_id("CL-SAFE")})
    assert (verdict["status"], verdict["code"]) == ("noted", "not_your_list")
    assert devices(tonight, "CL-SAFE") == []


def test_wrong_state(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """A cancelled list is not opened: the same code at both doors."""
    cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), reason="x")
    with pytest.raises(Refused, match="run_cancelled"):
        open_run(tonight.cast.safety_officer, run_id=tonight.run_id("CL-SAFE"))
    verdict = device("safety_officer").say("checklists.open_run", {"run_id": tonight.run_id("CL-SAFE")})
    assert (verdict["status"], verdict["code"]) == ("noted", "run_cancelled")


def test_said_twice_it_takes_part_once(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4: a repetition, and opening it again."""
    tablet = device("safety_officer")
    op = tablet.op("checklists.open_run", {"run_id": str(tonight.run_id("CL-SAFE"))})
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    tablet.say("checklists.open_run", {"run_id": tonight.run_id("CL-SAFE")})
    assert (first["status"], again["replayed"], len(devices(tonight, "CL-SAFE"))) == ("applied", True, 1)
