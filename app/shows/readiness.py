"""Whether a show can go on air: its gates, drawn on the show's clock, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.checklists.judge import Item
from app.checklists.select import Cue, Line
from app.lib.clock import HOUR
from app.shows.models import CANCELLED, Room, Show

BEFORE = "pre"
LONGEST_AXIS = 6 * HOUR  # gates that begin the day before would press tonight's into a corner
WIDTH = 1000


@dataclass(frozen=True)
class Bar:
    """One gate on the clock, in thousandths of the axis: the frame is the time allowed, the fill what is done."""

    line: Line
    x: float
    width: float
    fill: float


@dataclass(frozen=True)
class Blocker:
    """One thing that keeps the show off air."""

    cue: str
    line: Line
    item: Item | None
    at: int
    answers: list[dict[str, Any]]


@dataclass(frozen=True)
class Readiness:
    """A show with its lists; gates are those that come before it goes on air."""

    show: Show
    room: Room | None
    lines: list[Line]

    @property
    def gates(self) -> list[Line]:
        """Lists before the show, cancelled ones apart, in the order in which they are due."""
        return [line for line in self.lines if line.template.document["phase"] == BEFORE and line.run.status != CANCELLED]

    @property
    def passed(self) -> int:
        """Gates that are signed."""
        return sum(1 for line in self.gates if line.run.status == "accepted")

    def is_on_air(self, at: int) -> bool:
        """Its time has come and is not over."""
        return self.show.starts_at <= at < self.show.ends_at

    def verdict(self, at: int) -> Cue:
        """The one lamp of the show."""
        gates = self.gates
        if self.show.status == CANCELLED:
            return Cue("na", "cancelled")
        if at >= self.show.ends_at:
            return Cue("off", "over")
        if any(line.cue(at).lamp in ("stop", "two") for line in gates):
            return Cue("stop", "not_ready")
        if gates and self.passed == len(gates):
            return Cue("go", "on_air" if self.is_on_air(at) else "ready")
        if self.is_on_air(at):
            return Cue("stop", "on_air_unready", {"n": len(gates) - self.passed})
        begun = any(line.run.status != "scheduled" for line in gates)
        return Cue("work", "preparing", {"done": self.passed, "total": len(gates)}) if begun else Cue("off", "planned")

    def blockers(self, at: int) -> list[Blocker]:
        """Critical items that failed or have two answers, lists sent back or past their time; the worst first."""
        found = []
        for line in self.gates:
            for item in line.stops:
                answers = line.items[item["id"]].answers
                cue = "two" if line.standing(item["id"]) == "contested" else "stop"
                found.append(Blocker(cue, line, item, max((answer["at"] for answer in answers), default=at), answers))
            if not line.stops and line.run.rejected and line.run.status == "open":
                found.append(Blocker("stop", line, None, line.run.rejected["at"], []))
            elif line.is_overdue(at):
                found.append(Blocker("wait", line, None, line.run.due_at or at, []))
        return sorted(found, key=lambda blocker: (("two", "stop", "wait").index(blocker.cue), blocker.at))

    def axis(self) -> tuple[int, int]:
        """[from, to] of the clock, on whole hours: from the first gate of the last six hours to the start."""
        start = self.show.starts_at
        begins = [line.run.start_at for line in self.gates if line.run.start_at and line.run.start_at >= start - LONGEST_AXIS]
        since = min([*begins, start - HOUR])
        return since - since % HOUR, start + -start % HOUR

    def hours(self) -> list[int]:
        """The marks of the clock."""
        since, until = self.axis()
        return list(range(since, until + 1, HOUR))

    def at_x(self, at: int) -> float:
        """Where a moment stands on the clock, 0 to 1000; outside it at its edge."""
        since, until = self.axis()
        return round(min(max((at - since) / (until - since), 0), 1) * WIDTH, 1)

    def bars(self) -> list[Bar]:
        """Every gate on the clock."""
        since, _ = self.axis()
        bars = []
        for line in self.gates:
            start, due = line.run.start_at or since, line.run.due_at or self.show.starts_at
            x, end = self.at_x(start), self.at_x(due)
            width = max(end - x, 12.0)
            bars.append(Bar(line, x, width, round(width * line.done / line.total, 1)))
        return bars
