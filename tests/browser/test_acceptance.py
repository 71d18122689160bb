"""Who signs a finished list, who never does, and what becomes of a signature: on the floor and in the office (story 6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import DESK, PHONE, Device, Server
from tests.browser.run_page import RunPage, items_of, sign
from tests.browser.stage import NEXT_WEEK, stage
from tests.browser.truth import record_of, status_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-acceptance")]

Launch = Callable[..., Device]
ITEMS = {item["id"]: item for item in items_of("CL-SET")}

POST = """async ([path, fields]) => {
  const body = new URLSearchParams(fields);
  const answer = await fetch(path, {method: "POST", body, headers: {"HX-Request": "true"}});
  return [answer.status, await answer.text()];
}"""
APPEND = r"""async ({type, data, basis, blobs}) => {
  const [build] = document.querySelector("script[src*='/static/']").src.match(/.*\/static\/[^/]+\//);
  const {device} = await import(`${build}js/floor/device.js`);  // as in a second tab
  return (await (await device()).append({type, data, basis, blobs, effects: [], note: null})).id;
}"""
# The smallest PNG: what a hand-written form would bring as its signature.
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def office(launch: Launch, login: str, path: str) -> Page:
    """Somebody at a desk."""
    return launch(f"desk-{login}", size=DESK).sign_in(login, path)


def in_office(page: Page, label: str) -> None:
    """Open a folded form of the panel."""
    page.locator(".beside summary", has_text=label).click()


def test_a_list_is_signed_voided_and_signed_again(dark_server: Server, launch: Launch) -> None:
    """CHK-6, GEN-2: the shift lead sees the fail first and signs on the floor; the director signs the light in the office.

    Reopened with a reason, the signature is void and stays on file; the floor hears it.
    """
    with stage(dark_server.data_dir) as before:
        before.answer("CL-SET", "stagehand")
        before.finish("CL-SET", "stagehand")
        run_id, light = str(before.run("CL-SET")), str(before.run("CL-LGT"))
    server = dark_server.start()
    lead = launch("lead", size=PHONE)
    page = lead.sign_in("shift_lead", f"/floor/run/{run_id}/finish")
    expect(page.locator("main section").first).to_contain_text(ITEMS["SET-C3"]["zh"])
    assert page.evaluate(
        "document.querySelector('main h2').compareDocumentPosition(document.querySelector('[data-pad]'))"
        " === Node.DOCUMENT_POSITION_FOLLOWING"
    ), "the fail is seen before the pad"
    form = page.locator("form[hx-post*='/accept']")
    form.locator("[data-confirm]").click()
    expect(form).to_contain_text("先在线上签名")
    form.locator("[name=note]").fill("对讲机少一台，已知")
    sign(page, form)
    wait_until(lambda: status_of(server, run_id) == "accepted", "the signature arrived")
    expect(page.locator("[data-pad]")).to_have_count(0)
    expect(page.locator("#signed-title")).to_be_visible()

    server.kill()
    with stage(server.data_dir) as meanwhile:
        meanwhile.answer("CL-LGT", "camera")
        meanwhile.finish("CL-LGT", "camera")
    server.start()
    desk = office(launch, "director", f"/lists/{light}")
    desk.locator("form[action$=acceptance] button.btn-main").click()
    expect(desk.locator("sign-here .cue-stop")).to_be_visible()  # not without a signature
    desk.keyboard.press("Enter")  # the key that writes the name has the focus
    desk.locator("form[action$=acceptance] button.btn-main").click()
    expect(desk.locator("main .toast")).to_contain_text("已签字验收")
    assert status_of(server, light) == "accepted"

    page.goto(f"{server.url}/floor/run/{run_id}/finish")
    page.locator("main a[href*='open=reopen']").click()
    page.fill("#reason", "备用电源没有满电")
    page.locator("form[hx-post*='/reopen'] button").click()
    wait_until(lambda: status_of(server, run_id) == "open", "the list is open again")
    expect(page.locator("#run-head")).to_contain_text("备用电源没有满电")
    desk.goto(f"{server.url}/lists/{run_id}")
    expect(desk.locator("section[aria-labelledby=void]")).to_contain_text("备用电源没有满电")


def test_whoever_answered_gets_no_pad_and_no_way_round(dark_server: Server, launch: Launch) -> None:
    """CHK-6, GEN-3, T32: not on the floor, not in the office, not by a form written by hand, not by way of sync."""
    with stage(dark_server.data_dir) as before:
        before.answer("CL-SET", "shift_lead", but=[id for id in ITEMS if id != "SET-E2"])
        before.answer("CL-SET", "stagehand")
        before.finish("CL-SET", "stagehand")
        run_id, sha = str(before.run("CL-SET")), before.signature
    server = dark_server.start()
    lead = launch("lead", size=PHONE)
    page = lead.sign_in("shift_lead", f"/floor/run/{run_id}/finish")
    expect(page.locator("main")).to_contain_text("你答过这份清单，要由别人验收")
    expect(page.locator("[data-pad]")).to_have_count(0)
    state = record_of(server, "checklist_run", run_id)["state"]
    said = {"type": "checklists.accept_run", "data": {"run_id": run_id, "signature": sha}, "basis": [state], "blobs": [sha]}
    page.evaluate(APPEND, said)
    expect(page.locator(".sync")).to_have_attribute("data-state", "need", timeout=30_000)
    page.goto(f"{server.url}/floor/outbox")
    expect(page.locator("main")).to_contain_text("不能由你验收")

    page.goto(f"{server.url}/lists/{run_id}")
    expect(page.locator("#why-not")).to_contain_text("由别人验收")
    expect(page.locator("sign-here")).to_have_count(0)
    answer, text = page.evaluate(POST, [f"/lists/{run_id}/acceptance", {"signature": PNG, "state": state}])
    assert (answer, "不能由你验收" in text) == (409, True), text
    assert status_of(server, run_id) == "done"


def test_what_is_sent_back_shows_at_once_to_those_who_built(dark_server: Server, launch: Launch) -> None:
    """CHK-6: the lead names two items in the office; the open page of the stagehand marks them, and is finished again."""
    with stage(dark_server.data_dir) as before:
        before.answer("CL-SET", "stagehand")
        before.say(before.run("CL-SET"), "stagehand", {"item_id": "SET-C3", "verdict": "pass", "value": "3"})
        before.finish("CL-SET", "stagehand")
        run_id = str(before.run("CL-SET"))
    server = dark_server.start()
    stagehand = launch("stage", size=PHONE)
    page = stagehand.sign_in("stagehand", f"/floor/run/{run_id}")
    desk = office(launch, "shift_lead", f"/lists/{run_id}")
    in_office(desk, "退回")
    form = desk.locator("form[action$=rejection]")
    form.locator("[name=reason]").fill("台面还有指纹")
    form.locator("input[value=SET-B2]").check()
    form.locator("[name='note.SET-B2']").fill("左边 <b>一角</b>")
    form.locator("input[value=SET-E3]").check()
    form.locator("button.btn-danger").click()
    expect(desk.locator("main .toast")).to_contain_text("已退回")
    expect(page.locator("#run-head")).to_contain_text("台面还有指纹", timeout=30_000)
    back = page.locator("#item-SET-B2")
    expect(back).to_contain_text("退回重做")
    expect(back).to_contain_text("左边 <b>一角</b>")
    expect(page.locator(".row[data-todo]")).to_have_count(2)
    for item_id in ("SET-B2", "SET-E3"):
        page.locator(f"#item-{item_id} .key-box").click()
        expect(page.locator(f"#item-{item_id}")).not_to_contain_text("退回重做")
    run = RunPage(page, run_id, "CL-SET")
    run.finish()
    wait_until(lambda: status_of(server, run_id) == "done", "finished again")
    desk.reload()
    expect(desk.locator("#item-SET-B2 ~ tr.past").first).to_be_attached()  # the first answer stays in the history
    expect(desk.locator("sign-here")).to_be_visible()


def test_a_critical_fail_is_waived_by_two_people_and_never_for_safety(dark_server: Server, launch: Launch) -> None:
    """CHK-2: logistics_manager on the floor, then operations in the office, both with a reason; CL-SAFE offers none."""
    with stage(dark_server.data_dir) as before:
        before.answer("CL-SET", "stagehand", fail=["SET-C2"])
        before.answer("CL-SAFE", "safety_officer", fail=["SAFE-F6"], show=NEXT_WEEK)
        run_id, safety = str(before.run("CL-SET")), str(before.run("CL-SAFE", NEXT_WEEK))
    server = dark_server.start()
    manager = launch("manager", size=PHONE)
    page = manager.sign_in("logistics_manager", f"/floor/run/{run_id}?item=SET-C2")
    expect(page.locator("#run-head")).to_contain_text("1 个关键项不合格")
    row = page.locator("#item-SET-C2")
    row.locator("button", has_text="例外放行").click()
    row.locator("textarea[name=reason]").fill("备用发电车已到场")
    row.locator(".waiver form button").click()
    expect(row).to_contain_text("放行还差一步")
    manager.wait_synced()
    page.goto(f"{server.url}/floor/run/{safety}?item=SAFE-F6")
    expect(page.locator("#item-SAFE-F6")).to_have_attribute("data-state", "fail")
    expect(page.locator("main", has_text="例外放行")).to_have_count(0)

    desk = office(launch, "operations", f"/lists/{run_id}")
    expect(desk.locator("#item-SET-C2")).to_contain_text("备用发电车已到场")
    in_office(desk, "放行“备用电源")
    form = desk.locator("form[action*='SET-C2/waiver']")
    form.locator("textarea").fill("同意，开播后补")
    form.locator("button").click()
    expect(desk.locator("main .toast")).to_contain_text("放行已记下")
    expect(page.locator(".sync")).to_have_attribute("data-state", "synced")
    expect(desk.locator("#item-SET-C2")).to_contain_text("同意，开播后补")
    desk.goto(f"{server.url}/lists/{safety}")
    expect(desk.locator("form[action*=waiver]")).to_have_count(0)
    state = record_of(server, "checklist_item", f"{safety}/SAFE-F6")["state"][0]
    answer, text = page.evaluate(POST, [f"/lists/{safety}/items/SAFE-F6/waiver", {"reason": "赶时间", "state": state}])
    assert (answer, "不能放行" in text) == (409, True), text

    page.goto(f"{server.url}/floor/run/{run_id}/finish")
    expect(page.locator("#blocking")).to_have_count(0)
    page.locator("button.btn-main[hx-post*='/finish']").click()
    wait_until(lambda: status_of(server, run_id) == "done", "a waived list can be finished")
    expect(page.locator("#found-waived")).to_be_visible()


def test_a_fail_that_arrives_after_the_signature_voids_it(dark_server: Server, launch: Launch) -> None:
    """CHK-6, I7: two devices, one without a network while the list is finished and signed; both words are kept."""
    with stage(dark_server.data_dir) as before:
        before.answer("CL-SET", "stagehand", but=["SET-E2"])
        run_id = str(before.run("CL-SET"))
    server = dark_server.start()
    away = launch("away", size=PHONE)
    page = away.sign_in("stagehand2")
    assert away.context
    away.context.set_offline(True)
    page.goto(f"{server.url}/floor/run/{run_id}")
    row = page.locator("#item-SET-D3")
    row.locator(".row-open").click()
    row.locator(".answers .key[data-cue=stop]").click()
    expect(row).to_have_attribute("data-state", "fail")

    desk = office(launch, "shift_lead", f"/lists/{run_id}")
    server.kill()
    with stage(server.data_dir) as meanwhile:
        meanwhile.answer("CL-SET", "stagehand")
        meanwhile.finish("CL-SET", "stagehand")
    server.start()
    desk.reload()
    pad = desk.locator("sign-here .sign")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    desk.mouse.move(box["x"] + 30, box["y"] + 40)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 160, box["y"] + 70, steps=5)
    desk.mouse.up()
    desk.locator("form[action$=acceptance] button.btn-main").click()
    expect(desk.locator("main .toast")).to_contain_text("已签字验收")

    away.context.set_offline(False)
    wait_until(lambda: status_of(server, run_id) == "done", "the late fail voided the signature")
    desk.reload()
    expect(desk.locator("section[aria-labelledby=void]")).to_contain_text("签字后到达的不合格让签字作废")
    expect(desk.locator("section[aria-labelledby=acc]")).to_contain_text("签字后又来了答案")
    expect(desk.locator(".table-trail tr", has_text="这条记录已保存，验收人会看到它")).to_contain_text("我的")
    assert server.rows("SELECT 1 FROM exception WHERE code = 'after_acceptance' AND status = 'open' LIMIT 1")
