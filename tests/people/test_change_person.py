"""Mending a colleague's details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from app.lib.ids import Id, new_id
from app.people.models import Person
from app.people.operations import change_person
from tests.conftest import Cast
from tests.people.conftest import refuses
from tests.wire import WireDevice

WHO = {"name": "王磊磊", "login": "stagehand", "phone": "13800000004", "lang": "en"}


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], person: Callable[[Id], Person], device: Callable[[str], WireDevice]
) -> None:
    """Everybody's device learns the name; the phone number stays with the person and the office."""
    verify_operation(lambda: change_person(cast.admin, person_id=cast.stagehand, **WHO))
    assert (person(cast.stagehand).name, person(cast.stagehand).lang) == ("王磊磊", "en")
    other = device("camera")
    assert other.get("person", cast.stagehand)["name"] == "王磊磊"
    assert "13800000004" not in str(other.held)


def test_only_who_manages_people_may(
    cast: Cast, not_for_others: Callable[..., None], not_from_a_device: Callable[..., None]
) -> None:
    """Not even oneself: a login is what others sign for."""
    not_for_others(change_person, person_id=cast.stagehand, **WHO)
    not_from_a_device(change_person, person_id=str(cast.stagehand), **WHO)


def test_what_belongs_to_another_is_refused(cast: Cast) -> None:
    """Login and phone; keeping one's own is no clash."""
    refuses("login_taken", lambda: change_person(cast.admin, person_id=cast.stagehand, **{**WHO, "login": "Camera"}), "login")
    taken = {**WHO, "phone": "13800000006"}
    refuses("phone_taken", lambda: change_person(cast.admin, person_id=cast.stagehand, **taken), "phone")
    change_person(cast.admin, person_id=cast.stagehand, **WHO)


def test_said_twice_it_is_changed_once(cast: Cast, person: Callable[[Id], Person]) -> None:
    """GEN-4: a late copy of the first change does not undo the second."""
    said = new_id()
    change_person(cast.admin, person_id=cast.stagehand, **WHO, operation_id=said)
    change_person(cast.admin, person_id=cast.stagehand, **{**WHO, "name": "王三"})
    change_person(cast.admin, person_id=cast.stagehand, **WHO, operation_id=said)
    assert person(cast.stagehand).name == "王三"


def test_the_page(cast: Cast, as_: Callable[[str], FlaskClient]) -> None:
    """Saved with a word; refused with the form open and the sentence at its field."""
    admin, address = as_("admin"), f"/people/{cast.stagehand}"
    assert admin.post(address, data=WHO).status_code == 303
    assert "王磊磊" in admin.get(address).text
    answer = admin.post(address, data={**WHO, "name": "新名字", "phone": "12"})
    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.text and 'value="新名字"' in answer.text
