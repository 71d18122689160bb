"""What can be wrong with a table, as codes that never change; the sentence of each is `errors.<code>` in words/errors.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from app.lib.errors import Refused

FileCode = Literal[
    "file_empty",  # no bytes, or no cell with anything in it
    "file_too_large",  # {limit} in MB
    "file_old_format",  # {kind}: .xls, .xlsb, .ods, HTML, XML; Excel and WPS open it and save it anew
    "file_numbers",  # Apple's Numbers has to export it
    "file_not_a_table",  # {kind}: PDF, PNG, JPEG, ZIP, Word …
    "file_password",  # encrypted
    "file_zip_bomb",  # would unpack to far more than a table of the allowed size
    "file_broken",  # cut short, or not what it says it is
    "encoding_unknown",  # neither UTF-8, nor UTF-16 with its mark, nor surely GB18030
    "quote_not_closed",  # {row} where it was opened
    "quote_misplaced",  # {row}: text goes on after a closing quote
    "too_many_rows",  # {limit}
    "too_many_columns",  # {limit}
    "header_missing",  # {names} of the columns that have to be there
    "header_repeated",  # {names} of columns that stand there twice
]
CellCode = Literal[
    "cell_formula",  # its value would be whatever was last calculated, somewhere
    "cell_error",  # {value}: #N/A, #REF! …
    "cell_too_long",  # {max}
    "cell_no_heading",  # {column} is a letter: the column has no heading
    "cell_missing",  # required and blank
    "scientific_number",  # digits are lost: 6.90123E+12, or a number of more than fifteen digits
    "text_damaged",  # letters that were lost on the way: �
    "text_too_long",  # {max}
    "text_control",  # a character that cannot be seen or printed
    "number_unreadable",  # {value}
    "number_ambiguous",  # {value}: the comma may separate thousands or decimals
    "number_not_whole",  # {value}
    "number_decimals",  # {value} {decimals}
    "number_too_small",  # {value} {min}
    "number_too_large",  # {value} {max}
    "boolean_unreadable",  # {value}
    "date_unreadable",  # {value}
    "date_ambiguous",  # {value}: which is the month?
    "choice_unknown",  # {value} {choices}
]


class Fault(NamedTuple):
    """What is wrong with a cell, by whoever does not know where the cell stands."""

    code: CellCode
    facts: Mapping[str, Any] = {}


class TableError(Refused):
    """Something in a file that came in. `row` is counted as the spreadsheet counts, `column` is its heading, else its letter."""

    status = 422

    def __init__(self, code: FileCode | CellCode, *, row: int | None = None, column: str | None = None, **facts: Any) -> None:
        if row is not None:
            facts["row"] = row
        if column is not None:
            facts["column"] = column
        super().__init__(code, **facts)
        self.row = row
        self.column = column


def fault(code: CellCode, value: str = "", **facts: Any) -> Fault:
    """A fault that shows the beginning of what stands in the cell."""
    return Fault(code, {"value": value if len(value) <= 40 else value[:39] + "…", **facts})


def column_name(header: Sequence[str], index: int) -> str:
    """How an error names a column: its heading, else its letter."""
    return (header[index] if index < len(header) else "") or letter(index)


def letter(index: int) -> str:
    """A column as the spreadsheet names it: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
