"""Giving a role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.lib import clock
from app.lib.clock import HOUR, now
from app.lib.ids import Id, new_id
from app.people.access import may, roles_at
from app.people.models import PersonRole
from app.people.operations import give_role
from tests.conftest import Cast
from tests.people.conftest import refuses
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, newcomer: Id, verify_operation: Callable[..., Any], fresh: Callable[[], Session]
) -> None:
    """From now on, not before: rights are asked as of a moment (GEN-7)."""
    later = now() + HOUR
    with clock.at(later):
        verify_operation(lambda: give_role(cast.admin, person_id=newcomer, role="shift_lead"))
        assert may(fresh(), newcomer, "checklists.lead", cast.site_id, later)
        assert not may(fresh(), newcomer, "checklists.lead", cast.site_id, later - 1)


def test_a_device_reads_more_at_once(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """The bucket of leads is listed at the next pull, without enrolling again."""
    tablet = device("stagehand")
    assert not any(bucket.endswith(":lead") for bucket in tablet.cursors)
    give_role(cast.admin, person_id=cast.stagehand, role="shift_lead")
    tablet.pull()
    assert any(bucket.endswith(":lead") for bucket in tablet.cursors)
    assert "checklists.lead" in tablet.get("me", cast.stagehand)["rights"]


def test_only_who_manages_people_may(
    cast: Cast, newcomer: Id, not_for_others: Callable[..., None], not_from_a_device: Callable[..., None]
) -> None:
    """PPL-4: administrators, online."""
    not_for_others(give_role, person_id=newcomer, role="stagehand")
    not_from_a_device(give_role, person_id=str(newcomer), role="stagehand")


def test_nobody_gives_a_role_to_themselves(cast: Cast, as_: Callable[[str], FlaskClient]) -> None:
    """PPL-4: not by the page, which does not offer it, nor past it."""
    refuses("own_role", lambda: give_role(cast.admin, person_id=cast.admin, role="general_manager"))
    admin, address = as_("admin"), f"/people/{cast.admin}"
    assert f'action="{address}/roles"' not in admin.get(address).text
    answer = admin.post(f"{address}/roles", data={"role": "finance"}, headers={"HX-Request": "true", "Accept-Language": "zh"})
    assert answer.status_code == 409 and "不能给自己岗位" in answer.text


def test_only_roles_of_the_house(cast: Cast, newcomer: Id) -> None:
    """An unknown one is refused at its field."""
    refuses("unknown_role", lambda: give_role(cast.admin, person_id=newcomer, role="emperor"), "roles")


def test_said_twice_it_is_held_once(cast: Cast, newcomer: Id, fresh: Callable[[], Session]) -> None:
    """GEN-4: neither the same operation nor another one makes a second span."""
    said = new_id()
    for operation_id in (said, said, new_id()):
        give_role(cast.admin, person_id=newcomer, role="camera", operation_id=operation_id)
    spans = select(func.count()).select_from(PersonRole).where(PersonRole.person_id == newcomer)
    assert fresh().scalar(spans) == 1
    assert roles_at(fresh(), newcomer, now()) == {"camera"}
