"""Revoking a device that is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.devices.models import Device
from app.devices.operations import revoke_device
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from tests.conftest import Cast
from tests.devices.conftest import a_fact
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, tablet: Id, verify_operation: Callable[..., Any], row: Callable[[Id], Device]
) -> None:
    """With its reason."""
    verify_operation(lambda: revoke_device(cast.logistics_manager, device_id=tablet, reason=" 丢了 "))
    assert row(tablet).revoked_at is not None and row(tablet).revoked_reason == "丢了"


def test_it_forgets_and_its_work_is_parked(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """CNF-3, T5: still 200; no bucket is listed, each operation waits for a person, and again the same (sync.md §2)."""
    mine = device("camera")
    revoke_device(cast.admin, device_id=mine.id, reason="lost")
    assert mine.pull()["buckets"] == {} and mine.held == {}
    op = mine.op("checklists.start_run", a_fact())
    for is_replay in (False, True):
        verdict = mine.send(op)["verdicts"][0]
        assert (verdict["status"], verdict["code"], verdict["replayed"]) == ("parked", "quarantine", is_replay)


def test_only_who_manages_devices(cast: Cast, tablet: Id, not_from_a_device: Callable[..., None]) -> None:
    """Not even whoever works on it."""
    for actor in (new_id(), cast.stagehand):
        with pytest.raises(Forbidden):
            revoke_device(actor, device_id=tablet, reason="x")
    with pytest.raises(NotFound):
        revoke_device(cast.admin, device_id=new_id(), reason="x")
    not_from_a_device("devices.revoke_device", device_id=str(tablet), reason="x")


def test_once_and_with_a_reason(cast: Cast, tablet: Id) -> None:
    """Wrong states."""
    with pytest.raises(Refused, match="malformed") as refusal:
        revoke_device(cast.admin, device_id=tablet, reason=" ")
    assert refusal.value.fields["reason"] == ["reason_length"]
    revoke_device(cast.admin, device_id=tablet, reason="x")
    with pytest.raises(Refused, match="already_revoked"):
        revoke_device(cast.admin, device_id=tablet, reason="x")


def test_said_twice_it_is_revoked_once(cast: Cast, tablet: Id, as_: Callable[[str], FlaskClient]) -> None:
    """GEN-4, by the page's form."""
    admin, form = as_("admin"), {"reason": "在地铁上丢了", "operation_id": str(new_id())}
    for _ in range(2):
        assert admin.post(f"/devices/{tablet}/revocation", data=form).status_code == 303
    page = admin.get(f"/devices/{tablet}", headers={"Accept-Language": "zh"}).text
    assert "在地铁上丢了" in page and f"/devices/{tablet}/revocation" not in page


def test_the_office_in_that_browser_is_closed_too(
    cast: Cast, device: Callable[[str], WireDevice], as_: Callable[[str], FlaskClient]
) -> None:
    """CNF-3: whoever finds the phone neither reads office pages nor enrols it anew, also as somebody who signed out lately."""
    lost, bystander = device("camera"), as_("stagehand")
    assert lost.client.delete(f"/api/grants/{lost.grant}").status_code == 204
    revoke_device(cast.admin, device_id=lost.id, reason="lost")
    assert lost.client.get("/account").status_code == 303
    assert lost.client.post("/api/devices", json={"name": "x"}).status_code == 401
    assert bystander.get("/account").status_code == 200


def test_who_revokes_their_own_phone_stays_at_their_desk(
    device: Callable[[str], WireDevice], as_: Callable[[str], FlaskClient]
) -> None:
    """The session in the phone ends, the one that asked goes on."""
    phone, desk = device("admin"), as_("admin")
    assert desk.post(f"/devices/{phone.id}/revocation", data={"reason": "lost"}).status_code == 303
    assert desk.get("/devices").status_code == 200
    assert phone.client.get("/account").status_code == 303
