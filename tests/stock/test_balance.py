"""How much lies in a bin, on the devices of those who may know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.stock.operations import issue
from tests.stock.conftest import StockCount


def test_it_follows_what_moves(
    stock_count: StockCount, device: Callable[[str], Any], verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """STK-1, GEN-9: by lot, exact, gone with the last one; the set crew reads none of it (I8)."""
    warehouse, one = stock_count.warehouse, stock_count.one
    warehouse.put(one, stock_count.serum, "5", lot="L7")
    warehouse.put(one, stock_count.mug, "2")
    said = {"bin_id": one, "product_id": stock_count.mug, "quantity": "2", "purpose": "use"}
    verify_operation(lambda: issue(stock_count.cast.warehouse_keeper, **said))
    serum = {"product_id": str(stock_count.serum), "lot": "L7", "status": "available", "quantity": "5"}
    assert device("buyer").get("balance", one) == {"id": str(one), "goods": [serum]}
    assert device("stagehand").all("balance") == []
    issue(stock_count.cast.warehouse_keeper, **{**said, "product_id": stock_count.serum, "quantity": "5", "lot": "L7"})
    assert warehouse.record("balance", one) is None


def test_it_is_what_was_counted(stock_count: StockCount) -> None:
    """STK-5: an approval tells it anew."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "2")
    stock_count.through((stock_count.mug, "3"))
    stock_count.approve()
    (goods,) = stock_count.warehouse.record("balance", stock_count.one)["goods"]
    assert goods["quantity"] == "3"
