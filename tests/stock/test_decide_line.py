"""A reviewer's word on one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib import clock
from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.stock.operations import ask_recount, decide_line, issue
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


@pytest.fixture
def counted(stock_count: StockCount) -> StockCount:
    """Thirty mugs in the book; two people found twenty: out of tolerance and settled."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.count(login="shipping_clerk", lines=[(stock_count.mug, "20")])
    stock_count.through((stock_count.mug, "20"))
    return stock_count


def said(stock_count: StockCount, **changes: Any) -> dict[str, Any]:
    found = {
        "stock_take_id": stock_count.id, "bin_id": stock_count.one, "product_id": stock_count.mug, "accepted": True,
        "reason": "miscount", "basis": [line.state for line in stock_count.review().lines],
    }  # fmt: skip
    return {**found, **changes}


def test_it_works_and_reaches_every_replica(counted: StockCount, verify_operation: Callable[..., Any]) -> None:
    """Nothing more to decide; nothing is posted before the approval, and no device is told."""
    assert [line.is_open for line in counted.review().lines] == [True]
    verify_operation(lambda: decide_line(counted.cast.logistics_manager, **said(counted)))
    assert [(line.is_open, line.is_accepted) for line in counted.review().lines] == [(False, True)]
    assert counted.warehouse.on_hand(counted.one, counted.mug) == 30


def test_left_as_the_book_has_it(stock_count: StockCount) -> None:
    """Also where nobody could count again: the book stands, with a reason. Accepting needs the second person (STK-4)."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.through((stock_count.mug, "20"))
    with pytest.raises(Refused, match="needs_recount"):
        stock_count.decide(stock_count.mug)
    stock_count.decide(stock_count.mug, accepted=False, reason="下周再盘")
    assert [(line.is_open, line.is_accepted) for line in stock_count.review().lines] == [(False, False)]


def test_outsider_wrong_role_and_who_counted(counted: StockCount, device: Device) -> None:
    """GEN-3: reviewers, and none who counted."""
    for actor in (new_id(), counted.cast.stagehand, counted.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            decide_line(actor, **said(counted))
    wire = {name: value for name, value in said(counted).items() if name != "basis"}
    assert device("warehouse_keeper").say("stock.decide_line", wire)["status"] == "rejected"
    ask_recount(
        counted.cast.logistics_manager, stock_take_id=counted.id, lines=[line_of(counted)], assigned_to=counted.cast.shift_lead
    )
    counted.count(login="shift_lead", lines=[(counted.mug, "20")], recounts=[one.id for one in counted.recounts()])
    with pytest.raises(Refused, match="own_count"):
        decide_line(counted.cast.shift_lead, **said(counted))


def line_of(stock_count: StockCount) -> dict[str, Any]:
    return {"bin_id": stock_count.one, "product_id": stock_count.mug}


def test_wrong_state(counted: StockCount) -> None:
    """An unknown line, an unknown reason, a review that is over."""
    manager = counted.cast.logistics_manager
    with pytest.raises(Refused, match="unknown_line"):
        decide_line(manager, **said(counted, lot="L9"))
    with pytest.raises(Refused, match="unknown_reason") as refusal:
        decide_line(manager, **said(counted, reason="bad luck"))
    assert set(refusal.value.fields) == {"reason"}
    counted.decide(counted.mug)
    counted.approve()
    with pytest.raises(Refused, match="take_not_in_review"):
        decide_line(manager, **said(counted))


def test_it_holds_for_what_was_shown(counted: StockCount) -> None:
    """I7, T18: goods that moved before the count and are told only now change the difference: stale, and decided anew."""
    shown = said(counted)
    counted.decide(counted.mug)
    counts = [line.sides[0].figure.at for line in counted.review().lines]
    late = {"bin_id": counted.one, "product_id": counted.mug, "quantity": "2", "purpose": "use"}
    phone_time(counted, min(counts) - 1, late)
    assert [line.is_open for line in counted.review().lines] == [True]
    with pytest.raises(Refused, match="stale_basis"):
        decide_line(counted.cast.logistics_manager, **shown)


def phone_time(stock_count: StockCount, at: int, said: dict[str, Any]) -> None:
    """Something that happened then and arrives now."""
    with clock.at(at):
        issue(stock_count.cast.warehouse_keeper, **said)


def test_said_twice(counted: StockCount) -> None:
    """GEN-4: a form sent twice has one effect; another word takes the place of the first."""
    operation_id = new_id()
    for _ in range(2):
        decide_line(counted.cast.logistics_manager, operation_id=operation_id, **said(counted))
    counted.decide(counted.mug, accepted=False, reason="下周再盘")
    assert [line.decision.accepted for line in counted.review().lines if line.decision] == [False]
