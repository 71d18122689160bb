"""A device under test: one browser profile that runs the real replica."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.js.imitation import SITE, Server

QUICK = {"pollMs": 150, "retryMs": 40, "mostRetryMs": 150}
OPEN = """async (options) => {
  const {openReplica} = await import("/static/test/js/replica/index.js");
  globalThis.replica = await openReplica(options);
}"""


class Device:
    """One browser profile that runs the replica; a tab is a page."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.context = context
        self.server = server
        self.api = server.api
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.server.url}/")
        return page

    def open(self, page: Page | None = None, **options: Any) -> Page:
        """Open the replica in a tab; by default it speaks only when told to."""
        page = page or self.page
        page.evaluate(OPEN, {**QUICK, "autostart": False, **options})
        return page

    def enrol(self, **options: Any) -> None:
        self.open(**options)
        self.run("await replica.enrol({name: 'tablet'})")
        assert self.sync()

    def reload(self, **options: Any) -> None:
        """The page is closed and opened again."""
        self.page.goto(f"{self.server.url}/")
        self.open(**options)

    def run(self, code: str, arg: Any = None, page: Page | None = None) -> Any:
        """Run statements in the page; `return` gives the value back."""
        return (page or self.page).evaluate(f"async (arg) => {{ {code} }}", arg)

    def sync(self) -> bool:
        done: bool = self.run("return replica.syncNow()")
        return done

    def answer(self, item: str, verdict: str, *, page: Page | None = None, **more: Any) -> str:
        """Append an answer the way a verb does; the imitation publishes `data.record`."""
        bucket = f"site:{SITE}"
        record = {"id": item, "verdict": verdict}
        operation = {
            "type": "checklists.answer_item",
            "data": {"record": [bucket, "checklist_item", item, record]},
            "effects": [{"bucket": bucket, "kind": "checklist_item", "id": item, "do": "put", "value": record}],
            **more,
        }  # fmt: skip
        kept = self.run("return replica.append(arg)", operation, page)
        return str(kept["id"])

    def verdict_shown(self, item: str, page: Page | None = None) -> str | None:
        return self.run("return replica.get('checklist_item', arg)?.verdict", item, page)  # type: ignore[no-any-return]  # what the page says is what the test compares

    def outbox(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.run("return replica.outbox()")
        return rows

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.run("return replica.status()")
        return status

    def stored(self, store: str) -> list[Any]:
        """What IndexedDB itself holds."""
        rows: list[Any] = self.run(
            """const db = await new Promise((resolve, reject) => {
                 const request = indexedDB.open("offstage");
                 request.onsuccess = () => resolve(request.result);
                 request.onerror = () => reject(request.error);
               });
               const rows = await new Promise((resolve) => {
                 const request = db.transaction(arg).objectStore(arg).getAll();
                 request.onsuccess = () => resolve(request.result);
               });
               db.close();
               return rows;""",
            store,
        )
        return rows

    def wait(self, is_so: Callable[[], bool], what: str = "it", timeout_s: float = 8) -> None:
        until = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < until, f"waited in vain for {what}"
            self.page.wait_for_timeout(20)
