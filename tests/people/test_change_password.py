"""Changing one's own password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.demo.cast import PASSWORD
from app.lib.errors import Forbidden
from app.lib.ids import Id, new_id
from app.people.models import Person
from app.people.operations import change_password
from tests.conftest import Cast
from tests.people.conftest import HASH

FORM = {"current": PASSWORD, "password": "a longer word of mine", "again": "a longer word of mine"}


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], person: Callable[[Id], Person]
) -> None:
    """Nothing of it is a record."""
    verify_operation(lambda: change_password(cast.stagehand, person_id=cast.stagehand, password_hash=HASH))
    assert (person(cast.stagehand).password_hash, person(cast.stagehand).session_version) == (HASH, 2)


def test_only_ones_own(cast: Cast, not_from_a_device: Callable[..., None]) -> None:
    """Not even an administrator; and never from a device, which would need no old password."""
    for actor in (cast.admin, cast.camera, new_id()):
        with pytest.raises(Forbidden):
            change_password(actor, person_id=cast.stagehand, password_hash=HASH)
    not_from_a_device(change_password, by="stagehand", person_id=str(cast.stagehand), password_hash=HASH)


def test_said_twice_it_is_changed_once(cast: Cast, person: Callable[[Id], Person]) -> None:
    """GEN-4."""
    said = new_id()
    for _ in range(2):
        change_password(cast.stagehand, person_id=cast.stagehand, password_hash=HASH, operation_id=said)
    assert person(cast.stagehand).session_version == 2


def test_other_browsers_are_signed_out(as_: Callable[[str], FlaskClient], client: FlaskClient) -> None:
    """This one stays, the other has to sign in with the new password."""
    here, elsewhere = as_("stagehand"), as_("stagehand")
    assert here.post("/account/password", data=FORM).headers["Location"] == "/account"
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert client.post("/signin", data={"login": "stagehand", "password": PASSWORD}).status_code == 422
    assert client.post("/signin", data={"login": "stagehand", "password": FORM["password"]}).status_code == 303


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"current": "wrong"}, "current", "不对"),
        ({"password": "short", "again": "short"}, "password", "8 个字符"),
        ({"password": "x" * 201, "again": "x" * 201}, "password", "200"),
        ({"password": "Password1", "again": "Password1"}, "password", "太常见"),
        ({"password": "abababababab", "again": "abababababab"}, "password", "太常见"),
        ({"password": "Stagehand2026!", "again": "Stagehand2026!"}, "password", "账号、姓名或手机号"),
        ({"again": "a longer word of yours"}, "again", "不一样"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    as_: Callable[[str], FlaskClient], typed: dict[str, str], field: str, said: str
) -> None:
    """And nothing changes: the old one still opens the door."""
    browser = as_("stagehand")
    answer = browser.post("/account/password", data={**FORM, **typed}, headers={"Accept-Language": "zh"})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text and said in answer.text
    assert as_("stagehand").get("/account").status_code == 200


def test_the_old_one_cannot_be_guessed_here_either(as_: Callable[[str], FlaskClient]) -> None:
    """Guesses count like those at the door, so an open browser is no way around its limit."""
    browser = as_("stagehand")
    for _ in range(8):
        assert browser.post("/account/password", data={**FORM, "current": "a guess"}).status_code == 422
    assert browser.post("/account/password", data=FORM).status_code == 429
