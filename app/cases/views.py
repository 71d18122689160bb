"""The office's pages of what waits for a person: operations that were kept but do not fit, and cases."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask_login import current_user

from app.cases import operations
from app.cases.models import OPEN, SEVERITIES, access_case
from app.cases.select import ALL, WHICH, access_matter, case_lines, count_open_exceptions, load_queue, select_case_lines
from app.devices.access import is_book_withheld
from app.lib.clock import now
from app.lib.db import db
from app.lib.errors import NotFound, Refused
from app.lib.ids import Id, new_id, parse_id
from app.lib.words import t
from app.people.forms import stands_on
from app.people.guard import ask_to_sign_in, may_here, need, once
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
    session, site_id, reader = db.session(), current_user.site_id, current_user.id
    which = request.args.get("which", ALL)
    which = which if which in WHICH else ALL
    asked = access_matter(session, site_id, _id(id, "exception")) if id else None
    decided = request.args.get("decided") == "1" or bool(asked and asked.exception.status != OPEN)
    queue = load_queue(session, site_id, reader, now(), which, decided=decided)
    chosen = asked or (queue.matters[0] if queue.matters else None)
    return render_template(
        "cases/exceptions.html", queue=queue, chosen=chosen, decided=decided, which=which, fresh_id=new_id, is_asked=bool(id),
        at=now(), sees_book=not is_book_withheld(session, site_id, reader),
    )  # fmt: skip


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


@bp.post("/exceptions/<id>/parked")
@stands_on("/exceptions/{id}")
def decide_parked(id: str) -> Response:
    """One word on all that a device sent and the server could not take."""
    said = request.form.get("word", "")
    operations.decide_parked(
        current_user.id, exception_id=_id(id, "exception"), word=said, reason=_reason(), operation_id=once()
    )  # fmt: skip
    flash(t(f"office.cases.flash_{said}"))
    return make_response(redirect("/exceptions", 303))


@bp.get("/cases")
def cases() -> str:
    """Faults and incidents, open ones or closed ones."""
    need("checklists.read_office")
    closed = request.args.get("closed") == "1"
    lines = select_case_lines(db.session(), current_user.site_id, closed=closed)
    worst = {severity: -place for place, severity in enumerate(SEVERITIES)}
    lines = lines if closed else sorted(lines, key=lambda line: worst[line.case.severity])
    waiting = count_open_exceptions(db.session(), current_user.site_id) if may_here("buckets.lead") else 0
    return render_template("cases/cases.html", lines=lines, closed=closed, waiting=waiting)


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
