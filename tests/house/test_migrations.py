"""Migrations lead from nothing to the models and back, on the embedded database."""

from __future__ import annotations

import ast
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
