"""Exceptions have a number, an owner and a due time: a device sees nothing of it.

Revision 0006, follows 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Those that are there already go on after the last case of their site, in the order in which they were opened.
NUMBERED = """
UPDATE exception SET no =
  (SELECT COALESCE(MAX(c.no), 0) FROM "case" AS c WHERE c.site_id = exception.site_id)
  + (SELECT COUNT(*) FROM exception AS e WHERE e.site_id = exception.site_id
     AND (e.opened_at < exception.opened_at OR (e.opened_at = exception.opened_at AND e.id <= exception.id)))
"""
OWNED = "UPDATE exception SET owner = CASE WHEN type LIKE 'stock.%' THEN 'logistics_manager' ELSE 'shift_lead' END"
DUE = """  -- a shift in milliseconds, or a day
UPDATE exception SET due_at = opened_at + CASE WHEN code IN ('contested', 'below_zero') OR EXISTS (
  SELECT 1 FROM operation WHERE operation.id = exception.operation_id AND NOT operation.in_force) THEN 28800000 ELSE 86400000 END
"""


def upgrade() -> None:
    with op.batch_alter_table("exception", schema=None) as batch_op:
        batch_op.add_column(sa.Column("no", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("owner", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.BigInteger(), nullable=True))

    for fill in (NUMBERED, OWNED, DUE):
        op.execute(sa.text(fill))

    with op.batch_alter_table("exception", schema=None) as batch_op:
        batch_op.alter_column("no", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("owner", existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column("due_at", existing_type=sa.BigInteger(), nullable=False)
        batch_op.create_index("ix_exception_no", ["site_id", "no"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("exception", schema=None) as batch_op:
        batch_op.drop_index("ix_exception_no")
        batch_op.drop_column("due_at")
        batch_op.drop_column("owner")
        batch_op.drop_column("no")
