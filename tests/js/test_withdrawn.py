"""A photo in whose place another stands before it was sent stays here, unless that answer came to nothing (decision 0023)."""

from __future__ import annotations

from tests.js.device import Device
from tests.js.test_blobs import keep, uploads


def held(device: Device) -> set[str]:
    return {row["sha"] for row in device.stored("blobs")}


def test_it_is_not_sent_and_goes_from_the_device(enrolled: Device) -> None:
    """F20: the operation that named it is told as ever; its bytes never leave, and are not kept here either."""
    taken, marked = keep(enrolled, 1), keep(enrolled, 2)
    enrolled.answer("r/a", "pass", blobs=[taken])
    enrolled.answer("r/a", "pass", blobs=[marked], withdraws=[taken])
    enrolled.reload()
    assert {taken, marked} <= held(enrolled), "nothing goes before the server's word"
    assert enrolled.sync()
    enrolled.wait(lambda: enrolled.sync() and held(enrolled) == {marked}, "the photo to go")
    assert [path[-64:] for path in uploads(enrolled)] == [marked]
    assert len(enrolled.api.stream) == 2
    assert (enrolled.status()["photos"], enrolled.status()["state"]) == (0, "synced")


def test_it_waits_while_nobody_knows(enrolled: Device) -> None:
    """A verdict that is not the last word neither sends the photo nor gives it up."""
    taken, marked = keep(enrolled, 1), keep(enrolled, 2)
    enrolled.answer("r/a", "pass", blobs=[taken])
    assert enrolled.answer("r/a", "pass", blobs=[marked], withdraws=[taken])
    enrolled.api.verdicts = lambda op: {"status": "held"} if marked in op["blobs"] else {"status": "applied"}
    assert enrolled.sync()
    assert taken in held(enrolled)
    assert taken not in {path[-64:] for path in uploads(enrolled)}


def test_an_answer_without_effect_withdraws_nothing(enrolled: Device) -> None:
    """Kept after the end of the list: the photo that stands is the one that was taken, and it is sent."""
    taken, marked = keep(enrolled, 1), keep(enrolled, 2)
    enrolled.answer("r/a", "pass", blobs=[taken])
    enrolled.answer("r/a", "pass", blobs=[marked], withdraws=[taken])
    enrolled.api.verdicts = lambda op: (
        {"status": "noted", "code": "after_close"} if marked in op["blobs"] else {"status": "applied"}
    )
    enrolled.wait(lambda: enrolled.sync() and taken in {path[-64:] for path in uploads(enrolled)}, "the photo to be sent")


def test_going_on_unverified_is_in_force(enrolled: Device) -> None:
    """CHK-3: the answer counts, so what it withdrew is not sent."""
    taken, marked = keep(enrolled, 1), keep(enrolled, 2)
    enrolled.answer("r/a", "pass", blobs=[taken])
    enrolled.answer("r/a", "pass", blobs=[marked], withdraws=[taken])
    enrolled.api.verdicts = lambda op: {"status": "noted", "code": "order_unverified"}
    enrolled.wait(lambda: enrolled.sync() and held(enrolled) == {marked}, "the photo to go")
    assert taken not in {path[-64:] for path in uploads(enrolled)}
