"""Two sessions on one database: pages read through `db.session`, operations write through the engine's own.

With SQLite the reading connections are `query_only` and begin deferred, so that a page can neither write nor wait; the
writing engine begins IMMEDIATE, so that a write never fails half-way with "database is locked", and writers queue on one
fair lock of this process, because SQLite's own waiting starves some of them.
"""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import LargeBinary, MetaData, Text, create_engine, event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Base of every table; constraints carry names, so that migrations can find them on every database."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(metadata=Model.metadata)


class IdType(TypeDecorator[uuid.UUID]):
    """A UUID as 16 bytes: half the index of its text, and the same order on every database."""

    impl = LargeBinary(16)
    cache_ok = True

    def process_bind_param(self, value: uuid.UUID | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.bytes

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> uuid.UUID | None:
        return None if value is None else uuid.UUID(bytes=bytes(value))


class Json(TypeDecorator[Any]):
    """A document as JSON text: portable, readable in a shell, never queried into."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class FairLock:
    """A lock that is taken in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._queue: deque[threading.Event] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._guard:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._held = False


class Writer:
    """The engine that operations write with."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url, writing=True)
        self._lock = FairLock() if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        if self._lock:
            self._lock.acquire()
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        finally:
            if self._lock:
                self._lock.release()


def make_engine(url: str, *, writing: bool) -> Engine:
    """An engine with this house's settings: WAL and `synchronous=FULL` on SQLite, IMMEDIATE for writers."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 10}, pool_size=20, max_overflow=20)
    _listen(engine, writing=writing)
    return engine


def _listen(engine: Engine, *, writing: bool) -> None:
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "cache_size=-64000",
            *(() if writing else ("query_only=ON",)),
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def init_app(app: Flask) -> None:
    """Give the app its reading session (`db.session`) and its writer."""
    url = app.config["DATABASE_URL"]
    app.config.setdefault("SQLALCHEMY_DATABASE_URI", url)
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"connect_args": {"timeout": 10}} if url.startswith("sqlite") else {})
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _listen(db.engine, writing=False)
    app.extensions["offstage-writer"] = Writer(url)
    Migrate(app, db, directory=str(Path(__file__).parents[2] / "migrations"))


def writer() -> Writer:
    """The current app's writer."""
    found: Writer = current_app.extensions["offstage-writer"]
    return found
