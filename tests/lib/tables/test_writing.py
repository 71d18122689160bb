"""Exports open in a spreadsheet and run nothing, and what was written comes back as it was (GEN-10, T40)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, BinaryIO
from zipfile import ZipFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.lib.tables import csv_answer, read_table, safe_text, write_csv, write_xlsx, xlsx_answer
from tests.lib.tables.files import SHEET
from tests.lib.tables.naughty import FORMULAS, PLAIN

Write = Callable[..., None]
HEAD = ["货号", "品名"]
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NEGATIVE = re.compile(r"-[0-9]{1,15}(\.[0-9]+)?")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=20)
CELLS = st.one_of(TEXT, st.sampled_from(FORMULAS + PLAIN), st.text(st.sampled_from("'=+-@ \t\n0aE"), max_size=6))


def made(write: Callable[[BinaryIO], None]) -> io.BytesIO:
    """What was written."""
    file = io.BytesIO()
    write(file)
    return file


def csv_cells(rows: list[list[Any]]) -> list[list[str]]:
    """Cells of a CSV as another program finds them."""
    data = made(lambda file: write_csv(file, HEAD, rows)).getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(data, newline="")))[1:]


def came_back(write: Write, rows: list[list[str]]) -> list[list[str]]:
    """The rows, written and read; a row's name in front keeps blank ones."""
    named = [[f"r{n}", *row] for n, row in enumerate(rows)]
    table = read_table(made(lambda file: write(file, ["row", *HEAD], named)))
    return [row.cells[1:] for row in table.rows()]


@given(st.lists(CELLS, max_size=6))
@settings(deadline=None)
def test_no_cell_of_a_csv_acts_as_a_formula(row: list[str]) -> None:
    """Whatever stands in it; plain negative numbers stay numbers (GEN-10, T40)."""
    for cell in csv_cells([["x", *row]])[0][1:]:
        assert not cell.lstrip().startswith(STARTS) or NEGATIVE.fullmatch(cell)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_told_to_be_text(text: str) -> None:
    """One mark in front, which the spreadsheet does not show (GEN-10, T40)."""
    assert csv_cells([["x", text]]) == [["x", "'" + text]]


@pytest.mark.parametrize("number", ["-5", "-0.5", "-1234567.25", -5, -0.5, Decimal("-1.50"), 5, "0"])
def test_numbers_stay_numbers(number: Any) -> None:
    """Also those below zero, also when they are written as text, as quantities are."""
    assert csv_cells([["x", number]]) == [["x", str(number)]]


def test_values_of_every_kind_are_written_plainly() -> None:
    """No exponent, no float's noise, dates as ISO, nothing for None."""
    moment = dt.datetime.fromisoformat("2026-01-02T20:30")
    row = [None, "", Decimal("1E+3"), Decimal("0.0000001"), 1e-7, 0.1, True, dt.date(2026, 1, 2), moment, 10**20]
    assert csv_cells([["x", *row]])[0][1:] == [
        "", "", "1000", "0.0000001", "0.0000001", "0.1", "TRUE", "2026-01-02", "2026-01-02 20:30:00", "1" + "0" * 20,
    ]  # fmt: skip


def test_a_csv_is_what_excel_expects() -> None:
    """UTF-8 with its mark, CRLF, a line break in a cell kept."""
    assert (
        made(lambda file: write_csv(file, HEAD, [["0012", "a\nb"]])).getvalue() == '\ufeff货号,品名\r\n0012,"a\nb"\r\n'.encode()
    )


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize("text", PLAIN + FORMULAS)
def test_naughty_texts_come_back_as_they_were(write: Write, text: str) -> None:
    """Markup, other scripts, invisible letters, quotes, and what looks like a number, a date, a formula (GEN-10, T40)."""
    (row,) = came_back(write, [[text, "x"]])
    assert row == [text if write is write_csv else text.replace("\r", "\n"), "x"]


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS).map(list), max_size=5))
@example([[" '=", "x"]])
@example([["' '=", "' ="]])
def test_whatever_is_exported_to_csv_is_imported_the_same(rows: list[list[str]]) -> None:
    """Blanks in front are nobody's, and blank cells at the end are blank (GEN-10)."""
    wanted = [["" if cell.isspace() else cell.lstrip(" ") for cell in row] for row in rows]
    assert [["" if cell.isspace() else cell.lstrip(" ") for cell in row] for row in came_back(write_csv, rows)] == wanted


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(CELLS, CELLS).map(list), max_size=5))
def test_whatever_is_exported_to_xlsx_is_imported_the_same(rows: list[list[str]]) -> None:
    """A carriage return is a line break there."""
    wanted = [["" if cell.isspace() else cell.replace("\r", "\n") for cell in row] for row in rows]
    assert [["" if cell.isspace() else cell for cell in row] for row in came_back(write_xlsx, rows)] == wanted


@given(st.text(st.sampled_from("'=+-@ \t\r\n＝５5.0a"), max_size=8), st.text(st.sampled_from("'=+-@ \t\r\n＝５5.0a"), max_size=8))
def test_two_texts_are_never_written_alike(one: str, other: str) -> None:
    """The mark can be taken off again, because a text that begins with it gets another."""
    assert (safe_text(one) == safe_text(other)) == (one == other)


def sheet_xml(rows: list[list[Any]]) -> str:
    """The sheet as it stands in the file."""
    with ZipFile(made(lambda file: write_xlsx(file, HEAD, rows))) as archive:
        return archive.read(SHEET).decode()


def test_no_cell_of_a_workbook_acts_as_a_formula() -> None:
    """Every text is stored as a text, in a cell whose format is text, so that editing it starts nothing (GEN-10, T40)."""
    xml = sheet_xml([[text, text] for text in FORMULAS])
    assert "<f" not in xml and xml.count('t="inlineStr"') == 2 * len(FORMULAS) + 2
    file = made(lambda file: write_xlsx(file, ["=1+1", "x"], [[text, "x"] for text in FORMULAS]))
    cells = [cell for row in load_workbook(file).active.iter_rows() for cell in row]
    assert all(cell.data_type == "s" and cell.number_format == "@" for cell in cells)


def test_zeros_survive_and_numbers_can_be_calculated_with() -> None:
    """A code is a text, a quantity a number, a date a date; the header is frozen (T21, T40)."""
    rows = [
        [
            "0012",
            Decimal("1.5"),
            -3,
            dt.date(2026, 1, 2),
            None,
            10**15,
            Decimal("0.1234567890123456"),
            "x" * 40_000,
            "a\x00\ufffeb",
        ]
    ]
    sheet = load_workbook(made(lambda file: write_xlsx(file, [str(n) for n in range(9)], rows, title="a/b: [库存]"))).active
    found = [cell.value for cell in sheet[2]]
    assert found[:5] == ["0012", 1.5, -3, dt.datetime.fromisoformat("2026-01-02"), None]
    assert found[5:7] == ["1000000000000000" if isinstance(found[5], str) else 10**15, "0.1234567890123456"]
    assert found[7:] == ["x" * 32_767, "a\ufffd\ufffdb"]
    assert sheet.freeze_panes == "A2" and sheet["A1"].font.b and sheet.title == "a b   库存 "


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("NaN"), 0.1 + 0.2])
def test_a_number_that_a_sheet_cannot_hold_is_written_as_text(number: Any) -> None:
    """Rather than as another number, or as a file that does not open."""
    assert sheet_xml([["x", number]]).count('t="inlineStr"') == 4


def test_rows_are_written_as_they_come() -> None:
    """A generator of fifty thousand rows is never a list of them."""
    asked = []

    def rows() -> Any:
        for n in range(3):
            asked.append(n)
            yield [f"{n:04}", "x"]

    for write in (write_csv, write_xlsx):
        assert [row.cells for row in read_table(made(lambda file, write=write: write(file, HEAD, rows())))][2] == ["0002", "x"]
    assert asked == [0, 1, 2] * 2


def test_downloads_name_their_file_and_are_not_kept() -> None:
    """In any script, and no cache holds them."""
    for answer, mimetype in (
        (csv_answer("库存.csv", HEAD, [["1", "2"]]), "text/csv"),
        (xlsx_answer("库存.xlsx", HEAD, [["1", "2"]]), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):
        assert answer.mimetype == mimetype and answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5%BA%93%E5%AD%98.")
        assert [row.cells for row in read_table(io.BytesIO(answer.data))] == [["1", "2"]]
