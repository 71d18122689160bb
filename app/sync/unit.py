"""One write transaction: several operations in turn, then records, revisions and the log, as the last step before commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import orjson
from sqlalchemy import delete, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from app.lib.ids import Id, parse_id
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
SOME = 400  # bound parameters a statement may carry safely on every database


@dataclass
class Judged:
    """An operation with the server's word on it, before the transaction ends."""

    values: dict[str, Any]
    touched: dict[Thing, None] = field(default_factory=dict)
    abouts: dict[Thing, None] = field(default_factory=dict)
    steps: list[tuple[Id, str, dict[str, Any]]] = field(default_factory=list)
    waits_for: tuple[str, ...] = ()
    is_new: bool = True

    @property
    def made(self) -> list[Id]:
        """Ids that come into being by this operation."""
        op = operations.get(self.values["type"])
        if op is None or not op.makes:
            return [self.values["id"]]
        return [found for name in op.makes if (found := parse_id(self.values["data"].get(name)))]


class Unit:
    """The state of one write transaction."""

    def __init__(self, session: Session, now: int) -> None:
        self.session = session
        self.now = now
        self.judged: list[Judged] = []
        self.fired: set[str] = set()
        self.access_changed = False
        self._sent: dict[tuple[Id, Id], bool] = {}
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
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT operation")
            connection.exec_driver_sql("RELEASE SAVEPOINT operation")
            raise
        connection.exec_driver_sql("RELEASE SAVEPOINT operation")

    # -- questions --------------------------------------------------------------------------------------------------------

    def unmade_by(self, id: object) -> str | None:
        """The status of the operation that was to make `id` but is not in force, or None if nobody knows of one."""
        wanted = parse_id(id)
        if wanted is None:
            return None
        for judged in self.judged:
            if not judged.values["in_force"] and wanted in judged.made:
                return str(judged.values["status"])
        return self.session.scalar(
            select(OperationRow.status)
            .join(Unmade, Unmade.operation_id == OperationRow.id)
            .where(Unmade.made_id == wanted, OperationRow.in_force.is_(False))
        )

    def note_sent(self, device_id: Id, operation_ids: Iterable[Id]) -> None:
        """Remember what the stream now being read has sent, so that asking again costs nothing."""
        for operation_id in operation_ids:
            self._sent[device_id, operation_id] = True

    def stream_sent(self, device_id: Id, operation_id: object) -> bool:
        """Whether `operation_id` came in this device's stream."""
        wanted = parse_id(operation_id)
        if wanted is None:
            return False
        key = (device_id, wanted)
        if key not in self._sent:
            found = select(StreamEntry.seq).where(
                StreamEntry.operation_id == wanted,
                StreamEntry.device_id == device_id,
                StreamEntry.reused.is_(False),
            )
            self._sent[key] = self.session.scalar(found) is not None
        return self._sent[key]

    def device_heard(self, device_id: Id, since: int) -> bool:
        """Heard after `since`, and everything it then had made has arrived."""
        stream = self.session.execute(
            select(Stream.heard_at, Stream.declared_seq, Stream.last_seq).where(Stream.device_id == device_id)
        ).one_or_none()
        return stream is not None and stream.heard_at >= since and stream.last_seq >= stream.declared_seq

    def waiting_here(self, keys: set[str]) -> list[OperationRow]:
        """Operations of this very transaction that are held for one of `keys`."""
        held = [j.values for j in self.judged if j.values["status"] == "held" and keys & set(j.waits_for)]
        return [OperationRow(**values) for values in held]

    # -- the end ----------------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Make the records, raise the revisions in bucket order, write the log. Nothing follows but the commit."""
        reruns = list(self.rejudged.values())
        everything = [*self.judged, *reruns]
        touched: dict[Thing, None] = {}
        for judged in everything:
            touched.update(judged.touched)
        places = self._place(touched)
        changed, where = self._compare(places)
        verdicts = [j for j in reruns if j.values["device_id"] is not None]
        self.revs = self._raise({*changed, *(buckets.device(j.values["device_id"]) for j in verdicts)})
        for judged in everything:
            named = {bucket for thing in judged.touched for bucket in where.get(thing, ())}
            judged.values["revs"] = {bucket: self.revs[bucket] for bucket in sorted(named) if bucket in self.revs}
        for judged in verdicts:
            bucket = buckets.device(judged.values["device_id"])
            changed.setdefault(bucket, {})[("verdict", str(judged.values["id"]))] = orjson.dumps(
                verdict_data(judged.values)
            ).decode()
        self._write_records(changed)
        self._write_log()
        for judged in reruns:
            self._rewrite(judged)
        if self.access_changed:
            raise_access(self.session)

    def _place(self, touched: dict[Thing, None]) -> dict[Thing, list[Placed]]:
        """Make every touched record anew."""
        by_kind: dict[str, list[str]] = {}
        for kind, id in touched:
            by_kind.setdefault(kind, []).append(id)
        self.session.flush()
        places: dict[Thing, list[Placed]] = {}
        for kind, ids in by_kind.items():
            made = renderers[kind](self.session, ids)
            places.update({(kind, id): made.get(id, []) for id in ids})
        return places

    def _compare(self, places: dict[Thing, list[Placed]]) -> tuple[dict[str, dict[Thing, str | None]], dict[Thing, set[str]]]:
        """What differs from what is stored: bucket → thing → text or None (a tombstone); and where each thing changed."""
        stored: dict[tuple[str, str, str], str | None] = {}
        for some in chunks(list(places)):
            for row in self.session.execute(
                select(Record.bucket, Record.kind, Record.id, Record.gone, Record.data).where(
                    tuple_(Record.kind, Record.id).in_(some)
                )
            ):
                stored[row.bucket, row.kind, row.id] = None if row.gone else row.data
        changed: dict[str, dict[Thing, str | None]] = {}
        where: dict[Thing, set[str]] = {}
        wanted: set[tuple[str, str, str]] = set()
        for thing, placed in places.items():
            for place in placed:
                key = (place.bucket, *thing)
                wanted.add(key)
                text = orjson.dumps(place.data).decode()
                if stored.get(key) != text:
                    changed.setdefault(place.bucket, {})[thing] = text
                    where.setdefault(thing, set()).add(place.bucket)
        for bucket, kind, id in stored:
            if (bucket, kind, id) not in wanted and stored[bucket, kind, id] is not None:
                changed.setdefault(bucket, {})[kind, id] = None
                where.setdefault((kind, id), set()).add(bucket)
        return changed, where

    def _raise(self, names: set[str]) -> dict[str, int]:
        """Lock each bucket's counter and raise it by one, in sorted order, so that two transactions never cross."""
        revs: dict[str, int] = {}
        for name in sorted(names):
            found = self.session.scalar(
                update(Bucket).where(Bucket.name == name).values(rev=Bucket.rev + 1).returning(Bucket.rev)
            )
            if found is None:
                self.session.execute(insert(Bucket).values(name=name, rev=1, count=0, sum=0))
                found = 1
            revs[name] = found
        return revs

    def _write_records(self, changed: dict[str, dict[Thing, str | None]]) -> None:
        for bucket, things in changed.items():
            rev = self.revs[bucket]
            old: dict[Thing, tuple[int, bool]] = {}
            for some in chunks(list(things)):
                for row in self.session.execute(
                    select(Record.kind, Record.id, Record.rev, Record.gone).where(
                        Record.bucket == bucket, tuple_(Record.kind, Record.id).in_(some)
                    )
                ):
                    old[row.kind, row.id] = (row.rev, row.gone)
            count = sum_ = 0
            fresh: list[dict[str, Any]] = []
            again: list[dict[str, Any]] = []
            for (kind, id), text in things.items():
                before = old.get((kind, id))
                if before and not before[1]:
                    count, sum_ = count - 1, sum_ - check(kind, id, before[0])
                if text is not None:
                    count, sum_ = count + 1, sum_ + check(kind, id, rev)
                values = {
                    "bucket": bucket, "kind": kind, "id": id, "rev": rev,
                    "gone": text is None, "data": text or "", "changed_at": self.now,
                }  # fmt: skip
                (again if before else fresh).append(values)
            if fresh:
                self.session.execute(insert(Record), fresh)
            if again:
                self.session.execute(update(Record), again)
            held, total = self.session.execute(select(Bucket.count, Bucket.sum).where(Bucket.name == bucket)).one()
            changes = {"count": held + count, "sum": (total + sum_) % 2**32}
            self.session.execute(update(Bucket).where(Bucket.name == bucket).values(changes))
            self._note_blobs(bucket, things)

    def _note_blobs(self, bucket: str, things: dict[Thing, str | None]) -> None:
        """Keep which records name which blobs: the right to read a blob follows from it."""
        old = set()
        for some in chunks(list(things)):
            found = select(BlobUse.sha, BlobUse.kind, BlobUse.id).where(
                BlobUse.bucket == bucket, tuple_(BlobUse.kind, BlobUse.id).in_(some)
            )
            old |= {tuple(row) for row in self.session.execute(found)}
        new = {
            (sha, kind, id) for (kind, id), text in things.items() if text is not None for sha in blob_names(orjson.loads(text))
        }
        if fresh := new - old:
            self.session.execute(
                insert(BlobUse),
                [{"sha": sha, "bucket": bucket, "kind": kind, "id": id} for sha, kind, id in sorted(fresh)],
            )
        for sha, kind, id in old - new:
            self.session.execute(
                delete(BlobUse).where(BlobUse.sha == sha, BlobUse.bucket == bucket, BlobUse.kind == kind, BlobUse.id == id)
            )

    def _write_log(self) -> None:
        """Append the operations of this transaction, their steps, subjects and what they wait for."""
        rows = [j.values for j in self.judged]
        abouts: list[dict[str, Any]] = []
        for judged in self.judged:
            rows.extend(step_values(judged.values, *step) for step in judged.steps)
            abouts.extend(self._abouts(judged))
        if rows:
            self.session.execute(insert(OperationRow), rows)
        if abouts:
            self.session.execute(insert(OperationAbout), abouts)
        waiting = [{"key": key, "operation_id": j.values["id"]} for j in self.judged for key in j.waits_for]
        if waiting:
            self.session.execute(insert(Waiting), waiting)
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
        self.session.execute(delete(Waiting).where(Waiting.operation_id == values["id"]))
        if judged.waits_for:
            self.session.execute(insert(Waiting), [{"key": k, "operation_id": values["id"]} for k in judged.waits_for])
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


def blob_names(data: Any) -> set[str]:
    """Every sha256 that a record's data names: any text of 64 hex digits is one."""
    if isinstance(data, str):
        return {data} if len(data) == 64 and set(data) <= HEX else set()
    if isinstance(data, dict):
        return set().union(*map(blob_names, data.values()))
    if isinstance(data, list):
        return set().union(*map(blob_names, data))
    return set()


HEX = frozenset("0123456789abcdef")


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
        found.extend(session.scalars(select(OperationRow).where(OperationRow.id.in_(ids), or_(OperationRow.status == "held"))))
    return sorted({row.id: row for row in found}.values(), key=lambda row: (row.received_at, row.id))
