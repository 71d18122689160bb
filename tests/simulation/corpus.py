"""Traces that once failed, as short as they were made: kept whole, for a seed means another story once a step is added."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import orjson

from tests.simulation.scheduler import Outcome, Step, Trace

FILE = Path(__file__).with_name("corpus.jsonl")


class Kept(NamedTuple):
    """One of them, and what it had found."""

    found: str
    trace: Trace


def read() -> list[Kept]:
    """All of them, oldest first."""
    rows = map(orjson.loads, FILE.read_bytes().splitlines())
    return [
        Kept(row["found"], Trace(row["seed"], tuple(map(tuple, row["crews"])), tuple(Step(*step) for step in row["steps"])))
        for row in rows
    ]


def keep(outcome: Outcome, found: str) -> None:
    """Add a trace; `found` says in a sentence what was wrong."""
    trace = outcome.trace
    row = {"found": found, "broke": str(outcome.violation)[:200], "seed": trace.seed, "crews": trace.crews}
    row["steps"] = [list(step) for step in trace.steps]
    with FILE.open("ab") as file:
        file.write(orjson.dumps(row) + b"\n")
