"""The verbs of devices and grants; all of them at the office door (sync.md §2)."""

from __future__ import annotations

from sqlalchemy import select, update

from app.devices import schemas
from app.devices.models import Device, Grant, access_device, access_grant
from app.lib.ids import Id
from app.people.access import may
from app.sync import Tx, operation
from app.sync.tx import OFFICE


@operation("devices.enrol_device", schema=schemas.EnrolDevice, right="devices.enrol", makes=("device_id",))
def enrol_device(tx: Tx, actor: Id, *, device_id: Id, name: str, shared: bool, build: str | None, cookie_hash: str) -> None:
    """Enrol the browser the actor is signed in on; a grant follows by `grant_device`."""
    _office_only(tx)
    device = Device(
        id=device_id, site_id=tx.site_id, stream=device_id, name=name, shared=shared, build=build,
        cookie_hash=bytes.fromhex(cookie_hash), enrolled_by=actor, enrolled_at=tx.now, heard_at=tx.now,
    )  # fmt: skip
    tx.session.add(device)
    _changed(tx, device_id)


@operation("devices.replace_device", schema=schemas.ReplaceDevice, right=None, makes=("device_id",))
def replace_device(tx: Tx, actor: Id, *, device_id: Id, replaces: Id, cookie_hash: str) -> None:
    """Give a device that lost its stream a new one: same name and people; the old cookie ends."""
    _office_only(tx)
    old = access_device(tx.session, tx.site_id, replaces)
    if old.revoked_at is not None:
        tx.refuse("revoked")
    if old.replaced_by is not None:
        tx.refuse("already_replaced")
    device = Device(
        id=device_id, site_id=old.site_id, stream=device_id, name=old.name, shared=old.shared, build=old.build,
        cookie_hash=bytes.fromhex(cookie_hash), enrolled_by=old.enrolled_by, enrolled_at=tx.now, heard_at=tx.now,
        replaces=old.id,
    )  # fmt: skip
    tx.session.add(device)
    tx.session.flush()
    old.replaced_by = device_id
    tx.session.execute(update(Grant).where(Grant.device_id == old.id, Grant.ended_at.is_(None)).values(device_id=device_id))
    tx.publish("device", old.id)
    _changed(tx, device_id)


@operation("devices.grant_device", schema=schemas.GrantDevice, right="devices.enrol", makes=("grant_id",))
def grant_device(tx: Tx, actor: Id, *, device_id: Id, grant_id: Id) -> None:
    """The actor works on this device from now on. One live grant a person and device."""
    _office_only(tx)
    device = access_device(tx.session, tx.site_id, device_id)
    if device.revoked_at is not None:
        tx.refuse("revoked")
    live = select(Grant.id).where(Grant.device_id == device_id, Grant.person_id == actor, Grant.ended_at.is_(None))
    if tx.session.scalar(live) is not None:
        tx.refuse("already_granted")
    grant = Grant(id=grant_id, device_id=device_id, person_id=actor, site_id=tx.site_id, from_at=tx.now, heard_at=tx.now)
    tx.session.add(grant)
    _changed(tx, device_id)


@operation("devices.end_grant", schema=schemas.EndGrant, right=None)
def end_grant(tx: Tx, actor: Id, *, grant_id: Id) -> None:
    """The person no longer works on the device; work that is still on it is judged by this moment. One's own, or a manager."""
    _office_only(tx)
    grant = access_grant(tx.session, tx.site_id, grant_id)
    if grant.person_id != actor and not may(tx.session, actor, "devices.manage", tx.site_id, tx.now):
        tx.outside("not_your_grant")
    if grant.ended_at is None:
        grant.ended_at = tx.now
    _changed(tx, grant.device_id)


@operation("devices.rename_device", schema=schemas.RenameDevice, right="devices.manage")
def rename_device(tx: Tx, actor: Id, *, device_id: Id, name: str) -> None:
    """The name by which people know it: "tablet 3, studio 2"."""
    access_device(tx.session, tx.site_id, device_id).name = " ".join(name.split())
    _changed(tx, device_id)


@operation("devices.revoke_device", schema=schemas.RevokeDevice, right="devices.manage")
def revoke_device(tx: Tx, actor: Id, *, device_id: Id, reason: str) -> None:
    """A lost device: everything but its outbox goes at its next contact; what it still sends is parked (CNF-3)."""
    device = access_device(tx.session, tx.site_id, device_id)
    if device.revoked_at is not None:
        tx.refuse("already_revoked")
    device.revoked_at, device.revoked_reason = tx.now, reason
    tx.session.execute(update(Grant).where(Grant.device_id == device_id, Grant.ended_at.is_(None)).values(ended_at=tx.now))
    _changed(tx, device_id)


def _office_only(tx: Tx) -> None:
    """A device cannot vouch for itself: these verbs come from its server call, never from its stream."""
    if tx.door != OFFICE:
        tx.refuse("office_only")


def _changed(tx: Tx, device_id: Id) -> None:
    tx.publish("device", device_id)
    tx.about("device", device_id)
    tx.readers_changed()
