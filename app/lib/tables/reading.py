"""Reads a table from a file of any kind a spreadsheet makes, row by row, and guesses nothing (GEN-10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from app.lib.tables.csv_files import open_csv
from app.lib.tables.errors import Fault, TableError, column_name, letter
from app.lib.tables.kinds import is_xlsx
from app.lib.tables.records import Limits, Record, Source

MB = 1_000_000


@dataclass(slots=True)
class Row:
    """A row as the spreadsheet numbers it, as wide as the header; a cell with a fault is empty, and its index has the fault."""

    number: int
    cells: list[str]
    faults: dict[int, Fault] = field(default_factory=dict)


class Table:
    """A table being read: the header is known, the rows come one by one, once."""

    def __init__(self, source: Source, limits: Limits, filename: str) -> None:
        self.filename = filename  # as uploaded, to be shown
        self.kind = source.kind  # "csv" or "xlsx"
        self.encoding = source.encoding  # of a CSV: "utf-8", "utf-16", "gb18030"
        self.separator = source.separator  # of a CSV: "," ";" or a tab
        self.sheet = source.sheet  # of an XLSX: the name of the sheet that is read …
        self.other_sheets = source.other_sheets  # … and of those that are not
        self._limits = limits
        self._records = _filled(source.records, limits)
        self.header_row, self.header = self._header()
        self._begun = False

    def _header(self) -> tuple[int, list[str]]:
        """The first row with anything in it. A formula among the headings is refused at once: every row hangs on them."""
        found = next(self._records, None)
        if found is None:
            raise TableError("file_empty")
        number, cells, faults = found
        for index, problem in faults.items():
            raise TableError(problem.code, row=number, column=letter(index), **problem.facts)
        return number, [" ".join(cell.split()) for cell in cells]

    def __iter__(self) -> Iterator[Row]:
        """The rows; the first cell that cannot be taken as it stands ends the reading with a TableError."""
        for row in self.rows():
            for index, problem in sorted(row.faults.items()):
                raise TableError(problem.code, row=row.number, column=column_name(self.header, index), **problem.facts)
            yield row

    def rows(self) -> Iterator[Row]:
        """The rows with the faults of their cells, for whoever shows all of them (`HeaderMap.read` does)."""
        if self._begun:
            raise RuntimeError("a table is read once; open the file again")
        self._begun = True
        width = len(self.header)
        for count, (number, cells, faults) in enumerate(self._records, 1):
            if count > self._limits.rows:
                raise TableError("too_many_rows", limit=self._limits.rows)
            if len(cells) > width:
                faults = {**faults, **_beyond(cells, faults, width)}
            yield Row(number, [*cells[:width], *[""] * (width - len(cells))], faults)


def _filled(records: Iterator[Record], limits: Limits) -> Iterator[Record]:
    """Without rows that are blank and without the blanks at the end of a row, of which a spreadsheet may save thousands."""
    for number, cells, faults in records:
        least = max(faults) + 1 if faults else 0
        while len(cells) > least and (not cells[-1] or cells[-1].isspace()):
            cells.pop()
        if len(cells) > limits.columns:
            raise TableError("too_many_columns", limit=limits.columns)
        if cells:
            yield number, cells, faults


def _beyond(cells: list[str], faults: dict[int, Fault], width: int) -> dict[int, Fault]:
    """Something right of the last heading belongs to no column; a row may have slipped."""
    return {index: Fault("cell_no_heading") for index in range(width, len(cells)) if index in faults or cells[index].strip()}


def read_table(
    file: BinaryIO, filename: str = "", *, max_rows: int = 60_000, max_bytes: int = 30 * MB, max_columns: int = 60
) -> Table:
    """The table in an uploaded file, its header read. What it is is told by its bytes; a name may lie.

    `file` can be sought in, stays open, and is read on as the rows are asked for.
    """
    limits = Limits(rows=max_rows, bytes=max_bytes, columns=max_columns)
    if not is_xlsx(file, limits):
        return Table(open_csv(file, limits), limits, filename)
    from app.lib.tables.xlsx_files import open_xlsx  # and with it openpyxl, which most processes never need

    return Table(open_xlsx(file, limits), limits, filename)
