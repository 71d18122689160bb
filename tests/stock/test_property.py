"""Whatever moves, is counted and approved, in whatever order it arrives: on-hand is the last approved count and what moved after.

The oracle knows two lists, arrived movements and approved counts, and adds up. What it is compared with went through the engine
at the device's door, so that anything may have happened at any time before it arrives (STK-5, T18, T25).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.ledger.models import Balance
from app.ledger.select import rebuilt
from app.lib import clock
from app.lib.clock import HOUR, MINUTE
from app.lib.ids import Id, new_id
from app.stock.operations import approve_stock_take, close_stock_take, plan_stock_take
from app.sync.engine import DEVICE, engine, envelope
from app.sync.operations import admit_operation
from app.sync.registry import operations
from tests.stock.conftest import StockCount

TIMES, MUCH = st.integers(0, 50), st.integers(1, 40)
BINS = st.sampled_from([0, 1])
ACTIONS = st.one_of(
    st.tuples(st.just("receive"), TIMES, BINS, MUCH),
    st.tuples(st.just("issue"), TIMES, BINS, MUCH),
    st.tuples(st.just("transfer"), TIMES, BINS, MUCH),
    st.tuples(st.just("count"), TIMES, BINS, MUCH),
    st.tuples(st.just("approve"), st.integers(0, 3)),
    st.tuples(st.just("late"), st.integers(0, 3), TIMES, MUCH),
)
FORBEARING = {"units": "1000000", "percent": "100", "value_fen": 10_000_000_000, "class_a_units": "1000000"}
numbers = count(1)


@dataclass
class Counted:
    """A stock take of one bin: what was counted there, and when the last of it."""

    take_id: Id
    count_id: Id
    where: int
    lines: list[tuple[int, int]]
    is_open: bool = True

    @property
    def at(self) -> int:
        return max(at for at, _ in self.lines)

    @property
    def quantity(self) -> int:
        return sum(quantity for _, quantity in self.lines)


@dataclass
class Oracle:
    """What must be there."""

    moved: list[tuple[int, int, int]] = field(default_factory=list)  # (bin, at, quantity)
    settled: dict[int, tuple[int, int]] = field(default_factory=dict)  # bin → (at, quantity)

    def approve(self, counted: Counted) -> None:
        """What was counted last stands, in whatever order counts are approved."""
        if counted.at >= self.settled.get(counted.where, (-1, 0))[0]:
            self.settled[counted.where] = (counted.at, counted.quantity)

    def on_hand(self, where: int) -> int:
        since, quantity = self.settled.get(where, (-1, 0))
        return quantity + sum(moved for bin, at, moved in self.moved if bin == where and at > since)


class World:
    """A mug, two new bins, and everything that happens to them."""

    def __init__(self, stock_count: StockCount) -> None:
        self.stock_count, self.cast, self.mug = stock_count, stock_count.cast, stock_count.mug
        n = next(numbers)
        self.bins = [stock_count.warehouse.bin(f"Z-{n:02}-1-0{place}") for place in (1, 2)]
        self.start = clock.now() - HOUR
        self.oracle = Oracle()
        self.counted: list[Counted] = []

    def say(self, type: str, at: int, **said: Any) -> Any:
        """Something that the keeper did then and that arrives now."""
        op, wire = operations[f"stock.{type}"], orjson.loads(orjson.dumps(said, default=str))
        with engine().unit() as unit:
            values = envelope(
                op, self.cast.warehouse_keeper, wire, door=DEVICE, site_id=self.cast.site_id, id=new_id(), at=self.time(at),
                happened_at=self.time(at), received_at=unit.now, basis=[], blobs=[],
            )  # fmt: skip
            judged = engine().judge(unit, op, values, op.load(wire))
        assert judged.values["status"] in ("applied", "noted"), judged.values
        return judged.values

    def time(self, at: int) -> int:
        return self.start + at * MINUTE

    # -- what happens -----------------------------------------------------------------------------------------------------

    def receive(self, at: int, where: int, much: int) -> None:
        self.say("receive", at, bin_id=self.bins[where], product_id=self.mug, quantity=str(much))
        self.oracle.moved.append((where, at, much))

    def issue(self, at: int, where: int, much: int) -> None:
        self.say("issue", at, bin_id=self.bins[where], product_id=self.mug, quantity=str(much), purpose="use")
        self.oracle.moved.append((where, at, -much))

    def transfer(self, at: int, where: int, much: int) -> None:
        other = 1 - where
        self.say(
            "transfer", at, bin_id=self.bins[where], to_bin_id=self.bins[other], product_id=self.mug, quantity=str(much)
        )  # fmt: skip
        self.oracle.moved += [(where, at, -much), (other, at, much)]

    def count(self, at: int, where: int, much: int) -> None:
        """Somebody counts a bin, and it waits for its approval."""
        take_id = new_id()
        plan_stock_take(
            self.cast.shift_lead, stock_take_id=take_id, title="盘点", kind="spot", bins=[self.bins[where]],
            counters=[self.cast.warehouse_keeper], tolerance=FORBEARING, overlap=True,
        )  # fmt: skip
        count_id = self.say("open_bin", at, stock_take_id=take_id, bin_id=self.bins[where])["id"]
        self.line(count_id, at, much)
        self.say("finish_bin", at, bin_count_id=count_id)
        close_stock_take(self.cast.shift_lead, stock_take_id=take_id)
        self.counted.append(Counted(take_id, count_id, where, [(at, much)]))

    def line(self, count_id: Id, at: int, much: int) -> Any:
        return self.say(
            "record_count_line", at, bin_count_id=count_id, product_id=self.mug, quantity=str(much), via="wedge"
        )  # fmt: skip

    def approve(self, which: int) -> None:
        if not (waiting := [counted for counted in self.counted if counted.is_open]):
            return
        counted = waiting[which % len(waiting)]
        self.stock_count.id = counted.take_id
        basis = [self.stock_count.review().state()]
        approve_stock_take(self.cast.logistics_manager, stock_take_id=counted.take_id, basis=basis)
        counted.is_open = False
        self.oracle.approve(counted)

    def late(self, which: int, at: int, much: int) -> None:
        """A line that its phone still held when the count was closed, or long approved; somebody admits it."""
        if not self.counted:
            return
        counted = self.counted[which % len(self.counted)]
        verdict = self.line(counted.count_id, at, much)
        assert verdict["code"] == "after_close"
        admit_operation(self.cast.shift_lead, kept_id=verdict["id"], reason="手机没电了")
        counted.lines.append((at, much))
        counted.is_open = True

    # -- what must be true ------------------------------------------------------------------------------------------------

    def check(self) -> None:
        for where, bin_id in enumerate(self.bins):
            found = self.stock_count.warehouse.on_hand(bin_id, self.mug, at=clock.now() + HOUR)
            assert found == self.oracle.on_hand(where), (where, found, self.oracle)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(ACTIONS, min_size=3, max_size=14))
def test_on_hand_is_the_last_approved_count_and_what_moved_after(stock_count: StockCount, actions: list[Any]) -> None:
    """STK-1, STK-5, T18, T25: after every single arrival, for any order of movements, counts, approvals and late lines."""
    world = World(stock_count)
    for name, *said in actions:
        getattr(world, name)(*said)
        world.check()
    session = stock_count.fresh()
    sums = rebuilt(session, stock_count.cast.site_id)
    assert sum(sums.values(), Decimal(0)) == 0
    kept = {balance.holding: balance.quantity for balance in session.scalars(select(Balance))}
    assert {holding: n for holding, n in kept.items() if n} == {holding: n for holding, n in sums.items() if n}
