"""The tests on PostgreSQL (`pytest --engine=postgresql`): a private cluster, and in it a database for each SQLite file.

Tests make their apps on files in folders of their own. With this engine a file's name stands for a database of the cluster,
which begins empty; `copy_database` is what copying the file would be. The cluster is made in a temporary folder, listens on a
socket there and nowhere else, and goes when the tests end. It runs as another user where the tests run as root, which
PostgreSQL refuses.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url

from app.lib import db

os.environ.pop("DATABASE_URL", None)  # tests write on no database that somebody works with

ENGINES = ("sqlite", "postgresql")
BIN = ("/usr/lib/postgresql", "/usr/local", "/opt")
READY_S = 60
TABLES = "tables"  # a database with the product's tables: the engine's tests lay out many, and making them takes a while
# What a crash of this cluster would lose nobody misses; a copied database is written to the disk by nobody's wish.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


def program(name: str) -> str | None:
    """Where one of PostgreSQL's programs lies; Debian keeps those of the server off the path."""
    versions = [path for place in BIN for path in sorted(Path(place).glob(f"*/bin/{name}"), reverse=True)]
    return shutil.which(name) or (str(versions[0]) if versions else None)


class Cluster:
    """A PostgreSQL of one's own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="offstage-postgres-"))
        self.process: subprocess.Popen[bytes] | None = None
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = next(found for found in pwd.getpwall() if found.pw_name in ("postgres", "nobody"))
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def start(self) -> Cluster:
        """Make it and wait until it answers. Texts are ordered by ICU, as no C program would: no code may rely on bytes."""
        self.run("initdb", "-D", "data", "-U", "offstage", "--auth=trust", "-E", "UTF8", "--no-sync",
                 "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")  # fmt: skip
        return self.begin()

    def begin(self) -> Cluster:
        """Start the server on what is there."""
        import psycopg  # not for the many runs that never come here

        said = [part for setting in SETTINGS for part in ("-c", setting)]
        command = [self.program("postgres"), "-D", "data", "-k", str(self.folder), *said]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **self.user)
        deadline = time.monotonic() + READY_S
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                self.say("SELECT 1")
                return self
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text()[-4000:])
            time.sleep(0.05)

    def end(self) -> None:
        """Stop the server at once; what it keeps stays."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(READY_S)
            self.process = None

    def remove(self) -> None:
        """Nothing is left."""
        self.end()
        shutil.rmtree(self.folder)

    def program(self, name: str) -> str:
        found = program(name)
        if found is None:
            raise pytest.UsageError(f"no {name} here: install PostgreSQL (Debian: `make postgres`)")
        return found

    def run(self, name: str, *arguments: str) -> None:
        """Run one of its programs as its user, in its folder."""
        done = subprocess.run(
            [self.program(name), *arguments], cwd=self.folder, capture_output=True, text=True, check=False, **self.user
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def url(self, name: str) -> str:
        """A database's address."""
        return f"postgresql+psycopg://offstage@/{name}?host={self.folder}"

    def say(self, *statements: str) -> None:
        """Tell the cluster something, outside any database of ours."""
        import psycopg

        with psycopg.connect(host=str(self.folder), user="offstage", dbname="postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]  # our own words, put together here

    def make(self, name: str, template: str = "template1") -> str:
        """A new database of that name in place of the old one; returns its address."""
        self.say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


class Databases:
    """Which database stands for which file."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        engine = create_engine(cluster.make(TABLES))
        db.Model.metadata.create_all(engine)
        engine.dispose()
        self.apps: list[Flask] = []
        self.made: set[str] = set()
        self.kept: set[str] = set()

    def name(self, url: str) -> str:
        """The database of a file."""
        return "t" + hashlib.sha256(str(make_url(url).database).encode()).hexdigest()[:20]

    def url(self, url: str) -> str:
        """The address that stands for a file's; the database is made when it is first named."""
        if not url.startswith("sqlite"):
            return url
        name = self.name(url)
        if name not in self.made:
            self.made.add(name)
            self.cluster.make(name, TABLES if url.endswith("/toy.db") else "template1")
        return self.cluster.url(name)

    def copy(self, url: str, name: str) -> None:
        """A file was copied over the database."""
        template = self.name(url)
        self.kept |= {name, template}
        self.cluster.make(name, template)

    def forget(self) -> None:
        """Those that only one test used, and every connection: files may be left open, databases may not."""
        for app in self.apps:
            with app.app_context():
                db.db.session.remove()
                db.db.engine.dispose()
                db.writer().engine.dispose()
        self.apps = self.apps[:1]  # the one that tests share is made first
        for name in self.made - self.kept:
            self.cluster.say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.made &= self.kept


_here: list[Databases] = []


def copy_database(house: Path, app: Flask) -> None:
    """Give an app on PostgreSQL what copying the house's folder gives it on SQLite: the house's database."""
    if _here:
        _here[0].copy(f"sqlite:///{house.resolve()}/offstage.db", str(make_url(app.config["DATABASE_URL"]).database))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=ENGINES, default="sqlite", help="the database that tests run on")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """For what only PostgreSQL can show; `.ci/run` sees to it that it is there."""
    if program("initdb") is None:
        pytest.skip("no PostgreSQL here: `make postgres`")
    cluster = Cluster()
    try:
        yield cluster.start()
    finally:
        cluster.remove()


@pytest.fixture(scope="session", autouse=True)
def postgresql(request: pytest.FixtureRequest) -> Iterator[None]:
    """With `--engine=postgresql`: every app that is made on a file gets the database that stands for it."""
    if request.config.getoption("--engine") != "postgresql":
        yield
        return
    _here.append(Databases(request.getfixturevalue("cluster")))
    init_app = db.init_app

    def init(app: Flask) -> None:
        app.config["DATABASE_URL"] = _here[0].url(app.config["DATABASE_URL"])
        init_app(app)
        _here[0].apps.append(app)

    db.init_app = init
    yield
    db.init_app = init_app
    _here[0].forget()
    _here.clear()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.sqlite`: what looks into SQLite itself."""
    if _here and item.get_closest_marker("sqlite"):
        pytest.skip("looks into SQLite itself")


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """What a test made for itself goes with it."""
    if _here:
        _here[0].forget()
