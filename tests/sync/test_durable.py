"""What a device may forget: what a verified backup holds, with its photos; all that is committed where nobody makes backups."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.lib.clock import DAY, at, now
from app.lib.db import db, writer
from app.sync import durable
from app.sync.models import Meta
from tests.sync.test_blobs import picture, put
from tests.sync.toy import ToyDevice

Take = Callable[[], dict[Any, int]]


@pytest.fixture
def take(toy: Flask) -> Take:
    """Make a backup as far as the engine hears of it."""

    def backup() -> dict[Any, int]:
        with writer().session() as session:
            durable.begin(session)
        with db.engine.connect() as connection:
            reached = durable.reach(connection, now())
        with writer().session() as session:
            durable.note(session, reached)
        return reached

    return backup


def told(device: ToyDevice, **changes: Any) -> int:
    """Push one operation; how far the server says that backups reach."""
    durable_seq: int = device.send(device.op(**changes))["durable_seq"]
    return durable_seq


def test_without_backups_what_is_committed_is_durable(device: ToyDevice) -> None:
    """Nobody would ever send it again."""
    assert [told(device), told(device)] == [1, 2]


def test_a_backup_that_has_begun_holds_nothing_yet(device: ToyDevice, other: ToyDevice, toy: Flask) -> None:
    """What is committed while the first one is written may not be in it; streams that begin now know that too."""
    told(device)
    with writer().session() as session:
        durable.begin(session)
    assert told(device) == 0
    assert told(other) == 0


def test_a_verified_backup_reaches_as_far_as_it_saw(device: ToyDevice, other: ToyDevice, take: Take) -> None:
    """Each stream by itself; the next one reaches further, an older one that is noted late takes nothing back."""
    for sender in (device, device, other):
        told(sender)
    first = take()
    assert first == {device.id: 2, other.id: 1}
    assert [told(device), told(device), told(other)] == [2, 2, 1]
    take()
    with writer().session() as session:
        durable.note(session, first)
    assert [told(device), told(other)] == [4, 2]


def test_it_does_not_reach_past_a_photo_that_is_not_there(device: ToyDevice, take: Take) -> None:
    """Photos follow their operation: a backup between the two has one without the other, and the device must keep both."""
    body = picture()
    sha = hashlib.sha256(body).hexdigest()
    told(device)
    told(device, blobs=[sha])
    told(device)
    assert take()[device.id] == 1
    assert put(device, body).status_code == 201
    assert take()[device.id] == 3


def test_a_photo_that_never_comes_is_not_waited_for(device: ToyDevice, take: Take) -> None:
    """A lost phone's photo must not keep its journal growing for ever."""
    with at(now() - 31 * DAY):
        told(device, blobs=["0" * 64])
    told(device)
    assert take()[device.id] == 2


def test_an_epoch_begins(toy: Flask, device: ToyDevice) -> None:
    """One row, another value: the head's answer changes, and with it its ETag."""
    device.pull()
    with writer().session() as session:
        begun = durable.begin_epoch(session)
    assert begun != device.epoch
    assert list(db.session.scalars(select(Meta.value).where(Meta.key == "epoch"))) == [begun]
    assert device.client.get("/api/sync/head").json["epoch"] == begun
