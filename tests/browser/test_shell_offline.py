"""The floor's shell with the server dead: it opens, moves, searches, speaks both languages and says where one's work is."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.harness import PHONE, Device, Server
from tests.browser.truth import tonight
from tests.waiting import wait_on

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-shell")]

Launch = Callable[..., Device]


def enrolled(launch: Launch, login: str = "stagehand", *, kept: bool = False) -> Device:
    """A phone that has everything and whose worker keeps the shell."""
    phone = launch("phone", size=PHONE)
    phone.sign_in(login, kept=kept)
    return phone


def tap(page: Page, name: str) -> None:
    page.locator(f'.tab[href="/floor/{name}"]').tap()


def heading(page: Page, text: str) -> None:
    expect(page.locator("#page h1")).to_have_text(text)


def test_every_page_opens_with_the_server_dead(server: Server, launch: Launch) -> None:
    """GEN-11, T42: after a restart of the browser, from the device alone; headings have the focus, back and reload work (F27)."""
    phone = enrolled(launch, kept=True)
    server.kill()
    page = phone.relaunch().open("/floor/today")
    heading(page, "今天")
    expect(page.locator("count-down")).to_be_visible()
    expect(page.locator(".cues li")).to_have_count(10)
    expect(page.locator(".sync")).to_have_attribute("data-state", "offline")
    for name, title in (("lists", "清单"), ("scan", "扫码"), ("stock", "库存"), ("more", "更多")):
        tap(page, name)
        heading(page, title)
        # A scanner that only knows input fields writes where the cursor stands (F6).
        expect(page.locator("#scan input" if name == "scan" else "#page h1")).to_be_focused()
    page.locator('main a[href="/floor/handbook"]').tap()
    heading(page, "制度手册")
    page.locator(".sync").tap()
    heading(page, "待同步")
    expect(page.locator("main")).to_contain_text("现在连不上服务器")
    page.go_back()
    heading(page, "制度手册")
    page.go_back()
    heading(page, "更多")
    page.reload()
    heading(page, "更多")


BAR = """(bar) => [...bar.querySelectorAll(".tab")].map((tab) => [tab.getAttribute("href"), tab.className,
  tab.querySelector("use").getAttribute("href"), [...tab.children].filter((part) => getComputedStyle(part).display !== "none")
    .map((part) => part.textContent).join("")])"""


AS_IT_COMES = """(text) => {
  const shell = new DOMParser().parseFromString(text, "text/html");
  document.getElementById("page").replaceWith(shell.getElementById("page"));
}"""


def test_the_bar_stands_before_any_script_has_run(server: Server, launch: Launch) -> None:
    """F1: it is the one that the page draws, in the language of the device, and a tap on it is not lost."""
    phone = enrolled(launch, kept=True)
    shell = phone.page.evaluate("fetch('/floor/shell').then((answer) => answer.text())")
    server.kill()
    for lang in ("zh", "en"):
        phone.page.evaluate(f"offstageLook.choose('lang', '{lang}')")
        page = phone.open("/floor/today")
        expect(page.locator(".tab[aria-current]")).to_have_count(1)
        drawn = page.locator(".tabs").evaluate(BAR)
        page.evaluate(AS_IT_COMES, shell)
        assert page.locator(".tabs").evaluate(BAR) == drawn
        tap(page, "more")
        heading(page, {"zh": "更多", "en": "More"}[lang])


def test_the_handbook_is_found_offline(server: Server, launch: Launch) -> None:
    """F33: while one types, on the device, the box keeps the cursor."""
    phone = enrolled(launch)
    server.kill()
    page = phone.open("/floor/handbook")
    page.locator("input[type=search]").press_sequentially("盲盘")
    expect(page.locator("#clauses a.row")).to_have_count(1)
    expect(page.locator("#clauses mark").first).to_have_text("盲盘")
    expect(page.locator("input[type=search]")).to_be_focused()
    page.locator("#clauses a.row").tap()
    heading(page, "条款 R-302")
    page.go_back()
    expect(page.locator("input[type=search]")).to_have_value("盲盘")


def test_language_look_and_size_change_in_one_tap(server: Server, launch: Launch) -> None:
    """GEN-8, F15, F29: nothing is lost, and a reload paints the same at once."""
    phone = enrolled(launch)
    server.kill()
    page = phone.open("/floor/more")
    page.locator("#lang-en").tap()
    heading(page, "More")
    expect(page.locator("#lang-en")).to_have_attribute("aria-checked", "true")
    page.locator("#look-studio-dim").tap()
    page.locator("#size-large").tap()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    page.reload()
    heading(page, "More")
    expect(page.locator("html")).to_have_attribute("data-look", "studio-dim")
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    assert page.evaluate("document.cookie").find("offstage-lang=en") >= 0
    page.wait_for_load_state("networkidle")  # arrow keys come alive after the first picture
    page.locator("#lang-en").press("ArrowLeft")
    heading(page, "更多")


def test_playbooks_open_before_anybody_signs_in(server: Server, launch: Launch) -> None:
    """SAF-1, F23: signed out and offline, the numbers can be dialled and a playbook's stamps survive a restart."""
    phone = enrolled(launch, kept=True)
    page = phone.open("/floor/more")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator('[hx-post="/floor/more/sign-out"]').tap()
    expect(page.locator("main")).to_contain_text("现在没有人登录")
    server.kill()
    page = phone.relaunch().open("/floor/today")
    expect(page.locator("main")).to_contain_text("现在没有人登录")
    page.locator('a[href="/floor/emergency"]').tap()
    expect(page.locator('a[href="tel:119"]')).to_be_visible()
    page.locator('a[href="/floor/emergency/EP-NET"]').tap()
    page.locator("#main-action").tap()
    expect(page.locator("stop-watch")).to_be_visible()
    page.locator("#main-action").tap()
    expect(page.locator("#step-0")).to_contain_text("用时")
    page = phone.relaunch().open("/floor/emergency/EP-NET")
    expect(page.locator("#step-0")).to_contain_text("用时")
    expect(page.locator("#step-1")).to_have_attribute("aria-current", "step")
    page.locator("#tick-0").tap()
    expect(page.locator("#step-0")).not_to_contain_text("用时")


def test_a_strangers_answer_is_never_put_on_the_page(server: Server, launch: Launch) -> None:
    """T16: what does not say that it is ours (a captive portal's page with 200) changes nothing."""
    phone = enrolled(launch)
    page = phone.open("/floor/today")
    page.evaluate(
        """() => {
            const html = {headers: {"Content-Type": "text/html"}};
            window.fetch = async () => new Response("<div id=page>Pay for Wi-Fi</div>", html);
            return htmx.ajax("POST", "/portal", {target: "#page", swap: "outerHTML"});
        }"""
    )
    heading(page, "今天")
    expect(page.locator("body")).not_to_contain_text("Pay for Wi-Fi")


def test_words_and_place_outlive_another_language(server: Server, launch: Launch) -> None:
    """T42, GEN-8, F25: half an answer is typed, the language is changed, and everything is where it was."""
    phone = enrolled(launch)
    run_id = tonight(server, "CL-SET")
    server.kill()
    page = phone.open(f"/floor/run/{run_id}")
    heading(page, "场地分区布置与验收")
    text = page.locator("#item-SET-E5 textarea[name=value]")
    text.scroll_into_view_if_needed()
    text.press_sequentially("灯架晚到")
    top = page.locator("#page > main").evaluate("(main) => main.scrollTop")
    assert top > 0
    tap(page, "more")
    page.locator("#lang-en").tap()
    heading(page, "More")
    page.go_back()
    heading(page, "Venue set-up by zone")
    expect(page.locator("#item-SET-E5")).to_contain_text("灯架晚到")
    wait_on(page, "(top) => Math.abs(document.querySelector('#page > main').scrollTop - top) < 120", top)


def test_the_floor_can_be_installed(server: Server, launch: Launch) -> None:
    """The manifest is what the browser asks for: it finds no fault, and every icon is the size it says."""
    page = launch("phone", size=PHONE).open("/floor/today")
    heading(page, "登记这台设备")
    cdp = page.context.new_cdp_session(page)
    found = cdp.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = page.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    assert (manifest["display"], manifest["start_url"], manifest["id"]) == ("standalone", "/floor/today", "/floor/")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        picture = Image.open(io.BytesIO(page.request.get(server.address + icon["src"]).body()))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
