"""What other verbs and plain contact make happen to devices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.devices.models import Device, Grant
from app.lib.ids import Id
from app.sync import Tx, after

HEALTH = ("waiting", "oldest_at", "need", "storage", "persisted", "last_error", "offset", "installed")
LONGEST = 200


@after("people.end_employment")
def end_grants_of(tx: Tx, actor: Id, *, person_id: Id, **_: Any) -> None:
    """Who left works on no device: what is theirs goes at its next contact, unsent work is judged by this moment (PPL-2)."""
    live = update(Grant).where(Grant.person_id == person_id, Grant.ended_at.is_(None))
    tx.session.execute(live.values(ended_at=tx.now))  # rule: PPL-2


def heard(session: Session, device_id: Id, at: int, report: dict[str, Any] | None) -> None:
    """Note the contact on the device and its live grants, and keep what the report says of its health."""
    values: dict[str, Any] = {"heard_at": at}
    if report is not None:
        values["health"] = {name: _bounded(report[name]) for name in HEALTH if name in report}
        if isinstance(report.get("build"), str):
            values["build"] = report["build"][:40]
    session.execute(update(Device).where(Device.id == device_id).values(values))
    session.execute(update(Grant).where(Grant.device_id == device_id, Grant.ended_at.is_(None)).values(heard_at=at))


def _bounded(value: Any) -> Any:
    """Numbers, flags and short texts; nothing else is health."""
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, dict):
        return {str(k)[:40]: _bounded(v) for k, v in list(value.items())[:10]}
    return str(value)[:LONGEST]
