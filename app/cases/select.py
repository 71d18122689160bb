"""Cases and exceptions as office pages read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.orm import Session

from app.cases.models import OPEN, Case, OperationException
from app.cases.owning import is_urgent, posts
from app.cases.subjects import Subject, Way, subjects_of_operations, subjects_of_things
from app.devices.access import device_names
from app.lib.errors import NotFound, Refused
from app.lib.ids import Id
from app.lib.words import pick, t
from app.people.access import holders_of, names_of, roles_at
from app.people.models import select_roles
from app.sync.models import Operation
from app.sync.registry import operations as known_operations

MOST = 200
PARKED = "parked"
TOGETHER = 4  # exceptions read for each matter that is shown: some are settled by one word and stand as one
ALL, MINE, LATE = "all", "mine", "late"
WHICH = (ALL, MINE, LATE)


@dataclass(frozen=True)
class Matter:
    """An exception with the operation that was kept, what it is about, and the people and device it names.

    `others` are open exceptions that the same word settles.
    """

    exception: OperationException
    operation: Operation | None
    subject: Subject | None
    people: dict[Id, str]
    devices: dict[Id, str]
    others: list[Matter] = field(default_factory=list)

    @property
    def cue(self) -> str:
        """Its lamp: red keeps work waiting, amber wants to be seen, green was decided."""
        if self.exception.status != OPEN:
            return "go" if self.exception.status == "admitted" else "na"
        return "stop" if is_urgent(self.exception.code, in_force=self.in_force) else "wait"

    @property
    def in_force(self) -> bool:
        """Whether what was kept counts already."""
        return self.operation is not None and self.operation.in_force

    @property
    def ids(self) -> set[Id]:
        """The exceptions that stand here as one."""
        return {self.exception.id, *(other.exception.id for other in self.others)}

    def is_late(self, at: int) -> bool:
        """Nobody decided in time."""
        return self.exception.status == OPEN and self.exception.due_at < at

    def person(self, id: Id | None) -> str:
        """A name, or a dash."""
        return self.people.get(id, "–") if id else "–"


# -- the queue ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Posts:
    """The posts that own exceptions: their names, and who holds them now."""

    names: dict[str, str]
    holders: dict[str, dict[Id, str]]

    def owner(self, exception: OperationException) -> tuple[str, list[str]]:
        """The post, and the people in it who may decide: not the one who said it."""
        people = self.holders.get(exception.owner, {})
        return self.names.get(exception.owner, exception.owner), [name for id, name in people.items() if id != exception.by]


@dataclass(frozen=True)
class Queue:
    """The matters that are shown, how many exceptions each view has, and whose they are."""

    matters: list[Matter]
    n: dict[str, int]
    posts: Posts


def load_queue(session: Session, site_id: Id, reader: Id, at: int, which: str = ALL, *, decided: bool = False) -> Queue:
    """What waits, all of it or what is the reader's or too late; or what was decided."""
    known = _posts(session, site_id, at)
    vacant = [post for post, people in known.holders.items() if not people]
    mine = OperationException.owner.in_([*roles_at(session, reader, at), *vacant])
    narrowed = {ALL: true(), MINE: mine, LATE: OperationException.due_at < at}
    matters = select_matters(session, site_id, decided=decided, narrowed=narrowed[which])
    return Queue(matters, _count(session, site_id, narrowed), known)


def _posts(session: Session, site_id: Id, at: int) -> Posts:
    names = {role.code: pick(role) for role in select_roles(session)}
    holders = {post: {one.id: one.name for one in holders_of(session, site_id, [post], at)} for post in posts()}
    return Posts(names, holders)


def _count(session: Session, site_id: Id, narrowed: dict[str, ColumnElement[bool]]) -> dict[str, int]:
    sums = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in narrowed.values()]
    row = session.execute(
        select(*sums).where(OperationException.site_id == site_id, OperationException.status == OPEN)
    ).one()  # fmt: skip
    return dict(zip(narrowed, map(int, row), strict=True))


def count_open_exceptions(session: Session, site_id: Id) -> int:
    """How many wait: the figure beside the navigation."""
    query = select(func.count()).where(OperationException.site_id == site_id, OperationException.status == OPEN)
    return int(session.scalar(query) or 0)


def select_matters(
    session: Session, site_id: Id, *, decided: bool = False, most: int = MOST, narrowed: ColumnElement[bool] | None = None
) -> list[Matter]:
    """What waits, the oldest first, what one word settles as one; or what was decided, the newest first."""
    query = select(OperationException).where(OperationException.site_id == site_id)
    if decided:
        query = query.where(OperationException.status != OPEN)
        newest = query.order_by(OperationException.decided_at.desc(), OperationException.id).limit(most)
        return _matters(session, session.scalars(newest).all())
    query = query.where(OperationException.status == OPEN)
    if narrowed is not None:
        query = query.where(narrowed)
    oldest = query.order_by(OperationException.opened_at, OperationException.id).limit(most * TOGETHER)
    return _together(_matters(session, session.scalars(oldest).all()))[:most]


def _together(matters: Iterable[Matter]) -> list[Matter]:
    """Those of one group behind the first of it."""
    heads: dict[tuple[str, str], Matter] = {}
    found = []
    for one in matters:
        group = one.subject.group if one.subject else None
        head = heads.setdefault((one.exception.code, group), one) if group else one
        if head is one:
            found.append(one)
        else:
            head.others.append(one)
    return found


def access_matter(session: Session, site_id: Id, exception_id: Id) -> Matter:
    """The exception of this site with what stands with it, or NotFound."""
    exception = session.get(OperationException, (site_id, exception_id))
    if exception is None:
        raise NotFound("exception")
    if exception.status != OPEN:
        return _matters(session, [exception])[0]
    alike = select_matters(session, site_id, narrowed=OperationException.code == exception.code)
    head = next((one for one in alike if exception_id in one.ids), None)
    return _turned(head, exception_id) if head else _matters(session, [exception])[0]


def _turned(head: Matter, exception_id: Id) -> Matter:
    """The same matter with this exception in front."""
    everyone = [head, *head.others]
    chosen = next(one for one in everyone if one.exception.id == exception_id)
    return replace(chosen, others=[one for one in everyone if one is not chosen])


def _matters(session: Session, exceptions: Sequence[OperationException]) -> list[Matter]:
    ids = [exception.operation_id for exception in exceptions]
    operations = {row.id: row for row in session.scalars(select(Operation).where(Operation.id.in_(ids)))}
    subjects = subjects_of_operations(session, [row for row in operations.values() if _is_understood(row)])
    for found in exceptions:
        if (row := operations.get(found.operation_id)) is not None and row.status == PARKED and found.status == OPEN:
            subjects[row.id] = _parked(found, row, subjects.get(row.id))
    people = names_of(session, {id for found in exceptions for id in (found.by, found.decided_by) if id})
    devices = device_names(session, {row.device_id for row in operations.values() if row.device_id})
    return [
        Matter(found, operations.get(found.operation_id), subjects.get(found.operation_id), people, devices)
        for found in exceptions
    ]


def _is_understood(row: Operation) -> bool:
    """Whether its package can tell of it: what was parked may be from a newer device, and was read by nobody."""
    op = known_operations.get(row.type)
    if row.status != PARKED:
        return True
    try:
        return op is not None and bool(op.load(row.data))
    except Refused:
        return False


def _parked(exception: OperationException, row: Operation, subject: Subject | None) -> Subject:
    """All that a device sent and nobody could take stands as one, and is settled by one word."""
    told = subject or Subject(row.type, "", None)
    way = Way(t("office.cases.parked_word"), f"/exceptions/{exception.id}/parked", "exceptions.decide", "cases/_parked.html")
    return replace(told, group=str(row.device_id), ways=[way])


# -- cases ----------------------------------------------------------------------------------------------------------------


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
