"""The floor by keyboard alone: nobody has to touch the screen, and the focus is never lost (quality.md, proof 4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import PASSWORD, PHONE, STANDS, Device, Server
from tests.browser.run_page import RunPage
from tests.browser.stage import stage
from tests.browser.truth import answers_in, status_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-keyboard")]

LAST_THREE = ("SET-E2", "SET-E3", "SET-E4")


def tab_to(page: Page, wanted: Locator, most: int = 90) -> None:
    """Press Tab until it has the focus, as somebody without a mouse does."""
    for _ in range(most):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"never reached by Tab: {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


def test_a_list_is_opened_answered_and_finished_by_keyboard(dark_server: Server, launch: Callable[..., Device]) -> None:
    """T42: sign in, open the list, answer three items, finish; after every answer the focus is still in the page."""
    with stage(dark_server.data_dir) as before:
        before.answer("CL-SET", "stagehand2", but=LAST_THREE)
        run_id = str(before.run("CL-SET"))
    server = dark_server.start()
    page = launch("phone", size=PHONE).open("/signin?next=/floor/today")
    page.locator("input[name=login]").focus()
    page.keyboard.type("stagehand")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/floor/today")
    press(page, page.locator("button[form=enrol]"))
    page.locator(STANDS).wait_for(timeout=60_000)
    expect(page.locator(".sync")).to_have_attribute("data-state", "synced", timeout=60_000)
    press(page, page.locator(f"main a[href*='{run_id}']").first)
    page.locator("#run-head").wait_for()
    expect(page.locator("#page h1")).to_be_focused()
    run = RunPage(page, run_id, "CL-SET")
    for item_id in LAST_THREE:
        press(page, page.locator(f"#item-{item_id} .key-box"), "Space")
        run.expect(item_id, "done")
        assert page.evaluate("document.activeElement !== document.body"), "the focus stays where the work is"
    press(page, page.locator("#run-dock a.btn-main"))
    press(page, page.locator("button.btn-main[hx-post*='/finish']"))
    wait_until(lambda: status_of(server, run_id) == "done", "finished by keyboard")
    assert set(LAST_THREE) <= set(answers_in(server, run_id))
