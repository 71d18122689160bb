"""Stock takes in the office: planned, followed bin by bin, reviewed line by line, approved, and what came of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_login import current_user
from sqlalchemy import select

from app.lib.clock import now
from app.lib.db import db
from app.lib.errors import Refused
from app.lib.ids import Id, new_id, parse_id
from app.lib.tables import csv_answer
from app.lib.times import parse_local
from app.lib.words import pick, t
from app.people.access import holders_of, names_of
from app.people.forms import stands_on
from app.people.guard import fresh, may_here, need, once
from app.people.history import select_history
from app.people.models import select_roles
from app.people.rights import roles_with
from app.stock import operations
from app.stock.count_records import COUNTED, COUNTING, SKIPPED, TODO, states_of
from app.stock.counting import KINDS, REVIEW, CountResult, StockTake, StockTakeBin, access_stock_take, counters_of
from app.stock.finding import find_product
from app.stock.holding_back import check_book
from app.stock.models import CLASSES, Bin, Product
from app.stock.reviewing import ALL, LEFT, OPEN, UNKNOWN, VIEWS, approval_steps, show_lines
from app.stock.scope import Scope, select_scope
from app.stock.select import load_review
from app.stock.settings import stock_settings
from app.stock.views import bp, sees_book, word

MOST = 60


@bp.get("/counts")
def counts() -> str:
    """Every stock take, the open ones first."""
    need("stock.read_office")
    session, site_id = db.session(), current_user.site_id
    takes = session.scalars(
        select(StockTake)
        .where(StockTake.site_id == site_id)
        .order_by(StockTake.planned_at.desc(), StockTake.no.desc())
        .limit(MOST)
    ).all()
    ids = [take.id for take in takes]
    counters = counters_of(session, site_id, ids)
    people = {id for found in counters.values() for id in found}
    states = {id: Counter(state for state, _ in bins.values()) for id, bins in states_of(session, ids).items()}
    return render_template(
        "stock/counts.html", takes=takes, counters=counters, states=states, names=names_of(session, people), at=now()
    )


@bp.get("/counts/new")
def new_count() -> str:
    """The form of a plan; the bins it would have are told while one chooses. The address may name kind, title and bins."""
    need("stock.plan_count")
    session = db.session()
    return render_template(
        "stock/new_count.html", kinds=KINDS, classes=CLASSES, fresh_id=new_id, people=_countable(),
        found=select_scope(session, current_user.site_id, Scope.read(request.values)), asked=request.args,
        tolerance=stock_settings(session).tolerance(), overlap=request.values.get("overlap") == "1",
    )  # fmt: skip


@bp.post("/counts/scope")
def scope() -> str:
    """How many bins the form's choice comes to."""
    need("stock.plan_count")
    found = select_scope(db.session(), current_user.site_id, Scope.read(request.form))
    return render_template("stock/_scope.html", found=found, overlap=request.form.get("overlap") == "1")


def _countable() -> list[Any]:
    """People whose roles may count."""
    return holders_of(db.session(), current_user.site_id, roles_with("stock.count"), now())


@bp.post("/counts")
@stands_on("/stock/counts/new")
def plan_count() -> Response:
    """Plan it. The same form sent twice leads to the same stock take."""
    form, take_id = request.form, parse_id(request.form.get("stock_take_id")) or new_id()
    chosen = Scope.read(form)
    found = select_scope(db.session(), current_user.site_id, chosen)
    if not found.bins:
        raise Refused("no_bins", status=422, fields={"codes": ["no_bins"]})
    operations.plan_stock_take(
        current_user.id, stock_take_id=take_id, title=" ".join(form.get("title", "").split()), kind=form.get("kind"),
        blind=form.get("blind") == "1", bins=[str(one.id) for one in found.bins], counters=form.getlist("counters"),
        scope=chosen.kept(), due_at=parse_local(form.get("due_at")), freeze=form.get("freeze") == "1",
        overlap=form.get("overlap") == "1", operation_id=once(),
    )  # fmt: skip
    return _done(take_id, "count_planned")


@bp.get("/counts/<uuid:take_id>")
def count_page(take_id: Id) -> str:
    """One stock take as it stands: being counted, in review, or ended."""
    need("stock.read_office")
    session, site_id = db.session(), current_user.site_id
    take = access_stock_take(session, site_id, take_id)
    if take.status == REVIEW and may_here("stock.review") and sees_book():
        return _review(take)
    states = states_of(session, [take_id])[take_id]
    bins = _bins_of(take)
    counters = counters_of(session, site_id, [take_id])[take_id]
    people = {*counters, take.planned_by, *(Id(id) for _, found in states.values() for id in found)}
    shows_book = take.status not in ("planned", "counting", REVIEW) and may_here("stock.review") and sees_book()
    names = names_of(session, people)
    return render_template(
        "stock/count.html", take=take, bins=bins, states=states, counters=counters, names=names,
        names_by_text={str(id): name for id, name in names.items()},
        tally=Counter(state for state, _ in states.values()), people=_countable(), fresh_id=new_id, at=now(),
        results=_results(take) if shows_book else None,
        history=select_history(session, "stock_take", take_id, 60) if may_here("stock.review") and sees_book() else [],
        order=(COUNTING, TODO, COUNTED, SKIPPED),
    )  # fmt: skip


def _bins_of(take: StockTake) -> list[Bin]:
    query = (
        select(Bin)
        .join(StockTakeBin, (StockTakeBin.site_id == Bin.site_id) & (StockTakeBin.bin_id == Bin.id))
        .where(StockTakeBin.site_id == take.site_id, StockTakeBin.stock_take_id == take.id)
        .order_by(StockTakeBin.seq)
    )
    return list(db.session().scalars(query))


def _review(take: StockTake) -> str:
    """Differences, those that need somebody first."""
    session, site_id = db.session(), take.site_id
    view = request.args.get("view", "")
    review = load_review(session, take)
    open_n = sum(line.is_open for line in review.lines)
    view = view if view in VIEWS else OPEN if open_n or any(line.decision for line in review.lines) else ALL
    q = request.args.get("q", "").strip()[:80]
    shown = show_lines(session, review, view, q) if view in (OPEN, ALL) else []
    left = [id for id, (state, _) in review.bins.items() if state in (TODO, COUNTING)]
    steps = approval_steps(session, review.value_fen())
    state = review.state()
    given = [one for one in take.approvals if one["state"] == state]
    counters = counters_of(session, site_id, [take.id])[take.id]
    people = (
        {side.figure.by for line in review.lines for side in line.sides}
        | {Id(one["by"]) for one in given}
        | {*counters, take.planned_by}
    )
    people |= {line.recount.assigned_to for line in review.lines if line.recount and line.recount.assigned_to}
    return render_template(
        "stock/review.html", take=take, review=review, shown=shown, view=view, q=q, open_n=open_n, state=state, steps=steps,
        given=given, counters=counters, names=names_of(session, people), fresh_id=new_id, people=_countable(),
        bins={one.id: one for one in _bins_of(take)}, left=left, views=(OPEN, ALL, UNKNOWN, LEFT), at=now(),
        n={OPEN: open_n, ALL: len(review.lines), UNKNOWN: len(review.unknown), LEFT: len(left)},
        reasons=stock_settings(session).reasons("adjust"), is_mine=current_user.id in review.counted_by,
        role_name=_role_names().get,
    )  # fmt: skip


def _role_names() -> dict[str, str]:
    return {role.code: pick(role) for role in select_roles(db.session())}


def _results(take: StockTake) -> list[tuple[CountResult, Bin, Product]]:
    """What it ended with, the largest differences first."""
    query = (
        select(CountResult, Bin, Product)
        .join(Bin, (Bin.site_id == CountResult.site_id) & (Bin.id == CountResult.bin_id))
        .join(Product, Product.id == CountResult.product_id)
        .where(CountResult.site_id == take.site_id, CountResult.stock_take_id == take.id)
    )
    found = [(result, place, product) for result, place, product in db.session().execute(query).all()]
    return sorted(found, key=lambda row: (-abs(row[0].value_fen), row[1].code, row[2].sku))


@bp.get("/counts/<uuid:take_id>.csv")
def count_file(take_id: Id) -> Response:
    """The review, or what came of it, to take away; never for somebody who counts blind (STK-3)."""
    need("stock.review")
    session = db.session()
    take = access_stock_take(session, current_user.site_id, take_id)
    check_book(session, current_user.site_id, current_user.id)
    head = [
        t(f"office.stock.csv_{name}")
        for name in ("bin", "sku", "product", "lot", "status", "book", "counted", "difference", "value", "outcome")
    ]
    rows: list[list[Any]] = []
    if take.status == REVIEW:
        for one in show_lines(session, load_review(session, take), ALL, ""):
            side = one.line.settled or one.line.sides[-1]
            rows.append(
                _row(
                    one.bin,
                    one.product,
                    one.line.key.lot,
                    one.line.key.status,
                    side.book,
                    side.figure.quantity,
                    one.line.value_fen,
                    t(f"office.stock.step_{one.step}"),
                )
            )
    else:
        for result, place, product in _results(take):
            rows.append(
                _row(
                    place,
                    product,
                    result.lot,
                    result.status,
                    result.book,
                    result.quantity,
                    result.value_fen,
                    t(f"office.stock.outcome_{result.outcome}"),
                )
            )
    return csv_answer(f"count-{take.no}.csv", head, rows)


def _row(place: Bin, product: Product, lot: str, status: str, book: Any, counted: Any, value_fen: int, outcome: str) -> list[Any]:
    return [place.code, product.sku, pick(product), lot, status, book, counted, counted - book, f"{value_fen / 100:.2f}", outcome]


# -- while it is counted --------------------------------------------------------------------------------------------------


@bp.post("/counts/<uuid:take_id>/counters")
@stands_on("/stock/counts/{take_id}")
def change_counters(take_id: Id) -> Response:
    """Who counts from now on."""
    operations.change_counters(
        current_user.id, stock_take_id=take_id, counters=request.form.getlist("counters"), operation_id=once()
    )
    return _done(take_id, "saved_count")


@bp.post("/counts/<uuid:take_id>/freezing")
@stands_on("/stock/counts/{take_id}")
def freeze_count(take_id: Id) -> Response:
    """Nothing moves in its bins until it ends (STK-13)."""
    take = access_stock_take(db.session(), current_user.site_id, take_id)
    operations.freeze_bins(
        current_user.id, bins=[str(one.id) for one in _bins_of(take)], reason=take.title, stock_take_id=str(take_id),
        operation_id=once(),
    )  # fmt: skip
    return _done(take_id, "count_frozen")


@bp.post("/counts/<uuid:take_id>/freezing/end")
@stands_on("/stock/counts/{take_id}")
def unfreeze_count(take_id: Id) -> Response:
    """Goods move in its bins again, before it ends."""
    take = access_stock_take(db.session(), current_user.site_id, take_id)
    frozen = [str(one.id) for one in _bins_of(take) if one.frozen is not None]
    operations.unfreeze_bins(current_user.id, bins=frozen, operation_id=once())
    return _done(take_id, "count_unfrozen")


@bp.post("/counts/<uuid:take_id>/cancellation")
@stands_on("/stock/counts/{take_id}")
def cancel_count(take_id: Id) -> Response:
    """It is off."""
    operations.cancel_stock_take(current_user.id, stock_take_id=take_id, reason=word("reason") or "", operation_id=once())
    return _done(take_id, "count_cancelled")


@bp.post("/counts/<uuid:take_id>/bins/<uuid:bin_id>/skip")
@stands_on("/stock/counts/{take_id}")
def skip_bin(take_id: Id, bin_id: Id) -> Response:
    """A bin is not reached this time, and why (STK-6)."""
    operations.skip_bin(current_user.id, stock_take_id=take_id, bin_id=bin_id, reason=word("reason") or "", operation_id=once())
    return _done(take_id, "bin_skipped")


@bp.post("/counts/<uuid:take_id>/closure")
@stands_on("/stock/counts/{take_id}")
def close_count(take_id: Id) -> Response:
    """Counting is over; with a reason also when a phone has not been heard (T11)."""
    if reason := word("reason"):
        operations.force_close(current_user.id, stock_take_id=take_id, reason=reason, operation_id=once())
    else:
        operations.close_stock_take(current_user.id, stock_take_id=take_id, operation_id=once())
    return _done(take_id, "count_closed")


# -- the review -----------------------------------------------------------------------------------------------------------


@bp.post("/counts/<uuid:take_id>/lines")
@stands_on("/stock/counts/{take_id}")
def decide_line(take_id: Id) -> Response:
    """A difference is accepted with its reason, or the book stays."""
    accepted = request.form.get("accepted") == "1"
    operations.decide_line(
        current_user.id, stock_take_id=take_id, **_line(), accepted=accepted, note=word("note"),
        reason=word("reason") or ("" if accepted else "kept"), basis=[request.form.get("state", "")], operation_id=once(),
    )  # fmt: skip
    return _done(take_id, "line_decided")


@bp.post("/counts/<uuid:take_id>/recounts")
@stands_on("/stock/counts/{take_id}")
def ask_recount(take_id: Id) -> Response:
    """Somebody else counts the line again (STK-4)."""
    operations.ask_recount(
        current_user.id, stock_take_id=take_id, lines=[_line()], assigned_to=word("assigned_to"), operation_id=once()
    )
    return _done(take_id, "recount_asked")


@bp.post("/counts/<uuid:take_id>/codes")
@stands_on("/stock/counts/{take_id}", product="sku")
def identify_code(take_id: Id) -> Response:
    """What an unknown code stands for, from now on everywhere (STK-10)."""
    operations.identify_code(
        current_user.id, key=word("key"), code=word("code"), product_id=find_product(db.session(), word("sku") or ""),
        pack=word("pack") or "1", operation_id=once(),
    )  # fmt: skip
    return _done(take_id, "code_identified")


@bp.post("/counts/<uuid:take_id>/approval")
@stands_on("/stock/counts/{take_id}")
def approve(take_id: Id) -> Response:
    """The next approval; the last one adjusts the stock."""
    operations.approve_stock_take(
        current_user.id, stock_take_id=take_id, basis=[request.form.get("state", "")], operation_id=once()
    )
    return _done(take_id, "count_approved")


@bp.post("/counts/<uuid:take_id>/closure/unchanged")
@stands_on("/stock/counts/{take_id}")
def close_unchanged(take_id: Id) -> Response:
    """The book stays as it is."""
    operations.close_unchanged(
        current_user.id,
        stock_take_id=take_id,
        reason=word("reason") or "",
        basis=[request.form.get("state", "")],
        operation_id=once(),
    )
    return _done(take_id, "count_unchanged")


def _line() -> dict[str, Any]:
    form = request.form
    return {name: form.get(name, "") for name in ("bin_id", "product_id", "lot", "status")}


def _done(take_id: Id, said: str) -> Response:
    fresh()
    flash(t(f"office.stock.flash_{said}"))
    back = request.form.get("back", "")
    where = back if back.startswith(f"/stock/counts/{take_id}") else f"/stock/counts/{take_id}"
    return make_response(redirect(where, 303))
