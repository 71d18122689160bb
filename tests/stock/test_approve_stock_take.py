"""The approval: the book becomes what was counted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.ledger.models import Movement
from app.ledger.select import rebuilt
from app.lib import clock
from app.lib.clock import MINUTE
from app.lib.errors import Forbidden, Refused
from app.lib.ids import Id, new_id
from app.people.operations import give_role, suspend_person
from app.stock.counting import CountResult, SettledCount
from app.stock.operations import approve_stock_take, change_product, issue, transfer
from app.sync.operations import admit_operation
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


@pytest.fixture
def counted(stock_count: StockCount) -> StockCount:
    """Thirty mugs in the book; two people found twenty, and a reviewer accepted it. A mug costs what `cost` says."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.count(login="shipping_clerk", lines=[(stock_count.mug, "20")])
    stock_count.through((stock_count.mug, "20"))
    stock_count.decide(stock_count.mug)
    return stock_count


def cost(stock_count: StockCount, fen: int) -> None:
    change_product(stock_count.cast.logistics_manager, product_id=stock_count.mug, cost_fen=fen)


def adjustments(stock_count: StockCount) -> list[Movement]:
    return list(stock_count.fresh().scalars(select(Movement).where(Movement.kind == "adjust").order_by(Movement.posted_at)))


def on_hand(stock_count: StockCount) -> Decimal:
    """Whatever the clock of the test says."""
    return stock_count.warehouse.on_hand(stock_count.one, stock_count.mug, at=clock.now() + 60 * MINUTE)


def test_it_works_and_reaches_every_replica(counted: StockCount, verify_operation: Callable[..., Any]) -> None:
    """STK-1, STK-5: what was off is posted at the moment of the count, and the figure stands from then on."""
    verify_operation(lambda: counted.approve("shift_lead"))
    assert (on_hand(counted), counted.take()["status"]) == (20, "adjusted")
    session = counted.fresh()
    settled = session.scalars(select(SettledCount)).one()
    assert (settled.quantity, settled.item_id, settled.stock_take_id) == (20, counted.mug, counted.id)
    moved = adjustments(counted)[0]
    assert (moved.happened_at, moved.reason, moved.ref_id) == (settled.counted_at, "miscount", str(counted.id))
    result = session.scalars(select(CountResult)).one()
    assert (result.first, result.quantity, result.book, result.outcome) == (20, 20, 30, "adjusted")
    assert counted.row().ended["lines"] == 1


def test_what_is_within_the_tolerance_needs_nobody_s_word(stock_count: StockCount) -> None:
    """Equal lines settle without a movement, near ones with one; both figures stand."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.warehouse.put(stock_count.one, stock_count.serum, "5", lot="L1")
    count_id = stock_count.open()
    stock_count.line(count_id, stock_count.mug, "29")
    stock_count.line(count_id, stock_count.serum, "5", lot="L1")
    stock_count.finish(count_id)
    stock_count.skip(stock_count.two)
    stock_count.close()
    stock_count.approve("shift_lead")
    assert (on_hand(stock_count), len(adjustments(stock_count))) == (29, 1)
    assert sorted(row.quantity for row in stock_count.fresh().scalars(select(SettledCount))) == [5, 29]


def test_movements_before_during_and_after_the_count(stock_count: StockCount) -> None:
    """T18, STK-5: the difference is that of the moment of each line; what moved before or after changes nothing about it."""
    start = clock.now()
    with clock.at(start):
        stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    with clock.at(start + MINUTE):
        count_id = stock_count.open()
        stock_count.line(count_id, stock_count.mug, "29")
    with clock.at(start + 2 * MINUTE):
        out(stock_count, "9")  # behind the counter's back, and before the bin is finished
    with clock.at(start + 3 * MINUTE):
        stock_count.finish(count_id)
        stock_count.skip(stock_count.two)
        stock_count.close()
        out(stock_count, "1")
        assert [line.difference for line in stock_count.review().lines] == [-1]
        stock_count.approve("shift_lead")
    assert on_hand(stock_count) == 29 - 9 - 1
    assert stock_count.warehouse.on_hand(stock_count.one, stock_count.mug, at=start + MINUTE) == 29


def out(stock_count: StockCount, quantity: str) -> None:
    issue(stock_count.cast.warehouse_keeper, bin_id=stock_count.one, product_id=stock_count.mug, quantity=quantity, purpose="use")


def test_a_movement_that_arrives_after_the_approval(stock_count: StockCount, device: Device) -> None:
    """STK-5, sync.md §5: it happened before the count, which saw its effect: it is kept, and the counted figure stands."""
    phone, start = device("shipping_clerk"), clock.now()
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    said = {"bin_id": str(stock_count.one), "product_id": str(stock_count.mug), "quantity": "1", "purpose": "use"}
    before, after = phone.op("stock.issue", said, at=start + MINUTE), phone.op("stock.issue", said, at=start + 3 * MINUTE)
    with clock.at(start + 2 * MINUTE):
        stock_count.through((stock_count.mug, "29"))
    with clock.at(start + 4 * MINUTE):
        stock_count.approve("shift_lead")
        verdicts = phone.send(before, after)["verdicts"]
    assert [(verdict["status"], verdict["code"]) for verdict in verdicts] == [("noted", "before_count"), ("applied", None)]
    assert on_hand(stock_count) == 28


def test_by_value_and_by_role(counted: StockCount, device: Device) -> None:
    """STK-5: up to ¥200 the shift lead, up to ¥2,000 the manager; a higher level may take the place of a lower one."""
    cost(counted, 2000)
    assert counted.review().value_fen() == 20000
    with pytest.raises(Forbidden, match="not_your_approval"):
        counted.approve("finance")
    cost(counted, 2001)
    with pytest.raises(Forbidden, match="not_your_approval"):
        counted.approve("shift_lead")
    wire = {"stock_take_id": counted.id}
    verdict = device("shift_lead").say("stock.approve_stock_take", wire, basis=[counted.review().state()])
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_your_approval")
    counted.approve("logistics_manager")
    assert on_hand(counted) == 20


def test_three_steps_for_a_large_value(counted: StockCount) -> None:
    """GEN-3: each by another role and person, all on the same figures; nothing is posted before the last."""
    cost(counted, 100_000)
    with pytest.raises(Forbidden, match="not_your_approval"):
        counted.approve("finance")
    counted.approve("logistics_manager")
    with pytest.raises(Forbidden, match="not_your_approval"):
        counted.approve("logistics_manager")
    counted.approve("finance")
    assert (on_hand(counted), counted.take()["status"]) == (30, "review")
    counted.approve("general_manager")
    assert (on_hand(counted), counted.take()["status"]) == (20, "adjusted")


def test_one_person_with_two_roles_gives_one_step(counted: StockCount) -> None:
    """GEN-3: two steps are two people, whatever roles one of them holds."""
    cost(counted, 100_000)
    give_role(counted.cast.admin, person_id=counted.cast.logistics_manager, role="finance")
    counted.approve("logistics_manager")
    with pytest.raises(Refused, match="approved_by_you"):
        counted.approve("logistics_manager")
    counted.approve("finance")
    assert on_hand(counted) == 30


def test_an_approval_is_for_what_was_shown(counted: StockCount) -> None:
    """I7, T25: whatever changes after the first step begins the chain anew; a basis that is old is refused, also by its value."""
    shown = counted.review().state()
    cost(counted, 100_000)
    with pytest.raises(Refused, match="stale_basis"):
        counted.approve("shift_lead", basis=[shown])
    shown = counted.review().state()
    counted.approve("logistics_manager")
    counted.decide(counted.mug, login="logistics_manager", accepted=True, reason="lost")
    with pytest.raises(Refused, match="stale_basis"):
        counted.approve("finance", basis=[shown])
    with pytest.raises(Forbidden, match="not_your_approval"):
        counted.approve("finance")
    assert on_hand(counted) == 30


def test_a_stand_in_where_nobody_holds_the_role(counted: StockCount) -> None:
    """GEN-3: who stands in for the manager approves once there is no manager."""
    cost(counted, 2001)
    suspend_person(counted.cast.admin, person_id=counted.cast.logistics_manager, reason="休假")
    counted.approve("shift_lead")
    assert on_hand(counted) == 20


def test_two_approve_at_once(counted: StockCount) -> None:
    """T25: both saw the same; it is applied once."""
    shown = counted.review().state()
    counted.approve("shift_lead", basis=[shown])
    with pytest.raises(Refused, match="take_not_in_review"):
        counted.approve("logistics_manager", basis=[shown])
    assert (on_hand(counted), len(adjustments(counted))) == (20, 1)


def test_outsider_wrong_role_and_who_counted(stock_count: StockCount) -> None:
    """GEN-3, T23: the approver counted nothing in it, not even a bin that is not in question."""
    stock_count.id = stock_count.plan(counters=("warehouse_keeper", "shift_lead"))
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.count(lines=[(stock_count.mug, "30")])
    stock_count.count(stock_count.two, login="shift_lead")
    stock_count.close()
    for actor in (new_id(), stock_count.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            approve_stock_take(actor, stock_take_id=stock_count.id)
    with pytest.raises(Refused, match="own_count"):
        stock_count.approve("shift_lead")
    stock_count.approve("logistics_manager")


def test_wrong_state(stock_count: StockCount, device: Device) -> None:
    """STK-4: while it is counted, while a line waits for somebody, once it is over."""
    manager = stock_count.cast.logistics_manager
    with pytest.raises(Refused, match="take_not_in_review"):
        approve_stock_take(manager, stock_take_id=stock_count.id)
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    stock_count.through((stock_count.mug, "20"))
    with pytest.raises(Refused, match="lines_open") as refusal:
        stock_count.approve()
    assert refusal.value.facts == {"n": 1}
    verdict = device("logistics_manager").say(
        "stock.approve_stock_take", {"stock_take_id": stock_count.id}, basis=[stock_count.review().state()]
    )
    assert (verdict["status"], verdict["code"]) == ("rejected", "lines_open")
    stock_count.decide(stock_count.mug, accepted=False, reason="下周再盘")
    stock_count.approve()
    assert (on_hand(stock_count), list(stock_count.fresh().scalars(select(SettledCount)))) == (30, [])


def test_said_twice_it_adjusts_once(counted: StockCount) -> None:
    """GEN-4: a form sent twice."""
    operation_id, basis = new_id(), [counted.review().state()]
    for _ in range(2):
        assert counted.approve("shift_lead", operation_id=operation_id, basis=basis).status == "applied"
    assert len(adjustments(counted)) == 1


def test_a_late_line_after_the_approval(counted: StockCount, device: Device) -> None:
    """T11, I7: admitted, the review is open again, and the next approval posts what is new; the report keeps the first book."""
    phone, count_id = device("warehouse_keeper"), counted.review().lines[0].sides[-1].figure.count_id
    counted.approve("shift_lead")
    said = {"bin_count_id": str(count_id), "product_id": str(counted.mug), "quantity": "1", "via": "wedge"}
    verdict = phone.say("stock.record_count_line", said)
    assert verdict["code"] == "after_close"
    admit_operation(counted.cast.logistics_manager, kept_id=Id(verdict["id"]), reason="手机没电了")
    assert (counted.take()["status"], on_hand(counted), counted.row().approvals) == ("review", 20, [])
    with pytest.raises(Refused, match="lines_open"):
        counted.approve("shift_lead")
    counted.decide(counted.mug)
    counted.approve("shift_lead")
    assert (on_hand(counted), len(adjustments(counted))) == (21, 2)
    result = counted.fresh().scalars(select(CountResult)).one()
    assert (result.quantity, result.book) == (21, 30)


def test_an_older_count_approved_later_changes_nothing(stock_count: StockCount) -> None:
    """STK-5: what was counted last stands, in whatever order counts are approved."""
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "30")
    start, older, newer = clock.now(), stock_count.id, stock_count.plan()
    with clock.at(start + MINUTE):
        stock_count.through((stock_count.mug, "29"))
    stock_count.id = newer
    with clock.at(start + 2 * MINUTE):
        stock_count.through((stock_count.mug, "31"))
        stock_count.approve("shift_lead")
    stock_count.id = older
    with clock.at(start + 3 * MINUTE):
        stock_count.approve("shift_lead")
    assert (on_hand(stock_count), stock_count.fresh().scalars(select(SettledCount)).one().quantity) == (31, 31)


def test_a_bin_below_zero_is_picked_from_again(stock_count: StockCount, device: Device) -> None:
    """STK-2: locked until it was counted. A count of two where the book said minus three."""
    device("warehouse_keeper").say(
        "stock.issue", {"bin_id": stock_count.one, "product_id": stock_count.mug, "quantity": "3", "purpose": "use"}
    )
    assert stock_count.warehouse.record("bin", stock_count.one)["locked"] is True
    for login in ("shipping_clerk", "returns_clerk"):
        stock_count.count(login=login, lines=[(stock_count.mug, "2")])
    stock_count.skip(stock_count.two)
    stock_count.close()
    stock_count.decide(stock_count.mug)
    stock_count.approve("shift_lead")
    assert (on_hand(stock_count), stock_count.warehouse.record("bin", stock_count.one)["locked"]) == (2, False)


def test_the_ledger_is_conserved(counted: StockCount) -> None:
    """I6, STK-1: kept sums are the sums of what was posted, and all of it together is nothing."""
    transfer(
        counted.cast.warehouse_keeper, bin_id=counted.one, to_bin_id=counted.two, product_id=counted.mug, quantity="5"
    )  # fmt: skip
    counted.approve("shift_lead")
    sums = rebuilt(counted.fresh(), counted.cast.site_id)
    assert sum(sums.values()) == 0
    assert on_hand(counted) == 15
