"""Items that are asked only under an answer, on a phone with the server dead (F22)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.checklists.operations import start_run
from app.demo.loading import person_id
from app.lib.ids import new_id
from app.starter.operations import load_pack
from tests.browser.harness import PHONE, Device, Server
from tests.browser.stage import stage
from tests.browser.truth import wait_until
from tests.checklists.test_conditional import with_list

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-lists")]


def say(page: Page, item_id: str, cue: str) -> None:
    """Open a row and tap a verdict."""
    row = page.locator(f"#item-{item_id}")
    if row.locator(".row-open").get_attribute("aria-expanded") == "false":
        row.locator(".row-open").click()
    row.locator(f".answers .key[data-cue={cue}]").click()


def test_a_fail_asks_for_more_and_a_pass_takes_it_back(dark_server: Server, launch: Callable[..., Device]) -> None:
    """F22: rows come and go with the answer, the count is of what is asked; what was answered is kept for when it is asked."""
    run_id = new_id()
    with stage(dark_server.data_dir):
        load_pack(person_id("admin"), files=with_list())
        start_run(person_id("stagehand"), run_id=run_id, template="CL-RAIN")
    server = dark_server.start()
    phone = launch("stagehand", size=PHONE)
    page = phone.sign_in("stagehand", kept=True)
    server.kill()
    page = phone.open(f"/floor/run/{run_id}")
    count, sign = page.locator("#count-RAIN-A"), page.locator("#item-RAIN-A2")
    expect(count).to_have_text("0 / 1")
    expect(sign).to_be_hidden()
    say(page, "RAIN-A1", "stop")
    expect(sign).to_be_visible()
    expect(count).to_have_text("1 / 2")
    expect(page.locator("#item-RAIN-A3")).to_be_hidden()
    say(page, "RAIN-A2", "go")
    expect(page.locator("#item-RAIN-A3")).to_be_visible()
    expect(count).to_have_text("2 / 3")
    say(page, "RAIN-A1", "go")
    expect(sign).to_be_hidden()
    expect(count).to_have_text("1 / 1")
    page = phone.relaunch().open(f"/floor/run/{run_id}")
    expect(page.locator("#count-RAIN-A")).to_have_text("1 / 1")
    server.start()
    phone.wait_synced()
    answers = "SELECT item_id, verdict FROM checklist_answer WHERE run_id = ? AND current = 1 ORDER BY item_id"
    wait_until(lambda: len(server.rows(answers, uuid.UUID(str(run_id)).bytes)) == 2, "both answers arrived")
    assert [tuple(row) for row in server.rows(answers, uuid.UUID(str(run_id)).bytes)] == [
        ("RAIN-A1", "pass"),
        ("RAIN-A2", "pass"),
    ]
