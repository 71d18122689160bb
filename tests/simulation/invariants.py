"""The invariants of sync.md §6: what must be true when all is quiet, and the part of it that is true at any moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any
from zlib import crc32

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checklists.models import ChecklistAnswer
from app.devices.access import buckets_of, predecessors
from app.devices.models import Device as DeviceRow
from app.devices.models import Grant
from app.ledger.models import Balance, Holding, Movement
from app.ledger.select import rebuilt
from app.lib import clock
from app.lib.ids import Id
from app.people.models import Person, PersonRole
from app.stock.counting import CountLine, SettledCount
from app.stock.holding_back import is_withheld
from app.stock.models import bin_account
from app.sync.engine import content_sha, engine
from app.sync.models import Blob, Bucket, Operation, Record, Stream, StreamEntry, Unmade, Waiting
from app.sync.registry import renderers
from tests.conftest import _known_ids
from tests.simulation.device import Device
from tests.simulation.stage import START
from tests.simulation.world import Violation, World

Check = Callable[[World, Session], None]
LEAD_ROLES = {"shift_lead", "logistics_manager", "operations", "supervisor"}
BOOK_ROLES = {
    "logistics_manager", "shift_lead", "warehouse_keeper", "shipping_clerk", "returns_clerk", "buyer", "operations",
    "supervisor", "finance", "general_manager",
}  # fmt: skip
MOVES = ("stock.receive", "stock.issue", "stock.transfer")
# Who was put on a list or a count is asked as of now: somebody who left it meanwhile waits on, and hears this in the end.
LEFT_MEANWHILE = {"not_your_list", "not_your_count"}
SECRET = {"quantity", "book", "variance", "on_hand", "balance", "difference"}
at_rest: list[Check] = []
any_time: list[Check] = []


def rest(check: Check) -> Check:
    """Register what is true when all is quiet."""
    at_rest.append(check)
    return check


def always(check: Check) -> Check:
    """Register what is true at any moment."""
    any_time.append(check)
    return rest(check)


def check_at_rest(world: World) -> None:
    """Everything."""
    _check(world, at_rest)
    for device in world.devices:
        check_audience(world, device)


def check_any_time(world: World) -> None:
    """What may be looked at while things move."""
    _check(world, any_time)


def _check(world: World, checks: list[Check]) -> None:
    with clock.at(world.now), world.house.reading() as session:
        for check in checks:
            check(world, session)
            session.expunge_all()


def _differ(one: Any, other: Any) -> str:
    """A few of the keys in which two dictionaries differ."""
    keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    return "; ".join(f"{key}: {one.get(key)} | {other.get(key)}" for key in keys[:3])[:900]


# -- I1, I2, I11: what became of every operation --------------------------------------------------------------------------


@rest
def check_nothing_lost(world: World, session: Session) -> None:
    """I1, I9: what was kept on any device is on the server as it was said, or is excused by name."""
    rows = {row.id: row for row in session.scalars(select(Operation).where(Operation.door == "device"))}
    waiting = {id for device in world.devices for id, row in device.disk.outbox.items() if row["verdict"] is None}
    for id, made in world.log.items():
        row = rows.get(Id(id))
        if row is None:
            if id in world.excused:
                continue
            name = "I9" if id in waiting else "I1"
            raise Violation(name, f"{made['type']} {id} of stream {made['stream']} at {made['seq']} is not on the server")
        sha = content_sha(made["type"], made["v"], made["actor"], made["at"], made["basis"], made["data"], made["blobs"])
        if row.sha != sha:
            raise Violation("I1", f"{made['type']} {id} says something else on the server")


@rest
def check_queues_are_empty(world: World, session: Session) -> None:
    """I9, I10: no queue waits for the server's word."""
    for device in world.devices:
        if unsaid := device.disk.unsaid():
            raise Violation("I9", f"{device.name} still waits with {len(unsaid)}: {device.failure}; {unsaid[0]['type']}")


@always
def check_grants(world: World, session: Session) -> None:
    """I11: behind each effect of a device stand a device, a person and a grant of theirs for that moment."""
    grants = {grant.id: grant for grant in session.scalars(select(Grant))}
    before = cache(lambda device_id: predecessors(session, device_id))
    rows = session.execute(
        select(
            Operation.id, Operation.type, Operation.device_id, Operation.grant_id, Operation.actor, Operation.happened_at,
            Operation.n,
        ).where(Operation.door == "device", Operation.in_force, Operation.caused_by.is_(None))
    )  # fmt: skip
    for id, type, device_id, grant_id, actor, happened_at, n in rows:
        if n > 1:
            continue  # a person has looked at it since, or what it waited for came
        grant = grants.get(grant_id)
        if grant is None and world.was_restored and world.issued.get(str(grant_id)) == str(actor):
            continue  # given after the backup that is in place now: its token stands for it
        if grant is None or grant.person_id != actor:
            raise Violation("I11", f"{type} {id} is in force without a grant of its actor")
        family = {device_id} | before(device_id)
        if grant.device_id not in family and device_id not in before(grant.device_id):
            raise Violation("I11", f"{type} {id} is in force by a grant of another device")
        if happened_at < grant.from_at or (grant.ended_at is not None and happened_at > grant.ended_at):
            raise Violation("I11", f"{type} {id} is in force outside its grant")


@rest
def check_one_effect(world: World, session: Session) -> None:
    """I2, I7: an observation in force is there exactly once, one that is not is nowhere."""
    effects: dict[str, set[Id]] = {
        "checklists.answer_item": set(session.scalars(select(ChecklistAnswer.id))),
        "stock.record_count_line": set(session.scalars(select(CountLine.id))),
        **{type: set(session.scalars(select(Movement.operation_id))) for type in MOVES},
    }
    rows = session.execute(
        select(Operation.id, Operation.type, Operation.in_force, Operation.status, Operation.code).where(
            Operation.type.in_(effects), Operation.door == "device"
        )
    )
    for id, type, in_force, status, code in rows:
        is_history = type == "checklists.answer_item" and code == "decided_otherwise"  # it lost to another and stays on file
        if (id in effects[type]) != in_force and not is_history:
            raise Violation("I2", f"{type} {id} is {status} {code}, in force: {in_force}, effect: {id in effects[type]}")


# -- I3, I8: what devices hold --------------------------------------------------------------------------------------------


@rest
def check_replicas(world: World, session: Session) -> None:
    """I3: every replica holds exactly what the server would tell it."""
    live: dict[str, dict[tuple[str, str], tuple[int, Any]]] = defaultdict(dict)
    for row in session.scalars(select(Record).where(Record.gone.is_(False))):
        live[row.bucket][row.kind, row.id] = (row.rev, orjson.loads(row.data))
    for device in world.devices:
        if device.id is None or device.failure:
            raise Violation("I9", f"{device.name} does not get through: {device.failure}")
        wanted = buckets_of(session, Id(device.id))
        held = set(device.state["buckets"])
        if held != set(wanted):
            raise Violation("I3", f"{device.name} holds {sorted(held)}, it may read {sorted(wanted)}")
        for bucket in held - device.corrupted:
            if device.disk.base.get(bucket, {}) != live[bucket]:
                raise Violation("I3", f"{device.name} {bucket}: {_differ(device.disk.base.get(bucket, {}), live[bucket])}")


def check_audience(world: World, device: Device) -> None:
    """I8: a device that has just pulled holds nothing that its people must not read."""
    if device.id is None:
        return
    with clock.at(world.now), world.house.reading() as session:
        row = session.get(DeviceRow, Id(device.id))
        may = _may_hold(session, world.stage.site, row) if row is not None and row.revoked_at is None else set()
    if too_much := set(device.disk.base) - may:
        raise Violation("I8", f"{device.name} holds {sorted(too_much)}")


def _may_hold(session: Session, site: Id, row: DeviceRow) -> set[str]:
    """Who may read what, said once more from sync.md §1 and not from the code."""
    live = session.scalars(select(Grant.person_id).where(Grant.device_id == row.id, Grant.ended_at.is_(None)))
    people = [session.get_one(Person, id) for id in live]
    may = {f"device:{row.id}", f"site:{site}:safety"}
    for person in people:
        if not person.is_active:
            continue
        roles = set(session.scalars(select(PersonRole.role).where(PersonRole.person_id == person.id, PersonRole.to_at.is_(None))))
        may |= {"org", f"site:{site}", f"person:{person.id}"}
        may |= {f"site:{site}:lead"} if roles & LEAD_ROLES else set()
        may |= {f"site:{site}:book"} if roles & BOOK_ROLES else set()
    if any(is_withheld(session, site, person.id) for person in people):
        may.discard(f"site:{site}:book")
    return may


@rest
def check_no_figures_told(world: World, session: Session) -> None:
    """I8: no verdict carries a figure of the book."""
    for id, code, facts in session.execute(
        select(Operation.id, Operation.code, Operation.facts).where(Operation.door == "device")
    ):
        if SECRET & set(facts) and code not in ("malformed",):
            raise Violation("I8", f"the verdict of {id} ({code}) tells {sorted(SECRET & set(facts))}")


# -- I4, I5: order and revisions ------------------------------------------------------------------------------------------


@rest
def check_streams(world: World, session: Session) -> None:
    """I4: a stream has no gap, and its times never run backwards."""
    replaced = set(session.scalars(select(DeviceRow.id).where(DeviceRow.replaces.is_not(None))))
    entries: dict[Id, list[tuple[int, Id, bool]]] = defaultdict(list)
    query = select(StreamEntry.device_id, StreamEntry.seq, StreamEntry.operation_id, StreamEntry.reused)
    for device_id, seq, id, reused in session.execute(query.order_by(StreamEntry.device_id, StreamEntry.seq)):
        entries[device_id].append((seq, id, reused))
    rows = {
        id: (device, at) for id, device, at in session.execute(select(Operation.id, Operation.device_id, Operation.happened_at))
    }
    for stream in session.scalars(select(Stream)):
        own = entries[stream.device_id]
        if [seq for seq, _, _ in own] != list(range(1, stream.last_seq + 1)):
            raise Violation("I4", f"the stream of {stream.device_id} has gaps before {stream.last_seq}")
        if stream.device_id in replaced:
            continue  # it began with what its predecessor had sent
        times = [rows[id][1] for _, id, reused in own if not reused and rows[id][0] == stream.device_id]
        if times != sorted(times):
            raise Violation("I4", f"the stream of {stream.device_id} runs backwards in time")


@always
def check_heads(world: World, session: Session) -> None:
    """I3, I5: each bucket's head covers its records, and its sum is theirs."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for bucket, kind, id, rev, gone in session.execute(select(Record.bucket, Record.kind, Record.id, Record.rev, Record.gone)):
        found = sums[bucket]
        found[2] = max(found[2], rev)
        if not gone:
            found[0] += 1
            found[1] += crc32(f"{kind}/{id}@{rev}".encode())
    for head in session.scalars(select(Bucket)):
        count, total, rev = sums[head.name]
        if (head.count, head.sum) != (count, total % 2**32) or head.rev < rev:
            raise Violation("I5", f"{head.name} stands at {head.rev} with {head.count}; its records at {rev} with {count}")


# -- I6: the ledger and the projections -----------------------------------------------------------------------------------


@always
def check_ledger(world: World, session: Session) -> None:
    """I6: what leaves one holding enters another, and the kept balances are those of the postings."""
    sums = rebuilt(session, world.stage.site)
    by_item: dict[Id, Decimal] = defaultdict(Decimal)
    for holding, quantity in sums.items():
        by_item[holding.item_id] += quantity
    if any(by_item.values()):
        raise Violation("I6", f"goods came into being: {dict(by_item)}")
    kept = {balance.holding: balance.quantity for balance in session.scalars(select(Balance)) if balance.quantity}
    if kept != (made := {holding: quantity for holding, quantity in sums.items() if quantity}):
        raise Violation("I6", f"balances differ from postings: {_differ(kept, made)}")


@rest
def check_on_hand(world: World, session: Session) -> None:
    """I6: on hand is the last approved count and what moved after it, added up from the log alone (STK-5)."""
    settled = {
        Holding(row.account, row.item_id, row.lot, row.status): (row.counted_at, row.quantity)
        for row in session.scalars(select(SettledCount))
    }
    wanted: dict[Holding, Decimal] = defaultdict(Decimal, {holding: quantity for holding, (_, quantity) in settled.items()})
    query = select(Operation.type, Operation.data, Operation.happened_at).where(Operation.type.in_(MOVES), Operation.in_force)
    for type, data, at in session.execute(query):
        for bin_id, sign in _sides(type, data):
            holding = Holding(
                bin_account(Id(bin_id)), Id(data["product_id"]), data.get("lot", ""), data.get("status", "available")
            )
            if at > settled.get(holding, (-1, 0))[0]:
                wanted[holding] += sign * Decimal(data["quantity"])
    kept = {row.holding: row.quantity for row in session.scalars(select(Balance)) if not row.holding.is_outer and row.quantity}
    wanted = defaultdict(Decimal, {holding: quantity for holding, quantity in wanted.items() if quantity})
    if kept != wanted:
        raise Violation("I6", f"on hand is not what was counted and moved: {_differ(kept, wanted)}")


def _sides(type: str, data: dict[str, Any]) -> list[tuple[str, int]]:
    if type == "stock.transfer":
        return [(data["bin_id"], -1), (data["to_bin_id"], 1)]
    return [(data["bin_id"], 1 if type == "stock.receive" else -1)]


@rest
def check_projections(world: World, session: Session) -> None:
    """I6: the stored records equal those made anew from the tables, for every kind that this seed has changed."""
    kinds = set(session.scalars(select(Record.kind).distinct().where(Record.changed_at > START, Record.kind != "verdict")))
    rows = session.execute(
        select(Record.bucket, Record.kind, Record.id, Record.data).where(Record.gone.is_(False), Record.kind.in_(kinds))
    )
    stored = {(bucket, kind, id): data for bucket, kind, id, data in rows}
    made: dict[tuple[str, str, str], str] = {}
    for ids in _known_ids(session):
        for kind in sorted(kinds):
            try:
                found = renderers[kind](session, ids)
            except ValueError:
                continue  # ids of another shape than this kind's
            for id, places in found.items():
                made.update({(place.bucket, kind, id): orjson.dumps(place.data).decode() for place in places})
    if stored != made:  # perhaps only in the order of their keys
        stored, made = ({key: orjson.loads(data) for key, data in one.items()} for one in (stored, made))
    if stored != made:
        raise Violation("I6", f"records differ from the tables: {_differ(stored, made)}")


# -- I9, I10: nothing stuck, nothing left over ----------------------------------------------------------------------------


@rest
def check_nothing_waits_in_vain(world: World, session: Session) -> None:
    """I9: what is held would be held again now, for the same reason."""
    held = list(session.scalars(select(Operation.id).where(Operation.status == "held")))
    if not held:
        return

    class Enough(Exception):
        """Nothing of this is kept."""

    with world.house.app.app_context():
        try:
            with engine().unit() as unit:
                for row in unit.session.scalars(select(Operation).where(Operation.id.in_(held)).order_by(Operation.id)):
                    id, type, before = row.id, row.type, (row.status, row.code)
                    judged = engine().rerun(unit, row).values
                    if (judged["status"], judged["code"]) != before and judged["code"] not in LEFT_MEANWHILE:
                        now = f"{judged['status']} {judged['code']}"
                        raise Violation("I9", f"{type} {id} is still {before[0]} {before[1]}; it would be {now}")
                raise Enough
        except Enough:
            pass


@rest
def check_bounds(world: World, session: Session) -> None:
    """I10: the server keeps one row for each thing, and waits for nothing that is decided."""
    held = set(session.scalars(select(Operation.id).where(Operation.status == "held")))
    waiting = set(session.scalars(select(Waiting.operation_id).distinct()))
    if held != waiting:
        raise Violation("I10", f"held and waited for differ: {held ^ waiting}")
    entries, seqs = (
        session.scalar(select(func.count()).select_from(StreamEntry)),
        session.scalar(select(func.sum(Stream.last_seq))),
    )
    if entries != (seqs or 0):
        raise Violation("I10", f"{entries} places in streams of {seqs}")
    stale = (
        select(func.count())
        .select_from(Unmade)
        .join(Operation, Operation.id == Unmade.operation_id)
        .where(Operation.id.is_(None))
    )
    if session.scalar(stale):
        raise Violation("I10", "an id is said to be unmade by nobody")


@rest
def check_photos(world: World, session: Session) -> None:
    """I1: a photo that an operation in force names is on the server, is still on its device, or can be read by nobody."""
    here = set(session.scalars(select(Blob.sha)))
    for device in world.devices:
        for sha, row in device.disk.blobs.items():
            if row["state"] == "kept" and row["ready"]:
                raise Violation("I9", f"{device.name} still waits with photo {sha}")
            if row["state"] == "sent" and sha not in here and not world.was_restored:
                raise Violation("I1", f"{device.name} was told that photo {sha} is kept")
