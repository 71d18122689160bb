"""A cell is a value or a fault with a name; what could be read in two ways is a fault."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.tables import CellCode, Fault, FileCode, Kind, boolean, choice, date, decimal, integer, letter, text
from app.lib.tables.cells import clean
from app.lib.words import LANGUAGES, catalogue, error_text
from tests.lib.tables.naughty import FORMULAS, PLAIN

COLOURS = choice({"red": ("红", "Red", "红色"), "blue": ("蓝", "Blue")})
KINDS = [text(10), decimal(2, min=0, max=100), integer(), boolean(), date(), COLOURS]


def each(cells: dict[str, list[str]]) -> list[tuple[str, str]]:
    """(name of the fault, cell) for each cell."""
    return [(problem, cell) for problem, several in cells.items() for cell in several]


def code(kind: Kind, cell: str) -> str:
    """The name of a fault; its sentence is whole in both languages."""
    found = kind(cell)
    assert isinstance(found, Fault), found
    for lang in LANGUAGES:
        assert "{" not in error_text(found.code, {**found.facts, "row": 3, "column": "货号"}, lang=lang).replace(
            found.facts["value"], ""
        )
    return found.code


@pytest.mark.parametrize("kind", KINDS)
@given(st.one_of(st.text(max_size=50), st.sampled_from(PLAIN + FORMULAS)))
@settings(deadline=None)
def test_any_text_is_a_value_or_a_fault(kind: Kind, cell: str) -> None:
    """Nothing else comes out, and a fault shows at most the beginning of the cell."""
    found = kind(cell)
    if isinstance(found, Fault):
        assert found.code in get_args(CellCode) and len(found.facts["value"]) <= 40


TEXTS = {
    "锅": "锅", "  a  b ": "a  b", "\u3000\u200b a\ufeff\u202c": "a", "0012": "0012", "a\nb": "a b", "a\r\nb\tc": "a b c",
    "👩‍👩‍👧‍👦": "👩‍👩‍👧‍👦", "=1": "=1", "x" * 10: "x" * 10,
}  # fmt: skip


@pytest.mark.parametrize(("cell", "value"), TEXTS.items())
def test_a_text_is_without_the_blanks_around_it(cell: str, value: str) -> None:
    """Seen or unseen, as they are pasted from pages and chats; within it nothing changes (T21)."""
    assert text(10)(cell) == value


def test_a_text_of_several_lines_keeps_them() -> None:
    """As one kind of line break."""
    assert text(20, lines=True)("a\r\nb\rc\n\td") == "a\nb\nc\n\td"


NO_TEXTS = {
    "text_too_long": ["x" * 11],
    "text_control": ["a\0b", "a\x1bb", "a\x85b", "1\u202e32", "a\u2067b"],
}


@pytest.mark.parametrize(("problem", "cell"), each(NO_TEXTS))
def test_a_text_that_is_not_what_it_shows_is_refused(problem: str, cell: str) -> None:
    """Too long, or with letters that cannot be seen and turn the others around."""
    assert code(text(10), cell) == problem


NUMBERS = {
    "12": "12", " 0.50 ": "0.5", "１２．５": "12.5", "1,234": "1234", "1,234.5": "1234.5", "-3": "-3",
    "\u200b5": "5", "5.000": "5",
}  # fmt: skip


@pytest.mark.parametrize(("cell", "value"), NUMBERS.items())
def test_a_decimal_is_exact(cell: str, value: str) -> None:
    """Full width and thousands separators where they mean one number (GEN-9)."""
    assert decimal(2)(cell) == Decimal(value)


NO_NUMBERS = {
    "number_unreadable": ["x", "12个", "5%", "¥5", "1e", "1 2", "1" * 33_000],
    "number_ambiguous": ["12,5", "0,123", "1.234,5"],
    "number_decimals": ["0.005", "1,234.567"],
    "number_too_small": ["-1"],
    "number_too_large": ["101", "1" * 30],
    "scientific_number": ["1e5", "6.90123E+12", "1,5E-3"],
}


@pytest.mark.parametrize(("problem", "cell"), each(NO_NUMBERS))
def test_what_is_no_number_here_is_refused_by_name(problem: str, cell: str) -> None:
    """With the bounds it has to keep (GEN-10)."""
    assert code(decimal(2, min=0, max=100), cell) == problem
    assert code(decimal(3), "1,234") == "number_ambiguous"
    assert decimal(2)("9" * 13).facts["max"] == "999999999999.999"
    assert decimal(2, min=Decimal("0.50"))("0").facts["min"] == "0.5"


def test_an_integer_is_whole() -> None:
    """As an int, so that it can count."""
    assert [integer()(cell) for cell in ("12", "-3", "1,234", "5.0", "１")] == [12, -3, 1234, 5, 1]
    assert type(integer()("12")) is int
    assert code(integer(), "0.5") == "number_not_whole" and code(decimal(0), "0.5") == "number_not_whole"
    assert code(integer(min=1), "0") == "number_too_small" and code(integer(max=1), "2") == "number_too_large"


def test_yes_and_no() -> None:
    """In both languages, as a tick, as a spreadsheet writes them, in any width."""
    assert all(boolean()(cell) is True for cell in ("是", "yes", "YES ", "true", "TRUE", "1", "√", "✓", "Ｙ", "１"))
    assert all(boolean()(cell) is False for cell in ("否", "no", "No", "false", "FALSE", "0", "×", "ｎ"))
    for cell in ("x", "2", "是否", "maybe", "-"):
        assert code(boolean(), cell) == "boolean_unreadable"


JANUARY_2ND = [
    "2026-01-02", "2026-1-2", "2026/1/2", "2026/01/02", "2026.1.2", "20260102", "２０２６／１／２", "2026年1月2日",
    "2026年01月02日", "2026 年 1 月 2 日", "2026-01-02 00:00:00", "2026/1/2 0:00", "2026-01-02T00:00:00",
]  # fmt: skip


@pytest.mark.parametrize("cell", JANUARY_2ND)
def test_a_date_begins_with_its_year(cell: str) -> None:
    """As people here write it, as ISO, as a spreadsheet saves it."""
    assert date()(cell) == dt.date(2026, 1, 2)


NO_DATES = {
    "date_ambiguous": ["01/02/2026", "1/2/26", "26-1-2", "1.2.2026"],
    "date_unreadable": [
        "2026-02-30", "2026-13-01", "2026-1/2", "2026-01", "46024", "20261301", "2026-01-02 20:30", "0000-01-01", "99990101",
        "明天",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("problem", "cell"), each(NO_DATES))
def test_a_date_that_may_be_another_is_refused_by_name(problem: str, cell: str) -> None:
    """January the second or February the first?"""
    assert code(date(), cell) == problem


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2199, 12, 31)))
def test_every_day_is_read_in_every_form(day: dt.date) -> None:
    """Padded or not."""
    forms = (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day:%Y.%m.%d}",
    )
    assert {date()(form) for form in forms} == {day}


def test_a_choice_goes_by_any_of_its_labels() -> None:
    """In any width and case; an error offers the first of each."""
    assert [COLOURS(cell) for cell in ("红", "red", " RED ", "ｒｅｄ", "蓝", "红 色")] == [
        "red",
        "red",
        "red",
        "red",
        "blue",
        "red",
    ]
    assert code(COLOURS, "绿") == "choice_unknown" and COLOURS("绿").facts["choices"] == "红 / 蓝"
    assert choice({False: ("关",), 0.5: ("半",)})("关") is False
    with pytest.raises(ValueError, match="one label"):
        choice({"a": ("A",), "b": ("a",)})


def test_every_code_has_its_sentence_with_its_place() -> None:
    """What happened and what to do, at which row and column, in both languages (GEN-10)."""
    for name in get_args(FileCode):
        assert set(catalogue()[f"errors.{name}"]) == set(LANGUAGES)
    for name in get_args(CellCode):
        for said in catalogue()[f"errors.{name}"].values():
            assert "{row}" in said and "{column}" in said, name


def test_columns_are_named_as_a_spreadsheet_names_them() -> None:
    """A to Z, then AA."""
    assert [letter(index) for index in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_clean_takes_blanks_in_any_order() -> None:
    """Seen and unseen ones mixed."""
    assert clean("\u200b \ufeff\t\u3000a b\u00a0\u200b\n") == "a b"
