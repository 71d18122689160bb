"""What a list is for, told by the package that owns it: this layer knows a target's kind and id, nothing more.

A higher layer registers a teller for its kind (`shows.select` tells of shows); office pages ask here for titles, places and
the lists of a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.lib.ids import Id


@dataclass(frozen=True)
class Target:
    """One thing that lists hang on, as a page names it. `place` hangs as tape on a real door."""

    kind: str
    id: Id
    title: str
    place: Mapping[str, str] | None
    at: int
    ends_at: int
    href: str
    is_off: bool


@dataclass(frozen=True)
class Teller:
    """How targets of one kind are found: by id, or by when they begin ([since, until))."""

    by_id: Callable[[Session, Id, Iterable[Id]], dict[Id, Target]]
    between: Callable[[Session, Id, int, int], list[Target]]


_tellers: dict[str, Teller] = {}


def tells_of(kind: str, teller: Teller) -> None:
    """Register who tells of targets of this kind."""
    _tellers[kind] = teller


def targets_of(session: Session, site_id: Id, wanted: Iterable[tuple[str | None, Id | None]]) -> dict[Id, Target]:
    """The targets among (kind, id) that somebody tells of: one question a kind."""
    by_kind: dict[str, set[Id]] = {}
    for kind, id in wanted:
        if kind in _tellers and id is not None:
            by_kind.setdefault(kind, set()).add(id)
    found: dict[Id, Target] = {}
    for kind, ids in by_kind.items():
        found |= _tellers[kind].by_id(session, site_id, ids)
    return found


def targets_between(session: Session, site_id: Id, since: int, until: int) -> list[Target]:
    """Everything that begins in [since, until) and may carry lists, by time."""
    found = [target for teller in _tellers.values() for target in teller.between(session, site_id, since, until)]
    return sorted(found, key=lambda target: (target.at, str(target.id)))
