"""Two sessions on one database: pages read through `db.session`, operations write through the engine's own.

With SQLite the reading connections are `query_only` and begin deferred, so that a page can neither write nor wait; the
writing engine begins IMMEDIATE, so that a write never fails half-way with "database is locked", and writers queue on one
fair lock of this process, because SQLite's own waiting starves some of them.

With PostgreSQL reading connections are read-only and keep one snapshot a transaction; writers of every process queue on one
lock of the database, taken before anything is read (decision 0020): so a rule sees what the one before it wrote, as on SQLite.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import LargeBinary, MetaData, Select, Table, Text, create_engine, event, insert
from sqlalchemy.engine import Dialect, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

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


# The driver looks for an adapter before it stores anything but texts and numbers, in vain and at length: here is one.
sqlite3.register_adapter(bytes, lambda value: value)
sqlite3.register_adapter(type(None), lambda value: value)

db = SQLAlchemy(metadata=Model.metadata)


class IdType(TypeDecorator[uuid.UUID]):
    """A UUID as 16 bytes: half the index of its text, and the same order on every database."""

    impl = LargeBinary(16)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return _id_bytes

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _id_of


class Json(TypeDecorator[Any]):
    """A document as JSON text: portable, readable in a shell, never queried into."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return _json_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _json_of


def _id_bytes(value: uuid.UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _id_of(value: bytes | None) -> uuid.UUID | None:
    return None if value is None else uuid.UUID(bytes=bytes(value))


def _json_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _json_of(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)


def insert_rows(session: Session, model: type[Model], rows: list[dict[str, Any]], *, replace: tuple[str, ...] = ()) -> None:
    """Insert rows of the same columns by one prepared statement; with `replace`, a row whose key is there gets these columns.

    The hot path of a push: the statement is compiled once, and the driver takes the rows as they are.
    """
    if not rows:
        return
    session.flush()
    connection = session.connection()
    sql, columns, positional = _prepared(model, tuple(rows[0]), replace, connection.dialect)
    by_column = [_turned(turn, [row[name] for row in rows]) for name, turn in columns]
    values = list(zip(*by_column, strict=True))
    names = [name for name, _ in columns]
    connection.exec_driver_sql(sql, values if positional else [dict(zip(names, row, strict=True)) for row in values])


def _turned(turn: Callable[[Any], Any] | None, values: list[Any]) -> list[Any]:
    """One column for the driver. Often it holds the very same object throughout (a site, a device): it is turned once."""
    if turn is None:
        return values
    if len(set(map(id, values))) == 1:
        return [turn(values[0])] * len(values)
    return list(map(turn, values))


@cache
def _prepared(
    model: type[Model], names: tuple[str, ...], replace: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[tuple[str, Callable[[Any], Any] | None]], bool]:
    """The statement, its columns in order with what turns a value into the driver's, and whether it counts or names them."""
    table = cast(Table, model.__table__)
    compiled = insert(table).compile(dialect=dialect, column_keys=list(names))
    sql = str(compiled)
    if replace:
        key = ", ".join(column.name for column in table.primary_key)
        sql += f" ON CONFLICT ({key}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in replace)
    order = list(getattr(compiled, "positiontup", None) or names)
    return sql, [(name, _turn(table.c[name].type, dialect)) for name in order], dialect.positional


def _turn(type: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes the driver's value of ours."""
    return type.dialect_impl(dialect).bind_processor(dialect)


class Watch:
    """Tells whether the database may have changed since one last looked, and reads a little, for a few microseconds.

    It stands outside any transaction: whoever asks several things looks at `version` before and after.
    """

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._path = engine.url.database if engine.dialect.name == "sqlite" else None

    def version(self) -> int | None:
        """A number that changes with every commit of anybody, or None where that cannot be told cheaply (PostgreSQL)."""
        if self._path is None:
            return None
        found: int = self._execute("PRAGMA data_version", ())[0][0]
        return found

    def ask(self, question: Select[*tuple[Any, ...]], values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a question that is asked often, as the driver gives them; only where `version` can be told."""
        sql, names, defaults = _compiled(question, self._dialect)
        said = {**defaults, **values}
        return self._execute(sql, [said[name] for name in names])

    def _execute(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path or "", check_same_thread=False, isolation_level=None)
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


@cache
def _compiled(question: Select[*tuple[Any, ...]], dialect: Dialect) -> tuple[str, list[str], dict[str, Any]]:
    """The question's text, the names of its values in order, and those it brings itself."""
    compiled = question.compile(dialect=dialect)
    return str(compiled), list(compiled.positiontup or ()), dict(compiled.params)


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
        self.engine = make_engine(url)
        self.watch = Watch(self.engine)
        self._lock = FairLock()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        self._lock.acquire()
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            session.info.clear()  # what was kept for the transaction would go in circles with it until the collector comes
        finally:
            self._lock.release()

    def retried(self, work: Callable[[int], T]) -> T:
        """The result of `work`, which is told how often it was tried before and makes its transaction anew each time.

        Tried again is what failed only because another was in the way or the connection was lost. Lost while committing,
        the first try may have succeeded: `work` has to be harmless when it is done twice, or to look.
        """
        for tries in range(TRIES):
            try:
                return work(tries)
            except DBAPIError as problem:
                if tries == TRIES - 1 or not _is_passing(problem):
                    raise
            time.sleep(random.uniform(0, RETRY_S * 2**tries))  # noqa: S311 - full jitter, so that two do not meet again
        raise AssertionError("unreachable")


def _is_passing(problem: DBAPIError) -> bool:
    """Whether the very same may go well a moment later."""
    return problem.connection_invalidated or getattr(problem.orig, "sqlstate", None) in PASSING


def named_driver(url: str) -> str:
    """The address with the driver we use, where it only says `postgresql:`."""
    address = make_url(url)
    plain = address.drivername in ("postgresql", "postgres")
    return address.set(drivername="postgresql+psycopg").render_as_string(hide_password=False) if plain else url


def make_engine(url: str) -> Engine:
    """The engine that writes: WAL, `synchronous=FULL` and IMMEDIATE on SQLite, one lock of the database on PostgreSQL."""
    engine = create_engine(url, **engine_options(url, writing=True))
    if engine.dialect.name == "sqlite":
        _listen(engine, writing=True)
    else:
        _queue(engine)
    return engine


def engine_options(url: str, *, writing: bool) -> dict[str, Any]:
    """How an engine connects. A lost connection is found when it is taken from the pool, not when it is needed."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 10}, **({"pool_size": 20, "max_overflow": 20} if writing else {})}
    said = WRITING if writing else READING
    return {
        "isolation_level": "READ COMMITTED" if writing else "REPEATABLE READ",
        "connect_args": {"application_name": "offstage", "options": " ".join(f"-c {one}" for one in said), "connect_timeout": 10},
        "pool_pre_ping": True,
        "pool_size": 4 if writing else 20,  # of a process one thread writes at a time
        "max_overflow": 4 if writing else 20,
    }


# A writer that waits longer answers 503; one whose process hangs loses its transaction, so that the others go on.
WRITING = ("lock_timeout=10s", "idle_in_transaction_session_timeout=60s", "timezone=UTC")
READING = ("default_transaction_read_only=on", "idle_in_transaction_session_timeout=300s", "timezone=UTC")
# "Offstage" as a number: the lock that writers of one database queue on, whatever process they are in.
WRITERS = 0x4F66_6673_7461_6765
TRIES = 5
RETRY_S = 0.05
# A deadlock, a serialization failure; and the server is stopping or starting.
PASSING = ("40001", "40P01", "57P01", "57P02", "57P03")


def _queue(engine: Engine) -> None:
    """Take the writers' lock at the beginning of each transaction; PostgreSQL gives it up with the transaction's end."""

    @event.listens_for(engine, "begin")
    def wait(connection: Any) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")


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
            "temp_store=MEMORY",  # what a savepoint would have to undo
            "cache_size=-64000",
            *(() if writing else ("query_only=ON",)),
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.connection.dbapi_connection.execute(begin)


def init_app(app: Flask) -> None:
    """Give the app its reading session (`db.session`) and its writer."""
    url = app.config["DATABASE_URL"] = named_driver(app.config["DATABASE_URL"])
    app.config.setdefault("SQLALCHEMY_DATABASE_URI", url)
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(url, writing=False))
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _listen(db.engine, writing=False)
    app.extensions["offstage-writer"] = Writer(url)
    Migrate(app, db, directory=str(MIGRATIONS))


def writer() -> Writer:
    """The current app's writer."""
    found: Writer = current_app.extensions["offstage-writer"]
    return found
