"""Stock takes in the office: planned, followed, reviewed, approved; and nothing of the book for those who count blind (STK-3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.lib.ids import new_id
from tests.checklists.test_pages import questions
from tests.stock.conftest import StockCount, Warehouse

As = Callable[[str], FlaskClient]


def typed(warehouse: Warehouse, **more: Any) -> dict[str, Any]:
    """The form of a plan as a lead fills it in."""
    return {
        "title": "月底循环盘点", "kind": "cycle", "blind": "1", "area": ["A"], "counters": [str(warehouse.cast.warehouse_keeper)],
        "stock_take_id": str(new_id()), "operation_id": str(new_id()), **more,
    }  # fmt: skip


def hidden(page: str, name: str) -> list[str]:
    """Values of hidden fields of this name, in order."""
    return re.findall(rf'name="{name}" value="([^"]*)"', page)


def test_role_matrix(stock_count: StockCount, as_: As, client: FlaskClient) -> None:
    """Who works with goods sees how far a count is; leads plan; reviewers review; the set crew gets 403."""
    at = f"/stock/counts/{stock_count.id}"
    for page in ("/stock/counts", at):
        assert client.get(page).status_code == 303
        for login in ("logistics_manager", "warehouse_keeper", "buyer", "finance", "supervisor"):
            assert as_(login).get(page).status_code == 200, (login, page)
        for login in ("stagehand", "camera", "hr"):
            assert as_(login).get(page).status_code == 403, (login, page)
    for login, status in (("shift_lead", 200), ("logistics_manager", 200), ("warehouse_keeper", 403), ("buyer", 403)):
        assert as_(login).get("/stock/counts/new").status_code == status
    keeper = as_("warehouse_keeper")
    for verb in ("cancellation", "counters", "approval", "closure/unchanged", "lines", "recounts"):
        data = {"reason": "x", "counters": str(stock_count.cast.buyer), "state": "x", "bin_id": str(stock_count.one)}
        assert keeper.post(f"{at}/{verb}", data=data).status_code in (403, 422), verb
    assert stock_count.take()["status"] == "planned"
    assert keeper.get(f"{at}.csv").status_code == 403
    assert as_("buyer").get(f"/stock/counts/{new_id()}").status_code == 404


@pytest.mark.parametrize(
    ("chosen", "codes"),
    [
        ({}, ["A-01-1-01", "A-01-1-02", "C-01-1-01"]),
        ({"area": ["A"]}, ["A-01-1-01", "A-01-1-02"]),
        ({"area": [], "category": ["COS"]}, ["A-01-1-02"]),
        ({"area": [], "codes": "c-01-1-01 BIN:A-01-1-01 Z-9"}, ["C-01-1-01", "A-01-1-01"]),
        ({"area": [], "most": "1"}, ["A-01-1-01"]),
    ],
)
def test_a_plan_finds_its_bins(warehouse: Warehouse, as_: As, chosen: dict[str, Any], codes: list[str]) -> None:
    """By area, by what lies in them, by name, the longest uncounted first; told while one chooses."""
    warehouse.bin("C-01-1-01", area="C")
    warehouse.put(warehouse.two, warehouse.serum, "5", lot="L1")
    said = typed(warehouse, **{"area": [], **chosen})
    browser = as_("shift_lead")
    told = browser.post("/stock/counts/scope", data=said).text
    assert f"{len(codes)} 个库位" in told and ("Z-9" in told) == ("codes" in chosen)
    answer = browser.post("/stock/counts", data=said)
    assert answer.location == f"/stock/counts/{said['stock_take_id']}"
    assert re.findall(r'<span class="tape">([^<]+)</span>', browser.get(answer.location).text) == codes
    assert browser.post("/stock/counts", data=said).status_code == 303
    assert browser.get("/stock/counts").text.count("月底循环盘点") == 1


def test_a_plan_tells_of_other_counts(stock_count: StockCount, as_: As) -> None:
    """Which, and how many of the bins; refused until the box is ticked, which stays ticked while one goes on choosing."""
    browser, said = as_("shift_lead"), typed(stock_count.warehouse)
    told = browser.post("/stock/counts/scope", data=said).text
    assert "周末盘点（第 1 号）" in told and "2 个库位" in told and 'name="overlap" value="1">' in told
    refused = browser.post("/stock/counts", data=said)
    assert refused.status_code == 409 and "1 周末盘点" in refused.text
    said["overlap"] = "1"
    assert 'name="overlap" value="1" checked>' in browser.post("/stock/counts/scope", data=said).text
    assert browser.post("/stock/counts", data=said).status_code == 303


@pytest.mark.parametrize(
    ("changes", "field"), [({"title": ""}, "title"), ({"codes": "Z-9"}, "codes"), ({"counters": []}, "counters")]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_wrong_with_a_plan(warehouse: Warehouse, as_: As, changes: dict[str, Any], field: str, lang: str) -> None:
    """At its field, in either language; nothing is planned."""
    browser = as_("shift_lead")
    browser.set_cookie("offstage-lang", lang)
    said = typed(warehouse, **changes)
    answer = browser.post("/stock/counts", data=said)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text and "⟦" not in answer.text
    assert warehouse.record("stock_take", said["stock_take_id"]) is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_from_differences_to_an_adjusted_book(stock_count: StockCount, as_: As, device: Callable[[str], Any], lang: str) -> None:
    """A difference waits, is counted again, accepted with its reason, approved by somebody who counted nothing (GEN-3)."""
    mug, at = stock_count.mug, f"/stock/counts/{stock_count.id}"
    stock_count.warehouse.put(stock_count.one, mug, "30")
    manager = as_("logistics_manager")
    manager.set_cookie("offstage-lang", lang)
    count_id = stock_count.open()
    stock_count.line(count_id, mug, "21")
    scan = {"bin_count_id": count_id, "code": "X-9", "key": "X-9", "quantity": "2", "via": "wedge"}
    assert device("warehouse_keeper").say("stock.record_count_line", scan)["code"] == "unknown_code"
    stock_count.finish(count_id)
    assert manager.post(f"{at}/closure").status_code == 409, "a bin is left (STK-6)"
    assert manager.post(f"{at}/bins/{stock_count.two}/skip", data={"reason": "货架挡住了"}).status_code == 303
    assert manager.post(f"{at}/closure").status_code == 303
    page = manager.get(at).text
    assert ">30<" in page and "−9" in page and 'action="' + f"{at}/approval" not in page and "⟦" not in page
    assert "X-9" in manager.get(f"{at}?view=unknown").text
    line = {name: hidden(page, name)[0] for name in ("bin_id", "product_id", "lot", "status", "state")}
    assert manager.post(f"{at}/lines", data={**line, "accepted": "1", "reason": "lost"}).status_code == 409, "STK-4"
    assert manager.post(f"{at}/recounts", data={**line, "assigned_to": str(stock_count.cast.returns_clerk)}).status_code == 303
    again = stock_count.open(login="returns_clerk", recounts=[stock_count.recounts()[0].id])
    stock_count.line(again, mug, "20", "returns_clerk")
    stock_count.finish(again, "returns_clerk")
    line["state"] = hidden(manager.get(at).text, "state")[0]
    wrong = manager.post(f"{at}/lines", data={**line, "accepted": "1", "reason": ""})
    assert wrong.status_code == 422 and 'id="reason-1-error"' in wrong.text
    said = {**line, "accepted": "1", "reason": "lost", "back": f"{at}?view=all"}
    assert manager.post(f"{at}/lines", data=said).location == f"{at}?view=all"
    csv = manager.get(f"{at}.csv").get_data().decode("utf-8-sig")
    assert "HOM-0001" in csv and "-10" in csv
    code = {"key": "X-9", "code": "X-9", "sku": "nothing", "pack": "1"}
    assert manager.post(f"{at}/codes", data=code).status_code == 422
    page = manager.get(at).text
    stale = hidden(page, "state")[-1]
    stock_count.warehouse.put(stock_count.one, stock_count.serum, "1", lot="L1")
    assert manager.post(f"{at}/approval", data={"state": "0" * 64}).status_code == 409, "what was not shown is not approved"
    state = hidden(manager.get(at).text, "state")[-1]
    assert state == stale
    assert manager.post(f"{at}/approval", data={"state": state, "operation_id": str(new_id())}).status_code == 303
    page = manager.get(at).text
    assert stock_count.take()["status"] == "adjusted" and "HOM-0001" in page and "⟦" not in page
    assert stock_count.warehouse.on_hand(stock_count.one, mug) == 20
    assert "adjust" not in page or lang == "en"


def test_who_counted_does_not_review(stock_count: StockCount, as_: As) -> None:
    """GEN-3: the shift lead counted a line; the page says so and offers nothing, the verb refuses."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "3")
    stock_count.plan(counters=("warehouse_keeper", "shift_lead"))
    stock_count.id = stock_count.plan(counters=("warehouse_keeper", "shift_lead"), blind=False)
    stock_count.count(login="shift_lead", lines=[(stock_count.mug, "3")])
    stock_count.skip(stock_count.two)
    stock_count.close()
    answer = as_("logistics_manager").post(f"/stock/counts/{stock_count.plan()}/cancellation", data={"reason": ""})
    assert answer.status_code == 422 and 'id="cancel-reason-error"' in answer.text
    cancel = as_("logistics_manager")
    for take in re.findall(r'href="/stock/counts/([0-9a-f-]{36})"', cancel.get("/stock/counts").text):
        if take != str(stock_count.id):
            cancel.post(f"/stock/counts/{take}/cancellation", data={"reason": "x"})
    lead, at = as_("shift_lead"), f"/stock/counts/{stock_count.id}"
    page = lead.get(at).text
    assert "要由别人审核" in page and f'hx-post="{at}/approval"' not in page
    assert lead.post(f"{at}/approval", data={"state": stock_count.review().state()}).status_code == 409


def test_whoever_counts_blind_sees_no_figure_of_the_book(stock_count: StockCount, as_: As) -> None:
    """STK-3, T22: planted quantities are on no page, in no file, whatever role the counter holds besides."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "7431")
    stock_count.id = stock_count.plan(counters=("warehouse_keeper", "shift_lead"))
    pages = [
        "/stock/products", f"/stock/products/{stock_count.mug}", "/stock/bins", f"/stock/bins/{stock_count.one}", "/stock/counts",
        f"/stock/counts/{stock_count.id}", "/stock/products.csv", "/stock/bins.csv",
    ]  # fmt: skip
    for login in ("warehouse_keeper", "shift_lead"):
        browser = as_(login)
        for page in pages:
            answer = browser.get(page)
            assert answer.status_code == 200 and b"7431" not in answer.get_data(), (login, page)
        assert browser.get(f"/stock/counts/{stock_count.id}.csv").status_code == 403
    assert "7431" in as_("buyer").get(f"/stock/products/{stock_count.mug}").text


def test_a_review_asks_a_constant_number_of_questions(stock_count: StockCount, as_: As) -> None:
    """However many lines it has."""
    manager, at = as_("logistics_manager"), f"/stock/counts/{stock_count.id}"
    products = [stock_count.warehouse.product(f"HOM-1{n:03d}", f"品{n}", f"Thing {n}", "HOM") for n in range(12)]
    for product in products:
        stock_count.warehouse.put(stock_count.one, product, "30")
    stock_count.through(*[(product, "10") for product in products[:1]])
    before = questions(manager, f"{at}?view=all")
    stock_count.id = stock_count.plan()
    stock_count.through(*[(product, "10") for product in products])
    at = f"/stock/counts/{stock_count.id}"
    assert manager.get(f"{at}?view=all").text.count('<th scope="row">') == 12
    assert questions(manager, f"{at}?view=all") == before
