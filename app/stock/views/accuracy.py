"""How right the book was when it was counted: a picture over time, by area and by counter, and its figures to take away."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response, render_template, request
from flask_login import current_user

from app.lib.clock import DAY, now
from app.lib.db import db
from app.lib.tables import csv_answer
from app.lib.times import full_time
from app.lib.words import pick, t
from app.people.access import names_of
from app.people.guard import need
from app.stock.accuracy import BY, DAYS, Tally, load_accuracy, select_cells, takes_of
from app.stock.holding_back import check_book
from app.stock.settings import stock_settings
from app.stock.views import bp

HEAD = ("settled", "no", "title", "area", "counter", "lines", "matched", "share", "low", "high", "held", "net", "off")


@bp.get("/accuracy")
def accuracy() -> str:
    """Shares with what chance allows them to be; never for somebody who counts blind (STK-3)."""
    _check_reader()
    days, by = _asked()
    found = load_accuracy(db.session(), current_user.site_id, _since(days), by, _area_name)
    return render_template("stock/accuracy.html", found=found, days=days, by=by, lengths=(*DAYS, 0), bys=BY)


@bp.get("/accuracy.csv")
def accuracy_file() -> Response:
    """One row for each stock take, area and counter, so that a spreadsheet can add them up anew."""
    _check_reader()
    session, site_id = db.session(), current_user.site_id
    cells = select_cells(session, site_id, _since(_asked()[0]))
    takes, names = takes_of(session, site_id, cells), names_of(session, {cell.by for cell in cells})
    rows = [
        [
            full_time(cell.settled_at), takes[cell.take_id].no, takes[cell.take_id].title, _area_name(cell.area),
            names.get(cell.by, "–"), *_figures(cell.tally),
        ]
        for cell in cells
    ]  # fmt: skip
    return csv_answer("accuracy.csv", [t(f"office.stock.accuracy_csv_{name}") for name in HEAD], rows)


def _figures(tally: Tally) -> list[Any]:
    shares = [Decimal(f"{share * 100:.1f}") for share in (tally.share, *tally.interval)]
    return [tally.lines, tally.matched, *shares, tally.held, _yuan(tally.net_fen), _yuan(tally.off_fen)]


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def _check_reader() -> None:
    need("stock.review")
    check_book(db.session(), current_user.site_id, current_user.id)


def _asked() -> tuple[int, str]:
    """How many days back, and along what; an address that says something else gets a quarter by weeks."""
    days = {str(n): n for n in (*DAYS, 0)}.get(request.args.get("days", ""), DAYS[1])
    by = request.args.get("by", BY[0])
    return days, by if by in BY else BY[0]


def _since(days: int) -> int:
    return now() - days * DAY if days else 0


def _area_name(area: str) -> str:
    known = stock_settings(db.session()).areas.get(area)
    return f"{area} {pick(known)}" if known else area
