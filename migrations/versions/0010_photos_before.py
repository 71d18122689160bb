"""Answers tell photos of the fault from those of the repair: an old device tells none apart, and shows all of them as ever.

Revision 0010, follows 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.lib.db import Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("checklist_answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("photos_before", Json(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("checklist_answer", schema=None) as batch_op:
        batch_op.drop_column("photos_before")
