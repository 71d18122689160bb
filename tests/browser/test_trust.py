"""What must never happen to somebody's work: sent as another's, lost to a login page or an update, kept where others read it."""

from __future__ import annotations

import contextlib
import re
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.demo.loading import person_id
from tests.browser.harness import DESK, PASSWORD, PHONE, ROOT, STANDS, Device, Server
from tests.browser.run_page import RunPage
from tests.browser.truth import answers_in, tonight, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-trust")]

Launch = Callable[..., Device]
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const text = request.url.includes("/static/") ? "" : await (await cache.match(request)).text();
      found.push([request.method, new URL(request.url).pathname, text]);
    }
  }
  return found;
}"""


@contextmanager
def captive_portal(port: int) -> Iterator[list[str]]:
    """A Wi-Fi's login page that answers everything, on the server's own address, with 200; yields what it was asked for."""
    asked: list[str] = []

    class Portal(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(f"{self.command} {self.path}")
            body = "<!doctype html><title>Wi-Fi</title><h1>请付费上网</h1>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")  # no connection outlives the portal
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815 - the names http.server calls

        def log_message(self, *_: object) -> None:
            """Quiet."""

    portal = ThreadingHTTPServer(("127.0.0.1", port), Portal)
    thread = threading.Thread(target=portal.serve_forever, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        portal.shutdown()
        portal.server_close()
        thread.join()


def test_a_captive_portal_changes_nothing(server: Server, launch: Launch) -> None:
    """T16, T5: it answers every request with 200 and a page; the work stays, the shell stays, and later all of it arrives."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("stagehand")
    run_id = tonight(server, "CL-SET")
    server.kill()
    run = RunPage(page, run_id, "CL-SET").open(server.url)
    page.locator("#item-SET-E3 .key-box").click()
    run.expect("SET-E3", "done")
    with captive_portal(server.port) as asked:
        page.reload()
        run.expect("SET-E3", "done")
        page.goto(f"{server.url}/floor/outbox")
        page.locator(".dock .btn-main").click()
        wait_until(lambda: any("/api/sync/push" in what for what in asked), "the portal was asked to take the work")
        expect(page.locator(".sync")).to_have_attribute("data-state", "offline")
        expect(page.locator("main")).to_contain_text("地面清洁")
        page.evaluate("navigator.serviceWorker.ready.then((it) => it.update().catch(() => {}))")
        page.reload()
        expect(page.locator("main")).to_contain_text("地面清洁")
        expect(page.locator("body")).not_to_contain_text("请付费上网")
    server.start()
    phone.wait_synced()
    wait_until(lambda: answers_in(server, run_id).get("SET-E3") == "pass", "the answer arrived")


def test_work_left_behind_is_sent_in_its_authors_name(server: Server, launch: Launch) -> None:
    """T7: signed out offline, the device keeps what is unsent; whoever signs in next neither sees it nor sends it as theirs."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("stagehand", kept=True)
    run_id = tonight(server, "CL-SET")
    server.kill()
    run = RunPage(page, run_id, "CL-SET").open(server.url)
    page.locator("#item-SET-E3 .key-box").click()
    run.expect("SET-E3", "done")
    page.goto(f"{server.url}/floor/more")
    page.on("dialog", lambda dialog: dialog.accept())
    expect(page.locator("main")).to_contain_text("没送达")
    page.locator("[hx-post='/floor/more/sign-out']").click()
    expect(page.locator("main")).to_contain_text("都保留着，会以做的人的名义发送")
    page = phone.relaunch().open("/floor/today")
    expect(page.locator("main")).to_contain_text("都保留着，会以做的人的名义发送")

    page.goto("about:blank")
    server.start()
    page.context.clear_cookies(name="offstage-session")  # the office session is not the device's
    phone.open("/signin?next=/floor/enrol?go=1")
    page.fill("input[name=login]", "stagehand2")
    page.fill("input[name=password]", PASSWORD)
    page.locator("button.btn-main").click()
    page.locator(STANDS).wait_for(timeout=60_000)
    phone.open("/floor/more")
    expect(page.locator("main")).to_contain_text("阿卜杜热合曼")
    phone.open("/floor/outbox")
    expect(page.locator("main")).not_to_contain_text("地面清洁")
    wait_until(lambda: answers_in(server, run_id).get("SET-E3") == "pass", "what was left behind arrived")
    (row,) = server.rows('SELECT "by" FROM checklist_answer WHERE run_id = ? AND item_id = ?', uuid.UUID(run_id).bytes, "SET-E3")
    assert uuid.UUID(bytes=row["by"]) == person_id("stagehand")
    (row,) = server.rows(
        "SELECT actor, status FROM operation WHERE type = 'checklists.answer_item' ORDER BY received_at DESC LIMIT 1"
    )
    assert (uuid.UUID(bytes=row["actor"]), row["status"]) == (person_id("stagehand"), "applied")


def test_nothing_of_a_person_is_kept_by_the_worker(server: Server, launch: Launch) -> None:
    """T15: after work on the floor and in the office the caches hold one build's files; after the way out nothing comes back."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("shift_lead")
    run_id = tonight(server, "CL-SET")
    for path in ("/floor/lists", f"/floor/run/{run_id}", "/lists", f"/lists/{run_id}", "/people", "/floor/outbox"):
        phone.open(path)
    page.evaluate("fetch('/api/sync/head').then((answer) => answer.text())")
    page.evaluate("fetch('/lists', {headers: {'HX-Request': 'true'}}).then((answer) => answer.text())")
    kept = page.evaluate(KEPT)
    assert kept, "the worker keeps the shell"
    for method, path, text in kept:
        assert method == "GET"
        assert re.fullmatch(r"/floor/shell|/manifest\.webmanifest|/static/.*", path), path
        assert "李晓燕" not in text and "秋冬家居好物夜" not in text
    phone.open("/lists")
    page.evaluate("document.querySelector('form[action=\"/signout\"]').requestSubmit()")
    page.wait_for_url("**/signin**")
    page.go_back()
    expect(page.locator("input[name=password]")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("秋冬家居好物夜")


def another_build(to: Path) -> Path:
    """A copy of the tree in which one file of the pages is different."""
    for name in ("app", "static", "templates", "words", "migrations"):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    sheet = to / "static" / "css" / "tokens.css"
    sheet.write_text(sheet.read_text("utf-8") + "\n/* another build */\n", "utf-8")
    return to


def build_of(page: Page) -> str:
    """Which build the open page is of."""
    return str(page.locator("link[rel=stylesheet]").get_attribute("href")).split("/")[2]


def taken_over(phone: Device, build: str) -> None:
    """A worker hands over when it idles, which a watched one may never do, and every request wakes it; the page asks again."""
    sheet = phone.page.locator("link[rel=stylesheet]")
    for _ in range(20):
        phone.stop_worker()
        with contextlib.suppress(AssertionError):
            return expect(sheet).not_to_have_attribute("href", re.compile(build), timeout=3_000)
    raise AssertionError("the new build did not take over")


def test_an_update_is_offered_and_taken_between_tasks(server: Server, launch: Launch, tmp_path: Path) -> None:
    """T14, F29: a new build waits, is never pushed into a page somebody works on, and takes no word from them."""
    phone = launch("phone", size=PHONE)
    page = phone.sign_in("stagehand")
    run_id = tonight(server, "CL-SET")
    phone.open("/floor/more")
    build = build_of(page)
    server.kill()
    server.root = another_build(tmp_path / "another")
    server.start()
    RunPage(page, run_id, "CL-SET").open(server.url)
    text = page.locator("#item-SET-E5 textarea[name=value]")
    text.fill("灯架晚到")
    page.evaluate("navigator.serviceWorker.ready.then((it) => it.update())")
    expect(page.locator("html")).to_have_attribute("data-update", "", timeout=30_000)
    expect(text).to_have_value("灯架晚到")
    expect(page.locator("[hx-post='/floor/more/update']")).to_have_count(0)
    page.locator("#item-SET-E3 .key-box").click()  # and work goes on in the build that is open
    RunPage(page, run_id, "CL-SET").expect("SET-E3", "done")
    page.locator(".topline a.key").first.click()
    page.locator('.tab[href="/floor/more"]').click()
    page.locator("[hx-post='/floor/more/update']").click()
    taken_over(phone, build)
    page.locator(STANDS).wait_for()
    expect(page.locator("[hx-post='/floor/more/update']")).to_have_count(0)
    RunPage(page, run_id, "CL-SET").open(server.url)
    expect(page.locator("#item-SET-E5")).to_contain_text("灯架晚到")  # said when the field was left (F25)
    wait_until(lambda: answers_in(server, run_id).get("SET-E3") == "pass", "the answer of the old build arrived")


def test_a_form_of_the_office_keeps_its_words_in_another_language(server: Server, launch: Launch) -> None:
    """T42, GEN-8: one tap on the language, the plan half typed: heading and labels change, the words stay."""
    page = launch("desk", size=DESK).sign_in("logistics_manager", "/shows/new")
    page.fill("[name=title]", "年终盛典")
    page.locator("[data-lang=en]").click()
    expect(page.locator("h1")).to_have_text("Plan a show")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[name=title]")).to_have_value("年终盛典")
