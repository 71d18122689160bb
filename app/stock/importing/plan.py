"""What a file would do, row by row: shown to a person, kept as a file, applied by an operation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from app.lib.errors import NotFound, Refused
from app.lib.ids import Id

CREATE, CHANGE, SAME, REFUSE = "create", "change", "same", "refuse"
KEPT_DAYS = 7


@dataclass
class Problem:
    """What is wrong with a cell; `column` is its heading in the file, or empty: the row as a whole."""

    code: str
    column: str
    facts: dict[str, Any]


@dataclass
class Line:
    """One row of the file: what it would do with which thing. `set` is what changes: field → [before, after] as text."""

    row: int
    what: str
    name: str
    set: dict[str, list[str | None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Plan:
    """A file read and compared. `rows` are what applying writes, made by the kind's own module and read by it alone."""

    kind: str
    site_id: str
    file_name: str
    sha: str
    basis: str
    lines: list[Line]
    rows: dict[str, list[Any]]
    unread: list[str] = field(default_factory=list)
    summary: dict[str, int] = field(default_factory=dict)  # how many rows create, change, leave alone, are refused

    def __post_init__(self) -> None:
        """Counted once: whoever applies it reads no lines."""
        found = Counter(line.what for line in self.lines)
        self.summary = self.summary or {what: found[what] for what in (CREATE, CHANGE, SAME, REFUSE)}

    @property
    def can_apply(self) -> bool:
        """Something would change, and nothing is wrong: a file is applied whole or not at all."""
        said = self.summary
        return not said[REFUSE] and bool(said[CREATE] + said[CHANGE])


def plan_path(folder: Path, import_id: Id) -> Path:
    """Where a plan is kept until it is applied or forgotten."""
    return folder / "imports" / f"{import_id}.json"


def keep_plan(folder: Path, import_id: Id, plan: Plan) -> None:
    """Keep it, whole or not at all: what applying needs in the first line, what a person looks at in the second."""
    path = plan_path(folder, import_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    head = orjson.dumps(replace(plan, lines=[]), default=str)
    beside.write_bytes(head + b"\n" + orjson.dumps(plan.lines, default=str))
    beside.replace(path)


def load_plan(folder: Path, import_id: Id, site_id: Id, *, with_lines: bool = True) -> Plan:
    """The plan of this import, or NotFound: it was never finished, is too old, or another site's."""
    try:
        head, _, lines = plan_path(folder, import_id).read_bytes().partition(b"\n")
    except FileNotFoundError:
        raise NotFound("import") from None
    plan = Plan(**orjson.loads(head))
    if plan.site_id != str(site_id):
        raise NotFound("import")
    if with_lines:
        plan.lines = [
            Line(**{**line, "problems": [Problem(**one) for one in line["problems"]]}) for line in orjson.loads(lines)
        ]  # fmt: skip
    return plan


def check_plan(plan: Plan, *, kind: str, sha: str, basis: str) -> None:
    """Refuse what was not shown like this, has something wrong in it, or was compared with what is no longer so."""
    if (plan.kind, plan.sha) != (kind, sha):
        raise Refused("import_other_file")
    if plan.summary[REFUSE]:
        raise Refused("import_has_problems", n=plan.summary[REFUSE])
    if plan.basis != basis:
        raise Refused("import_outdated")
