"""A real Chromium with the device's real modules, against a server that can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from scripts.browser import FLAGS, find_chromium
from tests.js.device import Device
from tests.js.imitation import Imitation, Server


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def api(server: Server) -> Imitation:
    return server.api


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def device(context: BrowserContext, server: Server) -> Device:
    """A browser that is not enrolled yet."""
    return Device(context, server)


@pytest.fixture
def enrolled(device: Device) -> Device:
    """Enrolled, filled, and quiet until told to sync."""
    device.api.buckets["org"].put(("rule", "R-101", {"id": "R-101", "zh": "规则", "en": "Rule"}))
    device.api.site.put(*[("checklist_item", id, {"id": id, "verdict": "open"}) for id in ("r/a", "r/b")])
    device.enrol()
    device.api.calls.clear()
    return device
