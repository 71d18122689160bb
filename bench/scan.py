"""Two hundred scans at twenty a second on the page of a count: from Enter to the tone, the flash and the line that is saved."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright

from app.lib.ids import Id
from bench.device import Device, enrolled
from bench.floor import enrol, launch, p95
from bench.measure import BARE_JSON, ROUNDS, Budget, Figure
from bench.served import Line, Served, bare, offstage
from bench.sync import rate

KEEPER = "warehouse_keeper"
SCANS, EVERY_MS = 200, 50
KINDS = 20  # different goods in the bin, in turn: more than lie in one
ARRIVE_S = 60

# Keys as a page gets them. A scan is answered once its line is saved, by tone and flash; both are seen where they are made.
STREAM = """async ([codes, everyMs]) => {
  const entered = [], sounded = [], flashed = [];
  const make = BaseAudioContext.prototype.createOscillator;
  BaseAudioContext.prototype.createOscillator = function () { sounded.push(performance.now()); return make.call(this); };
  const look = new MutationObserver((seen) => {
    for (const {target} of seen) if (target.id === "scan-flash") flashed.push(performance.now());
  });
  look.observe(document, {subtree: true, attributes: true, attributeFilter: ["data-cue"]});
  const press = (key) =>
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const begin = performance.now();
  for (const [n, code] of codes.entries()) {
    await rest(begin + n * everyMs - performance.now());
    for (const key of code) press(key);
    entered.push(performance.now());
    press("Enter");
  }
  for (let n = 0; n < 1200 && flashed.length < codes.length; n++) await rest(50);
  look.disconnect();
  BaseAudioContext.prototype.createOscillator = make;
  const took = entered.map((at, n) => Math.max(flashed[n], sounded[n] ?? 0) - at);
  return {took, sounded: sounded.length, flashed: flashed.length};
}"""


def measure(_parts: set[str]) -> list[Figure]:
    """A keeper's phone in the demo's running count; a bare answer tells how fast this machine is."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, offstage() as served, bare() as baseline:
        take_id, place, codes = what_to_scan(enrolled(served, KEEPER))
        plain = Line(baseline.port)
        small = plain.request("GET", "/json")
        slower = BARE_JSON.slower(statistics.median(rate(plain, small, 200) for _ in range(ROUNDS)))
        with sync_playwright() as playwright:
            context = launch(playwright, profile)
            page = context.pages[0]
            enrol(page, served, KEEPER)
            found = scanned(page, served, take_id, place, codes)
            kept = arrived(served, place["id"])
            context.close()
    if found["flashed"] != SCANS or kept != SCANS:
        raise RuntimeError(f"of {SCANS} scans {found['flashed']} were answered and {kept} kept")
    return [
        Figure("scan", "Enter → tone, flash and line saved, p95", "ms", [p95(found["took"])], Budget(at_most=50), slower),
        Figure("scan", "the same, p50", "ms", [statistics.median(found["took"])]),
        Figure("scan", f"of {SCANS} scans at 20 a second kept", "scans", [kept], Budget(at_least=SCANS, at_most=SCANS)),
    ]


def what_to_scan(device: Device) -> tuple[str, dict[str, Any], list[str]]:
    """A stock take of the keeper, a bin of it that nobody has opened, and the codes of pieces that are scanned."""
    actor = next(iter(device.grants))
    take = next(one for _, one in device.all("stock_take") if one["status"] == "counting" and actor in one["counters"])
    places = [one for _, one in device.all("stock_take_bin") if one["stock_take_id"] == take["id"] and one["state"] == "todo"]
    bins = dict(device.all("bin"))
    plain = [one for _, one in device.all("product") if not (one["lot"] or one["serial"] or one["expiry"]) and one["codes"]]
    return take["id"], bins[places[-1]["bin_id"]], [plain[n % KINDS]["codes"][0]["code"] for n in range(SCANS)]


def scanned(page: Page, served: Served, take_id: str, place: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    """The bin's label, then the goods; a click first, for a browser gives no tone to a page that nobody touched."""
    page.goto(f"{served.address}/floor/count/{take_id}")
    page.locator("#count").wait_for()
    page.locator("h1").first.click()
    page.evaluate(STREAM, [[f"BIN:{place['code']}"], EVERY_MS])
    page.wait_for_selector(f"#count[data-bin='{place['id']}'][data-count]:not([data-count=''])")
    found: dict[str, Any] = page.evaluate(STREAM, [codes, EVERY_MS])
    page.wait_for_selector(".sync[data-state=synced]", timeout=ARRIVE_S * 1000)
    return found


def arrived(served: Served, bin_id: str) -> int:
    """Lines of the bin on the server, once no more come."""
    database = sqlite3.connect(f"file:{served.data_dir / 'offstage.db'}?mode=ro", uri=True)
    count = 0
    for _ in range(ARRIVE_S):
        before = count
        count = database.execute("SELECT count(*) FROM count_line WHERE bin_id = ?", (Id(bin_id).bytes,)).fetchone()[0]
        if count == before and count:
            break
        time.sleep(1)
    database.close()
    return int(count)
