"""Two tablets on one list: what they agree on, what they do not, who decides, who signs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.harness import PHONE, Device, Server
from tests.browser.run_page import RunPage, items_of, sign
from tests.browser.truth import answers_in, status_of, tonight, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-two")]

ITEMS = {item["id"]: item for item in items_of("CL-SET")}


def test_two_answers_count_as_fail_until_a_lead_decides(server: Server, launch: Callable[..., Device]) -> None:
    """Story 6, CHK-7, T31: both answers are kept and shown to the lead, whose word settles it on every device.

    Then CHK-6: finished, signed by the shift lead, who answered nothing; the stagehand sees no place to sign.
    """
    one, two = launch("one"), launch("two")
    one.sign_in("stagehand")
    two.sign_in("stagehand2")
    run_id = tonight(server, "CL-SET")

    server.kill()
    first = RunPage(one.page, run_id, "CL-SET").open(server.url)
    second = RunPage(two.page, run_id, "CL-SET").open(server.url)
    first.answer(ITEMS["SET-B3"])
    second.fail("SET-B3")
    first.answer(ITEMS["SET-C3"], "5")
    second.answer(ITEMS["SET-C3"], "5")  # the same: both attest it

    server.start()
    one.wait_synced()
    wait_until(lambda: answers_in(server, run_id).get("SET-C3") == "pass", "both tablets have sent")
    for tablet in (first, second):
        expect(tablet.row("SET-B3")).to_have_attribute("data-contested", "", timeout=60_000)
        tablet.expect("SET-C3", "done")

    lead = launch("lead")
    lead.sign_in("shift_lead")
    deciding = RunPage(lead.page, run_id, "CL-SET").open(server.url)
    pane = deciding.pane("SET-B3")
    for name in ("王磊", "阿卜杜热合曼·买买提"):
        expect(pane).to_contain_text(name)
    pane.locator(".pairs li", has_text="王磊").locator("button").click()
    expect(deciding.row("SET-B3")).not_to_have_attribute("data-contested", "")
    for tablet in (first, second):
        tablet.expect("SET-B3", "done")

    first.answer_all()
    for item in ("SET-A1", "SET-A4", "SET-C1"):  # what the demo left failed is put right by a new answer
        if first.row(item).get_attribute("data-state") == "fail":
            first.answer(ITEMS[item])
    first.finish()
    wait_until(lambda: status_of(server, run_id) == "done", "the other tablet was heard, so the list is done")
    expect(one.page.locator("[data-pad]")).to_have_count(0)

    lead.open(f"/floor/run/{run_id}/finish")
    sign(lead.page, lead.page.locator("form[hx-post*='/accept']"))
    wait_until(lambda: status_of(server, run_id) == "accepted", "the signature arrived")


def test_a_colleagues_tick_arrives_without_disturbing_what_i_type(server: Server, launch: Callable[..., Device]) -> None:
    """Story 5, F26: the page is true while the cursor, the words and the focus stay where they are."""
    one, two = launch("one"), launch("two", size=PHONE)
    one.sign_in("stagehand")
    two.sign_in("stagehand2")
    run_id = tonight(server, "CL-SET")
    mine = RunPage(one.page, run_id, "CL-SET").open(server.url)
    field = mine.pane("SET-E5").locator("textarea[name=value]")
    field.fill("灯架晚到")

    two.open(f"/floor/run/{run_id}")
    two.page.locator("#item-SET-E3 .key-box").click()
    mine.expect("SET-E3", "done")
    expect(field).to_have_value("灯架晚到")
    expect(field).to_be_focused()


def test_an_answer_is_taken_back_and_changed(server: Server, launch: Callable[..., Device]) -> None:
    """Story 3: one tap takes an own answer back, another changes it; the last word is what arrives (I4)."""
    one = launch("one", size=PHONE)
    one.sign_in("stagehand")
    run_id = tonight(server, "CL-SET")
    one.open(f"/floor/run/{run_id}")
    row = one.page.locator("#item-SET-D3")
    server.kill()
    row.locator(".key[data-cue=go]").click()
    expect(row).to_have_attribute("data-state", "done")
    row.locator(".row-open").click()
    row.locator(".answers .key[data-cue=go]").click()
    expect(row).not_to_have_attribute("data-state", "done")
    row.locator(".answers .key[data-cue=stop]").click()
    expect(row).to_have_attribute("data-state", "fail")
    row.locator("textarea[name=note]").fill("挡住灭火器")
    row.locator("button[hx-include]").first.click()
    row.locator("[role=radio]").nth(2).click()
    expect(row.locator("[role=radio]").nth(2)).to_have_attribute("aria-checked", "true")
    server.start()
    one.wait_synced()
    (answer,) = server.rows(
        "SELECT verdict, note, severity FROM checklist_answer WHERE item_id = 'SET-D3' AND current = 1 AND note IS NOT NULL"
    )
    assert tuple(answer) == ("fail", "挡住灭火器", "major")
