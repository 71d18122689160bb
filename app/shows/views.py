"""The office's pages of shows: what is planned, one show with its lists, planning, moving and cancelling it."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask_login import current_user

from app.checklists.models import select_runs_of
from app.checklists.select import select_lines, select_names
from app.checklists.telling import cue_text, list_name, short_name
from app.lib.clock import DAY, HOUR, now
from app.lib.db import db
from app.lib.errors import NotFound
from app.lib.ids import Id, new_id, parse_id
from app.lib.times import day_of, day_start, parse_local
from app.lib.words import LANGUAGES, t
from app.people.access import holders_of
from app.people.forms import stands_on
from app.people.guard import ask_to_sign_in, may_here, need, once
from app.people.history import select_history
from app.shows import operations
from app.shows.models import KINDS, access_show, select_rooms, select_shows
from app.shows.readiness import Readiness
from app.shows.select import load_readiness, rooms_by_id

bp = Blueprint("shows", __name__)
PAST_DAYS = 30
COMING_DAYS = 60
EVENING = 20 * HOUR
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}")


@bp.before_request
def know_who() -> Response | None:
    """All of it is for people who signed in."""
    return None if current_user.is_authenticated else ask_to_sign_in()


def _need_to_read() -> None:
    if not may_here("shows.plan"):
        need("checklists.read_office")


@bp.get("/shows")
def shows() -> str:
    """What comes, or what was."""
    _need_to_read()
    session, site_id, at = db.session(), current_user.site_id, now()
    past = request.args.get("past") == "1"
    since, until = (at - PAST_DAYS * DAY, at) if past else (at - DAY, at + COMING_DAYS * DAY)
    found = [show for show in select_shows(session, site_id, since=since, until=until) if (show.ends_at <= at) == past]
    ready = load_readiness(session, site_id, found[::-1] if past else found)
    return render_template("shows/shows.html", ready=ready, past=past, at=at, **_tellers())


@bp.get("/shows/new")
def new_show() -> str:
    """An empty plan, tonight at eight unless that has passed."""
    need("shows.plan")
    at = now()
    evening = day_start(day_of(at)) + EVENING
    return render_template(
        "shows/new.html", rooms=select_rooms(db.session(), current_user.site_id), kinds=KINDS, fresh_id=new_id,
        starts_at=evening if evening > at else evening + DAY,
    )  # fmt: skip


@bp.post("/shows")
@stands_on("/shows/new", room="room_id")
def plan() -> Response:
    """Plan it; its lists are laid out."""
    show_id = parse_id(request.form.get("show_id")) or new_id()
    operations.plan_show(current_user.id, show_id=show_id, operation_id=once(), **_plan(kind=request.form.get("kind")))
    return _done(show_id, "planned")


@bp.get("/shows/rooms")
def rooms() -> str:
    """The studios shows can be planned in, and the form that adds one."""
    need("shows.plan")
    session = db.session()
    found = select_rooms(session, current_user.site_id)
    return render_template(
        "shows/rooms.html", rooms=[(room, select_history(session, "room", room.id)) for room in found], fresh_id=new_id
    )


@bp.post("/shows/rooms")
@stands_on("/shows/rooms")
def add_room() -> Response:
    """One more studio."""
    room_id = parse_id(request.form.get("room_id")) or new_id()
    zh, en = (request.form.get(lang, "") for lang in LANGUAGES)
    operations.add_room(current_user.id, room_id=room_id, zh=zh, en=en, operation_id=once())
    flash(t("office.shows.flash_room"))
    return make_response(redirect("/shows/rooms", 303))


@bp.get("/shows/<id>")
def show_page(id: str) -> str:
    """One show: its plan, its lists with their times and people."""
    _need_to_read()
    session, site_id, at = db.session(), current_user.site_id, now()
    show = access_show(session, site_id, _id(id))
    lines = select_lines(session, site_id, select_runs_of(session, site_id, "show", [show.id]))
    ready = Readiness(show, rooms_by_id(session, site_id).get(show.room_id), lines)
    marks = [show.planned_by, (show.cancelled or {}).get("by")]
    names = select_names(session, lines, [id for id in marks if isinstance(id, Id | str)])
    roles = {line.template.owner_role for line in lines}
    crew = holders_of(session, site_id, roles, at) if may_here("checklists.lead") else []
    return render_template(
        "shows/show.html", ready=ready, show=show, names=names, at=at, crew=crew, rooms=select_rooms(session, site_id),
        kinds=KINDS, fresh_id=new_id, **_tellers(),
    )  # fmt: skip


@bp.post("/shows/<id>/plan")
@stands_on("/shows/{id}", room="room_id")
def change(id: str) -> Response:
    """Move or rename it; lists nobody has finished are timed anew."""
    operations.change_show(current_user.id, show_id=_id(id), operation_id=once(), **_plan())
    return _done(_id(id), "changed")


@bp.post("/shows/<id>/cancellation")
@stands_on("/shows/{id}")
def cancel(id: str) -> Response:
    """It is off."""
    operations.cancel_show(current_user.id, show_id=_id(id), reason=request.form.get("reason", "").strip(), operation_id=once())
    return _done(_id(id), "cancelled")


def _plan(**more: Any) -> dict[str, Any]:
    """The fields of the plan as typed; what is no time or number goes on as it is, for the schema to name."""
    form = request.form
    starts_at, planned_min = form.get("starts_at"), form.get("planned_min", "")
    return {
        "title": " ".join(form.get("title", "").split()), "room_id": form.get("room_id") or None,
        "starts_at": parse_local(starts_at) or starts_at or None,
        "planned_min": int(planned_min) if PLAIN_NUMBER.fullmatch(planned_min) else planned_min or None,
        "aim": form.get("aim", "").strip() or None, **more,
    }  # fmt: skip


def _id(text: str) -> Id:
    found = parse_id(text)
    if found is None:
        raise NotFound("show")
    return found


def _done(show_id: Id, word: str) -> Response:
    flash(t(f"office.shows.flash_{word}"))
    return make_response(redirect(f"/shows/{show_id}", 303))


def _tellers() -> dict[str, Any]:
    return {"cue_text": cue_text, "list_name": list_name, "short_name": short_name}
