"""What other verbs make happen to people: roles kept from the starter pack, persons made with a site; and tries to sign in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.lib.clock import DAY, now
from app.lib.db import writer
from app.lib.ids import Id, new_id
from app.people.models import Person, PersonRole, Role, SignInAttempt, login_key
from app.sync import Tx
from app.sync.tx import OFFICE


def office_only(tx: Tx) -> None:
    """People, passwords and devices are managed online: no device vouches for itself, and none changes a password it was lent."""
    if tx.door != OFFICE:
        tx.refuse("office_only")


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


def end_sessions(tx: Tx, person_ids: Iterable[Id]) -> None:
    """Every office session of these people ends; their devices go on."""
    ended = update(Person).where(Person.id.in_(list(person_ids)), Person.site_id == tx.site_id)
    tx.session.execute(ended.values(session_version=Person.session_version + 1))


def publish_person(tx: Tx, person_id: Id) -> None:
    """The name for everybody, the rights for the person."""
    tx.publish("person", person_id)
    tx.publish("me", person_id)
    tx.readers_changed(person_id)


# -- tries to sign in: not operations, for nobody is known yet who does them ----------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """So many failed tries within so many milliseconds."""

    tries: int
    within_ms: int


@dataclass(frozen=True)
class Tried:
    """A try that counts as failed until `forget_tries`: its rows, how many are left, or how long to wait instead."""

    ids: tuple[Id, ...] = ()
    left: int = 0
    wait_ms: int = 0


def tries_of(login: str) -> str:
    """The key under which tries at a login are counted, however it is typed."""
    return f"login:{login_key(login)[:80]}"


def note_try(limits: dict[str, Limit]) -> Tried:
    """Count a try under each key before the password is looked at, so that tries at once cannot pass the limit together."""
    with writer().session() as session:
        session.execute(delete(SignInAttempt).where(SignInAttempt.at < now() - DAY))
        left = []
        for key, limit in limits.items():
            failed = select(func.count(), func.min(SignInAttempt.at)).where(
                SignInAttempt.key == key, SignInAttempt.at > now() - limit.within_ms
            )
            count, oldest = session.execute(failed).one()
            if count >= limit.tries:
                return Tried(wait_ms=max(1, oldest + limit.within_ms - now()))
            left.append(limit.tries - count - 1)
        rows = [SignInAttempt(id=new_id(), key=key, at=now()) for key in limits]
        session.add_all(rows)
        return Tried(tuple(row.id for row in rows), min(left))


def forget_tries(key: str, ids: tuple[Id, ...] = ()) -> None:
    """The password was right: the tries at this login are forgotten, and the rows of this one everywhere."""
    with writer().session() as session:
        _forget(session, key, ids)


def forget_tries_of(tx: Tx, login: str) -> None:
    """Whoever gets a new password may try it at once."""
    _forget(tx.session, tries_of(login), ())


def _forget(session: Session, key: str, ids: tuple[Id, ...]) -> None:
    session.execute(delete(SignInAttempt).where((SignInAttempt.key == key) | SignInAttempt.id.in_(ids)))


def keep_rehashed(person_id: Id, before: str, password_hash: str) -> None:
    """The same password under today's parameters, unless it was changed meanwhile; no operation, for nobody did anything."""
    with writer().session() as session:
        person = session.get(Person, person_id)
        if person is not None and person.password_hash == before:
            person.password_hash = password_hash
