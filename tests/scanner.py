"""A hand-held scanner: real keys of a keyboard, by the clock of the keys, however slow this machine is."""

from __future__ import annotations

import time

from playwright.sync_api import Page

EVERY_S = 0.004
# So long a silence ends a code (END_MS and SUFFIX_MS of scan-field.js), by the clock of the page. A busy machine may need as long
# for the next key: while keys are on their way it does not run out.
HOLD = """() => {
  const start = globalThis.setTimeout;
  globalThis.setTimeout = (work, ms, ...rest) => start(work, ms === 200 || ms === 600 ? 60_000 : ms, ...rest);
  globalThis.letGo = () => (globalThis.setTimeout = start);
}"""


def scan(page: Page, code: str) -> None:
    """4 ms between keys, and Enter."""
    keys = page.context.new_cdp_session(page)
    page.evaluate(HOLD)
    begin = time.time()
    for n, key in enumerate([*code, "Enter"]):
        text = "\r" if key == "Enter" else key
        keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": key, "text": text, "timestamp": begin + n * EVERY_S})
    page.evaluate("globalThis.letGo?.()")  # a form that the code fills may have brought another page
    keys.detach()
