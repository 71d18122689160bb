"""What a figure is: samples, their median, and the budget the median is held to."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

ROUNDS = 5


@dataclass(frozen=True)
class Yardstick:
    """A baseline that says how fast a machine is: what it came to where the budgets were first held, in `unit`.

    A limit in seconds or a second means that machine. Elsewhere it holds for what the figure would be there: the baseline,
    measured in the same run, says how much slower this one is. Ratios, sizes and counts need no yardstick.
    """

    unit: str
    then: float

    def slower(self, now: float) -> float:
        """How many times slower than that machine this one is, by the same baseline."""
        return self.then / now if self.unit == "/s" else now / self.then


BARE_JSON = Yardstick("/s", 7475)
BARE_INSERT = Yardstick("/s", 124_773)
IDLE_TAP = Yardstick("ms", 3.37)
EMPTY_PAGE = Yardstick("ms", 52)


@dataclass(frozen=True)
class Budget:
    """A limit on the median: `at_most` or `at_least`, in the figure's unit."""

    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, value: float) -> bool:
        """Whether `value` keeps within the limit."""
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    def __str__(self) -> str:
        parts = [f"≤ {number(self.at_most)}"] if self.at_most is not None else []
        return " ".join(parts + ([f"≥ {number(self.at_least)}"] if self.at_least is not None else []))


@dataclass
class Figure:
    """One measured thing; without a budget it is there to read the others by.

    `slower`: this machine beside the one the limit means (`Yardstick`).
    """

    part: str
    what: str
    unit: str
    values: list[float] = field(default_factory=list)
    budget: Budget | None = None
    slower: float | None = None

    @property
    def median(self) -> float:
        """The figure as it was measured."""
        return statistics.median(self.values)

    @property
    def at_pace(self) -> float:
        """The figure that counts: what it comes to on the machine that the limit means."""
        if self.slower is None:
            return self.median
        return self.median * self.slower if self.unit.endswith("/s") else self.median / self.slower

    @property
    def is_met(self) -> bool:
        """Whether the budget, where there is one, is kept."""
        return self.budget is None or self.budget.is_met(self.at_pace)

    def cells(self) -> list[str]:
        """The figure as a row of the table."""
        span = f"{number(min(self.values))}–{number(max(self.values))}" if len(self.values) > 1 else ""
        verdict = "" if self.budget is None else "met" if self.is_met else "MISSED"
        at_pace = "" if self.slower is None else f"{number(self.at_pace)} {self.unit}"
        return [self.part, self.what, f"{number(self.median)} {self.unit}", span, at_pace, str(self.budget or ""), verdict]


def number(value: float | None) -> str:
    """Three digits that matter, thousands parted."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleave(jobs: dict[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Each job once a round, every other round backwards, so that a warming or tiring machine favours none.

    A round before the first is thrown away.
    """
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(rounds + 1):
        for name in list(jobs)[:: -1 if turn % 2 else 1]:
            value = jobs[name]()
            if turn:
                found[name].append(value)
    return found


def ratios(over: list[float], under: list[float]) -> list[float]:
    """Round by round, so that both sides of a ratio saw the same machine."""
    return [a / b for a, b in zip(over, under, strict=True)]
