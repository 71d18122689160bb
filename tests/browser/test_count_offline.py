"""Counting with the server dead: scans, cartons, unknown codes, an empty bin, a kill in the middle; then everything arrives."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from app.demo.story import demo_id
from app.lib.quantities import format_quantity
from tests.browser.count_page import CountPage
from tests.browser.harness import PHONE, STANDS, TABLET, Device, Server
from tests.browser.run_page import photo
from tests.browser.stage import stage
from tests.browser.stock_stage import (
    BINS,
    CARTON_CODE,
    CREAM,
    JACKET,
    JACKET_CODE,
    MASK,
    NOBODY_KNOWS,
    PHONE_CODE,
    TAKE,
    TEA_CODE,
    UNIT_CODE,
    bin_id,
    lay_out,
    product,
)
from tests.browser.truth import record_of, wait_for_photos, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-count")]

Launch = Callable[..., Device]
SENTINEL = "739182"
LINES = """SELECT l.*, c.finished_at, c.is_empty FROM count_line l
  JOIN bin_count c ON c.site_id = l.site_id AND c.id = l.bin_count_id WHERE l.bin_id = ? ORDER BY l.id"""
EVERYTHING_KEPT = """async () => {
  const result = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)));
  const db = await result(indexedDB.open("offstage"));
  const all = await Promise.all([...db.objectStoreNames].map((name) => result(db.transaction(name).objectStore(name).getAll())));
  db.close();
  const plain = (key, value) => value instanceof Map ? [...value] : value instanceof Set ? [...value] : value;
  return JSON.stringify(all, plain) + document.documentElement.outerHTML;
}"""


@pytest.fixture
def server(dark_server: Server) -> Server:
    """A server on whose site a small blind stock take was planned."""
    with stage(dark_server.data_dir):
        lay_out(("warehouse_keeper", "shift_lead"))
    return dark_server.start()


def keeper(
    launch: Launch, server: Server, *, size: dict[str, int] = PHONE, kept: bool = False, anew: bool = False
) -> tuple[Device, CountPage]:
    """The keeper's device, filled; the server is dead from here on."""
    device = launch("keeper", size=size)
    page = device.sign_in("warehouse_keeper", kept=kept, anew=anew)
    server.kill()
    return device, CountPage(page, str(TAKE)).open(server)


def knows_the_book(device: Device) -> bool:
    """Whether the figure of the book stands anywhere, as a number of its own."""
    return re.search(rf"(?<![\w.-]){SENTINEL}(?!\w)", device.page.evaluate(EVERYTHING_KEPT)) is not None


def lines_in(server: Server, code: str) -> list[Any]:
    return server.rows(LINES, uuid.UUID(str(bin_id(code))).bytes)


def said(server: Server, code: str) -> list[tuple[str | None, str, bool]]:
    """What arrived of a bin: product or code, quantity, whether it was taken back."""
    names = {product(sku).bytes: sku for sku in (MASK, JACKET)}
    found = []
    for row in lines_in(server, code):
        name = names.get(row["product_id"], row["code"])
        found.append((name, format_quantity(row["quantity"] / 1000), row["withdrawn_at"] is not None))
    return found


def not_applied(server: Server) -> list[str]:
    """What phones said of bins and is not in force: the demo has a count to which some came late."""
    return [
        row["id"].hex() for row in server.rows("SELECT id FROM operation WHERE type LIKE 'stock.%bin' AND status <> 'applied'")
    ]


def test_two_bins_are_counted_with_no_network(server: Server, launch: Launch) -> None:
    """Story 3, T2, T19, STK-11, F8–F11, F25: cartons, an unknown code, undo, an empty bin, a kill; all of it arrives once."""
    before = not_applied(server)
    device, count = keeper(launch, server, kept=True)
    count.enter(BINS[0])
    count.scan(UNIT_CODE)
    count.total("1盒")
    count.scan(CARTON_CODE)
    count.total("25盒")
    expect(count.last).to_contain_text("1 箱 × 24 = 24 盒")
    count.scan(JACKET_CODE)
    count.total("1件")
    count.scan(JACKET_CODE)
    count.total("2件")
    assert count.taps == 0, "one line is one scan, no tap"
    count.tap("#count-dock [hx-post$='/undo']")
    count.total("1件")
    assert count.taps == 1
    count.scan(NOBODY_KNOWS)
    expect(count.last).to_contain_text("不认识这个码，已记下")
    expect(count.row("玻尿酸保湿面膜")).to_contain_text("25")
    assert count.taps == 1, "an unknown code is kept by its scan"

    page = device.relaunch().open("/floor/today")
    count = CountPage(page, str(TAKE))
    count.tap(".dock .btn-main")
    expect(count.row("羽绒服")).to_contain_text("1")
    assert count.taps == 1, "after a kill one tap leads back"
    count.scan(JACKET_CODE)
    count.total("2件")
    count.finish()
    count.enter(BINS[1])
    page.on("dialog", lambda dialog: dialog.accept())
    count.tap("#count-dock .btn-main")
    expect(page.locator(f"#bin-{bin_id(BINS[1])} a[data-state=done]")).to_be_visible()

    server.start()
    device.wait_synced()
    wait_until(lambda: len(lines_in(server, BINS[0])) == 6, "the lines arrived")
    assert said(server, BINS[0]) == [
        (MASK, "1", False), (MASK, "24", False), (JACKET, "1", False), (JACKET, "1", True), (NOBODY_KNOWS, "1", False),
        (JACKET, "1", False),
    ]  # fmt: skip
    assert all(row["finished_at"] for row in lines_in(server, BINS[0]))
    (empty,) = server.rows("SELECT is_empty, finished_at FROM bin_count WHERE bin_id = ?", bin_id(BINS[1]).bytes)
    assert (bool(empty["is_empty"]), bool(empty["finished_at"])) == (True, True)
    assert not_applied(server) == before
    expect(page.locator(".sync")).to_have_attribute("data-state", "synced")


def test_no_figure_of_the_book_is_on_the_counters_phone(dark_server: Server, launch: Launch) -> None:
    """STK-3, T22, F12: neither what lies in the browser's database nor what it shows says how much the book has."""
    with stage(dark_server.data_dir):
        lay_out(quantity=SENTINEL)
    server = dark_server.start()
    device, count = keeper(launch, server, anew=True)
    count.enter(BINS[1])
    count.scan(UNIT_CODE)
    count.total("1盒")
    for path in ("", "/finish"):
        device.open(f"/floor/count/{TAKE}/bin/{bin_id(BINS[1])}{path}").locator("#count").wait_for()
        assert not knows_the_book(device)
    device.open(f"/floor/stock/product/{product(MASK)}").locator(".tapes").wait_for()
    assert not knows_the_book(device)


def test_a_wrong_bin_says_so_and_leads_on(server: Server, launch: Launch) -> None:
    """F1, F11: another bin's label in the middle of a count offers to finish here and go there; nothing is counted by it."""
    device, count = keeper(launch, server)
    page = device.page
    count.scan(UNIT_CODE)
    expect(page.locator("#said")).to_contain_text("先扫库位码")
    count.enter(BINS[0])
    count.scan(JACKET_CODE)
    count.total("1件")
    count.scan(f"BIN:{BINS[2]}")
    expect(page.locator("#said")).to_contain_text(f"这是 {BINS[2]} 的码")
    count.total("1件")
    count.scan("BIN:Z-99-9-99")
    expect(page.locator("#said")).to_contain_text("没有")
    count.scan(f"BIN:{BINS[0]}")
    expect(page.locator("#said")).to_contain_text("就是这里")
    count.scan(f"BIN:{BINS[2]}")
    count.tap("#said button")
    expect(page.locator(f"#count[data-bin='{bin_id(BINS[2])}']")).to_be_visible()
    count.scan(UNIT_CODE)
    expect(page.locator(".count-hint")).to_contain_text(BINS[1])  # it usually lies there
    server.start()
    device.wait_synced()
    wait_until(lambda: len(lines_in(server, BINS[2])) == 1, "both bins arrived")
    (first,) = lines_in(server, BINS[0])
    (second,) = lines_in(server, BINS[2])
    assert (bool(first["finished_at"]), bool(second["finished_at"])) == (True, False)


def test_numbers_are_typed_and_scans_multiplied(server: Server, launch: Launch) -> None:
    """F8, T19, STK-11: the pad sets a total, or says how often the next scan counts; a pack is chosen; ±1; every line its own."""
    device, count = keeper(launch, server, size=TABLET)
    page = device.page
    count.enter(BINS[0])
    count.scan(UNIT_CODE)
    count.total("1盒")
    for digit in "17":
        count.tap(f"#pad [data-digit='{digit}']")
    count.tap("#pad [data-total]")
    count.total("17盒")
    for digit in "12":
        count.tap(f"#pad [data-digit='{digit}']")
    count.scan(CARTON_CODE)
    count.total("305盒")
    expect(count.last).to_contain_text("12 箱 × 24 = 288 盒")
    count.scan(UNIT_CODE)
    count.total("306盒")  # the number typed was for one scan
    count.tap("#mult [data-mult='24']")
    count.scan(UNIT_CODE)
    count.total("330盒")
    count.scan(CARTON_CODE)
    count.total("354盒")  # a carton is a carton, whatever is chosen
    count.tap("#last [data-step='1']")
    count.total("355盒")
    count.tap("#last [data-step='-1']")
    count.total("354盒")
    page.locator("#count-dock a.btn-main").click()
    expect(page.locator(".sum")).to_contain_text("354")
    server.start()
    device.wait_synced()
    wait_until(lambda: len(lines_in(server, BINS[0])) == 8, "every line arrived")
    assert [quantity for _, quantity, _ in said(server, BINS[0])] == ["1", "16", "288", "1", "24", "24", "1", "-1"]


def test_lots_states_serials_and_photos(server: Server, launch: Launch) -> None:
    """F5, F9, F10, T21: GS1 brings lot and expiry, damaged goods stand apart, a serial counts once, a photo is kept."""
    device, count = keeper(launch, server)
    page = device.page
    count.enter(BINS[3])
    count.scan(f"(01)0{UNIT_CODE}(17)270331(10)L7")
    expect(count.last).to_contain_text("批次 L7")
    expect(count.last).to_contain_text("2027-03-31 到期")
    count.scan(UNIT_CODE)
    count.total("2盒")  # its lot is the one on the box before
    count.tap("#mult a")
    count.tap(".sheet [hx-post$='value=damaged']")
    expect(page.locator("#mult a")).to_have_attribute("data-cue", "wait")
    count.scan(UNIT_CODE)
    count.total("1盒")
    expect(count.last).to_contain_text("破损")
    count.tap("#mult a")
    count.tap(".sheet [hx-post$='value=available']")
    expect(page.locator("#mult a")).not_to_have_attribute("data-cue", "wait")
    for _ in range(2):
        count.scan(f"(01)0{PHONE_CODE}(21)SN-77")
        count.total("1套")
    expect(page.locator("#said")).to_contain_text("SN-77 已经数过")
    count.scan(NOBODY_KNOWS)
    count.last.locator("input[type=file]").set_input_files(photo("box"))
    expect(count.last).to_contain_text("再拍一张")
    count.scan(TEA_CODE)
    for digit in ("2", ".", "5"):
        count.tap(f".sheet [data-digit='{digit}']")
    count.tap(".sheet [data-total]")
    count.total("2.5千克")
    server.start()
    device.wait_synced()
    wait_for_photos(server)
    rows = [row for row in lines_in(server, BINS[3]) if row["withdrawn_at"] is None]
    kept = [
        (row["lot"], row["expires_on"], row["status"], format_quantity(row["quantity"] / 1000), bool(row["photo"]))
        for row in rows
    ]
    assert kept == [
        ("L7", "2027-03-31", "available", "1", False), ("L7", "2027-03-31", "available", "1", False),
        ("L7", "2027-03-31", "damaged", "1", False), ("", None, "available", "1", False), ("", None, "available", "1", True),
        ("", None, "available", "1", False), ("", None, "available", "1.5", False),
    ]  # fmt: skip


def test_goods_and_bins_are_found_in_two_taps(server: Server, launch: Launch) -> None:
    """F33, F34: by name or code, from the device alone; a code nobody knows says what to do."""
    device, count = keeper(launch, server)
    page = device.open("/floor/today")
    page.locator('.tab[href="/floor/stock"]').click()
    page.locator("input[type=search]").press_sequentially("centella")
    page.locator("#found a.row", has_text="积雪草修护霜").click()
    expect(page.locator("h1")).to_have_text(CREAM)
    page.locator('.tab[href="/floor/scan"]').click()
    expect(page.locator("#scan")).to_have_attribute("data-ready", "")
    count.page = page
    count.scan(f"BIN:{BINS[1]}")
    expect(page.locator("#found")).to_contain_text(BINS[1])
    count.scan(UNIT_CODE)
    expect(page.locator("#found h2")).to_contain_text("玻尿酸保湿面膜")
    expect(page.locator("#found .tapes")).to_contain_text(BINS[1])
    count.scan(NOBODY_KNOWS)
    expect(page.locator("#found")).to_contain_text("还没有人认识这个码")
    expect(page.locator("#found")).to_contain_text("把码告诉后勤主管")


def test_goods_without_a_readable_label_are_found_by_name(server: Server, launch: Launch) -> None:
    """F7, F10: a name typed where codes are scanned is looked up; a code nobody knew is put down as what it is."""
    device, count = keeper(launch, server)
    page = device.page
    count.enter(BINS[0])
    for _ in range(2):
        count.scan(NOBODY_KNOWS)
    count.total("2件")
    count.tap("#last .count-keys a")
    expect(page.locator("main")).to_contain_text("前后扫到的")
    count.tap("a[href*='/find?for=']")
    page.locator("input[type=search]").press_sequentially("羽绒")
    count.tap("#found .row-open")
    count.total("2件")
    expect(count.last).to_contain_text("羽绒服")
    count.tap("#scan [data-type]")
    page.locator("#scan input").fill("centella")
    page.locator("#scan input").press("Enter")
    count.tap("#found .row-open")
    count.total("1瓶")
    server.start()
    device.wait_synced()
    wait_until(lambda: len(lines_in(server, BINS[0])) == 4, "the lines arrived")
    names = {product(CREAM).bytes: CREAM, product(JACKET).bytes: JACKET}
    left = [row for row in lines_in(server, BINS[0]) if row["withdrawn_at"] is None]
    assert [(names[row["product_id"]], row["quantity"]) for row in left] == [(JACKET, 2000), (CREAM, 1000)]


def test_a_recount_hides_what_was_counted_before(server: Server, launch: Launch) -> None:
    """STK-4, F13: the second counter sees which goods, and no figure of the first; other goods are refused with a reason."""
    take = demo_id("count/review")
    clerk = launch("clerk", size=PHONE)
    page = clerk.sign_in("returns_clerk")
    server.kill()
    count = CountPage(page, str(take)).open(server)
    places = page.locator("section[aria-labelledby=again] li")
    places.first.wait_for()
    before = places.count()
    count.tap("section[aria-labelledby=again] a")
    wanted = page.locator("#targets-part li")
    expect(wanted.first).to_be_visible()
    expect(page.locator("main .row-value")).to_have_count(0)
    count.begin()
    count.scan(UNIT_CODE)
    expect(page.locator("#said")).to_contain_text("不用复盘")
    ids = [(one.get_attribute("id") or "").removeprefix("target-") for one in wanted.all()]
    recount = record_of(server, "recount", ids[0])
    code = record_of(server, "product", recount["product_id"])["codes"][0]["code"]
    count.scan(code)
    expect(page.locator(f"#target-{ids[0]}")).to_have_attribute("data-state", "done")
    count.finish()
    expect(places).to_have_count(before - 1)
    server.start()
    clerk.wait_synced()
    done = "SELECT 1 FROM recount WHERE id = ? AND done_by IS NOT NULL"
    wait_until(lambda: bool(server.rows(done, uuid.UUID(ids[0]).bytes)), "the recount arrived")


def test_who_else_counts_is_told_and_the_end_waits_for_them(server: Server, launch: Launch) -> None:
    """T11, STK-4, STK-6: two phones at one bin warn and both count; what cannot be counted is skipped; closing waits."""
    keeper_phone, lead_phone = launch("keeper", size=PHONE), launch("lead", size=PHONE)
    first = CountPage(keeper_phone.sign_in("warehouse_keeper"), str(TAKE)).open(server)
    second_page = lead_phone.sign_in("shift_lead", kept=True)
    first.enter(BINS[0])
    first.scan(JACKET_CODE)
    wait_until(lambda: len(lines_in(server, BINS[0])) == 1, "the first phone's line arrived")
    second = CountPage(second_page, str(TAKE)).open(server)
    expect(second_page.locator(f"#bin-{bin_id(BINS[0])}")).to_contain_text("在盘")
    second.tap(f"#bin-{bin_id(BINS[0])} a")
    second.tap(".dock .btn-main")
    expect(second_page.locator("#said")).to_contain_text("也在盘这个库位")
    second.scan(JACKET_CODE)
    second.total("1件")
    second.finish()
    lead_phone.wait_synced()
    server.kill()
    first.finish()
    for code in BINS[1:]:
        first.page.locator(f"#bin-{bin_id(code)} a").click()
        first.page.locator("a[href$='/skip']").click()
        first.page.locator(".phrases .key").first.click()
        first.page.locator(f"#bin-{bin_id(code)} a[data-state=done]").wait_for()
    first.page.locator(".dock .btn-main").click()
    expect(first.page.locator(".band")).to_contain_text("等其他设备")
    lead_phone.quit()
    server.start()

    def status() -> str:
        (row,) = server.rows("SELECT status FROM stock_take WHERE id = ?", TAKE.bytes)
        return str(row["status"])

    wait_until(
        lambda: bool(server.rows("SELECT 1 FROM operation WHERE code = 'devices_not_heard'")),
        "the end waits for the lead's phone",
    )
    lead_phone.launch()
    lead_phone.open("/floor/today").locator(STANDS).wait_for()
    wait_until(lambda: status() == "review", "the stock take went to review")
    assert len(lines_in(server, BINS[0])) == 2, "both counts are kept, none is added to the other"
