"""What was done to a thing, from the operation log: the audit trail as pages tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lib.ids import Id
from app.people.access import names_of
from app.sync.models import Operation, OperationAbout

BEGINS = {
    "found_site",
    "add_person",
    "reinstate_person",
    "rehire_person",
    "give_role",
    "enrol_device",
    "replace_device",
    "grant_device",
}
ENDS = {"suspend_person", "end_employment", "revoke_device"}


@dataclass(frozen=True)
class Deed:
    """One operation: `verb` is its name without the folder; `by` the actor's name, empty for a device that spoke for itself."""

    at: int
    verb: str
    by: str
    data: dict[str, Any]

    @property
    def cue(self) -> str:
        """The lamp beside it: a beginning, an end, or one of many things between."""
        return "stop" if self.verb in ENDS else "go" if self.verb in BEGINS else "off"


def select_history(session: Session, kind: str, about_id: Id, most: int = 100) -> list[Deed]:
    """What took effect on a thing, newest first."""
    query = (
        select(Operation.received_at, Operation.type, Operation.actor, Operation.data)
        .join(OperationAbout, OperationAbout.operation_id == Operation.id)
        .where(OperationAbout.kind == kind, OperationAbout.about_id == str(about_id), Operation.in_force.is_(True))
        .order_by(Operation.received_at.desc(), Operation.id.desc())
        .limit(most)
    )
    rows = session.execute(query).all()
    names = names_of(session, {row.actor for row in rows})
    return [Deed(row.received_at, row.type.rpartition(".")[2], names.get(row.actor, ""), row.data) for row in rows]
