"""A demo site in a real server process, and real browsers with profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.harness import NAME, TABLET, Device, Server, copy_data, make_crew, make_demo
from tests.once import made_once

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, to be copied."""
    return made_once(tmp_path_factory, "demo", make_demo)


@pytest.fixture(scope="session")
def crew_folder(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path, playwright: Playwright) -> Path:
    """The demo with the browsers of those who work most, to be copied."""
    return made_once(tmp_path_factory, "crew", lambda folder: make_crew(folder, demo_folder, playwright))


@pytest.fixture
def dark_server(crew_folder: Path, tmp_path: Path) -> Iterator[Server]:
    """A server on its own copy of the demo, not yet started: what a test needs to have happened is told to `stage` first."""
    server = Server(copy_data(crew_folder / "site", tmp_path / "instance"), name=NAME, devices=crew_folder / "devices")
    yield server
    server.kill()


@pytest.fixture
def server(dark_server: Server) -> Server:
    """The same, serving."""
    return dark_server.start()


@pytest.fixture
def launch(
    playwright: Playwright, dark_server: Server, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Device]]:
    """A device: `launch("tablet 3", size=TABLET, lang="zh")`. No script may have failed on it by the end."""
    devices: list[Device] = []

    def start(name: str, *, size: dict[str, int] = TABLET, lang: str = "zh") -> Device:
        device = Device(playwright, dark_server, tmp_path / f"profile-{name}", size, lang)
        devices.append(device)
        return device

    yield start
    for device in devices:
        if request.session.testsfailed:
            device.tell(tmp_path)
        device.quit()
    assert [error for device in devices for error in device.errors] == []
