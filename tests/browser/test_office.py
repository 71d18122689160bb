"""The office watches the floor, plans, decides and keeps records (story 7)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.demo.loading import SITE, person_id
from app.demo.tablets import Tablet
from app.lib import clock
from tests.browser.harness import DESK, PHONE, Device, Server
from tests.browser.run_page import RunPage, items_of, photo
from tests.browser.stage import YESTERDAY, stage
from tests.browser.truth import answers_in, due_of, status_of, tonight, wait_until
from tests.waiting import wait_for_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-office")]

Launch = Callable[..., Device]
A4 = {"width": 794, "height": 1123}
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
FORMULA = '=HYPERLINK("http://x","盘点")'


def desk_of(launch: Launch, login: str, path: str = "/") -> Page:
    """Somebody at a desk."""
    return launch(f"desk-{login}", size=DESK).sign_in(login, path)


def never_reloaded(page: Page) -> Callable[[], None]:
    """Returns a check that the page has not been loaded again since."""
    page.evaluate("window.isTheSame = true")

    def check() -> None:
        assert page.evaluate("window.isTheSame === true"), "the page was loaded again"

    return check


def table_of(page: Page, selector: str) -> tuple[str, list[list[str]]]:
    """Press a download link: the file as text and as rows."""
    with page.expect_download() as waiting:
        page.locator(selector).click()
    text = Path(waiting.value.path()).read_bytes().decode("utf-8")
    return text, list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_office_sees_every_answer_with_its_story(server: Server, launch: Launch) -> None:
    """Story 7: the board moves by itself; the list's page has answers, history, photos, audit; CSV and paper stand alone.

    T40: markup and formulas that somebody typed are text everywhere.
    """
    run_id = tonight(server, "CL-SET")
    board = desk_of(launch, "supervisor", "/")
    is_same = never_reloaded(board)
    floor = launch("stage", size=PHONE)
    page = floor.sign_in("stagehand")
    run = RunPage(page, run_id, "CL-SET").open(server.url)
    page.locator("#item-SET-E3 .key-box").click()
    run.expect("SET-E3", "done")
    expect(board.locator("section[aria-labelledby=news]")).to_contain_text("地面清洁，垃圾清空", timeout=30_000)
    expect(board.locator("section[aria-labelledby=news]")).to_contain_text("王磊")
    is_same()

    row = page.locator("#item-SET-E4")
    row.locator(".key-bare").click()
    row.locator(".key[data-cue=stop]").click()
    run.expect("SET-E4", "fail")
    row.locator("textarea[name=note]").fill(HOSTILE)
    row.locator("button.btn[hx-include]").click()
    expect(row).to_contain_text("<script>")
    row.locator("input[type=file]").first.set_input_files(photo("SET-E4"))
    expect(row.locator("photo-image")).to_have_count(1)
    text = page.locator("#item-SET-E5")
    text.locator("textarea[name=value]").fill(FORMULA)
    text.locator("button[hx-include]").click()
    run.expect("SET-E5", "done")
    row.locator("button", has_text="当场整改好了").click()
    run.expect("SET-E4", "done")
    floor.wait_synced()
    assert page.evaluate("window.hit") is None
    wait_until(lambda: answers_in(server, run_id).get("SET-E4") == "pass", "the repair arrived")

    board.locator(f"main a[href='/lists/{run_id}']").first.click()
    told = board.locator("#item-SET-E4")
    expect(told).to_contain_text("当场整改")
    expect(told).to_contain_text(HOSTILE)
    past = board.locator("#item-SET-E4 ~ tr.past").first
    past.locator("summary").click()
    expect(past).to_contain_text("不合格")
    told.locator(".thumb img").scroll_into_view_if_needed()
    wait_for_picture(board.locator("#item-SET-E4 .thumb img").first)
    audit = board.locator(".table-trail tr", has_text="王磊").filter(has_text="地面清洁")
    expect(audit).to_contain_text("我的")  # the device's name as it was given
    expect(audit.locator("time")).to_have_count(2)  # by the device's clock, by the server's
    expect(audit).to_contain_text("生效")
    text_of_file, rows = table_of(board, "a[download]")
    assert text_of_file.startswith("\ufeff"), "Excel is told that this is UTF-8"
    values = [row for row in rows if row[0] == "SET-E5"]
    assert values[0][5] == "'" + FORMULA
    fails = [row for row in rows if row[0] == "SET-E4"]
    assert len(fails) >= 2 and HOSTILE in {row[6] for row in fails}, "every answer ever given"
    assert board.evaluate("window.hit") is None

    board.locator(f"a[href='/lists/{run_id}/print']").click()
    board.set_viewport_size(A4)
    board.emulate_media(media="print")
    for selector in ("nav", ".paper-bar", ".filter", ".btn"):
        for found in board.locator(selector).all():
            expect(found).not_to_be_visible()
    for item in items_of("CL-SET"):
        expect(board.locator("main table").first).to_contain_text(item["zh"])
    for said in (HOSTILE, FORMULA, "秋冬家居好物夜", "1 号直播间", "王磊", "CL-SET", run_id):
        expect(board.locator("main")).to_contain_text(said)
    expect(board.locator("main table").last.locator("tr", has_text="地面清洁")).to_contain_text("王磊")
    wide = board.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"paper is {wide} px too narrow"
    assert board.evaluate("window.hit") is None


def test_lists_are_narrowed_while_one_types(server: Server, launch: Launch) -> None:
    """Story 7: filters by keyboard, without a reload; the address and the file that is taken away say the same."""
    page = desk_of(launch, "supervisor", "/lists")
    is_same = never_reloaded(page)
    rows = page.locator("#found tbody tr")
    assert rows.count() > 5
    page.locator("#q").focus()
    page.keyboard.type("灯光")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("灯光准备")
    expect(page.locator("#q")).to_be_focused()
    assert "q=" in page.url
    is_same()
    _, taken = table_of(page, "header a[download]")
    assert [row[0] for row in taken[1:]] == ["CL-LGT"]
    page.locator("#q").fill("不会有的")
    expect(page.locator("#found .empty")).to_be_visible()
    page.locator("#found .empty a").press("Enter")
    expect(page.locator("#q")).to_have_value("")
    page.locator("select[name=state]").focus()
    page.keyboard.type("等")  # as a keyboard picks from a list
    page.locator("select[name=state]").select_option("accepted")
    expect(page).to_have_url(re.compile("state=accepted"))
    expect(rows).to_have_count(3)
    count = rows.count()
    page.reload()
    expect(rows).to_have_count(count)
    head = page.locator("th[aria-sort] a, th a").nth(1)
    head.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("清单")
    expect(page.locator("select[name=state]")).to_have_value("accepted")
    page.emulate_media(media="print")
    expect(page.locator("nav.side")).not_to_be_visible()


def test_a_show_is_planned_moved_and_called_off(server: Server, launch: Launch) -> None:
    """Story 7: its lists are laid out from the templates' offsets, timed anew when it moves, closed when it is off."""
    page = desk_of(launch, "logistics_manager", "/shows/new")
    start = (datetime.now(UTC) + timedelta(days=3)).replace(minute=30, second=0, microsecond=0)
    page.locator("main form").evaluate("(form) => { form.noValidate = true; }")
    page.locator("main form button.btn-main").click()
    expect(page.locator("main form .problem")).to_contain_text("场次名")  # the server says which field
    page.fill("[name=title]", "<b>新品</b>首播")
    page.fill("[name=starts_at]", start.strftime("%Y-%m-%dT%H:%M"))
    page.locator("main form button.btn-main").click()
    page.wait_for_url(lambda url: "/shows/" in url and not url.endswith("/new"))
    expect(page.locator("h1")).to_have_text("<b>新品</b>首播")
    table = page.locator("section[aria-labelledby=lists] tbody tr")
    expect(table).to_have_count(12)
    due = start - timedelta(minutes=150)
    expect(table.filter(has_text="场地分区布置")).to_contain_text(due.strftime("%H:%M"))
    show = page.url.rsplit("/", 1)[1]
    before = due_of(server, show, "CL-SET")

    page.locator("summary", has_text="改时间").click()
    later = start + timedelta(minutes=75)
    form = page.locator("form[action$=plan]")
    form.locator("[name=starts_at]").fill(later.strftime("%Y-%m-%dT%H:%M"))
    form.locator("button.btn-main").click()
    expect(page.locator("main .toast")).to_contain_text("已保存")
    assert due_of(server, show, "CL-SET") - before == 75 * 60_000
    expect(table.filter(has_text="场地分区布置")).to_contain_text((due + timedelta(minutes=75)).strftime("%H:%M"))

    page.locator("summary", has_text="取消这一场").click()
    form = page.locator("form[action$=cancellation]")
    form.locator("textarea").fill("品牌方改期")
    form.locator("button").click()
    expect(page.locator(".band")).to_contain_text("品牌方改期")
    left = server.rows("SELECT DISTINCT status FROM checklist_run WHERE target_id = ?", bytes.fromhex(show.replace("-", "")))
    assert [row["status"] for row in left] == ["cancelled"]


def test_a_list_is_started_given_and_cancelled_by_hand(server: Server, launch: Launch) -> None:
    """Story 7: a delivery has no show; somebody is put on it, and its page says why it was cancelled."""
    page = desk_of(launch, "logistics_manager", "/start")
    page.locator("input[type=search]").fill("CL-GRN")
    expect(page.locator("li[data-said]:not([hidden])")).to_have_count(1)
    page.locator("li[data-said]:not([hidden]) summary").click()
    page.locator("li[data-said]:not([hidden]) [name=title]").fill("顺丰 3 托")
    page.locator("li[data-said]:not([hidden]) button.btn-main").click()
    page.wait_for_url(lambda url: "/lists/" in url)
    run_id = page.url.rsplit("/", 1)[1]
    expect(page.locator(".head")).to_contain_text("顺丰 3 托")
    page.locator(".beside summary", has_text=re.compile("派|人手")).first.click()
    form = page.locator("form[action$=assignment]")
    form.locator("input[type=search]").fill("阿卜")
    form.locator("li:not([hidden]) input[type=checkbox]").check()
    form.locator("button.btn").click()
    expect(page.locator("main .toast")).to_contain_text("人手已更新")
    expect(page.locator(".runline")).to_contain_text("阿卜杜热合曼·买买提")
    page.locator(".beside summary", has_text="取消").click()
    form = page.locator("form[action$=cancellation]")
    form.locator("textarea").fill("车没来")
    form.locator("button").click()
    expect(page.locator(".band")).to_contain_text("车没来")
    assert status_of(server, run_id) == "cancelled"


def test_what_did_not_fit_is_admitted_or_dismissed(dark_server: Server, launch: Launch) -> None:
    """GEN-6: late answers wait for a person, who says why; the admitted one is in force, the dismissed one stays on file."""
    with stage(dark_server.data_dir) as before:
        late = Tablet("借来的平板", "borrowed", person_id("stagehand2"), SITE)
        now = clock.now()
        with clock.at(now - clock.HOUR):
            late.enrol()
        data = {"run_id": str(before.run("CL-SET", YESTERDAY)), "item_id": "SET-E4", "verdict": "na", "reason": "灯牌送修"}
        late.keep(now - clock.HOUR // 2, "checklists.answer_item", data)
        late.send("noted")
        strike = str(before.run("CL-STRK", YESTERDAY))
    server = dark_server.start()
    page = desk_of(launch, "logistics_manager", "/exceptions")
    waiting = page.locator(".matters li").count()  # the warehouse of the demo has some of its own
    page.locator(".matters a", has_text="道具归位拍照").click()
    expect(page.locator(".facts")).to_contain_text("没有生效，等人定")
    form = page.locator("form[action$=decision]")
    form.locator("button[value=admit]").click()
    assert form.locator("textarea").evaluate("(field) => !field.validity.valid"), "not without a reason"
    form.locator("textarea").fill("照片与现场一致")
    form.locator("button[value=admit]").click()
    expect(page.locator("main .toast")).to_contain_text("已采纳")
    assert status_of(server, strike) == "done", "an admitted late answer reopens what was signed"
    expect(page.locator(".matters li")).to_have_count(waiting - 1)
    page.locator(".matters a", has_text="门口").click()
    expect(page.locator(".facts")).to_contain_text("没有生效，等人定")
    page.locator("form[action$=decision] textarea").fill("灯牌当晚是亮的")
    page.locator("form[action$=decision] button[value=dismiss]").click()
    expect(page.locator("main .toast")).to_contain_text("已驳回")
    page.goto(f"{server.url}/exceptions?decided=1")
    expect(page.locator("main")).to_contain_text("灯牌当晚是亮的")
    rows = server.rows("SELECT status FROM exception WHERE status <> 'open' ORDER BY status")
    assert [row["status"] for row in rows] == ["admitted", "dismissed"]


def test_the_menu_offers_what_the_role_opens(server: Server, launch: Launch) -> None:
    """F34: nobody is led to a closed door; who goes there all the same is told who can help, in both languages."""
    device = launch("desk", size=DESK)
    seen = {}
    for login in ("stagehand", "supervisor", "logistics_manager", "admin"):
        page = device.sign_in(login, "/account")
        seen[login] = set(page.locator("nav.side a.nav").evaluate_all("(links) => links.map((a) => a.getAttribute('href'))"))
        for href in sorted(seen[login] - {"/floor/today"}):
            answer = page.request.get(server.address + href)
            assert answer.status == 200, f"{login} is offered {href} and gets {answer.status}"
        if login in ("stagehand", "supervisor"):
            closed = "/lists" if login == "stagehand" else "/shows/new"
            answer = page.goto(server.url + closed)
            assert answer and answer.status == 403
            expect(page.locator("main")).to_contain_text("请管理员给你相应的角色")
            expect(page.locator("main [lang=en]")).to_contain_text("ask an administrator")
        page.context.clear_cookies()
    assert "/lists" not in seen["stagehand"] and "/lists" not in seen["admin"]
    assert {"/lists", "/shows", "/exceptions"} <= seen["supervisor"]
    assert {"/lists", "/shows", "/start", "/exceptions", "/devices"} <= seen["logistics_manager"]
    assert "/devices" in seen["admin"] and "/devices" not in seen["supervisor"]
