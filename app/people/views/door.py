"""The door: signing in and out, and the language of the pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, current_app, make_response, redirect, render_template, request
from sqlalchemy import select

from app.lib.db import db
from app.lib.errors import Refused
from app.lib.words import COOKIE, LANGUAGES
from app.people import access
from app.people.guard import safe_next
from app.people.models import ACTIVE, Person, PersonRole, Role, initials
from app.people.passwords import DEMO_PASSWORD
from app.people.signing_in import begin_session, end_session, recognise
from app.people.views import bp

YEAR_S = 365 * 24 * 3600


@bp.get("/signin")
def sign_in() -> Response | str:
    """The sign-in page; before the first run it leads to the set-up."""
    if access.first_site(db.session()) is None:
        return make_response(redirect("/setup", 303))
    return _sign_in_page()


def _sign_in_page(problem: Refused | None = None) -> str:
    """The form as it was typed; on the demo a tapped person's login and password stand in it."""
    people, typed = demo_people(), request.values.get("login", "")[:80]
    chosen = request.method == "GET" and typed in {person["login"] for person in people}
    return render_template(
        "people/signin.html", problem=problem, typed=typed, filled=DEMO_PASSWORD if chosen else "", people=people,
        demo_password=DEMO_PASSWORD, next=safe_next(request.values.get("next")),
    )  # fmt: skip


@bp.post("/signin")
def do_sign_in() -> Response:
    """Recognise the person and begin a fresh session, then go where they wanted."""
    found = recognise(request.form.get("login", ""), request.form.get("password", ""), request.remote_addr or "")
    if isinstance(found, Refused):
        return _not_recognised(found)
    begin_session(found)
    where = safe_next(request.form.get("next"))
    response = make_response(redirect(f"/account?next={quote(where)}" if found.must_change_password else where, 303))
    if request.cookies.get(COOKIE) not in LANGUAGES:
        set_language_cookie(response, found.lang)
    return response


def _not_recognised(problem: Refused) -> Response:
    response = make_response(_sign_in_page(problem), problem.status)
    if problem.status == 429:
        response.headers["Retry-After"] = str(problem.facts["n"] * 60)
    return response


@bp.post("/signout")
def sign_out() -> Response:
    """End this session. Devices go on: their grants are ended on the device."""
    end_session()
    return make_response(redirect("/signin", 303))


def demo_people() -> list[dict[str, Any]]:
    """The demo's people with their roles, to sign in with a tap; empty on a real site."""
    site = access.first_site(db.session())
    if site is None or not site.is_demo or not current_app.config["DEMO"]:
        return []
    rows = db.session.execute(
        select(Person.name, Person.login, Role.zh, Role.en)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .join(Role, Role.code == PersonRole.role)
        .where(PersonRole.to_at.is_(None), Person.site_id == site.id, Person.status == ACTIVE)
        .order_by(Role.seq.desc(), Person.created_at)
    )
    found = {
        r.login: {"name": r.name, "login": r.login, "initials": initials(r.name), "role": {"zh": r.zh, "en": r.en}} for r in rows
    }
    return list(reversed(found.values()))


@bp.post("/language")
def language() -> Response:
    """Switch the language of the office's pages, and stay where one was."""
    lang = request.form.get("lang", "")
    response = make_response(redirect(safe_next(request.form.get("next")), 303))
    if lang in LANGUAGES:
        set_language_cookie(response, lang)
    return response


def set_language_cookie(response: Response, lang: str) -> None:
    """The language, for a year; the floor's switch writes the same cookie, so scripts may."""
    response.set_cookie(COOKIE, lang, max_age=YEAR_S, secure=request.is_secure, samesite="Lax")
