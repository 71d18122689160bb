"""Bins in the office: the list, one bin with what lies in it and what moved, adding, changing, closing."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_login import current_user

from app.lib.db import db
from app.lib.ids import Id, new_id, parse_id
from app.lib.tables import csv_answer, xlsx_answer
from app.lib.words import t
from app.people.access import names_of
from app.people.forms import stands_on
from app.people.guard import fresh, need, once
from app.people.history import select_history
from app.stock import operations
from app.stock.finding import BIN_SORTS, Wanted, goods_in, select_bins, select_lying, select_moved
from app.stock.models import access_bin
from app.stock.views import bp, sees_book, word


@bp.get("/bins")
def bins() -> str:
    """Every storage place, narrowed and sorted by its address."""
    need("stock.read_office")
    session, site_id, wanted = db.session(), current_user.site_id, Wanted.read(request.args, BIN_SORTS)
    rows, page = select_bins(session, site_id, wanted)
    return render_template("stock/bins.html", rows=rows, page=page, wanted=wanted, goods=goods_in(session, site_id, rows))


@bp.get("/bins.<any(csv, xlsx):form>")
def bins_file(form: str) -> Response:
    """The list as it is narrowed, in the columns in which an import reads it again."""
    need("stock.read_office")
    rows, _ = select_bins(db.session(), current_user.site_id, Wanted.read(request.args, BIN_SORTS), most=None)
    head = [t(f"office.stock.column_{name}") for name in ("bin", "area", "note")]
    answer = csv_answer if form == "csv" else xlsx_answer
    return answer(f"bins.{form}", head, [[row.code, row.area, row.note] for row in rows])


@bp.get("/bins/new")
def new_bin() -> str:
    """The form for a new bin."""
    need("stock.manage")
    return render_template("stock/new_bin.html", fresh_id=new_id)


@bp.post("/bins")
@stands_on("/stock/bins/new")
def add_bin() -> Response:
    """Add it. The same form sent twice leads to the same bin."""
    bin_id = parse_id(request.form.get("bin_id")) or new_id()
    operations.add_bin(current_user.id, bin_id=bin_id, operation_id=once(), **_typed())
    return _done(bin_id, "bin_added")


@bp.get("/bins/<uuid:bin_id>")
def bin_page(bin_id: Id) -> str:
    """One bin: what lies in it, what moved, and what may be done with it."""
    need("stock.read_office")
    session, site_id = db.session(), current_user.site_id
    one = access_bin(session, site_id, bin_id)
    sees = sees_book()
    moved = select_moved(session, site_id, bin_id=bin_id) if sees else []
    frozen_by = Id(one.frozen["by"]) if one.frozen else None
    return render_template(
        "stock/bin.html", one=one, lying=select_lying(session, site_id, bin_id=bin_id), sees=sees, moved=moved, fresh_id=new_id,
        names=names_of(session, {row.movement.by for row in moved} | ({frozen_by} if frozen_by else set())), frozen_by=frozen_by,
        history=select_history(session, "bin", bin_id, 50) if sees else [],
    )  # fmt: skip


@bp.post("/bins/<uuid:bin_id>")
@stands_on("/stock/bins/{bin_id}")
def change_bin(bin_id: Id) -> Response:
    """Change what the form says."""
    operations.change_bin(current_user.id, bin_id=bin_id, operation_id=once(), **_typed())
    return _done(bin_id, "saved")


@bp.post("/bins/<uuid:bin_id>/closure")
@stands_on("/stock/bins/{bin_id}")
def close_bin(bin_id: Id) -> Response:
    """Out of use."""
    operations.close_bin(current_user.id, bin_id=bin_id, reason=word("reason") or "", operation_id=once())
    return _done(bin_id, "bin_closed")


@bp.post("/bins/<uuid:bin_id>/closure/end")
@stands_on("/stock/bins/{bin_id}")
def reopen_bin(bin_id: Id) -> Response:
    """In use again."""
    operations.reopen_bin(current_user.id, bin_id=bin_id, reason=word("reason") or "", operation_id=once())
    return _done(bin_id, "bin_reopened")


@bp.post("/bins/<uuid:bin_id>/freezing")
@stands_on("/stock/bins/{bin_id}")
def freeze_bin(bin_id: Id) -> Response:
    """Nothing moves there until somebody lets go (STK-13)."""
    operations.freeze_bins(current_user.id, bins=[str(bin_id)], reason=word("reason") or "", operation_id=once())
    return _done(bin_id, "bin_frozen")


@bp.post("/bins/<uuid:bin_id>/freezing/end")
@stands_on("/stock/bins/{bin_id}")
def unfreeze_bin(bin_id: Id) -> Response:
    """Goods move there again."""
    operations.unfreeze_bins(current_user.id, bins=[str(bin_id)], operation_id=once())
    return _done(bin_id, "bin_unfrozen")


def _typed() -> dict[str, Any]:
    form = request.form
    note = " ".join(form.get("note", "").split()) or None
    return {"code": "".join(form.get("code", "").split()), "area": form.get("area", ""), "note": note}


def _done(bin_id: Id, said: str) -> Response:
    fresh()
    flash(t(f"office.stock.flash_{said}", name=access_bin(db.session(), current_user.site_id, bin_id).code))
    return make_response(redirect(f"/stock/bins/{bin_id}", 303))
