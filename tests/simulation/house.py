"""The real server in this process, and the ways in which it is killed, refused its database, restored from a backup."""

from __future__ import annotations

import atexit
import io
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import create_app
from app.backup import steps
from app.lib import clock, ids
from app.lib.db import db
from app.lib.ids import Id
from app.sync import durable, pull
from tests.simulation.stage import START, Stage, build

SITE = "http://localhost"


class ServerKilled(BaseException):
    """The process is gone: nothing of the request's transaction was committed."""


@dataclass
class Reply:
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Trap:
    """Goes off at the n-th statement that the writer executes, at the latest when it commits."""

    left: int
    kind: str
    sprung: bool = False

    def tread(self, *, commits: bool = False) -> None:
        self.left -= 1
        if self.sprung or (self.left > 0 and not commits):
            return
        self.sprung = True
        if self.kind == "busy":
            raise OperationalError("simulated", {}, sqlite3.OperationalError("database is locked"))
        raise ServerKilled


@dataclass
class Failing:
    """The next `left` runs of a handler raise after it has written."""

    left: int = 0
    fired: int = 0


def dice_ids(dice: Random) -> Callable[[], Id]:
    """UUIDv7 by the virtual clock and these dice: a seed makes the same ids each time."""

    def uuid7() -> Id:
        return uuid7_of(clock.now(), dice)

    return uuid7


def uuid7_of(ms: int, dice: Random) -> Id:
    """A UUIDv7 of that millisecond."""
    most = (max(0, ms) & (2**48 - 1)) << 80
    return Id(int=most | 0x7 << 76 | dice.getrandbits(12) << 64 | 0b10 << 62 | dice.getrandbits(62))


class House:
    """One app for many seeds; `fresh` puts its database back to the ready-made one."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self._temporary = tempfile.TemporaryDirectory(prefix="offstage-sim-", dir=memory if memory.is_dir() else None)
        self.folder = Path(self._temporary.name)
        self.now = START
        with redirect_stderr(io.StringIO()):  # where the app's logger of requests goes on writing to
            self.app: Flask = create_app({"DATA_DIR": str(self.folder), "TESTING": True})
        self.trap: Trap | None = None
        self.failing = Failing()
        self.between_pages: Callable[[], None] | None = None
        self._hang_on()
        with self.inside(Random(0)):
            self.stage: Stage = build()
        self.stop()
        self.ready = self.folder / "ready.db"
        self.database = self.folder / "offstage.db"
        shutil.copy(self.database, self.ready)
        self.backup: Path | None = None
        self.client = self.app.test_client(use_cookies=False)

    # -- its life ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def inside(self, dice: Random) -> Iterator[None]:
        """The app's context at the virtual time, with ids that the dice make."""
        kept, ids.compat = ids.compat, SimpleNamespace(uuid7=dice_ids(dice))
        try:
            with self.app.app_context(), clock.at(self.now):
                yield
        finally:
            ids.compat = kept

    def fresh(self) -> None:
        """As on the first morning."""
        self.trap, self.failing, self.between_pages, self.backup = None, Failing(), None, None
        self.engine.after_commit.clear()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self.now = START
        self._replace(self.ready)
        shutil.rmtree(self.folder / "blobs", ignore_errors=True)

    def restart(self) -> None:
        """The process begins anew: nothing is remembered but the database."""
        self.stop()
        self.app.extensions["offstage-known"].clear()
        self.app.extensions["offstage-kept"] = pull.Kept()

    def stop(self) -> None:
        """Let go of the file."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.writer.engine.dispose()
        self.writer.watch.close()

    def take_backup(self) -> None:
        """A verified copy of the database as it is; from now on devices keep what none holds (`app.sync.durable`)."""
        with self.app.app_context():
            steps.announce()
            with self.reading() as session:
                reached = durable.reach(session.connection(), self.now)
        self.stop()
        self.backup = self.folder / "backup.db"
        shutil.copy(self.database, self.backup)
        with self.app.app_context():
            steps.note(reached)

    def restore(self) -> None:
        """Go back to the backup, under a new epoch."""
        assert self.backup is not None
        self._replace(self.backup)
        with self.app.app_context():
            steps.begin_epoch()
        self.restart()

    def _replace(self, file: Path) -> None:
        self.stop()
        for ending in ("-wal", "-shm"):
            self.database.with_name(self.database.name + ending).unlink(missing_ok=True)
        shutil.copy(file, self.database)
        self.restart()

    def close(self) -> None:
        """Nothing of it is left."""
        self.stop()
        self._temporary.cleanup()

    # -- its parts --------------------------------------------------------------------------------------------------------

    @property
    def engine(self) -> Any:
        return self.app.extensions["offstage-engine"]

    @property
    def writer(self) -> Any:
        return self.app.extensions["offstage-writer"]

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """What is committed now."""
        with self.app.app_context(), Session(db.engine) as session:
            yield session

    # -- asking -----------------------------------------------------------------------------------------------------------

    def ask(
        self, jar: dict[str, str], method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[Reply, dict[str, str]]:  # fmt: skip
        """One HTTP request with these cookies: the answer, and the cookies it sets."""
        said = dict(headers or {})
        if jar:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        answer = self.client.open(path, base_url=SITE, method=method, data=body, headers=said)
        cookies = dict(line.split(";", 1)[0].split("=", 1) for line in answer.headers.getlist("Set-Cookie"))
        return Reply(answer.status_code, dict(answer.headers), answer.data), cookies

    # -- where it can be hurt ---------------------------------------------------------------------------------------------

    def _hang_on(self) -> None:
        writer, engine = self.writer.engine, self.engine

        @event.listens_for(writer, "before_cursor_execute")
        def execute(*_: Any) -> None:
            if self.trap is not None:
                self.trap.tread()

        @event.listens_for(writer, "commit")
        def commit(_: Any) -> None:
            if self.trap is not None:
                self.trap.tread(commits=True)

        run, judge_run, rows = engine._run, engine.judge_run, pull._rows

        def failing_run(tx: Any, op: Any, actor: Id, loaded: dict[str, Any]) -> None:
            run(tx, op, actor, loaded)
            if self.failing.left > 0:
                self.failing.left -= 1
                self.failing.fired += 1
                raise RuntimeError("simulated fault of a handler")

        def single_when_failing(unit: Any, op: Any, several: list[Any]) -> Any:
            if self.failing.left > 0:
                return [engine.judge(unit, op, values, loaded) for values, loaded in several]
            return judge_run(unit, op, several)

        def rows_with_a_gap(*asked: Any) -> Any:
            found = rows(*asked)
            if (work := self.between_pages) is not None:
                self.between_pages = None
                work()
            return found

        engine._run, engine.judge_run, pull._rows = failing_run, single_when_failing, rows_with_a_gap


@cache
def the_house() -> House:
    """The process's house, built when first asked for and gone with the process."""
    house = House()
    atexit.register(house.close)
    return house
