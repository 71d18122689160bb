"""Whether the process can take work now."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade

from app import create_app
from app.lib import db
from app.shell import readiness

MIGRATIONS = str(db.MIGRATIONS)


@pytest.fixture
def house(tmp_path: Path) -> Flask:
    """An installation whose tables came by migrations, as `make run` makes them."""
    app = create_app({"DATA_DIR": tmp_path})
    with app.app_context():
        upgrade(MIGRATIONS)
    return app


def asked(client: FlaskClient) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    assert answer.mimetype == "text/plain"
    return answer.status_code, dict(line.split(": ", 1) for line in answer.text.splitlines())


def test_it_is_ready_with_its_tables_and_room(house: Flask) -> None:
    """Without signing in, before anybody has set the site up."""
    assert asked(house.test_client()) == (200, {"database": "ok", "disk": "ok"})


def test_older_tables_are_not_enough(house: Flask) -> None:
    """Also when they are not there at all; the process lives all the same."""
    client = house.test_client()
    with house.app_context():
        downgrade(MIGRATIONS, revision="-1")
    status, said = asked(client)
    assert status == 503 and said["database"].startswith("tables of 00")
    with house.app_context():
        downgrade(MIGRATIONS, revision="base")
    assert asked(client)[0] == 503
    assert client.get("/healthz").status_code == 200


def test_a_full_disk_takes_no_work(house: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how little is left."""
    little: Any = SimpleNamespace(free=199 * 1024**2)
    monkeypatch.setattr(readiness.shutil, "disk_usage", lambda _: little)
    assert asked(house.test_client()) == (503, {"database": "ok", "disk": "199 MB left"})
