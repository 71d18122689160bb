"""The same on PostgreSQL: pg_dump's snapshot while devices push, tables that are there are kept in a schema beside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from app import create_app
from app.backup import restoring
from app.backup.making import make
from app.backup.restoring import restore
from app.backup.saying import Unfit
from app.lib.ids import new_id
from tests.backup.conftest import House, build
from tests.backup.test_processes import Keeper, backup, push_during_backup, run
from tests.browser.harness import Server
from tests.postgres import Cluster
from tests.web import WebClient, enrol

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture
def house(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house on PostgreSQL, named in the environment of every process that a test starts."""
    url = cluster.make("kept")
    house = House(tmp_path / "instance", new_id(), new_id())
    build(house, {"DATA_DIR": str(house.folder), "DATABASE_URL": url, "TESTING": True, "DEMO": False})
    monkeypatch.setenv("DATABASE_URL", url)
    return house


@pytest.fixture
def engine(house: House, cluster: Cluster) -> Iterator[Engine]:
    """To look at the database, past the product."""
    found = create_engine(cluster.url("kept"))
    yield found
    found.dispose()


def scalar(engine: Engine, asked: str) -> Any:
    with engine.connect() as connection:
        return connection.scalar(text(asked))


PIECES = "SELECT coalesce(sum(quantity), 0) / 1000 FROM balance WHERE account LIKE 'bin:%'"
SAID = "SELECT count(*) FROM operation WHERE type = 'stock.receive'"


def test_nothing_is_lost_and_nothing_doubled(house: House, engine: Engine, cluster: Cluster, tmp_path: Path) -> None:
    """Backup under load, more work, database and folder lost, restored into an empty database: each device sends again."""
    server = Server(house.folder).start()
    devices = [enrol(WebClient(server.url), login, Keeper) for login in ("warehouse_keeper", "shipping_clerk")]
    try:
        push_during_backup(devices, house, tmp_path / "one.zip")
        for device in devices:
            device.receive(house, 20)
            assert device.durable < device.seq
        everything = sum(len(device.journal) for device in devices)
        assert scalar(engine, PIECES) == scalar(engine, SAID) == everything
        refused = run("restore", str(tmp_path / "one.zip"), "--replace", folder=house.folder)
        assert refused.returncode == 1 and "Stop it first" in refused.stderr
        server.kill()
        shutil.rmtree(house.folder)
        engine.dispose()
        cluster.make("kept")
        backup("restore", str(tmp_path / "one.zip"), folder=house.folder)
        assert scalar(engine, PIECES) == scalar(engine, SAID) <= everything - 40
        server.start()
        for device in devices:
            assert {verdict["status"] for verdict in device.deliver(device.unsafe())} == {"applied"}
            assert all(verdict["replayed"] for verdict in device.deliver(device.unsafe()))
        for device in devices:
            device.pull()
        assert scalar(engine, PIECES) == scalar(engine, SAID) == everything
    finally:
        server.kill()


def test_what_is_there_is_kept_or_comes_back(
    house: House, engine: Engine, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the flag nothing happens; with it the old tables lie in a schema beside; a failure brings them back."""
    url = cluster.url("kept")
    app = create_app({"DATA_DIR": str(house.folder), "DATABASE_URL": url})
    path, manifest = make(app, tmp_path / "one.zip")
    assert manifest.engine == "postgresql" and "offstage.dump" in manifest.parts
    with engine.begin() as connection:
        connection.execute(text("UPDATE site SET name = 'changed since'"))
    with pytest.raises(Unfit, match="REPLACE=1"):
        restore(path, house.folder, url)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "upgrade", fail)
        with pytest.raises(RuntimeError):
            restore(path, house.folder, url, replace=True)
    assert scalar(engine, "SELECT name FROM site") == "changed since"
    assert scalar(engine, "SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'replaced%'") == 0

    done = restore(path, house.folder, url, replace=True)
    assert done.kept
    assert scalar(engine, "SELECT name FROM site") == "Offstage"
    assert scalar(engine, f'SELECT name FROM "{done.kept.name}".site') == "changed since"
    again, _ = make(create_app({"DATA_DIR": str(house.folder), "DATABASE_URL": url}), tmp_path / "two.zip")
    assert again.stat().st_size < path.stat().st_size * 1.5  # what was put aside is in no backup
