"""Voiding a signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.models import select_acceptances
from app.checklists.operations import reopen_run
from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from tests.checklists.conftest import Tonight


@pytest.fixture
def signed(tonight: Tonight) -> Tonight:
    """CL-SAFE is signed."""
    tonight.through("CL-SAFE")
    return tonight


def reopen(tonight: Tonight, login: str = "logistics_manager", **more: Any) -> Any:
    more.setdefault("basis", [tonight.state("CL-SAFE")])
    return reopen_run(tonight.cast[login], run_id=tonight.run_id("CL-SAFE"), reason="灭火器被移走", **more)


def test_it_works_and_reaches_every_replica(signed: Tonight, verify_operation: Callable[..., Any]) -> None:
    """CHK-6, GEN-2: open again with the reason; the old signature stays on file as voided; what waited waits again."""
    verify_operation(lambda: reopen(signed))
    run = signed.run("CL-SAFE")
    assert (run["status"], run["accepted"], run["rejected"]["reason"]) == ("open", None, "灭火器被移走")
    assert signed.run("CL-SET")["needs"][0]["accepted_at"] is None
    (signature,) = select_acceptances(signed.fresh(), signed.site_id, signed.run_id("CL-SAFE"))
    assert (signature.void_reason, signature.voided_by) == ("灭火器被移走", signed.cast.logistics_manager)
    signed.answer("safety_officer", "CL-SAFE", "SAFE-F3", verdict="fail")


def test_who_may_not_sign_may_not_reopen(signed: Tonight, device: Callable[[str], Any]) -> None:
    """Outsider and another role; a signed list takes no answer without it (GEN-2)."""
    with pytest.raises(Forbidden):
        reopen_run(new_id(), run_id=signed.run_id("CL-SAFE"), reason="x", basis=[signed.state("CL-SAFE")])
    with pytest.raises(Forbidden):
        reopen(signed, "safety_officer")
    data = {"run_id": signed.run_id("CL-SAFE"), "reason": "x"}
    verdict = device("safety_officer").say("checklists.reopen_run", data, basis=[signed.state("CL-SAFE")])
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_yours_to_accept")


def test_wrong_state_and_stale_view(signed: Tonight, device: Callable[[str], Any]) -> None:
    """Refused at both doors with the same code."""
    with pytest.raises(Refused, match="stale_basis"):
        reopen(signed, basis=[])
    reopen(signed)
    with pytest.raises(Refused, match="run_open"):
        reopen(signed)
    data = {"run_id": signed.run_id("CL-SAFE"), "reason": "x"}
    verdict = device("logistics_manager").say("checklists.reopen_run", data, basis=[signed.state("CL-SAFE")])
    assert (verdict["status"], verdict["code"]) == ("rejected", "run_open")


def test_said_twice_it_is_reopened_once(signed: Tonight, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("logistics_manager")
    data = {"run_id": str(signed.run_id("CL-SAFE")), "reason": "x"}
    op = tablet.op("checklists.reopen_run", data, basis=[signed.state("CL-SAFE")])
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)


def test_a_reopened_list_is_signed_again(signed: Tonight) -> None:
    """Both signatures are on file, one voided."""
    reopen(signed)
    signed.finish("CL-SAFE")
    signed.accept("CL-SAFE")
    signatures = select_acceptances(signed.fresh(), signed.site_id, signed.run_id("CL-SAFE"))
    assert [signature.voided_at is None for signature in signatures] == [False, True]
