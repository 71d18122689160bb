"""One's own account: password, devices, sessions, language."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request
from flask_login import current_user

from app.lib.clock import now
from app.lib.db import db
from app.lib.ids import new_id
from app.lib.words import t
from app.people import access, operations
from app.people.forms import Form, attempt, stands_on
from app.people.guard import fresh, once, safe_next, signed_in
from app.people.models import Person, select_roles
from app.people.passwords import checked
from app.people.signing_in import begin_session, knows_password
from app.people.views import bp


@bp.get("/account")
@signed_in
def account() -> str:
    """Everything about oneself on one page; who has to choose a password sees only that."""
    return _account(Form())


def _account(form: Form) -> str:
    held = access.roles_at(db.session(), current_user.id, now())
    return render_template(
        "people/account.html", form=form, must=current_user.must_change_password, next=safe_next(request.values.get("next")),
        posts=[role for role in select_roles(db.session()) if role.code in held], fresh_id=new_id,
    )  # fmt: skip


@bp.get("/account/password")
def password() -> Response:
    """Where a refused form stands, asked for again: the account."""
    return make_response(redirect("/account", 303))


@bp.post("/account/password")
@signed_in
def change_own_password() -> Response:
    """A new password; every other session of the person ends."""
    person_id = current_user.id
    form = attempt({}, _set_own_password)
    if form.problem:
        return make_response(_account(form), form.status)
    fresh()
    begin_session(db.session.get_one(Person, person_id))
    flash(t("office.people.password_changed"))
    where = safe_next(request.form.get("next"))
    return make_response(redirect("/account" if where == "/" else where, 303))


def _set_own_password() -> None:
    """The old one is asked again, unless it is the one-time password that was typed a moment ago."""
    if not current_user.must_change_password and (problem := knows_password(current_user, request.form.get("current", ""))):
        raise problem
    about = (current_user.login, current_user.name, current_user.phone or "")
    kept = checked(request.form.get("password", ""), request.form.get("again", ""), about)
    operations.change_password(current_user.id, person_id=current_user.id, password_hash=kept)


@bp.post("/account/sessions/end")
@signed_in
def end_sessions() -> Response:
    """Sign out in every browser, this one too. Devices of the floor go on."""
    operations.sign_out_everywhere(current_user.id, operation_id=once())
    return make_response(redirect("/signin", 303))


@bp.post("/account/language")
@signed_in
@stands_on("/account")
def own_language() -> Response:
    """The language one's pages open in on a browser that has chosen none; this one keeps its own."""
    operations.change_language(current_user.id, lang=request.form.get("lang", ""), operation_id=once())
    return make_response(redirect("/account", 303))
