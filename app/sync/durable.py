"""What survives the loss of the server: how far backups reach in each device's stream, and the epoch after a restore.

A device keeps in its journal what no verified backup holds (sync.md §3, Restore). While nobody has ever begun a backup,
what is committed counts as durable; from the moment the first one begins only what a verified backup holds does, because
what is committed while a backup is being written is in no backup yet.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from app.lib.clock import DAY
from app.lib.db import Json
from app.lib.ids import Id, new_id
from app.sync.models import Blob, Meta, Operation, Stream, StreamEntry

BEGUN = "backups"
SOME = 400
# A photo that has not come by then comes no more: it must not keep a device's journal growing.
PHOTOS_COME_WITHIN = 30 * DAY

# Operations no backup reaches yet that name photos, in the order of their streams.
WITH_PHOTOS = (
    select(StreamEntry.device_id, StreamEntry.seq, Operation.blobs)
    .join(Stream, Stream.device_id == StreamEntry.device_id)
    .join(Operation, Operation.id == StreamEntry.operation_id)
    .where(
        StreamEntry.seq > Stream.backed_up_seq,
        Operation.received_at > bindparam("since"),
        Operation.status.in_(("applied", "noted")),
        Operation.blobs != bindparam("none", [], type_=Json),
    )
    .order_by(StreamEntry.device_id, StreamEntry.seq)
)


def first_seq(connection: Connection) -> int | None:
    """How far backups reach in a stream that begins now: None while nobody ever made one."""
    return 0 if connection.scalar(select(Meta.value).where(Meta.key == BEGUN)) else None


def begin(session: Session) -> None:
    """A backup is about to be made: from here on only what one holds is durable."""
    if first_seq(session.connection()) is None:
        session.execute(insert(Meta).values(key=BEGUN, value="begun"))
        session.execute(update(Stream).where(Stream.backed_up_seq.is_(None)).values(backed_up_seq=0))


def reach(connection: Connection, now: int) -> dict[Id, int]:
    """How far this snapshot reaches in each stream: up to the last operation, but not past one whose photo it lacks."""
    found: dict[Id, int] = {row.device_id: row.last_seq for row in connection.execute(select(Stream.device_id, Stream.last_seq))}
    rows = connection.execute(WITH_PHOTOS, {"since": now - PHOTOS_COME_WITHIN}).all()
    here = _kept(connection, {sha for _, _, shas in rows for sha in shas})
    for device_id, seq, shas in rows:
        if not here.issuperset(shas):
            found[device_id] = min(found[device_id], seq - 1)
    return found


def _kept(connection: Connection, shas: set[str]) -> set[str]:
    """Those of the photos that have arrived."""
    asked = sorted(shas)
    found: set[str] = set()
    for at in range(0, len(asked), SOME):
        found.update(connection.scalars(select(Blob.sha).where(Blob.sha.in_(asked[at : at + SOME]))))
    return found


def note(session: Session, reached: dict[Id, int]) -> None:
    """A backup that reaches so far is written and verified. An older one never takes back what a newer one holds."""
    for device_id, seq in reached.items():
        covered = update(Stream).where(Stream.device_id == device_id, Stream.backed_up_seq < seq)
        session.execute(covered.values(backed_up_seq=seq))


def begin_epoch(session: Session) -> str:
    """A restore: every device fills anew and sends again what this backup may not hold. Returns the new epoch."""
    epoch = str(new_id())
    session.execute(delete(Meta).where(Meta.key == "epoch"))
    session.execute(insert(Meta).values(key="epoch", value=epoch))
    return epoch
