"""What only PostgreSQL can show: processes side by side on one database, connections that die, migrations (decision 0020)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.lib.db import Model, db, writer
from app.lib.ids import new_id
from tests.backup.conftest import House, build
from tests.browser.harness import Server
from tests.house.tree import ROOT
from tests.postgres import Cluster
from tests.web import WebClient, enrol
from tests.wire import WireDevice

pytestmark = pytest.mark.xdist_group("postgres")
MIGRATIONS = str(ROOT / "migrations")


def let_go() -> None:
    db.session.remove()
    db.engine.dispose()
    writer().engine.dispose()


def test_migrations_make_the_tables_of_the_models(cluster: Cluster, tmp_path: Path) -> None:
    """As on SQLite: from nothing to the models, without a difference, and back to nothing."""
    app = create_app({"DATA_DIR": str(tmp_path), "DATABASE_URL": cluster.make("migrated")})
    with app.app_context():
        upgrade(MIGRATIONS)
        with writer().engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Model.metadata) == []
        downgrade(MIGRATIONS, revision="base")
        assert set(inspect(writer().engine).get_table_names()) <= {"alembic_version"}
        let_go()


def test_a_page_cannot_write_and_keeps_its_snapshot(cluster: Cluster, tmp_path: Path) -> None:
    """Readers are read-only and see one moment; a driver need not be named."""
    plain = cluster.make("readers").replace("+psycopg", "")
    app = create_app({"DATA_DIR": str(tmp_path), "DATABASE_URL": plain})
    with app.app_context():
        Model.metadata.create_all(writer().engine)
        count = text("SELECT count(*) FROM meta")
        with db.engine.connect() as page, writer().session() as session:
            assert page.scalar(count) == 0
            session.execute(text("INSERT INTO meta VALUES ('epoch', 'x')"))
            session.commit()
            assert page.scalar(count) == 0
        with db.engine.connect() as page, pytest.raises(DBAPIError, match="read-only"):
            page.execute(text("DELETE FROM meta"))
        let_go()


def test_connections_that_died_are_not_noticed(cluster: Cluster, tmp_path: Path) -> None:
    """The database restarts between two requests, and another time in the middle of a transaction."""
    app = create_app({"DATA_DIR": str(tmp_path), "DATABASE_URL": cluster.make("mortal")})
    with app.app_context():
        Model.metadata.create_all(writer().engine)
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'offstage'"
        with db.engine.connect() as page:
            page.scalar(text("SELECT 1"))
        cluster.say(kill)
        tried = []

        def work(tries: int) -> None:
            tried.append(tries)
            with writer().session() as session:
                session.execute(text("INSERT INTO meta VALUES ('epoch', 'x')"))
                if not tries:
                    cluster.say(kill)

        writer().retried(work)
        assert tried == [0, 1]
        with db.engine.connect() as page:
            assert page.scalar(text("SELECT count(*) FROM meta")) == 1
        let_go()


# -- two servers ------------------------------------------------------------------------------------------------------

EACH = 12  # batches a device pushes at least
DEVICES = 4


@pytest.fixture
def house(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house on PostgreSQL, which every server that a test starts finds in its environment."""
    url = cluster.make("servers")
    house = House(tmp_path / "instance", new_id(), new_id())
    build(house, {"DATA_DIR": str(house.folder), "DATABASE_URL": url, "TESTING": True, "DEMO": False})
    monkeypatch.setenv("DATABASE_URL", url)
    return house


@pytest.fixture
def servers(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Server]]:
    """Two servers on one database and folder, the second of two worker processes."""
    found = [Server(house.folder), Server(house.folder)]
    found[0].start()
    monkeypatch.setenv("PROCESSES", "2")
    found[1].start()
    monkeypatch.delenv("PROCESSES")
    yield found
    for server in found:
        server.kill()


class Roamer(WireDevice):
    """A device whose every request goes to another server; one that gives no answer is asked again elsewhere."""

    servers: list[Server]
    asked = 0
    batches = 0

    def deliver(self, ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Push until somebody answers."""
        client: Any = self.client
        deadline = time.monotonic() + 60
        while True:
            self.asked += 1
            client.url = self.servers[self.asked % len(self.servers)].url
            try:
                return list(self.send(*ops)["verdicts"])
            except (OSError, AssertionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def work(self, house: House, over: threading.Event) -> None:
        """Bring pieces into the bin, one an operation, until it is over."""
        said = {"bin_id": str(house.bin), "product_id": str(house.product), "quantity": "1"}
        while self.batches < EACH or not over.is_set():
            verdicts = self.deliver([self.op("stock.receive", said) for _ in range(3)])
            assert {verdict["status"] for verdict in verdicts} == {"applied"}
            self.batches += 1


def restart(server: Server) -> None:
    """As systemd does it: what is being written may end."""
    assert server.process and server.process.pid
    os.killpg(server.process.pid, signal.SIGINT)
    status, deadline = Path(f"/proc/{server.process.pid}/status"), time.monotonic() + 30
    while status.exists() and "State:\tZ" not in status.read_text():  # not yet ended
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with contextlib.suppress(ProcessLookupError):
        server.kill()  # which only tidies up
    server.start()


def test_two_servers_on_one_database_are_one(servers: list[Server], house: House) -> None:
    """Four devices push at both in turn; one is killed, then the other restarted: nothing lost, doubled or skipped (I1-I6)."""
    devices = []
    for n in range(DEVICES):
        device = enrol(WebClient(servers[n % 2].url), ("warehouse_keeper", "shipping_clerk")[n % 2], Roamer)
        device.servers = servers
        devices.append(device)
    failures: list[BaseException] = []
    over = threading.Event()

    def work(device: Roamer) -> None:
        try:
            device.work(house, over)
        except BaseException as failure:  # told below: an exception in a thread reaches nobody
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    time.sleep(1)
    servers[0].kill()  # in the middle of whatever it does
    servers[0].start()
    restart(servers[1])
    over.set()
    for thread in threads:
        thread.join()
    assert not failures

    for device in devices:
        device.pull()  # compares the sums of every bucket
    site = [{key: value for key, value in device.held.items() if key[0].startswith("site:")} for device in devices]
    assert all(held == site[0] for held in site)
    url = os.environ["DATABASE_URL"]
    engine = create_engine(url)
    with engine.connect() as connection:
        total = sum(device.batches for device in devices) * 3
        asked = "SELECT sum(quantity) / 1000 FROM balance WHERE account = :bin"
        assert connection.scalar(text(asked), {"bin": f"bin:{house.bin}"}) == total
        assert connection.scalar(text("SELECT count(*) FROM operation WHERE type = 'stock.receive'")) == total
        assert connection.scalar(text("SELECT count(*) FROM stream_entry")) == total
        skipped = """SELECT b.name FROM bucket b WHERE b.rev <> (SELECT max(rev) FROM record r WHERE r.bucket = b.name)
                     OR b.count <> (SELECT count(*) FROM record r WHERE r.bucket = b.name AND NOT r.gone)"""
        assert connection.execute(text(skipped)).all() == []
    engine.dispose()
