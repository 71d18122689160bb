"""The office's pages of lists: who may see them, what they say, and that they ask a constant number of questions."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event

from app.checklists.operations import start_run
from app.lib.clock import DAY
from app.lib.db import db
from app.lib.ids import new_id
from app.shows.operations import plan_show
from tests.checklists.conftest import Tonight

As = Callable[[str], FlaskClient]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
READERS = ("supervisor", "logistics_manager", "shift_lead", "operations", "director", "safety_officer", "general_manager")
OTHERS = ("stagehand", "camera", "admin", "finance")


def drawn() -> str:
    """A signature as the browser sends it."""
    picture = io.BytesIO()
    Image.new("RGB", (90, 38), "white").save(picture, "PNG")
    return "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the pages ask the database meanwhile."""
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def questions(client: FlaskClient, path: str) -> int:
    """How many statements one page costs; asked twice, so that what is remembered for good is."""
    client.get(path)
    with statements() as asked:
        answer = client.get(path)
        assert answer.status_code == 200, path
    return len(asked)


# -- who sees what -----------------------------------------------------------------------------------------------------------


def test_role_matrix(tonight: Tonight, as_: As, client: FlaskClient) -> None:
    """Readers read; whoever works on the floor gets 403; whoever is not signed in is led to the door."""
    run = f"/lists/{tonight.run_id('CL-SET')}"
    pages = ("/lists", "/lists.csv", run, f"{run}/print", f"{run}.csv")
    for page in (*pages, "/start"):
        answer = client.get(page)
        assert answer.status_code == 303 and answer.location.startswith("/signin?next="), page
    for login in READERS:
        browser = as_(login)
        for page in pages:
            assert browser.get(page).status_code == 200, (login, page)
    for login in OTHERS:
        browser = as_(login)
        for page in pages:
            assert browser.get(page).status_code == 403, (login, page)


def test_who_may_sign_reads_that_one_list(tonight: Tonight, as_: As) -> None:
    """CL-PRP is signed by a co-host, who reads no other list in the office (least view)."""
    browser = as_("co_host")
    assert browser.get(f"/lists/{tonight.run_id('CL-PRP')}").status_code == 200
    assert browser.get(f"/lists/{tonight.run_id('CL-SET')}").status_code == 403
    assert browser.get("/lists").status_code == 403


def test_starting_is_for_the_crew(tonight: Tonight, as_: As) -> None:
    """A stagehand is offered set-up lists and no others; finance starts none."""
    page = as_("stagehand").get("/start").text
    assert "场地分区布置与验收" in page and "仓库开库检查" not in page
    assert as_("finance").get("/start").status_code == 403


def test_what_is_not_there(tonight: Tonight, as_: As) -> None:
    """An unknown list and a broken address look the same: 404, and the page says who can help (F34)."""
    browser = as_("shift_lead")
    for path in (f"/lists/{new_id()}", "/lists/nonsense", "/lists/1%27--", f"/lists/{new_id()}/print", f"/lists/{new_id()}.csv"):
        answer = browser.get(path)
        assert answer.status_code == 404 and "后勤主管" in answer.text, path


def test_both_languages_are_complete(tonight: Tonight, as_: As) -> None:
    """No word is missing, and English pages are English around the crew's own words (GEN-8)."""
    tonight.through("CL-SAFE")
    tonight.answer("stagehand", "CL-SET", "SET-B1", verdict="fail", note="桌面晃动", severity="minor")
    browser = as_("logistics_manager")
    lists = [f"/lists/{tonight.run_id(code)}" for code in ("CL-SAFE", "CL-SET", "CL-LGT")]
    pages = [f"{address}{more}" for address in lists for more in ("", "/print", ".csv")]
    for path in ("/lists", "/lists.csv", "/lists?day=unfinished", "/start", *pages):
        for lang in ("zh", "en"):
            browser.set_cookie("offstage-lang", lang)
            text = browser.get(path).text
            assert "⟦" not in text, (path, lang, re.findall("⟦[^⟧]+⟧", text))
    assert "Venue set-up by zone" in browser.get(f"/lists?day={_day(tonight.starts_at)}").text
    assert "桌面晃动" in browser.get(f"/lists/{tonight.run_id('CL-SET')}").text


def test_the_number_of_questions_does_not_grow(tonight: Tonight, as_: As) -> None:
    """Three shows with 36 lists cost as many statements as one with 12; an answered list as many as an empty one."""
    browser = as_("logistics_manager")
    day = tonight.starts_at
    path = f"/lists?day={_day(day)}"
    empty, board = questions(browser, f"/lists/{tonight.run_id('CL-SAFE')}"), questions(browser, path)
    for number in (1, 2):
        plan_show(
            tonight.cast.operations, show_id=new_id(), title=f"第 {number} 场", kind="daily", room_id=tonight.room_id,
            starts_at=day + number * DAY, planned_min=60,
        )  # fmt: skip
    tonight.fill("CL-SAFE", login="safety_officer")
    assert questions(browser, path) <= board
    assert questions(browser, "/lists?day=unfinished") <= board + 2
    assert questions(browser, f"/lists/{tonight.run_id('CL-SAFE')}") <= empty + 2


def _day(at: int) -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=8)).date().isoformat()


# -- filters and tables ------------------------------------------------------------------------------------------------------


def test_filters_narrow_and_sort(tonight: Tonight, as_: As) -> None:
    """By words, state, post, person, fails; an unknown value is not asked."""
    tonight.through("CL-SAFE")
    tonight.answer("stagehand", "CL-SET", "SET-B1", verdict="fail", note="x", severity="minor")
    browser, day = as_("shift_lead"), f"day={_day(tonight.starts_at)}"

    def found(query: str) -> list[str]:
        page = browser.get(f"/lists?{day}&{query}").text
        return re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', page)

    assert found("q=灯光") == ["灯光准备"]
    assert found("q=LIGHTING") == ["灯光准备"]
    assert found("q=马国强") == ["开播前安全检查"]
    assert found("state=accepted") == ["开播前安全检查"]
    assert found("fails=1") == ["场地分区布置与验收"]
    assert found(f"person={tonight.cast.safety_officer}") == ["开播前安全检查"]
    assert set(found("role=camera")) == {"灯光准备", "摄像准备"}
    assert found("q=没有这种") == []
    assert len(found("state=nonsense&sort=nonsense&day=32")) > 10
    assert found("sort=-due") == found("sort=due")[::-1] or len(found("sort=-due")) == len(found("sort=due"))


def test_filtering_swaps_a_fragment_of_the_same_page(tonight: Tonight, as_: As) -> None:
    """Asked by htmx for a part, the frame is left out; the page itself is unchanged."""
    browser = as_("shift_lead")
    page, part = browser.get("/lists").text, browser.get("/lists", headers=HTMX).text
    assert page.count("<html") == 1 and "<html" not in part
    assert part.lstrip().startswith('<main id="page"')


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(tonight: Tonight, as_: As) -> None:
    """UTF-8 with its mark, one row a list with who and when; a title that is a formula is told to be text (T40)."""
    start_run(tonight.cast.warehouse_keeper, run_id=new_id(), template="CL-GRN", title='=HYPERLINK("http://x","x")')
    answer = as_("logistics_manager").get("/lists.csv?day=unfinished&sort=due")
    assert answer.mimetype == "text/csv" and answer.data.startswith(b"\xef\xbb\xbf")
    tonight.through("CL-SAFE")
    tonight.answer("stagehand", "CL-SET", "SET-B1", verdict="fail", note="=cmd|' /C calc'!A0", severity="minor")
    text = as_("logistics_manager").get(f"/lists/{tonight.run_id('CL-SET')}.csv").text
    assert "'=cmd|" in text and "\n=cmd" not in text and ",=cmd" not in text
    text = as_("logistics_manager").get(f"/lists.csv?day={_day(tonight.starts_at)}").text
    row = next(line for line in text.splitlines() if line.startswith("CL-SAFE"))
    assert "马国强" in row and "陈建国" in row and re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row)


def test_started_lists_stand_in_the_day_they_are_due(tonight: Tonight, as_: As) -> None:
    """A list of no show is found by its title, and the formula in it is harmless on the page and in the table."""
    start_run(tonight.cast.warehouse_keeper, run_id=new_id(), template="CL-GRN", title="=1+1<b>x</b>")
    browser = as_("logistics_manager")
    page = browser.get("/lists?q=1%2B1").text + browser.get(f"/lists?q=1%2B1&day={_day(tonight.starts_at)}").text
    assert "=1+1&lt;b&gt;x&lt;/b&gt;" in page and "<b>x</b>" not in page


def test_hostile_words_are_words(tonight: Tonight, as_: As) -> None:
    """A note with markup is shown as typed (T40)."""
    tonight.through("CL-SAFE")
    evil = "<script>alert(1)</script>"
    tonight.answer("stagehand", "CL-SET", "SET-B1", verdict="fail", note=evil, severity="minor")
    browser = as_("shift_lead")
    for more in ("", "/print"):
        page = browser.get(f"/lists/{tonight.run_id('CL-SET')}{more}").text
        assert evil not in page and "&lt;script&gt;alert(1)" in page


# -- the page of one list ----------------------------------------------------------------------------------------------------


def test_the_run_page_tells_the_whole_story(tonight: Tonight, as_: As) -> None:
    """Answers with who and limits, the history of an item, the trail with device, both times and verdict (promise 7)."""
    tonight.through("CL-SAFE")
    tonight.answer("stagehand", "CL-SET", "SET-C3", verdict="pass", value="2")
    tonight.answer("stagehand", "CL-SET", "SET-C3", verdict="pass", value="4")
    page = as_("shift_lead").get(f"/lists/{tonight.run_id('CL-SET')}").text
    assert "不合格 · 2 台" in page and "合格 · 4 台" in page  # CHK-4: the first was out of limits
    assert "≥ 3 台" in page and "王磊" in page and "先前 1 个答案" in page
    assert page.count("生效") >= 2 and "办公端" in page


def test_every_answer_names_its_device(tonight: Tonight, as_: As, device: Callable[[str], Any]) -> None:
    """Name, time and device stand beside each answer, on the page, on paper and in the table; also beside superseded ones."""
    tonight.through("CL-SAFE")
    run_id = tonight.run_id("CL-SET")
    tonight.answer("stagehand", "CL-SET", "SET-A2")
    before = tonight.item("CL-SET", "SET-A2")["answers"][0]["id"]
    said = {"run_id": str(run_id), "item_id": "SET-A2", "verdict": "pass", "note": "重贴"}
    device("stagehand").say("checklists.answer_item", said, basis=[before])
    lead = as_("shift_lead")
    row = lead.get(f"/lists/{run_id}").text.split('id="item-SET-A2"')[1].split("</details>")[0]
    assert "stagehand&#39;s device" in row.split('class="past"')[0] and "办公端" in row.split('class="past"')[1]
    assert "stagehand&#39;s device" in lead.get(f"/lists/{run_id}/print").text.split("SET-A2")[1].split("</tr>")[0]
    rows = [line for line in lead.get(f"/lists/{run_id}.csv").text.splitlines() if line.startswith("SET-A2")]
    assert ["办公端" in rows[0], "stagehand's device" in rows[1]] == [True, True]


def test_what_critical_items_lack_is_said(tonight: Tonight, as_: As) -> None:
    """CHK-2: each critical item that holds the list up, what it lacks, and who could waive it; never the safety list's."""
    tonight.fill("CL-SAFE", but=["SAFE-F3"])
    browser = as_("shift_lead")
    safe = browser.get(f"/lists/{tonight.run_id('CL-SAFE')}").text
    item = tonight.items_of("CL-SAFE")["SAFE-F3"]["zh"]
    assert f"缺：{item}" in safe and "还没有答" in safe and "还没有答，或由" not in safe
    tonight.answer(
        "safety_officer", "CL-SAFE", "SAFE-F3", **{k: v for k, v in tonight.good("CL-SAFE", "SAFE-F3").items() if k != "item_id"}
    )
    tonight.finish("CL-SAFE")
    tonight.accept("CL-SAFE")
    tonight.answer("stagehand", "CL-SET", "SET-C1", verdict="fail", note="x", severity="major")
    url = f"/lists/{tonight.run_id('CL-SET')}"
    for page in (browser.get(url).text, browser.get(f"{url}/print").text):
        assert "不合格，要整改后重答，或由后勤主管 → 运营放行" in page
    said = {"state": tonight.state("CL-SET"), "reason": "备机可用"}
    assert as_("logistics_manager").post(f"{url}/items/SET-C1/waiver", data=said).status_code == 303
    assert "不合格，要整改后重答，或由运营放行" in browser.get(url).text


def test_a_template_tells_who_may_waive(tonight: Tonight, as_: As, client: FlaskClient) -> None:
    """Items with what comes before them, who answers and signs, the chain of the waiver; an older version says so (CHK-1)."""
    lead = as_("shift_lead")
    page = lead.get("/templates/CL-SET@1").text
    assert "后勤主管 → 运营" in page and "场务" in page and "≥ 3 台" in page and "当班组长" in page
    assert "关键项不能放行" in lead.get("/templates/CL-SAFE").text
    assert lead.get("/templates/nope").status_code == 404 and as_("finance").get("/templates/CL-SET").status_code == 403
    assert client.get("/templates/CL-SET").status_code == 303
    assert 'href="/templates/CL-SET@1"' in lead.get(f"/lists/{tonight.run_id('CL-SET')}").text


def test_contested_answers_stand_side_by_side_and_a_lead_decides(tonight: Tonight, as_: As, device: Callable[[str], Any]) -> None:
    """CHK-7: both answers with their authors; the decision's form names both; deciding leaves one."""
    run_id = tonight.run_id("CL-SET")
    for login, verdict in (("stagehand", "pass"), ("stagehand2", "fail")):
        data = {"run_id": str(run_id), "item_id": "SET-B1", "verdict": verdict}
        device(login).say("checklists.answer_item", data)
    lead = as_("shift_lead")
    page = lead.get(f"/lists/{run_id}").text
    assert "王磊" in page and "阿卜杜热合曼·买买提" in page and "哪个答案算数" in page
    answers = re.findall(r'name="answer_id" value="([^"]+)"', page)
    assert len(answers) == 2
    states = re.findall(r'name="state" value="([0-9a-f-]{36})"', page)
    said = {"answer_id": answers[0], "state": states, "reason": "当面看过", "operation_id": str(new_id())}
    assert lead.post(f"/lists/{run_id}/items/SET-B1/decision", data=said).status_code == 303
    assert len(tonight.item("CL-SET", "SET-B1")["answers"]) == 1
    assert "当面看过" in lead.get(f"/lists/{run_id}").text
    again = lead.post(f"/lists/{run_id}/items/SET-B1/decision", data=said)
    assert again.status_code == 303, "said twice it has one effect (GEN-4)"


def test_signing(tonight: Tonight, as_: As) -> None:
    """The accepter signs what was shown; the picture is kept; a second press changes nothing (CHK-6, GEN-4)."""
    tonight.fill("CL-SAFE")
    tonight.finish("CL-SAFE")
    run_id, browser = tonight.run_id("CL-SAFE"), as_("logistics_manager")
    assert "验收签字" in browser.get(f"/lists/{run_id}").text
    said = {"state": tonight.state("CL-SAFE"), "signature": drawn(), "operation_id": str(new_id())}
    for _ in range(2):
        answer = browser.post(f"/lists/{run_id}/acceptance", data=said)
        assert (answer.status_code, answer.location) == (303, f"/lists/{run_id}")
    run = tonight.run("CL-SAFE")
    assert run["status"] == "accepted" and len(run["accepted"]["signature"]) == 64
    page = browser.get(f"/lists/{run_id}").text
    assert f"/blobs/{run['accepted']['signature']}/display" in page and "已签字验收" in page
    assert browser.get(f"/blobs/{run['accepted']['signature']}/display").status_code == 200


NOT_PICTURES = ("", "data:image/png;base64,", "data:image/png;base64,%%%", "data:text/html;base64,PGI+", "x" * 99)


@pytest.mark.parametrize("signature", NOT_PICTURES)
def test_a_signature_is_a_picture(tonight: Tonight, as_: As, signature: str) -> None:
    """Anything else is refused beside the form and changes nothing."""
    tonight.fill("CL-SAFE")
    tonight.finish("CL-SAFE")
    said = {"state": tonight.state("CL-SAFE"), "signature": signature}
    answer = as_("logistics_manager").post(f"/lists/{tonight.run_id('CL-SAFE')}/acceptance", data=said, headers=HTMX)
    assert answer.status_code == 422 and "签字" in answer.text and "<html" not in answer.text
    assert tonight.run("CL-SAFE")["status"] == "done"


def test_refusals_stand_beside_their_form(tonight: Tonight, as_: As) -> None:
    """A stale page, one's own work, a missing reason: one sentence each, with the status that fits."""
    tonight.fill("CL-SAFE", login="logistics_manager")
    tonight.finish("CL-SAFE")
    url = f"/lists/{tonight.run_id('CL-SAFE')}"
    browser = as_("logistics_manager")
    assert "你答过题" in browser.get(url).text
    said = {"state": tonight.state("CL-SAFE"), "signature": drawn()}
    answer = browser.post(f"{url}/acceptance", data=said, headers=HTMX)
    assert answer.status_code == 409 and "不能由你验收" in answer.text
    answer = browser.post(f"{url}/acceptance", data=said)
    assert answer.status_code == 409 and "<html" in answer.text
    other = as_("shift_lead")
    answer = other.post(f"{url}/cancellation", data={"reason": "   "}, headers=HTMX)
    assert answer.status_code == 422
    assert as_("stagehand").post(f"{url}/cancellation", data={"reason": "x"}, headers=HTMX).status_code == 403


def test_leading_verbs(tonight: Tonight, as_: As) -> None:
    """Assign, finish, send back, reopen, cancel: each a form of the page, each leads back to it."""
    lead, url = as_("shift_lead"), f"/lists/{tonight.run_id('CL-SET')}"
    assert lead.post(f"{url}/assignment", data={"person": [str(tonight.cast.camera)]}).status_code == 303
    assert tonight.run("CL-SET")["assignees"] == [str(tonight.cast.camera)]
    answer = lead.post(f"{url}/assignment", data={"page": "https://evil.example/x"})
    assert answer.location == "/", "no open redirect (T40)"
    tonight.through("CL-SAFE")
    tonight.fill("CL-SET")
    assert as_("stagehand").post(f"{url}/finish").status_code == 303
    assert tonight.run("CL-SET")["status"] == "done"
    said = {"state": tonight.state("CL-SET"), "reason": "重拍", "item": ["SET-A1"], "note.SET-A1": "糊了"}
    assert lead.post(f"{url}/rejection", data=said).status_code == 303
    assert tonight.item("CL-SET", "SET-A1")["sent_back"]["note"] == "糊了"
    assert "糊了" in lead.get(url).text
    tonight.answer("stagehand", "CL-SET", "SET-A1", photos=["ab" * 32])
    tonight.finish("CL-SET")
    assert lead.post(f"{url}/acceptance", data={"state": tonight.state("CL-SET"), "signature": drawn()}).status_code == 303
    assert lead.post(f"{url}/reopening", data={"state": tonight.state("CL-SET"), "reason": "灯换了"}).status_code == 303
    page = lead.get(url).text
    assert "灯换了" in page and "作废的签字" in page
    assert lead.post(f"{url}/cancellation", data={"reason": "停播"}).status_code == 303
    assert "停播" in lead.get(url).text and tonight.run("CL-SET")["status"] == "cancelled"


def test_a_waiver_is_offered_to_whose_step_it_is(tonight: Tonight, as_: As) -> None:
    """CHK-2: two people, one after the other; the page offers the form to nobody else."""
    tonight.through("CL-SAFE")
    tonight.answer("stagehand", "CL-SET", "SET-C1", verdict="fail", note="x", severity="major")
    url = f"/lists/{tonight.run_id('CL-SET')}"
    people = ("logistics_manager", "operations", "shift_lead")
    offered = {login for login in people if "/items/SET-C1/waiver" in as_(login).get(url).text}
    assert len(offered) == 1
    first = offered.pop()
    said = {"state": tonight.state("CL-SET"), "reason": "备机可用"}
    assert as_(first).post(f"{url}/items/SET-C1/waiver", data=said).status_code == 303
    page = as_(first).get(url).text
    assert "/items/SET-C1/waiver" not in page and "备机可用" in page and "放行还差一步" in page


def test_starting_a_list(tonight: Tonight, as_: As) -> None:
    """Started by a reader it opens in the office, by anybody else on the floor; twice the same form is one list."""
    run_id = str(new_id())
    said = {"template": "CL-GRN@1", "title": "到货单 88", "run_id": run_id, "operation_id": str(new_id())}
    for _ in range(2):
        answer = as_("warehouse_keeper").post("/start", data=said)
        assert (answer.status_code, answer.location) == (303, f"/floor/run/{run_id}")
    assert "到货单 88" in as_("shift_lead").get(f"/lists/{run_id}").text
    answer = as_("finance").post("/start", data={"template": "CL-GRN@1"}, headers=HTMX)
    assert answer.status_code == 403


def test_paper_stands_alone(tonight: Tonight, as_: As) -> None:
    """Show, room, template version, every answer with both times, signatures, the trail, who printed (GEN-9 of paper)."""
    tonight.through("CL-SAFE")
    page = as_("supervisor").get(f"/lists/{tonight.run_id('CL-SAFE')}/print").text
    for said in ("秋冬家居好物夜", "1 号直播间", "模板第 1 版", "马国强", "陈建国", "刘振华", str(tonight.run_id("CL-SAFE"))):
        assert said in page, said
    assert len(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", page)) > 40
    assert '<nav class="side"' not in page
