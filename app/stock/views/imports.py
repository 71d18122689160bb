"""Bringing a file in: choose it, see row by row what it would do, apply it or put it right."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_login import current_user
from sqlalchemy import select

from app.lib.db import db
from app.lib.errors import Refused
from app.lib.ids import Id, new_id, parse_id
from app.lib.tables import MB, csv_answer, xlsx_answer
from app.lib.words import error_text, t
from app.people.access import names_of
from app.people.forms import stands_on
from app.people.guard import need, once
from app.stock import operations
from app.stock.finding import PER_PAGE, Page
from app.stock.importing.columns import KINDS, columns_of
from app.stock.importing.desk import desk
from app.stock.importing.plan import CHANGE, CREATE, REFUSE, SAME, Line, load_plan
from app.stock.models import StockImport
from app.stock.settings import stock_settings
from app.stock.views import bp

LARGEST = 31 * MB
ORDER = (REFUSE, CREATE, CHANGE, SAME)


@bp.get("/imports")
def imports() -> str:
    """Where a file is chosen, and what was applied before."""
    need("stock.manage")
    session, kind = db.session(), request.args.get("kind")
    done = session.scalars(
        select(StockImport).where(StockImport.site_id == current_user.site_id).order_by(StockImport.applied_at.desc()).limit(20)
    ).all()
    settings = stock_settings(session)
    return render_template(
        "stock/imports.html", kinds=KINDS, kind=kind if kind in KINDS else KINDS[0], done=done, fresh_id=new_id,
        columns={one: columns_of(one, settings) for one in KINDS}, names=names_of(session, {one.applied_by for one in done}),
    )  # fmt: skip


@bp.get("/imports/<any(products, bins, opening_stock):kind>.xlsx")
def empty_file(kind: str) -> Response:
    """A file with the headings and nothing else, to be filled in."""
    need("stock.manage")
    head = [t(column.label) for column in columns_of(kind, stock_settings(db.session()))]
    return xlsx_answer(f"{kind}.xlsx", head, [])


@bp.post("/imports")
@stands_on("/stock/imports")
def bring() -> Response:
    """Take the file and begin to read it; its page tells how far that is."""
    request.max_content_length = LARGEST
    need("stock.manage")
    kind, file = request.form.get("kind", ""), request.files.get("file")
    if kind not in KINDS or file is None or not file.filename:
        raise Refused("import_no_file", status=422, fields={"file": ["import_no_file"]})
    import_id = parse_id(request.form.get("import_id")) or new_id()
    content = file.stream.read()
    desk().begin(import_id, kind=kind, file_name=file.filename[:200], content=content, site_id=current_user.site_id)
    return make_response(redirect(f"/stock/imports/{import_id}", 303))


@bp.get("/imports/<uuid:import_id>")
def import_page(import_id: Id) -> str:
    """The file's page: being read, not understood, or row by row what it would do."""
    need("stock.manage")
    reading = desk().readings.get(import_id)
    if reading is not None and (not reading.is_done or reading.problem is not None):
        return render_template("stock/import_reading.html", reading=reading, import_id=import_id)
    plan = load_plan(desk().folder, import_id, current_user.site_id)
    what = request.args.get("what", "")
    shown = what if what in ORDER else next((one for one in ORDER if plan.summary[one]), REFUSE)
    lines = [line for line in plan.lines if line.what == shown]
    said = request.args.get("page", "1")
    page = Page(min(max(1, int(said) if said.isdecimal() and len(said) < 6 else 1), -(-len(lines) // PER_PAGE) or 1), len(lines))
    applied = db.session.get(StockImport, (current_user.site_id, import_id))
    return render_template(
        "stock/import.html", plan=plan, import_id=import_id, lines=lines[(page.number - 1) * PER_PAGE : page.number * PER_PAGE],
        page=page, shown=shown, order=ORDER, applied=applied, why=why, fresh_id=new_id,
    )  # fmt: skip


@bp.get("/imports/<uuid:import_id>/problems.csv")
def problems(import_id: Id) -> Response:
    """The rows that are wrong and why, to work through beside the spreadsheet."""
    need("stock.manage")
    plan = load_plan(desk().folder, import_id, current_user.site_id)
    head = [t("office.stock.import_row"), t("office.stock.import_name"), t("office.stock.import_why")]
    rows = [[line.row, line.name, " ".join(why(line))] for line in plan.lines if line.what == REFUSE]
    return csv_answer("problems.csv", head, rows)


@bp.post("/imports/<uuid:import_id>/application")
def apply(import_id: Id) -> Response:
    """Apply it: whole, or not at all."""
    need("stock.manage")
    plan = load_plan(desk().folder, import_id, current_user.site_id, with_lines=False)
    operations.apply_import(
        current_user.id, import_id=import_id, kind=plan.kind, sha=plan.sha, file_name=plan.file_name, operation_id=once()
    )
    flash(t("office.stock.flash_imported", file=plan.file_name))
    return make_response(redirect(f"/stock/imports/{import_id}", 303))


def why(line: Line) -> list[str]:
    """What is wrong with a row, in sentences."""
    return [error_text(problem.code, _facts(line, problem.facts)) for problem in line.problems]


def _facts(line: Line, facts: dict[str, Any]) -> dict[str, Any]:
    return {"row": line.row, **facts}
