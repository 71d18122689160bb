"""Runs the measurements and holds them to their budgets.

python -m bench                     everything; exit status 1 when a budget is missed
python -m bench --only push,head    some parts
python -m bench --record            also write the table into docs/measured.md
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import platform
from pathlib import Path

from bench.measure import Figure

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
MEASURED = ROOT / "docs" / "measured.md"
# Part → the module that measures it. Parts of one module share their servers.
PARTS = {
    "size": "bench.size",
    "head": "bench.sync",
    "delta": "bench.sync",
    "push": "bench.sync",
    "storm": "bench.sync",
    "memory": "bench.sync",
    "growth": "bench.growth",
    "tap": "bench.floor",
    "open": "bench.floor",
    "fill": "bench.fill",
    "scan": "bench.scan",
    "count": "bench.stock",
    "import": "bench.stock",
    "office": "bench.stock",
    "tables": "bench.tables",
    "clone": "bench.clone",
}
HEAD = ["part", "what", "median", "lowest–highest", "at pace", "budget", ""]


def measure(only: list[str]) -> list[Figure]:
    """The figures of the parts asked for, in the order of `PARTS`."""
    modules: dict[str, list[str]] = {}
    for part in only or PARTS:
        modules.setdefault(PARTS[part], []).append(part)
    found: list[Figure] = []
    for name, parts in modules.items():
        print(f"measuring {', '.join(parts)} …", flush=True)
        found += importlib.import_module(name).measure(set(parts))
    return found


def main() -> int:
    """Measure, print, keep, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="parts, parted by commas: " + ", ".join(PARTS))
    parser.add_argument("--record", action="store_true", help="write the table into docs/measured.md")
    options = parser.parse_args()
    only = [part for part in options.only.split(",") if part]
    if unknown := [part for part in only if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    figures = measure(only)
    print(table(figures))
    keep(figures)
    if options.record:
        record(figures)
    missed = [figure for figure in figures if not figure.is_met]
    print(f"\n{len(missed)} budgets missed" if missed else "\nall budgets met")
    return bool(missed)


def table(figures: list[Figure]) -> str:
    """The figures in columns."""
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def keep(figures: list[Figure]) -> None:
    """One JSON file a run, for whoever compares runs."""
    RESULTS.mkdir(exist_ok=True)
    said = {
        "machine": machine(),
        "figures": [
            {
                "part": f.part,
                "what": f.what,
                "unit": f.unit,
                "values": f.values,
                "median": f.median,
                "at_pace": f.at_pace,
                "met": f.is_met,
            }
            for f in figures
        ],
    }
    (RESULTS / "latest.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8")


def machine() -> str:
    """What the figures were taken on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def record(figures: list[Figure]) -> None:
    """Replace the table in docs/measured.md, the section that is headed by its day; the others stay."""
    said, *sections = MEASURED.read_text("utf-8").split("\n## ")
    others = [section for section in sections if not section[:1].isdigit()]
    today = datetime.datetime.now(datetime.UTC).date()
    rows = [HEAD, ["---"] * len(HEAD), *(figure.cells() for figure in figures)]
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    table = "\n".join([f"{today} on {machine()}", "", *lines])
    MEASURED.write_text("\n\n## ".join(part.strip() for part in [said, table, *others]) + "\n", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
