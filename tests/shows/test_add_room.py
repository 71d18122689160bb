"""A new studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.shows.models import select_rooms
from app.shows.operations import add_room
from tests.shows.conftest import Plan


def test_it_works_and_reaches_every_replica(plan: Plan, verify_operation: Callable[..., Any]) -> None:
    """Both names, for everybody on the site; shows can be planned in it."""
    room_id = new_id()
    verify_operation(lambda: add_room(plan.cast.logistics_manager, room_id=room_id, zh="外场", en="On location"))
    assert plan.record("room", room_id) == {"id": str(room_id), "zh": "外场", "en": "On location"}
    assert [room.en for room in select_rooms(plan.fresh(), plan.cast.site_id)][-1] == "On location"
    plan.show(room_id=room_id)


def test_outsider_and_wrong_role(plan: Plan, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), plan.cast.stagehand):
        with pytest.raises(Forbidden):
            add_room(actor, room_id=new_id(), zh="x", en="x")
    verdict = device("stagehand").say("shows.add_room", {"room_id": new_id(), "zh": "x", "en": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_wrong_state(plan: Plan, device: Callable[[str], Any]) -> None:
    """An id or a name that is taken, in either language and however written; a name in one language is malformed (GEN-8)."""
    with pytest.raises(Refused, match="id_taken"):
        add_room(plan.cast.operations, room_id=plan.one, zh="x", en="x")
    verdict = device("operations").say("shows.add_room", {"room_id": plan.one, "zh": "x", "en": "x"})
    assert (verdict["status"], verdict["code"]) == ("rejected", "id_taken")
    for zh, en, field in (("1 号直播间 ", "x", "zh"), ("外场", "STUDIO 1", "en")):
        with pytest.raises(Refused, match="room_exists") as refusal:
            add_room(plan.cast.operations, room_id=new_id(), zh=zh, en=en)
        assert field in refusal.value.fields
        verdict = device("operations").say("shows.add_room", {"room_id": new_id(), "zh": zh, "en": en})
        assert (verdict["status"], verdict["code"]) == ("rejected", "room_exists")
    with pytest.raises(Refused, match="malformed"):
        add_room(plan.cast.operations, room_id=new_id(), zh="x")


def test_said_twice_it_is_one_room(plan: Plan, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    tablet = device("operations")
    op = tablet.op("shows.add_room", {"room_id": str(new_id()), "zh": "x", "en": "x"})
    first, again = (tablet.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)
