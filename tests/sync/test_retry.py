"""A transaction that only met another, or lost its connection, is tried again and has one effect; what is wrong is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.lib import db
from app.lib.db import Writer, writer
from app.lib.ids import new_id
from app.sync.models import Operation
from tests.sync.toy import Note, ToyDevice, take_note


class Met(Exception):
    """What a driver raises; `sqlstate` as PostgreSQL says it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def failure(sqlstate: str = "40001", *, lost: bool = False) -> OperationalError:
    return OperationalError("COMMIT", {}, Met(sqlstate), connection_invalidated=lost)


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Have the next transactions fail, before or after they are committed; the list counts how many were begun."""
    monkeypatch.setattr(db, "RETRY_S", 0.001)
    begun: list[int] = []
    real = Writer.session

    def arrange(times: int, problem: Exception, *, committed: bool) -> list[int]:
        @contextmanager
        def session(self: Writer) -> Iterator[Session]:
            begun.append(1)
            with real(self) as found:
                yield found
                if len(begun) <= times and not committed:
                    raise problem
            if len(begun) <= times:
                raise problem

        monkeypatch.setattr(Writer, "session", session)
        return begun

    return arrange


def count(model: Any) -> int:
    with db.db.engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(model)) or 0)


@pytest.mark.parametrize("committed", [False, True])
def test_a_push_is_tried_again(device: ToyDevice, fail: Callable[..., list[int]], committed: bool) -> None:
    """Lost while committing, the first try may have succeeded: the second tells its verdict (I2)."""
    device.client.get("/api/sync/head")  # the device is heard, and not asked about again
    begun = fail(2, failure(lost=committed), committed=committed)
    verdict = device.say()
    assert (verdict["status"], verdict["replayed"]) == ("applied", committed)
    assert len(begun) == 3
    assert count(Note) == count(Operation) == 1
    device.pull()


@pytest.mark.parametrize("committed", [False, True])
def test_an_office_form_is_tried_again(toy: Flask, actor: Any, fail: Callable[..., list[int]], committed: bool) -> None:
    """It brings no id of its own, and has one effect all the same (GEN-4)."""
    begun = fail(1, failure("40P01", lost=committed), committed=committed)
    outcome = take_note(actor, note_id=new_id(), text="once", parent=None, waits_for=None)
    assert (outcome.status, len(begun)) == ("applied", 2)
    assert count(Note) == count(Operation) == 1


def test_it_is_not_tried_for_ever(actor: Any, fail: Callable[..., list[int]], toy: Flask) -> None:
    """Bounded (I10): then it is the caller's 503, with nothing changed."""
    begun = fail(99, failure(), committed=False)
    with pytest.raises(OperationalError):
        take_note(actor, note_id=new_id(), text="never", parent=None, waits_for=None)
    assert len(begun) == db.TRIES
    assert count(Note) == 0


def test_what_would_fail_again_is_not_tried_again(toy: Flask) -> None:
    """A wrong statement, a full disk, a lock that was waited for long enough."""
    tried = []

    def work(tries: int) -> None:
        tried.append(tries)
        raise failure("55P03")

    with pytest.raises(OperationalError):
        writer().retried(work)
    assert tried == [0]


def test_a_type_no_database_keeps_is_malformed(device: ToyDevice) -> None:
    """PostgreSQL keeps NUL in no text: one such operation would stop a queue for ever (I9)."""
    poison, good = device.op(type="toy\0note"), device.op()
    said = device.send(poison, good)
    assert [(v["status"], v["code"]) for v in said["verdicts"]] == [("rejected", "malformed"), ("applied", None)]
