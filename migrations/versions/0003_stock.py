"""Stock and its ledger: a device of an older build leaves the new kinds of records alone.

Revision 0003, follows 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.lib.db import IdType, Json
from app.lib.quantities import Quantity

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "balance",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("item_id", IdType(length=16), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("quantity", Quantity(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "account", "item_id", "lot", "status", name=op.f("pk_balance")),
    )
    with op.batch_alter_table("balance", schema=None) as batch_op:
        batch_op.create_index("ix_balance_item", ["site_id", "item_id"], unique=False)

    op.create_table(
        "barcode",
        sa.Column("product_id", IdType(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("pack", Quantity(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "key", name=op.f("pk_barcode")),
    )
    with op.batch_alter_table("barcode", schema=None) as batch_op:
        batch_op.create_index("ix_barcode_key", ["key"], unique=False)

    op.create_table(
        "bin",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("code_key", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("locked", Json(), nullable=True),
        sa.Column("made_by", IdType(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_bin")),
    )
    with op.batch_alter_table("bin", schema=None) as batch_op:
        batch_op.create_index("ix_bin_code", ["site_id", "code_key"], unique=False)
        batch_op.create_index("ix_bin_id", ["id"], unique=False)
        batch_op.create_index("ix_bin_place", ["site_id", "status", "code"], unique=False)

    op.create_table(
        "bin_count",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("stock_take_id", IdType(length=16), nullable=False),
        sa.Column("bin_id", IdType(length=16), nullable=False),
        sa.Column("by", IdType(length=16), nullable=False),
        sa.Column("device_id", IdType(length=16), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("is_empty", sa.Boolean(), nullable=False),
        sa.Column("recounts", Json(), nullable=False),
        sa.Column("replaced_by", IdType(length=16), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_bin_count")),
    )
    with op.batch_alter_table("bin_count", schema=None) as batch_op:
        batch_op.create_index("ix_bin_count_by", ["site_id", "by"], unique=False)
        batch_op.create_index("ix_bin_count_id", ["id"], unique=False)
        batch_op.create_index("ix_bin_count_take", ["site_id", "stock_take_id", "bin_id"], unique=False)

    op.create_table(
        "count_decision",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("stock_take_id", IdType(length=16), nullable=False),
        sa.Column("bin_id", IdType(length=16), nullable=False),
        sa.Column("product_id", IdType(length=16), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("by", IdType(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "site_id", "stock_take_id", "bin_id", "product_id", "lot", "status", name=op.f("pk_count_decision")
        ),
    )
    op.create_table(
        "count_line",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("bin_count_id", IdType(length=16), nullable=False),
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
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_count_line")),
    )
    with op.batch_alter_table("count_line", schema=None) as batch_op:
        batch_op.create_index("ix_count_line_count", ["site_id", "bin_count_id"], unique=False)
        batch_op.create_index("ix_count_line_id", ["id"], unique=False)
        batch_op.create_index("ix_count_line_key", ["key"], unique=False)
        batch_op.create_index("ix_count_line_take", ["site_id", "stock_take_id", "bin_id"], unique=False)

    op.create_table(
        "movement",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ref_kind", sa.String(length=40), nullable=True),
        sa.Column("ref_id", sa.String(length=120), nullable=True),
        sa.Column("operation_id", IdType(length=16), nullable=False),
        sa.Column("caused_by", IdType(length=16), nullable=True),
        sa.Column("by", IdType(length=16), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_movement")),
    )
    with op.batch_alter_table("movement", schema=None) as batch_op:
        batch_op.create_index("ix_movement_happened", ["site_id", "happened_at"], unique=False)
        batch_op.create_index("ix_movement_id", ["id"], unique=False)
        batch_op.create_index("ix_movement_ref", ["ref_kind", "ref_id"], unique=False)

    op.create_table(
        "posting",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("movement_id", IdType(length=16), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("item_id", IdType(length=16), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("quantity", Quantity(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "movement_id", "n", name=op.f("pk_posting")),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index("ix_posting_account", ["site_id", "account", "item_id", "happened_at"], unique=False)
        batch_op.create_index("ix_posting_item", ["site_id", "item_id", "happened_at"], unique=False)

    op.create_table(
        "product",
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("sku_key", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("abc", sa.String(length=1), nullable=False),
        sa.Column("lot", sa.Boolean(), nullable=False),
        sa.Column("expiry", sa.Boolean(), nullable=False),
        sa.Column("serial", sa.Boolean(), nullable=False),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("cost_fen", sa.BigInteger(), nullable=True),
        sa.Column("reorder_point", Quantity(), nullable=True),
        sa.Column("reorder_qty", Quantity(), nullable=True),
        sa.Column("safety_stock", Quantity(), nullable=True),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("made_by", IdType(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index("ix_product_place", ["status", "category", "sku"], unique=False)
        batch_op.create_index("ix_product_sku", ["sku_key"], unique=False)

    op.create_table(
        "recount",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("stock_take_id", IdType(length=16), nullable=False),
        sa.Column("bin_id", IdType(length=16), nullable=False),
        sa.Column("product_id", IdType(length=16), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("assigned_to", IdType(length=16), nullable=True),
        sa.Column("asked_by", IdType(length=16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("done_by", IdType(length=16), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_recount")),
    )
    with op.batch_alter_table("recount", schema=None) as batch_op:
        batch_op.create_index("ix_recount_id", ["id"], unique=False)
        batch_op.create_index("ix_recount_take", ["site_id", "stock_take_id", "bin_id"], unique=False)

    op.create_table(
        "settled_count",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("item_id", IdType(length=16), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("stock_take_id", IdType(length=16), nullable=False),
        sa.Column("quantity", Quantity(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "account", "item_id", "lot", "status", name=op.f("pk_settled_count")),
    )
    with op.batch_alter_table("settled_count", schema=None) as batch_op:
        batch_op.create_index("ix_settled_count_take", ["site_id", "stock_take_id"], unique=False)

    op.create_table(
        "stock_import",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("summary", Json(), nullable=False),
        sa.Column("applied_by", IdType(length=16), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_stock_import")),
    )
    with op.batch_alter_table("stock_import", schema=None) as batch_op:
        batch_op.create_index("ix_stock_import_applied", ["site_id", "applied_at"], unique=False)

    op.create_table(
        "stock_take",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("id", IdType(length=16), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("tolerance", Json(), nullable=False),
        sa.Column("scope", Json(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("planned_by", IdType(length=16), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("closed", Json(), nullable=True),
        sa.Column("approvals", Json(), nullable=False),
        sa.Column("ended", Json(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_stock_take")),
    )
    with op.batch_alter_table("stock_take", schema=None) as batch_op:
        batch_op.create_index("ix_stock_take_id", ["id"], unique=False)
        batch_op.create_index("ix_stock_take_no", ["site_id", "no"], unique=True)
        batch_op.create_index("ix_stock_take_status", ["site_id", "status", "planned_at"], unique=False)

    op.create_table(
        "stock_take_bin",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("stock_take_id", IdType(length=16), nullable=False),
        sa.Column("bin_id", IdType(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("skipped", Json(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "stock_take_id", "bin_id", name=op.f("pk_stock_take_bin")),
    )
    with op.batch_alter_table("stock_take_bin", schema=None) as batch_op:
        batch_op.create_index("ix_stock_take_bin_bin", ["site_id", "bin_id"], unique=False)

    op.create_table(
        "stock_take_counter",
        sa.Column("site_id", IdType(length=16), nullable=False),
        sa.Column("stock_take_id", IdType(length=16), nullable=False),
        sa.Column("person_id", IdType(length=16), nullable=False),
        sa.Column("assigned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "stock_take_id", "person_id", name=op.f("pk_stock_take_counter")),
    )
    with op.batch_alter_table("stock_take_counter", schema=None) as batch_op:
        batch_op.create_index("ix_stock_take_counter_person", ["site_id", "person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("stock_take_counter", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_take_counter_person")

    op.drop_table("stock_take_counter")
    with op.batch_alter_table("stock_take_bin", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_take_bin_bin")

    op.drop_table("stock_take_bin")
    with op.batch_alter_table("stock_take", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_take_status")
        batch_op.drop_index("ix_stock_take_no")
        batch_op.drop_index("ix_stock_take_id")

    op.drop_table("stock_take")
    with op.batch_alter_table("stock_import", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_import_applied")

    op.drop_table("stock_import")
    with op.batch_alter_table("settled_count", schema=None) as batch_op:
        batch_op.drop_index("ix_settled_count_take")

    op.drop_table("settled_count")
    with op.batch_alter_table("recount", schema=None) as batch_op:
        batch_op.drop_index("ix_recount_take")
        batch_op.drop_index("ix_recount_id")

    op.drop_table("recount")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index("ix_product_sku")
        batch_op.drop_index("ix_product_place")

    op.drop_table("product")
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.drop_index("ix_posting_item")
        batch_op.drop_index("ix_posting_account")

    op.drop_table("posting")
    with op.batch_alter_table("movement", schema=None) as batch_op:
        batch_op.drop_index("ix_movement_ref")
        batch_op.drop_index("ix_movement_id")
        batch_op.drop_index("ix_movement_happened")

    op.drop_table("movement")
    with op.batch_alter_table("count_line", schema=None) as batch_op:
        batch_op.drop_index("ix_count_line_take")
        batch_op.drop_index("ix_count_line_key")
        batch_op.drop_index("ix_count_line_id")
        batch_op.drop_index("ix_count_line_count")

    op.drop_table("count_line")
    op.drop_table("count_decision")
    with op.batch_alter_table("bin_count", schema=None) as batch_op:
        batch_op.drop_index("ix_bin_count_take")
        batch_op.drop_index("ix_bin_count_id")
        batch_op.drop_index("ix_bin_count_by")

    op.drop_table("bin_count")
    with op.batch_alter_table("bin", schema=None) as batch_op:
        batch_op.drop_index("ix_bin_place")
        batch_op.drop_index("ix_bin_id")
        batch_op.drop_index("ix_bin_code")

    op.drop_table("bin")
    with op.batch_alter_table("barcode", schema=None) as batch_op:
        batch_op.drop_index("ix_barcode_key")

    op.drop_table("barcode")
    with op.batch_alter_table("balance", schema=None) as batch_op:
        batch_op.drop_index("ix_balance_item")

    op.drop_table("balance")
