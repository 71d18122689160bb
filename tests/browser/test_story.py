"""The first main job, whole: a set-up crew works through tonight's lists with the server dead, and loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Device, Server
from tests.browser.run_page import RunPage, items_of
from tests.browser.truth import answers_in, tonight, wait_for_photos

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-story")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_crew_works_with_no_network_and_loses_nothing(lang: str, server: Server, launch: Callable[..., Device]) -> None:
    """Story 2–5: enrolled and filled, the server killed, two devices at work, a browser killed, everything arrives.

    T7, T16, F25: nothing waits for the network, nothing is lost with a process.
    """
    stage, camera = launch("stage", lang=lang), launch("camera", lang=lang)
    page = stage.sign_in("stagehand", kept=True)
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
    expect(page.locator(".sync")).to_contain_text(re.compile(r"\d\d"))
    expect(page.locator("main li").nth(12), "everything that waits is listed").to_be_attached()

    server.start()
    stage.wait_synced()
    camera.wait_synced()
    for code, run_id in runs.items():
        wanted = {item["id"] for item in items_of(code)}
        assert set(answers_in(server, run_id)) == wanted, code
    held = server.rows("SELECT type, status, code FROM operation WHERE status IN ('parked', 'rejected')")
    assert [tuple(row) for row in held] == []
    wait_for_photos(server)
