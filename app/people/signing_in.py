"""Signing in to the office: who is it, how often may they try, and what a session carries (T40)."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request, current_app, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import login_user, logout_user

from app.lib.clock import MINUTE, now
from app.lib.db import db
from app.lib.errors import Refused
from app.people import passwords
from app.people.models import LEFT, Person, find_by_login
from app.people.steps import Limit, forget_tries, keep_rehashed, note_try, tries_of

MOST_A_LOGIN = Limit(tries=8, within_ms=15 * MINUTE)
MOST_AN_ADDRESS = Limit(tries=60, within_ms=15 * MINUTE)
JUST_NOW = 5 * MINUTE
BEGAN_AT = "began_at"  # the session's key of the moment of signing in


class OfficeSessions(SecureCookieSessionInterface):
    """The session cookie is Secure wherever the page came over HTTPS, and works on http://localhost."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What a device asks for its replica knows the device's cookie alone (sync.md §2): nobody's session is read for it."""
        if request.path.startswith("/api/sync/"):
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Only a changed session is sent: not with files that caches keep, not with every question a device asks (T40)."""
        return session.modified


def recognise(typed: str, password: str, address: str) -> Person | Refused:
    """The person who typed this, or why not.

    `sign_in_failed` for an unknown name as for a wrong password, after the same work; `sign_in_wait` after too many tries
    at this login or from this address. Only whoever knows the password hears that the account is suspended, or that they left.
    """
    person = find_by_login(db.session(), typed)
    key = tries_of(person.login_key if person else typed)
    tried = note_try({key: MOST_A_LOGIN, f"address:{address}": MOST_AN_ADDRESS})
    if tried.wait_ms:
        return wait(tried.wait_ms)
    if not passwords.is_right(person.password_hash if person else None, password) or person is None:
        return failed(tried.left)
    forget_tries(key, tried.ids)
    if not person.is_active:  # rule: PPL-2
        return Refused("account_left" if person.status == LEFT else "account_suspended", status=403)
    if person.password_hash and passwords.needs_rehash(person.password_hash):
        keep_rehashed(person.id, person.password_hash, passwords.hashed(password))
    return person


def knows_password(person: Person, password: str) -> Refused | None:
    """Whether the signed-in person can say their password again; guesses are counted as at the door."""
    key = tries_of(person.login_key)
    tried = note_try({key: MOST_A_LOGIN})
    if tried.wait_ms:
        return wait(tried.wait_ms)
    if not passwords.is_right(person.password_hash, password):
        return Refused("password_wrong", status=422, fields={"current": ["password_wrong"]})
    forget_tries(key, tried.ids)
    return None


def failed(left: int) -> Refused:
    """Not recognised, with how many tries are left."""
    return Refused("sign_in_failed", status=422, n=left) if left else wait(MOST_A_LOGIN.within_ms)


def wait(ms: int) -> Refused:
    """Too many tries: in how many minutes again."""
    return Refused("sign_in_wait", status=429, n=max(1, -(-ms // MINUTE)))


def begin_session(person: Person) -> None:
    """A fresh session of the person: whatever the old one held goes (no session fixation)."""
    session.clear()
    session.permanent = True
    session[BEGAN_AT] = now()
    login_user(person)


def go_on_here(person: Person) -> None:
    """This browser stays signed in where the person's other sessions were ended; its twelve hours do not begin anew."""
    login_user(person)


def end_session() -> None:
    """Nobody is signed in at the office in this browser any more."""
    logout_user()
    session.clear()


def has_just_begun() -> bool:
    """Whether the password of this session was typed a moment ago: time enough to choose a new one on the way."""
    began_at = session.get(BEGAN_AT)
    return isinstance(began_at, int) and now() - began_at < JUST_NOW


def is_over() -> bool:
    """Whether the session has had its twelve hours since signing in, however busy it was."""
    began_at = session.get(BEGAN_AT)
    lasts_ms = current_app.permanent_session_lifetime // timedelta(milliseconds=1)
    return not isinstance(began_at, int) or now() - began_at >= lasts_ms
