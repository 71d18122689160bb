"""Which column of a file is which of ours, and what a row of it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.lib.tables.cells import Kind, clean, folded
from app.lib.tables.errors import Fault, TableError, column_name
from app.lib.tables.reading import Row
from app.lib.words import LANGUAGES, t

DECORATION = re.compile(r"[\s_\-*:：.]+")  # "SKU *", "bar-code:", "Bar_code" are headings people write


@dataclass(frozen=True)
class Column:
    """A column that is understood.

    `label` is a key of the words: its text in either language is accepted as the heading, and an error names it. `labels` are
    further headings. With `required` the column has to be there and none of its cells may be blank.
    """

    field: str
    kind: Kind
    label: str = ""
    labels: tuple[str, ...] = ()
    required: bool = False

    @property
    def accepted(self) -> set[str]:
        """Every heading it goes by, as compared."""
        own = [t(self.label, lang=lang) for lang in LANGUAGES] if self.label else []
        return {heading(name) for name in (self.field, *self.labels, *own)}

    @property
    def name(self) -> str:
        """What it is called, in both languages: either is a heading that will be found, and a file may be read for no request."""
        names = [t(self.label, lang=lang) for lang in LANGUAGES] if self.label else [*self.labels, self.field][:1]
        return " / ".join(dict.fromkeys(names))


@dataclass
class Entry:
    """A row as values by field: only columns the file has, None where the cell is blank or wrong. `problems` has one a cell."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[TableError] = field(default_factory=list)


@dataclass
class HeaderMap:
    """Where the columns stand in a file, and what does not fit."""

    columns: dict[int, Column] = field(default_factory=dict)  # index in the file → column
    unknown: dict[int, str] = field(default_factory=dict)  # index → heading (or the letter) of what is not read
    missing: list[Column] = field(default_factory=list)  # required, and not in the file
    repeated: dict[int, Column] = field(default_factory=dict)  # index → a column that stood further left already
    header: list[str] = field(default_factory=list)

    def require(self) -> None:
        """A TableError when a row could not be read: a column is missing, or it is there twice."""
        if self.missing:
            raise TableError("header_missing", names=_listed(self.missing))
        if self.repeated:
            raise TableError("header_repeated", names=_listed(list(self.repeated.values())))

    def read(self, row: Row) -> Entry:
        """What the row says, with all that is wrong in its columns. A fault in a column that is not read harms nobody."""
        entry = Entry(row.number)
        for index, problem in sorted(row.faults.items()):
            if problem.code == "cell_no_heading":
                entry.problems.append(self._error(problem, row, index))
        for index, column in self.columns.items():
            found = row.faults.get(index) or _value(column, row.cells[index])
            if isinstance(found, Fault):
                entry.problems.append(self._error(found, row, index))
                found = None
            entry.values[column.field] = found
        return entry

    def _error(self, problem: Fault, row: Row, index: int) -> TableError:
        return TableError(problem.code, row=row.number, column=column_name(self.header, index), **problem.facts)


def _value(column: Column, cell: str) -> Any:
    if not clean(cell):
        return Fault("cell_missing") if column.required else None
    return column.kind(cell)


def _listed(columns: list[Column]) -> str:
    return ", ".join(dict.fromkeys(column.name for column in columns))


def heading(text: str) -> str:
    """A heading as compared: without width, capitals, blanks and ornaments."""
    return DECORATION.sub("", folded(text))


def map_header(header: Sequence[str], columns: Sequence[Column]) -> HeaderMap:
    """Find the columns in a file's header, in whatever order they stand."""
    by_heading: dict[str, Column] = {}
    for column in columns:
        for name in column.accepted:
            if by_heading.setdefault(name, column) is not column:
                raise ValueError(f"“{name}” is a heading of {column.field} and of {by_heading[name].field}")
    found = HeaderMap(header=list(header))
    seen: set[str] = set()
    for index, text in enumerate(header):
        known = by_heading.get(heading(text))
        if known is None:
            found.unknown[index] = column_name(header, index)
        elif known.field in seen:
            found.repeated[index] = known
        else:
            found.columns[index] = known
            seen.add(known.field)
    found.missing = [column for column in columns if column.required and column.field not in seen]
    return found
