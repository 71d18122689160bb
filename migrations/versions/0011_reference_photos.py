"""Items of a list may have a photo of how they should look: an old device keeps its record and shows nothing of it.

Revision 0011, follows 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.lib.db import IdType

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checklist_reference",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.String(length=40), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("run_id", IdType(length=16), nullable=False),
        sa.Column("by", IdType(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", "item_id", name=op.f("pk_checklist_reference")),
    )


def downgrade() -> None:
    op.drop_table("checklist_reference")
