"""A stock take as its reviewer sees it, loaded by a constant number of statements: figures beside the book of their moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ledger.models import Holding
from app.lib.ids import Id
from app.lib.quantities import Quantity
from app.stock.book import Book, Moved, adjusted_by
from app.stock.count_records import BinState, states_of
from app.stock.counting import BinCount, CountDecision, CountLine, Recount, StockTake
from app.stock.models import Bin, Product, bin_account, bin_of
from app.stock.variance import Count, Key, Measure, Side, Standing, Sum, Tolerance, figures, stand, token

MATCHED, WITHIN, OUTSIDE, RECOUNT = "matched", "within", "outside", "recount"


@dataclass
class ReviewLine:
    """What lies where, as counted and as the book has it, without what this stock take itself adjusted before.

    `decision` is what a reviewer said of exactly these figures: with another figure it counts for nothing (I7).
    """

    key: Key
    sides: list[Side]
    measure: Measure
    standing: Standing
    recount: Recount | None = None
    decision: CountDecision | None = None

    @property
    def settled(self) -> Side | None:
        """The figure that holds, once nobody has to count again."""
        return self.standing.settled

    @property
    def difference(self) -> Decimal:
        """What is more than the book has, by the figure that holds, else by the newest."""
        return (self.settled or self.sides[-1]).variance

    @property
    def value_fen(self) -> int:
        """What the difference is worth, signed."""
        return self.measure.value(self.difference)

    @property
    def outcome(self) -> str:
        """Equal, within the tolerance, beyond it, or to be counted again."""
        if self.settled is None:
            return RECOUNT
        if self.difference == 0:
            return MATCHED
        return OUTSIDE if self.measure.is_out(self.difference, self.settled.book) else WITHIN

    @property
    def is_accepted(self) -> bool:
        """The book follows the figure: accepted by a reviewer, or within what needs nobody's word."""
        if self.decision is not None:
            return self.decision.accepted and self.settled is not None
        return self.outcome in (MATCHED, WITHIN)

    @property
    def is_open(self) -> bool:
        """Somebody has to count again or decide before anything is approved (STK-4)."""
        return self.decision is None and self.outcome in (OUTSIDE, RECOUNT)

    @cached_property
    def state(self) -> str:
        """What a decision about this line rests on."""
        said = [[side.figure.by, side.figure.count_id, side.figure.quantity, side.figure.at, side.book] for side in self.sides]
        return token([*self.key, said])


@dataclass
class Review:
    """Every line of a stock take, the codes nobody knew, and how far each bin is."""

    take: StockTake
    lines: list[ReviewLine]
    unknown: list[CountLine]
    bins: dict[Id, BinState]
    counted_by: set[Id]
    posted: dict[Holding, Decimal]  # what earlier approvals of this very stock take have adjusted

    def state(self) -> str:
        """What an approval rests on: another figure, movement, value, decision or unknown code makes another token."""
        decided = [
            [
                line.state, line.outcome, line.value_fen,
                line.decision and [line.decision.accepted, line.decision.reason, str(line.decision.by)],
            ]
            for line in self.lines
        ]  # fmt: skip
        return token([self.take.status, decided, sorted(str(line.id) for line in self.unknown)])

    def line(self, key: Key) -> ReviewLine | None:
        """One line, or None."""
        return next((line for line in self.lines if line.key == key), None)

    def value_fen(self) -> int:
        """What the accepted differences are worth together, whatever their sign: the approval's limits are about this."""
        return sum(abs(line.value_fen) for line in self.lines if line.is_accepted)


def load_review(session: Session, take: StockTake, bin_ids: Iterable[Id] | None = None) -> Review:
    """The review of a stock take, or of some of its bins."""
    some = None if bin_ids is None else set(bin_ids)
    rows = _bin_counts(session, take, some)
    recounts = _recounts(session, take, some)
    keys = {str(row.id): Key(row.bin_id, row.product_id, row.lot, row.status) for row in recounts}
    counts = [_count(row, keys) for row in rows if row.finished_at is not None and row.replaced_by is None]
    sums = _sums(session, take, [count.id for count in counts])
    accounts = sorted({bin_account(count.bin_id) for count in counts})
    times = [count.finished_at for count in counts] + [one.at for one in sums]
    own = adjusted_by(session, take.site_id, take.id)
    book = Book(session, take.site_id, accounts, min(times, default=0), without=own)
    found = figures(counts, sums, _expected(book, counts))
    measures = _measures(session, take, {key.product_id for key in found})
    lines = [_line(key, people, book, measures[key.product_id]) for key, people in found.items()]
    lines = [line for line in lines if any(side.figure.quantity != 0 or side.book != 0 for side in line.sides)]
    _join_recounts(lines, recounts)
    _join_decisions(session, take, lines)
    return Review(
        take, _in_order(session, take, lines), _unknown(session, take, [count.id for count in counts]),
        states_of(session, [take.id], some)[take.id], {row.by for row in rows}, _totals(own),
    )  # fmt: skip


def _totals(own: Iterable[Moved]) -> dict[Holding, Decimal]:
    found: dict[Holding, Decimal] = defaultdict(Decimal)
    for holding, _, quantity in own:
        found[holding] += quantity
    return found


def _bin_counts(session: Session, take: StockTake, bin_ids: set[Id] | None) -> list[BinCount]:
    query = select(BinCount).where(BinCount.site_id == take.site_id, BinCount.stock_take_id == take.id)
    return list(session.scalars(query if bin_ids is None else query.where(BinCount.bin_id.in_(bin_ids))))


def _recounts(session: Session, take: StockTake, bin_ids: set[Id] | None) -> list[Recount]:
    query = select(Recount).where(Recount.site_id == take.site_id, Recount.stock_take_id == take.id)
    query = query if bin_ids is None else query.where(Recount.bin_id.in_(bin_ids))
    return list(session.scalars(query.order_by(Recount.asked_at, Recount.id)))


def _count(row: BinCount, keys: dict[str, Key]) -> Count:
    spoken_of = [keys[id] for id in row.recounts if id in keys] if row.recounts else None
    return Count(row.id, row.bin_id, row.by, row.opened_at, row.finished_at or 0, spoken_of)


def _sums(session: Session, take: StockTake, count_ids: list[Id]) -> list[Sum]:
    """Lines that stand, added up where they lie: a full count has tens of thousands of scans and some hundred sums."""
    columns = (CountLine.bin_count_id, CountLine.bin_id, CountLine.product_id, CountLine.lot, CountLine.status)
    query = (
        select(*columns, func.sum(CountLine.quantity, type_=Quantity), func.max(CountLine.happened_at))
        .where(
            CountLine.site_id == take.site_id, CountLine.stock_take_id == take.id, CountLine.withdrawn_at.is_(None),
            CountLine.product_id.is_not(None),
        )
        .group_by(*columns)
    )  # fmt: skip
    wanted = set(count_ids)
    return [
        Sum(count_id, Key(bin_id, product_id, lot, status), quantity, at)
        for count_id, bin_id, product_id, lot, status, quantity, at in session.execute(query)
        if count_id in wanted and product_id is not None
    ]


def _expected(book: Book, counts: list[Count]) -> dict[Id, set[Key]]:
    """Bin → what the book had there when somebody said that this was all (STK-6)."""
    found: dict[Id, set[Key]] = defaultdict(set)
    times: dict[Id, set[int]] = defaultdict(set)
    for count in counts:
        if count.keys is None:
            times[count.bin_id].add(count.finished_at)
    for holding in book.now:
        bin_id = bin_of(holding)
        if bin_id is not None and any(book.at(holding, at) != 0 for at in times[bin_id]):
            found[bin_id].add(Key(bin_id, holding.item_id, holding.lot, holding.status))  # rule: STK-6
    return found


def _measures(session: Session, take: StockTake, product_ids: set[Id]) -> dict[Id, Measure]:
    tolerance = Tolerance.of(take.tolerance)
    query = select(Product.id, Product.abc, Product.cost_fen).where(Product.id.in_(product_ids))
    return {id: Measure(tolerance, abc, cost_fen) for id, abc, cost_fen in session.execute(query)}


def _line(key: Key, people: list[Any], book: Book, measure: Measure) -> ReviewLine:
    holding: Holding = key.holding
    sides = [Side(figure, book.at(holding, figure.at)) for figure in people]  # rule: STK-5, T18
    return ReviewLine(key, sides, measure, stand(sides, measure))


def _join_recounts(lines: list[ReviewLine], recounts: list[Recount]) -> None:
    """What is still to be counted again."""
    waiting = {Key(row.bin_id, row.product_id, row.lot, row.status): row for row in recounts if row.done_by is None}
    for line in lines:
        line.recount = waiting.get(line.key)


def _join_decisions(session: Session, take: StockTake, lines: list[ReviewLine]) -> None:
    query = select(CountDecision).where(CountDecision.site_id == take.site_id, CountDecision.stock_take_id == take.id)
    decided = {Key(row.bin_id, row.product_id, row.lot, row.status): row for row in session.scalars(query)}
    for line in lines:
        row = decided.get(line.key)
        line.decision = row if row is not None and row.state == line.state else None


def _unknown(session: Session, take: StockTake, count_ids: list[Id]) -> list[CountLine]:
    """Codes nobody knew, in counts that hold, oldest first."""
    query = select(CountLine).where(
        CountLine.site_id == take.site_id, CountLine.stock_take_id == take.id, CountLine.product_id.is_(None),
        CountLine.withdrawn_at.is_(None),
    )  # fmt: skip
    wanted = set(count_ids)
    found = [line for line in session.scalars(query) if line.bin_count_id in wanted]
    return sorted(found, key=attrgetter("happened_at", "id"))


def _in_order(session: Session, take: StockTake, lines: list[ReviewLine]) -> list[ReviewLine]:
    """By bin and SKU, as a person walks the shelves."""
    bins = {line.key.bin_id for line in lines}
    codes = dict(session.execute(select(Bin.id, Bin.code).where(Bin.site_id == take.site_id, Bin.id.in_(bins))).all())
    products = {line.key.product_id for line in lines}
    skus = dict(session.execute(select(Product.id, Product.sku).where(Product.id.in_(products))).all())
    return sorted(lines, key=lambda line: (codes[line.key.bin_id], skus[line.key.product_id], line.key.lot, line.key.status))
