"""A catalogue of 50,000 rows read from CSV and XLSX, and written to both: what an import takes beside the database."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from app.lib.tables import read_table, write_csv, write_xlsx
from bench.measure import Budget, Figure, interleave, seconds

ROWS = 50_000
HEAD = ["货号", "名称", "英文名", "类别", "单位", "条码", "装箱数", "箱码", "批次", "效期", "补货点", "补货量"]


def rows() -> Iterator[list[object]]:
    """Articles as a supplier lists them: codes with zeros in front, names in both languages, numbers."""
    for n in range(ROWS):
        codes = f"69{n:011}", 24, f"69{n + ROWS:011}"
        yield [f"{n:06}", f"保温杯 {n} 号，白色", f"Thermos no {n}", "厨房", "件", *codes, "是", "否", n % 90 / 10, n % 500]


def measure(_parts: set[str]) -> list[Figure]:
    """The smallest files there are would read faster; these have the columns of a real catalogue."""
    sheet, text = io.BytesIO(), io.BytesIO()
    write_xlsx(sheet, HEAD, rows())
    write_csv(text, HEAD, rows())
    chinese = io.BytesIO(text.getvalue().decode("utf-8-sig").encode("gb18030"))
    found = interleave(
        {
            "read CSV in UTF-8": lambda: seconds(lambda: _read(text)),
            "read CSV in GB18030": lambda: seconds(lambda: _read(chinese)),
            "read XLSX": lambda: seconds(lambda: _read(sheet)),
            "write CSV": lambda: seconds(lambda: _written(write_csv)),
            "write XLSX": lambda: seconds(lambda: _written(write_xlsx)),
        }
    )
    budgets = {"read CSV in UTF-8": Budget(at_most=1), "read CSV in GB18030": Budget(at_most=1), "read XLSX": Budget(at_most=15)}
    return [Figure("tables", f"{what}, 50,000 × 12", "s", values, budgets.get(what)) for what, values in found.items()]


def _read(file: BinaryIO) -> None:
    """Every row, as an import asks for them: none is kept."""
    count = sum(1 for _row in read_table(file).rows())
    if count != ROWS:
        raise RuntimeError(f"{count} rows were read of {ROWS}")


def _written(write: Callable[..., None]) -> None:
    write(io.BytesIO(), HEAD, rows())
