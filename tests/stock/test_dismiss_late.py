"""What a phone still held when its count was closed does not count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, Refused
from app.lib.ids import Id, new_id
from app.stock.operations import cancel_stock_take, dismiss_late
from tests.stock.conftest import StockCount
from tests.stock.test_admit_late import Late
from tests.stock.test_admit_late import late as late

Device = Callable[[str], Any]
REASON = "扫到隔壁货架了"


def dismiss(late: Late, login: str = "shift_lead", **changes: Any) -> Any:
    said = {"bin_count_id": late.count_id, "reason": REASON, **changes}
    return dismiss_late(late.stock_count.cast[login], **said)


def told(late: Late) -> list[Any]:
    """What the phone hears of what it sent."""
    late.phone.pull()
    return [late.phone.get("verdict", op["id"]) for op in late.ops]


def test_it_works_and_reaches_every_replica(late: Late, verify_operation: Callable[..., Any]) -> None:
    """T11: one word for the whole bin; nothing of it counts, the phone hears why, and no review is opened again."""
    late.stock_count.warehouse.put(late.stock_count.one, late.stock_count.mug, "1")
    late.stock_count.approve("logistics_manager")
    verify_operation(lambda: dismiss(late))
    assert {(one["status"], one["code"], one["facts"]["reason"]) for one in told(late)} == {("noted", "dismissed", REASON)}
    assert (late.stock_count.exceptions(), len(late.stock_count.exceptions("dismissed"))) == ([], 4)
    assert late.stock_count.lines() == [] and late.stock_count.take()["status"] == "adjusted"


def test_a_bin_that_was_opened_late(stock_count: StockCount, device: Device) -> None:
    """T9, T11: the lines that wait for it are dismissed with it, and wait no longer."""
    late = Late(stock_count, device("shipping_clerk"), opened=False)
    late.arrive()
    dismiss(late)
    assert [(one["status"], one["code"]) for one in told(late)] == [("noted", "dismissed"), *[("rejected", "dismissed")] * 4]
    assert stock_count.exceptions() == [] and stock_count.lines() == []


def test_also_when_the_count_was_called_off(late: Late) -> None:
    """What cannot be admitted any more can still be put aside."""
    cancel_stock_take(late.stock_count.cast.shift_lead, stock_take_id=late.stock_count.id, reason="改期")
    dismiss(late)
    assert late.stock_count.exceptions() == []


def test_outsider_and_wrong_role(late: Late, device: Device) -> None:
    """Those who decide exceptions."""
    for actor in (new_id(), late.stock_count.cast.shipping_clerk):
        with pytest.raises(Forbidden):
            dismiss_late(actor, bin_count_id=Id(late.count_id), reason=REASON)
    verdict = device("warehouse_keeper").say("stock.dismiss_late", {"bin_count_id": late.count_id, "reason": REASON})
    assert verdict["status"] == "rejected"


def test_never_one_s_own(stock_count: StockCount, device: Device) -> None:
    """GEN-3: a lead who counted late asks another."""
    stock_count.id = stock_count.plan(counters=("warehouse_keeper", "shift_lead"))
    late = Late(stock_count, device("shift_lead"), opened=True)
    late.arrive()
    with pytest.raises(Refused, match="own_operation"):
        dismiss(late, "shift_lead")
    dismiss(late, "logistics_manager")


def test_wrong_state(late: Late, device: Device) -> None:
    """Nothing late, no reason; and once dismissed nothing is left to admit or dismiss."""
    with pytest.raises(Refused, match="nothing_late"):
        dismiss(late, bin_count_id=new_id())
    with pytest.raises(Refused, match="malformed"):
        dismiss(late, reason="")
    dismiss(late)
    with pytest.raises(Refused, match="nothing_late"):
        late.admit()
    verdict = device("shift_lead").say("stock.dismiss_late", {"bin_count_id": late.count_id, "reason": REASON})
    assert (verdict["status"], verdict["code"]) == ("rejected", "nothing_late")


def test_said_twice_it_is_dismissed_once(late: Late) -> None:
    """GEN-4: a form sent twice."""
    operation_id = new_id()
    for _ in range(2):
        dismiss(late, operation_id=operation_id)
    assert len(late.stock_count.exceptions("dismissed")) == 4
