"""Labels in a real browser: drawn anew with every choice, printed to the millimetre, read by our own phones."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.lib import build
from app.stock.codes import read_code
from tests.browser.harness import DESK, PHONE, Device, Server, copy_data
from tests.waiting import wait_on

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-labels")]

Launch = Callable[..., Device]
# The dialog of the system is no page; a test only wants to know that it was asked for.
NO_DIALOG = "globalThis.printed = 0; globalThis.print = () => globalThis.printed++"
# A line of text is as high as its face says, and wider faces than ours say more than any letter needs: only its width is asked.
INK_OUTSIDE = """() => [...document.querySelectorAll(".label-page g")].flatMap((label) => {
  const edge = label.querySelector("rect").getBoundingClientRect();
  return [...label.querySelectorAll("text, path")].filter((part) => {
    const box = part.getBoundingClientRect();
    const isHigh = part.matches("path") && (box.top < edge.top || box.bottom > edge.bottom);
    return box.left < edge.left || box.right > edge.right || isHigh;
  }).map((part) => part.textContent || "code");
})"""
DECODE = """async ([path, pictures]) => {
  const address = document.querySelector("link[rel=stylesheet]").href.replace(/css.*/, path);
  const worker = new Worker(address, {type: "module"});
  const found = [];
  for (const src of pictures) {
    const image = Object.assign(new Image(), {src});
    await image.decode();
    const said = new Promise((go, fail) => {
      worker.onmessage = ({data}) => go(data);
      worker.onerror = () => fail(new Error("worker"));
    });
    worker.postMessage(await createImageBitmap(image));
    found.push((await said).code?.raw ?? null);
  }
  worker.terminate();
  return found;
}"""


@pytest.fixture(scope="module")
def dark_server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all of them: labels are looked at, and nothing on the server changes."""
    server = Server(copy_data(demo_folder, tmp_path_factory.mktemp("labels") / "instance"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def server(dark_server: Server) -> Server:
    return dark_server.start()


@pytest.fixture
def desk(server: Server, launch: Launch) -> Page:
    """The logistics manager at a desk, before the labels."""
    device = launch("desk", size=DESK)
    device.page.context.add_init_script(NO_DIALOG)
    return device.sign_in("logistics_manager", "/stock/labels")


def boxes(page: Page) -> list[tuple[float, float]]:
    """The pages of what the browser prints, in millimetres."""
    found = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    return [(float(width) / 72 * 25.4, float(height) / 72 * 25.4) for width, height in found]


def test_the_preview_follows_every_choice(desk: Page) -> None:
    """Nothing is sent by hand; the cursor stays where one types, what is wrong stands at its field, the address can be kept."""
    expect(desk.locator("#label-count")).to_have_text("300 张标签")
    desk.locator("#q").press_sequentially("A-01-1", delay=30)
    expect(desk.locator("#label-count")).to_have_text("5 张标签")
    assert desk.evaluate("document.activeElement.id") == "q" and desk.input_value("#q") == "A-01-1"
    expect(desk).to_have_url(re.compile(r"q=A-01-1"))
    desk.fill("#start", "25")
    expect(desk.locator("#start-error")).to_contain_text("这种纸有 24 格")
    expect(desk.locator(".label-page")).to_have_count(0)
    assert desk.evaluate("document.activeElement.id") == "start"
    desk.locator("#start").press("Backspace")
    expect(desk.locator(".label-gone")).to_have_count(1)
    expect(desk.locator("#start-error")).to_have_count(0)
    desk.select_option("#symbol", "both")
    expect(desk.locator(".label-page path")).to_have_count(10)
    desk.select_option("#sheet", "roll_100")
    expect(desk.locator(".label-page")).to_have_count(5)
    desk.select_option("#kind", "people")
    expect(desk.locator("#page")).to_contain_text("胸牌只说明是谁")
    expect(desk.locator("label[for=narrow]")).to_have_text("岗位")
    desk.go_back()


@pytest.mark.parametrize(
    ("asked", "page_mm", "pages"),
    [
        ("sheet=a4_24&narrow=A&copies=1&start=20", (210, 297), 4),
        ("sheet=a4_14&q=A-01-1", (210, 297), 1),
        ("sheet=roll_60&q=A-01-1", (60, 40), 5),
        ("sheet=roll_100&q=A-01-1&copies=2", (100, 150), 10),
    ],
)
def test_paper_is_as_large_as_the_label_says(
    server: Server, desk: Page, asked: str, page_mm: tuple[int, int], pages: int
) -> None:
    """One page of paper for one of the preview, its size from the sheet, no margin, no head; the dialog opens by itself."""
    desk.goto(f"{server.url}/stock/labels?{asked}")
    desk.locator("a[href^='/stock/labels/print']").click()
    expect(desk.locator(".label-page").first).to_be_visible()
    wait_on(desk, "globalThis.printed === 1")
    desk.locator("print-page button").click()
    assert desk.evaluate("globalThis.printed") == 2
    found = boxes(desk)
    assert len(found) == pages
    assert all(abs(side - wanted) < 0.6 for size in found for side, wanted in zip(size, page_mm, strict=True)), found[0]
    desk.emulate_media(media="print")
    expect(desk.locator(".label-bar")).to_be_hidden()
    expect(desk.locator(".label-edge").first).to_be_hidden()
    width = desk.locator(".label-page").first.evaluate("(page) => page.getBoundingClientRect().width * 25.4 / 96")
    assert abs(width - page_mm[0]) < 0.1


def test_our_phones_read_what_is_printed(server: Server, desk: Page) -> None:
    """GEN-11: each label as the printer gets it, in the dark look too, through the decoder that runs on the devices."""
    desk.evaluate("localStorage.setItem('offstage.look', 'studio-dim')")
    wanted = {
        "kind=bins&q=A-01-1&sheet=a4_40": ("bin", ["A-01-1-01", "A-01-1-02"]),
        "kind=bins&q=A-01-1&sheet=roll_60&symbol=bars": ("bin", ["A-01-1-01", "A-01-1-02"]),
        "kind=products&codes=HOM-0001&sheet=a4_24&symbol=bars": ("gtin", None),
        "kind=people&sheet=a4_14": ("person", None),
    }
    for asked, (kind, keys) in wanted.items():
        desk.emulate_media(media="print")
        desk.goto(f"{server.url}/stock/labels/print?{asked}")
        desk.evaluate("document.documentElement.style.zoom = 3")
        labels = desk.locator(".label-page g").all()[:2]
        shots = [desk.screenshot(clip=one.bounding_box(), full_page=True) for one in labels]
        sources = [f"data:image/png;base64,{base64.b64encode(shot).decode()}" for shot in shots]
        codes = [read_code(said or "") for said in desk.evaluate(DECODE, [build.DECODER, sources])]
        assert [code.kind for code in codes] == [kind] * len(labels), asked
        assert keys is None or [code.key for code in codes] == keys, asked


def test_every_letter_stays_on_its_label(server: Server, desk: Page) -> None:
    """Whatever face this machine has: names long and short, on every sheet, with either code."""
    for kind in ("bins", "products&marked=every&narrow=HOM", "people"):
        for sheet in ("a4_24", "a4_14", "a4_40", "roll_60", "roll_100"):
            desk.goto(f"{server.url}/stock/labels?kind={kind}&sheet={sheet}&symbol=both")
            assert desk.locator(".label-page text").count() > 4
            assert desk.evaluate(INK_OUTSIDE) == [], (kind, sheet)


def test_a_phone_prints_too(server: Server, launch: Launch) -> None:
    """Nothing is wider than the screen, and the sheet is there to be looked at."""
    device = launch("phone", size=PHONE)
    device.page.context.add_init_script(NO_DIALOG)
    page = device.sign_in("warehouse_keeper", "/stock/labels")
    page.goto(f"{server.url}/stock/labels?q=A-01-1&symbol=both")
    expect(page.locator(".label-page")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("a[href^='/stock/labels/print']").click()
    expect(page.locator(".label-paper .label-page")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
