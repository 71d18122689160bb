"""A device that lost its stream goes on as another one (sync.md §2, §3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.devices.models import Device
from app.devices.operations import replace_device, revoke_device
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.sync.engine import engine
from tests.conftest import Cast
from tests.devices.conftest import a_fact, cookie_hash
from tests.wire import WireDevice


def replace(cast: Cast, old: Id, new: Id, **more: Any) -> object:
    """What the API does once the cookie has proved who asks."""
    data = {"device_id": new, "replaces": old, "cookie_hash": cookie_hash()}
    return engine().perform(replace_device, cast.stagehand, data, site_id=cast.site_id, trusted=True, **more)


def again(device: WireDevice, client: FlaskClient | None = None) -> WireDevice:
    """The browser asks to go on; nobody is signed in."""
    client = client or device.client
    client.delete_cookie("offstage-session")
    answer = client.post("/api/devices", json={"replaces": str(device.id)})
    assert answer.status_code == 201, answer.json
    said: Any = answer.json
    return WireDevice(client, Id(said["device"]["id"]), device.actor, device.grants, device.grant)


def test_it_works_and_reaches_every_replica(
    cast: Cast, tablet: Id, verify_operation: Callable[..., Any], row: Callable[[Id], Device]
) -> None:
    """Same name and people; the old one's record is gone."""
    new = new_id()
    verify_operation(lambda: replace(cast, tablet, new))
    assert (row(new).name, row(new).replaces, row(tablet).replaced_by) == ("2 号间平板 3", tablet, new)


def test_an_outsider_does_not_replace(cast: Cast, tablet: Id, not_from_a_device: Callable[..., None]) -> None:
    """Without the device's own word it takes a person of the house; a stream replaces nothing."""
    data = {"device_id": new_id(), "replaces": tablet, "cookie_hash": cookie_hash()}
    with pytest.raises(Forbidden):
        replace_device(new_id(), **data)
    with pytest.raises(NotFound):
        replace(cast, new_id(), new_id())
    not_from_a_device("devices.replace_device", **{name: str(value) for name, value in data.items()})


def test_a_revoked_one_is_not_replaced(cast: Cast, tablet: Id) -> None:
    """Wrong state."""
    revoke_device(cast.admin, device_id=tablet, reason="x")
    with pytest.raises(Refused, match="revoked"):
        replace(cast, tablet, new_id())


def test_said_twice_it_is_replaced_once(cast: Cast, tablet: Id, row: Callable[[Id], Device]) -> None:
    """GEN-4."""
    new, said = new_id(), new_id()
    for _ in range(2):
        replace(cast, tablet, new, operation_id=said)
    assert row(tablet).replaced_by == new


# -- over HTTP ------------------------------------------------------------------------------------------------------------------


def test_grants_and_unsent_work_go_along(device: Callable[[str], WireDevice]) -> None:
    """I1, I2: the old tokens still stand for the same person, and what was sent before is not done twice."""
    old = device("camera")
    sent = old.op("checklists.start_run", a_fact())
    assert old.send(sent)["verdicts"][0]["status"] == "applied"
    new = again(old)
    replayed, fresh = new.send(
        {**sent, "seq": 1}, {**new.op("checklists.start_run", a_fact()), "seq": 2}
    )["verdicts"]  # fmt: skip
    assert (replayed["status"], replayed["replayed"], fresh["status"]) == ("applied", True, "applied")
    new.pull()
    assert new.get("me", new.actor) and new.get("device", new.id)


def test_a_lost_answer_is_asked_for_again(app: Any, device: Callable[[str], WireDevice]) -> None:
    """I9: the cookie in the browser is still the old one; the device that never spoke is gone on from."""
    old = device("camera")
    cookie = old.client.get_cookie("offstage-device")
    assert cookie
    lost = again(old)
    old.client.set_cookie("offstage-device", cookie.value)
    new = again(old)
    assert new.id != lost.id
    new.pull()
    assert new.get("me", new.actor), "who works on it went along"
    assert new.say("checklists.start_run", a_fact())["status"] == "applied"


def test_the_cookie_may_be_ahead_of_the_stream(device: Callable[[str], WireDevice]) -> None:
    """The answer's cookie was kept and its body was not: the browser asks as the device it still thinks it is."""
    old = device("camera")
    ahead = again(old)
    ahead.pull()
    new = again(old, ahead.client)
    new.pull()
    assert new.get("me", new.actor) and new.say("checklists.start_run", a_fact())["status"] == "applied"


def test_a_copied_profile_goes_on_beside_it(app: Any, device: Callable[[str], WireDevice]) -> None:
    """I1, I8: both copies' work is judged, and the second reads nothing until somebody signs in on it."""
    old = device("camera")
    cookie = old.client.get_cookie("offstage-device")
    assert cookie
    first = again(old)
    first.pull()
    copy = app.test_client()
    copy.set_cookie("offstage-device", cookie.value)
    second = again(old, copy)
    second.pull()
    first.pull()
    assert second.all("me") == [] and second.all("playbook") and first.get("me", first.actor)
    for one in (first, second):
        assert one.say("checklists.start_run", a_fact())["status"] == "applied"


def test_only_the_device_itself_may(app: Any, device: Callable[[str], WireDevice]) -> None:
    """Another device's cookie, a cookie of nobody, a revoked one."""
    mine, other = device("camera"), device("stagehand")
    for client in (other.client, app.test_client()):
        client.delete_cookie("offstage-session")
        answer = client.post("/api/devices", json={"replaces": str(mine.id)})
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "sign_in_first")
    forged = app.test_client()
    forged.set_cookie("offstage-device", "x" * 43)
    assert forged.post("/api/devices", json={"replaces": str(mine.id)}).status_code == 401


def test_a_revoked_device_goes_on_nowhere(cast: Cast, app: Any, device: Callable[[str], WireDevice]) -> None:
    """Neither as itself, nor by a cookie of what it was before, nor signed in (sync.md §2)."""
    old = device("camera")
    cookie = old.client.get_cookie("offstage-device")
    assert cookie
    new = again(old)
    new.pull()
    revoke_device(cast.admin, device_id=new.id, reason="lost")
    for was in (new, old):
        if was is old:
            new.client.set_cookie("offstage-device", cookie.value)
        answer = new.client.post("/api/devices", json={"replaces": str(was.id)})
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "revoked")
    signed = new.client.post("/signin", data={"login": "camera", "password": "offstage-demo"})
    assert signed.status_code == 303
    answer = new.client.post("/api/devices", json={"replaces": str(old.id)})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "revoked")
