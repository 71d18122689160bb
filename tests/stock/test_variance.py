"""What figures mean: tolerance, who counts again, what is settled."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

import pytest

from app.lib.ids import Id
from app.stock.variance import Count, Figure, Key, Measure, Side, Standing, Sum, Tolerance, figures, stand

HOUSE = Tolerance(Decimal(2), Decimal(2), 20000, Decimal(0))
A, B, C = Id(int=1), Id(int=2), Id(int=3)
BIN, MUG = Id(int=10), Id(int=20)
KEY = Key(BIN, MUG, "", "available")


def measure(abc: str = "C", cost_fen: int | None = None, tolerance: Tolerance = HOUSE) -> Measure:
    return Measure(tolerance, abc, cost_fen)


def side(by: Id, quantity: str, book: str, at: int = 0) -> Side:
    return Side(Figure(by, by, Decimal(quantity), at), Decimal(book))


def ask(*sides: Side, of: Measure | None = None) -> tuple[str | None, int | None]:
    """(the figure it is settled at, the round it needs)."""
    found: Standing = stand(sides, of or measure())
    return (None if found.settled is None else str(found.settled.figure.quantity), found.round)


@pytest.mark.parametrize(
    ("counted", "book", "is_out"),
    [
        ("100", "100", False),
        ("98", "100", False),  # 2 units, 2 %: both figures are the limit, not beyond it
        ("97", "100", True),  # 3 units, 3 %
        ("197", "200", False),  # 3 units, but 1.5 %
        ("1", "3", False),  # 67 %, but 2 units
        ("0.5", "1", False),
        ("103", "100", True),
        ("2.001", "0", True),  # a book of zero: more than any percent of it (T23)
        ("2", "0", False),
        ("-3", "0", True),
        ("5", "-1", True),  # a book below zero (T23)
        ("97.999", "100", True),
    ],
)
def test_more_than_two_units_and_two_percent(counted: str, book: str, is_out: bool) -> None:
    """STK-4, T23: both together, also where the book is zero or below, with decimals."""
    assert measure().is_out(Decimal(counted) - Decimal(book), Decimal(book)) is is_out


def test_value_and_class() -> None:
    """STK-4: one unit that is worth more than ¥200, or one of class A, is too much whatever the percentage."""
    assert not measure(cost_fen=20000).is_out(Decimal(-1), Decimal(1000))
    assert measure(cost_fen=20001).is_out(Decimal(-1), Decimal(1000))
    assert measure("A").is_out(Decimal("0.001"), Decimal(1000))
    assert not measure("A").is_out(Decimal(0), Decimal(1000))
    lenient = Tolerance(Decimal(2), Decimal(2), 20000, Decimal(1))
    assert not measure("A", tolerance=lenient).is_out(Decimal(1), Decimal(1000))


def test_one_figure_within_the_tolerance_settles() -> None:
    """STK-4."""
    assert ask(side(A, "99", "100")) == ("99", None)
    assert ask(side(A, "90", "100")) == (None, 2)


def test_not_seen_is_never_zero_by_one_person() -> None:
    """STK-6: one unit of ¥0.01 that nobody saw still needs a second person; two of them settle it."""
    assert ask(side(A, "0", "1")) == (None, 2)
    assert ask(side(A, "0", "0")) == ("0", None)
    assert ask(side(A, "0", "1"), side(B, "0", "1")) == ("0", None)


def test_the_second_settles_or_calls_a_third() -> None:
    """STK-4: two who agree within the tolerance settle it by the newer; two who do not call a third, whose word holds."""
    assert ask(side(A, "72", "78"), side(B, "71", "78")) == ("71", None)
    assert ask(side(A, "72", "78"), side(B, "78", "78")) == (None, 3)
    assert ask(side(A, "78", "78"), side(B, "70", "78")) == (None, 3)
    assert ask(side(A, "72", "78"), side(B, "78", "78"), side(C, "77", "78")) == ("77", None)
    assert ask(side(A, "72", "78"), side(B, "78", "78"), side(C, "50", "78")) == ("50", None)
    assert stand([side(A, "72", "78"), side(B, "78", "78"), side(C, "50", "78")], measure()).is_disputed
    assert ask(side(A, "72", "78"), side(B, "72", "78"), side(C, "78", "78")) == ("72", None)


def test_goods_that_moved_between_two_counts_make_no_difference() -> None:
    """STK-5: 60 of 100 left between them: 100 and 40 are the same figure."""
    assert ask(side(A, "96", "100"), side(B, "36", "40")) == ("36", None)
    assert ask(side(A, "96", "100"), side(B, "96", "40")) == (None, 3)


# -- figures --------------------------------------------------------------------------------------------------------------


def count(id: int, by: Id, at: int, keys: list[Key] | None = None, bin_id: Id = BIN) -> Count:
    return Count(Id(int=id), bin_id, by, at, at + 5, keys)


def scanned(id: int, quantity: str, at: int, key: Key = KEY) -> Sum:
    return Sum(Id(int=id), key, Decimal(quantity), at)


def told(counts: list[Count], sums: list[Sum], expected: Collection[Key] = ()) -> dict[Key, list[tuple[Id, str, int]]]:
    found = figures(counts, sums, {BIN: expected})
    return {key: [(one.by, str(one.quantity), one.at) for one in people] for key, people in found.items()}


def test_people_are_never_added_up() -> None:
    """STK-4: two people, two figures; one person's newest count stands for the others, also without saying that it replaces."""
    assert told([count(1, A, 100), count(2, B, 200)], [scanned(1, "4", 101), scanned(2, "5", 201)]) == {
        KEY: [(A, "4", 101), (B, "5", 201)]
    }
    assert told([count(1, A, 100), count(2, A, 200)], [scanned(1, "4", 101), scanned(2, "5", 201)]) == {KEY: [(A, "5", 201)]}


def test_what_is_expected_and_not_seen_is_said_to_be_missing() -> None:
    """STK-6: none of it, as of the moment the person said that this was all."""
    assert told([count(1, A, 100)], [], {KEY}) == {KEY: [(A, "0", 105)]}
    assert told([], [], {KEY}) == {}


def test_what_one_found_the_other_did_not_see() -> None:
    """A product that the book does not have in the bin: who finished the bin without it says there is none."""
    assert told([count(1, A, 100), count(2, B, 200)], [scanned(1, "4", 101)]) == {KEY: [(A, "4", 101), (B, "0", 205)]}


def test_a_line_that_was_taken_back_was_not_seen() -> None:
    """F9: scanned and taken back leaves nothing, as of the end."""
    assert told([count(1, A, 100)], [scanned(1, "0", 101)], {KEY}) == {KEY: [(A, "0", 105)]}


def test_a_recount_speaks_of_its_lines_alone() -> None:
    """F13: what else is scanned there is no figure, and what is not scanned of the rest is not missing."""
    other = KEY._replace(lot="L1")
    counts = [count(1, A, 100), count(2, B, 200, [KEY])]
    sums = [scanned(1, "4", 101), scanned(1, "7", 102, other), scanned(2, "3", 201), scanned(2, "9", 202, other)]
    assert told(counts, sums) == {KEY: [(A, "4", 101), (B, "3", 201)], other: [(A, "7", 102)]}
    assert told(counts, sums[:2])[KEY] == [(A, "4", 101), (B, "0", 205)]
