"""The floor in a real browser: a tap on a list of 60 rows, and a cold open with the server dead."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from app.demo.cast import PASSWORD
from bench.measure import EMPTY_PAGE, IDLE_TAP, ROUNDS, Budget, Figure, ratios
from bench.served import ROOT, Served, bare, offstage
from bench.slow import brake_for, slowed, slowness
from scripts.browser import FLAGS, find_chromium

SIZE = {"width": 390, "height": 844}
WARM, TAPS = 4, 20  # a round: taps that are not counted, then taps of each kind in turn
LAUNCHES = 9
SLOWER = 6
QUIET_MS = 150
A_TAP_A_SECOND_MS = 500  # before and after each: how fast a hand goes down a list

# Taps run inside the page, so that no time on the way to it is counted. `noop` answers with the bytes the real handler gave for
# another row, without doing anything: what htmx and the page themselves cost.
TAP = """async ({warm, taps, quiet}) => {
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const kept = {};
  let mode = "keep";
  const listen = (event) => {
    const ctx = event.detail.ctx, real = ctx.fetch;
    if (!real) return;
    if (mode === "keep") ctx.fetch = async (...said) => {
      const answer = await real(...said);
      kept.text = await answer.clone().text();
      return answer;
    };
    if (mode === "noop") ctx.fetch = async () => new Response(kept.text.replaceAll(kept.row, kept.next), {headers: kept.headers});
  };
  document.addEventListener("htmx:config:request", listen);
  kept.headers = {"Content-Type": "text/html", "Offstage-Fragment": "1"};
  const tap = async () => {
    const key = document.querySelector("#page .key-box[aria-pressed=false]");
    const row = key.closest("li");
    kept.next = row.id.replace("item-", "");
    if (mode === "keep") kept.row = kept.next;
    row.scrollIntoView({block: "center"});
    await rest(quiet);
    const changed = new Promise((done) => {
      const look = new MutationObserver(() => {
        const now = document.getElementById(row.id);
        if (now.dataset.state === "done") { look.disconnect(); done(performance.now()); }
      });
      look.observe(document.getElementById("page"), {subtree: true, childList: true, attributes: true});
    });
    const start = performance.now();
    key.click();
    const took = await changed - start;
    await rest(quiet);
    return took;
  };
  for (let n = 0; n < warm; n++) await tap();
  const found = {tap: [], noop: []};
  for (let n = 0; n < taps; n++) for (mode of n % 2 ? ["noop", "tap"] : ["tap", "noop"]) found[mode].push(await tap());
  document.removeEventListener("htmx:config:request", listen);
  return found;
}"""
PAINT = """() => new Promise((done) => {
  const look = () => performance.getEntriesByName("first-contentful-paint")[0];
  if (look()) return done(look().startTime);
  const watch = new PerformanceObserver(() => look() && (watch.disconnect(), done(look().startTime)));
  watch.observe({type: "paint", buffered: true});
})"""
MODULES = """(paint) => {
  const classic = [...document.querySelectorAll("script[src]:not([type=module])")].map((script) => script.src);
  const ours = (entry) => entry.name.includes("/static/") && entry.name.endsWith(".js") && !classic.includes(entry.name);
  return performance.getEntriesByType("resource").filter((entry) => ours(entry) && entry.startTime < paint).length;
}"""


ROWS = """() => new Promise((done) => {
  const look = () => document.querySelector("#page main .row") ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""


def launch(playwright: Playwright, profile: str) -> BrowserContext:
    """A phone's browser with a profile that outlives it."""
    return playwright.chromium.launch_persistent_context(
        profile, executable_path=str(find_chromium()), args=FLAGS, viewport=SIZE, locale="zh-CN", has_touch=True
    )


def measure(parts: set[str]) -> list[Figure]:
    """One enrolled device; the server answers while it is filled and is dead for the cold opens."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        runs = prepared(Path(data))
        with offstage(Path(data)) as served, bare() as baseline:
            address, empty = served.address, f"{baseline.address}/empty"
            context = launch(playwright, profile)
            enrol(context.pages[0], served)
            if "tap" in parts:
                figures += measure_taps(context.pages[0], address, runs, profile)
            leave_ready(context.pages[0], address, empty)
            context.close()
        if "open" in parts:
            figures += measure_opens(playwright, profile, f"{address}/floor/today", empty)
    return figures


def prepared(data: Path) -> list[str]:
    """A folder with the demo and the long list; the runs' ids."""
    with offstage(data):
        pass
    command = [sys.executable, "-m", "bench.long_list", str(ROUNDS + 1)]
    said = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DATA_DIR": str(data)}, stdout=subprocess.PIPE, text=True, check=True
    )
    return [line for line in said.stdout.split() if len(line) == 36]


def enrol(page: Page, served: Served, login: str = "stagehand") -> None:
    """Sign in, enrol, wait until everything is there."""
    page.goto(f"{served.address}/signin?next=/floor/today")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form[action='/signin'] button[type=submit]").first.click()
    page.locator("button[form=enrol]").click()
    page.wait_for_selector(".sync[data-state=synced]", timeout=60_000)


def leave_ready(page: Page, address: str, empty: str) -> None:
    """The worker has everything it keeps; the baseline page is in the browser's cache."""
    page.goto(f"{address}/floor/today")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_timeout(3000)
    for _ in range(2):
        page.goto(empty)
    page.goto(f"{address}/floor/today")
    page.wait_for_timeout(1000)


def measure_taps(page: Page, address: str, runs: list[str], profile: str) -> list[Figure]:
    """Tap → changed DOM, beside the same page with a handler that does nothing; then the same with a slow browser."""
    rounds = [taps(page, address, run) for run in runs[:ROUNDS]]
    real, idle = ([one[kind] for one in rounds] for kind in ("tap", "noop"))
    every = [value for one in real for value in one]
    times = ratios([statistics.median(one) for one in real], [statistics.median(one) for one in idle])
    slower = IDLE_TAP.slower(statistics.median(value for one in idle for value in one))
    with slowed(profile, brake_for(page, profile, SLOWER)):
        times_before = slowness(page)
        slow = taps(page, address, runs[ROUNDS], A_TAP_A_SECOND_MS)["tap"]
        factor = statistics.mean([times_before, slowness(page)])
    medians = [statistics.median(one) for one in real]
    return [
        Figure("tap", "tap → changed DOM, 60 rows, p50", "ms", medians, Budget(at_most=10), slower),
        Figure("tap", "times a handler that does nothing", "×", times, Budget(at_most=3)),
        Figure("tap", "tap → changed DOM, p95", "ms", [p95(every)], Budget(at_most=30), slower),
        Figure("tap", f"browser slowed {factor:.1f}×, a tap a second, p95", "ms", [p95(slow)], Budget(at_most=120), slower),
    ]


def taps(page: Page, address: str, run: str, quiet: int = QUIET_MS) -> dict[str, list[float]]:
    """Taps on one run, real ones and idle ones in turn."""
    page.goto(f"{address}/floor/run/{run}")
    page.wait_for_selector(".key-box")
    page.wait_for_timeout(1000)
    found: dict[str, list[float]] = page.evaluate(TAP, {"warm": WARM, "taps": TAPS, "quiet": quiet})
    return found


def p95(values: list[float]) -> float:
    """The value that 95 of 100 stay under."""
    return statistics.quantiles(values, n=20)[-1]


def measure_opens(playwright: Playwright, profile: str, today: str, empty: str) -> list[Figure]:
    """Launch, open, first contentful paint; no server answers."""
    found: dict[str, list[float]] = defaultdict(list)
    brake = 0.0
    for turn in range(LAUNCHES + 1):
        for name, address in (("today", today), ("empty", empty)):
            context = launch(playwright, profile)
            paint, modules = opened(context.pages[0], address)
            rows = stood(context.pages[0]) if name == "today" else 0
            if name == "today" and not brake:
                brake = brake_for(context.pages[0], profile, SLOWER)
            context.close()
            if turn:
                found[name].append(paint)
                if name == "today":
                    found["modules"].append(modules)
                    found["rows"].append(rows)
    for _ in range(LAUNCHES):
        context = launch(playwright, profile)
        with slowed(profile, brake):
            found["slow"].append(opened(context.pages[0], today)[0])
            found["slow rows"].append(stood(context.pages[0]))
            found["times"].append(slowness(context.pages[0]))
        context.close()
    slower = EMPTY_PAGE.slower(statistics.median(found["empty"]))
    braked = f"the same, browser slowed {statistics.median(found['times']):.1f}×"
    return [
        Figure("open", "browser launched → first paint, server dead", "ms", found["today"], Budget(at_most=400), slower),
        Figure("open", braked, "ms", found["slow"], Budget(at_most=900), slower),
        Figure("open", "… → tonight's lists stand there", "ms", found["rows"], Budget(at_most=400), slower),
        Figure("open", "the same, as slow", "ms", found["slow rows"], slower=slower),
        Figure("open", "an empty cached page", "ms", found["empty"]),
        Figure("open", "module files asked for before the first paint", "files", [max(found["modules"])], Budget(at_most=30)),
    ]


def opened(page: Page, address: str) -> tuple[float, Any]:
    """Milliseconds to the first contentful paint, and how many modules that took."""
    page.goto(address, wait_until="commit")
    paint = page.evaluate(PAINT)
    modules = page.evaluate(MODULES, paint)
    return paint, modules


def stood(page: Page) -> float:
    """Milliseconds from the same beginning until the day's lists are on the page, drawn from the device."""
    found: float = page.evaluate(ROWS)
    return found
