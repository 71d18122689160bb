"""What the readers of single kinds of files hand to `reading.py`: rows as they stand in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.lib.tables.errors import Fault, fault

LONGEST_CELL = 32_767  # what Excel lets a cell hold

LOST = "\ufffd"  # stands for what could not be decoded, here or in a program before
SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?[Ee][+-][0-9]{2,}")  # as a spreadsheet writes it when it has lost the digits

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


def text_or_fault(cell: str) -> str | Fault:
    """A text that can be taken as it stands, else what happened to it on its way."""
    if len(cell) > LONGEST_CELL:
        return fault("cell_too_long", cell, max=LONGEST_CELL)
    if LOST in cell:
        return fault("text_damaged", cell)
    if SCIENTIFIC.fullmatch(cell.strip()):
        return fault("scientific_number", cell)  # rule: GEN-10
    return cell
