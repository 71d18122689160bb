"""Writes XLSX row by row: texts as texts, so that leading zeros survive and nothing is calculated (GEN-10, T40)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.lib.tables.records import LONGEST_CELL
from app.lib.tables.writing import plain

NO_TITLE = re.compile(r"[\[\]:*?/\\]")
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MOST_DIGITS = 15  # more than these a spreadsheet forgets


def write(file: BinaryIO, head: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> None:
    """See `write_xlsx`."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(NO_TITLE.sub(" ", title)[:31])
    sheet.freeze_panes = "A2"
    for index, name in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(index)].width = min(max(10, 2 * len(name) + 2), 40)
    bold = Font(bold=True)
    names = [_TextCell(sheet) for _ in head]
    for cell in names:
        cell.cell.font = bold
    sheet.append([cell.showing(name) for cell, name in zip(names, head, strict=True)])
    texts: list[_TextCell] = []
    for row in rows:
        while len(texts) < len(row):
            texts.append(_TextCell(sheet))
        sheet.append([_xlsx_cell(text, value) for text, value in zip(texts, row, strict=False)])
    book.save(file)


class _TextCell:
    """A cell of a column, used for row after row: making 600,000 of them would take most of the time."""

    def __init__(self, sheet: Any) -> None:
        self.cell: Any = WriteOnlyCell(sheet, "")
        self.cell.number_format = "@"  # stays text when somebody edits it

    def showing(self, text: str) -> Any:
        """The cell with this text, whatever openpyxl takes it for."""
        text = NO_XML.sub("\ufffd", text)
        self.cell.value = text[:LONGEST_CELL]
        self.cell.data_type = "s"  # rule: T40, GEN-10
        return self.cell


def _xlsx_cell(text: _TextCell, value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool | date):
        return value
    if isinstance(value, int | float | Decimal) and _is_exact(value):
        return value
    return text.showing(plain(value))


def _is_exact(value: float | Decimal) -> bool:
    number = Decimal(str(value))
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= MOST_DIGITS
