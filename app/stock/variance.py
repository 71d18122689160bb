"""What counts mean: who counted what, what the book says to it, and whether somebody else has to count again. Pure functions.

Two figures are compared by how far each is from the book *of its own moment*: goods that moved between two counts make no
difference (STK-5). A figure of none where the book has some is never taken from one person alone: not seen is not zero (STK-6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import orjson

from app.lib.ids import Id
from app.lib.quantities import format_quantity
from app.stock.counting import holding_of

RECOUNT, THIRD = 2, 3
CLASS_A = "A"


class Key(NamedTuple):
    """One line of a review: what lies where."""

    bin_id: Id
    product_id: Id
    lot: str
    status: str

    @property
    def holding(self) -> Any:
        """The ledger's holding of it."""
        return holding_of(*self)


@dataclass(frozen=True)
class Tolerance:
    """Within which a difference asks for no recount (STK-4)."""

    units: Decimal
    percent: Decimal
    value_fen: int
    class_a_units: Decimal

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Tolerance:
        """As a stock take keeps it."""
        return cls(
            Decimal(said["units"]), Decimal(said["percent"]), int(said["value_fen"]), Decimal(said["class_a_units"])
        )  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """What a product's differences are measured by."""

    tolerance: Tolerance
    abc: str
    cost_fen: int | None

    def value(self, quantity: Decimal) -> int:
        """What this quantity is worth in fen, signed; a product without a cost is worth nothing here."""
        return int((quantity * (self.cost_fen or 0)).quantize(Decimal(1), ROUND_HALF_UP))

    def is_out(self, difference: Decimal, book: Decimal) -> bool:
        """Whether a difference is too large to be left to one person. Of a book of zero everything is more than any percent."""
        off, tolerance = abs(difference), self.tolerance
        if self.abc == CLASS_A and off > tolerance.class_a_units:  # rule: STK-4
            return True
        if self.value(off) > tolerance.value_fen:  # rule: STK-4
            return True
        is_beyond = book == 0 or off * 100 > tolerance.percent * abs(book)  # rule: T23
        return off > tolerance.units and is_beyond  # rule: STK-4


@dataclass(frozen=True)
class Figure:
    """What one person says lies there, and when they said the last of it."""

    by: Id
    count_id: Id
    quantity: Decimal
    at: int
    is_recount: bool = False


@dataclass(frozen=True)
class Side:
    """A figure beside the book of its moment."""

    figure: Figure
    book: Decimal

    @property
    def variance(self) -> Decimal:
        """How much more there is than the book says."""
        return self.figure.quantity - self.book


@dataclass(frozen=True)
class Standing:
    """What the sides of a line come to: settled by one of them, or to be counted again in this round.

    `is_disputed`: three people said three things, and the third decides.
    """

    settled: Side | None
    round: int | None = None
    is_disputed: bool = False


def stand(sides: Sequence[Side], measure: Measure) -> Standing:
    """Settle a line by its figures, oldest first, each of another person (STK-4, STK-6)."""
    if len(sides) == 1:
        only = sides[0]
        is_missing = only.figure.quantity == 0 and only.book != 0
        if is_missing or measure.is_out(only.variance, only.book):  # rule: STK-4, STK-6
            return Standing(None, RECOUNT)
        return Standing(only)
    for newer in reversed(sides):
        for other in sides:
            if other is not newer and not measure.is_out(newer.variance - other.variance, newer.book):
                return Standing(newer)
    if len(sides) == 2:
        return Standing(None, THIRD)  # rule: STK-4
    return Standing(sides[-1], is_disputed=True)


class Count(NamedTuple):
    """A bin count as variance sees it. `keys` None: it speaks of the whole bin; else of these lines alone (a recount)."""

    id: Id
    bin_id: Id
    by: Id
    opened_at: int
    finished_at: int
    keys: Collection[Key] | None


class Sum(NamedTuple):
    """What the lines of one bin count add up to for one key, and when the last of them was recorded."""

    count_id: Id
    key: Key
    quantity: Decimal
    at: int


def figures(counts: Iterable[Count], sums: Iterable[Sum], expected: Mapping[Id, Collection[Key]]) -> dict[Key, list[Figure]]:
    """Key → each person's newest figure, oldest first.

    `expected`: bin → what the book has or had there, so that what nobody saw is said to be missing. One who finished a bin says
    0 of whatever others found in it. Figures of one person are never added up over several counts: the newest stands (T2, STK-4).
    """
    seen: dict[tuple[Id, Key], Sum] = {(one.count_id, one.key): one for one in sums}
    newest: dict[tuple[Id, Id], Count] = {}
    recounts: list[Count] = []
    for count in sorted(counts, key=lambda count: (count.opened_at, count.id)):
        if count.keys is None:
            newest[count.bin_id, count.by] = count
        else:
            recounts.append(count)
    whole = list(newest.values())
    known: dict[Id, set[Key]] = {count.bin_id: set(expected.get(count.bin_id, ())) for count in whole}
    by_id = {count.id: count for count in whole}
    for (count_id, key), _ in seen.items():
        if count_id in by_id:
            known[key.bin_id].add(key)
    found: dict[Key, dict[Id, Figure]] = {}
    for count in whole:
        for key in known[count.bin_id]:
            found.setdefault(key, {})[count.by] = _figure(count, key, seen)
    for count in recounts:
        for key in count.keys or ():
            found.setdefault(key, {})[count.by] = _figure(count, key, seen, is_recount=True)
    return {key: sorted(people.values(), key=lambda figure: (figure.is_recount, figure.at)) for key, people in found.items()}


def _figure(count: Count, key: Key, seen: Mapping[tuple[Id, Key], Sum], *, is_recount: bool = False) -> Figure:
    """What was scanned, or none of it when the person said that this was all."""
    one = seen.get((count.id, key))
    if one is None or one.quantity == 0:
        return Figure(count.by, count.id, Decimal(0), count.finished_at, is_recount)
    return Figure(count.by, count.id, one.quantity, one.at, is_recount)


def token(shown: object) -> str:
    """What a decision rests on, as one text: anything else shown makes another."""
    return hashlib.sha256(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS, default=_plain)).hexdigest()


def _plain(value: object) -> str:
    return format_quantity(value) if isinstance(value, Decimal) else str(value)
