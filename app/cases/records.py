"""What devices are told of cases and exceptions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.models import Case, OperationException
from app.lib.ids import parse_id
from app.sync import Placed, buckets, record


@record("case")
def render_cases(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Cases are read by everybody on the site: a fault that only its finder knows is found twice."""
    rows = session.scalars(select(Case).where(Case.id.in_([parse_id(id) for id in ids])))
    return {str(row.id): [Placed(buckets.site(row.site_id), _shown(row))] for row in rows}


def _shown(case: Case) -> dict[str, Any]:
    run_id, _, item_id = case.about_id.partition("/") if case.about_kind == "checklist_item" else ("", "", "")
    return {
        "id": str(case.id),
        "no": case.no,
        "kind": case.kind,
        "status": case.status,
        "severity": case.severity,
        "note": case.note,
        "run_id": run_id or None,
        "item_id": item_id or None,
        "opened_by": str(case.opened_by),
        "opened_at": case.opened_at,
        "owner": str(case.owner) if case.owner else None,
        "closed": None
        if case.closed_at is None
        else {"by": str(case.closed_by), "at": case.closed_at, "reason": case.close_reason},
    }


@record("exception")
def render_exceptions(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Exceptions are for those who decide."""
    query = select(OperationException).where(OperationException.id.in_([parse_id(id) for id in ids]))
    return {
        str(row.id): [
            Placed(
                buckets.lead(row.site_id),
                {
                    "id": str(row.id),
                    "operation_id": str(row.operation_id),
                    "type": row.type,
                    "code": row.code,
                    "facts": row.facts,
                    "by": str(row.by),
                    "at": row.at,
                    "status": row.status,
                },
            )
        ]
        for row in session.scalars(query)
    }
