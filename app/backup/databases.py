"""A database as one file, and back: SQLite's online backup, PostgreSQL's pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, make_url, text

from app.backup.saying import Unfit
from app.lib.clock import now
from app.lib.ids import Id
from app.sync import durable
from app.sync.pull import epoch_of

SQLITE, POSTGRESQL = "sqlite", "postgresql"
PARTS = {SQLITE: "offstage.db", POSTGRESQL: "offstage.dump"}


@dataclass(frozen=True)
class Seen:
    """What a snapshot says: its epoch, its tables' revision, how far it reaches in each device's stream."""

    epoch: str
    migration: str
    reached: dict[Id, int]


def engine_of(url: str) -> str:
    """The dialect an address speaks."""
    return make_url(url).get_backend_name()


def sqlite_file(url: str) -> Path:
    """Where a SQLite database lies."""
    return Path(make_url(url).database or "")


def is_here(url: str) -> bool:
    """Whether the database holds tables."""
    if engine_of(url) == SQLITE:
        path = sqlite_file(url)
        return path.exists() and path.stat().st_size > 0
    with closing_engine(url) as engine:
        return inspect(engine).has_table("alembic_version")


def snapshot(url: str, to: Path) -> Seen:
    """Copy the database as it is at one moment, while others write, and make sure of the copy."""
    return _snapshot_sqlite(sqlite_file(url), to) if engine_of(url) == SQLITE else _snapshot_postgresql(url, to)


class closing_engine:  # noqa: N801 - a context manager reads like a function
    """An engine of its own for a short errand."""

    def __init__(self, url: str) -> None:
        named = {} if engine_of(url) == SQLITE else {"application_name": "offstage backup"}
        self.engine = create_engine(url, connect_args=named)

    def __enter__(self) -> Engine:
        return self.engine

    def __exit__(self, *_: object) -> None:
        self.engine.dispose()


def _look(connection: Connection) -> Seen:
    migration = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return Seen(epoch_of(connection), str(migration), durable.reach(connection, now()))


# -- SQLite -----------------------------------------------------------------------------------------------------------


def _snapshot_sqlite(path: Path, to: Path) -> Seen:
    with closing(sqlite3.connect(path, timeout=10)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, and none beside it
    check_sqlite(to)
    with closing_engine(f"sqlite:///{to}") as engine, engine.connect() as connection:
        return _look(connection)


def check_sqlite(path: Path) -> None:
    """Raise `Unfit` when SQLite itself finds the file damaged."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            said = (
                connection.execute("PRAGMA integrity_check").fetchall()
                + connection.execute("PRAGMA foreign_key_check").fetchall()
            )
    except sqlite3.DatabaseError as problem:
        raise Unfit("office.backup.damaged", path=path, part=problem) from problem
    if said != [("ok",)]:
        raise Unfit("office.backup.damaged", path=path, part=said[0][0])


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def _snapshot_postgresql(url: str, to: Path) -> Seen:
    """pg_dump reads the very snapshot in which this looks at the streams."""
    with closing_engine(url) as engine, engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        name = connection.scalar(text("SELECT pg_export_snapshot()"))
        schema = connection.scalar(text("SELECT current_schema()"))
        _run("pg_dump", url, "--format=custom", *PLAIN, f'--table="{schema}".*', f"--snapshot={name}", f"--file={to}")
        seen = _look(connection)
    check_dump(to)
    return seen


def check_dump(path: Path) -> None:
    """Raise `Unfit` when pg_restore cannot read the dump to its end."""
    _tool("pg_restore", f"--file={os.devnull}", str(path))


def load_dump(url: str, path: Path) -> None:
    """Fill the (empty) database from a dump, whole or not at all."""
    _run("pg_restore", url, *PLAIN, "--exit-on-error", "--single-transaction", str(path))


PLAIN = ("--no-owner", "--no-privileges")


def others_connected(url: str) -> bool:
    """Whether a server of ours speaks with the PostgreSQL database now."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'offstage'"
    with closing_engine(url) as engine, engine.connect() as connection:
        return bool(connection.scalar(text(asked)))


def put_aside(url: str, name: str) -> None:
    """Move every table of the PostgreSQL database into a schema of that name."""
    with closing_engine(url) as engine, engine.begin() as connection:
        tables = inspect(connection).get_table_names()
        connection.execute(text(f'CREATE SCHEMA "{name}"'))
        for table in tables:
            connection.execute(text(f'ALTER TABLE "{table}" SET SCHEMA "{name}"'))


def bring_back(url: str, name: str) -> None:
    """Undo `put_aside`: what was loaded meanwhile goes."""
    with closing_engine(url) as engine, engine.begin() as connection:
        for table in inspect(connection).get_table_names():
            connection.execute(text(f'DROP TABLE "{table}" CASCADE'))
        schema = connection.scalar(text("SELECT current_schema()"))
        for table in inspect(connection).get_table_names(schema=name):
            connection.execute(text(f'ALTER TABLE "{name}"."{table}" SET SCHEMA "{schema}"'))
        connection.execute(text(f'DROP SCHEMA "{name}"'))


def _run(tool: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's tools on the database; the password is handed over where no process list shows it."""
    address: URL = make_url(url)
    password = {"PGPASSWORD": str(address.password)} if address.password else {}
    plain = address.set(drivername="postgresql", password=None).render_as_string()
    _tool(tool, f"--dbname={plain}", *arguments, **password)


def _tool(tool: str, *arguments: str, **environment: str) -> None:
    if shutil.which(tool) is None:
        raise Unfit("office.backup.no_tool", tool=tool)
    said = subprocess.run(  # noqa: S603 - our own arguments, and no shell
        [tool, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if said.returncode:
        lines = said.stderr.strip().splitlines() or [str(said.returncode)]
        raise Unfit("office.backup.tool_failed", tool=tool, said=lines[0])
