"""Shows as lists and pages name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checklists.models import select_runs_of
from app.checklists.select import Line, select_lines
from app.checklists.targets import Target, Teller, tells_of
from app.lib.clock import DAY
from app.lib.ids import Id
from app.shows.models import CANCELLED, Room, Show, select_rooms, select_shows
from app.shows.readiness import Readiness


def tell(show: Show, room: Room | None) -> Target:
    """A show as the target of its lists."""
    place = {"zh": room.zh, "en": room.en} if room else None
    return Target("show", show.id, show.title, place, show.starts_at, show.ends_at, f"/shows/{show.id}", show.status == CANCELLED)


def targets_by_id(session: Session, site_id: Id, ids: Iterable[Id]) -> dict[Id, Target]:
    """The shows among these ids, with their rooms: one question."""
    query = (
        select(Show, Room)
        .outerjoin(Room, (Room.site_id == Show.site_id) & (Room.id == Show.room_id))
        .where(Show.site_id == site_id, Show.id.in_(list(ids)))
    )
    return {show.id: tell(show, room) for show, room in session.execute(query)}


def targets_starting(session: Session, site_id: Id, since: int, until: int) -> list[Target]:
    """The shows that start in [since, until), cancelled ones too."""
    rooms = rooms_by_id(session, site_id)
    return [tell(show, rooms.get(show.room_id)) for show in select_shows(session, site_id, since=since, until=until)]


def rooms_by_id(session: Session, site_id: Id) -> dict[Id, Room]:
    """The site's rooms."""
    return {room.id: room for room in select_rooms(session, site_id)}


def select_next_shows(session: Session, site_id: Id, at: int, *, days: int = 2) -> list[Show]:
    """Shows that are on air or start within `days`, by start: what the crew works towards."""
    found = select_shows(session, site_id, since=at - DAY, until=at + days * DAY)
    return [show for show in found if show.status != CANCELLED and show.ends_at > at]


def load_readiness(session: Session, site_id: Id, shows: Sequence[Show]) -> list[Readiness]:
    """These shows with their lists, in the order given: a constant number of questions."""
    rooms = rooms_by_id(session, site_id)
    lines: dict[Id | None, list[Line]] = defaultdict(list)
    for line in select_lines(session, site_id, select_runs_of(session, site_id, "show", [show.id for show in shows])):
        lines[line.run.target_id].append(line)
    return [Readiness(show, rooms.get(show.room_id), lines[show.id]) for show in shows]


tells_of("show", Teller(targets_by_id, targets_starting))
