"""The engine: applies operations at two doors and gives each its verdict (sync.md §1–§3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.lib.clock import now
from app.lib.db import Writer
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.sync.blobs import BlobStore, Taken, take
from app.sync.durable import first_seq
from app.sync.errors import Hold, NoEffect
from app.sync.hooks import Hooks
from app.sync.models import Operation as OperationRow
from app.sync.models import Stream
from app.sync.registry import Item, Operation, Outcome, listeners, operations
from app.sync.tx import DEVICE, OFFICE, Tx
from app.sync.unit import Judged, Unit, waiting_for

log = structlog.get_logger()


def engine() -> Engine:
    """The current app's engine."""
    found: Engine = current_app.extensions["offstage-engine"]
    return found


class Engine:
    """One per app. `hooks` answers what only the layers above know."""

    def __init__(self, writer: Writer, hooks: Hooks) -> None:
        self.writer = writer
        self.hooks = hooks
        self.after_commit: list[Callable[[Unit], None]] = []

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """One write transaction, ended by its records and log."""
        with self.writer.session() as session:
            unit = Unit(session, now())
            yield unit
            self._release(unit)
            unit.finish()
        for told in self.after_commit:
            told(unit)

    # -- the office door --------------------------------------------------------------------------------------------------

    def perform(
        self,
        op: Operation,
        actor: Id,
        data: dict[str, Any],
        *,
        basis: list[str] | None = None,
        operation_id: Id | None = None,
        blobs: list[str] | None = None,
        site_id: Id | None = None,
        trusted: bool = False,
    ) -> Outcome:
        """Apply at once, or raise `Refused` with nothing changed. An `operation_id` said twice has one effect (GEN-4).

        `trusted`: no right is asked: the first run, where nobody exists yet, and a device that speaks for itself.
        """
        wire = orjson.loads(orjson.dumps(data))
        loaded = op.load(wire)
        id = operation_id or new_id()

        def once(tries: int) -> Outcome:
            with self.unit() as unit:
                if (tries or operation_id is not None) and (known := unit.session.get(OperationRow, id)):
                    return Outcome(known.id, known.status, known.code, known.facts)
                site = site_id or self.hooks.site_of(unit.session, actor) or loaded.get("site_id")
                values = envelope(
                    op, actor, wire, door=OFFICE, site_id=site, id=id, at=unit.now,
                    happened_at=unit.now, received_at=unit.now, basis=basis or [], blobs=blobs or [],
                )  # fmt: skip
                if not trusted and not self.hooks.standing(unit.session, actor).may(op.right, site, unit.now):
                    raise Forbidden(right=op.right)
                tx = self._tx(unit, op, values)
                self._run(tx, op, actor, loaded)
                unit.session.flush()
                judged = self._settle(unit, tx, values, "applied", None, {})
                return Outcome(judged.values["id"], "applied", None, {})

        return self.writer.retried(once)

    # -- the device door --------------------------------------------------------------------------------------------------

    def judge(self, unit: Unit, op: Operation, values: dict[str, Any], loaded: dict[str, Any]) -> Judged:
        """Run a device's operation in a savepoint and say what became of it. Never raises for what the operation did."""
        for attempt in (1, 2):
            tx = self._tx(unit, op, values)
            try:
                with unit.savepoint():
                    self._run(tx, op, values["actor"], loaded)
            except NoEffect as doubt:
                return self._no_effect(unit, tx, values, doubt.code, doubt.facts)
            except Hold as wait:
                return self._settle(unit, tx, values, "held", wait.code, wait.facts, waits_for=wait.keys)
            except Refused as refused:
                facts = {**refused.facts, **({"fields": refused.fields} if refused.fields else {})}
                return self._settle(unit, tx, values, "rejected", refused.code, facts)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("operation failed", type=op.type, operation=str(values["id"]), attempt=attempt)
                if attempt == 2:
                    return self._park(unit, tx, values, "handler_failed")
            else:
                if tx.doubts:
                    return self._in_doubt(unit, tx, values)
                return self._settle(unit, tx, values, "applied", None, {})
        raise AssertionError("unreachable")

    def judge_run(self, unit: Unit, op: Operation, run: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[Judged]:
        """Judge consecutive operations of one type and actor, by `many` where that goes through for all of them."""
        if op.many is not None and len(run) > 1 and not unit.silent:
            first = run[0][0]
            tx = self._tx(unit, op, first)
            items = [Item(v["id"], v["happened_at"], v["basis"], v["blobs"], loaded) for v, loaded in run]
            try:
                with unit.savepoint():
                    op.many(tx, first["actor"], items)
                    if tx.doubts:
                        raise NoEffect(*tx.doubts[0])
            except (OperationalError, InterfaceError):
                raise
            except Exception as why:  # whatever it was, the single form says it better
                if not isinstance(why, (NoEffect, Hold, Refused)):
                    log.exception("many failed", type=op.type, operations=len(run))
            else:
                return self._settle_many(unit, tx, [values for values, _ in run])
        return [self.judge(unit, op, values, loaded) for values, loaded in run]

    def refuse(self, unit: Unit, values: dict[str, Any], status: str, code: str, **facts: Any) -> Judged:
        """A verdict given before any handler ran."""
        return self._log(unit, Judged(decided(values, unit.now, status, code, facts)))

    def park(self, unit: Unit, values: dict[str, Any], code: str, **facts: Any) -> Judged:
        """Not understood, or from a device that may say nothing any more: kept whole, and a person is told."""
        return self._park(unit, self._tx(unit, operations.get(values["type"]), values), values, code, **facts)

    def note(self, unit: Unit, op: Operation, values: dict[str, Any], code: str, **facts: Any) -> Judged:
        """A fact that may not take effect: kept, with an exception (GEN-6)."""
        return self._no_effect(unit, self._tx(unit, op, values), values, code, facts)

    # -- around the doors -------------------------------------------------------------------------------------------------

    def keep_blob(self, store: BlobStore, body: bytes, device_id: Id | None = None, sha: str | None = None) -> tuple[str, Taken]:
        """Take a picture: (sha256, what became of it). From a device the hash comes with it, in the office it is made."""
        named = sha or hashlib.sha256(body).hexdigest()

        def once(_tries: int) -> Taken:
            with self.writer.session() as session:
                return take(session, store, named, body, device_id, now=now())

        return named, self.writer.retried(once)

    def heard(self, device_id: Id, last_seq: int | None, report: dict[str, Any] | None = None) -> None:
        """A device was heard from: what waited for it looks again."""
        self.writer.retried(lambda _: self._heard(device_id, last_seq, report))

    def _heard(self, device_id: Id, last_seq: int | None, report: dict[str, Any] | None) -> None:
        with self.unit() as unit:
            stream = unit.session.get(Stream, device_id)
            if stream is None:
                backed_up = first_seq(unit.session.connection())
                stream = Stream(
                    device_id=device_id, last_seq=0, declared_seq=0, happened_at=0, heard_at=0, backed_up_seq=backed_up
                )
                unit.session.add(stream)
            stream.heard_at = unit.now
            if last_seq is not None:
                stream.declared_seq = max(last_seq, stream.last_seq)
            unit.session.flush()
            unit.fired.add(f"device:{device_id}")
            self.hooks.heard(unit.session, device_id, unit.now, report)

    # -- verdicts that change later ---------------------------------------------------------------------------------------

    def rerun(self, unit: Unit, row: OperationRow, *, admitted: str | None = None) -> Judged:
        """Judge a kept operation again, as of its own `happened_at`; its verdict's `n` grows by one."""
        values = as_values(row)
        values["n"] += 1
        op = operations.get(row.type)
        if op is None or row.v > op.version:
            return Judged(decided(values, unit.now, "parked", "unknown_type", {"type": row.type}))
        before = len(unit.judged)
        try:
            loaded = op.load(row.data)
        except Refused as refused:
            self.refuse(unit, values, "rejected", refused.code, **refused.facts, fields=refused.fields)
        else:
            values["admitted"] = admitted
            self.judge(unit, op, values, loaded)
        judged = unit.judged[before]
        del unit.judged[before:]
        judged.values.pop("admitted", None)
        return judged

    def _release(self, unit: Unit) -> None:
        """Look again at held operations whose keys fired, until nothing more moves; they end in `unit.rejudged`."""
        if not unit.somebody_waits():
            return
        done: set[str] = set()
        while keys := unit.keys_fired() - done:
            done |= keys
            for row in [*waiting_for(unit.session, keys), *unit.waiting_here(keys)]:
                if row.id in unit.rejudged and unit.rejudged[row.id].values["status"] != "held":
                    continue
                judged = self.rerun(unit, row)
                if same_wait(row, judged):
                    unit.wait_on(row.id, judged.waits_for)
                else:
                    unit.rejudged[row.id] = judged

    # -- inside -----------------------------------------------------------------------------------------------------------

    def _tx(self, unit: Unit, op: Operation | None, values: dict[str, Any]) -> Tx:
        is_fact = op is not None and op.fact
        tx = Tx(
            unit, operation_id=values["id"], type=values["type"], fact=is_fact, door=values["door"], actor=values["actor"],
            site_id=values["site_id"], happened_at=values["happened_at"], device_id=values["device_id"],
            basis=values["basis"], blobs=values["blobs"], admitted=values.get("admitted"),
        )  # fmt: skip
        if is_fact and values["id"] in unit.silent:
            tx.doubt("long_silent")
        return tx

    def _run(self, tx: Tx, op: Operation, actor: Id, loaded: dict[str, Any]) -> None:
        op.handler(tx, actor, **loaded)
        for step in listeners.get(op.type, ()):
            step(tx, actor, **loaded)

    def _settle(
        self, unit: Unit, tx: Tx, values: dict[str, Any], status: str, code: str | None, facts: dict[str, Any],
        *, waits_for: tuple[str, ...] = (), in_force: bool | None = None,
    ) -> Judged:  # fmt: skip
        effective = status == "applied" if in_force is None else in_force
        judged = Judged(
            decided(values, unit.now, status, code, facts, in_force=effective),
            abouts=tx.abouts,
            waits_for=waits_for,
        )
        if effective:
            judged.touched = tx.touched
            judged.steps = tx.steps
            unit.access_changed |= tx.access_changed
        return self._log(unit, judged)

    def _log(self, unit: Unit, judged: Judged) -> Judged:
        unit.judged.append(judged)
        unit.makers.append(judged)
        return judged

    def _settle_many(self, unit: Unit, tx: Tx, run: list[dict[str, Any]]) -> list[Judged]:
        """Every operation of the run is applied, with what `tx.of(item)` says each of them touched."""
        found = []
        verdict = decided({}, unit.now, "applied", None, {})
        for values in run:
            own = tx.by_operation.get(values["id"], tx)
            found.append(self._log(unit, Judged(values | verdict, touched=own.touched, abouts=own.abouts)))
        found[0].steps = tx.steps
        unit.access_changed |= tx.access_changed
        return found

    def _no_effect(self, unit: Unit, tx: Tx, values: dict[str, Any], code: str, facts: dict[str, Any]) -> Judged:
        tx.touched.clear()
        tx.steps.clear()
        judged = self._settle(unit, tx, values, "noted", code, facts, in_force=False)
        self._except(unit, tx, judged)
        return judged

    def _park(self, unit: Unit, tx: Tx, values: dict[str, Any], code: str, **facts: Any) -> Judged:
        tx.touched.clear()
        tx.steps.clear()
        judged = self._settle(unit, tx, values, "parked", code, facts)
        self._except(unit, tx, judged)
        return judged

    def _in_doubt(self, unit: Unit, tx: Tx, values: dict[str, Any]) -> Judged:
        code, facts = tx.doubts[0]
        judged = self._settle(unit, tx, values, "noted", code, facts, in_force=True)
        self._except(unit, tx, judged)
        return judged

    def _except(self, unit: Unit, tx: Tx, judged: Judged) -> None:
        """Open the exception of a noted or parked operation; what that touches is part of it. One being admitted has its own."""
        if tx.admitted is not None:
            return
        row = OperationRow(**{k: v for k, v in judged.values.items() if k != "admitted"})
        judged.values["exception_id"] = self.hooks.open_exception(tx, row, row.code or "", row.facts)
        unit.session.flush()
        judged.touched = tx.touched
        judged.steps = tx.steps


def envelope(op: Operation, actor: Id, wire: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The log row of an operation, its verdict still open."""
    row = {
        "type": op.type, "v": op.version, "actor": actor, "device_id": None, "grant_id": None, "offset": 0, "seen": 0,
        "clock_doubted": False, "data": op.logged(wire), "n": 1, "exception_id": None, "caused_by": None, "revs": {}, **values,
    }  # fmt: skip
    row.setdefault("sha", content_sha(row["type"], row["v"], actor, row["at"], row["basis"], row["data"], row["blobs"]))
    return row


def content_sha(type: object, v: object, actor: object, at: object, basis: object, data: object, blobs: object) -> bytes:
    """sha256 over canonical JSON of what an operation says: the same id with another content is `id_reused`."""
    return hashlib.sha256(content(type, v, actor, at, basis, data, blobs)).digest()


def content(type: object, v: object, actor: object, at: object, basis: object, data: object, blobs: object) -> bytes:
    """What an operation says, as canonical JSON."""
    said = {"type": type, "v": v, "actor": str(actor), "at": at, "basis": basis, "data": data, "blobs": blobs}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def decided(
    values: dict[str, Any], at: int, status: str, code: str | None, facts: dict[str, Any], *, in_force: bool | None = None
) -> dict[str, Any]:  # fmt: skip
    """`values` with the verdict filled in."""
    effective = status == "applied" if in_force is None else in_force
    return {
        **values,
        "status": status,
        "code": code,
        "facts": jsonable(facts),
        "in_force": effective,
        "decided_at": at,
    }


def jsonable(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as they are stored and sent."""
    if not facts:
        return {}
    found: dict[str, Any] = orjson.loads(orjson.dumps(facts, default=str))
    return found


def as_values(row: OperationRow) -> dict[str, Any]:
    """A stored operation as the values of its row."""
    return {column.key: getattr(row, column.key) for column in OperationRow.__table__.columns}


def same_wait(row: OperationRow, judged: Judged) -> bool:
    """Still held for the same reason: not worth a new verdict."""
    values = judged.values
    return values["status"] == "held" and (values["code"], values["facts"]) == (row.code, row.facts)


def find_operation(session: Session, operation_id: Id) -> OperationRow:
    """A logged operation, or NotFound."""
    row = session.scalar(select(OperationRow).where(OperationRow.id == operation_id))
    if row is None:
        raise NotFound("operation")
    return row


__all__ = ["DEVICE", "OFFICE", "Engine", "engine", "find_operation"]
