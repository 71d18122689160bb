"""The office's pages of lists: all of a day, one with its whole story, one on paper; and the verbs of whoever leads."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask_login import current_user

from app.checklists import operations, subjects  # noqa: F401 - subjects registers what cases ask for
from app.checklists.filters import SORTS, STATES, UNFINISHED, Sort, Wanted, people_of
from app.checklists.models import access_template, newest_template
from app.checklists.run_page import RunPage, load_run_page, select_units, what_may
from app.checklists.select import (
    Line,
    Names,
    select_day,
    select_lines,
    select_names,
    select_startable,
    select_unfinished,
)
from app.checklists.signature import keep_signature
from app.checklists.targets import Target, targets_between, targets_of
from app.checklists.telling import answer, cue_text, limits, list_name, said_words, verdict
from app.checklists.who import may_accept, waiver_chain
from app.lib.clock import DAY, HOUR, now
from app.lib.db import db
from app.lib.errors import Forbidden, NotFound
from app.lib.ids import Id, new_id, parse_id
from app.lib.tables import csv_answer
from app.lib.times import day_of, day_span, full_time
from app.lib.words import pick, t
from app.people.access import holders_of
from app.people.forms import stands_on
from app.people.guard import ask_to_sign_in, may_here, need, once, rights_here, safe_next
from app.people.rights import RIGHTS

bp = Blueprint("checklists", __name__)
EVERYBODY = sorted(RIGHTS["checklists.answer"])


@bp.before_request
def know_who() -> Response | None:
    """All of it is for people who signed in."""
    return None if current_user.is_authenticated else ask_to_sign_in()


# -- the lists of a day -----------------------------------------------------------------------------------------------------


@bp.get("/lists")
def board() -> str:
    """The lists of a day, or those left over, narrowed and sorted as the address says."""
    need("checklists.read_office")
    return render_template("checklists/lists.html", **_board())


@bp.get("/lists.csv")
def board_csv() -> Response:
    """The same table to take away, with who and when."""
    need("checklists.read_office")
    found = _board()
    names: Names = found["names"]
    head = [t(f"office.checklists.csv_{name}") for name in CSV]
    name = f"lists-{found['wanted'].day.isoformat()}.csv"
    return csv_answer(name, head, [_csv_row(line, names, found["at"]) for line in found["lines"]])


CSV = (
    "code", "list", "round", "show", "room", "due", "state", "done", "total", "fails", "late", "owner", "hands", "assignees",
    "finished_by", "finished_at", "accepted_by", "accepted_at",
)  # fmt: skip


def _csv_row(line: Line, names: Names, at: int) -> list[Any]:
    run, target = line.run, line.target
    finished, accepted = run.finished or {}, run.accepted or {}
    return [
        run.code, list_name(line.template), run.round or "", target.title if target else run.title,
        pick(target.place) if target else "", full_time(run.due_at), cue_text(line.cue(at), line.waits_for), line.done,
        line.total, line.fails, line.late, pick(names.roles.get(line.template.owner_role)),
        "; ".join(map(names.person, line.hands)),
        "; ".join(map(names.person, line.assignees)),
        names.person(finished["by"]) if finished else "", full_time(finished.get("at")),
        names.person(accepted["by"]) if accepted else "", full_time(accepted.get("at")),
    ]  # fmt: skip


def _board() -> dict[str, Any]:
    """What the table shows: a constant number of questions."""
    session, site_id, at = db.session(), current_user.site_id, now()
    today = day_of(at)
    wanted = Wanted.read(request.args, today)
    since, until = day_span(wanted.day)
    runs = select_unfinished(session, site_id, at) if wanted.unfinished else select_day(session, site_id, since, until)
    lines = select_lines(session, site_id, runs)
    names = select_names(session, lines)
    return {
        "wanted": wanted, "today": today, "at": at, "names": names, "all": lines, "lines": wanted.apply(lines, names, at),
        "targets": _targets(lines),
        "roles": sorted({line.template.owner_role for line in lines}, key=lambda code: names.roles[code].seq),
        "people": sorted({id for line in lines for id in people_of(line)}, key=names.person),
        "states": list(STATES), "sorts": list(SORTS), "Sort": Sort, "UNFINISHED": UNFINISHED, **_tellers(),
    }  # fmt: skip


def _targets(lines: list[Line]) -> list[Target]:
    """What these lists are for, each once, by time."""
    return sorted({line.target.id: line.target for line in lines if line.target}.values(), key=lambda target: target.at)


# -- one list ---------------------------------------------------------------------------------------------------------------


@bp.get("/lists/<run>")
def run_page(run: str) -> str:
    """Everything known of one list, and what this person may do with it."""
    page = _page(run)
    may = what_may(db.session(), current_user, page, rights_here())
    people = holders_of(db.session(), current_user.site_id, EVERYBODY, page.at) if may.lead else []
    return render_template("checklists/run.html", page=page, can=may, people=people, fresh_id=new_id, **_tellers())


@bp.get("/lists/<run>/print")
def run_print(run: str) -> str:
    """A record that stands alone on paper."""
    return render_template("checklists/print.html", page=_page(run), **_tellers())


@bp.get("/lists/<run>.csv")
def run_csv(run: str) -> Response:
    """Every answer ever given, current and superseded, with who and when."""
    page = _page(run)
    head = [t(f"office.checklists.csv_{name}") for name in ITEM_CSV]
    cells = [cells for row in page.rows for cells in _item_cells(page, row)]
    return csv_answer(f"{page.line.run.code}-{run}.csv", head, cells)


ITEM_CSV = (
    "item_id", "item", "critical", "limits", "answer", "value", "note", "who", "device", "device_time", "received", "is_late",
    "is_current",
)  # fmt: skip


def _item_cells(page: RunPage, row: Any) -> list[list[Any]]:
    """One row an answer; an item that nobody answered has one row too."""
    yes_no = {True: t("office.checklists.yes"), False: t("office.checklists.no")}
    start = [row.item["id"], pick(row.item), yes_no[bool(row.item["critical"])], limits(row.item, page.units)]
    old = [
        [
            *start, verdict(each.verdict), each.value, each.note or each.reason, page.names.person(each.by),
            page.place(each.id), full_time(each.happened_at), full_time(each.received_at), yes_no[each.late], yes_no[False],
        ]
        for each in row.history
    ]  # fmt: skip
    new = [
        [
            *start, verdict(each["verdict"]), each["value"], each["note"] or each["reason"], page.names.person(each["by"]),
            page.place(each["id"]), full_time(each["at"]), full_time(each["received_at"]), yes_no[each["late"]], yes_no[True],
        ]
        for each in row.answers
    ]  # fmt: skip
    return [*old, *new] or [[*start, verdict("open"), *[""] * 8]]


def _page(run: str) -> RunPage:
    """The list, for whoever reads lists in the office or may sign this one."""
    page = load_run_page(db.session(), current_user.site_id, _run(run))
    if not may_here("checklists.read_office"):
        accept_role = page.line.template.accept_role
        if current_user.id not in page.line.assignees and not may_accept(db.session(), current_user.id, accept_role, page.at):
            raise Forbidden(right="checklists.read_office")
    return page


def _tellers() -> dict[str, Any]:
    return {
        "answer_text": answer,
        "limits": limits,
        "list_name": list_name,
        "said_words": said_words,
        "cue_text": cue_text,
        "verdict": verdict,
    }


def _run(text: str) -> Id:
    """The id in an address, or NotFound."""
    found = parse_id(text)
    if found is None:
        raise NotFound("checklist_run")
    return found


@bp.get("/templates/<id>")
def template_page(id: str) -> str:
    """One version of a list as it is kept: its items, who answers and signs, and who may let the work go on without an item."""
    if not may_here("checklists.start"):
        need("checklists.read_office")
    session = db.session()
    template = access_template(session, id)
    return render_template(
        "checklists/template.html", template=template, names=select_names(session, ()), units=select_units(session),
        chain=waiver_chain(session, template.code), newest=newest_template(session, template.code), **_tellers(),
    )  # fmt: skip


# -- the verbs --------------------------------------------------------------------------------------------------------------


def _done(run: str, word: str) -> Response:
    """What was done is said on the page one comes back to."""
    flash(t(f"office.checklists.flash_{word}"))
    return make_response(redirect(safe_next(request.form.get("page") or f"/lists/{run}"), 303))


def _said(name: str) -> str | None:
    """A field of the form, without blanks around it; None when left empty."""
    return request.form.get(name, "").strip() or None


def _basis() -> list[str]:
    """What the decider was shown."""
    return request.form.getlist("state")


@bp.post("/lists/<run>/acceptance")
@stands_on("/lists/{run}", not_a_signature="signature")
def accept(run: str) -> Response:
    """Sign the list."""
    sha = keep_signature(request.form.get("signature", ""))
    operations.accept_run(
        current_user.id, run_id=_run(run), signature=sha, note=_said("note"), basis=_basis(), operation_id=once(), blobs=[sha],
    )  # fmt: skip
    return _done(run, "accepted")


@bp.post("/lists/<run>/rejection")
@stands_on("/lists/{run}", unknown_item="items")
def reject(run: str) -> Response:
    """Send it back, with what has to be answered anew."""
    items = [{"item_id": id, "note": _said(f"note.{id}")} for id in request.form.getlist("item")]
    operations.reject_run(
        current_user.id, run_id=_run(run), reason=_said("reason"), items=items, basis=_basis(), operation_id=once(),
    )  # fmt: skip
    return _done(run, "rejected")


@bp.post("/lists/<run>/reopening")
@stands_on("/lists/{run}")
def reopen(run: str) -> Response:
    """Void the signature."""
    operations.reopen_run(
        current_user.id, run_id=_run(run), reason=_said("reason"), basis=_basis(), operation_id=once(),
    )  # fmt: skip
    return _done(run, "reopened")


@bp.post("/lists/<run>/finish")
@stands_on("/lists/{run}")
def finish(run: str) -> Response:
    """Say the list is done; with a reason, without waiting for devices that were not heard."""
    run_id, reason = _run(run), _said("reason")
    if reason:
        operations.force_finish(current_user.id, run_id=run_id, reason=reason, operation_id=once())
    else:
        operations.finish_run(current_user.id, run_id=run_id, operation_id=once())
    return _done(run, "finished")


@bp.post("/lists/<run>/items/<item>/waiver")
@stands_on("/lists/{run}")
def waive(run: str, item: str) -> Response:
    """One step of the permission to go on without this item."""
    operations.waive_item(
        current_user.id, run_id=_run(run), item_id=item, reason=_said("reason"), basis=_basis(), operation_id=once(),
    )  # fmt: skip
    return _done(run, "waived")


@bp.post("/lists/<run>/items/<item>/decision")
@stands_on("/lists/{run}", not_an_answer="answer_id")
def decide(run: str, item: str) -> Response:
    """Which of two answers stands."""
    operations.decide_contested(
        current_user.id, run_id=_run(run), item_id=item, answer_id=request.form.get("answer_id"), reason=_said("reason"),
        basis=_basis(), operation_id=once(),
    )  # fmt: skip
    return _done(run, "decided")


@bp.post("/lists/<run>/items/<item>/reference")
@stands_on("/lists/{run}")
def refer(run: str, item: str) -> Response:
    """A photo shows how the item should look."""
    operations.set_reference(
        current_user.id, run_id=_run(run), item_id=item, sha=request.form.get("sha"), operation_id=once(),
    )  # fmt: skip
    return _done(run, "referred")


@bp.post("/lists/<run>/items/<item>/reference/removal")
@stands_on("/lists/{run}")
def drop_reference(run: str, item: str) -> Response:
    """It does not any more."""
    operations.drop_reference(
        current_user.id, run_id=_run(run), item_id=item, sha=request.form.get("sha"), operation_id=once(),
    )  # fmt: skip
    return _done(run, "reference_dropped")


@bp.post("/lists/<run>/assignment")
@stands_on("/lists/{run}", unknown_person="people")
def assign(run: str) -> Response:
    """Who is put on the list."""
    operations.assign_run(
        current_user.id, run_id=_run(run), people=request.form.getlist("person"), operation_id=once(),
    )  # fmt: skip
    return _done(run, "assigned")


@bp.post("/lists/<run>/cancellation")
@stands_on("/lists/{run}")
def cancel(run: str) -> Response:
    """The list is not needed."""
    operations.cancel_run(current_user.id, run_id=_run(run), reason=_said("reason"), operation_id=once())
    return _done(run, "cancelled")


# -- starting one by hand -----------------------------------------------------------------------------------------------------


@bp.get("/start")
def start_page() -> str:
    """Every list this person may start, and the shows it may be for."""
    need("checklists.start")
    session, at = db.session(), now()
    templates, names = select_startable(session, current_user.id, at), select_names(session, ())
    shows = targets_between(session, current_user.site_id, at - DAY, at + 2 * DAY)
    targets = [target for target in shows if not target.is_off and target.ends_at > at - 6 * HOUR]
    return render_template("checklists/start.html", templates=templates, names=names, targets=targets, fresh_id=new_id)


@bp.post("/start")
@stands_on("/start", unknown_template="template", show="show_id")
def start() -> Response:
    """Start it now; readers of lists go on in the office, everybody else on the floor."""
    run_id, show_id = parse_id(request.form.get("run_id")) or new_id(), _said("show_id")
    if (target := parse_id(show_id)) and not targets_of(db.session(), current_user.site_id, [("show", target)]):
        raise NotFound("show")
    operations.start_run(
        current_user.id, run_id=run_id, template=request.form.get("template", ""), title=_said("title"), show_id=show_id,
        operation_id=once(),
    )  # fmt: skip
    if may_here("checklists.read_office"):
        return _done(str(run_id), "started")
    return make_response(redirect(f"/floor/run/{run_id}", 303))
