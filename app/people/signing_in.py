"""Signing in and out of the office: who is it, how often may they try, and what a session carries."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select

from app.lib.clock import DAY, MINUTE, now
from app.lib.db import db, writer
from app.lib.errors import Refused
from app.lib.ids import new_id
from app.people import passwords
from app.people.models import Person, SignInAttempt, find_by_login

WINDOW = 15 * MINUTE
MOST_A_LOGIN = 8
MOST_AN_ADDRESS = 60


def recognise(typed: str, password: str, address: str) -> Person:
    """The person who typed this, or `Refused`: `sign_in_failed` for whatever reason, `sign_in_wait` after too many tries.

    The work is the same for somebody who does not exist. Failures are counted per login and per address.
    """
    keys = {f"login:{' '.join(typed.split()).casefold()[:80]}": MOST_A_LOGIN, f"address:{address}": MOST_AN_ADDRESS}
    for key, most in keys.items():
        _check(key, most)
    person = find_by_login(db.session(), typed)
    right = passwords.is_right(person.password_hash if person else None, password)
    if person is None or not right or not person.is_active:
        _count(list(keys))
        raise Refused("sign_in_failed", status=422)
    _forget(next(iter(keys)))
    if person.password_hash and passwords.needs_rehash(person.password_hash):
        _rehash(person, password)
    return person


def _check(key: str, most: int) -> None:
    since = now() - WINDOW
    failed = select(func.count(), func.min(SignInAttempt.at)).where(SignInAttempt.key == key, SignInAttempt.at > since)
    count, oldest = db.session.execute(failed).one()
    if count >= most:
        minutes = max(1, -(-(oldest + WINDOW - now()) // MINUTE))
        raise Refused("sign_in_wait", status=429, minutes=minutes, n=minutes)


def _count(keys: list[str]) -> None:
    with writer().session() as session:
        session.execute(delete(SignInAttempt).where(SignInAttempt.at < now() - DAY))
        session.execute(insert(SignInAttempt), [{"id": new_id(), "key": key, "at": now()} for key in keys])


def _forget(key: str) -> None:
    if db.session.scalar(select(SignInAttempt.id).where(SignInAttempt.key == key).limit(1)):
        with writer().session() as session:
            session.execute(delete(SignInAttempt).where(SignInAttempt.key == key))


def _rehash(person: Person, password: str) -> None:
    """The same password under today's parameters; no operation, for nothing a person did changes."""
    kept = passwords.hashed(password)
    with writer().session() as session:
        found = session.get(Person, person.id)
        if found is not None:
            found.password_hash = kept
