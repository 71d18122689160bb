"""A first fill of `org` is read once for all devices, as long as nothing in it changes (sync.md §3)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import event

from app.lib.db import db
from app.sync import pull
from tests.sync.toy import SITE, ToyDevice, ToyHooks


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy's records lie in its site; a page takes about four of them."""
    monkeypatch.setattr(pull, "ORG", f"site:{SITE}")
    monkeypatch.setattr(pull, "PAGE_BYTES", 400)


@pytest.fixture
def other(toy: Flask, hooks: ToyHooks, actor: Any) -> ToyDevice:
    return ToyDevice(toy, hooks, actor)


def page(device: ToyDevice, after: str | None = None) -> list[Any]:
    """One page of a device that holds nothing."""
    body = {"epoch": device.epoch, "cursors": {}, **({"after": after} if after else {})}
    answer = device.client.post("/api/sync/pull", json=body)
    assert answer.status_code == 200, answer.data
    return [orjson.loads(line) for line in answer.data.splitlines()]


def fill(device: ToyDevice, after: str | None = None) -> list[str]:
    """What every page brings from there on."""
    texts: list[str] = []
    while True:
        _, *lines, trailer = page(device, after)
        texts += [line["data"]["text"] for line in lines]
        after = trailer["after"]
        if after is None:
            return texts


def reads(device: ToyDevice) -> int:
    """How often records are read for a whole fill."""
    asked: list[str] = []
    engine = db.engine

    def note(*said: Any) -> None:
        asked.append(said[2])

    event.listen(engine, "before_cursor_execute", note)
    fill(device)
    event.remove(engine, "before_cursor_execute", note)
    return sum("FROM record" in text and "count(" not in text for text in asked)


def test_the_second_device_costs_no_reading(device: ToyDevice, other: ToyDevice) -> None:
    texts = [f"n{n}" for n in range(20)]
    device.send(*[device.op(text) for text in texts])
    assert sorted(fill(device)) == sorted(texts)
    assert reads(device) <= 1, "only the device's own bucket is looked into"
    assert fill(other) == fill(device)


def test_a_change_is_in_the_next_fill(device: ToyDevice, other: ToyDevice) -> None:
    device.send(*[device.op(f"n{n}") for n in range(9)])
    assert len(fill(device)) == 9
    device.send(device.op("later"))
    assert fill(other)[-1] == "later"
    assert len(fill(other)) == 10


def test_a_fill_that_began_before_a_change_brings_it_too(device: ToyDevice, other: ToyDevice) -> None:
    """Its place is none of the new revision's: it goes on by itself and spoils nothing for the others."""
    device.send(*[device.op(f"n{n}") for n in range(9)])
    _, *lines, trailer = page(device)
    device.send(device.op("later"))
    fresh = fill(other)
    rest = fill(device, trailer["after"])
    assert sorted([line["data"]["text"] for line in lines] + rest) == sorted(fresh)
    assert fill(other) == fresh


def test_nothing_is_kept_for_a_place_that_no_part_ends_at(device: ToyDevice) -> None:
    """`after` is the device's word: standing wherever it likes, it makes the server remember no more."""
    device.send(*[device.op(f"n{n}") for n in range(20)])
    fill(device)
    kept = device.client.application.extensions["offstage-kept"]
    before = len(kept._kept[1])
    rev = page(device)[0]["buckets"][f"site:{SITE}"]["to"]
    for number in range(5):
        places = {f"site:{SITE}": pull.Place(rev, "toy_note", f"{number}", rev, True)}
        assert page(device, pull._pack(device.epoch, device.id, places))
    assert len(kept._kept[1]) == before > 3
