"""Results of counts keep the book as it was at the first count: no device is told of results.

Revision 0007, follows 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.lib.quantities import Quantity

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("count_result", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_book", Quantity(), nullable=True))

    op.execute(sa.text("UPDATE count_result SET first_book = book"))  # the nearest that was kept

    with op.batch_alter_table("count_result", schema=None) as batch_op:
        batch_op.alter_column("first_book", existing_type=Quantity(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("count_result", schema=None) as batch_op:
        batch_op.drop_column("first_book")
