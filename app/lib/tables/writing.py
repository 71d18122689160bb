"""Tables that leave the house: they open in a spreadsheet and run nothing (GEN-10, T40)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import Response

MARK = "\ufeff"  # without it Excel reads UTF-8 as the machine's own code page
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The full-width forms too: an input method may turn them into what they stand for.
RUNS_AS_FORMULA = re.compile(r"[\s']*[=+\-@\t\r\n＝＋－＠]")
TOLD_TO_BE_TEXT = re.compile(r"'[\s']*[=+\-@\t\r\n＝＋－＠]")  # what `safe_text` makes of it; reading takes the mark off again
NEGATIVE = re.compile(r"-(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,14})?")


def safe_text(text: str) -> str:
    """A text that a spreadsheet would run is told to be text; one that begins like that mark gets one more, so none is lost."""
    if RUNS_AS_FORMULA.match(text) and not NEGATIVE.fullmatch(text):
        return "'" + text  # rule: T40, GEN-10
    return text


def plain(value: Any) -> str:
    """A number without exponent, a moment as ISO; whatever else writes itself."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | Decimal):
        return f"{Decimal(str(value)):f}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return "" if value is None else str(value)


def _csv_cell(value: Any) -> str:
    return plain(value) if isinstance(value, int | float | Decimal | date) else safe_text(plain(value))


def write_csv(file: BinaryIO, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """UTF-8 with its mark, CRLF, commas. Who opens it in a spreadsheet loses leading zeros: offer XLSX beside it."""
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="", write_through=True)
    text.write(MARK)
    writer = csv.writer(text)
    writer.writerow([safe_text(cell) for cell in head])
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    text.detach()


def write_xlsx(file: BinaryIO, head: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "Offstage") -> None:
    """One sheet, its header frozen and bold. A text is a text whatever it begins with; numbers and dates stay such."""
    from app.lib.tables.xlsx_writing import write  # and with it openpyxl, which most processes never need

    write(file, head, rows, title)


def _download(name: str, body: bytes, mimetype: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The table as a download, for other programs."""
    file = io.BytesIO()
    write_csv(file, head, rows)
    return _download(name, file.getvalue(), "text/csv")


def xlsx_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The table as a download, for people."""
    file = io.BytesIO()
    write_xlsx(file, head, rows, title=name.removesuffix(".xlsx"))
    return _download(name, file.getvalue(), XLSX)
