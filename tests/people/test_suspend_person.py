"""Suspending somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.demo.cast import PASSWORD
from app.lib import clock
from app.lib.clock import HOUR, now
from app.lib.ids import new_id
from app.people.access import may
from app.people.operations import suspend_person
from tests.conftest import Cast
from tests.people.conftest import refuses
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], fresh: Callable[[], Session]
) -> None:
    """PPL-2: the rights rest from now on, the history and what was right before stay (GEN-7)."""
    later = now() + HOUR
    with clock.at(later):
        verify_operation(lambda: suspend_person(cast.admin, person_id=cast.stagehand, reason="休假"))
        assert may(fresh(), cast.stagehand, "checklists.answer", cast.site_id, later - 1)
        assert not may(fresh(), cast.stagehand, None, cast.site_id, later)


def test_they_are_out_everywhere(
    cast: Cast, as_: Callable[[str], FlaskClient], device: Callable[[str], WireDevice], client: FlaskClient
) -> None:
    """PPL-2: the open session ends, the device forgets, signing in says why only to who knows the password."""
    browser, tablet = as_("stagehand"), device("stagehand")
    suspend_person(cast.admin, person_id=cast.stagehand, reason="休假")
    assert browser.get("/account").headers["Location"].startswith("/signin")
    tablet.pull()
    assert tablet.all("person") == [] and tablet.all("me") == [] and tablet.all("playbook")
    assert tablet.client.post("/api/grants", json={}).status_code == 401
    right = client.post("/signin", data={"login": "stagehand", "password": PASSWORD})
    wrong = client.post("/signin", data={"login": "stagehand", "password": "wrong one"})
    assert right.status_code == 403 and "Set-Cookie" not in right.headers and wrong.status_code == 422


def test_only_who_manages_people_may(
    cast: Cast, not_for_others: Callable[..., None], not_from_a_device: Callable[..., None]
) -> None:
    """Administrators, online."""
    not_for_others(suspend_person, person_id=cast.stagehand, reason="x")
    not_from_a_device(suspend_person, person_id=str(cast.stagehand), reason="x")


def test_not_oneself_not_twice_not_without_a_reason(cast: Cast) -> None:
    """Wrong states."""
    refuses("own_account", lambda: suspend_person(cast.admin, person_id=cast.admin, reason="x"))
    refuses("malformed", lambda: suspend_person(cast.admin, person_id=cast.stagehand, reason=" \n"), "reason")
    suspend_person(cast.admin, person_id=cast.stagehand, reason="x")
    refuses("already_suspended", lambda: suspend_person(cast.admin, person_id=cast.stagehand, reason="x"))


def test_said_twice_it_is_once(cast: Cast, as_: Callable[[str], FlaskClient]) -> None:
    """GEN-4, by the page's form: the second press is no error."""
    admin, form = as_("admin"), {"reason": "休假", "operation_id": str(new_id())}
    for _ in range(2):
        assert admin.post(f"/people/{cast.stagehand}/suspension", data=form).status_code == 303
    page = admin.get(f"/people/{cast.stagehand}").text
    assert page.count("休假") == 1
