"""Ids and sums that Python and JavaScript make alike."""

from __future__ import annotations

import hashlib
import uuid
import zlib

from tests.js.device import Device


def test_a_uuid7_says_its_time_and_sorts_in_the_order_made(device: Device) -> None:
    """T4: also within a millisecond, and when the clock steps back."""
    ids = device.run(
        """const {uuidv7} = await import("/static/test/js/replica/ids.js");
           const now = 1789000000000;
           const [alike, back] = [Array.from({length: 9000}, () => now), Array.from({length: 50}, (_, n) => now - n * 1000)];
           return [...alike, ...back].map((at) => uuidv7(at))"""
    )
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)
    first = uuid.UUID(ids[0])
    assert (first.version, first.variant, first.int >> 80) == (7, uuid.RFC_4122, 1789000000000)


def test_uuid5_sha256_and_sums_are_pythons(device: Device) -> None:
    run = "01890000-0000-7000-8000-0000000000aa"
    found = device.run(
        """const ids = await import("/static/test/js/replica/ids.js");
           return [await ids.uuid5(arg, "2"), await ids.sha256(ids.utf8("幕后")), ids.crc32("checklist_item/幕@7"),
                   ids.crc32("item/7"),
                   ids.sumOf([{kind: "a", id: "b", rev: 1}, {kind: "c", id: "d/e", rev: 4294967296}])]""",
        run,
    )
    total = (zlib.crc32(b"a/b@1") + zlib.crc32(b"c/d/e@4294967296")) % 2**32
    sha = hashlib.sha256("幕后".encode()).hexdigest()
    crcs = [zlib.crc32("checklist_item/幕@7".encode()), zlib.crc32(b"item/7")]
    assert found == [str(uuid.uuid5(uuid.UUID(run), "2")), sha, *crcs, total]
