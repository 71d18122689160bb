"""Adding a colleague."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lib.errors import Forbidden
from app.lib.ids import Id, new_id
from app.people.access import rights_at, roles_at
from app.people.models import Person
from app.people.operations import add_person
from tests.conftest import Cast
from tests.people.conftest import HASH, refuses

WHO = {"name": "  沈 一 ", "login": "Shen Yi", "phone": "138-1234 5678", "lang": "zh", "password_hash": HASH}


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], person: Callable[[Id], Person], fresh: Callable[[], Session]
) -> None:
    """Tidied, with the roles that were ticked, and a password that has to be changed."""
    someone = new_id()
    verify_operation(lambda: add_person(cast.admin, person_id=someone, **WHO, roles=["stagehand", "stagehand", "co_host"]))
    kept = person(someone)
    assert (kept.name, kept.login, kept.login_key, kept.phone) == ("沈 一", "Shen Yi", "shen yi", "13812345678")
    assert kept.must_change_password and kept.is_active
    assert roles_at(fresh(), someone, kept.created_at) == {"stagehand", "co_host"}
    assert "checklists.answer" in rights_at(fresh(), someone, kept.created_at)


def test_only_who_manages_people_may(cast: Cast, not_from_a_device: Callable[..., None]) -> None:
    """PPL-4: only administrators, and online."""
    for actor in (new_id(), cast.stagehand, cast.logistics_manager):
        with pytest.raises(Forbidden):
            add_person(actor, person_id=new_id(), **WHO)
    not_from_a_device(add_person, person_id=str(new_id()), **WHO)


def test_what_somebody_signs_in_with_is_theirs_alone(cast: Cast) -> None:
    """Neither case, width, spaces nor the other kind of name make a second one."""
    for login in ("stagehand", "STAGEHAND ", "ｓｔａｇｅｈａｎｄ", "13800000004", "1380 000-0004"):
        refuses("login_taken", lambda login=login: add_person(cast.admin, person_id=new_id(), **{**WHO, "login": login}), "login")
    for phone in ("13800000004", "１３８００００００04", "138 0000 0004"):
        refuses("phone_taken", lambda phone=phone: add_person(cast.admin, person_id=new_id(), **{**WHO, "phone": phone}), "phone")
    add_person(cast.admin, person_id=new_id(), **{**WHO, "login": "19900000000", "phone": None})
    clash = {**WHO, "login": "another", "phone": "19900000000"}
    refuses("phone_taken", lambda: add_person(cast.admin, person_id=new_id(), **clash), "phone")


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("name", " \t\n", "name_length"),
        ("name", "名" * 81, "name_length"),
        ("login", "", "name_length"),
        ("phone", "call me", "phone_shape"),
        ("phone", "1234", "phone_shape"),
        ("phone", "+86" + "1" * 21, "phone_shape"),
        ("phone", "=1+1", "phone_shape"),
        ("lang", "fr", "unknown_language"),
    ],
)
def test_bad_input_is_named_by_its_field(cast: Cast, field: str, typed: str, code: str) -> None:
    """The code of the sentence stands at the field, and nothing is made."""
    refusal = refuses("malformed", lambda: add_person(cast.admin, person_id=new_id(), **{**WHO, field: typed}), field)
    assert (refusal.status, refusal.fields[field]) == (422, [code])


def test_an_unknown_role_makes_nobody(cast: Cast, fresh: Callable[[], Session]) -> None:
    """All or nothing."""
    refuses("unknown_role", lambda: add_person(cast.admin, person_id=new_id(), **WHO, roles=["stagehand", "king"]), "roles")
    assert fresh().scalar(select(Person).where(Person.login == "Shen Yi")) is None


def test_said_twice_there_is_one(cast: Cast) -> None:
    """GEN-4: the same operation again changes nothing; another one for the same person is refused."""
    someone, said = new_id(), new_id()
    first, again = (add_person(cast.admin, person_id=someone, **WHO, operation_id=said) for _ in range(2))
    assert first.id == again.id
    refuses("exists", lambda: add_person(cast.admin, person_id=someone, **WHO))


def test_the_page_tells_the_password_once(as_: Callable[[str], FlaskClient], client: FlaskClient, app: Any) -> None:
    """It signs the person in, leads to a password of their own, and is shown on one page only."""
    admin = as_("admin")
    form = {"name": "沈一", "login": "shen", "phone": "", "lang": "en", "roles": ["stagehand"], "person_id": str(new_id())}
    answer = admin.post("/people", data=form)
    where = answer.headers["Location"]
    assert (answer.status_code, where) == (303, f"/people/{form['person_id']}")
    page = admin.get(where).text
    password = page.split("<code>")[1].split("</code>")[0]
    assert password not in admin.get(where).text
    assert admin.post("/people", data=form).headers["Location"] == where  # the same form again: the same person
    signed = client.post("/signin", data={"login": "shen", "password": password, "next": "/floor/today"})
    assert signed.headers["Location"] == "/account?next=/floor/today"


def test_the_page_keeps_what_was_typed(as_: Callable[[str], FlaskClient]) -> None:
    """A refused form comes back whole, with the sentence at its field; markup in it stays text (T40)."""
    name = "<script>alert(1)</script>"
    form = {"name": name, "login": "stagehand", "phone": "", "lang": "zh", "roles": ["camera"]}
    answer = as_("admin").post("/people", data=form)
    assert answer.status_code == 422
    assert 'id="login-error"' in answer.text and name not in answer.text and "&lt;script&gt;" in answer.text
    assert 'value="camera" checked' in answer.text
