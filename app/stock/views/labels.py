"""Labels in the office: chosen and seen as they will be printed, then printed. Nothing is written here."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask_login import current_user

from app.lib.db import db
from app.lib.errors import Refused
from app.lib.words import LANGUAGES
from app.people.forms import Form, attempt
from app.people.guard import need
from app.people.models import select_roles
from app.stock.label_sheets import SHEETS
from app.stock.labels import BOTH, KINDS, MARKED, MOST_LABELS, PEOPLE, SYMBOLS, Laid, Wish, lay_out
from app.stock.views import bp

SHOWN_PAGES, SHOWN_OF_ROLL = 2, 6


@bp.get("/labels")
def labels() -> Response:
    """The form, and the sheets as they will be printed."""
    return _chosen(*_wished())


@bp.get("/labels/print")
def print_labels() -> Response:
    """Nothing but the sheets, for the browser's own print."""
    wish, form, laid = _wished()
    if laid is None:
        return _chosen(wish, form, laid)
    if laid.is_too_many:
        raise Refused("labels_many", status=422, n=laid.total, most=MOST_LABELS)
    return make_response(render_template("stock/labels_print.html", wish=wish, laid=laid, sheets=laid.drawn()))


def _wished() -> tuple[Wish, Form, Laid | None]:
    """What was asked for, the form with what is wrong with it, and what it comes to.

    Whoever sees the office's stock prints labels. Badges need `stock.plan_count`: who plans a count says who takes part in it,
    stands beside them and hands them out. An administrator's account is none of that, and a badge is no account.
    """
    need("stock.read_office")
    wish = Wish.read(request.args)
    if wish.kind == PEOPLE:
        need("stock.plan_count")
    laid: list[Laid] = []
    form = attempt(request.args, lambda: laid.append(lay_out(db.session(), current_user.site_id, wish)))
    return wish, form, laid[0] if laid else None


def _chosen(wish: Wish, form: Form, laid: Laid | None) -> Response:
    most = SHOWN_OF_ROLL if wish.sheet.is_roll else SHOWN_PAGES
    page = render_template(
        "stock/labels.html", wish=wish, form=form, laid=laid, sheets=laid.drawn(most) if laid else [], kinds=KINDS,
        all_sheets=SHEETS, symbols=SYMBOLS, marked=MARKED, languages=(BOTH, *LANGUAGES), most=MOST_LABELS,
        roles=select_roles(db.session()) if wish.kind == PEOPLE else [],
    )  # fmt: skip
    return make_response(page, form.status)
