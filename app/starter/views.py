"""The first run (`/setup`), and the office's one button of the starter pack."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_login import current_user

from app.lib.db import db
from app.lib.ids import Id, new_id
from app.lib.words import language
from app.people.access import first_site
from app.people.forms import Form, attempt
from app.people.guard import fresh, need
from app.people.models import Person
from app.people.operations import set_up_site
from app.people.passwords import checked
from app.people.signing_in import begin_session
from app.starter.operations import load_pack
from app.starter.reading import read_files

bp = Blueprint("starter", __name__)

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@bp.get("/setup")
def first_run() -> Response:
    """Name the house and its first administrator; once there is a site, this page leads to the sign-in."""
    if first_site(db.session()) is not None:
        return make_response(redirect("/signin", 303))
    return make_response(_page(Form({"time_zone": "", "pack": "1"})))


def _page(form: Form) -> str:
    zones = sorted(zone for zone in available_timezones() if zone.startswith(tuple(f"{region}/" for region in REGIONS)))
    return render_template("starter/setup.html", form=form, zones=[*zones, "UTC"], guess="Asia/Shanghai")


@bp.post("/setup")
def set_up() -> Response:
    """Make the site, sign its administrator in, and load the pack where it is wanted."""
    person_id, typed = new_id(), _typed()
    form = attempt(typed, lambda: _found(person_id, typed))
    if form.problem and form.problem.code == "already_set_up":
        return make_response(redirect("/signin", 303))
    if form.problem:
        return make_response(_page(form), form.status)
    fresh()
    begin_session(db.session.get_one(Person, person_id))
    if typed["pack"]:
        load_pack(person_id, files=read_files())
    return make_response(redirect("/people", 303))


def _typed() -> dict[str, Any]:
    return {name: request.form.get(name, "") for name in ("site_name", "time_zone", "name", "login", "pack")}


def _found(person_id: Id, typed: dict[str, Any]) -> None:
    about = (typed["login"], typed["name"], typed["site_name"])
    kept = checked(request.form.get("password", ""), request.form.get("again", ""), about)
    names = {name: typed[name] for name in ("site_name", "time_zone", "name", "login")}
    set_up_site(person_id, **names, password_hash=kept, lang=language())


@bp.post("/starter")
def load() -> Response:
    """Load the pack that came with the program; again after it was edited, only what changed is new."""
    need("people.manage")
    load_pack(current_user.id, files=read_files())
    return make_response(redirect("/people", 303))
