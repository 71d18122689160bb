"""Bins may be frozen: an old device reads past the new word of a bin's record, and what it moves there is kept as ever.

Revision 0009, follows 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.lib.db import Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bin", schema=None) as batch_op:
        batch_op.add_column(sa.Column("frozen", Json(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("bin", schema=None) as batch_op:
        batch_op.drop_column("frozen")
