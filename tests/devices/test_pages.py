"""The office's pages of devices."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.devices.operations import revoke_device
from app.lib import clock
from app.lib.build import build_id
from app.lib.clock import DAY, HOUR, now
from app.lib.ids import Id, new_id
from tests.conftest import Cast
from tests.wire import WireDevice

As = Callable[[str], FlaskClient]
ZH = {"Accept-Language": "zh"}

# Route → who gets what: nobody signed in, a stagehand, the logistics manager, the administrator.
MATRIX = {
    "GET /devices": (303, 403, 200, 200),
    "GET /devices.csv": (303, 403, 200, 200),
    "GET /devices/{id}": (303, 403, 200, 200),
    "POST /devices/{id}": (303, 403, 422, 422),
    "GET /devices/{id}/revocation": (303, 303, 303, 303),
    "POST /devices/{id}/revocation": (303, 403, 422, 422),
    "POST /devices/{id}/grants/{other}/end": (303, 403, 404, 404),
    "POST /account/devices/{other}/end": (303, 404, 404, 404),
    "POST /api/devices": (400, 400, 400, 400),
    "POST /api/grants": (401, 401, 401, 401),
    "DELETE /api/grants/{other}": (401, 401, 401, 401),
}


@pytest.mark.parametrize("route", MATRIX)
def test_who_may_what(route: str, client: FlaskClient, as_: As, tablet: Id) -> None:
    """Every route for everybody; the API knows the device's cookie and no role."""
    method, path = route.split(" ")
    browsers = (client, as_("stagehand"), as_("logistics_manager"), as_("admin"))
    where = path.format(id=tablet, other=new_id())
    assert tuple(b.open(where, method=method).status_code for b in browsers) == MATRIX[route]
    if "{id}" in path and route != "GET /devices/{id}/revocation":
        assert as_("admin").open(path.format(id=new_id(), other=new_id()), method=method).status_code in (404, 422)


FINE = {"waiting": 0, "need": 0, "storage": {"usage": 1_000_000, "quota": 100_000_000}, "persisted": True, "installed": True}


def said_of(admin: FlaskClient, device_id: Id) -> str:
    """The device's row in the list."""
    page = admin.get("/devices", headers=ZH).text
    return next(row.split("</tr>")[0] for row in page.split("<tr")[2:] if str(device_id) in row)


@pytest.mark.parametrize(
    ("report", "later", "cue", "word"),
    [
        ({}, 0, None, "正常"),
        ({"need": 2}, 0, "wait", "有记录要人处理"),
        ({"persisted": False}, 0, "wait", "存储不保险"),
        ({"storage": {"usage": 95, "quota": 100}}, 0, "wait", "存储不保险"),
        ({"waiting": 3, "oldest_at": "fresh"}, 0, None, "正常"),
        ({"waiting": 3, "oldest_at": "old"}, 0, "stop", "有一天以上没发出的记录"),
        ({}, 73 * HOUR, "stop", "超过 3 天没有联系"),
        ({"waiting": "many", "storage": "full", "oldest_at": [], "need": None}, 0, None, "正常"),
    ],
)
def test_a_lamp_for_what_needs_somebody(
    report: dict[str, Any], later: int, cue: str | None, word: str, device: Callable[[str], WireDevice], as_: As
) -> None:
    """What a device says of itself is shown; fine ones stay unlit, and nonsense breaks no page."""
    mine = device("camera")
    oldest = {"fresh": now() - HOUR, "old": now() - 2 * DAY}
    sent = {**FINE, **report, "build": build_id()}
    if isinstance(sent.get("oldest_at"), str):
        sent["oldest_at"] = oldest[sent["oldest_at"]]
    assert mine.client.post("/api/sync/report", json=sent).status_code == 200
    with clock.at(now() + later):
        admin = as_("admin")
        row = said_of(admin, mine.id)
        assert word in row and (f'data-cue="{cue}"' in row if cue else "data-cue" not in row)
        assert admin.get(f"/devices/{mine.id}").status_code == 200


def test_hostile_health_is_text(device: Callable[[str], WireDevice], as_: As) -> None:
    """T40: whatever a device reports is bounded and escaped."""
    mine = device("camera")
    evil = {**FINE, "last_error": "<script>" + "x" * 5000, "build": "<b>" * 50, "offset": 1e300, "more": "unasked"}
    assert mine.client.post("/api/sync/report", json=evil).status_code == 200
    page = as_("admin").get(f"/devices/{mine.id}").text
    assert "<script>x" not in page and "<b><b>" not in page and "x" * 201 not in page and "unasked" not in page


def test_what_needs_somebody_stands_first(cast: Cast, device: Callable[[str], WireDevice], as_: As) -> None:
    """And what was revoked stands last."""
    fine, revoked, bad = device("camera"), device("stagehand"), device("director")
    revoke_device(cast.admin, device_id=revoked.id, reason="x")
    bad.client.post("/api/sync/report", json={**FINE, "waiting": 1, "oldest_at": now() - 2 * DAY})
    page = as_("admin").get("/devices").text
    places = [page.index(f"/devices/{one.id}") for one in (bad, fine, revoked)]
    assert places == sorted(places)


def test_a_replaced_device_is_one_device(device: Callable[[str], WireDevice], as_: As) -> None:
    """The list shows what goes on; its page leads to what it was."""
    mine = device("camera")
    said: Any = mine.client.post("/api/devices", json={"replaces": str(mine.id)}).json
    admin = as_("admin")
    assert f"/devices/{mine.id}" not in admin.get("/devices").text
    assert f"/devices/{mine.id}" in admin.get(f"/devices/{said['device']['id']}").text
    assert f"/devices/{said['device']['id']}" in admin.get(f"/devices/{mine.id}").text


def test_the_list_leaves_the_house_as_text(tablet: Id, as_: As) -> None:
    """GEN-10, T40."""
    admin = as_("admin")
    admin.post(f"/devices/{tablet}", data={"name": "+cmd|' /C calc'!A0"})
    rows = list(csv.reader(io.StringIO(admin.get("/devices.csv", headers=ZH).data.decode("utf-8-sig"))))
    assert rows[0][0] == "设备名" and rows[1][0].startswith("'+cmd") and rows[1][1] == "王磊"


def test_a_manager_ends_somebodys_work(device: Callable[[str], WireDevice], as_: As) -> None:
    """From the device's page; the history says who."""
    mine, manager = device("camera"), as_("logistics_manager")
    page = manager.get(f"/devices/{mine.id}").text
    assert f"/devices/{mine.id}/grants/{mine.grant}/end" in page
    assert manager.post(f"/devices/{mine.id}/grants/{mine.grant}/end").status_code == 303
    page = manager.get(f"/devices/{mine.id}", headers=ZH).text
    assert "结束一个人的登录" in page and "陈建国" in page and "没有人登录" in page
    mine.pull()
    assert mine.all("me") == []


def test_an_empty_house_says_what_to_do(as_: As) -> None:
    """F34: nothing here, why, and the way on."""
    page = as_("admin").get("/devices", headers=ZH).text
    assert "还没有设备" in page and 'href="/floor/today"' in page
