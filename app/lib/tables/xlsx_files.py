"""Reads XLSX: values as the spreadsheet shows them, and never the value a formula happened to have last."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any, BinaryIO

from openpyxl import Workbook, load_workbook

from app.lib.tables.archives import check_archive
from app.lib.tables.errors import Fault, TableError, fault
from app.lib.tables.records import Limits, Record, Source, text_or_fault
from app.lib.tables.shown import shown_number, shown_time

# It warns of what it does not keep when it writes (validations, extensions); here nothing is written.
warnings.filterwarnings("ignore", module=r"openpyxl\.")
FIRST_YEAR = 1900  # no calendar of a spreadsheet goes further back; it shows #####


def open_xlsx(file: BinaryIO, limits: Limits) -> Source:
    """The first sheet that is not hidden, as a reader of the file sees it."""
    check_archive(file, limits)
    book = _book(file)
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    if not shown:
        raise TableError("file_empty")
    sheet, *others = shown
    return Source("xlsx", _records(sheet), sheet=sheet.title, other_sheets=tuple(other.title for other in others))


def _book(file: BinaryIO) -> Workbook:
    file.seek(0)
    try:
        return load_workbook(file, read_only=True, keep_links=False)
    except Exception as problem:  # openpyxl has no error of its own for a file that makes no sense to it
        raise TableError("file_broken") from problem


def _records(sheet: Any) -> Iterator[Record]:
    """Rows with their number in the sheet; openpyxl gives those that are missing in the file too."""
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    rows = sheet.iter_rows()
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except Exception as problem:  # as above: a cell of a kind that it cannot read
            raise TableError("file_broken") from problem
        yield number, *_cells(row)


def _cells(row: tuple[Any, ...]) -> tuple[list[str], dict[int, Fault]]:
    cells: list[str] = []
    faults: dict[int, Fault] = {}
    for index, cell in enumerate(row):
        value = cell.value
        taken = "" if value is None else _taken(value, cell)
        if isinstance(taken, Fault):
            faults[index] = taken
            taken = ""
        cells.append(taken)
    return cells, faults


def _taken(value: Any, cell: Any) -> str | Fault:
    """A cell's text; `data_type` tells a formula from a text that only begins like one."""
    kind = cell.data_type
    if kind == "f":
        return fault("cell_formula", value if isinstance(value, str) else "")  # rule: GEN-10
    if kind == "e":
        return fault("cell_error", str(value))
    if isinstance(value, str):
        return text_or_fault(value.replace("_x000D_", "\r"))  # how the file writes a carriage return inside of a cell
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        shown = shown_number(value, cell.number_format)
        return fault("scientific_number", str(value)) if shown is None else shown
    if isinstance(value, date) and value.year < FIRST_YEAR:
        return fault("cell_error", "#####")
    if isinstance(value, date | time | timedelta):
        return shown_time(value)
    return fault("cell_error", str(value))
