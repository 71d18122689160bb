"""The camera reads codes on the device itself, with the server dead, once each (F5, F7, T41, GEN-11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from app.lib import build
from tests.browser.drawn_codes import as_camera, ean13, film, qr
from tests.browser.harness import PHONE, Device, Server
from tests.browser.truth import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-camera")]

EAN, BIN = "6901234567892", "BIN:A-03-2-05"
# The element by its own address: a page that has it takes it from its script.
SHOW = """async () => {
  const base = document.querySelector("link[rel=stylesheet]").href.replace(/css.*/, "");
  for (const name of ["scan-camera", "scan-field"]) customElements.get(name) ?? (await import(`${base}js/elements/${name}.js`));
  document.body.innerHTML = '<scan-camera id="camera"></scan-camera><scan-field id="scan" auto></scan-field>';
}"""
LISTEN = """() => {
  globalThis.heard = [];
  document.addEventListener("scan", ({detail}) => heard.push([detail.raw, detail.format ?? "", detail.via]));
  const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
  globalThis.asked = 0;
  globalThis.answer = null;
  media.getUserMedia = (wish) => (asked++, answer ? answer() : ask(wish));
}"""


@pytest.fixture
def phone(playwright: Playwright, server: Server, tmp_path: Path) -> Iterator[Callable[..., Device]]:
    """A phone whose camera shows a film."""
    phones: list[Device] = []

    def start(scenes: list[tuple[list[str] | None, float]]) -> Device:
        device = Device(playwright, server, tmp_path / "phone", PHONE, "zh")
        device.flags = as_camera(film(tmp_path / "film.mjpeg", scenes))
        phones.append(device)
        return device

    yield start
    for device in phones:
        device.quit()
    assert [error for device in phones for error in device.errors] == []


def keeps_the_decoder(page: Page) -> bool:
    """Whether all of it is on the device."""
    wanted = [url.split("/", 3)[3] for url in build.later()]
    kept: str = page.evaluate(
        """async () => {
          const all = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
          return all.flat().map(({url}) => url).join(" ");
        }"""
    )
    return all(name in kept for name in wanted)


def wait_for_scans(page: Page, count: int) -> list[Any]:
    """What the camera has said, once there is so much of it."""
    wait_until(lambda: page.evaluate("heard.length") >= count, f"{count} codes were read")
    found: list[Any] = page.evaluate("heard")
    return found


def state(page: Page, expected: str) -> None:
    expect(page.locator("#camera")).to_have_attribute("data-state", expected)


def test_codes_are_read_with_the_server_dead(server: Server, phone: Callable[..., Device]) -> None:
    """GEN-11, F5, F7: kept while the device had time; each code is told once while it is in view, and again after it was away.

    T40: what the decoder's worker may do, running WebAssembly, no page may.
    """
    device = phone([(qr(BIN), 2), (None, 3), (ean13(EAN), 2), (None, 3)])
    page = device.sign_in("warehouse_keeper", kept=True)
    wait_until(lambda: keeps_the_decoder(page), "the decoder was fetched while there was nothing else to do")
    server.kill()
    page = device.relaunch().open("/floor/scan")
    page.evaluate(LISTEN)
    page.locator("#camera [data-go]").click()
    state(page, "on")
    heard = wait_for_scans(page, 4)
    assert {tuple(one) for one in heard} == {(BIN, "qr_code", "camera"), (EAN, "ean_13", "camera")}
    assert all(one != after for one, after in pairwise(heard)), heard
    assert page.evaluate("asked") == 1
    empty = "WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => 'compiled', (error) => error.name)"
    assert page.evaluate(empty) == "CompileError"


def test_a_code_that_stays_in_view_is_one_scan(server: Server, phone: Callable[..., Device]) -> None:
    """F5: however long it is held there. F7: then the camera rests, and a tap goes on without asking for it again."""
    page = phone([(ean13(EAN), 1)]).open("/signin")
    page.evaluate(SHOW)
    page.evaluate(LISTEN)
    page.locator("#camera [data-go]").click()
    wait_for_scans(page, 1)
    page.wait_for_timeout(5_000)
    assert page.evaluate("heard") == [[EAN, "ean_13", "camera"]]
    page.evaluate("() => { const now = performance.now.bind(performance); performance.now = () => now() + 31_000; }")
    state(page, "resting")
    page.locator("#camera [data-go]").click()
    wait_for_scans(page, 2)
    assert page.evaluate("asked") == 1
    page.locator("#camera [data-hand]").click()
    assert page.evaluate("document.activeElement.inputMode") == "text"


def test_a_stream_that_turned_black_is_opened_again(server: Server, phone: Callable[..., Device]) -> None:
    """T41: what some phones show after they slept; nobody has to find out."""
    page = phone([(ean13(EAN), 1)]).open("/signin")
    page.evaluate(SHOW)
    page.evaluate(LISTEN)
    page.evaluate(
        """() => { answer = () => {
          answer = null;
          const dark = Object.assign(document.createElement("canvas"), {width: 640, height: 360}), pen = dark.getContext("2d");
          setInterval(() => pen.fillRect(0, 0, 640, 360), 50);
          return Promise.resolve(dark.captureStream(20));
        }; }"""
    )
    page.locator("#camera [data-go]").click()
    wait_for_scans(page, 1)
    assert page.evaluate("asked") == 2


def test_what_is_the_matter_with_the_camera_is_said(server: Server, phone: Callable[..., Device]) -> None:
    """F34, T41: refused, missing, in use, decoder not here yet; each says what to do, and a tap tries again."""
    page = phone([(None, 1)]).open("/signin")
    page.evaluate(SHOW)
    page.evaluate(LISTEN)
    said = set()
    for error, expected in [("NotAllowedError", "denied"), ("NotFoundError", "none"), ("NotReadableError", "busy")]:
        page.evaluate(f"() => {{ answer = () => Promise.reject(new DOMException('', '{error}')); }}")
        page.locator("#camera [data-go]").click()
        state(page, expected)
        said.add(page.locator("#camera [role=status]").inner_text())
    page.evaluate("() => { answer = null; }")
    server.kill()
    page.locator("#camera [data-go]").click()
    state(page, "broken")
    said.add(page.locator("#camera [role=status]").inner_text())
    assert len(said) == 4 and all("⟦" not in one and one for one in said)
