"""Migrations lead from nothing to the models and back, on the embedded database."""

from __future__ import annotations

import ast
import uuid
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from app import create_app
from app.lib.db import Model, writer
from tests.house.tree import ROOT, name, syntax

MIGRATIONS = ROOT / "migrations"
VERSIONS = sorted((MIGRATIONS / "versions").glob("*.py"))


def test_there_is_one_newest_migration() -> None:
    """Two heads would leave the next `make run` without a way forward."""
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_says_what_an_old_device_will_see(path: Path) -> None:
    """Devices update days later than the server, so the first line tells what the change means to them."""
    assert ast.get_docstring(syntax(path)), f"{name(path)} has no first line"


def test_migrations_make_the_tables_of_the_models(tmp_path: Path) -> None:
    """From an empty file to the models, without a difference, and back to nothing."""
    app = create_app({"DATA_DIR": tmp_path})
    with app.app_context():
        upgrade(str(MIGRATIONS))
        with writer().engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Model.metadata) == []
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        downgrade(str(MIGRATIONS), revision="base")
        assert set(inspect(writer().engine).get_table_names()) <= {"alembic_version"}


def test_photos_of_before_are_found_again(tmp_path: Path) -> None:
    """0012: what an answer or a signature named before it was replaced, where the picture is here; what is named now stays so."""
    site, run = bytes(16), bytes(range(16))
    app = create_app({"DATA_DIR": tmp_path})
    with app.app_context():
        upgrade(str(MIGRATIONS), revision="0011")
        with writer().engine.begin() as connection:
            for sha in ("a", "b", "ink"):
                said = {"sha": sha, "text": "ok"}
                connection.execute(text("INSERT INTO blob VALUES (:sha, NULL, 1, 'image/jpeg', :text, 1, 1, 1)"), said)
            columns = (
                "site_id, id, run_id, item_id, by, happened_at, received_at, verdict, photos, fixed, late, unverified, current"
            )
            for n, photos in enumerate(('["b", "gone"]', '["a"]')):
                row = {"site": site, "id": bytes([n] * 16), "run": run, "photos": photos, "now": n}
                values = "(:site, :id, :run, 'X-1', :site, 1, 1, 'pass', :photos, 0, 0, 0, :now)"
                connection.execute(text(f"INSERT INTO checklist_answer ({columns}) VALUES {values}"), row)
            signed = {"site": site, "run": run}
            columns = "site_id, id, run_id, by, at, signature"
            connection.execute(
                text(f"INSERT INTO checklist_acceptance ({columns}) VALUES (:site, :run, :run, :site, 1, 'ink')"), signed
            )
            place = f"'site:{uuid.UUID(bytes=site)}', 'checklist_item', '{uuid.UUID(bytes=run)}/X-1'"
            connection.execute(text(f"INSERT INTO blob_use VALUES ('a', {place})"))
        upgrade(str(MIGRATIONS))
        with writer().engine.connect() as connection:
            found = connection.execute(text("SELECT sha, past, kind FROM blob_use ORDER BY sha")).all()
    assert found == [("a", 0, "checklist_item"), ("b", 1, "checklist_item"), ("ink", 1, "checklist_run")]
