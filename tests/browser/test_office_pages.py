"""The office in a real browser: filters while typing, refusals beside their form, a moving board, a signature by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.harness import DESK, Device, Server
from tests.browser.stage import stage
from tests.waiting import wait_for_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-office-pages")]

Launch = Callable[..., Device]


def test_filters_answer_while_one_types(server: Server, launch: Launch) -> None:
    """The table narrows, the cursor stays, the address can be kept and says only what was asked."""
    page = launch("desk", size=DESK).sign_in("shift_lead", "/lists")
    page.locator("#q").press_sequentially("灯光", delay=30)
    expect(page.locator(".table-lists tbody tr")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "q"
    expect(page).to_have_url(re.compile(r"/lists\?day=[\d-]+&q=[^&]+$"))
    page.select_option("select[name=state]", "accepted")
    expect(page.locator("#found")).to_contain_text("没有符合的清单")
    page.go_back()
    page.goto(f"{server.url}/lists")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()


def test_refusals_stay_beside_their_form_and_switches_keep_what_was_typed(dark_server: Server, launch: Launch) -> None:
    """A list that is not ready says so in place; another language keeps the typed reason and what was unfolded (T42)."""
    with stage(dark_server.data_dir) as before:
        run_id = before.run("CL-SET")
    dark_server.start()
    page = launch("desk", size=DESK).sign_in("shift_lead", f"/lists/{run_id}")
    page.locator(".beside summary", has_text="完成清单").click()
    page.locator("form[action$='/finish'] button").first.click()
    expect(page.locator(".refusal")).to_contain_text("关键项")
    page.locator(".beside summary", has_text="取消这张清单").click()
    page.fill("#cancel-reason", "还没想好")
    page.locator("look-switch [data-lang=en]").click()
    expect(page.locator("h1")).to_have_text("Venue set-up by zone")
    expect(page.locator("#cancel-reason")).to_be_visible()
    assert page.input_value("#cancel-reason") == "还没想好"
    page.locator("look-switch [data-look=studio-dim]").click()
    expect(page.locator("html")).to_have_attribute("data-look", "studio-dim")


def test_signing_by_keyboard_and_by_hand(dark_server: Server, launch: Launch) -> None:
    """Without a signature the form stays and says so; the written name signs as well as a drawn line (F21)."""
    with stage(dark_server.data_dir) as before:
        for code, worker in (("CL-SET", "stagehand"), ("CL-LGT", "camera")):
            before.answer(code, worker)
            before.finish(code, worker)
            before.accept(code, "shift_lead") if code == "CL-SET" else None
        run_id = before.run("CL-LGT")
    server = dark_server.start()
    page = launch("desk", size=DESK).sign_in("director", f"/lists/{run_id}")
    accept = page.locator("form[action$='/acceptance']")
    accept.locator("button.btn-main").click()
    expect(accept.locator(".sign .meta")).to_contain_text("还没有签字")
    expect(accept.locator("[data-written]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(accept.locator("svg.ink text")).to_have_text("孙婉清")
    box = accept.locator(".sign").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 30, steps=6)
    page.mouse.up()
    expect(accept.locator("svg.ink path")).to_have_count(1)
    accept.locator("button.btn-main").click()
    expect(page.locator(".toast")).to_contain_text("已签字验收")
    wait_for_picture(page.locator("img.signed"), 100)
    [row] = server.rows("SELECT status FROM checklist_run WHERE id = ?", run_id.bytes)
    assert row["status"] == "accepted"


def test_the_board_moves_and_says_when_it_stands_still(server: Server, launch: Launch) -> None:
    """It asks every five seconds and is told 304; once the server is gone it says since when it is not true any more."""
    page = launch("desk", size=DESK).sign_in("shift_lead", "/")
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if "hx-request" in answer.request.headers else None)
    while statuses.count(304) < 2:
        page.wait_for_event("response", timeout=15_000)
    assert set(statuses) <= {200, 304}
    expect(page.locator(".still")).to_be_hidden()
    server.kill()
    expect(page.locator(".still")).to_be_visible(timeout=40_000)
    expect(page.locator(".still")).to_contain_text("没有连上服务器")


def test_every_page_fits_320_px_and_has_no_axe_finding(dark_server: Server, launch: Launch) -> None:
    """No sideways scroll on the narrowest screen; axe finds nothing, in both widths."""
    with stage(dark_server.data_dir) as before:
        runs = [f"/lists/{before.run(code)}" for code in ("CL-SAFE", "CL-SET")]
    dark_server.start()
    page = launch("desk", size=DESK).sign_in("logistics_manager", "/")
    shows = [a.get_attribute("href") for a in page.locator("th a[href^='/?show=']").all()]
    paths = [
        "/", "/lists", *runs, f"{runs[1]}/print", "/start", "/shows", "/shows/new", "/exceptions", "/cases", "/nowhere",
        *(f"/shows/{href.split('=')[1]}" for href in shows if href),
    ]  # fmt: skip
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            page.goto(dark_server.url + path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} px wide on {width}"
            found = Axe().run(page).response["violations"]
            assert not found, (path, width, [(one["id"], one["nodes"][0]["html"]) for one in found])
