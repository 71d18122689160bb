"""Hiring somebody again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.demo.cast import PASSWORD
from app.lib import clock
from app.lib.clock import HOUR, now
from app.lib.ids import Id, new_id
from app.people.access import may, roles_at
from app.people.models import Person
from app.people.operations import end_employment, give_role, rehire_person, suspend_person
from tests.conftest import Cast
from tests.people.conftest import refuses
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], fresh: Callable[[], Session], person: Callable[[Id], Person]
) -> None:
    """GEN-7: the same person, without roles; the time between stays without rights."""
    start = now()
    suspend_person(cast.admin, person_id=cast.stagehand, reason="x")
    with clock.at(start + HOUR):
        end_employment(cast.admin, person_id=cast.stagehand, reason="x")
    with clock.at(start + 3 * HOUR):
        verify_operation(lambda: rehire_person(cast.admin, person_id=cast.stagehand))
        give_role(cast.admin, person_id=cast.stagehand, role="camera")
    back = person(cast.stagehand)
    assert (back.status, back.left_at, back.left_reason) == ("active", None, None)
    assert [may(fresh(), cast.stagehand, None, cast.site_id, start + n * HOUR) for n in (2, 3)] == [False, True]
    assert roles_at(fresh(), cast.stagehand, start + 3 * HOUR) == {"camera"}


def test_they_sign_in_anew(cast: Cast, device: Callable[[str], WireDevice], client: FlaskClient) -> None:
    """PPL-2: the old password asks for another first; a device they had stays closed until they sign in on it again."""
    tablet = device("stagehand")
    end_employment(cast.admin, person_id=cast.stagehand, reason="x")
    rehire_person(cast.admin, person_id=cast.stagehand)
    tablet.pull()
    assert tablet.all("me") == []
    answer = client.post("/signin", data={"login": "stagehand", "password": PASSWORD})
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/account")


def test_only_who_manages_people_may(
    cast: Cast, not_for_others: Callable[..., None], not_from_a_device: Callable[..., None]
) -> None:
    """Administrators, online."""
    end_employment(cast.admin, person_id=cast.camera, reason="x")
    not_for_others(rehire_person, person_id=cast.camera)
    not_from_a_device(rehire_person, person_id=str(cast.camera))


def test_only_who_left(cast: Cast) -> None:
    """Wrong states: working here, or suspended."""
    refuses("not_left", lambda: rehire_person(cast.admin, person_id=cast.stagehand))
    suspend_person(cast.admin, person_id=cast.stagehand, reason="x")
    refuses("not_left", lambda: rehire_person(cast.admin, person_id=cast.stagehand))


def test_said_twice_it_is_once(cast: Cast, as_: Callable[[str], FlaskClient], person: Callable[[Id], Person]) -> None:
    """GEN-4, by the page's button: a late copy does not bring back somebody who left again."""
    admin, said = as_("admin"), {"operation_id": str(new_id())}
    end_employment(cast.admin, person_id=cast.stagehand, reason="x")
    assert admin.post(f"/people/{cast.stagehand}/leaving/end", data=said).status_code == 303
    end_employment(cast.admin, person_id=cast.stagehand, reason="y")
    assert admin.post(f"/people/{cast.stagehand}/leaving/end", data=said).status_code == 303
    assert person(cast.stagehand).status == "left"
