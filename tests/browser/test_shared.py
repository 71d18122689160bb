"""A tablet that several people share: PINs with no network, the lock, each one's own work, and leaving."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.demo.loading import person_id
from tests.browser.harness import PASSWORD, PHONE, Device, Server
from tests.browser.run_page import RunPage, items_of
from tests.browser.truth import tonight, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-shared")]

Launch = Callable[..., Device]
ITEMS = {item["id"]: item for item in items_of("CL-SET")}
PINS = {"stagehand": "4027", "shift_lead": "590136"}
STORED = """async (name) => {
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const db = await done(indexedDB.open("offstage"));
  const rows = await done(db.transaction(name).objectStore(name).getAll());
  db.close();
  return rows;
}"""


def press(page: Page, pin: str) -> None:
    """Tap the digits, as soon as the pad takes them."""
    page.locator("pin-pad:not([aria-busy])").wait_for()
    for digit in pin:
        page.locator(f"[data-digit='{digit}']").click()


def type_password(page: Page, login: str) -> None:
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button.btn-main").click()


def choose_pin(page: Page, pin: str) -> None:
    """Typed twice, on the page that comes after the password."""
    expect(page.locator("pin-pad[data-new]")).to_be_visible(timeout=60_000)
    for _ in range(2):
        press(page, pin)
        page.locator("[data-done]").click()
    expect(page.locator(".tabs")).to_be_visible()


def share(device: Device, *logins: str) -> Page:
    """Enrol a shared tablet, and have these people choose their PINs on it; the last one is unlocked."""
    first, *others = logins
    page = device.open("/signin?next=/floor/today")
    type_password(page, first)
    page.locator("input[name=shared]").check()
    page.locator("button[form=enrol]").click()
    choose_pin(page, PINS[first])
    for login in others:
        page.locator(".turn").click()
        page.locator(".lock button[hx-post='/floor/enrol']").first.click()
        page.wait_for_url("**/signin?**")
        type_password(page, login)
        choose_pin(page, PINS[login])
    device.wait_synced()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def face(page: Page, login: str) -> Any:
    return page.locator(f"#face-{person_id(login)}")


def unlock(page: Page, login: str) -> None:
    """As a thumb does it: the face, then the digits."""
    face(page, login).click()
    expect(face(page, login)).to_have_attribute("aria-checked", "true")
    press(page, PINS[login])
    expect(page.locator(".turn")).to_be_visible()


def answer(page: Page, server: Server, run_id: str, item: str) -> None:
    RunPage(page, run_id, "CL-SET").open(server.url).answer(ITEMS[item])


def authors(server: Server, *items: str) -> dict[str, Any]:
    """Who answered, as the database has it."""
    rows = server.rows("SELECT item_id, by FROM checklist_answer WHERE current = 1")
    people = {person_id(login).bytes: login for login in PINS}
    return {row["item_id"]: people.get(row["by"]) for row in rows if row["item_id"] in items}


def buckets(page: Page) -> set[str]:
    """What lies in IndexedDB, without the names of one site and device."""
    return {row["bucket"] for row in page.evaluate(STORED, "base")}


def keep(device: Device) -> None:
    """The cookies are written down; then the browser may be killed."""
    assert device.context
    device.context.close()
    device.is_kept = True
    device.launch()


def test_two_people_take_turns_with_no_network(server: Server, launch: Launch) -> None:
    """P6, F29, T7, T10, I11: each answer arrives under who gave it; a kill leaves the tablet locked.

    Whoever leaves takes what only they read along, and what they did still goes up.
    """
    tablet = launch("tablet")
    share(tablet, "stagehand", "shift_lead")
    keep(tablet)
    run_id = tonight(server, "CL-SET")
    server.kill()

    page = tablet.open("/floor/today")
    expect(page.locator(".lock")).to_be_visible()
    unlock(page, "stagehand")
    answer(page, server, run_id, "SET-D3")
    RunPage(page, run_id, "CL-SET").pane("SET-E5").locator("textarea[name=value]").fill("灯架晚到")
    page.locator(".turn").click()  # what was typed is said by leaving its field, and the lock waits for it
    expect(page.locator(".lock")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("灯架晚到")
    expect(page.locator("#notices > *")).to_have_count(0)
    expect(face(page, "stagehand")).to_contain_text("3 条待发")

    unlock(page, "shift_lead")
    expect(page).to_have_url(f"{server.url}/floor/today")
    answer(page, server, run_id, "SET-D2")
    page.locator(".sync").click()
    expect(page.locator("main")).to_contain_text("王磊还有 3 条")
    expect(page.locator("section[aria-labelledby=kept] li")).to_have_count(1)

    tablet.relaunch()
    page = tablet.open(f"/floor/run/{run_id}")
    expect(page.locator(".lock")).to_be_visible()
    unlock(page, "stagehand")
    expect(page.locator("a.btn-main")).to_be_visible()  # somebody else was there before: Today
    page.locator(".turn").click()

    server.start()
    tablet.wait_synced()
    said = {"SET-D3": "stagehand", "SET-E5": "stagehand", "SET-D2": "shift_lead"}
    assert authors(server, *said) == said
    assert page.evaluate(STORED, "outbox") == []

    server.kill()
    unlock(page, "shift_lead")
    answer(page, server, run_id, "SET-D1")
    held = buckets(page)
    theirs = {name for name in held if name.endswith((":lead", ":book")) or name == f"person:{person_id('shift_lead')}"}
    assert len(theirs) == 3
    page.goto(f"{server.url}/floor/more")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("button[hx-post='/floor/more/sign-out']").click()
    expect(page.locator(".lock")).to_be_visible()
    expect(page.locator(".face")).to_have_count(1)
    expect(page.locator(".lock")).to_contain_text(re.compile(r"李晓燕已离开，还有 \d 条"))
    wait_until(lambda: not buckets(page) & theirs, "what only they read is gone")
    assert buckets(page) == held - theirs

    server.start()
    tablet.wait_synced()
    wait_until(lambda: authors(server, "SET-D1") == {"SET-D1": "shift_lead"}, "the work of who left has arrived")
    assert server.rows("SELECT 1 FROM operation WHERE code = 'outside_grant'") == []
    assert page.evaluate(STORED, "outbox") == []


def test_five_wrong_tries_freeze_until_the_password(server: Server, launch: Launch) -> None:
    """T40, SAF-1, T29: the screen says how many are left; playbooks open all the same; online the owner chooses another PIN."""
    tablet = launch("tablet", size=PHONE)
    page = share(tablet, "stagehand", "shift_lead")
    server.kill()
    page.locator(".turn").click()
    face(page, "stagehand").click()
    for left in (4, 3, 2, 1):
        press(page, "9999")
        expect(page.locator("#pin-said")).to_have_text(f"输错 {5 - left} 次，还能试 {left} 次。")
    press(page, "9999")
    expect(page.locator(".lock")).to_contain_text("PIN 已冻结")
    expect(page.locator("pin-pad")).to_have_count(0)
    expect(face(page, "stagehand")).to_contain_text("已冻结")

    page.locator("header a[href='/floor/emergency']").click()
    page.locator("a[href^='/floor/emergency/']").first.click()
    page.locator("#main-action").click()
    expect(page.locator("stop-watch")).to_be_visible()
    page.goto(f"{server.url}/floor/today")

    unlock(page, "shift_lead")
    page.locator(".turn").click()
    face(page, "stagehand").click()
    page.locator(".lock-pin .btn-main").click()
    expect(page.locator("#notices .band")).to_be_visible()  # there is no network
    server.start()
    page.locator(".lock-pin .btn-main").click()
    page.wait_for_url("**/signin?**")
    type_password(page, "stagehand")
    expect(page.locator("pin-pad[data-new]")).to_be_visible(timeout=60_000)
    press(page, "1234")
    page.locator("[data-done]").click()
    expect(page.locator("#pin-said")).to_contain_text("连着的数字")
    choose_pin(page, "7391")
    page.locator(".turn").click()
    face(page, "stagehand").click()
    press(page, "7391")
    expect(page.locator(".turn")).to_be_visible()
    assert page.context.request.get(f"{server.address}/account", max_redirects=0).status == 303, "no office is left open"


def test_it_locks_after_two_idle_minutes(server: Server, launch: Launch) -> None:
    """P6: the screen is gone with all that could be undone; a scan is activity, a reload keeps the time, a draft its person."""
    tablet = launch("tablet")
    page = share(tablet, "stagehand", "shift_lead")
    run_id = tonight(server, "CL-SET")
    server.kill()
    answer(page, server, run_id, "SET-D3")
    later = (
        "([ms, name]) => { const now = Date.now; Date.now = () => now() + ms; name && document.dispatchEvent(new Event(name)); }"
    )
    page.evaluate(later, [110_000, None])
    page.wait_for_timeout(6_000)
    expect(page.locator(".turn")).to_be_visible()
    page.evaluate(later, [9_000, "scan"])  # heard before the two minutes are over
    page.evaluate(later, [100_000, None])
    page.wait_for_timeout(6_000)
    expect(page.locator(".turn")).to_be_visible()
    page.reload()
    expect(page.locator(".turn")).to_be_visible()
    field = RunPage(page, run_id, "CL-SET").pane("SET-E5").locator("textarea[name=value]")
    field.fill("灯架晚到")
    page.evaluate(later, [121_000, None])
    expect(page.locator(".lock")).to_be_visible()
    expect(page.locator("#notices > *")).to_have_count(0)
    press(page, PINS["shift_lead"])  # whoever was here is expected back, where they were
    expect(field).to_have_value("灯架晚到")
    assert page.url == f"{server.url}/floor/run/{run_id}"
    page.evaluate(later, [121_000, None])
    expect(page.locator(".lock")).to_be_visible()
    page.reload()  # by the true clock again
    unlock(page, "stagehand")
    expect(RunPage(page, run_id, "CL-SET").open(server.url).pane("SET-E5").locator("textarea[name=value]")).to_have_value("")
    page.locator(".turn").click()
    unlock(page, "shift_lead")
    expect(RunPage(page, run_id, "CL-SET").open(server.url).pane("SET-E5").locator("textarea[name=value]")).to_have_value(
        "灯架晚到"
    )


def test_unlocking_is_quick_and_stays_on_the_device(server: Server, launch: Launch) -> None:
    """P6, T40: from the last digit to the page in less time than the same with a password; the PIN is in no request."""
    tablet = launch("tablet", size=PHONE)
    page = share(tablet, "stagehand", "shift_lead")
    said: list[str] = []
    page.on("request", lambda request: said.append(f"{request.url} {request.post_data or ''}"))
    page.locator(".turn").click()
    began = time.monotonic()
    unlock(page, "stagehand")
    by_pin = time.monotonic() - began
    tablet.wait_synced()
    page.locator(".turn").click()
    began = time.monotonic()
    page.locator(".lock button[hx-post='/floor/enrol']").first.click()
    page.wait_for_url("**/signin?**")
    type_password(page, "stagehand")
    expect(page.locator("pin-pad[data-new]")).to_be_visible(timeout=60_000)
    by_password = time.monotonic() - began
    assert by_pin < by_password
    assert said, "something was heard"
    assert [text for text in said if PINS["stagehand"] in text.split(" ", 1)[1]] == []
    kept = json.dumps(page.evaluate(STORED, "meta")) + json.dumps(page.evaluate("({...localStorage, ...sessionStorage})"))
    assert f'"{PINS["stagehand"]}"' not in kept
