"""What other verbs make happen to people: roles kept from the starter pack, persons made with a site."""

from __future__ import annotations

from typing import Any

from app.lib.ids import Id, new_id
from app.people.models import Person, PersonRole, Role
from app.sync import Tx


def keep_role(tx: Tx, role: dict[str, Any], seq: int) -> None:
    """Keep one role of the pack; the same again changes nothing."""
    names = {"zh": role["zh"], "en": role["en"], "team": role["team"]}
    links = {"reports_to": role.get("reports_to"), "stand_in": role.get("stand_in")}
    row = tx.session.get(Role, role["id"])
    if row is None:
        row = Role(code=role["id"], seq=seq, **names, **links, profile=role)
        tx.session.add(row)
    else:
        for name, value in {**names, **links, "seq": seq, "profile": role}.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
    tx.publish("role", row.code)


def make_person(tx: Tx, person: Person, roles: list[str]) -> None:
    """Write a person with roles from now on, and tell every device their name."""
    tx.session.add(person)
    tx.session.flush()
    for role in roles:
        hold_role(tx, person.id, role)
    publish_person(tx, person.id)
    tx.about("person", person.id)


def hold_role(tx: Tx, person_id: Id, role: str) -> None:
    """The person holds the role from now on."""
    tx.session.add(PersonRole(id=new_id(), person_id=person_id, role=role, from_at=tx.now, to_at=None))


def publish_person(tx: Tx, person_id: Id) -> None:
    """The name for everybody, the rights for the person."""
    tx.publish("person", person_id)
    tx.publish("me", person_id)
    tx.readers_changed(person_id)
