"""What the readers of single kinds of files hand to `reading.py`: rows as they stand in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.lib.tables.errors import Fault

LONGEST_CELL = 32_767  # what Excel lets a cell hold

Record = tuple[int, list[str], dict[int, Fault]]  # row number, cells, index → what is wrong with the cell


@dataclass(frozen=True)
class Limits:
    """How much of a table is read; whoever sends more is told to split it."""

    rows: int
    bytes: int
    columns: int


@dataclass(frozen=True)
class Source:
    """An opened file: its rows, blank ones too, and what a page may tell about how it was read."""

    kind: Literal["csv", "xlsx"]
    records: Iterator[Record]
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
