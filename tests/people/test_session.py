"""The office session: how long it lasts, and with which answers its cookie travels."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from app.lib import clock
from app.lib.build import build_id
from app.lib.clock import HOUR, MINUTE, now


def test_a_session_lasts_twelve_hours_however_busy(as_: Callable[[str], FlaskClient]) -> None:
    """sync.md §2: counted from signing in; neither pages nor a changed session make it longer."""
    browser, began_at = as_("stagehand"), now()
    for hour in range(12):
        with clock.at(began_at + hour * HOUR + MINUTE):
            assert browser.get("/account").status_code == 200
            with browser.session_transaction() as held:
                held["touched"] = hour
    with clock.at(began_at + 12 * HOUR + MINUTE):
        assert browser.get("/account").headers["Location"] == "/signin?next=/account"
        assert browser.post("/api/devices", json={"name": "late", "shared": False}).status_code == 401


def test_a_session_without_its_beginning_is_nobodys(as_: Callable[[str], FlaskClient]) -> None:
    """A cookie of ours that does not say since when it holds opens nothing."""
    browser = as_("stagehand")
    with browser.session_transaction() as held:
        del held["began_at"]
    assert browser.get("/account").status_code == 303


def test_the_cookie_is_sent_only_when_it_changed(as_: Callable[[str], FlaskClient]) -> None:
    """T40: no cache keeps a session beside a file, and no device keeps one alive by asking what is new."""
    browser = as_("stagehand")
    for path in (f"/static/{build_id()}/js/app.js", "/floor/today", "/healthz", "/api/sync/head", "/account"):
        assert "Set-Cookie" not in browser.get(path).headers, path
    assert "Set-Cookie" in browser.post("/signout").headers


@pytest.mark.parametrize(("path", "reads_it"), [("/account", True), ("/api/sync/head", False)])
def test_a_device_speaks_for_itself(app: Flask, as_: Callable[[str], FlaskClient], path: str, reads_it: bool) -> None:
    """sync.md §2: what syncs knows the device's cookie alone, so nobody's session is read for it."""
    cookie = as_("stagehand").get_cookie("offstage-session")
    assert cookie is not None
    with app.test_request_context(path, headers={"Cookie": f"{cookie.key}={cookie.value}"}):
        assert bool(session) is reads_it
