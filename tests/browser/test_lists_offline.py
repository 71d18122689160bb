"""Lists of their own kind with the server dead: the roll-call before the show, rounds on air, scans beside notes."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.checklists.judge import round_id
from tests.browser.harness import PHONE, Device, Server
from tests.browser.run_page import RunPage, items_of
from tests.browser.truth import answers_in, status_of, tonight, wait_for_photos, wait_until
from tests.scanner import scan

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-lists")]

Launch = Callable[..., Device]


def value_of(server: Server, run_id: str, item_id: str) -> str:
    """What is in force, as it was said."""
    (row,) = server.rows(
        "SELECT value FROM checklist_answer WHERE run_id = ? AND item_id = ? AND current = 1", uuid.UUID(run_id).bytes, item_id
    )
    return str(row["value"])


def test_the_go_no_go_is_called_and_signed_with_no_network(server: Server, launch: Launch) -> None:
    """Story 3, CHK-3: choices, a number, words and the signature; marked as out of turn, in force, finished."""
    lead = launch("lead")
    page = lead.sign_in("shift_lead", kept=True)
    run_id = tonight(server, "CL-GNG")
    server.kill()
    run = RunPage(page, run_id, "CL-GNG").open(server.url)
    run.go_on_unverified()
    expect(run.pane("GNG-B4")).to_contain_text("先做")  # the signature waits for the roll-call
    run.answer_all()
    run.finish()
    page = lead.relaunch().open(f"/floor/run/{run_id}")
    expect(page.locator("#run-dock, .band").first).to_be_visible()
    server.start()
    lead.wait_synced()
    wait_until(lambda: status_of(server, run_id) == "done", "the roll-call is done")
    assert answers_in(server, run_id) == {item["id"]: "pass" for item in items_of("CL-GNG")}
    assert value_of(server, run_id, "GNG-B1") == "0"
    notes = server.rows(
        "SELECT DISTINCT status, code, in_force FROM operation WHERE code IS NOT NULL AND code = 'order_unverified'"
    )
    assert [tuple(row) for row in notes] == [("noted", "order_unverified", 1)]
    wait_for_photos(server)


def test_rounds_on_air_are_lists_of_their_own(server: Server, launch: Launch) -> None:
    """CHK-3, sync.md §5: the second round comes into being by its first answer, on the device, and is the same on the server."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("tech_support", kept=True)
    first = tonight(server, "CL-AIR")
    second = str(round_id(uuid.UUID(first), 2))
    server.kill()
    for number, item_id in ((1, "AIR-A2"), (2, "AIR-B1")):
        page.goto(f"{server.url}/floor/run/{first}?round={number}")
        run = RunPage(page, first, "CL-AIR")
        run.go_on_unverified()
        page.locator(f"#item-{item_id} .key[data-cue=go]").click()
        run.expect(item_id, "done")
    page = phone.relaunch().open(f"/floor/run/{first}/rounds")
    expect(page.locator("main .rows-time li")).to_have_count(8)
    page.goto(f"{server.url}/floor/run/{first}?round=2")
    RunPage(page, first, "CL-AIR").expect("AIR-B1", "done")
    expect(page.locator("#item-AIR-A2")).not_to_have_attribute("data-state", "done")
    server.start()
    phone.wait_synced()
    wait_until(lambda: "AIR-B1" in answers_in(server, second), "the second round arrived")
    assert (answers_in(server, first), answers_in(server, second)) == ({"AIR-A2": "pass"}, {"AIR-B1": "pass"})
    (row,) = server.rows("SELECT round, due_at FROM checklist_run WHERE id = ?", uuid.UUID(second).bytes)
    (begin,) = server.rows("SELECT due_at FROM checklist_run WHERE id = ?", uuid.UUID(first).bytes)
    assert (row["round"], row["due_at"] - begin["due_at"]) == (2, 15 * 60_000)


def test_a_key_stays_under_the_finger_that_takes_the_focus_from_a_field(server: Server, launch: Launch) -> None:
    """F1, F25: a slow press on a key while the note beside it is unsaid: the note is said, and the press counts."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("stagehand")
    run = RunPage(page, tonight(server, "CL-SET"), "CL-SET").open(server.url)
    page.locator("#item-SET-E5 textarea[name=value]").fill("灯架晚到")
    page.locator("#item-SET-E3 .key-box").hover()
    page.mouse.down()
    page.wait_for_timeout(400)
    page.mouse.up()
    run.expect("SET-E3", "done")
    expect(page.locator("#item-SET-E5")).to_have_attribute("data-state", "done")


def test_a_scan_never_lands_in_a_note(server: Server, launch: Launch) -> None:
    """F6: the cursor stands in a note, a scanner types: the code goes to the item that waits for it, zeros in front and all."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("camera")
    run_id = tonight(server, "CL-CAM")
    server.kill()
    run = RunPage(page, run_id, "CL-CAM").open(server.url)
    run.go_on_unverified()
    row = page.locator("#item-CAM-A5")
    row.locator(".key[data-cue=stop]").click()
    run.expect("CAM-A5", "fail")
    note = row.locator("textarea[name=note]")
    note.focus()
    page.keyboard.type("左边", delay=120)
    codes = ["0012345678", "EQ-CAM-0007"]
    done = page.locator("#item-CAM-A1[data-state=done], #item-CAM-A2[data-state=done]")
    for n, code in enumerate(codes, 1):
        scan(page, code)
        expect(done).to_have_count(n)
        expect(note).to_have_value("左边")
        note.focus()
    page.keyboard.type("风扇 12", delay=120)  # by hand it goes on where it was
    expect(note).to_have_value("左边风扇 12")
    server.start()
    phone.wait_synced()
    wait_until(lambda: len(answers_in(server, run_id)) >= 3, "the scans arrived")
    assert sorted(value_of(server, run_id, item_id) for item_id in ("CAM-A1", "CAM-A2")) == codes
