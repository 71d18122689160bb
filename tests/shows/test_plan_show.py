"""Planning a show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.clock import HOUR, MINUTE
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.shows.operations import cancel_show, plan_show
from tests.shows.conftest import Plan


def test_it_works_and_reaches_every_replica(plan: Plan, verify_operation: Callable[..., Any]) -> None:
    """The lists anchored in the show are laid out by their offsets; the others are not."""
    show_id = verify_operation(lambda: plan.show(aim="客单价 120 元"))
    show, runs = plan.record("show", show_id), plan.runs(show_id)
    assert (show["title"], show["status"], show["room_id"]) == ("家居好物夜", "planned", str(plan.one))
    assert show["aim"] == "客单价 120 元"
    assert set(runs) == {
        "CL-SAFE", "CL-SET", "CL-LGT", "CL-CAM", "CL-AUD", "CL-NET", "CL-PRP", "CL-SMP", "CL-DOC", "CL-GNG", "CL-AIR", "CL-STRK",
    }  # fmt: skip
    safe, strike, air = runs["CL-SAFE"], runs["CL-STRK"], runs["CL-AIR"]
    assert (safe["start_at"], safe["due_at"]) == (plan.starts_at - 240 * MINUTE, plan.starts_at - 200 * MINUTE)
    assert (strike["anchor_at"], strike["due_at"]) == (plan.starts_at + 120 * MINUTE, plan.starts_at + 210 * MINUTE)
    assert (air["repeat_min"], air["round"], air["due_at"]) == (15, 1, plan.starts_at + 15 * MINUTE)
    assert {run["status"] for run in runs.values()} == {"scheduled"}


def test_outsider_and_wrong_role(plan: Plan, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    with pytest.raises(Forbidden):
        plan.show("stagehand")
    with pytest.raises(Forbidden):
        plan_show(new_id(), show_id=new_id(), title="x", kind="daily", room_id=plan.one, starts_at=plan.starts_at, planned_min=60)
    data = {
        "show_id": new_id(), "title": "x", "kind": "daily", "room_id": plan.one, "starts_at": plan.starts_at, "planned_min": 60,
    }  # fmt: skip
    verdict = device("stagehand").say("shows.plan_show", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


@pytest.mark.parametrize(("shift_min", "length_min"), [(0, 120), (-60, 61), (119, 30), (30, 30), (-60, 300)])
def test_two_shows_never_share_a_room(plan: Plan, device: Callable[[str], Any], shift_min: int, length_min: int) -> None:
    """SHW-3: any overlap is refused with the other's title, at both doors; another room is free."""
    plan.show(title="先来的")
    at = plan.starts_at + shift_min * MINUTE
    with pytest.raises(Refused, match="room_taken") as refusal:
        plan.show(starts_at=at, planned_min=length_min)
    assert refusal.value.facts["title"] == "先来的"
    data = {
        "show_id": new_id(), "title": "x", "kind": "daily", "room_id": plan.one, "starts_at": at, "planned_min": length_min,
    }  # fmt: skip
    verdict = device("operations").say("shows.plan_show", data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "room_taken")
    plan.show(starts_at=at, planned_min=length_min, room_id=plan.two)


def test_one_may_begin_the_minute_another_ends(plan: Plan) -> None:
    """T27: equal times at the edge; a cancelled show holds no room."""
    first = plan.show()
    plan.show(starts_at=plan.starts_at + 2 * HOUR)
    plan.show(starts_at=plan.starts_at - HOUR, planned_min=60)
    cancel_show(plan.cast.operations, show_id=first, reason="主播请假")
    plan.show()


@pytest.mark.parametrize(
    "bad",
    [
        {"title": ""}, {"title": "x" * 201}, {"kind": "party"}, {"planned_min": 0}, {"planned_min": 1441}, {"planned_min": 1.5},
        {"starts_at": 1}, {"starts_at": "tomorrow"}, {"price": 3},
    ],
)  # fmt: skip
def test_bad_input_names_its_field(plan: Plan, bad: dict[str, Any]) -> None:
    """Wrong type, too long, out of range, unknown field: malformed, and nothing changed."""
    with pytest.raises(Refused, match="malformed") as refusal:
        plan.show(**bad)
    assert set(bad) == set(refusal.value.fields)


def test_wrong_state(plan: Plan) -> None:
    """An id that is taken, a room that is not there."""
    show_id = plan.show()
    with pytest.raises(Refused, match="id_taken"):
        plan.show(show_id=show_id, room_id=plan.two)
    with pytest.raises(NotFound):
        plan.show(room_id=new_id())


def test_said_twice_it_is_one_show(plan: Plan, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("operations")
    data = {
        "show_id": str(new_id()), "title": "x", "kind": "daily", "room_id": str(plan.one), "starts_at": plan.starts_at,
        "planned_min": 60,
    }  # fmt: skip
    op = tablet.op("shows.plan_show", data)
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
    assert len(plan.runs(Id(data["show_id"]))) == 12
