"""Real processes for browser tests: a server that can be killed, and devices that can be relaunched with their profile.

Offline means that the server process is dead: nothing is faked inside the browser (quality.md, proof 3).

Signing in, enrolling and filling are most of what a test would wait for, so it is done once for those who work most: `make_crew`
does it by hand of a person, and a test gets copies of the site and of these browsers' profiles. What a browser keeps belongs to
the address of its page, so all of them call their server by one name and are told at their start where it listens.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect
from playwright.sync_api import Error as PlaywrightError

from scripts.browser import FLAGS, find_chromium
from tests.browser import starting
from tests.waiting import wait_on

ROOT = starting.ROOT
PASSWORD = "offstage-demo"
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
DESK = {"width": 1440, "height": 900}
# Where it is two in the afternoon: yesterday, tonight and tomorrow are those of the demo at whatever hour the tests run.
ZONE = f"Etc/GMT{time.gmtime().tm_hour - 14:+d}"
NAME = "localhost:4321"  # of every site, for browsers; nobody has to listen there
STANDS = "#page:has(h1) .tabs"  # a page of a device that has everything; the bar alone is there before any script has run
ENROLLED = ("stagehand", "warehouse_keeper", "shift_lead", "stagehand2")  # in Chinese
# Whether the device has what the server has: nothing would be new to it.
HOLDS_ALL = """async () => {
  const result = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)));
  const answer = await fetch("/api/sync/head");
  const db = await result(indexedDB.open("offstage"));
  const state = await result(db.transaction("meta").objectStore("meta").get("state"));
  db.close();
  return state.etag !== null && state.etag === answer.headers.get("ETag");
}"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


class Server:
    """`python -m app.serve` on a folder of its own."""

    def __init__(self, data_dir: Path, port: int | None = None, name: str | None = None, devices: Path | None = None) -> None:
        self.data_dir = data_dir
        self.name = name  # what browsers call it
        self.devices = devices  # profiles of browsers that are enrolled there, by login
        self.root = ROOT  # where the code lies; a test may put another build there
        self.port = port or free_port()
        self.process: BaseProcess | None = None

    @property
    def log(self) -> Path:
        """What it says."""
        return self.data_dir.parent / f"{self.data_dir.name}.log"

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://localhost:{self.port}"

    @property
    def url(self) -> str:
        """What the pages of a browser know it by."""
        return f"http://{self.name}" if self.name else self.address

    def start(self) -> Server:
        """Serve, and return once it answers."""
        environment = {**os.environ, "DATA_DIR": str(self.data_dir), "PORT": str(self.port), "DEMO": "1", "DEMO_TIME_ZONE": ZONE}
        self.process = starting.start(environment, self.root, self.log)
        deadline = time.monotonic() + 180
        while not self.answers():
            if self.process.exitcode is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log.read_text()[-4000:])
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """As the power going out: no goodbye."""
        if self.process is None:
            return
        assert self.process.pid
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.process = None
        deadline = time.monotonic() + 10
        while self.answers() and time.monotonic() < deadline:
            time.sleep(0.05)

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Look in the database, past the product."""
        with sqlite3.connect(f"file:{self.data_dir}/offstage.db?mode=ro", uri=True) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchall()


class Device:
    """A browser with a profile that outlives it; it starts with the first page that is asked for."""

    def __init__(self, playwright: Playwright, server: Server, profile: Path, size: dict[str, int], lang: str) -> None:
        self.playwright = playwright
        self.server = server
        self.profile = profile
        self.size = size
        self.lang = lang
        self.flags: list[str] = []  # what this browser is started with beside the usual
        self.context: BrowserContext | None = None
        self.errors: list[str] = []
        self.said: list[str] = []
        self.is_kept = False

    def launch(self) -> Device:
        """Start the browser; its page is `page`."""
        assert self.is_kept or not self.profile.exists(), "a killed browser may forget who it is: sign in with `kept`"
        where = [f"--host-resolver-rules=MAP {self.server.name} 127.0.0.1:{self.server.port}"] if self.server.name else []
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=str(find_chromium()),
            args=[*FLAGS, *where, *self.flags],
            viewport=self.size,  # type: ignore[arg-type]  # Playwright wants its own kind of dict
            locale={"zh": "zh-CN", "en": "en-GB"}[self.lang],
            timezone_id=ZONE,
            has_touch=True,
        )
        self.context.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.said.append(said.text) if said.type == "error" else None)
        return self

    @property
    def page(self) -> Page:
        if self.context is None:
            self.launch()
        assert self.context
        return self.context.pages[0]

    def quit(self) -> None:
        """Kill the browser's processes, so that nothing has time to tidy up."""
        if self.context is None:
            return
        listing = subprocess.run(["pgrep", "-f", str(self.profile)], capture_output=True, text=True, check=False)
        for pid in listing.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        with contextlib.suppress(PlaywrightError):  # the browser is dead, which is what was wanted
            self.context.close()
        self.context = None
        for lock in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (self.profile / lock).unlink(missing_ok=True)

    def relaunch(self) -> Device:
        self.quit()
        return self.launch()

    def tell(self, folder: Path) -> None:
        """What it shows when a test failed: a picture, the page's text, errors."""
        if self.context is None:
            return
        with contextlib.suppress(PlaywrightError):
            picture = folder / f"{self.profile.name}.png"
            self.page.screenshot(path=picture, timeout=5_000)
            text = self.page.locator("body").inner_text()[:1500]
            print(f"{self.profile.name}: {self.page.url}", picture, text, self.errors, self.said[-12:], sep="\n")

    def stop_worker(self) -> None:
        """End the service worker: an attached browser never lets it idle out."""
        assert self.context
        cdp = self.context.new_cdp_session(self.page)
        cdp.send("ServiceWorker.enable")
        cdp.send("ServiceWorker.stopAllWorkers")
        cdp.detach()

    def open(self, path: str) -> Page:
        self.page.goto(self.server.url + path)
        return self.page

    def sign_in(self, login: str, then: str = "/floor/today", *, kept: bool = False, anew: bool = False) -> Page:
        """Sign in as one of the demo people; on the floor the device is enrolled and filled then, if need be `anew`.

        A browser that is going to be killed has to be `kept` first: Chromium holds a new cookie in memory for up to
        30 seconds, and writes it down when it is ended properly.
        """
        if not anew and then.startswith("/floor") and self._is_ready_for(login):
            return self._take_up(login, then)
        page = self.open(f"/signin?next={then}")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        page.locator("button.btn-main").click()
        page.wait_for_url(re.compile(re.escape(then)))
        if then.startswith("/floor"):
            page.locator("footer .btn-main, main .btn-main").first.click()  # the device's name is asked, and given
            page.locator(STANDS).wait_for()
            self.wait_synced()
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")  # from here on the server may die
            if kept:
                self._keep()
            self.open(then).locator(STANDS).wait_for()
        return self.page

    def _is_ready_for(self, login: str) -> bool:
        """Whether the browser has not started, and one of this person lies there."""
        devices = self.server.devices
        return bool(devices and (devices / login).exists() and self.lang == "zh" and not self.profile.exists())

    def _take_up(self, login: str, then: str) -> Page:
        """Go on with a copy of the person's browser, once it has heard what happened since it was left."""
        assert self.server.devices
        shutil.copytree(self.server.devices / login, self.profile)
        self.is_kept = True
        self.open(then).locator(STANDS).wait_for()
        if not self.page.evaluate(HOLDS_ALL):
            wait_on(self.page, HOLDS_ALL, timeout_s=60)
            self.open(then).locator(STANDS).wait_for()
        self.wait_synced()
        return self.page

    def _keep(self) -> None:
        assert self.context
        self.context.close()
        self.is_kept = True
        self.launch()

    def wait_synced(self, timeout_ms: int = 60_000) -> None:
        """The badge is green: nothing waits, and the last exchange went well."""
        expect(self.page.locator(".sync")).to_have_attribute("data-state", "synced", timeout=timeout_ms)


def make_demo(folder: Path) -> None:
    """What `make run` makes of an empty folder."""
    Server(folder).start().kill()


def make_crew(folder: Path, demo: Path, playwright: Playwright) -> None:
    """The demo's `site`, and the browsers in `devices` on which its people have signed in there."""
    server = Server(copy_data(demo, folder / "site"), name=NAME).start()
    for login in ENROLLED:
        device = Device(playwright, server, folder / "devices" / login, PHONE, "zh")
        device.sign_in(login)
        assert device.context
        device.context.close()  # properly: a cookie is on the disk only then
        assert device.errors == []
    server.kill()


def copy_data(template: Path, to: Path) -> Path:
    """A fresh copy of a prepared folder."""
    shutil.copytree(template, to, ignore=shutil.ignore_patterns("server.lock"))
    return to
