"""What settles exceptions of stock: a code gets its product, what came late of a bin is decided by one word."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, request
from flask_login import current_user

from app.cases.select import access_matter
from app.lib.db import db
from app.lib.errors import NotFound, Refused
from app.lib.ids import Id
from app.lib.words import t
from app.people.forms import stands_on
from app.people.guard import once
from app.stock import operations, subjects  # noqa: F401 - subjects registers what cases ask for
from app.stock.finding import find_product
from app.stock.subjects import counted_in
from app.stock.views import bp, word
from app.sync.models import Operation


@bp.post("/exceptions/<uuid:exception_id>/code")
@stands_on("/exceptions/{exception_id}", product="sku", check_digit="sku", code_taken="sku")
def identify_kept(exception_id: Id) -> Response:
    """What the code of this exception stands for; every line scanned with it is settled (STK-10)."""
    facts = access_matter(db.session(), current_user.site_id, exception_id).exception.facts
    product_id = find_product(db.session(), word("sku") or "")
    operations.identify_code(
        current_user.id, key=facts.get("key"), code=facts.get("barcode"), product_id=product_id, pack=word("pack") or "1",
        operation_id=once(),
    )  # fmt: skip
    return _done("flash_code_identified")


LATE = {"admit": (operations.admit_late, "told_admitted"), "dismiss": (operations.dismiss_late, "told_dismissed")}


@bp.post("/exceptions/<uuid:exception_id>/late")
@stands_on("/exceptions/{exception_id}")
def decide_late(exception_id: Id) -> Response:
    """All that came late of the same count of a bin takes effect, or does not count (T11)."""
    kept, said = _kept(exception_id), request.form.get("word", "")
    count_id = counted_in(db.session(), [kept.id]).get(kept.id)
    if count_id is None:
        raise NotFound("bin_count")
    if said not in LATE:
        raise Refused("malformed", status=422, fields={"word": ["unknown_word"]}, names="word")
    decide, told = LATE[said]
    decide(current_user.id, bin_count_id=count_id, reason=word("reason"), operation_id=once())
    return _done(told)


def _kept(exception_id: Id) -> Operation:
    found = access_matter(db.session(), current_user.site_id, exception_id).operation
    if found is None:
        raise NotFound("exception")
    return found


def _done(said: str) -> Response:
    flash(t(f"office.stock.{said}"))
    return make_response(redirect("/exceptions", 303))
