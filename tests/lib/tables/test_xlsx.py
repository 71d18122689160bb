"""XLSX as the spreadsheet shows it: codes with their zeros, dates as ISO, no formula's last value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula

from app.lib.tables import Row, TableError, read_table
from app.lib.tables.shown import shown_number
from tests.lib.tables.files import SHEET, book, repacked, saved, sheet_of


def refused(file: Any) -> TableError:
    """What a file is refused with, whether at once or while it is read."""
    with pytest.raises(TableError) as found:
        list(read_table(file))
    return found.value


def test_a_sheet_reads_as_rows_of_text_with_their_numbers() -> None:
    """Blank rows are left out and counted, blank columns at the end dropped, whatever colour they have (GEN-10)."""

    def colour(sheet: Any) -> None:
        for place in ("E2", "H9", "A20"):
            sheet[place].number_format = "0.00"

    rows = [[], ["货号", " 品名\n(中文) ", None], [], ["0012", "保温杯 ", 3], [None, " "], ["0013", None, None]]
    table = read_table(book([["货号", " 品名\n(中文) ", "n"], *rows[2:]], change=colour), "库存.xlsx")
    assert (table.kind, table.filename, table.sheet, table.other_sheets) == ("xlsx", "库存.xlsx", "Sheet", ())
    assert (table.header, table.header_row) == (["货号", "品名 (中文)", "n"], 1)
    assert list(table) == [Row(3, ["0012", "保温杯 ", "3"]), Row(5, ["0013", "", ""])]


def test_the_first_sheet_that_is_shown_is_read() -> None:
    """A page can say which, and which are not read."""
    made = Workbook()
    made.active.title = "旧"
    made.active.sheet_state = "hidden"
    for name in ("商品", "说明"):
        made.create_sheet(name).append([f"head of {name}"])
    table = read_table(saved(made))
    assert (table.sheet, table.other_sheets, table.header) == ("商品", ("说明",), ["head of 商品"])


EVENING = dt.datetime.fromisoformat("2026-01-02T20:30")
SHOWN: list[tuple[Any, str, str]] = [
    (6901234567892, "General", "6901234567892"), (6901234567892, "0.00E+00", "6901234567892"), (10**15 - 1, "0", "9" * 15),
    (690123456789, "0000000000000", "0690123456789"), (12, "0000", "0012"), (-5, "000", "-005"), (0, "0000", "0000"),
    (12, "0000;-0000;0", "0012"), (12, "[Red]0000_)", "0012"), (7, '"SKU-"0000', "SKU-0007"), (7, '000"号"', "007号"),
    (7, "\\A00", "A07"),
    (7, '0"个"', "7"), (1234567, "#,##0", "1234567"), (1234.5, "#,##0.00", "1234.50"), (1234.5, '"¥"#,##0.00', "1234.50"),
    (-1234.5, "#,##0.00_);[Red](#,##0.00)", "-1234.50"), (0, "0.00", "0.00"), (12.5, "0", "12.5"), (12.5, "0000", "12.5"),
    (12.345, "0.0", "12.345"), (12.0, "General", "12"), (0.1 + 0.2, "General", "0.3"), (1e-7, "General", "0.0000001"),
    (0.05, "0%", "5%"), (0.125, "0%", "12.5%"), (0.125, "0.00%", "12.50%"), (5, "@", "5"), (1.5, "# ?/?", "1.5"),
    (1234567, "000-0000", "1234567"), (True, "General", "TRUE"), (False, "General", "FALSE"),
    ("0012", "General", "0012"), ("=1+1 as a note", "@", "=1+1 as a note"), ("1E5", "General", "1E5"), (" x ", "General", " x "),
    (dt.date(2026, 1, 2), "yyyy-mm-dd", "2026-01-02"), (EVENING.replace(hour=0, minute=0), 'm"月"d"日"', "2026-01-02"),
    (EVENING, "yyyy/m/d h:mm", "2026-01-02T20:30:00"), (dt.time(20, 30), "h:mm", "20:30:00"),
    (dt.timedelta(hours=26, minutes=5), "[h]:mm", "26:05:00"), (46024, "yyyy-mm-dd", "2026-01-02"), (46024, "General", "46024"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "number_format", "shown"), SHOWN)
def test_a_cell_reads_as_it_is_shown_where_nothing_is_lost(value: Any, number_format: str, shown: str) -> None:
    """Zeros that a format puts in front, decimals it adds; no digits it hides, no unit, no thousands separator (T21)."""

    def as_text(sheet: Any) -> None:
        if isinstance(value, str):
            sheet["A2"].data_type = "s"

    (row,) = read_table(book([["x", "y"], [value, 1]], formats={"A2": number_format}, change=as_text))
    assert row.cells[0] == shown


@settings(deadline=None)
@given(st.one_of(st.integers(-(10**15) + 1, 10**15 - 1), st.decimals(-(10**9), 10**9, places=5).map(float)), st.sampled_from(
    ["General", "0", "0000000000000", "0.00", "#,##0", "#,##0.000", "0%", "@", '"¥"0.0', "0.00E+00"]
))  # fmt: skip
def test_no_format_changes_a_number(value: float, number_format: str) -> None:
    """Whatever is hidden on the screen: the text says the number the file holds."""
    shown = shown_number(value, number_format)
    assert shown is not None
    number = Decimal(shown.removesuffix("%")) / (100 if shown.endswith("%") else 1)
    assert number == Decimal(format(value, ".15g")) if isinstance(value, float) else number == value


@pytest.mark.parametrize("value", [10**15, 123456789012345678, -(10**16), 1.5e16, 6.90123456789012e17])
def test_a_code_of_which_digits_are_lost_is_refused(value: float) -> None:
    """A spreadsheet keeps fifteen digits of a number, and fills up with zeros (GEN-10)."""
    problem = refused(book([["SKU", "条码"], ["a", value]]))
    assert (problem.code, problem.row, problem.column) == ("scientific_number", 2, "条码")
    assert refused(book([["条码"], ["6.90123E+12"]])).code == "scientific_number"  # pasted as a text, as it was shown


FORMULAS = {
    "plain": '<c r="B3"><f>A3*2</f><v>24</v></c>',
    "of text": '<c r="B3" t="str"><f>A3&amp;"x"</f><v>12x</v></c>',
    "never calculated": '<c r="B3"><f>A3*2</f></c>',
    "shared": '<c r="B3"><f t="shared" si="0"/><v>24</v></c>',
    "array": '<c r="B3"><f t="array" ref="B3:B3">A3:A3*2</f><v>24</v></c>',
    "table": '<c r="B3"><f t="dataTable" ref="B3:B3" dt2D="0" dtr="0" r1="A1"/><v>24</v></c>',
    "of an error": '<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
    "styled": '<c r="B3" s="0"><f>A3</f><v>0</v></c>',
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_a_formula_is_refused_by_name_and_its_last_value_never_taken(formula: str) -> None:
    """Of whatever kind, calculated or not, in the table and among the headings (GEN-10)."""
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c><c r="B1" t="inlineStr"><is><t>数量</t></is></c></row>'
    rows = f'{first}<row r="3"><c r="A3"><v>12</v></c>{formula}</row>'
    problem = refused(sheet_of(rows))
    assert (problem.code, problem.row, problem.column) == ("cell_formula", 3, "数量")
    (row,) = read_table(sheet_of(rows)).rows()
    assert row.cells == ["12", ""] and row.faults[1].code == "cell_formula"
    heading = refused(sheet_of(f'<row r="3"><c r="A3"><v>12</v></c>{formula}</row>'))
    assert (heading.code, heading.row, heading.column) == ("cell_formula", 3, "B")


def test_an_array_formula_spills_no_value() -> None:
    """Excel saves an array with the formula in its first cell."""
    file = book([["a"], [1]], change=lambda sheet: sheet.__setitem__("A2", ArrayFormula("A2:A3", "=B1:B2")))
    assert refused(file).code == "cell_formula"


@pytest.mark.parametrize("value", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"])
def test_an_error_of_the_spreadsheet_is_no_text(value: str) -> None:
    """It stands where something else should."""
    problem = refused(book([["a", "b"], ["x", value]]))
    assert (problem.code, problem.row, problem.column, problem.facts["value"]) == ("cell_error", 2, "b", value)


def test_a_date_that_no_calendar_has_is_an_error() -> None:
    """As the spreadsheet shows it: #####."""
    assert refused(book([["a"], [10**9]], formats={"A2": "yyyy-mm-dd"})).code in ("cell_error", "scientific_number")
    assert refused(book([["a"], [-5]], formats={"A2": "yyyy-mm-dd"})).code == "cell_error"


def test_dates_of_1904_are_read_by_their_own_calendar() -> None:
    """Workbooks from old Macs count from another day."""
    made = Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.append(["a"])
    made.active.append([dt.date(2026, 1, 2)])
    (row,) = read_table(saved(made))
    assert row.cells == ["2026-01-02"]


def test_texts_of_every_kind() -> None:
    """Rich text, line breaks as Windows writes them, blanks at the ends, letters beyond the plane of most."""
    rich = CellRichText("保温", TextBlock(InlineFont(b=True), "杯"), " 500")
    rows = [["a", "b"], [rich, "one\r\ntwo"], ["𠮷😀", "_x000D_\n"], ["x" * 32_767, "'0012"]]
    found = [row.cells for row in read_table(book(rows))]
    assert found[0] == ["保温杯 500", "one\r\ntwo"] or found[0] == ["保温杯 500", "one\ntwo"]
    assert found[1][0] == "𠮷😀" and "_x000D_" not in found[1][1]
    assert found[2] == ["x" * 32_767, "'0012"]


def test_a_file_that_misstates_its_size_is_read_whole() -> None:
    """Some programs write that the sheet is one cell."""
    file = repacked(
        book([["a", "b"], [1, 2], [3, 4]]), {SHEET: lambda xml: xml.replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"')}
    )
    assert [row.cells for row in read_table(file)] == [["1", "2"], ["3", "4"]]


def test_rows_and_cells_without_names_are_counted() -> None:
    """Slim writers leave out what can be counted."""
    file = sheet_of('<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c r="B3"><v>3</v></c></row>')
    assert list(read_table(file)) == [Row(3, ["", "3"])]


def test_merged_cells_are_what_stands_in_the_first() -> None:
    """The others are blank, and a required column says so."""
    file = book([["a", "b"], ["x", 1], [None, 2]], change=lambda sheet: sheet.merge_cells("A2:A3"))
    assert [row.cells for row in read_table(file)] == [["x", "1"], ["", "2"]]


def test_what_openpyxl_would_lose_is_no_reason_to_warn() -> None:
    """Drop-down lists and the like are common in templates; warnings are errors in these tests."""

    def add(sheet: Any) -> None:
        choice = DataValidation(type="list", formula1='"是,否"')
        sheet.add_data_validation(choice)
        choice.add("A2")

    extended = b'<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"/></extLst></worksheet>'
    file = repacked(book([["a"], ["是"]], change=add), {SHEET: lambda xml: xml.replace(b"</worksheet>", extended)})
    assert [row.cells for row in read_table(file)] == [["是"]]


@pytest.mark.parametrize("rows", [[], [[]], [[None, ""], [" "]]])
def test_a_sheet_without_anything_in_it_is_refused(rows: list[list[Any]]) -> None:
    """Also when it has blank cells."""
    assert refused(book(rows)).code == "file_empty"


def test_too_much_is_refused_with_the_limit() -> None:
    """Rows that say something, not blank ones; columns in any row."""
    rows = [["a"], [1], [None], [2], [None], [3]]
    with pytest.raises(TableError) as found:
        list(read_table(book(rows), max_rows=2))
    assert (found.value.code, found.value.facts) == ("too_many_rows", {"limit": 2})
    assert len(list(read_table(book(rows), max_rows=3))) == 3
    with pytest.raises(TableError) as found:
        list(read_table(book([["a", "b"], [1, 2, 3]]), max_columns=2))
    assert (found.value.code, found.value.facts) == ("too_many_columns", {"limit": 2})
    problem = refused(book([["a", "b"], [1, 2, 3]]))
    assert (problem.code, problem.row, problem.column) == ("cell_no_heading", 2, "C")
