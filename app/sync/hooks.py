"""What the engine asks of the layers above it, given by `create_app`: it knows a person only as an id (architecture.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from app.lib.ids import Id

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sync.models import Operation
    from app.sync.tx import Tx


@dataclass(frozen=True)
class DeviceInfo:
    """The device a cookie belongs to."""

    id: Id
    site_id: Id
    revoked: bool


class GrantCheck(NamedTuple):
    """Whether a grant covers an operation: `code` None, `bad_grant` (forged, other device or person) or `outside_grant`."""

    grant_id: Id | None
    code: str | None


class GrantBook(Protocol):
    """The grants of one push, loaded at once."""

    def check(self, grant_id: object, actor: Id, happened_at: int) -> GrantCheck:
        """Judge one operation."""


class Standing(Protocol):
    """What a person was allowed over time: looked up once, asked about many moments."""

    def may(self, right: str | None, site_id: Id | None, at: int) -> bool:
        """Whether the person held the right (None: was active at all) on the site at that moment (GEN-7)."""


class Hooks(Protocol):
    """Questions the engine asks. All sessions are its own."""

    def standing(self, session: Session, person_id: Id) -> Standing:
        """The person's standing as this transaction has it."""

    def site_of(self, session: Session, person_id: Id) -> Id | None:
        """The site a person works on."""

    def device_of(self, session: Session, cookie: str) -> DeviceInfo | None:
        """The device of a cookie."""

    def grants(self, session: Session, device_id: Id, tokens: dict[str, str]) -> GrantBook:
        """The grants that a push names, with the devices this one replaced counted as itself."""

    def buckets_of(self, session: Session, device_id: Id) -> dict[str, list[str]]:
        """Every bucket the device may read and which persons on it read it; withholding wins."""

    def buckets_of_person(self, session: Session, person_id: Id) -> list[str]:
        """Every bucket a person may read in the office."""

    def predecessors(self, session: Session, device_id: Id) -> set[Id]:
        """Devices this one replaced, directly or through others."""

    def heard(self, session: Session, device_id: Id, at: int, report: dict[str, Any] | None) -> None:
        """The device was heard from, perhaps with a health report."""

    def open_exception(self, tx: Tx, operation: Operation, code: str, facts: dict[str, Any]) -> Id:
        """Open an exception about an operation that was kept but does not fit."""

    def close_exception(self, tx: Tx, exception_id: Id, how: str, reason: str) -> None:
        """A person admitted or dismissed it."""
