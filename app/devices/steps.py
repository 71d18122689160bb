"""What other verbs and plain contact make happen to devices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.devices.access import device_names, goes_on
from app.devices.models import Device, Grant
from app.lib.clock import SECOND
from app.lib.ids import Id
from app.sync import Tx, after
from app.sync.tx import OFFICE

HEALTH = ("waiting", "oldest_at", "need", "storage", "persisted", "last_error", "offset", "installed")
LONGEST = 200
JUST_HEARD = 60 * SECOND  # a device with an open page asks every 10 s (sync.md §4)


@after("people.end_employment")
def end_grants_of(tx: Tx, actor: Id, *, person_id: Id, **_: Any) -> None:
    """Who left works on no device: what is theirs goes at its next contact, unsent work is judged by this moment (PPL-2)."""
    live = update(Grant).where(Grant.person_id == person_id, Grant.ended_at.is_(None))
    tx.session.execute(live.values(ended_at=tx.now))  # rule: PPL-2


def wait_for_devices(tx: Tx, device_ids: Iterable[Id], key: str) -> None:
    """What ends a piece of work waits until every device that took part was heard with all it had made (T11, sync.md §5).

    A device that was replaced never speaks again: the one on which its work goes on is waited for; the one that asks is not. From
    a device it is held, until one of them speaks or `key` fires; the office is refused with the names. A person's word ends it.
    """
    if tx.admitted is not None:
        return
    since = tx.now - JUST_HEARD if tx.door == OFFICE else tx.happened_at
    going_on = {goes_on(tx.session, id) for id in device_ids} - {tx.device_id}
    silent = sorted(id for id in going_on if not tx.device_heard(id, since))
    if not silent:
        return
    named = device_names(tx.session, silent)
    names = ", ".join(named.get(id, str(id)) for id in silent)
    if tx.door == OFFICE:
        tx.refuse("devices_not_heard", names=names)  # rule: T11
    tx.hold("devices_not_heard", key, *(f"device:{id}" for id in silent), names=names)  # rule: T11


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
