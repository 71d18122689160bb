"""Real processes for browser tests: a server that can be killed, and devices that can be relaunched with their profile.

Offline means that the server process is dead: nothing is faked inside the browser (quality.md, proof 3).
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

ROOT = starting.ROOT
PASSWORD = "offstage-demo"
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
DESK = {"width": 1440, "height": 900}
STANDS = "#page:has(h1) .tabs"  # a page of a device that has everything; the bar alone is there before any script has run


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


class Server:
    """`python -m app.serve` on a folder of its own."""

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        self.data_dir = data_dir
        self.root = ROOT  # where the code lies; a test may put another build there
        self.port = port or free_port()
        self.process: BaseProcess | None = None

    @property
    def log(self) -> Path:
        """What it says."""
        return self.data_dir.parent / f"{self.data_dir.name}.log"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> Server:
        """Serve, and return once it answers."""
        environment = {**os.environ, "DATA_DIR": str(self.data_dir), "PORT": str(self.port), "DEMO": "1"}
        self.process = starting.start(environment, self.root, self.log)
        deadline = time.monotonic() + 180
        while not self.answers():
            if self.process.exitcode is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log.read_text()[-4000:])
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
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
    """A browser with a profile that outlives it."""

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
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=str(find_chromium()),
            args=[*FLAGS, *self.flags],
            viewport=self.size,  # type: ignore[arg-type]  # Playwright wants its own kind of dict
            locale={"zh": "zh-CN", "en": "en-GB"}[self.lang],
            timezone_id="Asia/Shanghai",
            has_touch=True,
        )
        self.context.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.said.append(said.text) if said.type == "error" else None)
        return self

    @property
    def page(self) -> Page:
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

    def sign_in(self, login: str, then: str = "/floor/today", *, kept: bool = False) -> Page:
        """Sign in as one of the demo people; on the floor this enrols the device and fills it.

        A browser that is going to be killed has to be `kept` first: Chromium holds a new cookie in memory for up to
        30 seconds, and writes it down when it is ended properly.
        """
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


def copy_data(template: Path, to: Path) -> Path:
    """A fresh copy of a prepared folder."""
    shutil.copytree(template, to, ignore=shutil.ignore_patterns("server.lock"))
    return to
