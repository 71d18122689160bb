"""How right the book was when it was first counted: over time, by area and by counter, with what chance alone would allow.

A line matched when the first person's figure was the book's of that moment. It held when no recount changed how far it was off:
then the shelf was wrong and not the counter. Shares stand with their Wilson interval: nobody is judged by a few lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any, NamedTuple

from sqlalchemy import Integer, case, func, select
from sqlalchemy.orm import Session

from app.lib.ids import Id
from app.lib.times import day_name, day_of
from app.people.access import names_of
from app.stock.counting import ADJUSTED, CountResult, StockTake
from app.stock.models import Bin

Z95 = 1.959963984540054  # the normal distribution's 97.5 % point
DAYS = (28, 91, 364)
MOST_POINTS = 26
BY = ("week", "count")


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """The interval of a share that holds the true one 95 times in 100; without a line it is anything."""
    if n == 0:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Tally:
    """What some lines come to. Values are of lines that adjusted the book, in fen: signed, and whatever their sign."""

    lines: int = 0
    matched: int = 0
    held: int = 0
    net_fen: int = 0
    off_fen: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.lines + other.lines, self.matched + other.matched, self.held + other.held,
            self.net_fen + other.net_fen, self.off_fen + other.off_fen,
        )  # fmt: skip

    @property
    def share(self) -> float:
        """Of the lines, those that matched at first count."""
        return self.matched / self.lines if self.lines else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """What the share may be, with these few lines."""
        return wilson(self.matched, self.lines)

    @property
    def held_share(self) -> float:
        """Of the lines, those whose first figure stood."""
        return self.held / self.lines if self.lines else 0.0

    @property
    def held_interval(self) -> tuple[float, float]:
        """What that share may be."""
        return wilson(self.held, self.lines)


class Cell(NamedTuple):
    """The lines of one stock take in one area that one person was first to count."""

    take_id: Id
    area: str
    by: Id
    settled_at: int
    tally: Tally


def select_cells(session: Session, site_id: Id, since: int) -> list[Cell]:
    """Every settled line since then, added up where it lies."""
    adjusted = CountResult.outcome == ADJUSTED
    off = CountResult.first - CountResult.first_book
    columns = (CountResult.stock_take_id, Bin.area, CountResult.first_by, CountResult.settled_at)
    sums = (
        func.count(),
        _times(off == 0),
        _times(off == CountResult.quantity - CountResult.book),
        func.sum(case((adjusted, CountResult.value_fen), else_=0)),
        func.sum(case((adjusted, func.abs(CountResult.value_fen)), else_=0)),
    )
    query = (
        select(*columns, *sums)
        .join(Bin, (Bin.site_id == CountResult.site_id) & (Bin.id == CountResult.bin_id))
        .where(CountResult.site_id == site_id, CountResult.settled_at >= since)
        .group_by(*columns)
        .order_by(CountResult.settled_at, CountResult.stock_take_id)
    )
    rows = session.execute(query).all()
    return [Cell(take_id, area, by, at, Tally(*map(int, said))) for take_id, area, by, at, *said in rows]


def _times(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0), type_=Integer)


# -- what a page shows ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One row: a week, a stock take, an area or a counter."""

    key: Any
    name: str
    tally: Tally


@dataclass(frozen=True)
class Accuracy:
    """The picture over time and the same lines by area and by counter. `floor` is where its scale begins, in whole percent."""

    total: Tally
    points: list[Line]
    left_out: int
    areas: list[Line]
    counters: list[Line]
    floor: int

    def height(self, share: float) -> float:
        """Where a share stands on a scale of 100 from `floor` to everything, counted from below."""
        return round(max(0.0, (share * 100 - self.floor) / (100 - self.floor)) * 100, 2)

    def depth(self, share: float) -> float:
        """The same, counted from above."""
        return round(100 - self.height(share), 2)


def load_accuracy(session: Session, site_id: Id, since: int, by: str, area_name: Callable[[str], str]) -> Accuracy:
    """Lines that were settled since then, over time by `week` or by `count`."""
    cells = select_cells(session, site_id, since)
    names = names_of(session, {cell.by for cell in cells})
    total = _sum(cell.tally for cell in cells)
    points = _weeks(cells) if by == BY[0] else _takes(session, site_id, cells)
    shown = points[-MOST_POINTS:]
    areas = _lines(cells, lambda cell: cell.area, area_name)
    counters = sorted(_lines(cells, lambda cell: cell.by, lambda id: names.get(id, "–")), key=lambda line: line.name)
    lows = [line.tally.interval[0] for line in (*shown, *areas, *counters)]
    floor = min(90, int(min(lows, default=1.0) * 10) * 10)
    return Accuracy(total, shown, len(points) - len(shown), areas, counters, floor)


def week_of(at: int) -> date:
    """The Monday of a moment's week, by the site's calendar."""
    day = day_of(at)
    return day - timedelta(days=day.weekday())


def _weeks(cells: list[Cell]) -> list[Line]:
    return _lines(cells, lambda cell: week_of(cell.settled_at), day_name)


def _takes(session: Session, site_id: Id, cells: list[Cell]) -> list[Line]:
    takes = takes_of(session, site_id, cells)
    found = _lines(cells, lambda cell: (cell.settled_at, cell.take_id), lambda key: takes[key[1]].title)
    return [Line(line.key[1], line.name, line.tally) for line in found]


def takes_of(session: Session, site_id: Id, cells: Iterable[Cell]) -> dict[Id, StockTake]:
    """The stock takes that these lines are of."""
    query = select(StockTake).where(StockTake.site_id == site_id, StockTake.id.in_({cell.take_id for cell in cells}))
    return {take.id: take for take in session.scalars(query)}


def _lines(cells: list[Cell], key: Callable[[Cell], Any], name: Callable[[Any], str]) -> list[Line]:
    sums: dict[Any, Tally] = {}
    for cell in cells:
        sums[key(cell)] = sums.get(key(cell), Tally()) + cell.tally
    return [Line(one, name(one), sums[one]) for one in sorted(sums)]


def _sum(tallies: Iterable[Tally]) -> Tally:
    found = Tally()
    for tally in tallies:
        found += tally
    return found
