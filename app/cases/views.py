"""The office's pages of what waits for a person: operations that were kept but do not fit, and cases."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask_login import current_user

from app.cases import operations
from app.cases.models import OPEN, SEVERITIES, access_case
from app.cases.select import access_matter, case_lines, select_case_lines, select_matters
from app.lib.db import db
from app.lib.errors import NotFound, Refused
from app.lib.ids import Id, new_id, parse_id
from app.lib.words import t
from app.people.forms import stands_on
from app.people.guard import ask_to_sign_in, need, once
from app.sync.operations import admit_operation, dismiss_operation

bp = Blueprint("cases", __name__)


@bp.before_request
def know_who() -> Response | None:
    """All of it is for people who signed in."""
    return None if current_user.is_authenticated else ask_to_sign_in()


@bp.get("/exceptions")
@bp.get("/exceptions/<id>")
def exceptions(id: str | None = None) -> str:
    """What waits on the left, the chosen one with its story on the right."""
    need("buckets.lead")
    session, site_id = db.session(), current_user.site_id
    chosen = access_matter(session, site_id, _id(id, "exception")) if id else None
    decided = request.args.get("decided") == "1" or bool(chosen and chosen.exception.status != OPEN)
    matters = select_matters(session, site_id, decided=decided)
    if chosen is None and matters:
        chosen = matters[0]
    return render_template(
        "cases/exceptions.html", matters=matters, chosen=chosen, decided=decided, fresh_id=new_id, is_asked=bool(id)
    )


WORDS = {"admit": admit_operation, "dismiss": dismiss_operation}


@bp.post("/exceptions/<id>/decision")
@stands_on("/exceptions/{id}")
def decide(id: str) -> Response:
    """Let what was kept take effect, or leave it without."""
    matter = access_matter(db.session(), current_user.site_id, _id(id, "exception"))
    word = request.form.get("word", "")
    if word not in WORDS:
        raise Refused("malformed", status=422, fields={"word": ["unknown_word"]}, names="word")
    WORDS[word](current_user.id, kept_id=matter.exception.operation_id, reason=_reason(), operation_id=once())
    flash(t(f"office.cases.flash_{word}"))
    return make_response(redirect("/exceptions", 303))


@bp.get("/cases")
def cases() -> str:
    """Faults and incidents, open ones or closed ones."""
    need("checklists.read_office")
    closed = request.args.get("closed") == "1"
    lines = select_case_lines(db.session(), current_user.site_id, closed=closed)
    worst = {severity: -place for place, severity in enumerate(SEVERITIES)}
    lines = lines if closed else sorted(lines, key=lambda line: worst[line.case.severity])
    return render_template("cases/cases.html", lines=lines, closed=closed)


@bp.get("/cases/<id>")
def case_page(id: str) -> str:
    """One case."""
    need("checklists.read_office")
    case = access_case(db.session(), current_user.site_id, _id(id, "case"))
    return render_template("cases/case.html", line=case_lines(db.session(), case.site_id, [case])[0], fresh_id=new_id)


@bp.post("/cases/<id>/closure")
@stands_on("/cases/{id}")
def close(id: str) -> Response:
    """Say that it has been put right."""
    operations.close_case(current_user.id, case_id=_id(id, "case"), reason=_reason(), operation_id=once())
    flash(t("office.cases.flash_closed"))
    return make_response(redirect(f"/cases/{id}", 303))


def _id(text: str | None, kind: str) -> Id:
    found = parse_id(text)
    if found is None:
        raise NotFound(kind)
    return found


def _reason() -> str | None:
    return request.form.get("reason", "").strip() or None
