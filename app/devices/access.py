"""Questions the engine asks about devices: whose cookie, whose grant, which buckets (sync.md §2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.devices import tokens
from app.devices.models import Device, Grant, has_grant
from app.lib.clock import now
from app.lib.ids import Id, parse_id
from app.people.access import may, site_of
from app.sync import buckets
from app.sync.hooks import DeviceInfo, GrantCheck

OLD, NEW = aliased(Device), aliased(Device)
OTHERS = select(Grant.id).where(Grant.device_id == OLD.id, Grant.ended_at.is_(None), Grant.person_id != NEW.enrolled_by)
# What was not heard since another took its place, and on which nobody else works.
TOOK_ITS_PLACE = (
    select(NEW.id)
    .join(OLD, NEW.replaces == OLD.id)
    .where(OLD.id == bindparam("device"), NEW.enrolled_at >= func.coalesce(OLD.heard_at, OLD.enrolled_at), ~OTHERS.exists())
    .order_by(NEW.enrolled_at.desc())
    .limit(1)
)

Withholds = Callable[[Session, Id, Id], bool]
_withholding: list[Withholds] = []


def withholds_book(asked: Withholds) -> Withholds:
    """Register who tells, of a site and a person, that the person must not know the book now: that wins over every right."""
    _withholding.append(asked)
    return asked


def device_of(session: Session, cookie: str) -> DeviceInfo | None:
    """The device of a cookie."""
    found = session.execute(
        select(Device.id, Device.site_id, Device.revoked_at).where(Device.cookie_hash == tokens.cookie_hash(cookie))
    ).one_or_none()
    return DeviceInfo(found.id, found.site_id, found.revoked_at is not None) if found else None


def predecessors(session: Session, device_id: Id) -> set[Id]:
    """Devices this one replaced, directly or through others."""
    found: set[Id] = set()
    before = session.scalar(select(Device.replaces).where(Device.id == device_id))
    while before is not None and before not in found:
        found.add(before)
        before = session.scalar(select(Device.replaces).where(Device.id == before))
    return found


def successors(session: Session, device_id: Id) -> list[Id]:
    """Devices that went on from this one with its cookie, the next first."""
    found: list[Id] = []
    following = session.scalar(select(Device.replaced_by).where(Device.id == device_id))
    while following is not None and following not in found:
        found.append(following)
        following = session.scalar(select(Device.replaced_by).where(Device.id == following))
    return found


def goes_on(session: Session, device_id: Id) -> Id:
    """The device on which the work of this one goes on: itself while it speaks, else the last of those that took its place."""
    seen = {device_id}
    while (later := session.scalar(TOOK_ITS_PLACE, {"device": device_id})) is not None and later not in seen:
        seen.add(later)
        device_id = later
    return device_id


def claimable(session: Session, person_id: Id, device_id: Id | None) -> Id | None:
    """The device a browser without its cookie says it was, if this person worked there; another one is not theirs to name."""
    if device_id is None or not has_grant(session, person_id, [device_id, *successors(session, device_id)]):
        return None
    return device_id


def replaced_by_cookie(session: Session, device_id: Id) -> list[Id]:
    """Devices that this one went on from with their own cookie; not those it was only told to have been."""
    replaced = select(Device.id).where(Device.id.in_(predecessors(session, device_id)), Device.replaced_by.is_not(None))
    return list(session.scalars(replaced))


@dataclass(frozen=True)
class Kept:
    """A grant as the server knows it."""

    person_id: Id
    from_at: int
    ended_at: int | None


GRANTS = select(Grant.id, Grant.person_id, Grant.from_at, Grant.ended_at).where(Grant.id.in_(bindparam("ids", expanding=True)))


class Grants:
    """The grants of one push: tokens read once, rows loaded by one query.

    A token that is ours and whose row is missing was given after the backup this installation was restored from: what it says
    stands, or the work of everybody who signed in since would be turned away. So does one of a device that is missing too.
    """

    def __init__(self, session: Session, device_id: Id, said: dict[str, str]) -> None:
        signed = {str(name): tokens.read(token) if isinstance(token, str) else None for name, token in said.items()}
        devices = {name: parse_id(parts[1]) for name, parts in signed.items() if parts and parts[0] == name}
        own = {device_id}
        if set(devices.values()) - own:
            own |= predecessors(session, device_id)
        if others := {device for device in devices.values() if device} - own:
            own |= others - set(session.scalars(select(Device.id).where(Device.id.in_(others))))
        self.named = {name: id for name, device in devices.items() if device in own and (id := parse_id(name))}
        # The token names the device; the row may have moved on with a successor whose answer never arrived.
        rows = session.connection().execute(GRANTS, {"ids": list(self.named.values())})
        self.kept = {id: Kept(person_id, from_at, ended_at) for id, person_id, from_at, ended_at in rows}
        for name, id in self.named.items():
            if id not in self.kept and (parts := signed[name]) and (person := parse_id(parts[2])):
                self.kept[id] = Kept(person, int(parts[4]), None)

    def check(self, grant_id: object, actor: Id, happened_at: int) -> GrantCheck:
        """Signature, device and person, then the time."""
        id = self.named.get(str(grant_id))
        kept = self.kept.get(id) if id else None
        if id is None or kept is None or kept.person_id != actor:  # rule: T7
            return GrantCheck(None, "bad_grant")
        if happened_at < kept.from_at or (kept.ended_at is not None and happened_at > kept.ended_at):
            return GrantCheck(id, "outside_grant")
        return GrantCheck(id, None)


def load_grants(session: Session, device_id: Id, said: dict[str, str]) -> Grants:
    """The grants that a push names."""
    return Grants(session, device_id, said)


def buckets_of(session: Session, device_id: Id) -> dict[str, list[str]]:
    """What the device may read, and which of its people read it: the union over its live grants.

    Withholding wins: what one of them must not know is given to nobody on the device (sync.md §2).
    """
    site_id = session.scalar(select(Device.site_id).where(Device.id == device_id, Device.revoked_at.is_(None)))
    if site_id is None:
        return {}
    found: dict[str, list[str]] = {buckets.device(device_id): [], buckets.safety(site_id): []}
    people = session.scalars(
        select(Grant.person_id).where(Grant.device_id == device_id, Grant.ended_at.is_(None)).order_by(Grant.from_at, Grant.id)
    )
    working = list(dict.fromkeys(people))
    for person_id in working:
        for name in buckets_of_person(session, person_id):
            readers = found.setdefault(name, [])
            readers.append(str(person_id))
    if any(is_book_withheld(session, site_id, person_id) for person_id in working):  # rule: STK-3, T22
        found.pop(buckets.book(site_id), None)
    return found


def buckets_of_person(session: Session, person_id: Id) -> list[str]:
    """What a person may read: the house's and the site's records, one's own, what leads decide, the book unless withheld."""
    site_id = site_of(session, person_id)
    if site_id is None or not may(session, person_id, None, site_id, now()):
        return []
    names = [buckets.org(), buckets.site(site_id), buckets.safety(site_id), buckets.person(person_id)]
    if may(session, person_id, "buckets.lead", site_id, now()):
        names.append(buckets.lead(site_id))
    if may(session, person_id, "stock.read_office", site_id, now()) and not is_book_withheld(session, site_id, person_id):
        names.append(buckets.book(site_id))
    return names


def is_book_withheld(session: Session, site_id: Id, person_id: Id) -> bool:
    """Whether the person must not know the book of the site now (STK-3)."""
    return any(asked(session, site_id, person_id) for asked in _withholding)


def device_names(session: Session, device_ids: Iterable[Id]) -> dict[Id, str]:
    """Names by which people know these devices."""
    rows = session.execute(select(Device.id, Device.name).where(Device.id.in_(list(device_ids))))
    return {row.id: row.name for row in rows}
