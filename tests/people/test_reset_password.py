"""Resetting a colleague's password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.cast import PASSWORD
from app.lib.ids import Id, new_id
from app.people.models import Person
from app.people.operations import reset_password
from app.sync.models import Operation
from tests.conftest import Cast
from tests.people.conftest import HASH, refuses


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], person: Callable[[Id], Person], fresh: Callable[[], Session]
) -> None:
    """Nothing of it is a record, and the log keeps neither the word nor its hash."""
    verify_operation(lambda: reset_password(cast.admin, person_id=cast.stagehand, password_hash=HASH))
    assert person(cast.stagehand).must_change_password
    logged = fresh().scalars(select(Operation).where(Operation.type == "people.reset_password")).one()
    assert logged.data == {"person_id": str(cast.stagehand)}


def test_only_who_manages_people_may(
    cast: Cast, not_for_others: Callable[..., None], not_from_a_device: Callable[..., None]
) -> None:
    """Administrators, online: an unlocked phone must not be enough to take over an account."""
    not_for_others(reset_password, person_id=cast.stagehand, password_hash=HASH)
    not_from_a_device(reset_password, person_id=str(cast.stagehand), password_hash=HASH)


def test_ones_own_is_changed_and_not_reset(cast: Cast) -> None:
    """Else an open browser would be enough to lock its owner out."""
    refuses("own_account", lambda: reset_password(cast.admin, person_id=cast.admin, password_hash=HASH))


def test_said_twice_it_is_reset_once(cast: Cast, person: Callable[[Id], Person]) -> None:
    """GEN-4."""
    said = new_id()
    for _ in range(2):
        reset_password(cast.admin, person_id=cast.stagehand, password_hash=HASH, operation_id=said)
    assert person(cast.stagehand).session_version == 2


def test_the_whole_way(
    cast: Cast, as_: Callable[[str], FlaskClient], client: FlaskClient, person: Callable[[Id], Person]
) -> None:
    """Open sessions end, tries are forgotten, the one-time password opens only the page where it is changed."""
    browser, admin = as_("stagehand"), as_("admin")
    for _ in range(8):
        client.post("/signin", data={"login": "stagehand", "password": "wrong"})
    assert client.post("/signin", data={"login": "stagehand", "password": PASSWORD}).status_code == 429
    where = admin.post(f"/people/{cast.stagehand}/password").headers["Location"]
    password = admin.get(where).text.split("<code>")[1].split("</code>")[0]
    assert browser.get("/account").status_code == 303

    signed = client.post("/signin", data={"login": "stagehand", "password": password, "next": "/lists?day=1"})
    assert signed.headers["Location"] == "/account?next=/lists%3Fday%3D1"
    for page in ("/people", "/", "/lists"):
        assert client.get(page).headers["Location"].startswith("/account?next=")
    fragment = client.get("/people", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"].startswith("/account?next=")
    enrolling = client.post("/api/devices", json={"name": "x"})
    assert (enrolling.status_code, enrolling.json["error"]["code"]) == (403, "password_first")
    page = client.get("/account").text
    assert 'name="current"' not in page and 'name="password"' in page
    chosen = {"password": "my own long word", "again": "my own long word", "next": "/people"}
    assert client.post("/account/password", data=chosen).headers["Location"] == "/people"
    assert client.get("/people").status_code == 200
    assert not person(cast.stagehand).must_change_password
