"""What a phone still held when its count was closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, Refused
from app.lib.ids import Id, new_id
from app.stock.operations import admit_late, cancel_stock_take, force_close
from app.sync.operations import dismiss_operation
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]
REASON = "手机没电了"


class Late:
    """A phone that opened bin two before the close, and one that did so only after it."""

    def __init__(self, stock_count: StockCount, phone: Any, *, opened: bool) -> None:
        self.stock_count, self.phone = stock_count, phone
        stock_count.warehouse.put(stock_count.two, stock_count.mug, "3")
        self.opening = phone.op("stock.open_bin", {"stock_take_id": str(stock_count.id), "bin_id": str(stock_count.two)})
        self.count_id = self.opening["id"]
        if opened:
            phone.send(self.opening)
        said = {"bin_count_id": self.count_id, "product_id": str(stock_count.mug), "quantity": "1", "via": "wedge"}
        self.ops = [] if opened else [self.opening]
        self.ops += [phone.op("stock.record_count_line", said) for _ in range(3)]
        self.ops.append(phone.op("stock.finish_bin", {"bin_count_id": self.count_id}))
        stock_count.count()
        stock_count.skip(stock_count.two)
        force_close(stock_count.cast.logistics_manager, stock_take_id=stock_count.id, reason=REASON)

    def arrive(self) -> list[tuple[str, str]]:
        return [(verdict["status"], verdict["code"]) for verdict in self.phone.send(*self.ops)["verdicts"]]

    def admit(self, login: str = "shift_lead", **changes: Any) -> Any:
        said = {"bin_count_id": self.count_id, "reason": REASON, **changes}
        return admit_late(self.stock_count.cast[login], **said)

    def verdicts(self) -> set[str]:
        self.phone.pull()
        return {self.phone.get("verdict", op["id"])["status"] for op in self.ops}


@pytest.fixture
def late(stock_count: StockCount, device: Device) -> Late:
    found = Late(stock_count, device("shipping_clerk"), opened=True)
    assert found.arrive() == [("noted", "after_close")] * 4
    return found


def test_it_works_and_reaches_every_replica(late: Late, verify_operation: Callable[..., Any]) -> None:
    """T11: one word for the whole bin; every exception is closed, the phone hears it, the review has the figure."""
    assert late.stock_count.review().lines == []
    verify_operation(lambda: late.admit())
    assert late.verdicts() == {"applied"}
    assert (late.stock_count.exceptions(), len(late.stock_count.exceptions("admitted"))) == ([], 4)
    assert [(line.outcome, line.sides[0].figure.quantity) for line in late.stock_count.review().lines] == [("matched", 3)]
    assert late.stock_count.bin(late.stock_count.two)["state"] == "counted"


def test_a_bin_that_was_opened_late(stock_count: StockCount, device: Device) -> None:
    """T11, T10: its lines wait for it, and come in with it."""
    late = Late(stock_count, device("shipping_clerk"), opened=False)
    assert late.arrive() == [("noted", "after_close"), *[("held", "parent_missing")] * 4]
    late.admit()
    assert late.verdicts() == {"applied"}
    assert [line.sides[0].figure.quantity for line in stock_count.review().lines] == [3]
    assert stock_count.exceptions() == []


def test_after_the_approval_the_review_is_open_again(late: Late) -> None:
    """T11: no approval covers what was not shown; a recount is asked once, for what they all come to."""
    late.stock_count.warehouse.put(late.stock_count.one, late.stock_count.mug, "1")
    late.stock_count.approve("shift_lead")
    late.admit("logistics_manager")
    assert (late.stock_count.take()["status"], late.stock_count.recounts()) == ("review", [])


def test_outsider_and_wrong_role(late: Late, device: Device) -> None:
    """Those who decide exceptions."""
    for actor in (new_id(), late.stock_count.cast.shipping_clerk):
        with pytest.raises(Forbidden):
            admit_late(actor, bin_count_id=Id(late.count_id), reason=REASON)
    verdict = device("warehouse_keeper").say("stock.admit_late", {"bin_count_id": late.count_id, "reason": REASON})
    assert verdict["status"] == "rejected"


def test_never_one_s_own(stock_count: StockCount, device: Device) -> None:
    """GEN-3: a lead who counted late asks another."""
    stock_count.id = stock_count.plan(counters=("warehouse_keeper", "shift_lead"))
    late = Late(stock_count, device("shift_lead"), opened=True)
    late.arrive()
    with pytest.raises(Refused, match="own_operation"):
        late.admit("shift_lead")
    late.admit("logistics_manager")


def test_wrong_state(late: Late, stock_count: StockCount, device: Device) -> None:
    """Nothing late; a count that was called off; no reason. What was dismissed stays so."""
    with pytest.raises(Refused, match="nothing_late"):
        late.admit(bin_count_id=new_id())
    with pytest.raises(Refused, match="malformed"):
        late.admit(reason="")
    dismiss_operation(stock_count.cast.shift_lead, kept_id=late.ops[0]["id"], reason="扫错了")
    cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    with pytest.raises(Refused, match="take_cancelled"):
        late.admit()
    verdict = device("shift_lead").say("stock.admit_late", {"bin_count_id": late.count_id, "reason": REASON})
    assert (verdict["status"], verdict["code"]) == ("rejected", "take_cancelled")


def test_what_was_dismissed_stays_out(late: Late) -> None:
    """A person's word on one line holds when the rest is admitted."""
    dismiss_operation(late.stock_count.cast.shift_lead, kept_id=late.ops[0]["id"], reason="扫错了")
    late.admit()
    assert len(late.stock_count.lines()) == 2


def test_said_twice_it_is_admitted_once(late: Late) -> None:
    """GEN-4: a form sent twice; then nothing is late any more."""
    operation_id = new_id()
    for _ in range(2):
        late.admit(operation_id=operation_id)
    assert len(late.stock_count.lines()) == 3
    with pytest.raises(Refused, match="nothing_late"):
        late.admit()
