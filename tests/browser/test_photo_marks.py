"""A photo is marked with the server dead: the marked picture arrives, and what it hides never leaves the device (F20)."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.harness import PHONE, TABLET, Device, Server
from tests.browser.run_page import RunPage, photo
from tests.browser.truth import answers_in, tonight, wait_for_photos, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-photos")]

Launch = Callable[..., Device]
ITEM = "STRK-B3"
# Parts of the picture's sides. `photo` writes its text into the upper left of the sensor: the upper right of the upright picture.
TEXT = ((0.55, 0.02), (0.98, 0.6))


def take(page: Page, run: RunPage) -> None:
    row = page.locator(f"#item-{ITEM}")
    row.locator("input[type=file]").set_input_files(photo("8888 8888"))
    run.expect(ITEM, "done")


def pull(page: Page, tool: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.locator(f"[data-tool={tool}]").click()
    box: Any = page.locator("photo-mark canvas").bounding_box()
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=5)
    page.mouse.up()


def open_marks(page: Page) -> None:
    """From the row to the photo, and to drawing on it."""
    page.locator(f"#item-{ITEM} a.photo").click()
    page.locator(".dock a[href*='/mark?']").click()
    page.locator("photo-mark[aria-busy=false]").wait_for()


def marks(page: Page) -> int:
    page.locator("photo-mark[aria-busy=false]").wait_for()
    return int(page.evaluate("document.querySelector('photo-mark').marks.length"))


def photos_in(server: Server, run_id: str) -> list[str]:
    """The photos of the answer that stands."""
    (row,) = server.rows(
        "SELECT photos FROM checklist_answer WHERE run_id = ? AND item_id = ? AND current = 1", uuid.UUID(run_id).bytes, ITEM
    )
    return [sha for sha in str(row["photos"]).strip('[]"').split('", "') if sha]


def black(image: Image.Image) -> int:
    """How many pixels of the text's part are as dark as its letters."""
    (left, top), (right, bottom) = TEXT
    width, height = image.size
    part = image.convert("L").crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))
    return sum(part.histogram()[:60])


def test_the_marked_picture_arrives_and_the_taken_one_never(server: Server, launch: Launch) -> None:
    """F20, F25: taken, marked and killed with no server; its bytes are what was drawn, the text is in none of them."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("stagehand", kept=True)
    run_id = tonight(server, "CL-STRK")
    server.kill()
    run = RunPage(page, run_id, "CL-STRK").open(server.url)
    take(page, run)
    open_marks(page)
    taken = page.locator("photo-mark").get_attribute("sha")
    assert taken
    pull(page, "blur", *TEXT)
    page.reload()
    assert marks(page) == 1, "drawn and not yet used"
    pull(page, "arrow", (0.1, 0.95), (0.4, 0.75))
    page.locator("[data-undo]").click()
    pull(page, "ring", (0.05, 0.7), (0.45, 0.95))
    page.locator("[data-done]").click()
    expect(page.locator(f"#item-{ITEM} a.photo")).to_have_count(1)
    assert page.locator(f"#item-{ITEM} photo-image").get_attribute("sha") != taken
    phone.relaunch()
    server.start()
    phone.open(f"/floor/run/{run_id}")
    phone.wait_synced()
    wait_until(lambda: ITEM in answers_in(server, run_id), "the answer arrived")
    wait_for_photos(server)
    (marked,) = photos_in(server, run_id)
    assert marked != taken
    files = sorted((server.data_dir / "blobs" / marked[:2]).glob(f"{marked}.*"))
    assert [file.suffix for file in files] == [".display", ".original", ".thumb"]
    stored = Image.open(files[1])
    assert (stored.format, max(stored.size)) == ("JPEG", 1600)
    assert black(Image.open(io.BytesIO(photo("8888 8888")["buffer"])).transpose(Image.Transpose.ROTATE_270)) > 1000
    assert black(stored) == 0
    red, green, blue = stored.convert("RGB").getpixel((int(0.05 * stored.width), int(0.825 * stored.height)))  # type: ignore[misc]  # Pillow types every mode at once
    assert (red > 180, green > 140, blue < 130) == (True, True, True)
    assert list((server.data_dir / "blobs").glob(f"*/{taken}.*")) == []
    assert [tuple(row) for row in server.rows("SELECT status, size FROM blob WHERE sha = ?", taken)] == [("withdrawn", 0)]
    expect(phone.page.locator(".sync")).to_have_attribute("data-state", "synced")
    held = phone.page.evaluate(
        """async () => { const db = await new Promise((done) => { const asked = indexedDB.open("offstage");
             asked.onsuccess = () => done(asked.result); });
           return new Promise((done) => { const asked = db.transaction("bytes").objectStore("bytes").getAllKeys();
             asked.onsuccess = () => done(asked.result); }); }"""
    )
    assert (taken in held, marked in held) == (False, True)


def test_marking_is_left_and_undone_by_keyboard(server: Server, launch: Launch) -> None:
    """F20 on a tablet: Enter and Backspace draw and take back, Escape leaves the photo as it was."""
    tablet = launch("tablet", size=TABLET)
    page = tablet.sign_in("stagehand")
    run_id = tonight(server, "CL-STRK")
    run = RunPage(page, run_id, "CL-STRK").open(server.url)
    pane = run.pane(ITEM)
    if not pane.locator("a.shot").count():
        pane.locator("input[type=file]").set_input_files(photo("8888 8888"))
    pane.locator("a.shot").first.click()
    page.locator(".dock a[href*='/mark?']").click()
    assert marks(page) == 0
    page.locator("[data-view]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    assert marks(page) == 1
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # the tools are one group of keys
    expect(page.locator("[data-tool=ring]")).to_have_attribute("aria-checked", "true")
    taken = page.locator("photo-mark").get_attribute("sha")
    page.keyboard.press("Escape")
    expect(page.locator(".photo-whole photo-image")).to_have_attribute("sha", str(taken))
