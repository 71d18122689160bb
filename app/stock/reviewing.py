"""What the page of a stock take's review shows of each line: figures, difference on a scale with its tolerance, the next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.models import find_document
from app.lib.ids import Id
from app.stock.models import Bin, Product
from app.stock.select import MATCHED, RECOUNT, WITHIN, Review, ReviewLine

LIMITS = "stock_adjustment"
HALF = 90  # of the scale of a difference: 180 wide, zero in the middle
OPEN, ALL, UNKNOWN, LEFT = "open", "all", "unknown", "left"
VIEWS = (OPEN, ALL, UNKNOWN, LEFT)


@dataclass(frozen=True)
class Shown:
    """One line with the names of its things."""

    line: ReviewLine
    bin: Bin
    product: Product

    @property
    def step(self) -> str:
        """What comes next: nothing (matched, within), accepted, left, recount, third, decide."""
        line = self.line
        if line.decision is not None:
            return "accepted" if line.decision.accepted else "left"
        if line.outcome in (MATCHED, WITHIN):
            return line.outcome
        if line.outcome == RECOUNT:
            return "third" if line.standing.round == 3 else "recount"
        return "decide"

    @property
    def cue(self) -> str:
        """Its lamp."""
        return {"decide": "wait", "recount": "work", "third": "stop", "accepted": "go", "left": "na"}.get(self.step, "off")

    @property
    def allowed(self) -> Decimal:
        """The difference up to which nobody need count again, in units: the larger of units and percent, or of class A none."""
        measure, book = self.line.measure, self.line.sides[-1].book
        if measure.abc == "A":
            return measure.tolerance.class_a_units
        share = max(measure.tolerance.units, abs(book) * measure.tolerance.percent / 100)
        return min(share, Decimal(measure.tolerance.value_fen) / measure.cost_fen) if measure.cost_fen else share

    def scale(self) -> tuple[float, float, float]:
        """(half width of the tolerance, left end, width of the difference) on the scale of 180; the longer of both fills it."""
        reach = max(abs(self.line.difference), self.allowed * 2, Decimal(4))
        unit = Decimal(HALF) / reach
        length = min(float(abs(self.line.difference) * unit), float(HALF))
        at = HALF - length if self.line.difference < 0 else HALF
        return round(float(self.allowed * unit), 1), round(at, 1), round(length, 1)


def show_lines(session: Session, review: Review, view: str, q: str) -> list[Shown]:
    """The lines of a view with names, narrowed by words of bin, product or SKU; what is open first, the dearest before."""
    lines = [line for line in review.lines if view == ALL or line.is_open or line.decision is not None]
    bins = _by_id(
        session.scalars(select(Bin).where(Bin.site_id == review.take.site_id, Bin.id.in_({line.key.bin_id for line in lines})))
    )
    products = {
        one.id: one for one in session.scalars(select(Product).where(Product.id.in_({line.key.product_id for line in lines})))
    }
    shown = [Shown(line, bins[line.key.bin_id], products[line.key.product_id]) for line in lines]
    words = q.casefold().split()
    found = [one for one in shown if all(word in _text(one) for word in words)]
    return found if view == ALL else sorted(found, key=lambda one: (not one.line.is_open, -abs(one.line.value_fen)))


def _text(one: Shown) -> str:
    return f"{one.bin.code} {one.product.sku} {one.product.zh} {one.product.en}".casefold()


def _by_id(bins: Iterable[Bin]) -> dict[Id, Bin]:
    return {one.id: one for one in bins}


def approval_steps(session: Session, value_fen: int) -> list[set[str]]:
    """For each step the roles that may give it: those of this value's level, or of a higher one in their place."""
    limits = find_document(session, "approval", LIMITS)
    if limits is None:
        return []
    levels = limits.body["levels"]
    level = next(n for n, one in enumerate(levels) if one["up_to"] is None or value_fen <= Decimal(str(one["up_to"])) * 100)
    higher = [one["steps"] for one in levels[level:]]
    return [{steps[n] for steps in higher if n < len(steps)} for n in range(len(higher[0]))]
