"""The pages on which a file is brought in."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.lib.db import db
from app.lib.ids import new_id
from app.lib.tables import map_header, read_table
from app.stock.importing.columns import columns_of
from app.stock.settings import stock_settings
from tests.stock.conftest import Warehouse
from tests.stock.test_apply_import import CATALOGUE

As = Callable[[str], FlaskClient]


def bring(browser: FlaskClient, text: bytes, kind: str = "products") -> str:
    """Send a file and wait until it has been read; returns its address."""
    said: dict[str, Any] = {"kind": kind, "import_id": str(new_id()), "file": (io.BytesIO(text), "目录.csv")}
    answer = browser.post("/stock/imports", data=said)
    assert answer.status_code == 303, answer.text
    until = time.monotonic() + 30
    while 'hx-trigger="every 1s"' in browser.get(answer.location).text:
        assert time.monotonic() < until
        time.sleep(0.05)
    return answer.location


def test_role_matrix(warehouse: Warehouse, as_: As, client: FlaskClient) -> None:
    """For whoever keeps the catalogue."""
    for page in ("/stock/imports", "/stock/imports/bins.xlsx"):
        assert client.get(page).status_code == 303
        assert as_("buyer").get(page).status_code == 200
        assert as_("warehouse_keeper").get(page).status_code == 403
    address = bring(as_("buyer"), CATALOGUE.encode())
    for page in (address, f"{address}/problems.csv"):
        assert as_("logistics_manager").get(page).status_code == 200
        assert as_("shift_lead").get(page).status_code == 403
    assert as_("shift_lead").post(f"{address}/application").status_code == 403
    assert as_("buyer").get(f"/stock/imports/{new_id()}").status_code == 404
    assert as_("buyer").post(f"/stock/imports/{new_id()}/application").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_is_looked_at_and_applied(warehouse: Warehouse, as_: As, lang: str) -> None:
    """Row by row what it would do; then once, and again it has nothing to do."""
    browser = as_("buyer")
    browser.set_cookie("offstage-lang", lang)
    address = bring(browser, CATALOGUE.encode("gb18030"))
    page = browser.get(address).text
    assert "碗,大" in page or "HOM-0002" in page
    assert "Tall mug" in browser.get(f"{address}?what=change").text and "⟦" not in page
    assert browser.post(f"{address}/application", data={"operation_id": str(new_id())}).status_code == 303
    assert "HOM-0002" in browser.get("/stock/products").text
    assert "application" not in browser.get(address).text
    assert "application" not in browser.get(bring(browser, CATALOGUE.encode())).text
    assert "目录.csv" in browser.get("/stock/imports").text


def test_wrong_rows_come_first_and_can_be_taken_away(warehouse: Warehouse, as_: As) -> None:
    """Nothing can be applied; the list of problems is a file."""
    browser = as_("buyer")
    address = bring(browser, (CATALOGUE + "X-9,<b>x</b>,x,HOM,each,6901234567893,\n").encode())
    page = browser.get(address).text
    assert "6901234567893" in page and "application" not in page and "<b>x</b>" not in page
    taken = browser.get(f"{address}/problems.csv").get_data().decode("utf-8-sig")
    assert "6901234567893" in taken and taken.count("\r\n") == 2
    assert browser.post(f"{address}/application").status_code == 409


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 x", b"\x89PNG\r\n", b"a,b\n1,2\n", b"sku,zh\nx\n"])
def test_what_is_no_table_says_so(warehouse: Warehouse, as_: As, content: bytes) -> None:
    """One sentence and a way on; nothing was changed."""
    browser = as_("buyer")
    page = browser.get(bring(browser, content)).text
    assert 'data-cue="stop"' in page and "⟦" not in page and 'href="/stock/imports"' in page


def test_no_file_at_all(as_: As) -> None:
    """422, and the field is named."""
    answer = as_("buyer").post("/stock/imports", data={"kind": "products"})
    assert answer.status_code == 422 and 'id="file-error"' in answer.text


@pytest.mark.parametrize("kind", ["products", "bins", "opening_stock"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_empty_file_is_understood(as_: As, app: Flask, kind: str, lang: str) -> None:
    """Every heading of it is one of ours, in either language."""
    browser = as_("buyer")
    browser.set_cookie("offstage-lang", lang)
    table = read_table(io.BytesIO(browser.get(f"/stock/imports/{kind}.xlsx").get_data()), "empty.xlsx")
    found = map_header(table.header, columns_of(kind, stock_settings(db.session())))
    assert table.header and not found.unknown and not found.missing and not found.repeated
