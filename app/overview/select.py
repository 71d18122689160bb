"""What the board of tonight shows: one constant set of questions, whatever happens tonight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.select import Matter, select_matters
from app.checklists.models import ACCEPTED, CANCELLED, DONE, ChecklistRun
from app.checklists.select import Line, Names, select_lines, select_names, select_recent_operations, select_unfinished
from app.checklists.sheet import templates_of
from app.checklists.telling import Told, list_name, tell
from app.checklists.who import LAST_ACCEPTER
from app.documents.models import select_documents
from app.lib.ids import Id, parse_id
from app.people.access import roles_at
from app.people.models import Person
from app.shows.readiness import Readiness
from app.shows.select import load_readiness, select_next_shows
from app.sync.models import Operation

MOST_NEWS = 12
MOST_MATTERS = 6


@dataclass(frozen=True)
class Waiting:
    """A list that waits for this person: `word` sign or decide."""

    line: Line
    word: str
    at: int


@dataclass(frozen=True)
class Board:
    """Tonight."""

    shows: list[Readiness]
    chosen: Readiness | None
    names: Names
    news: list[Told]
    matters: list[Matter]
    waiting: list[Waiting]
    left_over: list[Line]
    at: int


def load_board(session: Session, person: Person, rights: set[str], at: int, wanted: Id | None) -> Board:
    """The board as this person may read it; `wanted` is the show whose gates are drawn."""
    site_id = person.site_id
    shows = load_readiness(session, site_id, select_next_shows(session, site_id, at))
    chosen = next((ready for ready in shows if ready.show.id == wanted), shows[0] if shows else None)
    known = [line for ready in shows for line in ready.lines]
    ids = {line.run.id for line in known}
    left_over = select_lines(session, site_id, [run for run in select_unfinished(session, site_id, at) if run.id not in ids])
    operations = select_recent_operations(session, site_id, MOST_NEWS)
    answers = {operation.actor for operation in operations}
    names = select_names(session, [*known, *left_over], answers)
    matters = select_matters(session, site_id, most=MOST_MATTERS) if "buckets.lead" in rights else []
    return Board(
        shows=shows,
        chosen=chosen,
        names=names,
        news=_news(session, operations, names),
        matters=matters,
        waiting=_waiting(session, person, rights, [*known, *left_over], names, at),
        left_over=[line for line in left_over if line.is_overdue(at) or line.run.status == DONE],
        at=at,
    )


def _news(session: Session, operations: list[Operation], names: Names) -> list[Told]:
    ids = {id for operation in operations if (id := parse_id(operation.data.get("run_id")))}
    runs = list(session.scalars(select(ChecklistRun).where(ChecklistRun.id.in_(ids))))
    templates = templates_of(session, runs)
    units = {unit.id: unit.body for unit in select_documents(session, "unit")}
    by_id = {run.id: templates[run.template_id] for run in runs}
    told = []
    for operation in operations:
        template = by_id.get(parse_id(operation.data.get("run_id")) or operation.id)
        items: dict[str, Any] = template.items if template else {}
        told.append(tell(operation, items, list_name(template) if template else "", names.people, units))
    return told


def _waiting(session: Session, person: Person, rights: set[str], lines: list[Line], names: Names, at: int) -> list[Waiting]:
    """Finished lists this person may sign, and two answers this person may decide between, the oldest first."""
    held = roles_at(session, person.id, at)
    found = []
    for line in lines:
        role = line.template.accept_role
        accepts = bool(held & {role, getattr(names.roles.get(role), "stand_in", None), LAST_ACCEPTER})
        if line.run.status == DONE and accepts and person.id not in line.hands:
            found.append(Waiting(line, "sign", line.run.finished["at"] if line.run.finished else at))
        if "checklists.lead" in rights and line.run.status not in (ACCEPTED, CANCELLED) and line.shown["counts"]["contested"]:
            latest = max(answer["at"] for item in line.items.values() if item.contested for answer in item.answers)
            found.append(Waiting(line, "decide", latest))
    return sorted(found, key=lambda waiting: waiting.at)
