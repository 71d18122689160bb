"""One write transaction: several operations in turn, then records, revisions and the log, as the last step before commit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast
from zlib import crc32

import orjson
from sqlalchemy import Table, bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from app.lib.db import insert_rows
from app.lib.ids import Id, parse_id
from app.lib.keeping import forget
from app.sync import buckets
from app.sync.models import (
    BlobUse,
    Bucket,
    Meta,
    OperationAbout,
    Record,
    Stream,
    StreamEntry,
    Unmade,
    Waiting,
)
from app.sync.models import Operation as OperationRow
from app.sync.registry import Placed, operations, renderers

Thing = tuple[str, str]
RECORD = cast(Table, Record.__table__)
BUCKET = cast(Table, Bucket.__table__)
SOME = 400  # bound parameters a statement may carry safely on every database

# Built once: every transaction asks these.
STORED = select(RECORD.c.bucket, RECORD.c.id, RECORD.c.rev, RECORD.c.gone, RECORD.c.data).where(
    RECORD.c.kind == bindparam("kind"), RECORD.c.id.in_(bindparam("ids", expanding=True))
)
LOCKED_HEADS = (
    select(BUCKET.c.name, BUCKET.c.rev, BUCKET.c.count, BUCKET.c.sum)
    .where(BUCKET.c.name.in_(bindparam("names", expanding=True)))
    .order_by(BUCKET.c.name)
    .with_for_update()
)
SOMEBODY_WAITS = select(exists().select_from(Waiting))


@dataclass
class Judged:
    """An operation with the server's word on it, before the transaction ends."""

    values: dict[str, Any]
    touched: dict[Thing, None] = field(default_factory=dict)
    abouts: dict[Thing, None] = field(default_factory=dict)
    steps: list[tuple[Id, str, dict[str, Any]]] = field(default_factory=list)
    waits_for: tuple[str, ...] = ()

    @property
    def made(self) -> list[Id]:
        """Ids that come into being by this operation."""
        op = operations.get(self.values["type"])
        if op is None or not op.makes:
            return [self.values["id"]]
        return [found for name in op.makes if (found := parse_id(self.values["data"].get(name)))]


class Stored(NamedTuple):
    """A record as it is kept; `text` None: a tombstone."""

    rev: int
    text: str | None


class Change(NamedTuple):
    """A record's new text (None: it goes) and what stood there."""

    text: str | None
    before: Stored | None


@dataclass
class Head:
    """A bucket's head as it will be."""

    rev: int
    count: int
    sum: int


Changes = dict[str, dict[Thing, Change]]  # bucket → thing → change


class Unit:
    """The state of one write transaction."""

    def __init__(self, session: Session, now: int) -> None:
        self.session = session
        self.now = now
        self.judged: list[Judged] = []
        self.fired: set[str] = set()
        self.makers: list[Judged] = []  # every operation that was judged, also again: each fires what it makes
        self.access_changed = False
        self._sent: dict[Id, dict[Id, bool]] = {}
        self.revs: dict[str, int] = {}
        self.rejudged: dict[Id, Judged] = {}
        self.silent: set[Id] = set()  # operations made after 72 hours without contact: in force, but told (sync.md §2)

    # -- savepoints -------------------------------------------------------------------------------------------------------

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Writes of the block stand together or not at all; the transaction around it goes on."""
        self.session.flush()
        connection = self.session.connection()
        connection.exec_driver_sql("SAVEPOINT operation")
        try:
            yield
            self.session.flush()
        except BaseException:
            self.session.expunge_all()
            forget(self.session)
            if not connection.invalidated:  # else the whole transaction is gone with its connection
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT operation")
                connection.exec_driver_sql("RELEASE SAVEPOINT operation")
            raise
        connection.exec_driver_sql("RELEASE SAVEPOINT operation")

    # -- questions --------------------------------------------------------------------------------------------------------

    def never_comes(self, id: object) -> bool:
        """Whether every operation that was to make `id` was refused, or dismissed by somebody."""
        wanted = parse_id(id)
        if wanted is None:
            return False
        query = (
            select(OperationRow.id, OperationRow.status, OperationRow.code)
            .join(Unmade, Unmade.operation_id == OperationRow.id)
            .where(Unmade.made_id == wanted, OperationRow.in_force.is_(False))
        )
        found = {row.id: (row.status, row.code) for row in self.session.execute(query)}
        for judged in (*self.judged, *self.rejudged.values()):
            if not judged.values["in_force"] and wanted in judged.made:
                found[judged.values["id"]] = (judged.values["status"], judged.values["code"])
        return bool(found) and all(status == "rejected" or code == "dismissed" for status, code in found.values())

    def note_sent(self, device_id: Id, operation_ids: Iterable[Id]) -> None:
        """Remember what the stream now being read has sent, so that asking again costs nothing."""
        self._sent.setdefault(device_id, {}).update(dict.fromkeys(operation_ids, True))

    def stream_sent(self, device_id: Id, operation_id: object) -> bool:
        """Whether `operation_id` came in this device's stream."""
        wanted = parse_id(operation_id)
        if wanted is None:
            return False
        sent = self._sent.setdefault(device_id, {})
        if wanted not in sent:
            found = select(StreamEntry.seq).where(
                StreamEntry.operation_id == wanted,
                StreamEntry.device_id == device_id,
                StreamEntry.reused.is_(False),
            )
            sent[wanted] = self.session.scalar(found) is not None
        return sent[wanted]

    def device_heard(self, device_id: Id, since: int) -> bool:
        """Heard after `since`, and everything it then had made has arrived."""
        stream = self.session.execute(
            select(Stream.heard_at, Stream.declared_seq, Stream.last_seq).where(Stream.device_id == device_id)
        ).one_or_none()
        return stream is not None and stream.heard_at >= since and stream.last_seq >= stream.declared_seq

    def somebody_waits(self) -> bool:
        """Whether anything is held at all; mostly nothing is, and then no key needs looking for."""
        return any(judged.waits_for for judged in self.judged) or bool(self.session.connection().execute(SOMEBODY_WAITS).scalar())

    def keys_fired(self) -> set[str]:
        """What may release a held operation by now."""
        return self.fired | {f"id:{made}" for judged in self.makers for made in judged.made}

    def waiting_here(self, keys: set[str]) -> list[OperationRow]:
        """Operations of this very transaction that are held for one of `keys`."""
        held = [j.values for j in self.judged if j.values["status"] == "held" and keys & set(j.waits_for)]
        return [OperationRow(**values) for values in held]

    def wait_on(self, operation_id: Id, keys: tuple[str, ...]) -> None:
        """Held as before, for the same reason, perhaps until something else happens: a device became another one."""
        for judged in self.judged:
            if judged.values["id"] == operation_id:
                judged.waits_for = keys
                return
        known = set(self.session.scalars(select(Waiting.key).where(Waiting.operation_id == operation_id)))
        if known != set(keys):
            self._write_waits(operation_id, keys)

    def _write_waits(self, operation_id: Id, keys: tuple[str, ...]) -> None:
        self.session.execute(delete(Waiting).where(Waiting.operation_id == operation_id))
        if keys:
            self.session.execute(insert(Waiting), [{"key": key, "operation_id": operation_id} for key in keys])

    # -- the end ----------------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Make the records, raise the revisions in bucket order, write the log. Nothing follows but the commit."""
        reruns = list(self.rejudged.values())
        everything = [*self.judged, *reruns]
        touched: dict[Thing, None] = {}
        for judged in everything:
            touched.update(judged.touched)
        changes = self._compare(self._place(touched), self._stored(touched))
        verdicts = [j for j in reruns if j.values["device_id"] is not None]
        heads = self._lock_heads({*changes, *(buckets.device(j.values["device_id"]) for j in verdicts)})
        self.revs = {name: head.rev for name, head in heads.items()}
        self._tell_revs(everything, changes)
        self._tell_verdicts(verdicts, changes)
        self._write_records(changes, heads)
        self._write_log()
        for judged in reruns:
            self._rewrite(judged)
        if self.access_changed:
            raise_access(self.session)

    def _place(self, touched: dict[Thing, None]) -> dict[Thing, list[Placed]]:
        """Make every touched record anew."""
        self.session.flush()
        places: dict[Thing, list[Placed]] = {}
        for kind, ids in by_kind(touched).items():
            made = renderers[kind](self.session, ids)
            places.update({(kind, id): made.get(id, []) for id in ids})
        return places

    def _stored(self, things: Iterable[Thing]) -> dict[tuple[str, str, str], Stored]:
        """What is kept of these things now, tombstones included."""
        found = {}
        for kind, ids in by_kind(things).items():
            for some in chunks(ids):
                rows = self.session.connection().execute(STORED, {"kind": kind, "ids": some})
                for bucket, id, rev, gone, data in rows:
                    found[bucket, kind, id] = Stored(rev, None if gone else data)
        return found

    def _compare(self, places: dict[Thing, list[Placed]], stored: dict[tuple[str, str, str], Stored]) -> Changes:
        """What differs from what is stored; a record that no longer lies where it lay becomes a tombstone there."""
        changes: Changes = {}
        wanted: set[tuple[str, str, str]] = set()
        for thing, placed in places.items():
            for place in placed:
                key = (place.bucket, *thing)
                wanted.add(key)
                text = orjson.dumps(place.data).decode()
                before = stored.get(key)
                if before is None or before.text != text:
                    changes.setdefault(place.bucket, {})[thing] = Change(text, before)
        for (bucket, kind, id), before in stored.items():
            if (bucket, kind, id) not in wanted and before.text is not None:
                changes.setdefault(bucket, {})[kind, id] = Change(None, before)
        return changes

    def _lock_heads(self, names: set[str]) -> dict[str, Head]:
        """Lock each bucket's counter in sorted order, so that two transactions never cross, and raise it by one."""
        if not names:
            return {}
        rows = self.session.connection().execute(LOCKED_HEADS, {"names": sorted(names)})
        found = {name: Head(rev + 1, count, total) for name, rev, count, total in rows}
        return {name: found.get(name) or Head(1, 0, 0) for name in sorted(names)}

    def _tell_revs(self, everything: list[Judged], changes: Changes) -> None:
        """Say in each verdict at which revisions what it changed stands."""
        where: dict[Thing, list[str]] = {}
        for bucket, things in changes.items():
            for thing in things:
                where.setdefault(thing, []).append(bucket)
        told: dict[frozenset[str], dict[str, int]] = {}  # mostly all of them say the same
        for judged in everything:
            named = frozenset([bucket for thing in judged.touched for bucket in where.get(thing, ())])
            if named not in told:
                told[named] = {bucket: self.revs[bucket] for bucket in sorted(named)}
            judged.values["revs"] = told[named]

    def _tell_verdicts(self, reruns: list[Judged], changes: Changes) -> None:
        """Verdicts that changed reach their device as records."""
        stored = self._stored([("verdict", str(j.values["id"])) for j in reruns])
        for judged in reruns:
            bucket, id = buckets.device(judged.values["device_id"]), str(judged.values["id"])
            text = orjson.dumps(verdict_data(judged.values)).decode()
            changes.setdefault(bucket, {})["verdict", id] = Change(text, stored.get((bucket, "verdict", id)))

    def _write_records(self, changes: Changes, heads: dict[str, Head]) -> None:
        """Write the records and the heads over them."""
        rows: list[dict[str, Any]] = []
        for bucket, things in changes.items():
            head = heads[bucket]
            for (kind, id), change in things.items():
                before = change.before
                if before is not None and before.text is not None:
                    head.count, head.sum = head.count - 1, head.sum - check(kind, id, before.rev)
                if change.text is not None:
                    head.count, head.sum = head.count + 1, head.sum + check(kind, id, head.rev)
                rows.append(
                    {
                        "bucket": bucket,
                        "kind": kind,
                        "id": id,
                        "rev": head.rev,
                        "gone": change.text is None,
                        "data": change.text or "",
                        "changed_at": self.now,
                    }
                )
        insert_rows(self.session, Record, rows, replace=("rev", "gone", "data", "changed_at"))
        insert_rows(
            self.session, Bucket,
            [{"name": n, "rev": h.rev, "count": h.count, "sum": h.sum % 2**32} for n, h in heads.items()],
            replace=("rev", "count", "sum"),
        )  # fmt: skip
        self._note_blobs(changes)

    def _note_blobs(self, changes: Changes) -> None:
        """Keep which records name which blobs, and which did: the right to read a blob follows from it."""
        fresh: list[dict[str, Any]] = []
        for bucket, things in changes.items():
            for (kind, id), change in things.items():
                old = blob_names(change.before.text if change.before else None)
                new = blob_names(change.text)
                place = {"bucket": bucket, "kind": kind, "id": id}
                fresh.extend({"sha": sha, **place, "past": sha not in new} for sha in sorted(new ^ old))
        insert_rows(self.session, BlobUse, fresh, replace=("past",))

    def _write_log(self) -> None:
        """Append the operations of this transaction, their steps, subjects and what they wait for."""
        rows = [j.values for j in self.judged]
        abouts: list[dict[str, Any]] = []
        for judged in self.judged:
            rows.extend(step_values(judged.values, *step) for step in judged.steps)
            abouts.extend(self._abouts(judged))
        insert_rows(self.session, OperationRow, rows)
        insert_rows(self.session, OperationAbout, abouts)
        waiting = [{"key": key, "operation_id": j.values["id"]} for j in self.judged for key in j.waits_for]
        insert_rows(self.session, Waiting, waiting)
        unmade = {m: j.values["id"] for j in self.judged if not j.values["in_force"] for m in j.made}
        if unmade:
            known = set(self.session.scalars(select(Unmade.made_id).where(Unmade.made_id.in_(list(unmade)))))
            fresh = [{"made_id": m, "operation_id": o} for m, o in unmade.items() if m not in known]
            if fresh:
                self.session.execute(insert(Unmade), fresh)

    def _abouts(self, judged: Judged) -> list[dict[str, Any]]:
        ids = [judged.values["id"], *(step[0] for step in judged.steps)]
        return [{"kind": k, "about_id": a, "operation_id": i} for k, a in judged.abouts for i in ids]

    def _rewrite(self, judged: Judged) -> None:
        """A verdict has changed: the same row tells the new one."""
        values = judged.values
        columns = ("n", "status", "code", "facts", "in_force", "revs", "exception_id", "decided_at")
        self.session.execute(update(OperationRow).where(OperationRow.id == values["id"]).values({c: values[c] for c in columns}))
        self._write_waits(values["id"], judged.waits_for)
        if judged.steps:
            self.session.execute(insert(OperationRow), [step_values(values, *step) for step in judged.steps])
        filed = select(OperationAbout.kind, OperationAbout.about_id).where(OperationAbout.operation_id == values["id"])
        known = {(kind, about_id) for kind, about_id in self.session.execute(filed)}
        abouts = [
            a for a in self._abouts(judged)
            if a["operation_id"] != values["id"] or (a["kind"], a["about_id"]) not in known
        ]  # fmt: skip
        if abouts:
            self.session.execute(insert(OperationAbout), abouts)


def step_values(parent: dict[str, Any], step_id: Id, type: str, data: dict[str, Any]) -> dict[str, Any]:
    """The log row of a step: its parent's, with its own name and data."""
    return {
        **parent,
        "id": step_id, "type": type, "data": data, "caused_by": parent["id"], "basis": [], "blobs": [], "n": 1,
        "status": "applied", "code": None, "facts": {}, "in_force": True, "exception_id": None, "sha": b"",
    }  # fmt: skip


def verdict_data(values: dict[str, Any]) -> dict[str, Any]:
    """An operation's verdict as the device reads it."""
    data = {
        "n": values["n"],
        "status": values["status"],
        "code": values["code"],
        "facts": values["facts"],
        "revs": values["revs"],
    }
    if values["exception_id"] is not None:
        data["exception"] = str(values["exception_id"])
    return data


def check(kind: str, id: str, rev: int) -> int:
    """One record's share of its bucket's sum (sync.md §3)."""
    return crc32(f"{kind}/{id}@{rev}".encode())


def blob_names(text: str | None) -> set[str]:
    """Every sha256 that a record names: any text of 64 hex digits in it is one."""
    return set(SHA.findall(text)) if text else set()


SHA = re.compile(r'"([0-9a-f]{64})"')


def by_kind(things: Iterable[Thing]) -> dict[str, list[str]]:
    """Kind → ids."""
    found: dict[str, list[str]] = {}
    for kind, id in things:
        found.setdefault(kind, []).append(id)
    return found


def chunks(items: list[Any], size: int = SOME) -> Iterator[list[Any]]:
    """`items` in lists of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def raise_access(session: Session) -> None:
    """Readers changed: every cached answer to "what may this device read" is void."""
    found = session.scalar(select(Meta.value).where(Meta.key == "access"))
    if found is None:
        session.execute(insert(Meta).values(key="access", value="1"))
    else:
        session.execute(update(Meta).where(Meta.key == "access").values(value=str(int(found) + 1)))


def waiting_for(session: Session, keys: set[str]) -> list[OperationRow]:
    """Held operations that one of `keys` may release, oldest first."""
    if not keys:
        return []
    found: list[OperationRow] = []
    for some in chunks(sorted(keys)):
        ids = select(Waiting.operation_id).where(Waiting.key.in_(some))
        found.extend(session.scalars(select(OperationRow).where(OperationRow.id.in_(ids), OperationRow.status == "held")))
    return sorted({row.id: row for row in found}.values(), key=lambda row: (row.received_at, row.id))
