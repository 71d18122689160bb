"""Enrolling a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.demo.cast import PASSWORD
from app.devices.models import Device
from app.devices.operations import MOST_DEVICES, enrol_device, revoke_device
from app.lib import clock
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.lib.words import error_text
from app.people.operations import suspend_person
from tests.conftest import Cast
from tests.devices.conftest import a_fact, cookie_hash
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], row: Callable[[Id], Device]
) -> None:
    """A device with a stream of its own; what it knows of itself lies in its own bucket."""
    device_id = new_id()
    verify_operation(lambda: enrol_device(cast.stagehand, device_id=device_id, name=" 平板  3 ", cookie_hash=cookie_hash()))
    made = row(device_id)
    assert (made.name, made.stream, made.enrolled_by, made.shared) == ("平板 3", device_id, cast.stagehand, False)


def test_everybody_who_works_here_may(cast: Cast, not_from_a_device: Callable[..., None]) -> None:
    """An outsider and somebody suspended may not, nor a device."""
    suspend_person(cast.admin, person_id=cast.camera, reason="x")
    for actor in (new_id(), cast.camera):
        with pytest.raises(Forbidden):
            enrol_device(actor, device_id=new_id(), name="x", cookie_hash=cookie_hash())
    not_from_a_device("devices.enrol_device", device_id=str(new_id()), name="x", cookie_hash=cookie_hash())


def test_what_it_was_must_be_ones_own(cast: Cast, tablet: Id) -> None:
    """Nobody goes on with a device on which they never worked, one that was revoked, or none at all."""
    enrol = {"name": "x", "cookie_hash": cookie_hash()}
    with pytest.raises(Refused, match="wrong_device"):
        enrol_device(cast.camera, device_id=new_id(), replaces=tablet, **enrol)
    with pytest.raises(NotFound):
        enrol_device(cast.camera, device_id=new_id(), replaces=new_id(), **enrol)
    revoke_device(cast.admin, device_id=tablet, reason="x")
    with pytest.raises(Refused, match="revoked"):
        enrol_device(cast.stagehand, device_id=new_id(), replaces=tablet, **enrol)


def test_said_twice_there_is_one(cast: Cast) -> None:
    """GEN-4."""
    device_id, said = new_id(), new_id()
    for _ in range(2):
        enrol_device(cast.stagehand, device_id=device_id, name="x", cookie_hash=cookie_hash(), operation_id=said)
    with pytest.raises(Refused, match="exists"):
        enrol_device(cast.stagehand, device_id=device_id, name="x", cookie_hash=cookie_hash())


def test_nobody_enrols_without_end(cast: Cast, row: Callable[[Id], Device]) -> None:
    """Wrong state: a dozen, and the refusal says which to give up and where; revoking one makes room, others do not mind."""
    made = []
    for number in range(MOST_DEVICES):
        made.append(new_id())
        with clock.at(clock.now() + number):
            enrol_device(cast.stagehand, device_id=made[-1], name=f"平板 {number}", cookie_hash=cookie_hash())
    late = new_id()
    with pytest.raises(Refused, match="too_many_devices") as refusal:
        enrol_device(cast.stagehand, device_id=late, name="x", cookie_hash=cookie_hash())
    assert refusal.value.facts == {"n": 12, "device": "平板 0"}
    for lang, page in (("zh", "“设备”"), ("en", "page Devices")):
        said = error_text("too_many_devices", refusal.value.facts, lang=lang)
        assert "平板 0" in said and page in said
    enrol_device(cast.camera, device_id=new_id(), name="x", cookie_hash=cookie_hash())
    revoke_device(cast.admin, device_id=made[0], reason="x")
    enrol_device(cast.stagehand, device_id=late, name="x", cookie_hash=cookie_hash())
    assert row(late).enrolled_by == cast.stagehand


def test_what_was_replaced_does_not_count(cast: Cast, as_: Callable[[str], FlaskClient]) -> None:
    """A browser that goes on as another device again and again stays one; over HTTP the refusal changes nothing."""
    client = as_("stagehand")
    said: Any = client.post("/api/devices", json={"name": "x"}).json
    for _ in range(MOST_DEVICES):
        said = client.post("/api/devices", json={"replaces": said["device"]["id"]}).json
    for _ in range(MOST_DEVICES - 1):
        assert client.post("/api/devices", json={"name": "x"}).status_code == 201
    refused: Any = client.post("/api/devices", json={"name": "x"})
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "too_many_devices")
    assert "x" in refused.json["error"]["message"] and "Set-Cookie" not in refused.headers


# -- over HTTP ------------------------------------------------------------------------------------------------------------------


def test_the_answer_is_what_a_device_needs(as_: Callable[[str], FlaskClient], cast: Cast) -> None:
    """Device, stream, site, a grant with its token, the epoch (sync.md §3)."""
    answer = as_("stagehand").post("/api/devices", json={"name": "平板 3", "shared": True, "build": "abc"})
    said: Any = answer.json
    assert answer.status_code == 201
    assert said["device"] == {"id": said["stream"], "name": "平板 3", "shared": True}
    assert said["site"] == {"id": str(cast.site_id)} and said["epoch"]
    assert said["person"] == {"id": str(cast.stagehand), "name": "王磊"}
    assert set(said["grant"]) == {"id", "token", "person", "from"}


def test_the_cookie_is_guarded(as_: Callable[[str], FlaskClient]) -> None:
    """HttpOnly, Strict, long-lived; over HTTPS with the `__Host-` prefix and Secure (sync.md §2)."""
    client = as_("stagehand")
    for base, name in (("http://localhost", "offstage-device"), ("https://offstage.lan", "__Host-offstage-device")):
        client.post("/signin", data={"login": "stagehand", "password": "offstage-demo"}, base_url=base)
        answer = client.post("/api/devices", json={"name": "x"}, base_url=base)
        cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "offstage-device=" in c)
        parts = set(cookie.split("; "))
        assert cookie.startswith(f"{name}=") and {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=34560000"} <= parts
        assert ("Secure" in parts) == base.startswith("https") and not any(part.startswith("Domain") for part in parts)
        assert answer.headers["Cache-Control"] == "no-store"


def test_nobody_enrols_without_signing_in(client: FlaskClient) -> None:
    """401, in the one shape of the API, with the protocol's headers."""
    for body in ({"name": "x"}, {"name": "x", "replaces": str(new_id())}, {"replaces": 7}):
        answer = client.post("/api/devices", json=body)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "sign_in_first")
        assert answer.headers["Offstage-Protocol"] == "1" and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff\xfe", b'{"name": NaN}'])
def test_malformed_bodies_are_refused(as_: Callable[[str], FlaskClient], body: bytes) -> None:
    """400, and no device."""
    answer = as_("stagehand").post("/api/devices", data=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "malformed_body")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", "iPhone"), (None, "iPhone"), ("x" * 300, "x" * 80), (" 平板\n3 ", "平板 3"), (7, "7"), ("<b>", "<b>")],
)
def test_it_gets_a_name_whatever_was_typed(as_: Callable[[str], FlaskClient], typed: object, kept: str) -> None:
    """Without one it is called after its kind; too long is cut; markup stays text."""
    phone = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"}
    answer = as_("stagehand").post("/api/devices", json={"name": typed}, headers=phone)
    assert answer.json["device"]["name"] == kept


def test_a_lost_cookie_is_no_lost_outbox(as_: Callable[[str], FlaskClient], device: Callable[[str], WireDevice]) -> None:
    """I1: the browser kept what it had made and its tokens; signed in again, it goes on as another device."""
    old = device("camera")
    client = as_("camera")
    said: Any = client.post("/api/devices", json={"name": "again", "replaces": str(old.id)}).json
    new = WireDevice(client, Id(said["device"]["id"]), old.actor, old.grants, old.grant)
    assert new.say("checklists.start_run", a_fact())["status"] == "applied"
    old.pull()
    assert old.get("me", old.actor), "the device it was goes on for whoever works there"


def test_another_person_does_not_go_on_with_it(as_: Callable[[str], FlaskClient], device: Callable[[str], WireDevice]) -> None:
    """Whoever never worked on it gets a device of their own, to which the old tokens mean nothing."""
    old = device("camera")
    client = as_("director")
    said: Any = client.post("/api/devices", json={"name": "mine", "replaces": str(old.id)}).json
    new = WireDevice(client, Id(said["device"]["id"]), old.actor, old.grants, old.grant)
    verdict = new.say("checklists.start_run", a_fact())
    assert (verdict["status"], verdict["code"]) == ("rejected", "bad_grant")


def test_a_revoked_browser_is_enrolled_as_a_device_of_its_own(
    cast: Cast, device: Callable[[str], WireDevice], row: Callable[[Id], Device]
) -> None:
    """CNF-3: never as the one that was revoked, and not by its cookie alone; what that one held means nothing to the new one."""
    old = device("camera")
    revoke_device(cast.admin, device_id=old.id, reason="x")
    assert old.say("checklists.start_run", a_fact())["code"] == "quarantine"
    assert old.client.post("/api/devices", json={"name": "x"}).status_code == 401
    old.client.post("/signin", data={"login": "camera", "password": PASSWORD})
    again: Any = old.client.post("/api/devices", json={"name": "x", "replaces": str(old.id)})
    assert (again.status_code, again.json["error"]["code"]) == (403, "revoked")
    said: Any = old.client.post("/api/devices", json={"name": "x"}).json
    new = WireDevice(old.client, Id(said["device"]["id"]), old.actor, old.grants, old.grant)
    assert new.id != old.id and row(new.id).replaces is None and row(old.id).replaced_by is None
    assert row(old.id).revoked_at is not None
    assert new.say("checklists.start_run", a_fact())["code"] == "bad_grant"
    new.grants = {said["grant"]["id"]: said["grant"]["token"]}
    assert new.say("checklists.start_run", a_fact(), grant=said["grant"]["id"])["status"] == "applied"
    new.pull()
    assert new.get("me", new.actor)
