"""Count lines lie with their bin count, and what a count ended with is kept: no device has counted before this.

Revision 0004, follows 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.lib.db import IdType
from app.lib.quantities import Quantity

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("count_line")
    _make_count_line("site_id", "bin_count_id", "id")
    op.create_table(
        "count_result",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("stock_take_id", IdType(length=16), nullable=False),
        sa.Column("bin_id", IdType(length=16), nullable=False),
        sa.Column("product_id", IdType(length=16), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("first", Quantity(), nullable=False),
        sa.Column("first_by", IdType(length=16), nullable=False),
        sa.Column("quantity", Quantity(), nullable=False),
        sa.Column("book", Quantity(), nullable=False),
        sa.Column("by", IdType(length=16), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "site_id", "stock_take_id", "bin_id", "product_id", "lot", "status", name=op.f("pk_count_result")
        ),
    )
    with op.batch_alter_table("count_result", schema=None) as batch_op:
        batch_op.create_index("ix_count_result_settled", ["site_id", "settled_at"], unique=False)


def downgrade() -> None:
    op.drop_table("count_result")
    op.drop_table("count_line")
    _make_count_line("site_id", "id")
    with op.batch_alter_table("count_line", schema=None) as batch_op:
        batch_op.create_index("ix_count_line_count", ["site_id", "bin_count_id"], unique=False)


def _make_count_line(*key: str) -> None:
    op.create_table(
        "count_line",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("bin_count_id", IdType(length=16), nullable=False),
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("stock_take_id", IdType(length=16), nullable=False),
        sa.Column("bin_id", IdType(length=16), nullable=False),
        sa.Column("product_id", IdType(length=16), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("code", sa.String(length=200), nullable=True),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("expires_on", sa.String(length=10), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("quantity", Quantity(), nullable=False),
        sa.Column("pack", Quantity(), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", IdType(length=16), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_count_line")),
    )
    with op.batch_alter_table("count_line", schema=None) as batch_op:
        batch_op.create_index("ix_count_line_id", ["id"], unique=False)
        batch_op.create_index("ix_count_line_key", ["key"], unique=False)
        batch_op.create_index("ix_count_line_take", ["site_id", "stock_take_id", "bin_id"], unique=False)
