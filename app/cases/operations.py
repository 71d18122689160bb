"""The verbs of cases."""

from __future__ import annotations

from app.cases.models import CLOSED, Case
from app.cases.schemas import CloseCase
from app.lib.ids import Id
from app.sync import Tx, operation


@operation("cases.close_case", schema=CloseCase, right="checklists.lead")
def close_case(tx: Tx, actor: Id, *, case_id: Id, reason: str) -> None:
    """Say that what the case is about has been put right, and how. Refused when it is closed already."""
    case = tx.session.get(Case, (tx.site_id, case_id)) or tx.missing("case", case_id)
    if not case.is_open():
        tx.refuse("case_closed", no=case.no)
    case.status, case.closed_by, case.closed_at, case.close_reason = CLOSED, actor, tx.happened_at, reason
    tx.publish("case", case_id)
    tx.about("case", case_id)
    tx.about(case.about_kind, case.about_id)
