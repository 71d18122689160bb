"""Who is asking, and may they: the person of a request, their rights, and where a request is sent that may not go on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, g, make_response, redirect, request
from flask_login import LoginManager, current_user

from app.lib.clock import now
from app.lib.db import db
from app.lib.errors import Forbidden
from app.lib.ids import Id, parse_id
from app.people import access, forms
from app.people.models import Person, Site
from app.people.signing_in import OfficeSessions, is_over

P = ParamSpec("P")
T = TypeVar("T")

# What somebody who has to choose a password first may still ask for.
BEFORE_THE_PASSWORD = (
    "/account", "/signin", "/signout", "/language", "/static/", "/floor", "/api/", "/sw.js", "/healthz", "/readyz", "/manifest",
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Sessions, and what pages ask about the person who reads them."""
    app.session_interface = OfficeSessions()
    manager = LoginManager(app)
    manager.session_protection = None  # the cookie is bound by its own signature; phones change address all the time
    manager.user_loader(load_person)
    manager.unauthorized_handler(ask_to_sign_in)
    app.before_request(know_the_site)
    app.before_request(ask_for_a_password)
    app.jinja_env.globals.update(may=may_here, form_at=forms.form_at, page_address=forms.page_address)

    @app.context_processor
    def person_of_request() -> dict[str, Any]:
        return {"current_person": current_user if current_user.is_authenticated else None, "site": g.get("site")}


def load_person(said: str) -> Person | None:
    """The person of a session, unless it is over, signed out everywhere or suspended since."""
    if is_over():
        return None
    id, _, version = said.partition(".")
    person_id = parse_id(id)
    person = db.session.get(Person, person_id) if person_id else None
    if person is None or str(person.session_version) != version or not person.is_active:
        return None
    return person


def know_the_site() -> None:
    """Times of this request are shown in the site's zone."""
    if request.path.startswith(("/static/", "/api/sync/", "/healthz", "/readyz")):
        return
    if current_user.is_authenticated:
        g.site = db.session.get(Site, current_user.site_id)
        g.time_zone = g.site.time_zone if g.site else None


def ask_for_a_password() -> Response | None:
    """A password that somebody else knows opens only the page where it is changed."""
    if request.path.startswith(BEFORE_THE_PASSWORD):
        return None
    if current_user.is_authenticated and current_user.must_change_password:
        return go(f"/account?next={quote(_this_page())}")
    return None


def ask_to_sign_in() -> Response:
    """Without a session: pages lead to the sign-in, fragments tell htmx to go there."""
    return go(f"/signin?next={quote(_this_page())}")


def _this_page() -> str:
    """Where to come back to: only what was read can be asked for again."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def go(where: str) -> Response:
    """Send the browser to another page, also when htmx asked."""
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 204)
        response.headers["HX-Redirect"] = where
        return response
    return make_response(redirect(where, 303))


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
    """Whoever is not signed in is asked to; whoever has no such right gets 403."""
    if not current_user.is_authenticated:
        abort(ask_to_sign_in())
    if not may_here(right):
        raise Forbidden(right=right)


def signed_in(view: Callable[P, T]) -> Callable[P, T]:
    """A page for everybody who signed in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        if not current_user.is_authenticated:
            abort(ask_to_sign_in())
        return view(*args, **kwargs)

    return guarded


def once() -> Id | None:
    """The form's own id of what it says: sent twice, it has one effect (GEN-4)."""
    return parse_id(request.form.get("operation_id"))


def fresh() -> None:
    """See what was just written: the reading session begins a new snapshot."""
    db.session.rollback()


def safe_next(target: str | None) -> str:
    """Where to go after signing in: a path of ours, whatever was asked (no open redirect, T40)."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    if any(ord(c) < 32 or ord(c) == 127 for c in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target
