"""What a row of a list of bins would do."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lib.ids import Id, new_id
from app.lib.tables import Entry
from app.stock.importing.plan import CHANGE, CREATE, REFUSE, SAME, Line, Problem
from app.stock.models import ACTIVE, Bin, text_key

FIELDS = ("code", "area", "note")


class Bins:
    """Compares rows with the site's bins; `rows` collects what applying would write."""

    def __init__(self, session: Session, site_id: Id) -> None:
        found = session.scalars(select(Bin).where(Bin.site_id == site_id))
        self.known = {one.code_key: one for one in sorted(found, key=lambda one: one.is_active())}
        self.seen: dict[str, int] = {}
        self.rows: dict[str, list[Any]] = {"bins": []}

    def compare(self, entry: Entry) -> Line:
        """What the row would do."""
        values = entry.values
        line = Line(entry.number, SAME, str(values.get("code") or ""))
        line.problems = [Problem(one.code, one.column or "", one.facts) for one in entry.problems]
        key = text_key(line.name)
        first = self.seen.setdefault(key, line.row)
        if key and first != line.row:
            line.problems.append(Problem("import_row_twice", "", {"first": first}))
        before = self.known.get(key)
        if before is not None and before.status != ACTIVE:
            line.problems.append(Problem("bin_closed", "", {"bin": before.code}))
        if line.problems:
            line.what = REFUSE
            return line
        was = {name: getattr(before, name, None) for name in FIELDS}
        said = {name: was[name] if values.get(name) is None else values[name] for name in FIELDS}
        line.set = {name: [was[name], said[name]] for name in FIELDS if was[name] != said[name]}
        line.what = CREATE if before is None else CHANGE if line.set else SAME
        if line.what != SAME:
            self.rows["bins"].append([str(before.id if before else new_id()), line.what == CREATE, *said.values()])
        return line

    def finish(self) -> None:
        """Every row was judged when it was read."""


def bins_basis(session: Session, site_id: Id) -> str:
    """Changes whenever a bin does; goods that move in and out of it change nothing here."""
    rows = session.execute(
        select(Bin.id, Bin.code, Bin.area, Bin.note, Bin.status).where(Bin.site_id == site_id).order_by(Bin.id)
    )
    return f"bins@{hashlib.sha256(repr(rows.all()).encode()).hexdigest()[:16]}"
