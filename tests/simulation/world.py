"""The world a trace is lived in: the virtual clock, the house, the devices, and what is remembered to judge it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checklists.models import ChecklistRun, select_items
from app.demo.cast import PASSWORD
from app.lib import clock, ids
from app.lib.clock import DAY, HOUR, MINUTE, SECOND
from app.lib.errors import Refused
from app.lib.ids import Id
from app.stock.counting import BinCount, CountLine, StockTake
from app.stock.select import load_review
from app.sync.models import Bucket, Operation, OperationAbout
from tests.simulation import faults
from tests.simulation.device import Device, DeviceKilled, Failure, NotSaved
from tests.simulation.disk import Disk, Row
from tests.simulation.faults import Call, OnRequest
from tests.simulation.house import House, Reply, ServerKilled, uuid7_of
from tests.simulation.stage import LEADS

COPIES = 2
ROUNDS = 8


class Violation(Exception):
    """An invariant does not hold."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant, self.what = invariant, what


@dataclass
class Late:
    """A request that is still on its way."""

    call: Call
    jar: dict[str, str]
    steps: int


@dataclass
class World:
    """One seed's life."""

    house: House
    crews: list[tuple[str, ...]]
    devices: list[Device] = field(default_factory=list)
    dice: Random = field(default_factory=lambda: Random(0))
    log: dict[str, Row] = field(default_factory=dict)  # everything that anybody ever kept
    excused: dict[str, str] = field(default_factory=dict)  # what the server may lack, and why
    wanted: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # operation → the record that proves it
    issued: dict[str, str] = field(default_factory=dict)  # grant → person, of every token that came to a device
    shown: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # signature → the answers its device showed
    looked: dict[Id, tuple[str, frozenset[Id]]] = field(default_factory=dict)
    snapshots: dict[str, tuple[Disk, dict[str, str]]] = field(default_factory=dict)
    late: list[Late] = field(default_factory=list)
    heads: dict[str, int] = field(default_factory=dict)
    judged: dict[Id, int] = field(default_factory=dict)
    coverage: Counter[str] = field(default_factory=Counter)
    armed: list[tuple[Device, OnRequest, int]] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    was_restored: bool = False
    kept_heads: tuple[dict[str, int], dict[Id, int]] | None = None

    # -- beginning and end ------------------------------------------------------------------------------------------------

    @contextmanager
    def alive(self) -> Iterator[None]:
        """A fresh house, with ids that follow the dice; everybody enrols."""
        kept = ids.compat
        ids.compat = SimpleNamespace(uuid7=lambda: uuid7_of(clock.now(), self.dice))
        try:
            self.house.fresh()
            self.house.engine.after_commit.append(self._committed)
            self._read_heads()
            for n, crew in enumerate(self.crews):
                self.dice = Random(f"begin {n}")
                device = Device(self, f"d{n}", crew)
                self.devices.append(device)
                device.sign_in(crew[0])
                device.sync()
            yield
        finally:
            self.house.engine.after_commit.clear()
            ids.compat = kept

    @property
    def stage(self) -> Any:
        return self.house.stage

    @property
    def now(self) -> int:
        return self.house.now

    @property
    def most_devices(self) -> int:
        return len(self.crews) + COPIES

    def pass_time(self, ms: int) -> None:
        """The virtual clock moves; nothing else does."""
        self.house.now += ms

    def limit(self, holds: bool, invariant: str, what: str) -> None:
        """A thing that must be so at this moment."""
        if not holds:
            raise Violation(invariant, what)

    def fired(self, what: str) -> None:
        """Count what happened."""
        self.coverage[what] += 1

    # -- the wire ---------------------------------------------------------------------------------------------------------

    def ask(
        self, jar: dict[str, str], method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[Reply, dict[str, str]]:  # fmt: skip
        """The server is asked at the virtual time."""
        with clock.at(self.now):
            return self.house.ask(jar, method, path, body, headers)

    def network(self, device: Device, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        """A request on its way; an armed fault strikes the first that fits, after as many as it lets pass."""
        self.pass_time(self.dice.randint(5, 120))
        call = Call(self, device, method, path, body, headers)
        reply = self._struck(call)
        self.pass_time(self.dice.randint(5, 120))
        return reply

    def _struck(self, call: Call) -> Reply:
        for one in self.armed:
            device, fault, left = one
            if device is call.device and call.kind in fault.kinds:
                self.armed.remove(one)
                if left <= 0:
                    return faults.strike(call, fault)
                self.armed.append((device, fault, left - 1))
                break
        return call.deliver()

    def disarm(self) -> None:
        """What did not strike in its step does not; only what waits for a photo goes on waiting."""
        self.armed = [one for one in self.armed if one[1].kinds == {faults.BLOB}]

    def send_late(self, call: Call, jar: dict[str, str]) -> None:
        """It arrives some steps later."""
        self.late.append(Late(call, jar, self.dice.randint(1, 12)))

    def deliver_late(self, *, everything: bool = False) -> None:
        """What was on its way arrives; nobody waits for its answer."""
        due = []
        for one in self.late:
            one.steps -= 1
            if everything or one.steps <= 0:
                due.append(one)
        self.late = [one for one in self.late if one not in due]
        for one in due:
            self.ask(one.jar, one.call.method, one.call.path, one.call.body, one.call.headers)

    def sign_in(self, device: Device, login: str) -> None:
        """The person signs in at the office in this browser; without a network they cannot."""
        form = f"login={login}&password={PASSWORD}".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        jar = {name: value for name, value in device.jar.items() if name != "offstage-session"}
        reply, cookies = self.ask(jar, "POST", "/signin", form, headers)
        if reply.status != 303:
            raise Failure("unknown_device", 401, "sign_in_first")
        device.jar.update(cookies)

    # -- devices ----------------------------------------------------------------------------------------------------------

    def copy(self, device: Device) -> Device:
        """Another browser with the same profile."""
        found = Device(self, f"{device.name}'", device.crew)
        found.disk, found.safe, found.jar = device.disk, [device.disk], dict(device.jar)
        found.skew, found.was, found.corrupted = device.skew, device.was, set(device.corrupted)
        self.devices.append(found)
        return found

    def come(self, device: Device, login: str, *, give_up: bool = False) -> bool:
        """Somebody tries to sign in on a device."""
        try:
            device.sign_in(login, give_up=give_up)
            return True
        except Failure as failure:
            self.fired(f"no sign-in: {failure.code or failure.reason}")
            return False

    def quietly(self, device: Device) -> None:
        """The device exchanges while nothing strikes it."""
        armed, self.armed = self.armed, []
        try:
            device.sync()
        finally:
            self.armed = armed

    def made(self, device: Device, row: Row) -> None:
        """An operation is on a disk: it must not be lost."""
        if row["id"] in self.log:
            return  # forged: somebody else's id
        self.log[row["id"]] = row
        if row["shows"]:
            self.wanted[row["id"]] = row["shows"]

    def expect(self, id: str, record: tuple[str, str, str]) -> None:
        """Once the operation is in force and settled, the device holds this record (bucket, kind, id)."""
        self.wanted[id] = record

    def told(self, device: Device, verdicts: list[Any]) -> None:
        """I2: a replay tells the current verdict."""
        again = {Id(said["id"]): said for said in verdicts if said["replayed"] and said["code"] != "id_reused"}
        if not again:
            return
        with self.house.reading() as session:
            rows = session.execute(
                select(Operation.id, Operation.n, Operation.status, Operation.code).where(Operation.id.in_(again))
            ).all()
        for id, *current in rows:
            said = [again[id][name] for name in ("n", "status", "code")]
            self.limit(said == current, "I2", f"a replay of {id} says {said}, it is {current}")

    def settled(self, device: Device, disk: Disk, row: Row) -> None:
        """I4: what is in force and settled is there to be seen."""
        verdict, wanted = row["verdict"], self.wanted.get(row["id"])
        if wanted is None or verdict["status"] != "applied" or device.corrupted:
            return
        bucket, kind, id = wanted
        if bucket in verdict["revs"] and bucket in disk.state["buckets"]:
            there = (kind, id) in disk.base.get(bucket, {})
            self.limit(there, "I4", f"{device.name} settled {row['type']} {row['id']} without its record {kind} {id}")

    def pulled(self, device: Device) -> None:
        """I8, now and then: what it holds after a pull is what its people may read."""
        from tests.simulation.invariants import check_audience

        if self.dice.random() < 0.15:
            check_audience(self, device)

    def given_up(self, device: Device) -> None:
        """A person gave up what a revoked device could not hand in."""
        for row in device.disk.unsaid():
            self.excused.setdefault(row["id"], "given up by a person")

    def excuse(self, disk: Disk, why: str, *, but: Disk | None = None) -> None:
        """What was only on this disk is lost, and nobody's fault."""
        kept = {*but.outbox, *but.journal} if but else set()
        for id in {*disk.outbox, *disk.journal} - kept:
            self.excused.setdefault(id, why)

    # -- the office -------------------------------------------------------------------------------------------------------

    def office(self, verb: Callable[..., Any], login: str, **said: Any) -> bool:
        """Somebody does something at the office door; a rule may say no."""
        try:
            with self.house.app.app_context(), clock.at(self.now):
                verb(self.stage.people[login], **said)
            return True
        except Refused as refused:
            self.fired(f"office: {refused.code}")
            return False

    def take_backup(self) -> None:
        """The database is copied, and with it what is remembered of it."""
        with clock.at(self.now):
            self.house.take_backup()
        self.kept_heads = (dict(self.heads), dict(self.judged))
        self.snapshots = {device.name: (device.disk, dict(device.jar)) for device in self.devices if device.id}

    def restore(self) -> None:
        """Go back to the backup under a new epoch. What was settled in a stream that was left is sent by nobody again."""
        if self.kept_heads is None:
            return
        with clock.at(self.now):
            self.house.restore()
        self.heads, self.judged = dict(self.kept_heads[0]), dict(self.kept_heads[1])
        self.looked.clear()
        self.was_restored = True
        for device in self.devices:
            for row in device.disk.journal.values():
                if row["stream"] != device.disk.stream["id"]:
                    self.excused.setdefault(row["id"], "restored: settled in an earlier stream")

    def look(self, take_id: Id) -> tuple[str, frozenset[Id]]:
        """A review as somebody sees it: its token, and the lines it rests on."""
        with self.house.reading() as session:
            state = load_review(session, self.take(session, take_id)).state()
            return state, self._lines(session, take_id)

    def approved(self, take_id: Id, lines: frozenset[Id]) -> None:
        """I7: no approval covers what was not shown."""
        self.fired("approval given")
        with self.house.reading() as session:
            now = self._lines(session, take_id)
        self.limit(now == lines, "I7", f"the approval of {take_id} covers lines that were not shown")

    # -- reading what is there --------------------------------------------------------------------------------------------

    def _lines(self, session: Session, take_id: Id) -> frozenset[Id]:
        """Lines of finished counts, not taken back."""
        query = select(CountLine.id).join(BinCount, BinCount.id == CountLine.bin_count_id)
        query = query.where(CountLine.stock_take_id == take_id, CountLine.withdrawn_at.is_(None))
        return frozenset(session.scalars(query.where(BinCount.finished_at.is_not(None), BinCount.replaced_by.is_(None))))

    def take(self, session: Session, take_id: Id) -> StockTake:
        return session.get_one(StockTake, (self.stage.site, take_id))

    def takes(self, session: Session, *statuses: str) -> list[Id]:
        return list(session.scalars(select(StockTake.id).where(StockTake.status.in_(statuses)).order_by(StockTake.id)))

    def runs(self, session: Session) -> list[ChecklistRun]:
        """Runs that the steps work on and that are not called off."""
        query = select(ChecklistRun).where(ChecklistRun.code.in_(self.stage.good), ChecklistRun.status != "cancelled")
        return list(session.scalars(query))

    def contested(self, session: Session) -> list[tuple[Id, str, list[str]]]:
        rows = select_items(session, [run.id for run in self.runs(session)])
        return sorted((row.run_id, row.item_id, row.state) for row in rows if row.contested)

    def late_counts(self, session: Session) -> list[Id]:
        """Counts that something came too late for."""
        query = select(OperationAbout.about_id).join(Operation, Operation.id == OperationAbout.operation_id)
        query = query.where(OperationAbout.kind == "bin_count", Operation.code == "after_close", Operation.status == "noted")
        return sorted({Id(id) for id in session.scalars(query)})

    def _read_heads(self) -> None:
        with self.house.reading() as session:
            self.heads = dict(session.execute(select(Bucket.name, Bucket.rev)).all())
            self.judged = dict(session.execute(select(Operation.id, Operation.n)).all())

    # -- every commit -----------------------------------------------------------------------------------------------------

    def _committed(self, unit: Any) -> None:
        """I5, I2, I7 at the moment they could break."""
        for bucket, rev in unit.revs.items():
            self.limit(rev == self.heads.get(bucket, 0) + 1, "I5", f"{bucket} went from {self.heads.get(bucket, 0)} to {rev}")
            self.heads[bucket] = rev
        for judged in unit.judged:
            values = judged.values
            self.limit(values["id"] not in self.judged, "I2", f"{values['type']} {values['id']} was judged twice")
            self.judged[values["id"]] = values["n"]
            self._note(values)
            if values["type"] == "checklists.accept_run" and values["status"] == "applied":
                self._check_signature(values)
        for judged in unit.rejudged.values():
            values = judged.values
            before = self.judged.get(values["id"], 0)
            self.limit(values["n"] > before, "I2", f"{values['id']} went from verdict {before} to {values['n']}")
            self.judged[values["id"]] = values["n"]
            self._note(values)

    def _note(self, values: dict[str, Any]) -> None:
        door = "" if values["door"] == "device" else "office "
        self.fired(f"{door}verdict {values['status']}")
        if values["code"]:
            self.fired(f"{door}code {values['status']}: {values['code']}")
        if door == "" and values["n"] > 1:
            self.fired(f"later verdict {values['status']}")

    def _check_signature(self, values: dict[str, Any]) -> None:
        """I7: what is signed is what was shown."""
        shown = self.shown.get(str(values["id"]))
        if shown is None:
            return
        with self.house.reading() as session:
            rows = select_items(session, [Id(values["data"]["run_id"])])
            current = {row.item_id: sorted(row.state) for row in rows if row.state}
        self.limit(current == shown, "I7", f"a signature covers answers that were not shown: {current} for {shown}")

    # -- one step ---------------------------------------------------------------------------------------------------------

    def guard(self, device: Device, work: Callable[[], Any]) -> str:
        """Do something on a device; what may end it ends only itself."""
        try:
            work()
        except NotSaved:
            return "not saved"
        except Failure as failure:
            device.failure = failure
            return str(failure)
        except (DeviceKilled, ServerKilled) as killed:
            device.boot()
            return type(killed).__name__
        return ""

    # -- the end ----------------------------------------------------------------------------------------------------------

    def settle_down(self) -> None:
        """All faults stop, everybody comes, and syncs until nothing waits."""
        self.dice, self.armed = Random("settle down"), []
        self.deliver_late(everything=True)
        for device in self.devices:
            device.boot()
            device.skew = 0
            self.pass_time(MINUTE)
            self._bring_back(device)
        for n in range(ROUNDS):
            for device in self.devices:
                self.pass_time(SECOND)
                self.guard(device, device.sync)
                if n < ROUNDS - 1 and device.failure and device.failure.reason in ("unknown_device", "revoked", "forbidden"):
                    self._bring_back(device)
            if n >= 1 and not any(device.disk.unsaid() or device.failure for device in self.devices):
                break
        for _ in range(2):  # sums are compared once a day; what differs is asked whole by the next exchange
            self.pass_time(DAY + HOUR)
            for device in self.devices:
                self.guard(device, device.sync)

    def _bring_back(self, device: Device) -> None:
        """Somebody sees to it that the device is enrolled and that somebody works on it, who may do one more thing."""
        self.guard(device, device.sync)
        if device.id is None or device.person is None or device.failure or device.state["revoked"]:
            for login in (*device.crew, *LEADS):
                if self.come(device, login, give_up=True):
                    break
        if self.dice.random() < 0.5:
            said = {"bin_id": str(self.stage.bins[0]), "product_id": str(self.stage.products[0]), "quantity": "1"}
            self.guard(device, lambda: device.append("stock.receive", said))


__all__ = ["Violation", "World"]
