"""The first page of the office, and what the frame of every office page asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request
from flask_login import current_user

from app.cases.select import count_open_exceptions
from app.checklists.select import count_unfinished
from app.checklists.telling import cue_text, list_name, short_name, verdict
from app.lib import times
from app.lib.clock import MINUTE, now
from app.lib.db import db
from app.lib.ids import parse_id
from app.lib.pages import is_fragment
from app.lib.times import day_of, day_span
from app.lib.words import catalogue, error_text, pick, t
from app.overview.select import load_board
from app.people.access import first_site
from app.people.guard import ask_to_sign_in, may_here, rights_here
from app.shows.select import select_next_shows

bp = Blueprint("overview", __name__)

TELLERS = {"cue_text": cue_text, "list_name": list_name, "short_name": short_name, "verdict_word": verdict}


@dataclass(frozen=True)
class Counts:
    """Figures beside the navigation; 0 is not shown."""

    shows: int = 0
    lists: int = 0
    exceptions: int = 0


def init_app(app: Flask) -> None:
    """What every template of the office may ask."""
    times.init_app(app)
    app.jinja_env.filters["picked"] = pick
    app.jinja_env.globals.update(is_fragment=is_fragment, nav_counts=nav_counts, code_name=code_name)


def code_name(code: str, facts: dict[str, Any]) -> str:
    """An exception in a few words; a code without them is told by its whole sentence."""
    key = f"office.cases.code_{code}"
    return t(key) if key in catalogue() else error_text(code, facts)


def nav_counts() -> Counts:
    """What waits behind each word of the navigation, for whoever may go there."""
    session, site_id, at = db.session(), current_user.site_id, now()
    reads = may_here("checklists.read_office")
    return Counts(
        shows=len(select_next_shows(session, site_id, at, days=1)) if reads else 0,
        lists=count_unfinished(session, site_id, *day_span(day_of(at))) if reads else 0,
        exceptions=count_open_exceptions(session, site_id) if may_here("buckets.lead") else 0,
    )


@bp.get("/")
def overview() -> Response:
    """Tonight, for whoever reads lists; for everybody else the way to the floor. The board asks for itself alone."""
    if not current_user.is_authenticated:
        return ask_to_sign_in() if first_site(db.session()) else make_response(redirect("/setup", 303))
    if not may_here("checklists.read_office"):
        return make_response(render_template("overview/door.html"))
    minute = now() - now() % MINUTE  # the clock's line moves once a minute, so that between two minutes nothing has changed
    board = load_board(db.session(), current_user, rights_here(), minute, parse_id(request.args.get("show")))
    template = "overview/_board.html" if is_fragment() else "overview/overview.html"
    response = make_response(render_template(template, board=board, **TELLERS))
    response.add_etag()
    response.make_conditional(request)
    return response
