"""Photos: kept first, sent after their operation, deleted last (sync.md §3; T12, T13)."""

from __future__ import annotations

import hashlib

import pytest
from playwright.sync_api import Error

from tests.js.device import Device

KEEP = "return replica.keepBlob(new Blob([new Uint8Array(arg.size).fill(arg.fill)], {type: 'image/jpeg'}))"


def keep(device: Device, fill: int = 7, size: int = 1000) -> str:
    sha: str = device.run(KEEP, {"fill": fill, "size": size})
    assert sha == hashlib.sha256(bytes([fill]) * size).hexdigest()
    return sha


def uploads(device: Device) -> list[str]:
    return [path for method, path, _ in device.api.calls if method == "PUT"]


def test_a_photo_is_kept_before_the_operation_and_sent_after_it(enrolled: Device) -> None:
    sha = keep(enrolled)
    assert enrolled.sync()
    assert uploads(enrolled) == [], "no operation names it yet"
    enrolled.answer("r/a", "pass", blobs=[sha])
    assert enrolled.outbox()[0]["blobs"] == [{"sha": sha, "state": "kept"}]
    assert enrolled.sync()
    paths = [path for _, path, _ in enrolled.api.calls]
    assert paths.index("/api/sync/push") < paths.index(f"/api/blobs/{sha}")
    assert enrolled.api.blobs[sha] == b"\x07" * 1000
    assert enrolled.status()["state"] == "synced"


def test_the_local_copy_is_shown_offline_and_after_a_restart(enrolled: Device) -> None:
    sha = keep(enrolled)
    enrolled.answer("r/a", "pass", blobs=[sha])
    enrolled.reload()
    url = enrolled.run("return replica.blobUrl(arg, 'thumb')", sha)
    assert url.startswith("blob:")
    assert enrolled.run("return (await (await fetch(await replica.blobUrl(arg))).arrayBuffer()).byteLength", sha) == 1000
    assert enrolled.run("return replica.blobUrl(arg, 'thumb')", "0" * 64) == f"/api/blobs/{'0' * 64}/thumb"


def test_an_upload_that_fails_is_tried_again_and_answers_never_wait_for_photos(enrolled: Device) -> None:
    sha = keep(enrolled)
    enrolled.answer("r/a", "pass", blobs=[sha])
    enrolled.api.fail("/api/blobs", "status", status=503)
    assert not enrolled.sync()
    assert enrolled.outbox() == [], "the answer is settled"
    assert (enrolled.status()["photos"], enrolled.status()["state"]) == (1, "offline")
    enrolled.api.fail("/api/blobs", "status", status=422, code="wrong_hash")
    assert not enrolled.sync()
    assert enrolled.sync()
    assert (enrolled.status()["photos"], len(enrolled.api.blobs)) == (0, 1)


def test_an_unreadable_photo_is_final_and_said(enrolled: Device) -> None:
    sha = keep(enrolled)
    enrolled.api.unreadable.add(sha)
    enrolled.api.verdicts = lambda op: {"status": "held"}
    enrolled.answer("r/a", "pass", blobs=[sha])
    assert enrolled.sync()
    assert enrolled.sync()
    assert len(uploads(enrolled)) == 1
    assert enrolled.outbox()[0]["blobs"] == [{"sha": sha, "state": "unreadable"}]
    assert (enrolled.status()["state"], enrolled.status()["need"]) == ("need", 1)


def test_over_the_budget_the_oldest_settled_copy_goes_and_nothing_else(device: Device) -> None:
    device.enrol(blobBudget=2500)
    first = keep(device, 1)
    device.answer("r/a", "pass", blobs=[first])
    assert device.sync()
    second = keep(device, 2)
    device.answer("r/b", "pass", blobs=[second])
    third = keep(device, 3)
    device.wait(lambda: device.sync() and {row["sha"] for row in device.stored("blobs")} == {second, third}, "room")
    device.api.down = True
    fourth = keep(device, 4)
    device.answer("r/c", "pass", blobs=[fourth])
    device.run("await replica.blobs.tidy(); await replica.blobs.makeRoom(1e6)")
    assert {third, fourth} <= {row["sha"] for row in device.stored("blobs")}


def test_after_a_restore_the_photos_of_what_is_sent_again_are_sent_again(enrolled: Device) -> None:
    sha = keep(enrolled)
    id = enrolled.answer("r/a", "pass", blobs=[sha])
    enrolled.api.durable = 0
    assert enrolled.sync()
    enrolled.api.epoch = "epoch-2"
    enrolled.api.blobs.clear()
    enrolled.api.stream.clear()
    enrolled.api.kept.clear()
    assert enrolled.sync()
    assert [op["id"] for op in enrolled.api.stream] == [id]
    assert list(enrolled.api.blobs) == [sha]


def test_too_large_a_photo_is_not_kept(enrolled: Device) -> None:
    with pytest.raises(Error, match="NotSaved: photo_too_large"):
        enrolled.run(KEEP, {"fill": 1, "size": 2 * 1024 * 1024 + 1})


def test_a_dropped_bucket_takes_its_photos_along(enrolled: Device) -> None:
    """I8: what the device may no longer read goes, with its blobs."""
    sha = keep(enrolled)
    enrolled.answer("r/a", "pass", blobs=[sha])
    assert enrolled.sync()
    for name in list(enrolled.api.buckets):
        if name.startswith("site:"):
            del enrolled.api.buckets[name]
    assert enrolled.sync()
    enrolled.wait(lambda: enrolled.stored("blobs") == [], "the photo to go")


def test_one_photo_the_server_chokes_on_does_not_stop_the_others(enrolled: Device) -> None:
    """I9."""
    first, second = keep(enrolled, 1), keep(enrolled, 2)
    enrolled.answer("r/a", "pass", blobs=[first, second])
    enrolled.api.fail(f"/api/blobs/{first}", "status", status=500, times=50)
    assert not enrolled.sync()
    assert list(enrolled.api.blobs) == [second]
    assert enrolled.outbox() == []


def test_photos_of_what_was_sent_do_not_wait_for_what_cannot_be(enrolled: Device) -> None:
    """I9: answers go before photos, unless they do not go at all."""
    api = enrolled.api
    sha = keep(enrolled)
    enrolled.answer("r/a", "pass", blobs=[sha])
    api.fail("/api/blobs/", "status", status=500)
    assert not enrolled.sync()
    enrolled.answer("r/b", "pass")
    api.fail("/api/sync/push", "status", status=500, times=50)
    assert not enrolled.sync()
    assert list(api.blobs) == [sha]
    assert enrolled.status()["waiting"] == 1
