"""Files as people upload them: text in some encoding, workbooks, archives that were tampered with."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

SHEET = "xl/worksheets/sheet1.xml"


def text_file(text: str, encoding: str = "utf-8") -> io.BytesIO:
    """A text as a file."""
    return io.BytesIO(text.encode(encoding))


def book(
    rows: Iterable[Sequence[Any]], *, formats: dict[str, str] | None = None, change: Callable[[Any], None] | None = None
) -> io.BytesIO:
    """A workbook as a spreadsheet saves it: values, number formats by cell name, and whatever `change` does to the sheet."""
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(list(row))
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    if change:
        change(sheet)
    return saved(made)


def saved(made: Workbook) -> io.BytesIO:
    """The workbook as a file."""
    file = io.BytesIO()
    made.save(file)
    return file


def repacked(file: io.BytesIO, parts: dict[str, bytes | Callable[[bytes], bytes] | None]) -> io.BytesIO:
    """The archive with some parts replaced, changed, added, or (None) left out."""
    made = io.BytesIO()
    with ZipFile(file) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part(old.read(name)) if callable(part) else part)
    return made


def sheet_of(rows: str) -> io.BytesIO:
    """A workbook whose rows are given as they stand in the file, for what no library would write."""
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return repacked(book([["x"]]), {SHEET: f"{head}{rows}</sheetData></worksheet>".encode()})


def packed(parts: dict[str, bytes]) -> io.BytesIO:
    """An archive of these parts."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made
