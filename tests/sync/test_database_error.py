"""A database that is busy or away: everything is rolled back, and the device is told to ask again (sync.md §3)."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.exc import InterfaceError, OperationalError

from app.lib.db import db, writer
from app.sync.models import Operation, Stream
from tests.sync.toy import Note, ToyDevice


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_push_is_rolled_back_whole_and_answered_by_503(device: ToyDevice, toy: Flask, kind: Any) -> None:
    """At whichever statement it strikes, nothing of the batch is kept, and the next attempt has one effect."""
    ops = [device.op(), device.op(), device.op()]
    left = [0]

    def strike(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise kind("insert", {}, sqlite3.OperationalError("database is locked"))

    event.listen(writer().engine, "before_cursor_execute", strike)
    for statement in range(1, 12):
        left[0] = statement
        assert device.send(*ops, status=503)["error"]["code"] == "http_503"
        db.session.rollback()
        for table in (Operation, Note, Stream):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0, statement
    event.remove(writer().engine, "before_cursor_execute", strike)
    assert [verdict["status"] for verdict in device.send(*ops)["verdicts"]] == ["applied"] * 3
