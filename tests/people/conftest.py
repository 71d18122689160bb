"""What tests of people ask again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.people.models import Person
from app.people.operations import add_person
from app.sync.registry import Operation
from tests.conftest import Cast
from tests.wire import WireDevice

HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$kept"


def refuses(code: str, call: Callable[[], object], field: str | None = None) -> Refused:
    """The call is refused with that code, at that field."""
    with pytest.raises(Refused, match=f"^{code}$") as refusal:
        call()
    assert field is None or field in refusal.value.fields
    return refusal.value


@pytest.fixture
def not_for_others(cast: Cast) -> Callable[..., None]:
    """Outsiders and people without the right are refused with 403; whoever is not of this house is not found."""

    def check(op: Operation, **data: Any) -> None:
        for actor in (new_id(), cast.stagehand, cast.logistics_manager):
            with pytest.raises(Forbidden):
                op(actor, **data)
        with pytest.raises(NotFound):
            op(cast.admin, **{**data, "person_id": new_id()})

    return check


@pytest.fixture
def not_from_a_device(device: Callable[[str], WireDevice]) -> Callable[..., None]:
    """From a device it is rejected with the code the office would not need, whoever works on it (people are managed online)."""

    def check(op: Operation, *, by: str = "admin", **data: Any) -> None:
        verdict = device(by).say(op.type, data)
        assert (verdict["status"], verdict["code"]) == ("rejected", "office_only")

    return check


@pytest.fixture
def person(fresh: Callable[[], Session]) -> Callable[[Id], Person]:
    """A person's row as it is now."""
    return lambda person_id: fresh().get_one(Person, person_id)


@pytest.fixture
def newcomer(cast: Cast) -> Id:
    """Somebody without a role, whose password is not set up to be typed."""
    person_id = new_id()
    add_person(cast.admin, person_id=person_id, name="新同事", login="new", phone=None, password_hash=HASH)
    return person_id
