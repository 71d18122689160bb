"""Alembic's entry: migrations run through the writer, with the server stopped, in one transaction each."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from app.lib.db import Model, writer


def run() -> None:
    """Upgrade or downgrade, then make sure no reference points nowhere."""
    with writer().engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # batch migrations rebuild tables that others refer to
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=True,
            compare_type=True,
            user_module_prefix="app.lib.db.",
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
                raise RuntimeError(f"the migration leaves references to nothing: {broken}")
        connection.commit()
        connection.detach()


run()
