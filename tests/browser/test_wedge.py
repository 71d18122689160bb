"""Two hundred wedge scans at twenty a second: each is kept, once, in order, while the device sends and while it cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.count_page import CountPage
from tests.browser.harness import PHONE, STANDS, Device, Server
from tests.browser.stage import stage
from tests.browser.stock_stage import BINS, CARTON_CODE, JACKET_CODE, NOBODY_KNOWS, TAKE, UNIT_CODE, bin_id, lay_out
from tests.browser.truth import wait_until
from tests.waiting import wait_on

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-count")]

SCANS = 200
EVERY_MS = 50
CODES = [(UNIT_CODE, CARTON_CODE, JACKET_CODE, NOBODY_KNOWS)[n % 4] for n in range(SCANS)]


@pytest.mark.parametrize("is_online", [True, False])
def test_two_hundred_scans_are_two_hundred_lines(dark_server: Server, launch: Callable[..., Device], is_online: bool) -> None:
    """T2, T19, T20, F5, F6: none lost, none doubled, none out of its turn; a kill right after the last tone loses nothing."""
    with stage(dark_server.data_dir):
        lay_out()
    server = dark_server.start()
    phone = launch("keeper", size=PHONE)
    count = CountPage(phone.sign_in("warehouse_keeper", kept=not is_online), str(TAKE)).open(server)
    count.enter(BINS[0])
    if not is_online:
        server.kill()
    count.stream(CODES, EVERY_MS)
    wait_on(count.page, "document.getElementById('scan').pending === 0", timeout_s=60)
    count.total("50件")
    expect(count.row("玻尿酸保湿面膜")).to_contain_text(str(50 + 50 * 24))
    if not is_online:
        phone.relaunch().open("/floor/today").locator(STANDS).wait_for()
        server.start()
    phone.wait_synced()
    lines = "SELECT quantity, code FROM count_line WHERE bin_id = ? ORDER BY id"
    wait_until(lambda: len(server.rows(lines, bin_id(BINS[0]).bytes)) >= SCANS, "every scan arrived")
    found = [(row["quantity"] // 1000, row["code"]) for row in server.rows(lines, bin_id(BINS[0]).bytes)]
    expected = {UNIT_CODE: (1, None), CARTON_CODE: (24, None), JACKET_CODE: (1, None), NOBODY_KNOWS: (1, NOBODY_KNOWS)}
    assert found == [expected[code] for code in CODES]
