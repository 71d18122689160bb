"""Photos, scans and signatures as the device takes them (CHK-5, F6, F20, F21)."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.js.device import Device
from tests.scanner import scan
from tests.waiting import wait_on

JS = "/static/test/js"
BURST_MS = 8
GAP_MS = 50  # what the element still takes for a scanner
SCANS = 6
REST_MS = 600  # a burst without a suffix is over long before
WATCH_GAPS = """() => {
    globalThis.widest = 0;
    globalThis.last = null;
    addEventListener("keydown", (event) => {
        if (last !== null) widest = Math.max(widest, event.timeStamp - last);
        last = event.timeStamp;
    }, true);
}"""
HAND_MS = 90


@pytest.fixture
def page(device: Device) -> Page:
    """A page with the elements; it has no words, so every text shows its key."""
    device.context.route("**/words/*.js", lambda route: route.fulfill(body="export default {};", content_type="text/javascript"))
    device.open()
    return device.page


def camera_photo() -> str:
    """A phone's picture: 3000 × 2000 lying on its side, with maker and place in it; its left edge is red."""
    image = Image.new("RGB", (3000, 2000), "#88aa77")
    image.paste("#ff0000", (0, 0, 200, 2000))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° to the right
    exif[0x010F] = "SECRETMAKER"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95)
    return base64.b64encode(out.getvalue()).decode()


def test_a_photo_is_small_upright_and_anonymous(device: Device, page: Page) -> None:
    """CHK-5, F20, T40: at most 1600 px, turned as it was held, nothing of the camera's notes left."""
    made = device.run(
        f"""const {{shrink}} = await import("{JS}/elements/photo-field.js");
            const file = await (await fetch(`data:image/jpeg;base64,${{arg}}`)).blob();
            const blob = await shrink(file);
            const bytes = new Uint8Array(await blob.arrayBuffer());
            return [blob.type, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))]""",
        camera_photo(),
    )
    data = base64.b64decode(made[1])
    image = Image.open(io.BytesIO(data))
    assert made[0] == "image/jpeg"
    assert image.size == (1067, 1600)
    assert len(data) < 400_000
    assert not image.getexif()
    assert b"SECRETMAKER" not in data
    red, green, _ = image.convert("RGB").getpixel((500, 20))  # type: ignore[misc]  # Pillow types every mode at once
    assert (red > 200, green < 60) == (True, True), "the left edge of the sensor is the top of the picture"


def test_a_photo_outlives_the_page_it_was_taken_on(page: Page) -> None:
    """I1, CHK-5: the page is drawn anew while the camera is open; what its form would have sent is sent all the same."""
    field = """<photo-field><form hx-post="/floor/x"><button type="button" data-take><span></span></button><input type="file">
      <input type="hidden" name="fixed" value="1"></form></photo-field>"""
    page.evaluate(
        f"""async (field) => {{
            await import("{JS}/elements/photo-field.js");
            window.htmx = {{process: () => {{}}}};
            globalThis.posted = [];
            document.addEventListener("submit", (event) => {{
              event.preventDefault();
              posted.push([event.target.getAttribute("hx-post"), ...new FormData(event.target).keys()]);
            }});
            document.body.innerHTML = `<div id="page">${{field}}</div>`;
            const drawAnew = () => (document.getElementById("page").innerHTML = field);
            document.addEventListener("change", drawAnew, {{once: true, capture: true}});
        }}""",
        field,
    )
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "#aa8866").save(out, "JPEG")
    page.set_input_files("photo-field input[type=file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()})
    wait_on(page, "posted.length")
    assert page.evaluate("posted") == [["/floor/x", "fixed", "photo"]]
    page.evaluate("document.dispatchEvent(new Event('htmx:after:swap'))")
    assert page.locator("#page > form").count() == 0


def scan_page(page: Page) -> None:
    page.evaluate(
        f"""async () => {{
            await import("{JS}/elements/scan-field.js");
            document.body.innerHTML = `<textarea id="note">so far</textarea><scan-field><form>
              <button type="button" data-arm><span data-idle></span></button><button type="button" data-type></button>
              <input name="value" hidden></form></scan-field>`;
            globalThis.read = [];
            document.querySelector("form").addEventListener("submit", (event) => {{
              event.preventDefault();
              if (document.querySelector("[name=value]").value) read.push(document.querySelector("[name=value]").value);
            }});
        }}"""
    )


@pytest.mark.parametrize("suffix", ["Enter", "Tab", None])
def test_a_scan_never_lands_in_the_notes(page: Page, suffix: str | None) -> None:
    """F6: the burst is taken out of the field it fell into and read as a code, with either suffix or none."""
    for _ in range(SCANS):
        scan_page(page)
        page.focus("#note")
        page.evaluate(WATCH_GAPS)
        page.keyboard.type("0012345678905", delay=BURST_MS)
        if suffix:
            page.keyboard.press(suffix)
        if page.evaluate("widest") < GAP_MS:
            break  # otherwise this machine was too busy to type like a scanner
        page.wait_for_timeout(REST_MS)
    wait_on(page, "read.length")
    assert page.evaluate("read") == ["0012345678905"]
    assert page.input_value("#note") == "so far"


def test_typing_by_hand_is_no_scan(page: Page) -> None:
    """F6: a hand, however quick, stays in its field."""
    scan_page(page)
    page.focus("#note")
    page.keyboard.press("End")
    page.keyboard.type(" and more", delay=HAND_MS)
    page.keyboard.press("Enter")
    assert page.evaluate("read") == []
    assert page.input_value("#note").strip() == "so far and more"


def test_two_scans_of_one_code_are_two(page: Page) -> None:
    """T2, T20: nothing of the first is left in the second, and the second is not swallowed."""
    scan_page(page)
    page.click("[data-arm]")
    for _ in range(2):
        scan(page, "AB-000-7")
    wait_on(page, "read.length >= 2")
    page.wait_for_timeout(60)
    assert page.evaluate("read") == ["AB-000-7", "AB-000-7"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("]E04006381333931", "4006381333931"),
        ("]C1\x1d0104006381333931", "0104006381333931"),
        ("000123\r", "000123"),
        ("１２３ＡＢ", "123AB"),
        ("  SKU 7 ", "SKU 7"),
    ],
)
def test_a_code_is_kept_as_it_was_scanned(page: Page, typed: str, code: str) -> None:
    """F6, T21: prefixes and control characters go, zeros in front stay, an IME's wide keys are the keys they are."""
    found = page.evaluate(f"async (typed) => (await import('{JS}/elements/scan-field.js')).cleanCode(typed)", typed)
    assert found == code


PAD = """<form><signature-pad data-key="offstage.draft:p:r/i/ink" data-name="王磊" data-role="场务"><div class="sign" data-pad>
  <svg class="ink"></svg><p class="meta"></p></div><input type="hidden" name="signature">
  <button type="button" data-clear></button><button type="button" data-typed></button>
  <button type="button" data-confirm></button></signature-pad></form>"""


def pad(page: Page) -> None:
    page.evaluate(
        f"""async (markup) => {{
            await import("{JS}/elements/signature-pad.js");
            document.body.innerHTML = markup;
            Object.assign(document.querySelector(".sign").style, {{width: "360px", height: "140px", position: "relative"}});
            globalThis.posted = [];
            document.querySelector("form").addEventListener("submit", (event) => {{
              event.preventDefault();
              posted.push(document.querySelector("[name=signature]").value);
            }});
        }}""",
        PAD,
    )


def draw(page: Page) -> None:
    box: Any = page.locator(".sign").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for n in range(12):
        page.mouse.move(box["x"] + 40 + n * 15, box["y"] + 60 + (n % 3) * 12)
    page.mouse.up()


def strokes(page: Page) -> int:
    return page.locator("svg.ink path").count()


def test_a_stroke_is_kept_when_it_ends(page: Page) -> None:
    """F21, F25: a reload brings the ink back, a repaint of the page around does not take it away, clearing does."""
    pad(page)
    draw(page)
    assert strokes(page) == 1
    pad(page)  # the page is made anew, as by a reload
    assert strokes(page) == 1
    page.evaluate("document.querySelector('svg.ink').replaceChildren()")  # as a morph does
    wait_on(page, "document.querySelector('svg.ink path')")
    page.click("[data-clear]", force=True)
    pad(page)
    assert strokes(page) == 0


def test_a_signature_becomes_a_picture_with_a_name(device: Device, page: Page) -> None:
    """F21: PNG, dark on white whatever the look; nothing is posted from an empty line; the name alone is a mark too."""
    pad(page)
    page.click("[data-confirm]", force=True)
    assert page.evaluate("posted") == []
    draw(page)
    page.click("[data-confirm]", force=True)
    wait_on(page, "posted.length")
    rows = device.stored("blobs")
    assert [(row["sha"], row["type"]) for row in rows] == [(page.evaluate("posted[0]"), "image/png")]
    page.click("[data-typed]", force=True)
    page.click("[data-confirm]", force=True)
    wait_on(page, "posted.length === 2")
    assert page.evaluate("posted[0] !== posted[1]")
