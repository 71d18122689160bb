"""Exceptions of stock in the office: what happened in words, what settles it, and nothing of the book for who counts blind."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.cases.models import OperationException
from app.lib.ids import Id, new_id
from app.stock.models import Barcode
from app.stock.operations import archive_product, close_bin, finish_bin, force_close
from tests.checklists.test_pages import HTMX, questions
from tests.stock.conftest import MUG_EAN, StockCount, Warehouse

As = Callable[[str], FlaskClient]
Device = Callable[[str], Any]
NOBODY_KNOWS = "6901234000016"


def exception_of(stock: Any, verdict: Any) -> Id:
    """The open exception of an operation."""
    found = stock.fresh().scalar(select(OperationException.id).where(OperationException.operation_id == Id(verdict["id"])))
    assert found is not None, verdict
    return found


def scan(stock_count: StockCount, phone: Any, count_id: Id, **said: Any) -> Any:
    """A scan that a phone sends."""
    line = {"bin_count_id": str(count_id), "quantity": "7", "via": "wedge", **said}
    return phone.say("stock.record_count_line", line)


def unknown(stock_count: StockCount, device: Device, login: str = "warehouse_keeper", times: int = 1) -> Id:
    """A code that nobody knows, scanned some times."""
    phone, count_id = device(login), stock_count.open(login=login)
    verdicts = [scan(stock_count, phone, count_id, code=NOBODY_KNOWS, key=f"0{NOBODY_KNOWS}") for _ in range(times)]
    assert {one["code"] for one in verdicts} == {"unknown_code"}
    return exception_of(stock_count, verdicts[0])


def late(stock_count: StockCount, device: Device, login: str = "shipping_clerk", times: int = 3) -> Id:
    """Scans that arrive when the count is closed."""
    stock_count.count()
    phone, count_id = device(login), stock_count.open(stock_count.two, login)
    stock_count.skip(stock_count.two)
    force_close(stock_count.cast.logistics_manager, stock_take_id=stock_count.id, reason="手机没电了")
    verdicts = [scan(stock_count, phone, count_id, product_id=str(stock_count.mug)) for _ in range(times)]
    assert {one["code"] for one in verdicts} == {"after_close"}
    return exception_of(stock_count, verdicts[0])


def test_below_zero_leads_to_a_spot_count(warehouse: Warehouse, device: Device, as_: As) -> None:
    """STK-2: who, which device, what, how much, what the book has, and one tap to count the bin."""
    said = {"bin_id": str(warehouse.one), "product_id": str(warehouse.mug), "quantity": "8", "purpose": "show", "ref": "S-17"}
    page = f"/exceptions/{exception_of(warehouse, device('warehouse_keeper').say('stock.issue', said))}"
    manager = as_("logistics_manager")
    text = manager.get(page).text
    for word in ("账面不够，已停拣", "A-01-1-01 · 马克杯", "8 件", "−8 件", "场次领用", "S-17", "warehouse_keeper&#39;s device"):
        assert word in text, word
    assert "归后勤主管" in text and page in manager.get("/exceptions?which=mine").text
    count = re.search(r'href="(/stock/counts/new\?[^"]+)"', text)
    assert count is not None
    plan = manager.get(count[1].replace("&amp;", "&")).text
    assert ">A-01-1-01</textarea>" in plan and 'value="spot" selected' in plan and "1 个库位" in plan
    assert count[0] not in as_("supervisor").get(page).text, "who may not plan is not led there"


@pytest.mark.parametrize(
    ("verb", "code", "words", "leads"),
    [
        ("close", "bin_closed", "货在已关闭的库位", "/stock/bins/"),
        ("archive", "product_archived", "停用的商品", "/stock/products/"),
        ("lot", "lot_missing", "少了批次", "/stock/counts/new?"),
        ("lock", "bin_locked", "从锁定的库位拿了货", "/stock/counts/new?"),
    ],
)
def test_each_leads_to_what_settles_it(
    warehouse: Warehouse, device: Device, as_: As, verb: str, code: str, words: str, leads: str
) -> None:
    """Movements that did not fit, in words, with the page on which that is put right."""
    manager, keeper = warehouse.cast.logistics_manager, device("warehouse_keeper")
    said = {"bin_id": str(warehouse.one), "product_id": str(warehouse.mug), "quantity": "1"}
    kind = "stock.receive"
    if verb == "close":
        close_bin(manager, bin_id=warehouse.one, reason="x")
    elif verb == "archive":
        archive_product(manager, product_id=warehouse.mug, reason="x")
    elif verb == "lot":
        said["product_id"] = str(warehouse.product("COS-0002", "面霜", "Cream", "COS", lot=True))
    else:
        keeper.say("stock.issue", {**said, "purpose": "use"})
        warehouse.put(warehouse.one, warehouse.mug, "9")
        kind, said = "stock.issue", {**said, "purpose": "use"}
    verdict = keeper.say(kind, said)
    assert verdict["code"] == code
    text = as_("logistics_manager").get(f"/exceptions/{exception_of(warehouse, verdict)}").text
    assert words in text and f'class="btn" href="{leads}' in text and "⟦" not in text


def test_what_came_late_of_a_bin_is_one_matter(stock_count: StockCount, device: Device, as_: As) -> None:
    """T11: three lines stand as one, and one word with a reason admits them all; one alone can be decided too."""
    exception_id = late(stock_count, device)
    page, manager = f"/exceptions/{exception_id}", as_("logistics_manager")
    listed = manager.get("/exceptions").text
    assert listed.count('class="matter"') == 3 and "收尾以后才到（3 条）" in listed, (
        "one matter, its two others beside the chosen"
    )
    text = manager.get(page).text
    assert "A-01-1-02 迟到的全部采纳" in text and "周末盘点（第 1 号）" in text and "只定这一条" in text and "7 件" in text
    at = f"/stock/exceptions/{exception_id}/late"
    wrong = manager.post(at, data={"word": "admit", "reason": ""}, headers=HTMX)
    assert wrong.status_code == 422 and 'id="late-reason-error"' in wrong.text
    assert manager.post(at, data={"word": "x", "reason": "x"}, headers=HTMX).status_code == 422
    assert as_("supervisor").post(at, data={"word": "admit", "reason": "x"}).status_code == 403
    assert manager.post(at, data={"word": "admit", "reason": "核对过", "operation_id": str(new_id())}).status_code == 303
    assert stock_count.exceptions() == [] and len(stock_count.lines()) == 3
    assert "没有等着的异常" in manager.get("/exceptions").text
    assert manager.post(at, data={"word": "admit", "reason": "x"}, headers=HTMX).status_code == 409


def test_what_came_late_is_dismissed_by_one_word(stock_count: StockCount, device: Device, as_: As) -> None:
    """T11: the other button of the same form; the lines count for nothing and stay in the log with the reason."""
    page = f"/exceptions/{late(stock_count, device)}"
    manager = as_("logistics_manager")
    assert 'value="dismiss">都不算' in manager.get(page).text
    assert manager.post(f"/stock{page}/late", data={"word": "dismiss", "reason": "扫到隔壁去了"}).status_code == 303
    assert (stock_count.exceptions(), stock_count.lines()) == ([], [])
    assert "扫到隔壁去了" in manager.get(page).text


def test_nobody_admits_their_own_late_lines(stock_count: StockCount, device: Device, as_: As) -> None:
    """GEN-3: the page offers nothing, and the exception belongs to the other post."""
    stock_count.id = stock_count.plan(counters=("shift_lead", "warehouse_keeper"))
    page = f"/exceptions/{late(stock_count, device, 'shift_lead')}"
    text = as_("shift_lead").get(page).text
    assert "/late" not in text.split('id="page"')[1] and "由别人来定" in text and "后勤主管" in text


@pytest.mark.parametrize("typed", ["HOM-0001", " hom-0001 ", MUG_EAN])
def test_an_unknown_code_gets_its_product(stock_count: StockCount, device: Device, as_: As, typed: str) -> None:
    """STK-10: by SKU or a code it has; every scan of it is settled at once and the code is known everywhere."""
    exception_id = unknown(stock_count, device, times=2)
    page, manager = f"/exceptions/{exception_id}", as_("logistics_manager")
    text = manager.get(page).text
    assert NOBODY_KNOWS in text and "没人认识的条码" in text and f"/stock/counts/{stock_count.id}?view=unknown" in text
    at = f"/stock/exceptions/{exception_id}/code"
    assert at in text and at not in as_("shift_lead").get(page).text, "who keeps products says what a code is"
    for wrong in ({"sku": "", "pack": "1"}, {"sku": "nothing", "pack": "1"}, {"sku": typed, "pack": "x"}):
        answer = manager.post(at, data=wrong, headers=HTMX)
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text, wrong
    assert as_("shift_lead").post(at, data={"sku": typed, "pack": "6"}).status_code == 403
    said = {"sku": typed, "pack": "6", "operation_id": str(new_id())}
    for _ in range(2):
        assert manager.post(at, data=said).status_code == 303
    assert stock_count.exceptions() == []
    assert {line.product_id for line in stock_count.lines()} == {stock_count.mug}
    assert stock_count.fresh().scalar(select(Barcode.pack).where(Barcode.code == NOBODY_KNOWS)) == 6
    assert NOBODY_KNOWS in manager.get("/exceptions?decided=1").text


def test_whoever_counts_blind_reads_no_quantity(stock_count: StockCount, device: Device, as_: As) -> None:
    """STK-3, T22: neither what another counted or moved nor what the book has; one's own stays readable."""
    said = {"bin_id": str(stock_count.two), "product_id": str(stock_count.mug), "quantity": "8317", "purpose": "use"}
    moved = exception_of(stock_count, device("warehouse_keeper").say("stock.issue", said))
    counted = unknown(stock_count, device)
    stock_count.id = stock_count.plan(counters=("shift_lead", "logistics_manager"))
    own = unknown(stock_count, device, "shift_lead")
    lead = as_("shift_lead")
    for page, figure in ((moved, "8317"), (counted, "7")):
        text = lead.get(f"/exceptions/{page}").text
        assert "你正在参加盲盘" in text and '<b class="figure">' not in text and f"{figure} 件" not in text, page
    shown = lead.get(f"/exceptions/{moved}").text.split('id="page"')[1]
    assert "8317" not in re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", shown), "ids may hold any digits"
    assert '<b class="figure">7' in lead.get(f"/exceptions/{own}").text
    assert "8317" in as_("supervisor").get(f"/exceptions/{moved}").text, "who does not count reads it"


def test_both_languages(stock_count: StockCount, device: Device, as_: As) -> None:
    """GEN-8: every kind of fact of counting has its words."""
    phone = device("warehouse_keeper")
    unknown(stock_count, device)
    count_id = stock_count.open(stock_count.two)
    finish_bin(stock_count.cast.warehouse_keeper, bin_count_id=count_id)
    three = stock_count.warehouse.bin("B-01-1-01", area="B")
    outside = phone.say("stock.open_bin", {"stock_take_id": str(stock_count.id), "bin_id": str(three)})
    assert outside["code"] == "bin_not_planned"
    left = phone.say("stock.close_stock_take", {"stock_take_id": str(stock_count.id)})
    assert left["code"] == "bins_left"
    browser = as_("shift_lead")
    for lang, title in (("zh", "盘了计划外的库位"), ("en", "A bin outside the plan was counted")):
        browser.set_cookie("offstage-lang", lang)
        assert title in browser.get("/exceptions").text
        for verdict in (outside, left):
            assert "⟦" not in browser.get(f"/exceptions/{exception_of(stock_count, verdict)}").text


def test_constant_number_of_questions(stock_count: StockCount, device: Device, as_: As) -> None:
    """Thirty exceptions cost as many statements as one."""
    unknown(stock_count, device)
    browser = as_("logistics_manager")
    before = questions(browser, "/exceptions")
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    for n in range(30):
        scan(stock_count, phone, count_id, code=f"X-{n}", key=f"X-{n}")
    assert questions(browser, "/exceptions") == before
