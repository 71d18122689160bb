"""Tables that leave the house: CSV that opens in Excel and runs nothing (T40)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"  # without it Excel reads UTF-8 as the machine's own code page


def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is told to be text; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(RUNS_AS_FORMULA):
        return "'" + value
    return "" if value is None else value


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The table as text, with the mark that says UTF-8."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([safe_cell(cell) for cell in head])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return MARK + sheet.getvalue()


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The table as a download."""
    answer = Response(csv_text(head, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer
