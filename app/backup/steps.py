"""What a backup and a restore write: how far backups reach, and the new epoch. Nobody's operation, so in no log."""

from __future__ import annotations

from app.lib.clock import now
from app.lib.db import db, writer
from app.lib.ids import Id
from app.sync import durable


def announce() -> None:
    """Before the snapshot: from now on only what a verified backup holds is durable."""
    with writer().session() as session:
        durable.begin(session)


def note(reached: dict[Id, int]) -> None:
    """After the backup was read back: it reaches so far."""
    with writer().session() as session:
        durable.note(session, reached)


def begin_epoch() -> None:
    """In a restored database: devices fill anew; what the backup they send to holds is durable."""
    with writer().session() as session:
        durable.begin(session)
        durable.note(session, durable.reach(session.connection(), now()))
        durable.begin_epoch(session)


def let_go() -> None:
    """Close every connection of this app, so that the file may be moved."""
    db.engine.dispose()
    writer().engine.dispose()
