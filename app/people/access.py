"""Questions about people, asked as of a moment (GEN-7)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.lib.ids import Id
from app.people.models import ACTIVE, Person, PersonRole, PersonSpell, Role, Site
from app.people.rights import ANY, rights_of, roles_with


def roles_at(session: Session, person_id: Id, at: int) -> set[str]:
    """The roles a person held at that moment."""
    held = select(PersonRole.role).where(
        PersonRole.person_id == person_id,
        PersonRole.from_at <= at,
        or_(PersonRole.to_at.is_(None), PersonRole.to_at > at),
    )
    return set(session.scalars(held))


def was_active(session: Session, person_id: Id, at: int) -> bool:
    """Whether the person worked here and was not suspended then. Someone who never signed in yet counts as active."""
    created_at = session.scalar(select(Person.created_at).where(Person.id == person_id))
    if created_at is None:
        return False
    suspended = select(PersonSpell.id).where(
        PersonSpell.person_id == person_id,
        PersonSpell.from_at <= at,
        or_(PersonSpell.to_at.is_(None), PersonSpell.to_at > at),
    )
    return session.scalar(suspended) is None


def may(session: Session, person_id: Id, right: str | None, site_id: Id | None, at: int) -> bool:
    """Whether the person held the right on the site at that moment; right None: was active there at all."""
    if site_id is not None and site_of(session, person_id) != site_id:
        return False
    if not was_active(session, person_id, at):
        return False
    if right is None:
        return True
    holders = roles_with(right)
    return ANY in holders or bool(holders & roles_at(session, person_id, at))


def rights_at(session: Session, person_id: Id, at: int) -> set[str]:
    """Every right a person had at that moment."""
    return rights_of(roles_at(session, person_id, at)) if was_active(session, person_id, at) else set()


def site_of(session: Session, person_id: Id) -> Id | None:
    """The site a person works on."""
    return session.scalar(select(Person.site_id).where(Person.id == person_id))


def select_site_ids(session: Session) -> list[Id]:
    """Every site, oldest first."""
    return list(session.scalars(select(Site.id).order_by(Site.created_at)))


def first_site(session: Session) -> Site | None:
    """The house's site, or None before the first run."""
    return session.scalar(select(Site).order_by(Site.created_at).limit(1))


def stand_in_of(session: Session, role: str) -> str | None:
    """The role that stands in for another."""
    return session.scalar(select(Role.stand_in).where(Role.code == role))


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
