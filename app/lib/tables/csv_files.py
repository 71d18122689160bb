"""Reads CSV in the dialects that spreadsheets and shop systems write."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import count, islice
from typing import BinaryIO, Literal

from app.lib.tables.encodings import AsText, find_encoding
from app.lib.tables.errors import Fault, TableError, fault
from app.lib.tables.records import LONGEST_CELL, Limits, Record, Source, text_or_fault
from app.lib.tables.writing import TOLD_TO_BE_TEXT

SEPARATORS = (",", ";", "\t")
SAMPLE = 1 << 16
SAMPLE_ROWS = 200
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\r\n]', re.IGNORECASE)  # for Excel alone, which shows no such row
KEPT_ZEROS = re.compile(r'="([^"]*)"')  # how systems write a code so that a spreadsheet keeps its zeros
BETWEEN = "\x1f"
WORTH_A_LOOK = re.compile(r"(?:^|\x1f)[=']|[0-9][Ee][+-][0-9]|\ufffd")


def open_csv(file: BinaryIO, limits: Limits) -> Source:
    """Encoding and separator found; rows come as they are asked for."""
    encoding = find_encoding(file)
    with AsText(file, encoding) as text:
        skipped, separator = _dialect(text.read(SAMPLE))
    rows = _rows(file, limits, encoding, separator, skipped=skipped)
    shown = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    return Source("csv", rows, encoding=shown, separator=separator)


def _dialect(sample: str) -> tuple[bool, str]:
    """Whether the first line only names the separator, and the separator."""
    if said := SEPARATOR_LINE.match(sample):
        return True, said[1]
    return False, _separator(sample)


def _separator(sample: str) -> str:
    """The one by which most rows are as long as the first; of equals the one that makes more columns.

    `csv.Sniffer` counts characters, and takes what stands in names and notes for the separator.
    """
    best = (0.0, 0, ",")
    for separator in SEPARATORS:
        rows = [row for row in islice(_lenient(sample, separator), SAMPLE_ROWS) if any(cell.strip() for cell in row)]
        if len(rows) > 1 and len(sample) >= SAMPLE:
            rows.pop()  # cut off in its middle
        width = len(rows[0]) if rows else 0
        if width > 1:
            alike = sum(len(row) == width for row in rows) / len(rows)
            best = max(best, (alike, width, separator))
    return best[2]


def _lenient(sample: str, separator: str) -> Iterator[list[str]]:
    """Rows for counting; where quotes do not match there are none."""
    try:
        yield from csv.reader(io.StringIO(sample, newline=""), delimiter=separator, skipinitialspace=True)
    except csv.Error:
        return


def _rows(file: BinaryIO, limits: Limits, encoding: str, separator: str, *, skipped: bool) -> Iterator[Record]:
    """Every row with its number as a spreadsheet shows it: a line break in a cell counts for nothing, nor does `sep=`."""
    with AsText(file, encoding) as text:
        if skipped:
            text.readline()
        reader = csv.reader(text, delimiter=separator, skipinitialspace=True, strict=True)
        for number in count(1):
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                raise TableError(_code(problem), row=number) from problem
            if len(cells) > limits.columns:
                cells = _within(cells, limits)
            yield number, cells, _faults(cells)


def _within(cells: list[str], limits: Limits) -> list[str]:
    """Blanks beyond the last column are dropped here: a row may have millions of them."""
    if any(cell and not cell.isspace() for cell in islice(cells, limits.columns, None)):
        raise TableError("too_many_columns", limit=limits.columns)
    return cells[: limits.columns]


def _code(problem: csv.Error) -> Literal["quote_misplaced", "quote_not_closed"]:
    """The parser has texts and no codes. A quote that is never closed swallows the rest, up to the parser's limit for a cell."""
    return "quote_misplaced" if "expected after" in str(problem) else "quote_not_closed"


def _faults(cells: list[str]) -> dict[int, Fault]:
    """Cells that cannot be taken as they stand; what only looks odd is put right. Most rows are passed by one glance."""
    joined = BETWEEN.join(cells)
    if len(joined) <= LONGEST_CELL and not WORTH_A_LOOK.search(joined):
        return {}
    found = {}
    for index, cell in enumerate(cells):
        taken = _taken(cell)
        if isinstance(taken, Fault):
            cells[index], found[index] = "", taken
        else:
            cells[index] = taken
    return found


def _taken(cell: str) -> str | Fault:
    if kept := KEPT_ZEROS.fullmatch(cell):
        return text_or_fault(kept[1])
    if cell.startswith("="):
        return fault("cell_formula", cell)  # rule: GEN-10
    return text_or_fault(cell[1:] if TOLD_TO_BE_TEXT.match(cell) else cell)
