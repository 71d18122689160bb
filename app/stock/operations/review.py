"""Settling a count: lines decided, the whole approved by somebody who counted nothing in it, unknown codes identified.

An approval posts what each line was off at its own moment, so movements during and after the count stay right (STK-5); the
counted figure then stands, whatever arrives later about the time before it (`app.stock.steps.move`).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import select, tuple_

from app.cases.steps import close_exception, find_open_exceptions
from app.ledger.models import Holding
from app.ledger.select import balances_of
from app.ledger.steps import Draft, Leg, post
from app.lib.db import insert_rows
from app.lib.ids import Id, new_id
from app.people.access import holders_of, roles_at, stand_in_of
from app.stock import schemas
from app.stock.codes import normalise, read_code
from app.stock.counting import (
    ADJUSTED,
    CLOSED,
    REVIEW,
    CountDecision,
    CountLine,
    CountResult,
    SettledCount,
    StockTake,
)
from app.stock.models import Barcode, Product, barcodes_of, bin_account
from app.stock.operations.catalogue import check_free
from app.stock.operations.recounts import ask_needed, check_reviewer, publish_counted, publish_recounts, review_take
from app.stock.reviewing import approval_steps
from app.stock.select import Review, ReviewLine, load_review
from app.stock.settings import stock_settings
from app.stock.steps import LOST, lock_free, unfreeze_counted
from app.stock.tallies import forget_lines
from app.stock.variance import Key, Side
from app.sync import Tx, operation
from app.sync.engine import as_values, decided
from app.sync.models import Operation
from app.sync.unit import Judged

REVIEWS = "stock.review"
UNKNOWN_CODE = "unknown_code"
MATCHED, WAS_ADJUSTED, LEFT, SUPERSEDED = "matched", "adjusted", "left", "superseded"
DECIDED = ("accepted", "reason", "note", "state", "by", "at")
SETTLED = ("stock_take_id", "quantity", "counted_at", "adjusted_at")
RESULT = (
    "first", "first_by", "first_book", "quantity", "book", "by", "counted_at", "value_fen", "outcome", "reason", "settled_at",
)  # fmt: skip


# -- deciding -------------------------------------------------------------------------------------------------------------


@operation("stock.decide_line", schema=schemas.DecideLine, right=REVIEWS)
def decide_line(tx: Tx, actor: Id, *, stock_take_id: Id, accepted: bool, reason: str, note: str | None, **where: Any) -> None:
    """Accept a settled difference with its reason code, or leave the book as it is. It holds for the figures shown (I7)."""
    take, key = review_take(tx, stock_take_id), Key(**where)
    review = load_review(tx.session, take, [key.bin_id])
    check_reviewer(tx, review)
    line = review.line(key)
    if line is None:
        tx.refuse("unknown_line")
    tx.check_basis(line.state)
    if accepted and line.settled is None:  # rule: STK-4
        tx.refuse("needs_recount")
    if accepted and reason not in stock_settings(tx.session).reasons("adjust"):
        tx.refuse("unknown_reason", status=422, fields={"reason": ["unknown_reason"]})
    row = {
        "site_id": tx.site_id, "stock_take_id": take.id, **key._asdict(), "accepted": accepted, "reason": reason,
        "note": note or None, "state": line.state, "by": actor, "at": tx.happened_at,
    }  # fmt: skip
    insert_rows(tx.session, CountDecision, [row], replace=DECIDED)


@operation("stock.approve_stock_take", schema=schemas.OfTake, right=REVIEWS)
def approve_stock_take(tx: Tx, actor: Id, *, stock_take_id: Id) -> None:
    """Give the next approval; the last one adjusts the stock, all of it or nothing.

    By the roles that the limits name for what it is worth, each step by another person, none by somebody who counted in it
    (GEN-3), on exactly what was shown. Whatever has changed since makes it stale, also for approvals given before (I7).
    """
    take = review_take(tx, stock_take_id)
    review = load_review(tx.session, take)
    check_reviewer(tx, review)
    state = review.state()
    tx.check_basis(state)  # rule: T25
    if left := sum(line.is_open for line in review.lines):
        tx.refuse("lines_open", n=left)  # rule: STK-4
    given = [approval for approval in take.approvals if approval["state"] == state]
    steps = approval_steps(tx.session, review.value_fen()) or tx.refuse("no_limits")
    role = _role_for(tx, steps[len(given)])
    if any(approval["by"] == str(actor) for approval in given):
        tx.refuse("approved_by_you")  # rule: GEN-3
    given.append({"by": str(actor), "at": tx.happened_at, "role": role, "state": state})
    take.approvals = given
    if len(given) == len(steps):
        _adjust(tx, review)


@operation("stock.close_unchanged", schema=schemas.CancelStockTake, right=REVIEWS)
def close_unchanged(tx: Tx, actor: Id, *, stock_take_id: Id, reason: str) -> None:
    """End the review without touching the book; what was counted is kept for reports."""
    take = review_take(tx, stock_take_id)
    review = load_review(tx.session, take)
    check_reviewer(tx, review)
    tx.check_basis(review.state())
    _keep_results(tx, review, {line.key: LEFT for line in review.lines})
    _end(tx, take, CLOSED, reason=reason)


def _role_for(tx: Tx, wanted: set[str]) -> str:
    """The role in which the person gives this step; a stand-in only where nobody holds the role itself."""
    held = roles_at(tx.session, tx.actor, tx.happened_at)
    if own := held & wanted:
        return min(own)
    vacant = {role for role in wanted if not holders_of(tx.session, tx.site_id, [role], tx.happened_at)}
    standing_in = held & {stand_in_of(tx.session, role) for role in vacant}
    if not standing_in:
        tx.outside("not_your_approval")
    return min(standing_in)


# -- adjusting ------------------------------------------------------------------------------------------------------------


def _adjust(tx: Tx, review: Review) -> None:
    """Post what every accepted line was off at its moment, and let its figure stand from then on (STK-1, STK-5)."""
    outcomes = _outcomes(tx, review)
    accepted = [(line, line.settled) for line in review.lines if line.settled and outcomes[line.key] in (MATCHED, WAS_ADJUSTED)]
    _keep_results(tx, review, outcomes)
    owed = [(line, side, side.variance - review.posted.get(line.key.holding, Decimal(0))) for line, side in accepted]
    drafts = [_draft(review.take, line, side, quantity) for line, side, quantity in owed if quantity != 0]
    posted = post(tx, drafts)  # rule: STK-1
    insert_rows(tx.session, SettledCount, [_settled(tx, review.take, line, side) for line, side in accepted], replace=SETTLED)
    for holding in posted.after:
        if not holding.is_outer:
            tx.about("product", holding.item_id)
    _tell_bins(tx, {line.key.bin_id for line, _ in accepted})
    worth = sum(line.value_fen for line, _ in accepted)
    _end(tx, review.take, ADJUSTED, lines=len(drafts), value_fen=worth)


def _outcomes(tx: Tx, review: Review) -> dict[Key, str]:
    """What becomes of each line. One that was counted again since, and approved, stays as it was counted last."""
    last = _last_counted(tx, [line.key.holding for line in review.lines])
    found: dict[Key, str] = {}
    for line in review.lines:
        side = line.settled
        if side is None or not line.is_accepted:
            found[line.key] = LEFT
        elif last.get(line.key.holding, 0) > side.figure.at:
            found[line.key] = SUPERSEDED  # rule: STK-5
        else:
            found[line.key] = WAS_ADJUSTED if side.variance else MATCHED
    return found


def _last_counted(tx: Tx, holdings: Iterable[Holding]) -> dict[Holding, int]:
    """Holding → when it was counted by the newest approved count."""
    accounts = sorted({holding.account for holding in holdings})
    columns = (SettledCount.account, SettledCount.item_id, SettledCount.lot, SettledCount.status)
    rows = tx.session.execute(
        select(*columns, SettledCount.counted_at).where(SettledCount.site_id == tx.site_id, SettledCount.account.in_(accounts))
    )
    return {Holding(account, item_id, lot, status): at for account, item_id, lot, status, at in rows}


def _draft(take: StockTake, line: ReviewLine, side: Side, quantity: Decimal) -> Draft:
    """Counted − book at the moment of the count, posted at that moment: from then on the sums are what was counted (STK-5)."""
    inner: Holding = line.key.holding
    outer = inner._replace(account=LOST)
    leg = Leg(outer, inner, quantity) if quantity > 0 else Leg(inner, outer, -quantity)
    reason, ref = line.decision.reason if line.decision else None, ("stock_take", str(take.id))
    return Draft(new_id(), "adjust", [leg], reason=reason, ref=ref, happened_at=side.figure.at)  # rule: STK-5, T18


def _settled(tx: Tx, take: StockTake, line: ReviewLine, side: Side) -> dict[str, Any]:
    return {
        "site_id": tx.site_id, **line.key.holding._asdict(), "stock_take_id": take.id, "quantity": side.figure.quantity,
        "counted_at": side.figure.at, "adjusted_at": tx.now,
    }  # fmt: skip


def _keep_results(tx: Tx, review: Review, outcomes: dict[Key, str]) -> None:
    """What the count ended with, for reports."""
    rows = []
    for line in review.lines:
        side, first = line.settled or line.sides[-1], line.sides[0]
        rows.append(
            {
                "site_id": tx.site_id, "stock_take_id": review.take.id, **line.key._asdict(), "first": first.figure.quantity,
                "first_by": first.figure.by, "first_book": first.book, "quantity": side.figure.quantity, "book": side.book,
                "by": side.figure.by, "counted_at": side.figure.at, "value_fen": line.value_fen,
                "outcome": outcomes[line.key], "reason": line.decision.reason if line.decision else None,
                "settled_at": tx.happened_at,
            }
        )  # fmt: skip
    insert_rows(tx.session, CountResult, rows, replace=RESULT)


def _tell_bins(tx: Tx, bin_ids: set[Id]) -> None:
    """Other products may lie in them now; where nothing is below zero any more, goods are picked again (STK-2)."""
    below = {holding.account for holding, n in balances_of(tx.session, tx.site_id, map(bin_account, bin_ids)).items() if n < 0}
    for bin_id in bin_ids:
        tx.publish("bin", bin_id)
        tx.publish("balance", bin_id)
        tx.about("bin", bin_id)
        if bin_account(bin_id) not in below:
            lock_free(tx, bin_id)


def _end(tx: Tx, take: StockTake, status: str, **said: Any) -> None:
    take.status = status
    take.ended = {"by": str(tx.actor), "at": tx.happened_at, **said}
    tx.session.flush()
    unfreeze_counted(tx, take.id)
    publish_counted(tx, take)
    publish_recounts(tx, take)
    tx.publish("stock_take", take.id)
    tx.readers_changed()


# -- codes nobody knew ----------------------------------------------------------------------------------------------------


@operation("stock.identify_code", schema=schemas.IdentifyCode, right="stock.manage")
def identify_code(tx: Tx, actor: Id, *, key: str, code: str, product_id: Id, pack: Decimal) -> None:
    """Say what an unknown code stands for: it becomes a code of the product, and lines scanned with it are its lines (STK-10).

    Their quantity is multiplied by what one scan means (STK-11); a line that is now out of tolerance is counted again.
    """
    product = tx.session.get(Product, product_id) or tx.missing("product", product_id)
    if not product.is_active():
        tx.refuse("product_archived", sku=product.sku)
    code = normalise(code)
    read = read_code(code)
    if read.key != key:
        tx.refuse("code_differs", status=422, fields={"code": ["code_differs"]})
    if read.check == "wrong":  # rule: STK-10
        tx.refuse("check_digit", status=422, fields={"code": ["check_digit"]}, barcode=code)
    check_free(tx, product_id, [key])
    known = barcodes_of(tx.session, [product_id])[product_id]
    if all(barcode.key != key for barcode in known):
        tx.session.add(Barcode(product_id=product_id, key=key, code=code, pack=pack, seq=len(known) + 1))
        tx.session.flush()
    tx.publish("product", product_id)
    tx.about("product", product_id)
    _rewrite(tx, key, product_id, pack)


def _rewrite(tx: Tx, key: str, product_id: Id, pack: Decimal) -> None:
    """Lines that were scanned with the code are lines of the product; their doubts are settled."""
    lines = list(tx.session.scalars(select(CountLine).where(CountLine.key == key, CountLine.product_id.is_(None))))
    for line in lines:
        line.product_id, line.pack, line.quantity = product_id, pack, line.quantity * pack  # rule: STK-10, STK-11
        tx.publish("count_line", f"{line.bin_count_id}/{line.id}")
    tx.session.flush()
    forget_lines(tx.session)
    _settle_doubts(tx, [line.id for line in lines])
    takes = {(line.site_id, line.stock_take_id) for line in lines if line.site_id == tx.site_id}
    found = tx.session.scalars(select(StockTake).where(tuple_(StockTake.site_id, StockTake.id).in_(takes)))
    for take in found:
        if take.status == REVIEW:
            ask_needed(tx, take)


def _settle_doubts(tx: Tx, line_ids: list[Id]) -> None:
    """What was noted because of the code is in force as if it had been known, and the devices hear it."""
    for exception in find_open_exceptions(tx, UNKNOWN_CODE, line_ids):
        close_exception(tx, exception.id, "settled", None)
    rows = tx.session.scalars(select(Operation).where(Operation.id.in_(line_ids), Operation.code == UNKNOWN_CODE))
    for row in rows:
        values = {**as_values(row), "n": row.n + 1}
        tx.unit.rejudged[row.id] = Judged(decided(values, tx.now, "applied", None, {}, in_force=True))
