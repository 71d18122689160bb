"""Ending a role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.lib import clock
from app.lib.clock import HOUR, now
from app.lib.ids import Id, new_id
from app.people.access import may
from app.people.operations import give_role, suspend_person, withdraw_role
from tests.conftest import Cast
from tests.people.conftest import refuses
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], fresh: Callable[[], Session]
) -> None:
    """It ends now; what was right before stays right (GEN-7)."""
    later = now() + HOUR
    with clock.at(later):
        verify_operation(lambda: withdraw_role(cast.admin, person_id=cast.shift_lead, role="shift_lead"))
        assert may(fresh(), cast.shift_lead, "checklists.lead", cast.site_id, later - 1)
        assert not may(fresh(), cast.shift_lead, "checklists.lead", cast.site_id, later)


def test_a_device_reads_less_at_once(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """What leads decide is dropped at the next pull."""
    tablet = device("shift_lead")
    assert any(bucket.endswith(":lead") for bucket in tablet.cursors)
    withdraw_role(cast.admin, person_id=cast.shift_lead, role="shift_lead")
    tablet.pull()
    assert not any(bucket.endswith(":lead") for bucket in tablet.cursors)
    assert tablet.get("person", cast.shift_lead)["roles"] == []


def test_only_who_manages_people_may(
    cast: Cast, not_for_others: Callable[..., None], not_from_a_device: Callable[..., None]
) -> None:
    """PPL-4: as for giving."""
    not_for_others(withdraw_role, person_id=cast.stagehand, role="stagehand")
    not_from_a_device(withdraw_role, person_id=str(cast.stagehand), role="stagehand")


def test_what_is_not_held_cannot_end(cast: Cast) -> None:
    """Neither a role that was never given nor one that ended."""
    refuses("role_not_held", lambda: withdraw_role(cast.admin, person_id=cast.stagehand, role="camera"))
    withdraw_role(cast.admin, person_id=cast.stagehand, role="stagehand")
    refuses("role_not_held", lambda: withdraw_role(cast.admin, person_id=cast.stagehand, role="stagehand"))


def test_the_last_administrator_stays(cast: Cast, newcomer: Id) -> None:
    """Somebody must be able to give roles: a suspended colleague is nobody."""
    refuses("last_admin", lambda: withdraw_role(cast.admin, person_id=cast.admin, role="admin"))
    give_role(cast.admin, person_id=newcomer, role="admin")
    suspend_person(cast.admin, person_id=newcomer, reason="x")
    refuses("last_admin", lambda: withdraw_role(cast.admin, person_id=cast.admin, role="admin"))
    give_role(cast.admin, person_id=cast.hr, role="admin")
    withdraw_role(cast.admin, person_id=cast.admin, role="admin")


def test_said_twice_it_ends_once(cast: Cast, fresh: Callable[[], Session]) -> None:
    """GEN-4: a copy that comes late does not end what was given again."""
    said = new_id()
    withdraw_role(cast.admin, person_id=cast.stagehand, role="stagehand", operation_id=said)
    give_role(cast.admin, person_id=cast.stagehand, role="stagehand")
    withdraw_role(cast.admin, person_id=cast.stagehand, role="stagehand", operation_id=said)
    assert may(fresh(), cast.stagehand, "checklists.answer", cast.site_id, now())


def test_the_page_shows_the_times(cast: Cast, as_: Callable[[str], FlaskClient]) -> None:
    """A role that ended moves to the earlier ones, and the history says who ended it."""
    admin, address = as_("admin"), f"/people/{cast.stagehand}"
    assert admin.post(f"{address}/roles/stagehand/end").status_code == 303
    page = admin.get(address, headers={"Accept-Language": "zh"}).text
    assert "以前的岗位（1）" in page and "收回岗位：场务" in page and "周雨桐" in page
