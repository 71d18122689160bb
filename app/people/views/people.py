"""Everybody who works here: the list, one person, and what an administrator does with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, session
from flask_login import current_user

from app.lib.db import db
from app.lib.ids import Id, new_id, parse_id
from app.lib.tables import csv_answer
from app.lib.times import full_time
from app.lib.words import pick, t
from app.people import operations
from app.people.forms import stands_on
from app.people.guard import fresh, may_here, need, once
from app.people.history import select_history
from app.people.models import Person, PersonRole, Role, access_person, select_people, select_roles, select_spans
from app.people.passwords import checked, one_time
from app.people.views import bp

TOLD = "told"  # the session's key of a one-time password that the next page shows, and no other
SORTS = ("name", "role", "since")


@dataclass(frozen=True)
class Row:
    """A person in the list, with the roles held now."""

    person: Person
    held: list[PersonRole]
    roles: list[Role]

    def matches(self, role: str, state: str) -> bool:
        """Whether the filters leave this person in."""
        has_role = not role or role in {span.role for span in self.held}
        return has_role and (not state or self.person.status == state)


@bp.get("/people")
def people() -> str:
    """Everybody, narrowed by role and state; typing narrows further on the page itself."""
    need("people.read")
    return render_template("people/people.html", **_listed())


def _listed() -> dict[str, Any]:
    role, state = request.args.get("role", ""), request.args.get("state", "active")
    sort, is_down = request.args.get("sort", "name"), request.args.get("down") == "1"
    roles = select_roles(db.session())
    everybody = _rows(roles)
    wanted = [row for row in everybody if row.matches(role, "" if state == "all" else state)]
    wanted.sort(key=_order(sort if sort in SORTS else "name"), reverse=is_down)
    return {
        "rows": wanted, "roles": roles, "role": role, "state": state, "sort": {"key": sort, "down": is_down},
        "states": Counter(row.person.status for row in everybody), "sees_phones": _sees_phones(),
    }  # fmt: skip


def _rows(roles: list[Role]) -> list[Row]:
    found = select_people(db.session(), current_user.site_id)
    spans = select_spans(db.session(), [person.id for person in found], open_only=True)
    by_code = {role.code: role for role in roles}
    return [
        Row(person, held, [by_code[span.role] for span in held if span.role in by_code])
        for person in found
        for held in [spans.get(person.id, [])]
    ]


def _order(sort: str) -> Callable[[Row], tuple[int, bytes]]:
    """A sort key. GB 18030 puts the common characters in the order of their pinyin, which is how Chinese names are looked up."""

    def key(row: Row) -> tuple[int, bytes]:
        first = {"role": row.roles[0].seq if row.roles else 999, "since": row.person.created_at}.get(sort, 0)
        return first, row.person.name.casefold().encode("gb18030", "replace")

    return key


def _sees_phones() -> bool:
    """Numbers are for those who call people in."""
    return may_here("people.manage") or may_here("checklists.lead")


@bp.get("/people.csv")
def people_csv() -> Response:
    """The list as it is narrowed, to take away."""
    need("people.manage")
    head = [t(f"office.people.csv_{name}") for name in ("name", "login", "phone", "roles", "state", "since")]
    rows = [
        [
            row.person.name, row.person.login, row.person.phone, "、".join(pick(role) for role in row.roles),
            t(f"office.people.state_{row.person.status}"), full_time(row.person.created_at),
        ]
        for row in _listed()["rows"]
    ]  # fmt: skip
    return csv_answer("people.csv", head, rows)


# -- one person -----------------------------------------------------------------------------------------------------------------


@bp.get("/people/<uuid:person_id>")
def person(person_id: Id) -> str:
    """One person: roles and duties for everybody, the rest for whoever manages people."""
    need("people.read")
    one = access_person(db.session(), current_user.site_id, person_id)
    spans = select_spans(db.session(), [person_id]).get(person_id, [])
    roles = {role.code: role for role in select_roles(db.session())}
    held = [span.role for span in spans if span.to_at is None]
    told = session.pop(TOLD, {}) if request.method == "GET" else {}
    return render_template(
        "people/person.html", one=one, spans=spans, roles=roles,
        posts=[roles[code] for code in held if code in roles], free=[role for role in roles.values() if role.code not in held],
        told=told.get(str(person_id)),
        history=select_history(db.session(), "person", person_id) if may_here("people.manage") else [],
        sees_phones=_sees_phones() or person_id == current_user.id, fresh_id=new_id,
    )  # fmt: skip


@bp.get("/people/new")
def new_person() -> str:
    """The form for a new colleague."""
    need("people.manage")
    return render_template("people/new.html", roles=select_roles(db.session()), fresh_id=new_id)


@bp.post("/people")
@stands_on("/people/new")
def add() -> Response:
    """Add a colleague; the first password is made here and told once. The same form sent twice leads to the same person."""
    need("people.manage")
    person_id, password = parse_id(request.form.get("person_id")) or new_id(), one_time()
    if db.session.get(Person, person_id) is not None:
        return _back_to(person_id)
    operations.add_person(
        current_user.id, person_id=person_id, **_typed(), roles=request.form.getlist("roles"), password_hash=checked(password),
        must_change_password=True,
    )  # fmt: skip
    return _tell_once(person_id, password)


def _typed() -> dict[str, Any]:
    """The form of a person as it was typed."""
    return {name: request.form.get(name, "") for name in ("name", "login", "phone", "lang")}


def _tell_once(person_id: Id, password: str) -> Response:
    session[TOLD] = {str(person_id): password}
    return _back_to(person_id)


def _back_to(person_id: Id) -> Response:
    return make_response(redirect(f"/people/{person_id}", 303))


@bp.post("/people/<uuid:person_id>")
@stands_on("/people/{person_id}")
def change(person_id: Id) -> Response:
    """Mend name, login, phone, language."""
    need("people.manage")
    operations.change_person(current_user.id, person_id=person_id, **_typed(), operation_id=once())
    flash(t("office.people.changed"))
    return _back_to(person_id)


@bp.post("/people/<uuid:person_id>/roles")
@stands_on("/people/{person_id}", unknown_role="role")
def give(person_id: Id) -> Response:
    """Give a role from now on."""
    need("people.manage")
    operations.give_role(current_user.id, person_id=person_id, role=request.form.get("role", ""), operation_id=once())
    return _back_to(person_id)


@bp.post("/people/<uuid:person_id>/roles/<role>/end")
def withdraw(person_id: Id, role: str) -> Response:
    """End a role now."""
    need("people.manage")
    operations.withdraw_role(current_user.id, person_id=person_id, role=role, operation_id=once())
    return _back_to(person_id)


@bp.post("/people/<uuid:person_id>/password")
def reset(person_id: Id) -> Response:
    """A one-time password, shown on the next page and never again."""
    need("people.manage")
    password = one_time()
    operations.reset_password(current_user.id, person_id=person_id, password_hash=checked(password))
    return _tell_once(person_id, password)


@bp.get("/people/<uuid:person_id>/suspension")
def suspension(person_id: Id) -> Response:
    """Where a refused form stands, asked for again: the person's page."""
    return _back_to(person_id)


@bp.post("/people/<uuid:person_id>/suspension")
@stands_on("/people/{person_id}")
def suspend(person_id: Id) -> Response:
    """Nobody signs in as them for now."""
    need("people.manage")
    reason = request.form.get("reason", "")
    operations.suspend_person(current_user.id, person_id=person_id, reason=reason, operation_id=once())
    fresh()
    flash(t("office.people.suspended", name=access_person(db.session(), current_user.site_id, person_id).name))
    return _back_to(person_id)


@bp.get("/people/<uuid:person_id>/leaving")
def leaving(person_id: Id) -> Response:
    """Where a refused form stands, asked for again: the person's page."""
    return _back_to(person_id)


@bp.post("/people/<uuid:person_id>/leaving")
@stands_on("/people/{person_id}")
def leave(person_id: Id) -> Response:
    """They left the house."""
    need("people.manage")
    reason = request.form.get("reason", "")
    operations.end_employment(current_user.id, person_id=person_id, reason=reason, operation_id=once())
    fresh()
    flash(t("office.people.left", name=access_person(db.session(), current_user.site_id, person_id).name))
    return _back_to(person_id)


@bp.post("/people/<uuid:person_id>/leaving/end")
def rehire(person_id: Id) -> Response:
    """They are back."""
    need("people.manage")
    operations.rehire_person(current_user.id, person_id=person_id, operation_id=once())
    fresh()
    flash(t("office.people.rehired", name=access_person(db.session(), current_user.site_id, person_id).name))
    return _back_to(person_id)


@bp.post("/people/<uuid:person_id>/suspension/end")
def reinstate(person_id: Id) -> Response:
    """They may sign in again."""
    need("people.manage")
    operations.reinstate_person(current_user.id, person_id=person_id, operation_id=once())
    fresh()
    flash(t("office.people.reinstated", name=access_person(db.session(), current_user.site_id, person_id).name))
    return _back_to(person_id)
