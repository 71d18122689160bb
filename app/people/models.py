"""Sites, persons, the roles they hold over time, and attempts to sign in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_login import UserMixin
from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.lib.db import IdType, Json, Model
from app.lib.errors import NotFound
from app.lib.ids import Id

ACTIVE = "active"
SUSPENDED = "suspended"
LEFT = "left"


class Site(Model):
    """One warehouse with its studios: the unit of sync. Times are shown in `time_zone` (GEN-8)."""

    __tablename__ = "site"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(60))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[int] = mapped_column(BigInteger)


class Role(Model):
    """A post of the organisation, as the starter pack describes it."""

    __tablename__ = "role"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    zh: Mapped[str] = mapped_column(String(80))
    en: Mapped[str] = mapped_column(String(80))
    team: Mapped[str] = mapped_column(String(20))
    reports_to: Mapped[str | None] = mapped_column(String(40))
    stand_in: Mapped[str | None] = mapped_column(String(40))
    profile: Mapped[dict[str, Any]] = mapped_column(Json)


class Person(UserMixin, Model):  # type: ignore[misc]  # Flask-Login ships no types
    """One human being. `session_version` grows to sign the person out everywhere."""

    __tablename__ = "person"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    site_id: Mapped[Id] = mapped_column(IdType, ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(String(80))
    login: Mapped[str] = mapped_column(String(80))
    login_key: Mapped[str] = mapped_column(String(80), unique=True)
    phone: Mapped[str | None] = mapped_column(String(30), unique=True)
    lang: Mapped[str] = mapped_column(String(2), default="zh")
    status: Mapped[str] = mapped_column(String(10), default=ACTIVE)
    password_hash: Mapped[str | None] = mapped_column(Text)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    session_version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[int] = mapped_column(BigInteger)
    left_at: Mapped[int | None] = mapped_column(BigInteger)
    left_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_person_site_name", "site_id", "name"),)

    def get_id(self) -> str:
        """What the session cookie carries: the person and the version of their sessions."""
        return f"{self.id}.{self.session_version}"

    @property
    def initials(self) -> str:
        """What stands in the person's round mark."""
        return initials(self.name)

    @property
    def is_active(self) -> bool:
        """Whether the person may sign in."""
        return self.status == ACTIVE


class PersonRole(Model):
    """A role held from a moment until another; an open end is None."""

    __tablename__ = "person_role"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    person_id: Mapped[Id] = mapped_column(IdType, ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(40))
    from_at: Mapped[int] = mapped_column(BigInteger)
    to_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_person_role_person", "person_id", "role"),)


class PersonSpell(Model):
    """A time in which a person was suspended, or had left: rights end with it and come back after it (GEN-7)."""

    __tablename__ = "person_suspension"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    person_id: Mapped[Id] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    from_at: Mapped[int] = mapped_column(BigInteger)
    to_at: Mapped[int | None] = mapped_column(BigInteger)


class SignInAttempt(Model):
    """A failed sign-in, by what was typed and from where; rows older than a day are removed."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_sign_in_attempt_key", "key", "at"),)


def access_person(session: Session, site_id: Id, person_id: Id) -> Person:
    """A person of this site, or NotFound."""
    person = session.get(Person, person_id)
    if person is None or person.site_id != site_id:
        raise NotFound("person")
    return person


def initials(name: str) -> str:
    """The first character of a name, of a Latin one two letters."""
    words = name.split()
    if not words:
        return "?"
    if words[0][0].isascii():
        return "".join(word[0] for word in words[:2]).upper()
    return words[0][0]


def login_key(typed: str) -> str:
    """A login as it is compared: case, stray spaces and the width of characters do not matter."""
    return " ".join(unicodedata.normalize("NFKC", typed).split()).casefold()


def phone_key(typed: str) -> str:
    """A phone number as it is compared: digits of whatever width, without what people put between them."""
    return re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", typed))


def find_by_login(session: Session, typed: str) -> Person | None:
    """The person who signs in as `typed`: login, phone, or a name that only one person has."""
    for column, value in ((Person.login_key, login_key(typed)), (Person.phone, phone_key(typed))):
        found: Person | None = session.scalar(select(Person).where(column == value))
        if found is not None:
            return found
    named = session.scalars(select(Person).where(Person.name == " ".join(typed.split())).limit(2)).all()
    return named[0] if len(named) == 1 else None


def select_roles(session: Session) -> list[Role]:
    """Every role, in the pack's order."""
    return list(session.scalars(select(Role).order_by(Role.seq)))


def select_spans(session: Session, person_ids: Iterable[Id], *, open_only: bool = False) -> dict[Id, list[PersonRole]]:
    """Roles of people with their times, the pack's order of roles, then oldest first."""
    query = (
        select(PersonRole)
        .outerjoin(Role, Role.code == PersonRole.role)
        .where(PersonRole.person_id.in_(list(person_ids)))
        .order_by(Role.seq, PersonRole.from_at)
    )
    if open_only:
        query = query.where(PersonRole.to_at.is_(None))
    found: dict[Id, list[PersonRole]] = {}
    for span in session.scalars(query):
        found.setdefault(span.person_id, []).append(span)
    return found


def select_people(session: Session, site_id: Id) -> list[Person]:
    """Everybody of a site, also those suspended and those who left."""
    return list(session.scalars(select(Person).where(Person.site_id == site_id)))
