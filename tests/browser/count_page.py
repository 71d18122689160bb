"""A bin as a person counts it on the floor, by what a scanner types and a thumb taps; taps are counted."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import Server
from tests.browser.stock_stage import bin_id
from tests.scanner import scan

# Keys as a page gets them, the codes of one scanner one after the other at a steady pace.
SCANNER = """([codes, everyMs]) => new Promise((done) => {
  const begin = performance.now();
  const target = () => document.activeElement ?? document.body;
  const press = (key) => target().dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  const next = (n) => {
    if (n === codes.length) return done();
    for (const key of [...codes[n], "Enter"]) press(key);
    setTimeout(next, begin + (n + 1) * everyMs - performance.now(), n + 1);
  };
  next(0);
})"""

BEGUN = "[data-count]:not([data-count=''])"


class CountPage:
    """The count screens of one stock take on one device."""

    def __init__(self, page: Page, take_id: str) -> None:
        self.page = page
        self.take_id = take_id
        self.taps = 0

    def open(self, server: Server) -> CountPage:
        """The stock take, as Today leads to it."""
        self.page.goto(f"{server.url}/floor/count/{self.take_id}")
        self.page.locator("#count").wait_for()
        return self

    def scan(self, code: str) -> None:
        """As a scanner types."""
        scan(self.page, code)

    def stream(self, codes: Sequence[str], every_ms: int = 50) -> None:
        """Many scans at a steady pace."""
        self.page.evaluate(SCANNER, [list(codes), every_ms])

    def enter(self, code: str) -> None:
        """Scan a bin's label and be in its count."""
        self.scan(f"BIN:{code}")
        expect(self.page.locator(f"#count[data-bin='{bin_id(code)}']{BEGUN}")).to_be_visible()

    def begin(self) -> None:
        """The bin on the page is counted from here on; who scans before the page stands types into the one that goes."""
        self.tap(".dock .btn-main")
        expect(self.page.locator(f"#count{BEGUN}")).to_be_visible()

    def tap(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.taps += 1

    def total(self, text: str) -> None:
        """The large figure, with its unit."""
        expect(self.page.locator("#last output")).to_have_text(text)

    @property
    def last(self) -> Locator:
        return self.page.locator("#last")

    def row(self, name: str) -> Locator:
        """The row of goods that do not stand large."""
        return self.page.locator("#lines li", has_text=name)

    def finish(self) -> None:
        """To the summary, and done."""
        self.tap("#count-dock a.btn-main")
        expect(self.page.locator(".sum")).to_be_visible()
        self.tap(".dock .btn-main[hx-post]")
        expect(self.page.locator("#count[data-count='']")).to_be_visible()
