"""Takes a picture of every screen with the demo's data and checks each (`make screens`).

    python -m scripts.screens                   all, into screens/ (not kept in git)
    python -m scripts.screens --only run,shows  those whose name contains one of the words

Three sizes, two languages, bright and studio-dim. A screen that is wider than its window, shows a word that is
missing, or has a finding of axe is named at the end, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.checklists.steps import run_id_of
from app.demo.cast import PASSWORD
from app.demo.story import demo_id
from bench.served import Served, offstage
from scripts.browser import FLAGS, NoBrowser, find_chromium

OUT = Path(__file__).resolve().parents[1] / "screens"
SIZES = {"narrow": (320, 640), "phone": (390, 844), "tablet": (820, 1180), "desk": (1440, 900)}
ALL = [(size, lang, look) for size in ("phone", "tablet", "desk") for lang in ("zh", "en") for look in ("bright", "studio-dim")]
MISSING = "⟦"
FILL_S = 60

WIDTH = """() => {
  const parts = [...document.querySelectorAll("main, .pane, dialog[open]")];
  const scrolls = (part) => getComputedStyle(part).overflowX !== "visible";  // else it is the page that scrolls
  const wide = parts.filter((part) => scrolls(part) && part.scrollWidth - part.clientWidth > 1);
  return {
    page: document.scrollingElement.scrollWidth - innerWidth,
    parts: wide.map((part) => part.className || part.tagName),
  };
}"""
SMALL = """() => {
  const box = (part) => part.getBoundingClientRect();
  const seen = (part) => part.checkVisibility({visibilityProperty: true, opacityProperty: true}) && box(part).width > 1;
  const side = (part) => Math.min(box(part).width, box(part).height);
  const targets = [...document.querySelectorAll("a, button, input, select, textarea")].filter(
    (part) => seen(part) && !part.closest("label, p, .sr") && side(part) < 47.5);
  return targets.slice(0, 3).map((part) => `${part.className || part.tagName} ${Math.round(side(part))} px`);
}"""
AXE = """() => axe.run(document, {resultTypes: ["violations"]}).then((said) => said.violations.map(
  (found) => found.id + ": " + found.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")))"""


@dataclass(frozen=True)
class Screen:
    """One screen: who looks, at which address, after doing what."""

    name: str
    path: str
    login: str | None
    act: Callable[[Page], None] | None = None
    beside: tuple[str, ...] = ()  # who shares the device with them: each chooses a PIN on it

    @property
    def is_floor(self) -> bool:
        """Whether the device makes it."""
        return self.path.startswith("/floor")


def go_offline(page: Page) -> None:
    """No network from here on; the page is the device's own."""
    page.context.set_offline(True)


def keep_a_tick(page: Page) -> None:
    """Offline, tick the first open box (or take a tick back when none is open) and look at what waits."""
    go_offline(page)
    box = page.locator(".key-box[aria-pressed=false], .answers .key[data-cue=go][aria-pressed=false]").first
    if not box.count():
        page.locator("li[data-state=done] .row-open").first.click()
        box = page.locator(".answers .key[aria-pressed=true]").first
    box.click()
    page.wait_for_selector(".sync[data-state=offline]")
    page.locator("a.sync").click()
    page.wait_for_url("**/floor/outbox")
    page.wait_for_timeout(300)


def keep_unknown(page: Page) -> None:
    """Offline, count a code that nobody knows."""
    go_offline(page)
    page.evaluate("document.getElementById('scan').read('6900000000009', 'wedge')")
    page.wait_for_selector("#last .code")
    page.wait_for_timeout(700)  # until the flash of the scan is over


def open_line(page: Page) -> None:
    """Every scan of some goods of the count."""
    page.locator("#lines .row:not(:has(.cue-wait)) a").first.click()
    page.wait_for_url("**/line/*")
    page.wait_for_timeout(300)


def open_goods(page: Page) -> None:
    """Their lot and state."""
    open_line(page)
    page.locator("a[href$='/goods']").click()
    page.wait_for_url("**/goods")
    page.wait_for_timeout(300)


def lock(page: Page) -> None:
    """It was locked by the key in the top line: the next one is expected."""
    if page.locator(".turn").count():
        page.locator(".turn").click()
    page.wait_for_selector(".lock")


def type_pin(page: Page) -> None:
    """Locked, one's name tapped, and two digits of one's PIN."""
    lock(page)
    page.locator(".face").first.click()
    press_pin(page, "40")


def freeze(page: Page) -> None:
    """Somebody's PIN was typed wrong too often."""
    lock(page)
    page.locator(".face").nth(1).click()
    page.wait_for_selector(".face:nth-child(2)[aria-checked=true]")
    while page.locator("pin-pad[data-person]").count():
        press_pin(page, "9999")
        page.wait_for_selector(".lock-pin:not(:has([aria-busy]))")


def begin_pin(page: Page) -> None:
    """Right after the password: another person begins to choose a PIN."""
    lock(page)
    join(page, "camera")
    press_pin(page, "4027")


def press_pin(page: Page, pin: str) -> None:
    """Tap the digits."""
    page.wait_for_selector("pin-pad:not([aria-busy])")
    for digit in pin:
        page.locator(f"[data-digit='{digit}']").click()


def join(page: Page, login: str) -> None:
    """From the lock of a shared device through the password to the page where a PIN is chosen."""
    page.locator(".lock button[hx-post='/floor/enrol']").first.click()
    page.wait_for_url("**/signin?**")
    sign_in(page, login)
    page.wait_for_selector("pin-pad[data-new]", timeout=FILL_S * 1000)


def choose_pin(page: Page, pin: str) -> None:
    """Typed twice; Today comes."""
    page.wait_for_selector("pin-pad[data-new]", timeout=FILL_S * 1000)
    for _ in range(2):
        press_pin(page, pin)
        page.locator("[data-done]").click()
    page.wait_for_selector(".tabs")


def sign_in(page: Page, login: str) -> None:
    """Type name and password at the door."""
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form[action='/signin'] button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/signin" not in url)


def open_item(page: Page) -> None:
    """Everything that can be done about an item."""
    page.locator("#item-SET-A1 .row-open").click()
    page.wait_for_timeout(300)


def open_marks(page: Page) -> None:
    """A photo, and what is drawn on it."""
    page.locator("#item-SET-A1 a.photo:not(.photo-standard), .compare figure:last-child a.shot").first.click()
    page.locator(".dock a[href*='/mark?']").click()
    page.locator("photo-mark[aria-busy=false]").wait_for()


def freeze_bin(page: Page) -> None:
    """Let nothing in or out of a bin; it may be so already."""
    if page.locator("form[action$='/freezing/end']").count():
        return
    page.locator("details:has(form[action$='/freezing'])").evaluate("(fold) => { fold.open = true; }")
    form = page.locator("form[action$='/freezing']")
    form.locator("[name=reason]").fill("货架松动，等工程部检查 · Shelf is loose")
    form.locator("button").click()
    page.locator("form[action$='/freezing/end']").wait_for()


def send(selector: str = "main form") -> Callable[[Page], None]:
    """Send the form as it stands, past the browser's own checks, so that the answer is the server's."""

    def act(page: Page) -> None:
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.locator(selector).first.evaluate("(form) => { form.noValidate = true; form.requestSubmit(); }")
        page.wait_for_timeout(300)  # a refused form comes back as a page or as a part of one
        page.wait_for_load_state()

    return act


TONIGHT, YESTERDAY = demo_id("show/tonight"), demo_id("show/yesterday")
BUILDING, SAFETY = run_id_of(TONIGHT, "CL-SET"), run_id_of(TONIGHT, "CL-SAFE")
LIGHTS, GO = run_id_of(TONIGHT, "CL-LGT"), run_id_of(TONIGHT, "CL-GNG")
STRIKE = run_id_of(TONIGHT, "CL-STRK")
SIGNED = run_id_of(YESTERDAY, "CL-SET")
HALF, REVIEW = f"/floor/count/{demo_id('count/half')}", f"/floor/count/{demo_id('count/review')}"
BEGUN, WAITING = f"{HALF}/bin/{demo_id('bin/B/4')}", f"{HALF}/bin/{demo_id('bin/B/6')}"
SHARERS = ("stagehand", "stagehand2", "tech_support", "warehouse_keeper")

SCREENS = (
    # The floor, as the people who stand there see it.
    Screen("today", "/floor/today", "stagehand"),
    Screen("today-lead", "/floor/today", "shift_lead"),
    Screen("lists", "/floor/lists", "stagehand"),
    Screen("run-half-done", f"/floor/run/{BUILDING}", "stagehand"),
    Screen("run-number", f"/floor/run/{BUILDING}?item=SET-C3", "stagehand"),
    Screen("run-reference", f"/floor/run/{BUILDING}?item=SET-A1", "stagehand", open_item),
    Screen("run-photo-marks", f"/floor/run/{BUILDING}?item=SET-A1", "stagehand", open_marks),
    Screen("run-waiting", f"/floor/run/{GO}", "shift_lead"),
    Screen("run-not-mine", f"/floor/run/{LIGHTS}", "stagehand"),
    Screen("run-finish", f"/floor/run/{BUILDING}/finish", "stagehand"),
    Screen("run-signed", f"/floor/run/{SIGNED}", "shift_lead"),
    Screen("run-gone", "/floor/run/00000000-0000-7000-8000-000000000000", "stagehand"),
    Screen("start", "/floor/start", "logistics_manager"),
    Screen("outbox", "/floor/outbox", "stagehand"),
    Screen("emergency", "/floor/emergency", "stagehand"),
    Screen("handbook", "/floor/handbook", "stagehand"),
    Screen("more", "/floor/more", "stagehand"),
    Screen("check", "/floor/check", "stagehand"),
    Screen("stock", "/floor/stock", "warehouse_keeper"),
    Screen("stock-found", "/floor/stock?q=B-01", "warehouse_keeper"),
    Screen("stock-product", f"/floor/stock/product/{demo_id('product/1')}", "warehouse_keeper"),
    Screen("stock-bin", f"/floor/stock/bin/{demo_id('bin/B/4')}", "warehouse_keeper"),
    Screen("scan", "/floor/scan", "warehouse_keeper"),
    Screen("scan-bin", "/floor/scan?code=BIN:B-01-1-01", "warehouse_keeper"),
    Screen("scan-unknown", "/floor/scan?code=6932010061808", "warehouse_keeper"),
    Screen("count-take", HALF, "warehouse_keeper"),
    Screen("count-begin", WAITING, "warehouse_keeper"),
    Screen("count-skip", f"{WAITING}/skip", "warehouse_keeper"),
    Screen("count-bin", BEGUN, "warehouse_keeper"),
    Screen("count-pad", f"{BEGUN}/pad", "warehouse_keeper"),
    Screen("count-status", f"{BEGUN}/status", "warehouse_keeper"),
    Screen("count-line", BEGUN, "warehouse_keeper", open_line),
    Screen("count-goods", BEGUN, "warehouse_keeper", open_goods),
    Screen("count-find", f"{BEGUN}/find?q=a", "warehouse_keeper"),
    Screen("count-finish", f"{BEGUN}/finish", "warehouse_keeper"),
    Screen("count-unknown", BEGUN, "warehouse_keeper", keep_unknown),
    Screen("count-recounts", REVIEW, "returns_clerk"),
    Screen("today-counts", "/floor/today", "warehouse_keeper"),
    Screen("floor-not-enrolled", "/floor/today", None),
    Screen("today-shared", "/floor/today", "shift_lead", beside=SHARERS),
    Screen("more-shared", "/floor/more", "shift_lead", beside=SHARERS),
    Screen("lock", "/floor/today", "shift_lead", lock, SHARERS),
    Screen("lock-pin", "/floor/today", "shift_lead", type_pin, SHARERS),
    Screen("lock-frozen", "/floor/today", "shift_lead", freeze, SHARERS),
    Screen("pin", "/floor/today", "shift_lead", begin_pin, SHARERS),
    Screen("outbox-offline", f"/floor/run/{STRIKE}", "stagehand2", keep_a_tick),
    Screen("today-offline", "/floor/today", "stagehand2", go_offline),
    # The office.
    Screen("signin", "/signin", None),
    Screen("signin-refused", "/signin", None, send()),
    Screen("overview", "/", "supervisor"),
    Screen("overview-manager", "/", "logistics_manager"),
    Screen("board", "/lists", "supervisor"),
    Screen("board-list", f"/lists/{BUILDING}", "supervisor"),
    Screen("board-list-signed", f"/lists/{SIGNED}", "supervisor"),
    Screen("board-list-mended", f"/lists/{SIGNED}#item-SET-A4", "supervisor"),
    Screen("board-template", "/templates/CL-SET", "supervisor"),
    Screen("board-print", f"/lists/{SIGNED}/print", "supervisor"),
    Screen("shows", "/shows", "logistics_manager"),
    Screen("shows-new", "/shows/new", "logistics_manager"),
    Screen("shows-new-refused", "/shows/new", "logistics_manager", send()),
    Screen("shows-rooms", "/shows/rooms", "logistics_manager"),
    Screen("shows-tonight", f"/shows/{TONIGHT}", "logistics_manager"),
    Screen("stock-products", "/stock/products?abc=A&sort=-name", "logistics_manager"),
    Screen("stock-products-none", "/stock/products?q=zzz", "logistics_manager"),
    Screen("stock-product-office", f"/stock/products/{demo_id('product/1')}", "logistics_manager"),
    Screen("stock-bins", "/stock/bins", "warehouse_keeper"),
    Screen("stock-bin-frozen", f"/stock/bins/{demo_id('bin/P/9')}", "logistics_manager", freeze_bin),
    Screen("stock-import", "/stock/imports", "logistics_manager"),
    Screen("stock-counts", "/stock/counts", "logistics_manager"),
    Screen("stock-count-office", f"/stock/counts/{demo_id('count/half')}", "logistics_manager"),
    Screen("stock-count-review", f"/stock/counts/{demo_id('count/review')}", "logistics_manager"),
    Screen("labels", "/stock/labels?symbol=both&start=7", "logistics_manager"),
    Screen("labels-roll", "/stock/labels?kind=products&narrow=HOM&marked=every&sheet=roll_60", "logistics_manager"),
    Screen("labels-badges", "/stock/labels?kind=people&sheet=a4_14", "shift_lead"),
    Screen("labels-wrong", "/stock/labels?codes=NOPE&start=99", "buyer"),
    Screen("labels-print", "/stock/labels/print?q=A-01-1", "logistics_manager"),
    Screen("people", "/people", "admin"),
    Screen("people-one", f"/people/{demo_id('person/stagehand2')}", "admin"),
    Screen("people-new-refused", "/people/new", "admin", send("main form.people-form")),
    Screen("devices", "/devices", "admin"),
    Screen("account", "/account", "stagehand2"),
    Screen("exceptions", "/exceptions", "logistics_manager"),
    Screen("exceptions-mine", "/exceptions?which=mine", "logistics_manager"),
    Screen("exceptions-none", "/exceptions?decided=1", "supervisor"),
    Screen("cases", "/cases", "supervisor"),
    Screen("stock-accuracy", "/stock/accuracy", "logistics_manager"),
    Screen("stock-accuracy-counts", "/stock/accuracy?days=0&by=count", "finance"),
    Screen("api", "/api/docs", "admin"),
    Screen("forbidden", "/people", "stagehand"),
    Screen("not-found", "/nowhere", "supervisor"),
)
FIRST_RUN = (Screen("setup", "/setup", None), Screen("setup-refused", "/setup", None, send()))


class Walk:
    """A walk through screens in one browser; what is wrong is gathered on the way."""

    def __init__(self, browser: Browser, served: Served, out: Path | None = None) -> None:
        self.browser = browser
        self.served = served
        self.out = out  # without a folder screens are judged and not kept
        self.faults: list[str] = []
        self.pictures = 0

    def take(self, screens: list[Screen], kinds: list[tuple[str, str, str]]) -> None:
        """Every screen in each kind (size, language, look); one signed-in browser a person and size."""
        for size in dict.fromkeys(kind[0] for kind in kinds):
            for login, beside in dict.fromkeys((screen.login, screen.beside) for screen in screens):
                mine = [screen for screen in screens if (screen.login, screen.beside) == (login, beside)]
                with self._device(size, login, any(screen.is_floor for screen in mine), beside) as context:
                    for screen in mine:
                        for kind in (kind for kind in kinds if kind[0] == size):
                            self._screen(context.pages[0], screen, *kind)

    @contextlib.contextmanager
    def _device(self, size: str, login: str | None, is_floor: bool, beside: tuple[str, ...]) -> Iterator[BrowserContext]:
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=size != "desk",
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        try:
            if login:
                self._sign_in(page, login)
                if is_floor:
                    self._enrol(page, beside)
            yield context
        finally:
            context.close()

    def _sign_in(self, page: Page, login: str) -> None:
        page.goto(f"{self.served.address}/signin")
        sign_in(page, login)

    def _enrol(self, page: Page, beside: tuple[str, ...]) -> None:
        """As a device of one person, or of several who choose their PINs; the first of them is unlocked again."""
        page.goto(f"{self.served.address}/floor/today")
        if beside:
            page.locator("input[name=shared]").check()
        page.locator("button[form=enrol]").click()
        if beside:
            choose_pin(page, "4027")
        for other in beside:
            lock(page)
            join(page, other)
            choose_pin(page, "5906")
        if beside:
            type_pin(page)
            press_pin(page, "27")
        page.wait_for_selector(".tabs")
        page.wait_for_selector(".sync[data-state=synced]", timeout=FILL_S * 1000)

    def _screen(self, page: Page, screen: Screen, size: str, lang: str, look: str) -> None:
        name = f"{screen.name}-{size}-{lang}-{look}"
        try:
            self._show(page, screen, lang, look)
            self._judge(page, screen, name)
            if self.out:
                page.screenshot(path=self.out / f"{name}.png")
            self.pictures += 1
        except Exception as fault:
            self.faults.append(f"{name}: {str(fault).splitlines()[0]}")
        finally:
            page.context.set_offline(False)

    def _show(self, page: Page, screen: Screen, lang: str, look: str) -> None:
        """The look is chosen on a page of ours, because it is kept per origin."""
        if not page.url.startswith(self.served.address):
            page.goto(f"{self.served.address}/healthz")
        page.evaluate(
            """([lang, look]) => {
              localStorage.setItem("offstage.lang", lang);
              localStorage.setItem("offstage.look", look);
              document.cookie = `offstage-lang=${lang}; Path=/; SameSite=Lax`;
            }""",
            [lang, look],
        )
        page.goto(self.served.address + screen.path)
        if "#" in screen.path:  # else another place on the page that is there already
            page.reload()
        page.wait_for_selector("h1")
        if screen.is_floor:
            page.wait_for_timeout(250)  # pictures of the device's own come from its database
        if screen.act:
            screen.act(page)

    def _judge(self, page: Page, screen: Screen, name: str) -> None:
        width = page.evaluate(WIDTH)
        if width["page"] > 1 or width["parts"]:
            self.faults.append(f"{name}: wider than its window {width}")
        if MISSING in page.inner_text("body"):
            at = page.inner_text("body").index(MISSING)
            self.faults.append(f"{name}: missing word {page.inner_text('body')[at : at + 50]!r}")
        if screen.is_floor and (small := page.evaluate(SMALL)):
            self.faults.append(f"{name}: a glove misses {', '.join(small)}")
        page.evaluate(AXE_SCRIPT)
        self.faults += [f"{name}: axe {found}" for found in page.evaluate(AXE)]


def walk(
    screens: list[Screen],
    kinds: list[tuple[str, str, str]],
    out: Path | None = None,
    data_dir: Path | None = None,
    **environment: str,
) -> Walk:
    """Walk through the screens of a server of its own; on `data_dir`, or on what it makes of an empty folder."""
    with (
        tempfile.TemporaryDirectory() as folder,
        offstage(data_dir or Path(folder), **environment) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=FLAGS)
        walking = Walk(browser, served, out)
        walking.take(screens, kinds)
        browser.close()
    return walking


def main() -> int:
    """Exit status 1 when a screen is at fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names of screens contain one of these words")
    words = [word for word in parser.parse_args().only.split(",") if word]

    def chosen(screens: tuple[Screen, ...]) -> list[Screen]:
        return [screen for screen in screens if not words or any(word in screen.name for word in words)]

    OUT.mkdir(exist_ok=True)
    start = time.monotonic()
    try:
        walks = [
            walk(screens, ALL, OUT, **environment)
            for screens, environment in ((chosen(SCREENS), {}), (chosen(FIRST_RUN), {"DEMO": "0"}))
            if screens
        ]
    except NoBrowser as problem:
        print(problem, file=sys.stderr)
        return 1
    faults = [fault for one in walks for fault in one.faults]
    for fault in faults:
        print(fault, file=sys.stderr)
    pictures = sum(one.pictures for one in walks)
    print(f"{pictures} pictures in {OUT.name}/ after {time.monotonic() - start:.0f} s, {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    raise SystemExit(main())
