"""Signing in and out, one's own account, and the people of the house."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import select

from app.lib.clock import now
from app.lib.db import db
from app.lib.errors import Forbidden, Refused
from app.lib.ids import parse_id
from app.lib.words import COOKIE, LANGUAGES
from app.people import access
from app.people.models import Person, PersonRole, Role, Site
from app.people.passwords import DEMO_PASSWORD
from app.people.records import initials
from app.people.signing_in import recognise

bp = Blueprint("people", __name__)
YEAR_S = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Sessions, and what pages ask about the person who reads them."""
    manager = LoginManager(app)
    manager.session_protection = None  # the cookie is bound by its own signature; phones change address all the time
    manager.user_loader(load_person)
    manager.unauthorized_handler(ask_to_sign_in)
    app.before_request(know_the_site)
    app.jinja_env.globals.update(may=may_here)

    @app.context_processor
    def person_of_request() -> dict[str, Any]:
        person = current_user if current_user.is_authenticated else None
        return {"current_person": person, "site": g.get("site")}


def load_person(said: str) -> Person | None:
    """The person of a session, unless signed out everywhere or suspended since."""
    id, _, version = said.partition(".")
    person_id = parse_id(id)
    person = db.session.get(Person, person_id) if person_id else None
    if person is None or str(person.session_version) != version or not person.is_active:
        return None
    return person


def ask_to_sign_in() -> Response:
    """Without a session: pages lead to the sign-in, fragments tell htmx to go there."""
    where = url_for("people.sign_in", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 204)
        response.headers["HX-Redirect"] = where
        return response
    return make_response(redirect(where, 303))


def know_the_site() -> None:
    """Times of this request are shown in the site's zone."""
    if request.path.startswith(("/static/", "/api/sync/", "/healthz")):
        return
    if current_user.is_authenticated:
        g.site = db.session.get(Site, current_user.site_id)
        g.time_zone = g.site.time_zone if g.site else None


def rights_here() -> set[str]:
    """The rights of the person of this request, asked once."""
    if "rights" not in g:
        g.rights = access.rights_at(db.session(), current_user.id, now()) if current_user.is_authenticated else set()
    found: set[str] = g.rights
    return found


def may_here(right: str) -> bool:
    """Whether the person of this request holds a right."""
    return right in rights_here()


def need(right: str) -> None:
    """403 for whoever has no such right."""
    if not may_here(right):
        raise Forbidden(right=right)


def safe_next(target: str | None) -> str:
    """Where to go after signing in: a path of ours, whatever was asked (no open redirect, T40)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:  # rule: T40
        return "/"
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(c) < 32 for c in target):
        return "/"
    return target


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
        demo_password=DEMO_PASSWORD, next=safe_next(request.values.get("next")), must_sign_in="next" in request.args,
    )  # fmt: skip


@bp.post("/signin")
def do_sign_in() -> Response:
    """Recognise the person and begin a fresh session: the old one's contents go (no session fixation, T40)."""
    try:
        person = recognise(request.form.get("login", ""), request.form.get("password", ""), request.remote_addr or "")
    except Refused as refused:
        response = make_response(_sign_in_page(refused), refused.status)
        if refused.status == 429:
            response.headers["Retry-After"] = str(refused.facts["minutes"] * 60)
        return response
    session.clear()
    session.permanent = True
    login_user(person)
    where = safe_next(request.form.get("next"))
    response = make_response(redirect("/account?must=1" if person.must_change_password else where, 303))
    if request.cookies.get(COOKIE) not in LANGUAGES:
        set_language_cookie(response, person.lang)
    return response


@bp.post("/signout")
def sign_out() -> Response:
    """End this session. Devices go on: their grants are ended on the device."""
    logout_user()
    session.clear()
    return make_response(redirect("/signin", 303))


def demo_people() -> list[dict[str, Any]]:
    """The demo's people with their roles, to sign in with one tap; empty on a real site."""
    site = access.first_site(db.session())
    if site is None or not site.is_demo or not current_app.config["DEMO"]:
        return []
    rows = db.session.execute(
        select(Person.name, Person.login, Role.zh, Role.en)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .join(Role, Role.code == PersonRole.role)
        .where(PersonRole.to_at.is_(None), Person.site_id == site.id, Person.status == "active")
        .order_by(Role.seq, Person.created_at)
    )
    found = {
        r.login: {"name": r.name, "login": r.login, "initials": initials(r.name), "role": {"zh": r.zh, "en": r.en}} for r in rows
    }
    return list(found.values())


@bp.post("/language")
def language() -> Response:
    """Switch the language of the office's pages, and stay where one was."""
    lang = request.form.get("lang", "")
    response = make_response(redirect(safe_next(request.form.get("next")), 303))
    if lang in LANGUAGES:
        set_language_cookie(response, lang)
    return response


def set_language_cookie(response: Response, lang: str) -> None:
    """The language, for a year; the floor's switch writes the same cookie."""
    response.set_cookie(COOKIE, lang, max_age=YEAR_S, secure=request.is_secure, samesite="Lax")
