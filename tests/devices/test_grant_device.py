"""Signing somebody in on a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo.cast import PASSWORD
from app.devices.models import Grant
from app.devices.operations import grant_device, revoke_device
from app.lib import clock
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.people.operations import suspend_person
from app.people.signing_in import JUST_NOW
from tests.conftest import Cast
from tests.devices.conftest import a_fact
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(cast: Cast, tablet: Id, verify_operation: Callable[..., Any]) -> None:
    """Nothing of it is a record; readers change."""
    verify_operation(lambda: grant_device(cast.camera, device_id=tablet, grant_id=new_id()))


def test_only_who_works_here(cast: Cast, tablet: Id, not_from_a_device: Callable[..., None]) -> None:
    """An outsider, somebody suspended, an unknown device; and no stream grants itself a person."""
    suspend_person(cast.admin, person_id=cast.camera, reason="x")
    for actor in (new_id(), cast.camera):
        with pytest.raises(Forbidden):
            grant_device(actor, device_id=tablet, grant_id=new_id())
    with pytest.raises(NotFound):
        grant_device(cast.stagehand, device_id=new_id(), grant_id=new_id())
    not_from_a_device("devices.grant_device", device_id=str(tablet), grant_id=str(new_id()))


def test_nobody_signs_in_on_a_revoked_device(cast: Cast, tablet: Id) -> None:
    """Wrong state (sync.md §2)."""
    revoke_device(cast.admin, device_id=tablet, reason="x")
    with pytest.raises(Refused, match="revoked"):
        grant_device(cast.camera, device_id=tablet, grant_id=new_id())


def test_said_twice_there_is_one(cast: Cast, tablet: Id, fresh: Callable[[], Session]) -> None:
    """GEN-4: who has a live grant keeps it, by the same operation or another."""
    said = new_id()
    for operation_id in (said, said, new_id()):
        grant_device(cast.camera, device_id=tablet, grant_id=new_id(), operation_id=operation_id)
    live = select(func.count()).select_from(Grant).where(Grant.device_id == tablet, Grant.person_id == cast.camera)
    assert fresh().scalar(live) == 1


# -- over HTTP, and what a grant is worth ----------------------------------------------------------------------------------------


def second_person(device: WireDevice, login: str, cast: Cast) -> WireDevice:
    """Another person signs in on the device."""
    device.client.post("/signin", data={"login": login, "password": PASSWORD})
    answer = device.client.post("/api/grants", json={})
    assert answer.status_code == 201, answer.json
    grant: Any = answer.json["grant"]
    device.grants[grant["id"]] = grant["token"]
    found = WireDevice(device.client, device.id, cast[login], device.grants, grant["id"])
    found.seq = device.seq
    return found


def test_several_people_on_one_device(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """T7: each under their own grant; the device reads the union."""
    first = device("camera")
    second = second_person(first, "shift_lead", cast)
    again: Any = first.client.post("/api/grants", json={}).json
    assert again["grant"]["id"] == second.grant, "signed in twice is signed in once"
    mine, theirs = first.op("checklists.start_run", a_fact()), second.op("checklists.start_run", a_fact())
    theirs["seq"] = 2
    verdicts = first.send(mine, theirs, last_seq=2)["verdicts"]
    assert [verdict["status"] for verdict in verdicts] == ["applied", "applied"]
    second.pull()
    assert second.get("me", cast.camera) and second.get("me", cast.shift_lead)


def test_a_grant_stands_for_one_person_on_one_device(cast: Cast, app: Flask, device: Callable[[str], WireDevice]) -> None:
    """T7, I11: another's name under it, its token on another device, under another id, forged or missing: rejected."""
    mine, other = device("camera"), device("stagehand")
    token = mine.grants[mine.grant]
    said, mac = token.split(".")
    cases: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"actor": str(cast.director)}, mine.grants),
        ({}, other.grants),
        ({}, {}),
        ({"grant": str(new_id())}, mine.grants),
        ({}, {mine.grant: f"{said}.{mac[:-2]}AA"}),
        ({}, {mine.grant: f"{said[:-4]}AAAA.{mac}"}),
        ({}, {mine.grant: "no token at all"}),
        ({}, {mine.grant: ""}),
        ({"grant": other.grant, "actor": str(cast.stagehand)}, other.grants),
    ]
    for changes, grants in cases:
        op = mine.op("checklists.start_run", a_fact(), **changes)
        verdict = mine.send(op, grants=grants)["verdicts"][0]
        assert (verdict["status"], verdict["code"]) == ("rejected", "bad_grant"), changes
    assert mine.say("checklists.start_run", a_fact())["status"] == "applied"


def test_a_token_of_another_house_is_worth_nothing(app: Flask, device: Callable[[str], WireDevice]) -> None:
    """The key is the installation's own (`DATA_DIR/secret`)."""
    mine = device("camera")
    app.config["SECRET_KEY"] = b"another house's key, 32 bytes or so"
    verdict = mine.say("checklists.start_run", a_fact())
    assert (verdict["status"], verdict["code"]) == ("rejected", "bad_grant")


def test_signing_in_needs_a_device_and_a_person(app: Flask, cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """401 without the cookie, 401 without a session, 403 on a revoked device."""
    client = app.test_client()
    client.post("/signin", data={"login": "camera", "password": PASSWORD})
    assert client.post("/api/grants", json={}).json["error"]["code"] == "not_enrolled"
    mine = device("camera")
    mine.client.delete_cookie("offstage-session")
    assert mine.client.post("/api/grants", json={}).json["error"]["code"] == "sign_in_first"
    revoke_device(cast.admin, device_id=mine.id, reason="x")
    mine.client.post("/signin", data={"login": "camera", "password": PASSWORD})
    answer = mine.client.post("/api/grants", json={})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "revoked")


def test_a_shared_device_asks_everybody_for_their_password(app: Flask, cast: Cast) -> None:
    """T40, F29: with the grant the office session is over, and one that was left open signs nobody in."""
    client = app.test_client()

    def type_password(login: str) -> None:
        assert client.post("/signin", data={"login": login, "password": PASSWORD}).status_code == 303

    type_password("camera")
    enrolled: Any = client.post("/api/devices", json={"name": "x", "shared": True}).json
    assert enrolled["grant"]["person"] == str(cast.camera)
    assert client.get("/account").status_code == 303, "the next one finds no office of somebody else"
    assert client.post("/api/grants", json={}).json["error"]["code"] == "sign_in_first"

    type_password("shift_lead")
    with clock.at(clock.now() + JUST_NOW):
        assert client.post("/api/grants", json={}).json["error"]["code"] == "sign_in_first"
        again: Any = client.post("/api/devices", json={"replaces": enrolled["device"]["id"]}).json
    assert again["grant"] is None, "a device that goes on as another one opens for nobody"
    type_password("shift_lead")
    with clock.at(clock.now() + JUST_NOW - 1000):
        assert client.post("/api/grants", json={}).json["person"]["id"] == str(cast.shift_lead)
    assert client.get("/account").status_code == 303


def test_a_device_of_ones_own_keeps_the_session(app: Flask) -> None:
    """The office stays open to who opened it, and signing in again needs no password."""
    client = app.test_client()
    client.post("/signin", data={"login": "camera", "password": PASSWORD})
    assert client.post("/api/devices", json={"name": "x"}).status_code == 201
    with clock.at(clock.now() + JUST_NOW):
        assert client.post("/api/grants", json={}).status_code == 201
        assert client.get("/account").status_code == 200
