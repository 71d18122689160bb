"""What one tap on a list costs the page: what stands there already is neither swapped nor restyled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import PHONE, Device, Server
from tests.browser.truth import answers_in, tonight, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-lists")]

# What each swap puts in place, by the element it was asked for.
WATCH = """() => {
  window.swapped = [];
  document.addEventListener("htmx:before:swap", ({detail}) => {
    for (const {target, type} of detail.tasks) window.swapped.push(`${type} ${target.id ?? target}`);
  });
}"""


def restyled(page: Page, act: Callable[[], None]) -> int:
    """How many elements were given their style anew while `act` went on."""
    trace = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    ends: list[object] = []
    trace.on("Tracing.dataCollected", lambda said: events.extend(said["value"]))
    trace.on("Tracing.tracingComplete", lambda said: ends.append(said))
    trace.send("Tracing.start", {"traceConfig": {"includedCategories": ["devtools.timeline"]}, "transferMode": "ReportEvents"})
    act()
    trace.send("Tracing.end")
    for _ in range(200):
        if ends:
            break
        page.wait_for_timeout(50)
    assert ends, "the trace never ended"
    trace.detach()
    return sum(one["args"].get("elementCount", 0) for one in events if one["name"] == "UpdateLayoutTree")


def test_a_tap_touches_what_it_changed_and_nothing_else(server: Server, launch: Callable[..., Device]) -> None:
    """The verb's answer shows it; until it is settled its row is asked again at most twice, the head of the list never."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("stagehand")
    run_id = tonight(server, "CL-SET")
    phone.open(f"/floor/run/{run_id}")
    row = page.locator("#page li.row", has=page.locator(".key-box[aria-pressed=false]")).first
    item = str(row.get_attribute("id")).removeprefix("item-")
    page.wait_for_timeout(1500)  # taking the list in hand is settled
    phone.wait_synced()
    page.evaluate(WATCH)
    everything = page.evaluate("document.querySelectorAll('*').length")

    def tap() -> None:
        page.locator(f"#item-{item} .key-box").tap()
        expect(page.locator(f"#item-{item}")).to_have_attribute("data-state", "done")
        wait_until(lambda: item in answers_in(server, run_id), "the tick is in force")
        page.wait_for_timeout(1000)

    touched = restyled(page, tap)
    swapped = page.evaluate("window.swapped")
    assert swapped.count(f"partial item-{item}") == 1
    assert swapped.count("partial run-head") == 1
    assert 1 <= swapped.count(f"main item-{item}") <= 2
    assert "main run-head" not in swapped
    assert touched < everything / 4
