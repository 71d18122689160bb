"""What somebody counted is on their device as long as the stock take is open; a photo is seen by whoever identifies the code."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.stock.operations import admit_late, cancel_stock_take, close_unchanged, force_close
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]


def own(phone: Any) -> list[int]:
    """How many counts and lines the phone has."""
    phone.pull()
    return [len(phone.all(kind)) for kind in ("bin_count", "count_line")]


@pytest.mark.parametrize("end", ["approved", "closed", "cancelled"])
def test_it_leaves_when_the_count_has_ended(stock_count: StockCount, device: Device, end: str) -> None:
    """I8: there through the review, gone with its end, however it ends; another count's lines stay."""
    phone, cast = device("warehouse_keeper"), stock_count.cast
    stock_count.warehouse.put(stock_count.one, stock_count.mug, "2")
    stock_count.through((stock_count.mug, "2"))
    ended, stock_count.id = stock_count.id, stock_count.plan()
    stock_count.line(stock_count.open(stock_count.two), stock_count.mug)
    stock_count.id = ended
    assert own(phone) == [2, 2]
    if end == "approved":
        stock_count.approve()
    elif end == "cancelled":
        cancel_stock_take(cast.shift_lead, stock_take_id=ended, reason="改期")
    else:
        close_unchanged(cast.logistics_manager, stock_take_id=ended, reason="再盘", basis=[stock_count.review().state()])
    assert own(phone) == [1, 1]
    assert len(stock_count.lines()) == 1, "the server keeps it"


def test_it_is_back_when_the_review_is_opened_again(stock_count: StockCount, device: Device) -> None:
    """T11: what came late is admitted after the approval; everybody has again what they counted."""
    keeper, clerk = device("warehouse_keeper"), device("shipping_clerk")
    stock_count.count(lines=[(stock_count.mug, "2")])
    count_id = stock_count.open(stock_count.two, "shipping_clerk")
    stock_count.skip(stock_count.two)
    force_close(stock_count.cast.logistics_manager, stock_take_id=stock_count.id, reason="没电了")
    stock_count.decide(stock_count.mug, "shift_lead", accepted=False, reason="kept")
    stock_count.approve("shift_lead")
    assert own(keeper) == [0, 0]
    said = {"bin_count_id": str(count_id), "product_id": str(stock_count.mug), "quantity": "1", "via": "wedge"}
    assert clerk.say("stock.record_count_line", said)["code"] == "after_close"
    admit_late(stock_count.cast.logistics_manager, bin_count_id=count_id, reason="没电了")
    assert (own(keeper), own(clerk)) == ([1, 1], [1, 1])


def test_who_identifies_a_code_sees_its_photo(stock_count: StockCount, device: Device, as_: Callable[[str], FlaskClient]) -> None:
    """STK-10: also when the lines have left the phone that made them; nobody else does (T40)."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "JPEG")
    sha = hashlib.sha256(picture.getvalue()).hexdigest()
    phone, count_id = device("warehouse_keeper"), stock_count.open()
    said = {"bin_count_id": str(count_id), "code": "XYZ 1", "quantity": "1", "via": "camera", "photo": sha}
    phone.say("stock.record_count_line", said, blobs=[sha])
    assert phone.client.put(f"/api/blobs/{sha}", data=picture.getvalue()).status_code in (200, 201, 204)
    cancel_stock_take(stock_count.cast.shift_lead, stock_take_id=stock_count.id, reason="改期")
    assert as_("logistics_manager").get(f"/blobs/{sha}/thumb").status_code == 200
    assert as_("camera").get(f"/blobs/{sha}/thumb").status_code == 404
