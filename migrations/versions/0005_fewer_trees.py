"""What a push writes lies in fewer trees: a device sees nothing of it.

Revision 0005, follows 0004.
"""

from __future__ import annotations

from typing import Any

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY_ONLY = {"sqlite_with_rowid": False}


def _make_again(**how: Any) -> None:
    """Only SQLite has tables without a row id."""
    if op.get_bind().dialect.name == "sqlite":
        for table in ("operation_about", "stream_entry"):
            with op.batch_alter_table(table, schema=None, recreate="always", **how):
                pass


def upgrade() -> None:
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.drop_index("ix_operation_caused_by")
        batch_op.drop_index("ix_operation_status")

    _make_again(table_kwargs=KEY_ONLY)

    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_index("ix_record_thing")
        batch_op.drop_constraint("pk_record", type_="primary")
        batch_op.create_primary_key("pk_record", ["kind", "id", "bucket"])


def downgrade() -> None:
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_constraint("pk_record", type_="primary")
        batch_op.create_primary_key("pk_record", ["bucket", "kind", "id"])
        batch_op.create_index("ix_record_thing", ["kind", "id"], unique=False)

    _make_again(table_kwargs={})

    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index("ix_operation_status", ["status", "received_at"], unique=False)
        batch_op.create_index("ix_operation_caused_by", ["caused_by"], unique=False)
