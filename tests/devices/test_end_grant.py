"""Ending somebody's work on a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.devices.models import Grant
from app.devices.operations import end_grant
from app.lib import clock
from app.lib.clock import HOUR, MINUTE, now
from app.lib.errors import Forbidden, NotFound
from app.lib.ids import Id, new_id
from app.people.operations import withdraw_role
from tests.conftest import Cast
from tests.devices.conftest import a_fact
from tests.wire import WireDevice


@pytest.fixture
def grant(tablet: Id, fresh: Callable[[], Session]) -> Id:
    return fresh().scalars(select(Grant.id).where(Grant.device_id == tablet)).one()


def test_it_works_and_reaches_every_replica(
    cast: Cast, grant: Id, verify_operation: Callable[..., Any], fresh: Callable[[], Session]
) -> None:
    """One's own, from the office."""
    verify_operation(lambda: end_grant(cast.stagehand, grant_id=grant))
    assert fresh().get_one(Grant, grant).ended_at is not None


def test_ones_own_or_a_manager(cast: Cast, grant: Id, not_from_a_device: Callable[..., None]) -> None:
    """A colleague and an outsider may not; who manages devices may."""
    for actor in (cast.camera, new_id()):
        with pytest.raises(Forbidden):
            end_grant(actor, grant_id=grant)
    with pytest.raises(NotFound):
        end_grant(cast.admin, grant_id=new_id())
    not_from_a_device("devices.end_grant", grant_id=str(grant))
    end_grant(cast.logistics_manager, grant_id=grant)


def test_said_twice_it_ends_at_the_first(cast: Cast, grant: Id, fresh: Callable[[], Session]) -> None:
    """GEN-4: the moment by which unsent work is judged does not move."""
    end_grant(cast.stagehand, grant_id=grant)
    ended_at = fresh().get_one(Grant, grant).ended_at
    with clock.at(now() + HOUR):
        end_grant(cast.stagehand, grant_id=grant)
    assert fresh().get_one(Grant, grant).ended_at == ended_at


def test_what_was_made_before_it_ended_stays_valid(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """T8, GEN-7: judged by the corrected moment, not by arrival; later facts are kept without effect, decisions refused."""
    mine = device("camera")
    start = now()
    with clock.at(start + HOUR):
        end_grant(cast.camera, grant_id=Id(mine.grant))
    with clock.at(start + 2 * HOUR):
        before = mine.say("checklists.start_run", a_fact(), at=start + MINUTE)
        after = mine.say("checklists.start_run", a_fact(), at=start + 90 * MINUTE)
        decision = mine.say("checklists.cancel_run", {"run_id": str(new_id()), "reason": "x"}, at=start + 90 * MINUTE)
        backdated = mine.say("checklists.start_run", a_fact(), at=start - HOUR)
    assert before["status"] == "applied"
    assert (after["status"], after["code"]) == ("noted", "outside_grant") and after["exception"]
    assert (decision["status"], decision["code"]) == ("rejected", "outside_grant")
    assert (backdated["status"], backdated["code"]) == ("noted", "outside_grant"), "a clock set back does not dodge the end"


def test_work_before_the_grant_began_is_outside(device: Callable[[str], WireDevice]) -> None:
    """Nothing is done under a grant before it was given."""
    verdict = device("camera").say("checklists.start_run", a_fact(), at=now() - 24 * HOUR)
    assert (verdict["status"], verdict["code"]) == ("noted", "outside_grant")


def test_a_right_counts_as_of_the_moment(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """GEN-7: work done before a role was withdrawn stays valid, work after it is kept without effect."""
    mine = device("camera")
    start = now()
    with clock.at(start + HOUR):
        withdraw_role(cast.admin, person_id=cast.camera, role="camera")
    with clock.at(start + 2 * HOUR):
        before = mine.say("checklists.start_run", a_fact(), at=start + MINUTE)
        after = mine.say("checklists.start_run", a_fact(), at=start + 90 * MINUTE)
    assert before["status"] == "applied"
    assert (after["status"], after["code"]) == ("noted", "outside_grant")


# -- over HTTP ------------------------------------------------------------------------------------------------------------------


def test_the_device_signs_its_people_out(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """T7: the outbox stays and is judged by the moment; the records go at the next pull; again changes nothing."""
    mine, start = device("camera"), now()
    unsent = mine.op("checklists.start_run", a_fact(), at=start + MINUTE)
    mine.client.delete_cookie("offstage-session")
    with clock.at(start + HOUR):
        for _ in range(2):
            assert mine.client.delete(f"/api/grants/{mine.grant}").status_code == 204
        mine.pull()
        assert mine.all("me") == [] and mine.all("person") == [] and mine.all("playbook")
        assert mine.send(unsent)["verdicts"][0]["status"] == "applied"


def test_only_grants_of_this_device(device: Callable[[str], WireDevice], client: FlaskClient) -> None:
    """404 for another device's and for none, 401 without a cookie."""
    mine, other = device("camera"), device("stagehand")
    for grant in (other.grant, str(new_id())):
        assert mine.client.delete(f"/api/grants/{grant}").status_code == 404
    assert client.delete(f"/api/grants/{mine.grant}").status_code == 401
    assert mine.client.delete("/api/grants/nonsense").status_code == 404


def test_from_ones_account(as_: Callable[[str], FlaskClient], device: Callable[[str], WireDevice]) -> None:
    """A phone forgotten elsewhere is signed out from any browser."""
    mine, browser = device("camera"), as_("camera")
    assert f"/account/devices/{mine.grant}/end" in browser.get("/account").text
    assert as_("director").post(f"/account/devices/{mine.grant}/end").status_code == 403
    assert browser.post(f"/account/devices/{mine.grant}/end").status_code == 303
    mine.pull()
    assert mine.all("me") == []
