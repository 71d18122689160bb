"""One scan, one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib import clock
from app.lib.clock import MINUTE
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.stock.operations import archive_product, cancel_stock_take, record_count_line
from app.sync.operations import admit_operation
from tests.stock.conftest import MUG_CARTON, MUG_EAN, StockCount

Device = Callable[[str], Any]
PHOTO = "ab" * 32


def scan(count_id: Id, product_id: Id, **more: Any) -> dict[str, Any]:
    return {"bin_count_id": count_id, "product_id": product_id, "quantity": "1", "via": "wedge", **more}


def test_it_works_and_reaches_every_replica(
    stock_count: StockCount, device: Device, verify_operation: Callable[..., Any]
) -> None:  # fmt: skip
    """A carton of 24 scanned: 24 pieces by one line, which lies with the person who counts and nobody else (STK-3)."""
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    said = scan(count_id, stock_count.mug, quantity="24", pack="24", code=MUG_EAN, key=MUG_EAN, lot="L1", note="湿箱")
    verdict = verify_operation(lambda: phone.say("stock.record_count_line", said))
    assert verdict["status"] == "applied"
    phone.pull()
    line = phone.get("count_line", f"{count_id}/{verdict['id']}")
    assert {name: line[name] for name in ("quantity", "pack", "product_id", "code", "lot", "status", "via", "note")} == {
        "quantity": "24", "pack": "24", "product_id": str(stock_count.mug), "code": MUG_EAN, "lot": "L1", "status": "available",
        "via": "wedge", "note": "湿箱",
    }  # fmt: skip
    assert (line["withdrawn"], line["stock_take_id"], line["bin_id"]) == (False, str(stock_count.id), str(stock_count.one))
    assert device("shipping_clerk").all("count_line") == device("shift_lead").all("count_line") == []


def test_two_scans_alike_are_two(stock_count: StockCount, device: Device) -> None:
    """T2: the same product, person, bin and second; only the id makes two one (GEN-4)."""
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    data = {name: str(value) for name, value in scan(count_id, stock_count.mug).items()}
    ops = [phone.op("stock.record_count_line", data, at=clock.now()) for _ in range(3)]
    phone.send(*ops)
    again = phone.send(*ops)["verdicts"]
    assert all(verdict["replayed"] for verdict in again)
    assert len(stock_count.lines()) == 3


def test_outsider_wrong_role_and_another_s_count(stock_count: StockCount, device: Device) -> None:
    """403 in the office, without effect from a device: a count speaks for one person (STK-4)."""
    count_id = stock_count.open()
    for actor in (new_id(), stock_count.cast.finance, stock_count.cast.shipping_clerk):
        with pytest.raises(Forbidden):
            record_count_line(actor, **scan(count_id, stock_count.mug))
    for login, code in (("finance", "outside_grant"), ("shipping_clerk", "not_your_count")):
        verdict = device(login).say("stock.record_count_line", scan(count_id, stock_count.mug))
        assert (verdict["status"], verdict["code"]) == ("noted", code)
    assert stock_count.lines() == []


def test_a_line_after_the_close_reopens_the_review_once_admitted(stock_count: StockCount, device: Device) -> None:
    """T11, T8: `noted: after_close` without effect, whatever its own clock says; admitted it counts and the review goes on."""
    phone = device("warehouse_keeper")
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "2")
    count_id = stock_count.open()
    late = phone.op("stock.record_count_line", {k: str(v) for k, v in scan(count_id, stock_count.mug).items()})
    stock_count.line(count_id)
    stock_count.finish(count_id)
    stock_count.skip(stock_count.two)
    stock_count.close()
    with pytest.raises(Refused, match="after_close"):
        record_count_line(stock_count.cast.warehouse_keeper, **scan(count_id, stock_count.mug))
    verdict = phone.send(late)["verdicts"][0]
    assert (verdict["status"], verdict["code"]) == ("noted", "after_close")
    assert [len(stock_count.lines()), *(line.sides[0].figure.quantity for line in stock_count.review().lines)] == [1, 1]
    before = stock_count.review().state()
    admit_operation(stock_count.cast.shift_lead, kept_id=verdict["id"], reason="手机没电了")
    assert [line.sides[0].figure.quantity for line in stock_count.review().lines] == [2]
    assert (stock_count.review().state() != before, stock_count.take()["status"]) == (True, "review")


def test_wrong_state(stock_count: StockCount, device: Device) -> None:
    """A cancelled count: the same code at both doors. A count that nobody opened is waited for."""
    count_id = stock_count.open()
    cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    said = scan(count_id, stock_count.mug)
    with pytest.raises(Refused, match="take_cancelled"):
        record_count_line(stock_count.cast.warehouse_keeper, **said)
    verdict = device("warehouse_keeper").say("stock.record_count_line", said)
    assert (verdict["status"], verdict["code"]) == ("noted", "take_cancelled")
    with pytest.raises(NotFound):
        record_count_line(stock_count.cast.warehouse_keeper, **scan(new_id(), stock_count.mug))
    verdict = device("warehouse_keeper").say("stock.record_count_line", scan(new_id(), stock_count.mug))
    assert (verdict["status"], verdict["code"]) == ("held", "parent_missing")


def test_an_archived_product_is_counted_and_told(stock_count: StockCount, device: Device) -> None:
    """GEN-6: it lies there whatever the catalogue says: in force, and somebody looks."""
    archive_product(stock_count.cast.logistics_manager, product_id=stock_count.mug, reason="停售")
    count_id = stock_count.open()
    with pytest.raises(Refused, match="product_archived"):
        record_count_line(stock_count.cast.warehouse_keeper, **scan(count_id, stock_count.mug))
    verdict = device("warehouse_keeper").say("stock.record_count_line", scan(count_id, stock_count.mug))
    assert (verdict["status"], verdict["code"], len(stock_count.lines())) == ("noted", "product_archived", 1)
    admit_operation(stock_count.cast.shift_lead, kept_id=verdict["id"], reason="确实在")
    assert len(stock_count.lines()) == 1


def test_decimals_are_those_of_the_unit(stock_count: StockCount) -> None:
    """GEN-9, T23: half a mug is a slip; 0.125 kg is exact, and so are three of them."""
    tea = stock_count.warehouse.product("FOD-0001", "散装茶", "Loose tea", "FOD", unit="kg")
    count_id = stock_count.open()
    with pytest.raises(Refused, match="too_many_decimals"):
        stock_count.line(count_id, stock_count.mug, "0.5")
    for _ in range(3):
        stock_count.line(count_id, tea, "0.125", pack="0.125")
    stock_count.finish(count_id)
    assert [str(line.sides[0].figure.quantity) for line in stock_count.review().lines] == ["0.375"]


def test_an_unknown_code_is_kept_with_its_photo(stock_count: StockCount, device: Device) -> None:
    """STK-10, T12, F10: in force as what it is, and told; its photo is named by its operation, else it would never be sent."""
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    said = {"bin_count_id": count_id, "code": "XYZ 1", "quantity": "1", "via": "camera", "photo": PHOTO}
    assert phone.say("stock.record_count_line", said)["code"] == "photo_not_named"
    verdict = phone.say("stock.record_count_line", said, blobs=[PHOTO])
    assert (verdict["status"], verdict["code"]) == ("noted", "unknown_code")
    line = stock_count.warehouse.record("count_line", f"{count_id}/{verdict['id']}")
    assert (line["product_id"], line["code"], line["key"], line["photo"]) == (None, "XYZ 1", "XYZ 1", PHOTO)
    with pytest.raises(Refused, match="unknown_code"):
        record_count_line(stock_count.cast.warehouse_keeper, **{**said, "photo": PHOTO}, blobs=[PHOTO])


def test_a_code_that_was_identified_meanwhile(stock_count: StockCount, device: Device) -> None:
    """STK-10, STK-11: the phone did not know the carton, the house does: 24 pieces."""
    said = {"bin_count_id": stock_count.open(), "code": MUG_CARTON, "quantity": "1", "via": "wedge"}
    verdict = device("warehouse_keeper").say("stock.record_count_line", said)
    assert verdict["status"] == "applied"
    assert [(line.product_id, line.quantity, line.pack) for line in stock_count.lines()] == [(stock_count.mug, 24, 24)]


@pytest.mark.parametrize(
    "changes",
    [{"quantity": "0"}, {"quantity": "x"}, {"quantity": 1}, {"quantity": "1e3"}, {"pack": "0"}, {"via": "guess"}, {"more": 1}],
)
def test_malformed_lines(stock_count: StockCount, device: Device, changes: dict[str, Any]) -> None:
    """Nothing, no number, a number that passed through a float: refused at both doors with the field named."""
    said = {**scan(stock_count.open(), stock_count.mug), **changes}
    with pytest.raises(Refused, match="malformed") as refusal:
        record_count_line(stock_count.cast.warehouse_keeper, **said)
    assert set(refusal.value.fields) == set(changes)
    verdict = device("warehouse_keeper").say("stock.record_count_line", said)
    assert (verdict["status"], verdict["code"]) == ("rejected", "malformed")


def test_taking_back_part_is_a_line_below_zero(stock_count: StockCount) -> None:
    """F9: a keypad that sets 10 to 8 says −2; both lines stay."""
    count_id = stock_count.open()
    with clock.at(clock.now() + MINUTE):
        stock_count.line(count_id, stock_count.mug, "10", via="pad")
        stock_count.line(count_id, stock_count.mug, "-2", via="pad")
        stock_count.finish(count_id)
    assert [line.sides[0].figure.quantity for line in stock_count.review().lines] == [8]
