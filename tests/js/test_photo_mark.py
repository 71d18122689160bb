"""Drawing on a photo (F20): what is hidden is gone, marks are kept as each is made, and whoever has no pointer can do it too."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page

from tests.js.device import Device
from tests.waiting import wait_on

JS = "/static/test/js"
KEY = "offstage.draft:p:r/i/mark/x"
SIZE = (800, 600)
LETTERS = (300, 200, 500, 400)  # where something is written that nobody may read

MARKUP = f"""<div class="floor"><header><a href="#left">back</a></header><photo-mark sha="%s" data-key="{KEY}">
  <div data-view tabindex="0"><canvas></canvas></div><p class="mark-help"></p>
  <div role="radiogroup"><button type="button" data-tool="arrow"></button><button type="button" data-tool="ring"></button>
    <button type="button" data-tool="blur"></button></div></photo-mark>
  <button type="button" data-undo>undo</button><form class="mark-done"><input type="hidden" name="replaces">
    <button type="button" data-done>done</button></form></div>"""


def photo() -> Image.Image:
    """A wall with fine black and white stripes on it: a screen full of numbers."""
    image = Image.new("RGB", SIZE, "#8899aa")
    pen = ImageDraw.Draw(image)
    for x in range(LETTERS[0], LETTERS[2], 6):
        pen.rectangle((x, LETTERS[1], x + 2, LETTERS[3]), fill="#000")
        pen.rectangle((x + 3, LETTERS[1], x + 5, LETTERS[3]), fill="#fff")
    return image


@pytest.fixture
def page(device: Device) -> Page:
    """The element on a photo that lies on the device; the page has no words, so every text shows its key."""
    device.context.route("**/words/*.js", lambda route: route.fulfill(body="export default {};", content_type="text/javascript"))
    device.open()
    out = io.BytesIO()
    photo().save(out, "JPEG", quality=95)
    sha = device.run(
        "return replica.keepBlob(await (await fetch(`data:image/jpeg;base64,${arg}`)).blob())",
        base64.b64encode(out.getvalue()).decode(),
    )
    show(device.page, sha)
    return device.page


def show(page: Page, sha: str | None = None) -> None:
    """The page as it is opened; without a photo's name it is opened again."""
    page.evaluate(
        f"""async ([markup, sha]) => {{
            await import("{JS}/elements/photo-mark.js");
            globalThis.taken = sha ?? globalThis.taken;
            document.body.innerHTML = markup.replace("%s", taken);
            document.body.style.margin = "0";
            globalThis.posted = [];
            document.querySelector("form").addEventListener("submit", (event) => {{
              event.preventDefault();
              posted.push([...new FormData(event.target).getAll("photo")]);
            }});
        }}""",
        [MARKUP, sha],
    )
    wait_on(page, "Boolean(document.querySelector('photo-mark').picture)")


def marks(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("document.querySelector('photo-mark').marks")
    return found


def choose(page: Page, tool: str) -> None:
    page.evaluate("(tool) => document.querySelector(`[data-tool=${tool}]`).click()", tool)


def pull(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """With the mouse, in pixels of the picture: it is shown at its own size."""
    box: Any = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + start[0], box["y"] + start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=4)
    page.mouse.up()


def done(device: Device) -> Image.Image:
    """Use the picture: what lies on the device under the posted hash."""
    device.page.evaluate("document.querySelector('[data-done]').click()")
    wait_on(device.page, "posted.length")
    made = device.run(
        """const bytes = new Uint8Array(await replica.blobs.bytes(posted[0][0]));
           return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))"""
    )
    return Image.open(io.BytesIO(base64.b64decode(made)))


def test_what_is_blurred_is_gone(device: Device, page: Page) -> None:
    """F20: the stripes are in no pixel of the new picture; outside nothing changes; it is a JPEG of the same size."""
    choose(page, "blur")
    pull(page, LETTERS[:2], LETTERS[2:])
    made = done(device)
    assert (made.format, made.size) == ("JPEG", SIZE)
    grey = made.convert("L")
    inside = grey.crop((LETTERS[0] + 8, LETTERS[1] + 8, LETTERS[2] - 8, LETTERS[3] - 8))
    low, high = inside.getextrema()
    assert high - low < 40, "black and white are one grey now"  # type: ignore[operator]  # one band has two numbers
    before = photo().convert("L").getpixel((100, 100))
    assert abs(grey.getpixel((100, 100)) - before) < 6  # type: ignore[operator]  # one band


def test_an_arrow_and_a_ring_are_seen_on_anything(device: Device, page: Page) -> None:
    """F20: one bright colour between dark lines, in the picture itself."""
    pull(page, (100, 500), (260, 500))
    choose(page, "ring")
    pull(page, (560, 80), (760, 280))
    assert [mark["tool"] for mark in marks(page)] == ["arrow", "ring"]
    made = done(device).convert("RGB")
    for at in ((180, 500), (560, 180)):
        red, green, blue = made.getpixel(at)  # type: ignore[misc]  # Pillow types every mode at once
        assert (red > 200, green > 160, blue < 110) == (True, True, True), made.getpixel(at)
    assert min(made.convert("L").getpixel((180, y)) for y in range(490, 500)) < 70  # type: ignore[type-var]  # one band


def test_undo_takes_back_the_last_and_a_reload_none(page: Page) -> None:
    """F9, F25: marks are kept as each is made; undone ones stay undone."""
    pull(page, (100, 100), (300, 300))
    pull(page, (500, 100), (300, 300))
    page.click("[data-undo]")
    show(page)
    assert [mark["from"] for mark in marks(page)] == [[100, 100]]
    page.click("[data-undo]")
    show(page)
    assert marks(page) == []


def test_without_a_pointer(page: Page) -> None:
    """Enter puts a mark into the middle, arrow keys move it inside the picture, Backspace takes it back, Escape leads out."""
    choose(page, "blur")
    page.focus("[data-view]")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    (mark,) = marks(page)
    assert (mark["from"], mark["to"]) == ([352, 236], [480, 364])
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    (mark,) = marks(page)
    assert (mark["to"][0] - mark["from"][0], mark["to"][0] <= SIZE[0]) == (128, True)
    page.keyboard.press("Backspace")
    assert marks(page) == []
    page.keyboard.press("Escape")
    assert page.url.endswith("#left")


def test_a_tap_marks_too_and_no_mark_changes_nothing(page: Page) -> None:
    """F14: a gloved finger that only taps gets an arrow of a usual size; without a mark, done leads back."""
    page.click("[data-done]")
    assert page.url.endswith("#left")
    assert page.evaluate("posted") == []
    pull(page, (400, 300), (402, 300))
    (mark,) = marks(page)
    assert (mark["tool"], mark["to"]) == ("arrow", [400, 300])


def test_a_finger_the_system_takes_leaves_no_mark(page: Page) -> None:
    """A call comes in, or a second finger: nothing half drawn stays."""
    box: Any = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.evaluate("document.querySelector('[data-view]').dispatchEvent(new PointerEvent('pointercancel'))")
    page.mouse.up()
    assert marks(page) == []
