"""Photos of an answer that another one replaced are seen in the office as long as its history is: devices are not concerned.

Revision 0012, follows 0011. What was replaced before this version is looked up in the history of answers and signatures.
"""

from __future__ import annotations

import json
import uuid

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEPT = "SELECT sha FROM blob WHERE status != 'withdrawn'"
USED = "SELECT sha, bucket, kind, id FROM blob_use"
ANSWERS = "SELECT site_id, run_id, item_id, photos, value FROM checklist_answer WHERE NOT current"
SIGNATURES = "SELECT site_id, run_id, signature FROM checklist_acceptance"


def upgrade() -> None:
    with op.batch_alter_table("blob_use") as table:
        table.add_column(sa.Column("past", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("blob_use") as table:
        table.alter_column("past", server_default=None)
    _tell_what_was()


def _tell_what_was() -> None:
    connection = op.get_bind()
    kept = set(connection.scalars(sa.text(KEPT)))
    used = {tuple(row) for row in connection.execute(sa.text(USED))}
    found = set()
    for site, run, item, photos, value in connection.execute(sa.text(ANSWERS)):
        for sha in {*json.loads(photos or "[]"), value} & kept:
            found.add((sha, f"site:{_id(site)}", "checklist_item", f"{_id(run)}/{item}"))
    for site, run, signature in connection.execute(sa.text(SIGNATURES)):
        if signature in kept:
            found.add((signature, f"site:{_id(site)}", "checklist_run", _id(run)))
    write = sa.text("INSERT INTO blob_use (sha, bucket, kind, id, past) VALUES (:sha, :bucket, :kind, :id, :past)")
    for sha, bucket, kind, id in sorted(found - used):
        connection.execute(write, {"sha": sha, "bucket": bucket, "kind": kind, "id": id, "past": True})


def _id(value: bytes) -> str:
    return str(uuid.UUID(bytes=bytes(value)))


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM blob_use WHERE past"))
    with op.batch_alter_table("blob_use") as table:
        table.drop_column("past")
