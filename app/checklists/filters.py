"""Which lists a page shows and in which order, as its address says it: addresses can be kept and sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from app.checklists.models import ACCEPTED, CANCELLED, DONE, OPEN, SCHEDULED
from app.checklists.select import Line, Names
from app.checklists.telling import list_name
from app.lib.times import parse_day
from app.lib.words import pick

UNFINISHED = "unfinished"
WORST_FIRST = ("two", "stop", "wait", "work", "locked", "off", "go", "na")

STATES: dict[str, Callable[[Line, int], bool]] = {
    "stopped": lambda line, at: line.cue(at).lamp in ("stop", "two"),
    "overdue": lambda line, at: line.is_overdue(at),
    "scheduled": lambda line, at: line.run.status == SCHEDULED,
    "open": lambda line, at: line.run.status == OPEN,
    "done": lambda line, at: line.run.status == DONE,
    "accepted": lambda line, at: line.run.status == ACCEPTED,
    "cancelled": lambda line, at: line.run.status == CANCELLED,
}

SORTS: dict[str, Callable[[Line, int], Any]] = {
    "due": lambda line, at: line.run.due_at or 0,
    "list": lambda line, at: list_name(line.template),
    "show": lambda line, at: (line.target.at, line.target.title) if line.target else (0, line.run.title or ""),
    "state": lambda line, at: WORST_FIRST.index(line.cue(at).lamp),
    "done": lambda line, at: line.done / line.total,
    "fails": lambda line, at: -line.fails,
}


@dataclass(frozen=True)
class Sort:
    """Which column decides the order."""

    key: str
    down: bool


@dataclass(frozen=True)
class Wanted:
    """What was asked for. Unknown values count as not asked: an old address still opens."""

    day: date
    unfinished: bool = False
    q: str = ""
    show: str = ""
    state: str = ""
    role: str = ""
    person: str = ""
    late: bool = False
    fails: bool = False
    sort: Sort = Sort("due", down=False)

    @classmethod
    def read(cls, args: Any, today: date) -> Wanted:
        """From the query of an address."""
        key = args.get("sort", "due")
        down = key.startswith("-")
        key = key.removeprefix("-")
        return cls(
            day=parse_day(args.get("day")) or today,
            unfinished=args.get("day") == UNFINISHED,
            q=args.get("q", "").strip()[:80],
            show=args.get("show", ""),
            state=args.get("state", "") if args.get("state") in STATES else "",
            role=args.get("role", ""),
            person=args.get("person", ""),
            late=args.get("late") == "1",
            fails=args.get("fails") == "1",
            sort=Sort(key, down) if key in SORTS else Sort("due", down=False),
        )

    def query(self, today: date, **changes: Any) -> str:
        """The address of the same question with something changed, without what says nothing."""
        other = replace(self, **changes)
        said = {
            "day": UNFINISHED if other.unfinished else other.day.isoformat() if other.day != today else "",
            "q": other.q, "show": other.show, "state": other.state, "role": other.role, "person": other.person,
            "late": "1" if other.late else "", "fails": "1" if other.fails else "",
            "sort": "" if other.sort == Sort("due", down=False) else ("-" if other.sort.down else "") + other.sort.key,
        }  # fmt: skip
        return urlencode({name: value for name, value in said.items() if value})

    def days_around(self) -> tuple[date, date]:
        """The day before and the day after."""
        return self.day - timedelta(days=1), self.day + timedelta(days=1)

    @property
    def is_narrowed(self) -> bool:
        """Whether something beside the day leaves lists out."""
        return any((self.q, self.show, self.state, self.role, self.person, self.late, self.fails))

    def apply(self, lines: Iterable[Line], names: Names, at: int) -> list[Line]:
        """The lines asked for, in the order asked for; equal ones keep theirs."""
        kept = [line for line in lines if self._wants(line, names, at)]
        return sorted(kept, key=lambda line: SORTS[self.sort.key](line, at), reverse=self.sort.down)

    def _wants(self, line: Line, names: Names, at: int) -> bool:
        return (
            (not self.show or str(line.run.target_id) == self.show)
            and (not self.state or STATES[self.state](line, at))
            and (not self.role or line.template.owner_role == self.role)
            and (not self.person or self.person in people_of(line))
            and (not self.late or line.late > 0 or line.is_overdue(at))
            and (not self.fails or line.fails > 0)
            and (not self.q or self.q.casefold() in said_by(line, names))
        )


def people_of(line: Line) -> set[str]:
    """Everybody who answered, is put on the list, or signed it."""
    accepted = line.run.accepted
    return {str(id) for id in (*line.hands, *line.assignees)} | ({accepted["by"]} if accepted else set())


def said_by(line: Line, names: Names) -> str:
    """Everything on a line that one may search for, in both languages."""
    document, role = line.template.document, names.roles.get(line.template.owner_role)
    words = [document["zh"], document["en"], line.template.code, line.run.title, line.target and line.target.title]
    words += [pick(role, lang="zh"), pick(role, lang="en")] if role else []
    words += [line.target.place["zh"], line.target.place["en"]] if line.target and line.target.place else []
    words += [names.person(id) for id in people_of(line)]
    return "\n".join(word for word in words if word).casefold()
