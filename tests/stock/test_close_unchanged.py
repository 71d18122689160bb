"""A review that ends without touching the book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.stock.counting import CountResult, SettledCount
from app.stock.operations import close_unchanged
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


@pytest.fixture
def counted(stock_count: StockCount) -> StockCount:
    """Thirty mugs in the book, twenty counted by one person."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.through((stock_count.mug, "20"))
    return stock_count


def said(stock_count: StockCount, **changes: Any) -> dict[str, Any]:
    return {"stock_take_id": stock_count.id, "reason": "练习", "basis": [stock_count.review().state()], **changes}


def test_it_works_and_reaches_every_replica(
    counted: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """Nothing is posted, nobody recounts any more, and the report keeps what was counted."""
    verify_operation(lambda: close_unchanged(counted.cast.logistics_manager, **said(counted)))
    assert (counted.take()["status"], counted.warehouse.on_hand(counted.one, counted.mug)) == ("closed", 30)
    assert device("shipping_clerk").all("recount") == []
    session = counted.fresh()
    assert list(session.scalars(select(SettledCount))) == []
    assert [(row.quantity, row.book, row.outcome) for row in session.scalars(select(CountResult))] == [(20, 30, "left")]
    assert counted.row().ended["reason"] == "练习"


def test_outsider_wrong_role_and_who_counted(stock_count: StockCount, device: Device) -> None:
    """GEN-3: reviewers, and none who counted."""
    stock_count.id = stock_count.plan(counters=("shift_lead",), bins=[stock_count.one])
    stock_count.count(login="shift_lead")
    stock_count.close()
    for actor in (new_id(), stock_count.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            close_unchanged(actor, **said(stock_count))
    with pytest.raises(Refused, match="own_count"):
        close_unchanged(stock_count.cast.shift_lead, **said(stock_count))
    wire = {"stock_take_id": stock_count.id, "reason": "练习"}
    assert device("warehouse_keeper").say("stock.close_unchanged", wire)["status"] == "rejected"


def test_wrong_state(stock_count: StockCount) -> None:
    """While it is counted, on what is no longer so, without a reason."""
    manager = stock_count.cast.logistics_manager
    with pytest.raises(Refused, match="take_not_in_review"):
        close_unchanged(manager, **said(stock_count))
    stock_count.through()
    with pytest.raises(Refused, match="stale_basis"):
        close_unchanged(manager, **said(stock_count, basis=["old"]))
    with pytest.raises(Refused, match="malformed"):
        close_unchanged(manager, **said(stock_count, reason=""))


def test_said_twice_it_ends_once(counted: StockCount) -> None:
    """GEN-4: a form sent twice; ended is ended."""
    operation_id, form = new_id(), said(counted)
    for _ in range(2):
        close_unchanged(counted.cast.logistics_manager, operation_id=operation_id, **form)
    with pytest.raises(Refused, match="take_not_in_review"):
        close_unchanged(counted.cast.logistics_manager, **form)
