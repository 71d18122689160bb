"""What the office shows of devices: who works on them, when they were heard, and what about them needs somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.devices.models import Device, Grant, select_devices, select_grants
from app.lib.build import build_id
from app.lib.clock import HOUR, now
from app.lib.ids import Id
from app.people.access import names_of

LONG_UNSENT = 24 * HOUR
LONG_SILENT = 72 * HOUR  # from here on its facts are doubted (sync.md §2)


@dataclass(frozen=True)
class Person:
    """Somebody who works on a device."""

    id: Id
    name: str
    grant: Grant


@dataclass(frozen=True)
class Row:
    """A device with its people and its health as it last said."""

    device: Device
    people: list[Person]

    def health(self, name: str) -> Any:
        """One figure of the last report, or None."""
        return (self.device.health or {}).get(name)

    @property
    def waiting(self) -> int:
        """How many operations it had not sent."""
        found = self.health("waiting")
        return found if isinstance(found, int) else 0

    @property
    def is_silent(self) -> bool:
        """Whether somebody works on it and nothing was heard for three days."""
        return bool(self.people) and now() - (self.device.heard_at or self.device.enrolled_at) > LONG_SILENT

    @property
    def is_behind(self) -> bool:
        """Whether unsent work on it is older than a day."""
        oldest = self.health("oldest_at")
        return bool(self.waiting) and isinstance(oldest, int) and now() - oldest > LONG_UNSENT

    @property
    def is_old_build(self) -> bool:
        """Whether it runs another build than the server."""
        return self.device.build is not None and self.device.build != build_id()

    @property
    def used_share(self) -> float | None:
        """How full its storage is, 0 to 1."""
        storage = self.health("storage")
        if not isinstance(storage, dict):
            return None
        usage, quota = storage.get("usage"), storage.get("quota")
        if not isinstance(usage, int | float) or not isinstance(quota, int | float) or quota <= 0:
            return None
        return min(1.0, max(0.0, usage / quota))

    @property
    def is_unsafe(self) -> bool:
        """Whether its browser may throw away what is kept, or is running out of room."""
        return self.health("persisted") is False or (self.used_share or 0) > 0.9

    @property
    def cue(self) -> str | None:
        """The lamp of the row; fine ones stay unlit."""
        if self.device.revoked_at is not None:
            return "na"
        if self.is_silent or self.is_behind:
            return "stop"
        return "wait" if self.health("need") or self.is_unsafe else None

    @property
    def state(self) -> str:
        """The word beside the lamp."""
        if self.device.revoked_at is not None:
            return "revoked"
        if self.is_silent:
            return "silent"
        if self.is_behind:
            return "behind"
        return "needs" if self.health("need") else "unsafe" if self.is_unsafe else "fine" if self.people else "nobody"


def select_rows(session: Session, site_id: Id) -> list[Row]:
    """Every device of the site, the last heard first."""
    return _with_people(session, select_devices(session, site_id))


def row_of(session: Session, device: Device) -> Row:
    """One device with its people."""
    return _with_people(session, [device])[0]


def _with_people(session: Session, devices: list[Device]) -> list[Row]:
    grants = select_grants(session, device_ids=[device.id for device in devices])
    names = names_of(session, {grant.person_id for grant, _ in grants})
    people: dict[Id, list[Person]] = {device.id: [] for device in devices}
    for grant, device in sorted(grants, key=lambda pair: pair[0].from_at):
        people[device.id].append(Person(grant.person_id, names.get(grant.person_id, ""), grant))
    return [Row(device, people[device.id]) for device in devices]


def rows_of_people(session: Session, person_ids: list[Id]) -> dict[Id, list[tuple[Grant, Row]]]:
    """The devices each of these people works on, the last heard first."""
    grants = select_grants(session, person_ids=person_ids)
    found: dict[Id, list[tuple[Grant, Row]]] = {person_id: [] for person_id in person_ids}
    for grant, device in grants:
        found[grant.person_id].append((grant, Row(device, [Person(grant.person_id, "", grant)])))
    return found
