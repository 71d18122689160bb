"""What the engine asks of the layers above it, answered: the one place where they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.cases import steps as cases
from app.devices import access as devices
from app.devices import steps as device_steps
from app.lib.ids import Id
from app.people import access as people
from app.sync.hooks import DeviceInfo, GrantBook, Standing

if TYPE_CHECKING:
    from app.sync.models import Operation
    from app.sync.tx import Tx


class Answers:
    """Implements `app.sync.hooks.Hooks`."""

    def standing(self, session: Session, person_id: Id) -> Standing:
        return people.standing_of(session, person_id)

    def site_of(self, session: Session, person_id: Id) -> Id | None:
        return people.site_of(session, person_id)

    def device_of(self, session: Session, cookie: str) -> DeviceInfo | None:
        return devices.device_of(session, cookie)

    def grants(self, session: Session, device_id: Id, tokens: dict[str, str]) -> GrantBook:
        return devices.load_grants(session, device_id, tokens)

    def buckets_of(self, session: Session, device_id: Id) -> dict[str, list[str]]:
        return devices.buckets_of(session, device_id)

    def buckets_of_person(self, session: Session, person_id: Id) -> list[str]:
        return devices.buckets_of_person(session, person_id)

    def predecessors(self, session: Session, device_id: Id) -> set[Id]:
        return devices.predecessors(session, device_id)

    def heard(self, session: Session, device_id: Id, at: int, report: dict[str, Any] | None) -> None:
        device_steps.heard(session, device_id, at, report)

    def open_exception(self, tx: Tx, operation: Operation, code: str, facts: dict[str, Any]) -> Id:
        return cases.open_exception(tx, operation, code, facts)

    def close_exception(self, tx: Tx, exception_id: Id, how: str, reason: str) -> None:
        cases.close_exception(tx, exception_id, how, reason)
