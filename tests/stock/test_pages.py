"""The office's pages of stock: who reads, who changes, what a wrong form is told, what is taken away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from app.lib.db import writer
from app.lib.ids import new_id
from app.stock.models import Product
from tests.checklists.test_pages import questions
from tests.stock.conftest import MUG_CARTON, MUG_EAN, Warehouse

As = Callable[[str], FlaskClient]
READERS = ("logistics_manager", "shift_lead", "warehouse_keeper", "buyer", "finance", "general_manager", "supervisor")


def typed(**more: Any) -> dict[str, Any]:
    """The form of a new product as a buyer fills it in."""
    return {
        "sku": "HOM-0100", "zh": "砂锅", "en": "Clay pot", "category": "HOM", "unit": "each", "abc": "B",
        "codes": "6901234567908\n6901234567915 × 6", "cost_fen": "12.50", "reorder_point": "20", "lead_time_days": "",
        "product_id": str(new_id()), "operation_id": str(new_id()), **more,
    }  # fmt: skip


def test_role_matrix(warehouse: Warehouse, as_: As, client: FlaskClient) -> None:
    """Who works with goods reads; who keeps the catalogue changes it; the set crew gets 403."""
    product, place = f"/stock/products/{warehouse.mug}", f"/stock/bins/{warehouse.one}"
    pages = ("/stock/products", "/stock/products.csv", "/stock/products.xlsx", "/stock/bins", "/stock/bins.csv", product, place)
    for page in pages:
        assert client.get(page).status_code == 303, page
        for login in READERS:
            assert as_(login).get(page).status_code == 200, (login, page)
        for login in ("stagehand", "camera", "hr", "admin"):
            assert as_(login).get(page).status_code == 403, (login, page)
    for page in ("/stock/products/new", "/stock/bins/new"):
        assert as_("buyer").get(page).status_code == 200
        assert as_("warehouse_keeper").get(page).status_code == 403
    keeper = as_("warehouse_keeper")
    for verb, data in (("", typed()), ("/archive", {"reason": "x"}), ("/archive/end", {"reason": "x"})):
        assert keeper.post(product + verb, data=data).status_code == 403, verb
    assert as_("buyer").post(product + "/receipts", data={"bin_id": str(warehouse.one), "quantity": "1"}).status_code == 403
    for page in ("/stock/products", "/stock/bins"):
        assert as_("buyer").get(f"{page}/{new_id()}").status_code == 404
        assert as_("buyer").get(f"{page}/nonsense").status_code == 404


def test_adding_and_changing_a_product(warehouse: Warehouse, as_: As) -> None:
    """Added once, however often the form is sent; codes one a line, a carton's with what is in it."""
    said, browser = typed(), as_("buyer")
    for _ in range(2):
        answer = browser.post("/stock/products", data=said)
        assert (answer.status_code, answer.location) == (303, f"/stock/products/{said['product_id']}")
    page = browser.get(answer.location).text
    assert "砂锅" in page and "6901234567915" in page and "¥12.50" in page
    told = warehouse.record("product", said["product_id"])
    assert [(code["code"], code["pack"]) for code in told["codes"]] == [("6901234567908", "1"), ("6901234567915", "6")]
    browser.post(answer.location, data=typed(en="Pot", codes=""))
    assert (warehouse.record("product", said["product_id"])["en"], warehouse.record("product", said["product_id"])["codes"]) == (
        "Pot",
        [],
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sku": ""}, "sku"),
        ({"sku": "HOM-0001"}, "sku"),
        ({"zh": "长" * 201}, "zh"),
        ({"en": ""}, "en"),
        ({"unit": "barrel"}, "unit"),
        ({"category": "<script>"}, "category"),
        ({"codes": "6901234567893"}, "codes"),
        ({"codes": MUG_EAN}, "codes"),
        ({"codes": "X*many"}, "codes"),
        ({"reorder_point": "1.5"}, "reorder_point"),
        ({"reorder_point": "lots"}, "reorder_point"),
        ({"lead_time_days": "soon"}, "lead_time_days"),
        ({"cost_fen": "1.234"}, "cost_fen"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_wrong_stands_at_its_field(warehouse: Warehouse, as_: As, changes: dict[str, Any], field: str, lang: str) -> None:
    """422 with the form drawn again: what was typed stays, the field says what is wrong, nothing was made."""
    browser = as_("buyer")
    browser.set_cookie("offstage-lang", lang)
    said = typed(**changes)
    answer = browser.post("/stock/products", data=said)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text and (field == "en" or "Clay pot" in answer.text)
    assert "⟦" not in answer.text and "<script>" not in answer.text.replace("<script ", "")
    assert warehouse.record("product", said["product_id"]) is None


def test_moving_goods_in_the_office(warehouse: Warehouse, as_: As) -> None:
    """Received, moved, issued; more than there is stands at the quantity (STK-2), and nothing moved."""
    at, keeper = f"/stock/products/{warehouse.mug}", as_("warehouse_keeper")
    one, two = str(warehouse.one), str(warehouse.two)
    assert keeper.post(f"{at}/receipts", data={"bin_id": one, "quantity": "10", "delivery": "SF-1"}).status_code == 303
    assert keeper.post(f"{at}/transfers", data={"bin_id": one, "to_bin_id": two, "quantity": "4"}).status_code == 303
    assert keeper.post(f"{at}/issues", data={"bin_id": two, "quantity": "1", "purpose": "show"}).status_code == 303
    page = keeper.get(at).text
    assert "+10" in page and "-4" in page and warehouse.on_hand(warehouse.two, warehouse.mug) == 3
    answer = keeper.post(f"{at}/issues", data={"bin_id": two, "quantity": "5", "purpose": "show"})
    assert answer.status_code == 422 and 'id="issues-quantity-error"' in answer.text
    assert warehouse.on_hand(warehouse.two, warehouse.mug) == 3


def test_bins_are_added_changed_and_closed(warehouse: Warehouse, as_: As) -> None:
    """And what is wrong stands at its field."""
    browser, bin_id = as_("logistics_manager"), str(new_id())
    said = {"bin_id": bin_id, "code": "C-01-1-01", "area": "C", "note": "梯子"}
    assert browser.post("/stock/bins", data=said).location == f"/stock/bins/{bin_id}"
    assert browser.post(f"/stock/bins/{bin_id}", data={**said, "note": ""}).status_code == 303
    assert browser.post(f"/stock/bins/{bin_id}/closure", data={"reason": "拆"}).status_code == 303
    assert browser.post(f"/stock/bins/{bin_id}/closure/end", data={"reason": "装"}).status_code == 303
    assert warehouse.record("bin", bin_id)["status"] == "active"
    for changes, field in (({"code": ""}, "code"), ({"code": "a-01-1-01"}, "code"), ({"area": "Z"}, "area")):
        answer = browser.post("/stock/bins", data={**said, "bin_id": str(new_id()), **changes})
        assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    answer = browser.post(f"/stock/bins/{bin_id}/closure", data={"reason": ""})
    assert answer.status_code == 422 and 'id="reason-error"' in answer.text


def test_finding_and_taking_away(warehouse: Warehouse, as_: As) -> None:
    """By a word of either name, the SKU, a code as it is scanned; the files hold text that stays text (GEN-10)."""
    warehouse.product("=SUM(A1)", "+甲", "@evil", "HOM")
    browser = as_("buyer")
    for q in ("马克", "mug", "hom-0001", MUG_EAN, "0" + MUG_EAN, MUG_CARTON):
        page = browser.get("/stock/products", query_string={"q": q}).text
        assert "马克杯" in page and "精华液" not in page, q
    assert "马克杯" not in browser.get("/stock/products?q=%25").text
    assert "精华液" in browser.get("/stock/products?narrow=COS").text
    rows = list(csv.reader(io.StringIO(browser.get("/stock/products.csv?sort=-name").get_data().decode("utf-8-sig"))))
    assert len(rows) == 4 and not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert f"{MUG_EAN} {MUG_CARTON}*24" in str(rows)
    found = browser.get("/stock/bins?q=bin:a-01-1-02").text
    assert "A-01-1-02" in found and "A-01-1-01" not in found


def test_a_page_asks_a_constant_number_of_questions(warehouse: Warehouse, as_: As) -> None:
    """T43: however many products there are, a hundred a page; beyond the first hundred they are counted once."""
    browser = as_("buyer")
    before = questions(browser, "/stock/products")
    row = {
        "zh": "品", "en": "x", "category": "HOM", "unit": "each", "abc": "C", "lot": False, "expiry": False, "serial": False,
        "status": "active", "made_by": warehouse.cast.buyer, "made_at": 0, "changed_at": 0,
    }  # fmt: skip
    for first, last in ((0, 100), (100, 250)):
        with writer().session() as session:
            new = [{**row, "id": new_id(), "sku": f"X-{n}", "sku_key": f"X-{n}"} for n in range(first, last)]
            session.execute(insert(Product), new)
        assert questions(browser, "/stock/products") == before + 1
    for page, rows in ((1, 100), (2, 100), (3, 52)):
        assert browser.get(f"/stock/products?page={page}").text.count('<th scope="row">') == rows
