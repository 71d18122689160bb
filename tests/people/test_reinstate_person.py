"""Letting somebody back in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.lib import clock
from app.lib.clock import HOUR, now
from app.lib.ids import new_id
from app.people.access import may
from app.people.operations import reinstate_person, suspend_person
from tests.conftest import Cast
from tests.people.conftest import refuses
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], fresh: Callable[[], Session]
) -> None:
    """With the roles they had; the time between stays without rights (GEN-7)."""
    start = now()
    with clock.at(start + HOUR):
        suspend_person(cast.admin, person_id=cast.stagehand, reason="休假")
    with clock.at(start + 3 * HOUR):
        verify_operation(lambda: reinstate_person(cast.admin, person_id=cast.stagehand))
    held = [may(fresh(), cast.stagehand, "checklists.answer", cast.site_id, start + n * HOUR) for n in (0, 2, 3)]
    assert held == [True, False, True]


def test_their_device_fills_again(cast: Cast, device: Callable[[str], WireDevice], as_: Callable[[str], FlaskClient]) -> None:
    """The grant was never ended; the office lets them in with the old password."""
    tablet = device("stagehand")
    suspend_person(cast.admin, person_id=cast.stagehand, reason="x")
    tablet.pull()
    reinstate_person(cast.admin, person_id=cast.stagehand)
    tablet.pull()
    assert tablet.get("me", cast.stagehand)["roles"] == ["stagehand"]
    assert as_("stagehand").get("/account").status_code == 200


def test_only_who_manages_people_may(
    cast: Cast, not_for_others: Callable[..., None], not_from_a_device: Callable[..., None]
) -> None:
    """Administrators, online."""
    suspend_person(cast.admin, person_id=cast.stagehand, reason="x")
    not_for_others(reinstate_person, person_id=cast.stagehand)
    not_from_a_device(reinstate_person, person_id=str(cast.stagehand))


def test_only_who_is_suspended(cast: Cast) -> None:
    """Wrong state."""
    refuses("not_suspended", lambda: reinstate_person(cast.admin, person_id=cast.stagehand))


def test_said_twice_it_is_once(cast: Cast, fresh: Callable[[], Session]) -> None:
    """GEN-4: a late copy does not let somebody in who was suspended again."""
    said = new_id()
    suspend_person(cast.admin, person_id=cast.stagehand, reason="x")
    reinstate_person(cast.admin, person_id=cast.stagehand, operation_id=said)
    suspend_person(cast.admin, person_id=cast.stagehand, reason="y")
    reinstate_person(cast.admin, person_id=cast.stagehand, operation_id=said)
    assert not may(fresh(), cast.stagehand, None, cast.site_id, now())
