"""Copies of photos that the office shows: seen with no network, never sent, gone with what named them (F24)."""

from __future__ import annotations

from tests.js.device import Device
from tests.js.test_blobs import keep, uploads

COPY = "await replica.blobs.keepCopy(arg, new Blob([new Uint8Array(50)], {type: 'image/jpeg'}))"


def rows(device: Device) -> dict[str, str | None]:
    return {row["sha"]: row.get("status") for row in device.stored("blobs")}


def test_a_copy_is_shown_and_never_sent(enrolled: Device) -> None:
    """It is what the server shows of it: other bytes than those that were hashed."""
    sha = "ab" * 32
    enrolled.run(COPY, sha)
    enrolled.answer("r/a", "pass", blobs=[sha])
    enrolled.reload()
    assert enrolled.run("return replica.blobUrl(arg, 'thumb')", sha).startswith("blob:")
    assert enrolled.sync()
    assert uploads(enrolled) == []
    assert (enrolled.status()["photos"], enrolled.run("return replica.blobs.copied()")) == (0, 50)


def test_ones_own_photo_takes_the_place_of_a_copy_and_not_the_other_way(enrolled: Device) -> None:
    """What has to be sent are the bytes that were hashed."""
    sha = keep(enrolled, 3)
    enrolled.run(COPY, sha)
    assert rows(enrolled) == {sha: None}, "the own one stays"
    enrolled.run("await replica.blobs.dropCopies(() => true)")
    assert rows(enrolled) == {sha: None}
    other = "cd" * 32
    enrolled.run(COPY, other)
    enrolled.run("await replica.blobs.dropCopies((sha) => sha === arg)", other)
    assert rows(enrolled) == {sha: None}


def test_copies_go_with_the_bucket_that_named_them(enrolled: Device) -> None:
    """I8: whoever may no longer read the lists has none of their pictures."""
    sha = "ab" * 32
    enrolled.run(COPY, sha)
    del enrolled.api.buckets["org"]
    enrolled.sync()
    enrolled.wait(lambda: enrolled.stored("blobs") == [], "the copy to go")


def test_a_full_device_lets_go_of_copies(device: Device) -> None:
    """They come again; what was never sent does not."""
    device.enrol(blobBudget=1040)
    device.run(COPY, "ab" * 32)
    sha = keep(device, 1)
    device.run("await replica.blobs.tidy()")
    assert list(rows(device)) == [sha]
