"""Cases and exceptions as office pages read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cases.models import OPEN, Case, OperationException, select_open_exceptions
from app.cases.subjects import Subject, subjects_of_operations, subjects_of_things
from app.devices.access import device_names
from app.lib.errors import NotFound
from app.lib.ids import Id
from app.people.access import names_of
from app.sync.models import Operation

MOST = 200
# Facts whose effect waits for a person are worse than those that are in force and only have to be seen.
GRAVE = frozenset({"contested", "after_acceptance", "after_close", "run_cancelled", "not_your_list", "outside_grant", "parked"})


@dataclass(frozen=True)
class Matter:
    """An exception with the operation that was kept, what it is about, and the people and device it names."""

    exception: OperationException
    operation: Operation | None
    subject: Subject | None
    people: dict[Id, str]
    devices: dict[Id, str]

    @property
    def cue(self) -> str:
        """Its lamp: red keeps work waiting, amber wants to be seen, green was decided."""
        if self.exception.status != OPEN:
            return "go" if self.exception.status == "admitted" else "na"
        return "stop" if self.exception.code in GRAVE else "wait"

    def person(self, id: Id | None) -> str:
        """A name, or a dash."""
        return self.people.get(id, "–") if id else "–"


def count_open_exceptions(session: Session, site_id: Id) -> int:
    """How many wait: the figure beside the navigation."""
    query = select(func.count()).where(OperationException.site_id == site_id, OperationException.status == OPEN)
    return int(session.scalar(query) or 0)


def select_matters(session: Session, site_id: Id, *, decided: bool = False, most: int = MOST) -> list[Matter]:
    """What waits, the oldest first; or what was decided, the newest first."""
    if decided:
        query = (
            select(OperationException)
            .where(OperationException.site_id == site_id, OperationException.status != OPEN)
            .order_by(OperationException.decided_at.desc(), OperationException.id)
            .limit(most)
        )
        found = list(session.scalars(query))
    else:
        found = select_open_exceptions(session, site_id)[:most]
    return _matters(session, found)


def access_matter(session: Session, site_id: Id, exception_id: Id) -> Matter:
    """The exception of this site, or NotFound."""
    exception = session.get(OperationException, (site_id, exception_id))
    if exception is None:
        raise NotFound("exception")
    return _matters(session, [exception])[0]


def _matters(session: Session, exceptions: list[OperationException]) -> list[Matter]:
    ids = [exception.operation_id for exception in exceptions]
    operations = {row.id: row for row in session.scalars(select(Operation).where(Operation.id.in_(ids)))}
    subjects = subjects_of_operations(session, operations.values())
    people = names_of(session, {id for found in exceptions for id in (found.by, found.decided_by) if id})
    devices = device_names(session, {row.device_id for row in operations.values() if row.device_id})
    return [
        Matter(found, operations.get(found.operation_id), subjects.get(found.operation_id), people, devices)
        for found in exceptions
    ]


@dataclass(frozen=True)
class CaseLine:
    """A case with what it is about and the people it names."""

    case: Case
    subject: Subject | None
    people: dict[Id, str]

    def person(self, id: Id | None) -> str:
        """A name, or a dash."""
        return self.people.get(id, "–") if id else "–"


def select_case_lines(session: Session, site_id: Id, *, closed: bool = False) -> list[CaseLine]:
    """Open cases, the worst and oldest first; or closed ones, the newest first."""
    query = select(Case).where(Case.site_id == site_id, (Case.status != OPEN) if closed else (Case.status == OPEN))
    return case_lines(
        session, site_id, session.scalars(query.order_by(Case.opened_at.desc() if closed else Case.opened_at).limit(MOST))
    )


def case_lines(session: Session, site_id: Id, cases: Iterable[Case]) -> list[CaseLine]:
    """These cases with what they are about."""
    found = list(cases)
    subjects = subjects_of_things(session, site_id, [(case.about_kind, case.about_id) for case in found])
    people = names_of(session, {id for case in found for id in (case.opened_by, case.owner, case.closed_by) if id})
    return [CaseLine(case, subjects.get((case.about_kind, case.about_id)), people) for case in found]
