"""How an item should look: set in the office, on the tablet with the server dead, beside the photo that is taken (F24)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import DESK, PHONE, Device, Server
from tests.browser.run_page import RunPage, photo
from tests.browser.stage import YESTERDAY, stage
from tests.browser.truth import tonight
from tests.waiting import wait_for_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-photos")]

Launch = Callable[..., Device]
ITEM = "STRK-B3"
COPIES = """async () => { const db = await new Promise((done) => { const asked = indexedDB.open("offstage");
  asked.onsuccess = () => done(asked.result); });
  return new Promise((done) => { const asked = db.transaction("blobs").objectStore("blobs").getAll();
    asked.onsuccess = () => done(asked.result.filter((row) => row.status === "copy").map((row) => row.sha)); }); }"""


def wait_for_copies(page: Page, wanted: int) -> list[str]:
    end = time.monotonic() + 60
    while len(found := page.evaluate(COPIES)) != wanted:
        assert time.monotonic() < end, found
        page.wait_for_timeout(300)
    return list(found)


def test_it_is_set_in_the_office_and_there_with_no_network(dark_server: Server, launch: Launch) -> None:
    """F24: the copy comes by itself, shows beside the camera with the server dead, large beside the photo, and goes again."""
    server = dark_server
    with stage(server.data_dir) as crew:
        yesterday = crew.run("CL-STRK", YESTERDAY)
    server.start()
    office = launch("desk", size=DESK)
    desk = office.sign_in("shift_lead", then=f"/lists/{yesterday}")
    key = desk.locator(f"form[action$='/items/{ITEM}/reference'] button")
    key.first.click()
    expect(desk.locator(f"form[action$='/items/{ITEM}/reference/removal']")).to_have_count(1)

    phone = launch("phone", size=PHONE)
    page = phone.sign_in("stagehand", kept=True)
    ((sha,),) = server.rows("SELECT sha FROM checklist_reference WHERE item_id = ?", ITEM)
    assert sha in wait_for_copies(page, 2)  # the demo has one, too
    server.kill()
    page = phone.relaunch().page
    run = RunPage(page, tonight(server, "CL-STRK"), "CL-STRK").open(server.url)
    row = page.locator(f"#item-{ITEM}")
    thumb = row.locator(".photo-standard")
    wait_for_picture(thumb.locator("img"), 100)
    row.locator("input[type=file]").set_input_files(photo("as it is"))
    run.expect(ITEM, "done")
    row.locator("a.photo:not(.photo-standard)").click()
    both = page.locator(".photo-beside figure")
    expect(both).to_have_count(2)
    expect(both.first.locator("photo-image")).to_have_attribute("sha", sha)
    for figure in both.all():
        wait_for_picture(figure.locator("img"), 100)

    server.start()
    phone.open("/floor/today")
    phone.wait_synced()
    desk = office.open(f"/lists/{yesterday}")
    desk.locator(f"form[action$='/items/{ITEM}/reference/removal'] button").click()
    expect(desk.locator(f"form[action$='/items/{ITEM}/reference/removal']")).to_have_count(0)
    assert sha not in wait_for_copies(phone.page, 1)
