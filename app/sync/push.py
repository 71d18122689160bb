"""Push: a device's operations in, verdicts out; one database transaction, a savepoint an operation (sync.md §3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.lib.clock import HOUR, SECOND
from app.lib.db import insert_rows
from app.lib.errors import Refused
from app.lib.ids import Id, parse_id
from app.sync.clock import corrected
from app.sync.durable import first_seq
from app.sync.engine import Engine, content
from app.sync.errors import ProtocolError
from app.sync.hooks import DeviceInfo, GrantBook, Standing
from app.sync.models import Operation as OperationRow
from app.sync.models import Stream, StreamEntry
from app.sync.registry import Operation, operations
from app.sync.unit import Judged, Unit, verdict_data

MOST_OPERATIONS = 100
MOST_BYTES_EACH = 32 * 1024
MOST_SEQ = 2**53
MOST_NAME = 80
SILENT = 72 * HOUR
HEARD_EVERY = 10 * SECOND
ID_REUSED: dict[str, Any] = {"status": "rejected", "code": "id_reused", "facts": {}, "revs": {}}

# Built once: a push asks these of every batch.
KNOWN = select(
    *(getattr(OperationRow, name) for name in ("id", "sha", "device_id", "n", "status", "code", "facts", "revs", "exception_id"))
).where(OperationRow.id.in_(bindparam("ids", expanding=True)))
ENTRIES = select(StreamEntry.seq, StreamEntry.operation_id, StreamEntry.reused).where(
    StreamEntry.device_id == bindparam("device"), StreamEntry.seq.between(bindparam("first"), bindparam("last"))
)
STREAM = cast(Table, Stream.__table__)
LOCKED = (
    select(STREAM.c.backed_up_seq, STREAM.c.last_seq, STREAM.c.declared_seq, STREAM.c.happened_at, STREAM.c.heard_at)
    .where(STREAM.c.device_id == bindparam("device"))
    .with_for_update()
)
ADVANCE = (
    update(STREAM)
    .where(STREAM.c.device_id == bindparam("device"))
    .values({name: bindparam(name) for name in ("last_seq", "declared_seq", "happened_at", "heard_at")})
)

# The parts of an operation's envelope that must be there; `bool` is no `int` here.
PARTS = {
    "type": str,
    "v": int,
    "actor": str,
    "grant": str,
    "at": int,
    "offset": int,
    "seen": int,
    "basis": list,
    "data": dict,
}
TYPES = tuple(PARTS.values())
parts_of = itemgetter(*PARTS)


@dataclass
class StreamState:
    """How far the device's stream had come, and comes with this push."""

    last_seq: int
    declared_seq: int
    happened_at: int
    heard_at: int


@dataclass
class Sent:
    """One operation as it came, its envelope checked. `fault`: why it can only be rejected."""

    id: Id
    seq: int
    raw: dict[str, Any]
    sha: bytes
    fault: str | None = None

    @property
    def op(self) -> Operation | None:
        return operations.get(str(self.raw.get("type")))


def push(
    engine: Engine, device: DeviceInfo, body: dict[str, Any], readable: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    """Judge a batch. Raises `ProtocolError` (nothing changed) when the batch does not fit the stream."""
    sent = read_envelope(device, body)

    def once(_tries: int) -> dict[str, Any]:
        with engine.unit() as unit:
            pushing = Pushing(engine, unit, device, readable or {}, body)
            answers = pushing.take(sent)
        return pushing.answer(sent, answers)

    return engine.writer.retried(once)


def read_envelope(device: DeviceInfo, body: dict[str, Any]) -> list[Sent]:
    """The batch's operations in order of `seq`, or a ProtocolError that says what is wrong with the batch as a whole."""
    if parse_id(body.get("device")) != device.id:
        raise ProtocolError(403, "wrong_device")
    ops = body.get("ops")
    if not isinstance(ops, list) or not isinstance(body.get("grants", {}), dict):
        raise ProtocolError(422, "malformed_batch")
    if len(ops) > MOST_OPERATIONS:
        raise ProtocolError(413, "too_many", most=MOST_OPERATIONS)
    found = []
    for raw in ops:
        id = parse_id(raw.get("id")) if isinstance(raw, dict) else None
        seq = raw.get("seq") if isinstance(raw, dict) else None
        if id is None or not isinstance(seq, int) or isinstance(seq, bool) or not 1 <= seq < MOST_SEQ:
            raise ProtocolError(422, "malformed_batch")
        found.append(Sent(id, seq, raw, *_checked(raw)))
    found.sort(key=lambda s: s.seq)
    if any(b.seq != a.seq + 1 for a, b in pairwise(found)):
        raise ProtocolError(422, "malformed_batch")
    return found


def _checked(raw: dict[str, Any]) -> tuple[bytes, str | None]:
    """The content's sha, and what is wrong with the envelope."""
    said = content(
        raw.get("type"), raw.get("v"), raw.get("actor"), raw.get("at"), raw.get("basis"), raw.get("data"), raw.get("blobs", [])
    )
    fault = None
    if not _is_well_formed(raw):
        fault = "malformed"
    elif len(said) > MOST_BYTES_EACH:
        fault = "too_large"
    return hashlib.sha256(said).digest(), fault


def _is_well_formed(raw: dict[str, Any]) -> bool:
    """Whether the envelope can be read; what `data` says is the operation's own to judge."""
    try:
        parts = parts_of(raw)
    except KeyError:
        return False
    if tuple(map(type, parts)) != TYPES:
        return False
    type_, v, actor, _, at, offset, seen, basis, _ = parts
    blobs = raw.get("blobs", [])
    return (
        len(type_) <= MOST_NAME
        and "\0" not in type_  # which PostgreSQL keeps in no text: it would stop the whole queue
        and type(blobs) is list
        and all(type(name) is str and len(name) <= MOST_NAME for name in (*basis, *blobs))
        and parse_id(actor) is not None
        and all(-MOST_SEQ < number < MOST_SEQ for number in (v, at, offset, seen))
    )


class Pushing:
    """The judging of one batch."""

    def __init__(
        self, engine: Engine, unit: Unit, device: DeviceInfo, readable: dict[str, list[str]], body: dict[str, Any]
    ) -> None:
        self.engine = engine
        self.unit = unit
        self.session: Session = unit.session
        self.device = device
        self.body = body
        self.connection = unit.session.connection()
        self.backed_up_seq: int | None = None
        self.stream = self._stream()
        self.silent_from = (self.stream.heard_at or unit.now) + SILENT
        self.grants: GrantBook = engine.hooks.grants(self.session, device.id, body.get("grants") or {})
        self.readable = readable
        self.standings: dict[Id, Standing] = {}

    def take(self, sent: list[Sent]) -> list[Judged | dict[str, Any]]:
        """Judge what is new, look up what is known; then the device counts as heard."""
        expected = self.stream.last_seq + 1
        if sent and sent[0].seq > expected:
            raise ProtocolError(409, "expected_seq", next_seq=expected)
        known = self._known([s.id for s in sent])
        entries = self._entries(sent) if sent and sent[0].seq < expected else {}
        for one in sent:
            entry = entries.get(one.seq)
            if entry is not None and entry[0] != one.id:  # rule: T4
                raise ProtocolError(409, "fork", seq=one.seq)
        answers: dict[int, Judged | dict[str, Any]] = {}
        fresh: dict[Id, Sent] = {}
        for one in sent:
            if one.id in fresh:  # rule: T3
                answers[one.seq] = self._enter_reused(one)
            elif one.seq in entries:  # rule: T1, GEN-4
                answers[one.seq] = self._replay(known[one.id], reused=entries[one.seq][1] or known[one.id]["sha"] != one.sha)
            elif one.id in known:  # rule: T3
                answers[one.seq] = self._known_elsewhere(one, known[one.id])
            else:
                fresh[one.id] = one
        for one, judged in zip(fresh.values(), self._judge(list(fresh.values())), strict=True):
            answers[one.seq] = judged
        self._advance(sent)
        if self.unit.access_changed:
            self.readable = self.engine.hooks.buckets_of(self.session, self.device.id)
        return [answers[one.seq] for one in sent]

    def answer(self, sent: list[Sent], answers: list[Judged | dict[str, Any]]) -> dict[str, Any]:
        """What the device is told, after the revisions are known."""
        verdicts = []
        for one, said in zip(sent, answers, strict=True):
            if isinstance(said, Judged):
                final = self.unit.rejudged.get(one.id, said).values
                verdict = {"id": str(one.id), **verdict_data(final), "replayed": False}
            else:
                verdict = {"id": str(one.id), **said, "replayed": True}
            verdict["revs"] = {b: r for b, r in verdict["revs"].items() if b in self.readable}
            verdicts.append(verdict)
        last = self.stream.last_seq
        durable = last if self.backed_up_seq is None else self.backed_up_seq
        return {"durable_seq": durable, "next_seq": last + 1, "verdicts": verdicts}

    # -- known operations -------------------------------------------------------------------------------------------------

    def _known(self, ids: list[Id]) -> dict[Id, dict[str, Any]]:
        """What a replay tells of these operations, where they are known."""
        return {row["id"]: dict(row) for row in self.connection.execute(KNOWN, {"ids": ids}).mappings()}

    def _entries(self, sent: list[Sent]) -> dict[int, tuple[Id, bool]]:
        said = {"device": self.device.id, "first": sent[0].seq, "last": sent[-1].seq}
        return {seq: (id, reused) for seq, id, reused in self.connection.execute(ENTRIES, said)}

    def _replay(self, values: dict[str, Any], *, reused: bool) -> dict[str, Any]:
        """The operation's current verdict: a replay runs nothing."""
        return {"n": 1, **ID_REUSED} if reused else verdict_data(values)

    def _enter_reused(self, one: Sent) -> dict[str, Any]:
        """The same id twice in one batch: the second place of the stream carries nothing."""
        entry = {"device_id": self.device.id, "seq": one.seq, "operation_id": one.id, "reused": True}
        self.session.execute(insert(StreamEntry).values(entry))
        return {"n": 1, **ID_REUSED}

    def _known_elsewhere(self, one: Sent, values: dict[str, Any]) -> dict[str, Any]:
        """A known id at a new place: sent again by the device's successor (it moves there), or another content (T3)."""
        reused = values["sha"] != one.sha or values["device_id"] is None
        mine = values["device_id"] == self.device.id or values["device_id"] in self._predecessors
        if not reused and mine:
            self.session.execute(update(OperationRow).where(OperationRow.id == one.id).values(device_id=self.device.id))
            values["device_id"] = self.device.id
        reused = reused or not mine
        self.session.execute(
            insert(StreamEntry).values(device_id=self.device.id, seq=one.seq, operation_id=one.id, reused=reused)
        )
        return self._replay(values, reused=reused)

    @cached_property
    def _predecessors(self) -> set[Id]:
        return self.engine.hooks.predecessors(self.session, self.device.id)

    # -- new operations ---------------------------------------------------------------------------------------------------

    def _judge(self, fresh: list[Sent]) -> list[Judged]:
        """Judge in order; runs of one type and actor go to `many` together."""
        judged: list[Judged] = []
        previous = self.stream.happened_at
        prepared = []
        self.unit.note_sent(self.device.id, [one.id for one in fresh])
        for one in fresh:
            values, previous = self._values(one, previous)
            if values["happened_at"] > self.silent_from:
                self.unit.silent.add(one.id)
            prepared.append((one, values, self._verdict_before(one, values)))
        self.stream.happened_at = previous

        def run_key(item: tuple[Sent, dict[str, Any], Any]) -> tuple[Any, ...]:
            _, values, before = item
            return (before is None, values["type"], values["actor"], values["seq"] if before else 0)

        for _, group in groupby(prepared, key=run_key):
            run = list(group)
            before = run[0][2]
            if before is None:
                judged.extend(self._judge_open([(one, values) for one, values, _ in run]))
            else:
                judged.append(self._apply_before(run[0][1], before))
        insert_rows(
            self.session,
            StreamEntry,
            [{"device_id": self.device.id, "seq": one.seq, "operation_id": one.id, "reused": False} for one in fresh],
        )
        return judged

    def _judge_open(self, run: list[tuple[Sent, dict[str, Any]]]) -> list[Judged]:
        op = operations[run[0][1]["type"]]
        ready: list[tuple[dict[str, Any], dict[str, Any]]] = []
        found: list[Judged] = []
        for one, values in run:
            values.pop("seq")
            try:
                loaded = op.load(one.raw["data"])
            except Refused as bad:
                found.extend(self._flush_run(op, ready))
                found.append(
                    self.engine.refuse(
                        self.unit,
                        values,
                        "rejected",
                        bad.code,
                        fields=bad.fields,
                        names=bad.facts.get("names"),
                    )
                )
            else:
                ready.append((values, loaded))
        found.extend(self._flush_run(op, ready))
        return found

    def _flush_run(self, op: Operation, ready: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[Judged]:
        if not ready:
            return []
        run, ready[:] = list(ready), []
        return self.engine.judge_run(self.unit, op, run)

    def _values(self, one: Sent, previous: int) -> tuple[dict[str, Any], int]:
        """The operation's log row, its time corrected."""
        raw, now = one.raw, self.unit.now
        if one.fault:
            type_ = str(raw.get("type")).replace("\0", "")[:MOST_NAME]
            raw = {"type": type_, "v": 0, "actor": str(self.device.id), "at": now, "offset": 0, "seen": 0,
                   "basis": [], "data": {}, "blobs": []}  # fmt: skip
        time = corrected(raw["at"], raw["offset"], raw["seen"], previous=previous, received_at=now)
        op = operations.get(raw["type"])
        data = op.logged(raw["data"]) if op else raw["data"]
        values = {
            "id": one.id, "seq": one.seq, "site_id": self.device.site_id, "type": raw["type"], "v": raw["v"],
            "actor": parse_id(raw["actor"]), "door": "device", "device_id": self.device.id,
            "grant_id": parse_id(raw.get("grant")), "at": raw["at"], "offset": raw["offset"], "seen": raw["seen"],
            "happened_at": time.happened_at, "received_at": now, "clock_doubted": time.doubted, "basis": raw["basis"],
            "data": data, "blobs": list(raw.get("blobs", [])), "sha": one.sha, "n": 1, "exception_id": None,
            "caused_by": None, "revs": {},
        }  # fmt: skip
        return values, time.happened_at

    def _verdict_before(self, one: Sent, values: dict[str, Any]) -> tuple[str, str, dict[str, Any]] | None:
        """A verdict that needs no handler: (status, code, facts); `note` stands for a fact without effect."""
        if one.fault:
            return ("rejected", one.fault, {})
        if self.device.revoked:
            return ("parked", "quarantine", {})
        op = one.op
        if op is None:
            return ("parked", "unknown_type", {"type": values["type"]})
        if values["v"] > op.version:
            return ("parked", "newer_version", {"type": values["type"], "v": values["v"]})
        grant = self.grants.check(one.raw["grant"], values["actor"], values["happened_at"])
        if grant.code == "bad_grant":
            return ("rejected", "bad_grant", {})
        if grant.code or not self._may(values["actor"], op.right, values["happened_at"]):  # rule: T8, GEN-7
            return ("note" if op.fact else "rejected", "outside_grant", {})
        return None

    def _may(self, person: Id, right: str | None, at: int) -> bool:
        standing = self.standings.get(person)
        if standing is None:
            standing = self.standings[person] = self.engine.hooks.standing(self.session, person)
        return standing.may(right, self.device.site_id, at)

    def _apply_before(self, values: dict[str, Any], before: tuple[str, str, dict[str, Any]]) -> Judged:
        values.pop("seq")
        status, code, facts = before
        op = operations.get(values["type"])
        if status == "note" and op is not None:
            return self.engine.note(self.unit, op, values, code, **facts)
        if status == "parked":
            return self.engine.park(self.unit, values, code, **facts)
        return self.engine.refuse(self.unit, values, status, code, **facts)

    # -- the stream -------------------------------------------------------------------------------------------------------

    def _stream(self) -> StreamState:
        """Lock the device's stream, begun by its first push."""
        row = self.connection.execute(LOCKED, {"device": self.device.id}).one_or_none()
        if row is not None:
            self.backed_up_seq, *state = row
            return StreamState(*state)
        nothing = StreamState(0, 0, 0, 0)
        self.backed_up_seq = first_seq(self.connection)
        begun = {"device_id": self.device.id, "backed_up_seq": self.backed_up_seq, **vars(nothing)}
        self.connection.execute(insert(STREAM).values(begun))
        return nothing

    def _advance(self, sent: list[Sent]) -> None:
        """The stream moves on, and its device counts as heard: what waited for that looks again."""
        stream, before = self.stream, self.stream.heard_at
        declared = self.body.get("last_seq")
        stream.last_seq = max(stream.last_seq, sent[-1].seq if sent else 0)
        said = declared if isinstance(declared, int) and 0 <= declared < MOST_SEQ else stream.last_seq
        stream.declared_seq = max(said, stream.last_seq)
        stream.heard_at = self.unit.now
        self.connection.execute(ADVANCE, {"device": self.device.id, **vars(stream)})
        self.unit.fired.add(f"device:{self.device.id}")
        if self.unit.now - before > HEARD_EVERY:
            self.engine.hooks.heard(self.session, self.device.id, self.unit.now, None)


__all__ = ["MOST_BYTES_EACH", "MOST_OPERATIONS", "push"]
