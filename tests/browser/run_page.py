"""A list as a person works through it on the floor: every kind of answer, by what they would tap."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from app.starter.reading import read_files, read_pack


@cache
def templates() -> dict[str, Any]:
    """The pack's lists by code."""
    return {template["code"]: template for template in read_pack(read_files()).templates}


def items_of(code: str) -> list[dict[str, Any]]:
    """A list's items in order."""
    return [item for section in templates()[code]["sections"] for item in section["items"]]


def photo(text: str = "offstage", *, located: bool = True) -> dict[str, Any]:
    """A photo as a phone takes it: large, lying on its side, with the place in it."""
    image = Image.new("RGB", (2400, 1800), "#b98f78")
    ImageDraw.Draw(image).text((200, 200), text, fill="#111", font_size=200)
    exif = Image.Exif()
    exif[0x0112] = 6
    if located:
        exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, quality=90)
    return {"name": f"{text}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def good_number(item: dict[str, Any]) -> str:
    """A number inside the item's limits."""
    low, high = item.get("min"), item.get("max")
    if low is not None and high is not None:
        middle = (low + high) / 2
        return str(int(middle) if middle == int(middle) else middle)
    return str(low if low is not None else high)


class RunPage:
    """The page of one run, on a tablet's two panes."""

    def __init__(self, page: Page, run_id: str, code: str) -> None:
        self.page = page
        self.run_id = run_id
        self.code = code

    def open(self, server_url: str) -> RunPage:
        self.page.goto(f"{server_url}/floor/run/{self.run_id}")
        self.page.locator("#run-head").wait_for()
        return self

    def row(self, item_id: str) -> Locator:
        return self.page.locator(f"#item-{item_id}")

    def pane(self, item_id: str) -> Locator:
        """Open an item beside its list."""
        pane = self.page.locator(f"#open-item[data-item={item_id}]")
        if not pane.count():
            self.row(item_id).locator(".row-open").click()
        pane.wait_for()
        return pane

    def go_on_unverified(self) -> None:
        """The one tap that opens a list which waits for another (CHK-3)."""
        key = self.page.locator("#run-dock button.btn-main[hx-post*='/open']")
        key.click()
        expect(key).to_have_count(0)

    def answer(self, item: dict[str, Any], value: str | None = None) -> None:
        """Answer one item well, or with `value`, and wait until it is saved on the device."""
        getattr(self, f"_{item['kind']}")(item, value)
        self.expect(item["id"], "done")

    def expect(self, item_id: str, state: str) -> None:
        """`done`, `fail`, or open (no state)."""
        expect(self.row(item_id)).to_have_attribute("data-state", state)

    def answer_all(self, but: set[str] | None = None) -> None:
        """Answer every item that is open, in order."""
        for item in items_of(self.code):
            if item["id"] in (but or ()) or self.row(item["id"]).get_attribute("data-state") in ("done", "fail"):
                continue
            self.answer(item)

    def fail(self, item_id: str) -> Locator:
        """不合格: one tap; returns the pane, where note, photo and severity now stand."""
        pane = self.pane(item_id)
        pane.locator(".answers .key[data-cue=stop]").click()
        self.expect(item_id, "fail")
        return pane

    def _tick(self, item: dict[str, Any], value: str | None) -> None:
        self.pane(item["id"]).locator(".answers .key[data-cue=go]").click()

    def _number(self, item: dict[str, Any], value: str | None) -> None:
        field = self.pane(item["id"]).locator("input[name=value]")
        field.fill(value or good_number(item))
        field.press("Enter")

    def _choice(self, item: dict[str, Any], value: str | None) -> None:
        good = next(c for c in item["choices"] if c["id"] not in item["fail_if"])
        chosen = value or good["id"]
        n = [c["id"] for c in item["choices"]].index(chosen)
        self.pane(item["id"]).locator("[role=radio]").nth(n).click()

    def _text(self, item: dict[str, Any], value: str | None) -> None:
        pane = self.pane(item["id"])
        pane.locator("textarea[name=value]").fill(value or "一切就绪 <b>ok</b>")
        pane.locator("button[hx-include]").click()

    def _photo(self, item: dict[str, Any], value: str | None) -> None:
        self.pane(item["id"]).locator("input[type=file]").set_input_files(photo(item["id"]))

    def _scan(self, item: dict[str, Any], value: str | None) -> None:
        pane = self.pane(item["id"])
        pane.locator("[data-arm]").click()
        self.page.keyboard.type(value or f"00{item['id']}", delay=4)  # as a wedge scanner types
        self.page.keyboard.press("Enter")

    def _signature(self, item: dict[str, Any], value: str | None) -> None:
        pane = self.pane(item["id"])
        pane.locator("button[hx-get*='open=sign']").click()
        sign(self.page, pane)

    def finish(self) -> None:
        """To the gaps, and done; saved on the device."""
        self.page.locator("#run-dock a[href*='/finish']").first.click()
        key = self.page.locator("button.btn-main[hx-post*='/finish']")
        key.click()
        expect(key).to_have_count(0)


def sign(page: Page, within: Locator) -> None:
    """Draw a signature with the finger and confirm it."""
    pad = within.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    x, y = box["x"], box["y"]
    page.mouse.move(x + 40, y + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(x + 40 + step * 22, y + box["height"] / 2 + (18 if step % 2 else -18), steps=3)
    page.mouse.up()
    within.locator("[data-confirm]").click()
