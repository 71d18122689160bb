"""The service worker: one build's files, the shell for every floor address, nothing of a person (T14, T15)."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.js.imitation import Imitation, Server
from tests.waiting import wait_on

REGISTER = """async () => {
  const registration = await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) await new Promise((go) => (navigator.serviceWorker.oncontrollerchange = go));
}"""
UPDATE = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const arrived = new Promise((go) => (registration.onupdatefound = () => go(registration.installing)));
  await registration.update();
  const worker = await arrived;
  await new Promise((go) => {
    if (["installed", "redundant"].includes(worker.state)) go();
    worker.onstatechange = () => ["installed", "redundant"].includes(worker.state) && go();
  });
  return worker.state;
}"""
KEPT = """async () => {
  const pathsOf = async (name) => (await (await caches.open(name)).keys()).map(({url}) => new URL(url).pathname).sort();
  return Object.fromEntries(await Promise.all((await caches.keys()).map(async (name) => [name, await pathsOf(name)])));
}"""
TAKE = """async () => {
  const changed = new Promise((go) => (navigator.serviceWorker.oncontrollerchange = go));
  (await navigator.serviceWorker.ready).waiting.postMessage("skip-waiting");
  await changed;
}"""


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}/floor/today")
    page.evaluate(REGISTER)
    return page


def fetched(page: Page, path: str, init: str = "{}") -> str:
    text: str = page.evaluate(f"async () => (await fetch('{path}', {init})).text()")
    return text


def test_every_floor_address_opens_without_the_server(page: Page, api: Imitation, server: Server) -> None:
    api.down = True
    for path in ("/floor/today", "/floor/run/x?item=y", "/floor/"):
        response = page.goto(f"{server.url}{path}")
        assert response is not None
        assert response.headers["content-security-policy"] == "object-src 'none'"
        assert page.inner_text("#shell") == "build-1"
    assert "export" in fetched(page, "/static/build-1/js/replica/ids.js")


def test_an_office_page_without_the_server_says_so_calmly_in_both_languages(page: Page, api: Imitation, server: Server) -> None:
    api.down = True
    response = page.goto(f"{server.url}/lists")
    assert response is not None
    assert response.status == 503
    assert "此页需要网络" in page.content()
    assert "This page needs the network" in page.content()
    page.click("text=打开现场")
    assert page.inner_text("#shell") == "build-1"


def test_only_the_builds_files_are_kept(page: Page, server: Server) -> None:
    """T15: no answer of /api, no POST, no page of somebody signed in, no fragment."""
    page.goto(f"{server.url}/lists")
    page.goto(f"{server.url}/floor/today")
    fetched(page, "/api/sync/head")
    fetched(page, "/floor/today")
    fetched(page, "/lists", "{method: 'POST', body: 'x'}")
    fetched(page, "/static/build-1/js/replica/wire.js")
    assert page.evaluate(KEPT) == {
        "offstage-build-1": ["/floor/shell", "/static/build-1/js/replica/clock.js", "/static/build-1/js/replica/ids.js"]
    }


def test_a_new_build_waits_until_it_is_taken_and_the_one_before_stays(page: Page, api: Imitation, server: Server) -> None:
    """T14: a page of one build never loads a module of another, and keeps loading its own."""
    api.build = "build-2"
    assert page.evaluate(UPDATE) == "installed"
    page.goto(f"{server.url}/floor/lists")
    assert page.inner_text("#shell") == "build-1"
    page.evaluate(TAKE)
    assert "export" in fetched(page, "/static/build-1/js/replica/clock.js")
    page.reload()
    assert page.inner_text("#shell") == "build-2"
    api.build = "build-3"
    assert page.evaluate(UPDATE) == "installed"
    page.evaluate(TAKE)
    page.evaluate("async () => { while ((await caches.keys()).length > 2) await new Promise((go) => setTimeout(go, 20)) }")
    assert sorted(page.evaluate(KEPT)) == ["offstage-build-2", "offstage-build-3"]


def test_a_login_page_in_the_servers_name_is_never_kept_as_a_build(page: Page, api: Imitation) -> None:
    """T16: what does not name its build is not the shell; half a build is none."""
    api.build = "build-2"
    api.is_captive = True
    assert page.evaluate(UPDATE) == "redundant"
    assert list(page.evaluate(KEPT)) == ["offstage-build-1"]


def test_what_comes_later_is_kept_when_it_is_asked_for(page: Page, api: Imitation, server: Server) -> None:
    """F7: the scanner's decoder is in no build's way, and is there with the server dead once it was opened."""
    assert "/static/build-1/js/replica/push.js" not in page.evaluate(KEPT)["offstage-build-1"]
    fetched(page, "/static/build-1/js/replica/push.js")
    assert "/static/build-1/js/replica/push.js" in page.evaluate(KEPT)["offstage-build-1"]
    api.down = True
    assert "export" in fetched(page, "/static/build-1/js/replica/push.js")


def test_what_comes_later_is_fetched_when_there_is_time_and_with_every_build_from_then_on(page: Page, api: Imitation) -> None:
    """F7: without anybody asking; and who could scan without a network can do so after an update."""
    page.evaluate("navigator.serviceWorker.controller.postMessage('keep-later')")
    wait_on(page, f"({KEPT})().then((kept) => kept['offstage-build-1'].some((path) => path.endsWith('push.js')))")
    api.build = "build-2"
    assert page.evaluate(UPDATE) == "installed"
    assert "/static/build-2/js/replica/push.js" in page.evaluate(KEPT)["offstage-build-2"]


def test_a_build_is_whole_without_what_comes_later(page: Page, api: Imitation) -> None:
    """F7: a device that has never had it does not wait for it."""
    api.build = "build-2"
    assert page.evaluate(UPDATE) == "installed"
    assert "/static/build-2/js/replica/push.js" not in page.evaluate(KEPT)["offstage-build-2"]
