"""The first tables: no device is older than this.

Revision 0001, follows nothing.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

import app.lib.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("device_id", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha", name=op.f("pk_blob")),
    )
    op.create_table(
        "blob_use",
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("bucket", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("sha", "bucket", "kind", "id", name=op.f("pk_blob_use")),
    )
    op.create_table(
        "bucket",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sum", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bucket")),
    )
    op.create_table(
        "case",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("about_kind", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.String(length=120), nullable=False),
        sa.Column("opened_by", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("owner", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("closed_by", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_case")),
    )
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.create_index("ix_case_about", ["about_kind", "about_id"], unique=False)
        batch_op.create_index("ix_case_id", ["id"], unique=False)
        batch_op.create_index("ix_case_no", ["site_id", "no"], unique=True)

    op.create_table(
        "checklist_acceptance",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("run_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("by", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("voided_at", sa.BigInteger(), nullable=True),
        sa.Column("voided_by", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_checklist_acceptance")),
    )
    with op.batch_alter_table("checklist_acceptance", schema=None) as batch_op:
        batch_op.create_index("ix_checklist_acceptance_run", ["site_id", "run_id"], unique=False)

    op.create_table(
        "checklist_answer",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("run_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=40), nullable=False),
        sa.Column("by", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("device_id", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("severity", sa.String(length=20), nullable=True),
        sa.Column("photos", app.lib.db.Json(), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("unverified", sa.Boolean(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("superseded_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_checklist_answer")),
    )
    with op.batch_alter_table("checklist_answer", schema=None) as batch_op:
        batch_op.create_index("ix_checklist_answer_item", ["site_id", "run_id", "item_id"], unique=False)

    op.create_table(
        "checklist_assignee",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("run_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("person_id", app.lib.db.IdType(length=16), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "run_id", "person_id", name=op.f("pk_checklist_assignee")),
    )
    with op.batch_alter_table("checklist_assignee", schema=None) as batch_op:
        batch_op.create_index("ix_checklist_assignee_person", ["site_id", "person_id"], unique=False)

    op.create_table(
        "checklist_item",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("run_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=40), nullable=False),
        sa.Column("answers", app.lib.db.Json(), nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("decided", app.lib.db.Json(), nullable=True),
        sa.Column("waiver", app.lib.db.Json(), nullable=True),
        sa.Column("sent_back", app.lib.db.Json(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "run_id", "item_id", name=op.f("pk_checklist_item")),
    )
    with op.batch_alter_table("checklist_item", schema=None) as batch_op:
        batch_op.create_index("ix_checklist_item_run", ["run_id"], unique=False)

    op.create_table(
        "checklist_participant",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("run_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("device_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("person_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "run_id", "device_id", name=op.f("pk_checklist_participant")),
    )
    op.create_table(
        "checklist_run",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("template_id", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("target_kind", sa.String(length=40), nullable=True),
        sa.Column("target_id", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("anchor_at", sa.BigInteger(), nullable=True),
        sa.Column("start_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("repeat_min", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("first_run_id", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("started_by", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished", app.lib.db.Json(), nullable=True),
        sa.Column("accepted", app.lib.db.Json(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("rejected", app.lib.db.Json(), nullable=True),
        sa.Column("cancelled", app.lib.db.Json(), nullable=True),
        sa.Column("flags", app.lib.db.Json(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_checklist_run")),
    )
    with op.batch_alter_table("checklist_run", schema=None) as batch_op:
        batch_op.create_index("ix_checklist_run_due", ["site_id", "due_at"], unique=False)
        batch_op.create_index("ix_checklist_run_first", ["site_id", "first_run_id"], unique=False)
        batch_op.create_index("ix_checklist_run_id", ["id"], unique=False)
        batch_op.create_index("ix_checklist_run_target", ["site_id", "target_kind", "target_id"], unique=False)

    op.create_table(
        "checklist_template",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", app.lib.db.Json(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_template")),
    )
    with op.batch_alter_table("checklist_template", schema=None) as batch_op:
        batch_op.create_index("ix_checklist_template_code", ["code", "version"], unique=True)

    op.create_table(
        "document",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", app.lib.db.Json(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index("ix_document_place", ["kind", "seq"], unique=False)

    op.create_table(
        "exception",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("operation_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("facts", app.lib.db.Json(), nullable=False),
        sa.Column("by", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_exception")),
    )
    with op.batch_alter_table("exception", schema=None) as batch_op:
        batch_op.create_index("ix_exception_id", ["id"], unique=False)
        batch_op.create_index("ix_exception_open", ["site_id", "status", "opened_at"], unique=False)
        batch_op.create_index("ix_exception_operation", ["operation_id"], unique=False)

    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "operation",
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("v", sa.Integer(), nullable=False),
        sa.Column("actor", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("device_id", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("grant_id", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("clock_doubted", sa.Boolean(), nullable=False),
        sa.Column("basis", app.lib.db.Json(), nullable=False),
        sa.Column("data", app.lib.db.Json(), nullable=False),
        sa.Column("blobs", app.lib.db.Json(), nullable=False),
        sa.Column("sha", sa.LargeBinary(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("facts", app.lib.db.Json(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("revs", app.lib.db.Json(), nullable=False),
        sa.Column("exception_id", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("caused_by", app.lib.db.IdType(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index("ix_operation_caused_by", ["caused_by"], unique=False)
        batch_op.create_index("ix_operation_site_received", ["site_id", "received_at"], unique=False)
        batch_op.create_index("ix_operation_status", ["status", "received_at"], unique=False)

    op.create_table(
        "operation_about",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.String(length=120), nullable=False),
        sa.Column("operation_id", app.lib.db.IdType(length=16), nullable=False),
        sa.PrimaryKeyConstraint("kind", "about_id", "operation_id", name=op.f("pk_operation_about")),
    )
    op.create_table(
        "record",
        sa.Column("bucket", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "kind", "id", name=op.f("pk_record")),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index("ix_record_pull", ["bucket", "rev", "kind", "id"], unique=False)
        batch_op.create_index("ix_record_thing", ["kind", "id"], unique=False)

    op.create_table(
        "role",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("zh", sa.String(length=80), nullable=False),
        sa.Column("en", sa.String(length=80), nullable=False),
        sa.Column("team", sa.String(length=20), nullable=False),
        sa.Column("reports_to", sa.String(length=40), nullable=True),
        sa.Column("stand_in", sa.String(length=40), nullable=True),
        sa.Column("profile", app.lib.db.Json(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_role")),
    )
    op.create_table(
        "room",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("zh", sa.String(length=80), nullable=False),
        sa.Column("en", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_room")),
    )
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.create_index("ix_room_id", ["id"], unique=False)

    op.create_table(
        "show",
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("room_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("planned_min", sa.Integer(), nullable=False),
        sa.Column("aim", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("cancelled", app.lib.db.Json(), nullable=True),
        sa.Column("planned_by", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_show")),
    )
    with op.batch_alter_table("show", schema=None) as batch_op:
        batch_op.create_index("ix_show_id", ["id"], unique=False)
        batch_op.create_index("ix_show_room", ["site_id", "room_id", "starts_at"], unique=False)
        batch_op.create_index("ix_show_starts", ["site_id", "starts_at"], unique=False)

    op.create_table(
        "sign_in_attempt",
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_key", ["key", "at"], unique=False)

    op.create_table(
        "site",
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "stream",
        sa.Column("device_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("declared_seq", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_stream")),
    )
    op.create_table(
        "stream_entry",
        sa.Column("device_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "seq", name=op.f("pk_stream_entry")),
    )
    with op.batch_alter_table("stream_entry", schema=None) as batch_op:
        batch_op.create_index("ix_stream_entry_operation", ["operation_id"], unique=False)

    op.create_table(
        "unmade",
        sa.Column("made_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("operation_id", app.lib.db.IdType(length=16), nullable=False),
        sa.PrimaryKeyConstraint("made_id", name=op.f("pk_unmade")),
    )
    op.create_table(
        "waiting",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("operation_id", app.lib.db.IdType(length=16), nullable=False),
        sa.PrimaryKeyConstraint("key", "operation_id", name=op.f("pk_waiting")),
    )
    op.create_table(
        "device",
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("stream", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("cookie_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enrolled_by", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("replaces", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("replaced_by", app.lib.db.IdType(length=16), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("build", sa.String(length=40), nullable=True),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.Column("health", app.lib.db.Json(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_device_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("cookie_hash", name=op.f("uq_device_cookie_hash")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_replaces"), ["replaces"], unique=False)
        batch_op.create_index(batch_op.f("ix_device_site_id"), ["site_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("login_key", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=True),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_person_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login_key", name=op.f("uq_person_login_key")),
        sa.UniqueConstraint("phone", name=op.f("uq_person_phone")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_site_name", ["site_id", "name"], unique=False)

    op.create_table(
        "grant",
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("device_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("person_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("site_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_grant_device_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
    )
    with op.batch_alter_table("grant", schema=None) as batch_op:
        batch_op.create_index("ix_grant_device", ["device_id", "ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_grant_person_id"), ["person_id"], unique=False)

    op.create_table(
        "person_role",
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("person_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_role_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_role")),
    )
    with op.batch_alter_table("person_role", schema=None) as batch_op:
        batch_op.create_index("ix_person_role_person", ["person_id", "role"], unique=False)

    op.create_table(
        "person_suspension",
        sa.Column("id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("person_id", app.lib.db.IdType(length=16), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_suspension_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_suspension")),
    )
    with op.batch_alter_table("person_suspension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_suspension_person_id"), ["person_id"], unique=False)

    meta = sa.table("meta", sa.column("key"), sa.column("value"))
    op.bulk_insert(meta, [{"key": "epoch", "value": str(uuid.uuid4())}])


def downgrade() -> None:
    with op.batch_alter_table("person_suspension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_suspension_person_id"))

    op.drop_table("person_suspension")
    with op.batch_alter_table("person_role", schema=None) as batch_op:
        batch_op.drop_index("ix_person_role_person")

    op.drop_table("person_role")
    with op.batch_alter_table("grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grant_person_id"))
        batch_op.drop_index("ix_grant_device")

    op.drop_table("grant")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_site_name")

    op.drop_table("person")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_site_id"))
        batch_op.drop_index(batch_op.f("ix_device_replaces"))

    op.drop_table("device")
    op.drop_table("waiting")
    op.drop_table("unmade")
    with op.batch_alter_table("stream_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_stream_entry_operation")

    op.drop_table("stream_entry")
    op.drop_table("stream")
    op.drop_table("site")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempt_key")

    op.drop_table("sign_in_attempt")
    with op.batch_alter_table("show", schema=None) as batch_op:
        batch_op.drop_index("ix_show_starts")
        batch_op.drop_index("ix_show_room")
        batch_op.drop_index("ix_show_id")

    op.drop_table("show")
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.drop_index("ix_room_id")

    op.drop_table("room")
    op.drop_table("role")
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_index("ix_record_thing")
        batch_op.drop_index("ix_record_pull")

    op.drop_table("record")
    op.drop_table("operation_about")
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.drop_index("ix_operation_status")
        batch_op.drop_index("ix_operation_site_received")
        batch_op.drop_index("ix_operation_caused_by")

    op.drop_table("operation")
    op.drop_table("meta")
    with op.batch_alter_table("exception", schema=None) as batch_op:
        batch_op.drop_index("ix_exception_operation")
        batch_op.drop_index("ix_exception_open")
        batch_op.drop_index("ix_exception_id")

    op.drop_table("exception")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_place")

    op.drop_table("document")
    with op.batch_alter_table("checklist_template", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_template_code")

    op.drop_table("checklist_template")
    with op.batch_alter_table("checklist_run", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_run_target")
        batch_op.drop_index("ix_checklist_run_id")
        batch_op.drop_index("ix_checklist_run_first")
        batch_op.drop_index("ix_checklist_run_due")

    op.drop_table("checklist_run")
    op.drop_table("checklist_participant")
    with op.batch_alter_table("checklist_item", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_item_run")

    op.drop_table("checklist_item")
    with op.batch_alter_table("checklist_assignee", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_assignee_person")

    op.drop_table("checklist_assignee")
    with op.batch_alter_table("checklist_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_answer_item")

    op.drop_table("checklist_answer")
    with op.batch_alter_table("checklist_acceptance", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_acceptance_run")

    op.drop_table("checklist_acceptance")
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index("ix_case_no")
        batch_op.drop_index("ix_case_id")
        batch_op.drop_index("ix_case_about")

    op.drop_table("case")
    op.drop_table("bucket")
    op.drop_table("blob_use")
    op.drop_table("blob")
