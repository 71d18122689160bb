"""The first main job, whole: a set-up crew works through tonight's lists with the server dead, and loses nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Device, Server
from tests.browser.run_page import RunPage, items_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-story")]


def tonight(server: Server, code: str) -> str:
    """Tonight's run of a list: of the show that starts next."""
    (row,) = server.rows(
        "SELECT r.id FROM checklist_run r JOIN show s ON s.id = r.target_id WHERE r.code = ? AND r.status != 'accepted' "
        "AND s.starts_at > unixepoch() * 1000 AND (r.round IS NULL OR r.round = 1) ORDER BY s.starts_at LIMIT 1",
        code,
    )
    return str(uuid.UUID(bytes=row["id"]))


def answers_in(server: Server, run_id: str) -> dict[str, str]:
    """Item → verdict of what is in force, as the database has it."""
    rows = server.rows("SELECT item_id, verdict FROM checklist_answer WHERE run_id = ? AND current = 1", uuid.UUID(run_id).bytes)
    return {row["item_id"]: row["verdict"] for row in rows}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_crew_works_with_no_network_and_loses_nothing(lang: str, server: Server, launch: Callable[..., Device]) -> None:
    """Story 2–5: enrolled and filled, the server killed, two devices at work, a browser killed, everything arrives.

    T7, T16, F25: nothing waits for the network, nothing is lost with a process.
    """
    stage, camera = launch("stage", lang=lang), launch("camera", lang=lang)
    page = stage.sign_in("stagehand")
    camera.sign_in("camera")
    runs = {code: tonight(server, code) for code in ("CL-SET", "CL-PRP", "CL-LGT")}
    expect(page.locator("a[href*='/floor/run/']").first).to_be_visible()

    server.kill()
    page.reload()
    expect(page.locator(f"a[href*='{runs['CL-SET']}']").first).to_be_visible()

    set_up = RunPage(page, runs["CL-SET"], "CL-SET").open(server.url)
    set_up.answer_all()
    set_up.finish()
    props = RunPage(page, runs["CL-PRP"], "CL-PRP").open(server.url)
    props.go_on_unverified()
    props.answer_all()
    light = RunPage(camera.page, runs["CL-LGT"], "CL-LGT").open(server.url)
    light.go_on_unverified()
    light.answer_all()
    expect(page.locator(".sync")).to_have_attribute("data-state", "offline")

    page = stage.relaunch().open(f"/floor/run/{runs['CL-PRP']}")
    props = RunPage(page, runs["CL-PRP"], "CL-PRP")
    for item in items_of("CL-PRP"):
        props.expect(item["id"], "done")
    stage.open("/floor/outbox")
    waiting = int(page.locator(".sync").inner_text().split()[1] if lang == "zh" else "0" or 0)
    assert lang == "en" or waiting > 12
    expect(page.locator("main li").first).to_be_visible()

    server.start()
    stage.wait_synced()
    camera.wait_synced()
    for code, run_id in runs.items():
        wanted = {item["id"] for item in items_of(code)}
        assert set(answers_in(server, run_id)) == wanted, code
    held = server.rows("SELECT type, status, code FROM operation WHERE status IN ('parked', 'rejected')")
    assert [tuple(row) for row in held] == []
    # photos follow their operations
    page.wait_for_function("() => true")
    deadline_photos(server, page)


def deadline_photos(server: Server, page: object) -> None:
    """Every photo and signature that an answer names arrives, without its place."""
    import time

    end = time.monotonic() + 60
    while time.monotonic() < end:
        named = server.rows("SELECT DISTINCT sha FROM blob_use")
        kept = {row["sha"] for row in server.rows("SELECT sha FROM blob")}
        missing = [row["sha"] for row in named if row["sha"] not in kept]
        if not missing:
            assert server.rows("SELECT 1 FROM blob WHERE status = 'location_removed'") == []
            return
        time.sleep(0.5)
    raise AssertionError(f"photos that never came: {missing}")
