"""A fault fixed on the spot with the server dead: photos before and after, side by side here and in the office (F20)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.harness import DESK, PHONE, Device, Server
from tests.browser.run_page import RunPage, photo
from tests.browser.truth import answers_in, tonight, wait_for_photos, wait_until
from tests.waiting import wait_for_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-photos")]

Launch = Callable[..., Device]


def test_before_and_after_stand_side_by_side(server: Server, launch: Launch) -> None:
    """F18, F20, CHK-5: a tick by a word and then its photo, a photo item by the photo of its repair alone."""
    phone = launch("phone", size=PHONE, lang="zh")
    page = phone.sign_in("stagehand", kept=True)
    run_id = tonight(server, "CL-STRK")
    server.kill()
    run = RunPage(page, run_id, "CL-STRK").open(server.url)

    tick = page.locator("#item-STRK-B5")
    tick.locator(".row-end .key-bare").click()
    tick.locator(".answers .key[data-cue=stop]").click()
    run.expect("STRK-B5", "fail")
    words = tick.locator(".phrases .key")
    # Two thumbs: the second word is pressed before the first is on the screen.
    tick.locator(".phrases").evaluate("(keys) => [...keys.children].slice(0, 2).forEach((key) => key.click())")
    note = tick.locator("textarea[name=note]")
    expect(note).to_have_value("位置不对，数量不对")
    words.first.click()  # pressed again it is taken back
    expect(note).to_have_value("数量不对")
    note.fill("数量不对，少两台")
    tick.locator("input[type=file]").set_input_files(photo("before 1"))
    expect(tick.locator("a.photo")).to_have_count(1)
    before = tick.locator("photo-image").get_attribute("sha")
    tick.locator("button[hx-post$='/fixed']").click()
    run.expect("STRK-B5", "done")
    tick.locator(".compare input[type=file]").set_input_files(photo("after 1"))
    expect(tick.locator(".compare figure a.shot")).to_have_count(2)
    expect(tick.locator(".compare figcaption").first).to_contain_text("前")
    expect(tick.locator(".compare figcaption").last).to_contain_text("后")
    expect(tick.locator(".compare photo-image").first).to_have_attribute("sha", str(before))

    item = page.locator("#item-STRK-B3")
    item.locator(".row-open").click()
    item.locator(".answers .key[data-cue=stop]").click()
    run.expect("STRK-B3", "fail")
    item.locator("photo-field:not(:has(input[name=fixed][value='1'])) input[type=file]").set_input_files(photo("before 3"))
    expect(item.locator("a.photo")).to_have_count(1)
    item.locator("photo-field:has(input[name=fixed][value='1']) input[type=file]").set_input_files(photo("after 3"))
    run.expect("STRK-B3", "done")
    expect(item.locator(".compare figure a.shot")).to_have_count(2)

    item.locator(".compare a.shot").last.click()
    page.locator(".dock button[hx-post*='remove']").click()
    run.expect("STRK-B3", "fail")  # without the photo of the repair the fault is what is left to see
    page.locator("#item-STRK-B3 photo-field:has(input[name=fixed][value='1']) input[type=file]").set_input_files(photo("after 4"))
    run.expect("STRK-B3", "done")

    phone.relaunch()
    server.start()
    phone.open(f"/floor/run/{run_id}")
    phone.wait_synced()
    wait_until(lambda: answers_in(server, run_id) == {"STRK-B5": "pass", "STRK-B3": "pass"}, "the answers arrived")
    wait_for_photos(server)
    rows = server.rows(
        "SELECT photos, photos_before FROM checklist_answer WHERE run_id = ? AND current = 1", uuid.UUID(run_id).bytes
    )
    assert sorted((row["photos"].count(",") + 1, row["photos_before"].count(",") + 1) for row in rows) == [(2, 1), (2, 1)]

    office = launch("desk", size=DESK)
    page = office.sign_in("shift_lead", then=f"/lists/{run_id}")
    for path in ("", "/print"):
        page.goto(f"{server.url}/lists/{run_id}{path}")
        figures = page.locator(".pair").first.locator("figure")
        expect(figures).to_have_count(2)
        assert [figure.locator("figcaption b").inner_text() for figure in figures.all()] == ["前", "后"]
        wait_for_picture(figures.first.locator("img"))
