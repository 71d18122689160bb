"""What devices know of people: names and roles for all, rights for oneself."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lib.clock import now
from app.lib.ids import Id
from app.people.models import Person, PersonRole, Role, Site
from app.people.rights import rights_of
from app.sync import Placed, buckets, record


@record("site")
def render_sites(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """The site's name and clock."""
    rows = session.scalars(select(Site).where(Site.id.in_(map(Id, ids))))
    return {str(s.id): [Placed(buckets.site(s.id), {"id": str(s.id), "name": s.name, "time_zone": s.time_zone})] for s in rows}


@record("role")
def render_roles(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """A role's names and who stands in."""
    rows = session.scalars(select(Role).where(Role.code.in_(ids)))
    return {
        r.code: [Placed(buckets.org(), {"id": r.code, "zh": r.zh, "en": r.en, "team": r.team, "stand_in": r.stand_in})]
        for r in rows
    }


@record("person")
def render_persons(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Name, roles and the letter of the round mark; nothing personal beyond that."""
    held = _roles(session, ids)
    rows = session.scalars(select(Person).where(Person.id.in_(map(Id, ids))))
    return {
        str(p.id): [Placed(buckets.org(), {"id": str(p.id), "name": p.name, "roles": held[p.id], "initials": p.initials})]
        for p in rows
    }


@record("me")
def render_me(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """What a person may do, for their own pages."""
    held = _roles(session, ids)
    rows = session.scalars(select(Person).where(Person.id.in_(map(Id, ids))))
    found = {}
    for p in rows:
        rights = sorted(rights_of(set(held[p.id]))) if p.is_active else []
        data = {
            "id": str(p.id), "name": p.name, "phone": p.phone, "lang": p.lang, "roles": held[p.id], "rights": rights,
        }  # fmt: skip
        found[str(p.id)] = [Placed(buckets.person(p.id), data)]
    return found


def _roles(session: Session, ids: list[str]) -> dict[Id, list[str]]:
    """Roles held now, in the order of giving."""
    found: dict[Id, list[str]] = defaultdict(list)
    query = select(PersonRole).where(PersonRole.person_id.in_(map(Id, ids)), PersonRole.to_at.is_(None))
    for row in session.scalars(query.order_by(PersonRole.from_at, PersonRole.id)):
        if row.from_at <= now():
            found[row.person_id].append(row.role)
    return found
