"""Pull and head: deltas, fulls, pages, drops, sums, epochs (sync.md §3)."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import orjson
import pytest
import zstandard
from sqlalchemy import update

from app.lib.ids import new_id
from app.sync import pull
from app.sync.models import Meta
from tests.sync.toy import SITE, ToyDevice


def raw_pull(device: ToyDevice, **body: Any) -> list[Any]:
    answer = device.client.post("/api/sync/pull", json={"epoch": device.epoch, "cursors": device.cursors, **body})
    assert answer.status_code == 200, answer.data
    return [orjson.loads(line) for line in answer.data.splitlines()]


def test_first_fill_lists_every_bucket(device: ToyDevice) -> None:
    """The header names every readable bucket with readers; the trailer's sum is that of the lines."""
    device.send(*[device.op(f"n{i}") for i in range(5)])
    header, *lines, trailer = raw_pull(device)
    site = f"site:{SITE}"
    assert set(header["buckets"]) == {"org", site, f"device:{device.id}"}
    assert header["buckets"][site] == {"to": 1, "mode": "full", "count": 5, "readers": ["somebody"]}
    total = sum(crc32(f"{x['kind']}/{x['id']}@{x['rev']}".encode()) for x in lines) % 2**32
    assert trailer == {
        "after": None,
        "checks": {**trailer["checks"], site: {"rev": 1, "count": 5, "sum": total}},
    }


def test_delta_brings_only_what_changed(device: ToyDevice) -> None:
    """From a cursor: the newer lines, in order, and nothing else."""
    device.send(device.op("old"))
    device.pull()
    device.send(device.op("new"))
    header, *lines, trailer = raw_pull(device)
    assert [x["data"]["text"] for x in lines] == ["new"]
    assert header["buckets"][f"site:{SITE}"]["mode"] == "delta" and trailer["after"] is None


def test_pages_resume_and_bring_what_changed_meanwhile(device: ToyDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """`after` goes on where the page ended; what changed meanwhile comes again; only the last page carries checks."""
    monkeypatch.setattr(pull, "PAGE_BYTES", 400)
    device.send(*[device.op(f"n{i}") for i in range(9)])
    first = raw_pull(device)
    assert first[-1]["after"] and "checks" not in first[-1]
    device.send(device.op("meanwhile"))
    texts = [x["data"]["text"] for x in first[1:-1]]
    page = first
    while page[-1]["after"]:
        page = raw_pull(device, after=page[-1]["after"])
        texts += [x["data"]["text"] for x in page[1:-1]]
    assert sorted(texts) == sorted([*(f"n{i}" for i in range(9)), "meanwhile"])
    assert page[0]["buckets"][f"site:{SITE}"]["to"] == 2 and page[-1]["checks"]


def test_sums_hold_after_many_changes(device: ToyDevice) -> None:
    """I3: the running sum equals the sum of what a device holds."""
    for i in range(4):
        device.say(f"n{i}")
        device.pull()
    mine = [(k, i, rev) for (b, k, i), (rev, _) in device.held.items() if b == f"site:{SITE}"]
    total = sum(crc32(f"{k}/{i}@{rev}".encode()) for k, i, rev in mine) % 2**32
    assert device.checks[f"site:{SITE}"] == {"rev": 4, "count": 4, "sum": total}


def test_other_epoch_fills_anew(device: ToyDevice, toy: Any) -> None:
    """Restore: another epoch makes every bucket full and voids `after`."""
    device.say()
    device.pull()
    with toy.extensions["offstage-writer"].session() as session:
        session.execute(update(Meta).where(Meta.key == "epoch").values(value=str(new_id())))
    header, *lines, _ = raw_pull(device)
    assert header["buckets"][f"site:{SITE}"]["mode"] == "full" and len(lines) == 1


@pytest.mark.parametrize("after", ["nonsense", "e30=", "W10=", "////"])
def test_foreign_after_restarts(device: ToyDevice, after: str) -> None:
    """An `after` that is not of this device and epoch is answered with page one."""
    device.say()
    header, *lines, _ = raw_pull(device, after=after)
    assert header["restart"] is True and len(lines) == 1


def test_cursor_above_head_fills_anew(device: ToyDevice) -> None:
    """A cursor the server never gave: full."""
    device.say()
    device.pull()
    device.cursors[f"site:{SITE}"] = 99
    header, *lines, _ = raw_pull(device)
    assert header["buckets"][f"site:{SITE}"]["mode"] == "full" and len(lines) == 1


@pytest.mark.parametrize("cursors", [None, [], {"org": "1"}, {"org": True}])
def test_malformed_cursors(device: ToyDevice, cursors: Any) -> None:
    """422, named."""
    answer = device.client.post("/api/sync/pull", json={"epoch": "", "cursors": cursors})
    assert answer.status_code == 422 and answer.json and answer.json["error"]["code"] == "malformed_cursors"


def test_compression(device: ToyDevice) -> None:
    """zstd where the device takes it, else gzip."""
    device.say()
    body = {"epoch": "", "cursors": {}}
    answer = device.client.post("/api/sync/pull", json=body, headers={"Accept-Encoding": "gzip, zstd"})
    assert answer.headers["Content-Encoding"] == "zstd"
    assert b"hello" in zstandard.ZstdDecompressor().decompress(answer.data, max_output_size=10**6)
    answer = device.client.post("/api/sync/pull", json=body, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"


def test_head_is_304_until_something_changes(device: ToyDevice) -> None:
    """The polling target: an ETag over epoch, access and heads; protocol and time also on a 304."""
    device.say()
    first = device.client.get("/api/sync/head")
    assert first.json and first.json["heads"][f"site:{SITE}"] == 1 and first.json["access"]
    again = device.client.get("/api/sync/head", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.headers["Offstage-Time"] and again.headers["Offstage-Protocol"] == "1"
    device.say()
    assert device.client.get("/api/sync/head", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_head_shows_lost_access(device: ToyDevice, toy: Any) -> None:
    """Losing a bucket changes `access`, although no head moved."""
    before = device.client.get("/api/sync/head").json
    device.revoke()
    toy.extensions["offstage-known"].clear()
    after = device.client.get("/api/sync/head").json
    assert before and after and before["access"] != after["access"] and after["heads"] == {}
