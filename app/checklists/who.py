"""Who may answer, accept and waive: questions about a person and a run, asked as of a moment (GEN-7)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checklists.models import ChecklistAnswer, ChecklistAssignee
from app.documents.models import find_document
from app.lib.ids import Id
from app.lib.keeping import kept
from app.people import access
from app.people.access import standing_of

if TYPE_CHECKING:
    from app.checklists.sheet import Sheet

LEADS = frozenset({"shift_lead", "logistics_manager"})
LAST_ACCEPTER = "logistics_manager"
STAND_INS = "checklists.stand_ins"


def roles_at(session: Session, person_id: Id, at: int) -> set[str]:
    """The roles a person held at that moment (GEN-7)."""
    return standing_of(session, person_id).roles_at(at)


def stand_in_of(session: Session, role: str) -> str | None:
    """The role that stands in for another, looked up once a transaction."""
    known = kept(session, STAND_INS)
    if role not in known:
        known[role] = access.stand_in_of(session, role)
    found: str | None = known[role]
    return found


def may_answer(session: Session, person_id: Id, sheet: Sheet, at: int) -> bool:
    """The owner role, its stand-in, leads, and whoever a lead put on the run or on its first round."""
    if may_work_on(session, person_id, sheet.template.owner_role, at):
        return True
    run = sheet.run
    assigned = select(ChecklistAssignee.person_id).where(
        ChecklistAssignee.site_id == run.site_id,
        ChecklistAssignee.run_id.in_([run.id, run.first_run_id or run.id]),
        ChecklistAssignee.person_id == person_id,
    )
    return session.scalar(assigned.limit(1)) is not None


def may_work_on(session: Session, person_id: Id, owner_role: str, at: int) -> bool:
    """The same for a list that has no run yet. Mostly it is the owner or a lead: then nobody asks for stand-ins."""
    standing = standing_of(session, person_id)
    return standing.held_any(_usual_workers(owner_role), at) or standing.held_any({stand_in_of(session, owner_role)}, at)


@cache
def _usual_workers(owner_role: str) -> frozenset[str]:
    return LEADS | {owner_role}


def may_accept(session: Session, person_id: Id, accept_role: str, at: int) -> bool:
    """The accepting role, its stand-in, or the logistics manager (CHK-6)."""
    roles = roles_at(session, person_id, at)
    return bool(roles & {accept_role, stand_in_of(session, accept_role), LAST_ACCEPTER})


def answered_by(session: Session, site_id: Id, run_id: Id, item_id: str | None = None) -> set[Id]:
    """Everybody who has an answer in force in this run, or on this item, superseded ones included (GEN-3)."""
    query = select(ChecklistAnswer.by).where(ChecklistAnswer.site_id == site_id, ChecklistAnswer.run_id == run_id)
    if item_id is not None:
        query = query.where(ChecklistAnswer.item_id == item_id)
    return set(session.scalars(query.distinct()))


def waiver_chain(session: Session, code: str) -> list[str] | None:
    """The roles that sign a waiver, in order, from the approval limits; None where this list is never waived (CHK-2)."""
    limits = find_document(session, "approval", "waiver")
    if limits is None or code in limits.body.get("never_for", ()):
        return None
    return list(limits.body["levels"][-1]["steps"])
