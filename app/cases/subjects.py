"""What cases and kept operations are about, told by the package that owns it: this layer knows a kind and an id, nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.lib.ids import Id
from app.sync.models import Operation


@dataclass(frozen=True)
class Way:
    """What settles a matter better than a bare word on it: a page to go to, or with `form` a template that asks for more."""

    word: str
    href: str
    right: str
    form: str | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """One thing as a page names it: what, where it belongs, where to read more. `facts` are rows of (what, said).

    For a kept operation also `figures`, rows that nobody reads who must not know the book (STK-3); `group`, shared by operations
    that one word settles; `ways` of settling it.
    """

    title: str
    place: str
    href: str | None
    facts: list[tuple[str, str]] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)
    group: str | None = None
    ways: list[Way] = field(default_factory=list)


OfOperations = Callable[[Session, list[Operation]], dict[Id, Subject]]
OfThings = Callable[[Session, Id, list[str]], dict[str, Subject]]

_of_operations: dict[str, OfOperations] = {}
_of_things: dict[str, OfThings] = {}


def tells_of_operations(folder: str, teller: OfOperations) -> None:
    """Register who tells of the operations whose type begins with `folder`."""
    _of_operations[folder] = teller


def tells_of_things(kind: str, teller: OfThings) -> None:
    """Register who tells of things of this kind."""
    _of_things[kind] = teller


def subjects_of_operations(session: Session, operations: Iterable[Operation]) -> dict[Id, Subject]:
    """Operation id → what it is about; one call a folder."""
    by_folder: dict[str, list[Operation]] = {}
    for operation in operations:
        by_folder.setdefault(operation.type.partition(".")[0], []).append(operation)
    found: dict[Id, Subject] = {}
    for folder, those in by_folder.items():
        if folder in _of_operations:
            found |= _of_operations[folder](session, those)
    return found


def subjects_of_things(session: Session, site_id: Id, things: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Subject]:
    """(kind, id) → what it is; one call a kind."""
    by_kind: dict[str, list[str]] = {}
    for kind, id in things:
        by_kind.setdefault(kind, []).append(id)
    return {
        (kind, id): subject
        for kind, ids in by_kind.items()
        if kind in _of_things
        for id, subject in _of_things[kind](session, site_id, ids).items()
    }
