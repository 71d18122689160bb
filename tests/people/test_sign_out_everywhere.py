"""Ending every office session of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.lib.errors import Forbidden
from app.lib.ids import Id, new_id
from app.people.models import Person
from app.people.operations import sign_out_everywhere, suspend_person
from tests.conftest import Cast
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], person: Callable[[Id], Person]
) -> None:
    """Nothing of it is a record."""
    verify_operation(lambda: sign_out_everywhere(cast.stagehand))
    assert person(cast.stagehand).session_version == 2


def test_browsers_are_out_and_devices_go_on(
    as_: Callable[[str], FlaskClient], device: Callable[[str], WireDevice], cast: Cast
) -> None:
    """The floor knows the office's session only when somebody signs in on it."""
    here, elsewhere, other, tablet = as_("stagehand"), as_("stagehand"), as_("camera"), device("stagehand")
    assert here.post("/account/sessions/end").headers["Location"] == "/signin"
    assert [browser.get("/account").status_code for browser in (here, elsewhere, other)] == [303, 303, 200]
    tablet.pull()
    assert tablet.get("me", cast.stagehand)


def test_outsiders_and_the_suspended_have_no_session_to_end(cast: Cast, not_from_a_device: Callable[..., None]) -> None:
    """Nor does a device end one."""
    suspend_person(cast.admin, person_id=cast.camera, reason="x")
    for actor in (new_id(), cast.camera):
        with pytest.raises(Forbidden):
            sign_out_everywhere(actor)
    not_from_a_device(sign_out_everywhere, by="stagehand")


def test_said_twice_it_ends_once(cast: Cast, person: Callable[[Id], Person]) -> None:
    """GEN-4: a late copy does not end the session that was begun since."""
    said = new_id()
    for _ in range(2):
        sign_out_everywhere(cast.stagehand, operation_id=said)
    assert person(cast.stagehand).session_version == 2
