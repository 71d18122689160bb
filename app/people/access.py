"""Questions about people, asked as of a moment (GEN-7)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, bindparam, null, or_, select, union_all
from sqlalchemy.orm import Session

from app.lib.ids import Id
from app.lib.keeping import kept
from app.people.models import ACTIVE, Person, PersonRole, PersonSpell, Role, Site
from app.people.rights import ANY, rights_of, roles_with

STANDINGS = "people.standings"
NEVER = (inf, inf, False)

# Built once: every transaction asks these.
SITE_OF = select(Person.site_id).where(Person.id == bindparam("person"))
STAND_IN_OF = select(Role.stand_in).where(Role.code == bindparam("role"))
# A person's roles and, without one, the times in which they were suspended or had left.
SPANS: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(PersonRole.role, PersonRole.from_at, PersonRole.to_at).where(PersonRole.person_id == bindparam("person")),
    select(null(), PersonSpell.from_at, PersonSpell.to_at).where(PersonSpell.person_id == bindparam("person")),
)


class Span(NamedTuple):
    """From a moment until before another; an open end is None."""

    from_at: int
    to_at: int | None

    def holds(self, at: int) -> bool:
        """Whether the moment lies in it."""
        return self.from_at <= at and (self.to_at is None or at < self.to_at)


@dataclass
class Standing:
    """A person's site, suspensions and roles over time; `site_id` None: there is no such person."""

    site_id: Id | None
    suspended: list[Span] = field(default_factory=list)
    held: list[tuple[str, Span]] = field(default_factory=list)
    # (right, site) → what was said last, and from when until before when it is the same: a push asks a hundred times.
    said: dict[tuple[str | None, Id | None], tuple[float, float, bool]] = field(default_factory=dict)

    def roles_at(self, at: int) -> set[str]:
        """The roles the person held at that moment."""
        return {role for role, span in self.held if span.holds(at)}

    def was_active(self, at: int) -> bool:
        """Whether the person worked here and was not suspended then. Someone who never signed in yet counts as active."""
        return self.site_id is not None and not (self.suspended and any(span.holds(at) for span in self.suspended))

    def may(self, right: str | None, site_id: Id | None, at: int) -> bool:
        """Whether the person held the right on the site at that moment; right None: was active there at all."""
        first, last, answer = self.said.get((right, site_id), NEVER)
        if not first <= at < last:
            answer = self._may(right, site_id, at)
            self.said[right, site_id] = (*self._steady(at), answer)
        return answer

    def _steady(self, at: int) -> tuple[float, float]:
        """The time around a moment in which no role and no suspension begins or ends."""
        spans = [*self.suspended, *(span for _, span in self.held)]
        borders = sorted({moment for span in spans for moment in span if moment is not None})
        after = bisect_right(borders, at)
        return (borders[after - 1] if after else -inf), (borders[after] if after < len(borders) else inf)

    def _may(self, right: str | None, site_id: Id | None, at: int) -> bool:
        if (site_id is not None and self.site_id != site_id) or not self.was_active(at):
            return False
        if right is None:
            return True
        holders = roles_with(right)
        return ANY in holders or self.held_any(holders, at)

    def held_any(self, roles: Collection[str | None], at: int) -> bool:
        """Whether the person held one of these roles at that moment."""
        return any(role in roles and span.holds(at) for role, span in self.held)


def standing_of(session: Session, person_id: Id) -> Standing:
    """The person's standing, looked up once a transaction; `tx.readers_changed` has it looked up again."""
    known: dict[Id, Standing] = kept(session, STANDINGS)
    found = known.get(person_id)
    if found is None:
        found = known[person_id] = _load_standing(session, person_id)
    return found


def _load_standing(session: Session, person_id: Id) -> Standing:
    site_id = site_of(session, person_id)
    if site_id is None:
        return Standing(None)
    found = Standing(site_id)
    for role, from_at, to_at in session.execute(SPANS, {"person": person_id}):
        span = Span(from_at, to_at)
        if role is None:
            found.suspended.append(span)
        else:
            found.held.append((role, span))
    return found


def roles_at(session: Session, person_id: Id, at: int) -> set[str]:
    """The roles a person held at that moment."""
    return standing_of(session, person_id).roles_at(at)


def may(session: Session, person_id: Id, right: str | None, site_id: Id | None, at: int) -> bool:
    """Whether the person held the right on the site at that moment; right None: was active there at all."""
    return standing_of(session, person_id).may(right, site_id, at)


def rights_at(session: Session, person_id: Id, at: int) -> set[str]:
    """Every right a person had at that moment."""
    standing = standing_of(session, person_id)
    return rights_of(standing.roles_at(at)) if standing.was_active(at) else set()


def site_of(session: Session, person_id: Id) -> Id | None:
    """The site a person works on."""
    return session.scalar(SITE_OF, {"person": person_id})


def select_site_ids(session: Session) -> list[Id]:
    """Every site, oldest first."""
    return list(session.scalars(select(Site.id).order_by(Site.created_at)))


def first_site(session: Session) -> Site | None:
    """The house's site, or None before the first run."""
    return session.scalar(select(Site).order_by(Site.created_at).limit(1))


def stand_in_of(session: Session, role: str) -> str | None:
    """The role that stands in for another."""
    return session.scalar(STAND_IN_OF, {"role": role})


def names_of(session: Session, person_ids: Iterable[Id]) -> dict[Id, str]:
    """Names of those of these people that exist."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(list(person_ids))))
    return {row.id: row.name for row in rows}


def holders_of(session: Session, site_id: Id, roles: Iterable[str], at: int) -> list[Person]:
    """Active people of a site who held one of the roles, by name."""
    held = select(PersonRole.person_id).where(
        PersonRole.role.in_(list(roles)),
        PersonRole.from_at <= at,
        or_(PersonRole.to_at.is_(None), PersonRole.to_at > at),
    )
    query = select(Person).where(Person.site_id == site_id, Person.status == ACTIVE, Person.id.in_(held))
    return list(session.scalars(query.order_by(Person.name)))
