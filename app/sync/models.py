"""The engine's tables: operations, the streams they came in, records by bucket, blobs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.lib.db import IdType, Json, Model
from app.lib.ids import Id

# Small rows that are little more than their key lie in its tree; a table beside it would be written for each push again.
KEY_ONLY = {"sqlite_with_rowid": False}


class Operation(Model):
    """One thing a person did, and the server's word on it. Rows are never deleted; only the verdict's columns change.

    `status`: applied, noted, held, parked, rejected (sync.md §3). `in_force` is what the verdict means for the data:
    an applied operation, and a noted one whose doubt left it in force. `data` has secret fields removed.
    """

    __tablename__ = "operation"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    site_id: Mapped[Id | None] = mapped_column(IdType)
    type: Mapped[str] = mapped_column(String(80))
    v: Mapped[int] = mapped_column(Integer)
    actor: Mapped[Id] = mapped_column(IdType)
    door: Mapped[str] = mapped_column(String(10))
    device_id: Mapped[Id | None] = mapped_column(IdType)
    grant_id: Mapped[Id | None] = mapped_column(IdType)
    at: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    seen: Mapped[int] = mapped_column(BigInteger, default=0)
    happened_at: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[int] = mapped_column(BigInteger)
    clock_doubted: Mapped[bool] = mapped_column(Boolean, default=False)
    basis: Mapped[list[str]] = mapped_column(Json)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    blobs: Mapped[list[str]] = mapped_column(Json)
    sha: Mapped[bytes] = mapped_column(LargeBinary(32))
    n: Mapped[int] = mapped_column(Integer, default=1)
    status: Mapped[str] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    in_force: Mapped[bool] = mapped_column(Boolean)
    revs: Mapped[dict[str, int]] = mapped_column(Json)
    exception_id: Mapped[Id | None] = mapped_column(IdType)
    decided_at: Mapped[int] = mapped_column(BigInteger)
    caused_by: Mapped[Id | None] = mapped_column(IdType)

    __table_args__ = (Index("ix_operation_site_received", "site_id", "received_at"),)


class OperationAbout(Model):
    """Which operations concern a thing: its audit trail."""

    __tablename__ = "operation_about"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    about_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    operation_id: Mapped[Id] = mapped_column(IdType, primary_key=True)

    __table_args__ = KEY_ONLY


class Stream(Model):
    """How far a device's operations have arrived. `declared_seq` is the last one the device says it has made.

    `backed_up_seq`: the last one that a verified backup holds, None while nobody ever made a backup (`durable.py`).
    """

    __tablename__ = "stream"

    device_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    declared_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    happened_at: Mapped[int] = mapped_column(BigInteger, default=0)
    heard_at: Mapped[int] = mapped_column(BigInteger, default=0)
    backed_up_seq: Mapped[int | None] = mapped_column(BigInteger)


class StreamEntry(Model):
    """The operation at one place of a stream. `reused`: this place carried another content under a known id."""

    __tablename__ = "stream_entry"

    device_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    operation_id: Mapped[Id] = mapped_column(IdType)
    reused: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (Index("ix_stream_entry_operation", "operation_id"), KEY_ONLY)


class Waiting(Model):
    """A held operation and a key that may release it: `id:<uuid>` (made in force) or `device:<uuid>` (heard)."""

    __tablename__ = "waiting"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    operation_id: Mapped[Id] = mapped_column(IdType, primary_key=True)


class Unmade(Model):
    """An id that an operation would have made, had it been in force: tells a dependant why its parent is missing."""

    __tablename__ = "unmade"

    made_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    operation_id: Mapped[Id] = mapped_column(IdType)


class Bucket(Model):
    """Head of a bucket. `count` and `sum` cover its live records (sum of crc32("kind/id@rev"), modulo 2³²)."""

    __tablename__ = "bucket"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    rev: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(Integer)
    sum: Mapped[int] = mapped_column(BigInteger)


class Record(Model):
    """One document that devices hold a copy of, stored as it is sent."""

    __tablename__ = "record"

    bucket: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    rev: Mapped[int] = mapped_column(BigInteger)
    gone: Mapped[bool] = mapped_column(Boolean)
    data: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[int] = mapped_column(BigInteger)

    # The key begins with what a transaction asks for: where a thing lies. A bucket is read by the index.
    __table_args__ = (
        PrimaryKeyConstraint("kind", "id", "bucket"),
        Index("ix_record_pull", "bucket", "rev", "kind", "id"),
    )


class Meta(Model):
    """Single values of the engine: `epoch`, `access`."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Blob(Model):
    """A photo or signature by its content's sha256. `status`: ok, location_removed, unreadable."""

    __tablename__ = "blob"

    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    device_id: Mapped[Id | None] = mapped_column(IdType)
    size: Mapped[int] = mapped_column(Integer)
    media_type: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    width: Mapped[int] = mapped_column(Integer, default=0)
    height: Mapped[int] = mapped_column(Integer, default=0)
    received_at: Mapped[int] = mapped_column(BigInteger)


class BlobUse(Model):
    """A record that names a blob, or did (`past`): whoever reads the record may see the blob; in the office also later."""

    __tablename__ = "blob_use"

    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    past: Mapped[bool] = mapped_column(Boolean, default=False)
