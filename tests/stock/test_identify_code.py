"""Saying what an unknown code stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.stock.operations import archive_product, identify_code
from tests.stock.conftest import MUG_EAN, StockCount

Device = Callable[[str], Any]
CODE, KEY = "6901234500196", "06901234500196"


def said(stock_count: StockCount, **changes: Any) -> dict[str, Any]:
    return {"key": KEY, "code": CODE, "product_id": stock_count.mug, "pack": "6", **changes}


def scan(stock_count: StockCount, phone: Any, count_id: Id) -> Any:
    return phone.say("stock.record_count_line", {"bin_count_id": count_id, "code": CODE, "quantity": "2", "via": "wedge"})


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """STK-10, STK-11: a code of the product from now on: the lines scanned with it are twelve mugs, and nothing waits."""
    phone = device("warehouse_keeper")
    verdict = scan(stock_count, phone, stock_count.open())
    assert [one["code"] for one in stock_count.exceptions()] == ["unknown_code"]
    verify_operation(lambda: identify_code(stock_count.cast.buyer, **said(stock_count)))
    phone.pull()
    line = stock_count.lines()[0]
    told = phone.get("count_line", f"{line.bin_count_id}/{line.id}")
    assert (told["product_id"], told["quantity"], told["pack"]) == (str(stock_count.mug), "12", "6")
    assert {"code": CODE, "pack": "6", "key": KEY} in phone.get("product", stock_count.mug)["codes"]
    assert (phone.get("verdict", verdict["id"])["status"], phone.get("verdict", verdict["id"])["n"]) == ("applied", 2)
    assert [one["code"] for one in stock_count.exceptions("settled")] == ["unknown_code"]


def test_in_review_it_may_ask_for_a_recount(stock_count: StockCount, device: Device) -> None:
    """STK-4: twelve mugs that the book does not have; an approval on what was shown before is stale (I7)."""
    scan(stock_count, device("warehouse_keeper"), count_id := stock_count.open())
    stock_count.finish(count_id)
    stock_count.skip(stock_count.two)
    stock_count.close()
    review = stock_count.review()
    assert (review.lines, len(review.unknown), stock_count.recounts()) == ([], 1, [])
    identify_code(stock_count.cast.buyer, **said(stock_count))
    assert [one.product_id for one in stock_count.recounts()] == [stock_count.mug]
    assert stock_count.review().state() != review.state()
    assert stock_count.review().unknown == []


def test_outsider_and_wrong_role(stock_count: StockCount, device: Device) -> None:
    """Those who keep products."""
    for actor in (new_id(), stock_count.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            identify_code(actor, **said(stock_count))
    assert device("warehouse_keeper").say("stock.identify_code", said(stock_count))["status"] == "rejected"


def test_what_cannot_be(stock_count: StockCount, device: Device) -> None:
    """STK-10: another product's code, a wrong check digit, a key that is not the code's, a product gone; at both doors."""
    buyer = stock_count.cast.buyer
    taken = {"key": "0" + MUG_EAN, "code": MUG_EAN, "product_id": stock_count.serum}
    wrong = {"key": "6901234500197", "code": "6901234500197"}
    for changes, code in ((taken, "code_taken"), (wrong, "check_digit"), ({"key": "X"}, "code_differs")):
        with pytest.raises(Refused, match=code):
            identify_code(buyer, **said(stock_count, **changes))
        verdict = device("buyer").say("stock.identify_code", said(stock_count, **changes))
        assert (verdict["status"], verdict["code"]) == ("rejected", code)
    with pytest.raises(NotFound):
        identify_code(buyer, **said(stock_count, product_id=new_id()))
    archive_product(buyer, product_id=stock_count.mug, reason="停售")
    with pytest.raises(Refused, match="product_archived"):
        identify_code(buyer, **said(stock_count))


def test_said_twice_it_is_multiplied_once(stock_count: StockCount, device: Device) -> None:
    """GEN-4: a form sent twice, and the same said again by another form."""
    scan(stock_count, device("warehouse_keeper"), stock_count.open())
    operation_id = new_id()
    for _ in range(2):
        identify_code(stock_count.cast.buyer, operation_id=operation_id, **said(stock_count))
    identify_code(stock_count.cast.buyer, **said(stock_count))
    assert [line.quantity for line in stock_count.lines()] == [12]
    codes = stock_count.warehouse.record("product", stock_count.mug)["codes"]
    assert [code["key"] for code in codes].count(KEY) == 1
