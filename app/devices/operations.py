"""The verbs of devices and grants; all of them at the office door (sync.md §2)."""

from __future__ import annotations

from sqlalchemy import select, update

from app.devices import schemas
from app.devices.access import replaced_by_cookie, successors
from app.devices.models import Device, Grant, access_device, access_grant, has_grant, select_enrolled
from app.lib.clock import HOUR
from app.lib.ids import Id
from app.people.access import may
from app.people.steps import end_sessions, office_only
from app.sync import Tx, operation

SESSION_LASTS = 12 * HOUR  # of the office, at most (sync.md §2)
MOST_DEVICES = 12  # that one person has enrolled and nobody has revoked


@operation("devices.enrol_device", schema=schemas.EnrolDevice, right="devices.enrol", makes=("device_id",))
def enrol_device(
    tx: Tx, actor: Id, *, device_id: Id, name: str, shared: bool, build: str | None, cookie_hash: str, replaces: Id | None,
) -> None:  # fmt: skip
    """Enrol the browser the actor is signed in on; a grant follows by `grant_device`.

    A browser that kept its outbox and lost its cookie names the device it was, on which the actor worked: what it still holds
    is judged as that device's. That device itself goes on as it is, with whoever else works there. Nobody enrols without end: the
    refusal names the device that was silent longest.
    """
    office_only(tx)
    if tx.session.get(Device, device_id) is not None:
        tx.refuse("exists")
    enrolled = select_enrolled(tx.session, actor)
    if len(enrolled) >= MOST_DEVICES:
        tx.refuse("too_many_devices", n=MOST_DEVICES, device=enrolled[-1].name)
    if replaces is not None and not _worked_on(tx, actor, replaces):
        tx.refuse("wrong_device")
    device = Device(
        id=device_id, site_id=tx.site_id, stream=device_id, name=name, shared=shared, build=build,
        cookie_hash=bytes.fromhex(cookie_hash), enrolled_by=actor, enrolled_at=tx.now, heard_at=tx.now,
        replaces=replaces,
    )  # fmt: skip
    tx.session.add(device)
    if replaces is not None:
        tx.fire(f"device:{replaces}")  # who waits for it looks again for whom
    _changed(tx, device_id)


def _worked_on(tx: Tx, person_id: Id, device_id: Id) -> bool:
    """Whether the person ever signed in on the device, and it was not revoked."""
    device = access_device(tx.session, tx.site_id, device_id)
    if device.revoked_at is not None:
        tx.refuse("revoked", status=403)
    return has_grant(tx.session, person_id, [device_id, *successors(tx.session, device_id)])


@operation("devices.replace_device", schema=schemas.ReplaceDevice, right=None, makes=("device_id",))
def replace_device(tx: Tx, actor: Id, *, device_id: Id, replaces: Id, cookie_hash: str) -> None:
    """Give a device that lost its stream a new one, as it asks with its cookie: same name and people.

    Asked again because the answer was lost, the new device goes on from the one that never spoke. Asked by a copy of the
    browser's profile while the first goes on, it goes on beside it with nobody signed in.
    """
    office_only(tx)
    old = access_device(tx.session, tx.site_id, replaces)
    while (successor := _unheard_successor(tx, old)) is not None:
        old = successor
    if old.revoked_at is not None:
        tx.refuse("revoked", status=403)
    device = Device(
        id=device_id, site_id=old.site_id, stream=device_id, name=old.name, shared=old.shared, build=old.build,
        cookie_hash=bytes.fromhex(cookie_hash), enrolled_by=old.enrolled_by, enrolled_at=tx.now, heard_at=tx.now,
        replaces=old.id,
    )  # fmt: skip
    tx.session.add(device)
    tx.session.flush()
    if old.replaced_by is None:
        old.replaced_by = device_id
        live = update(Grant).where(Grant.device_id == old.id, Grant.ended_at.is_(None))
        tx.session.execute(live.values(device_id=device_id))
    tx.publish("device", old.id)
    tx.about("device", old.id)
    tx.fire(f"device:{old.id}")  # who waits for it looks again for whom
    _changed(tx, device_id)


def _unheard_successor(tx: Tx, device: Device) -> Device | None:
    """The device that replaced this one and has not been heard from since: its browser never got the answer."""
    successor = tx.session.get(Device, device.replaced_by) if device.replaced_by else None
    return successor if successor is not None and (successor.heard_at or 0) <= successor.enrolled_at else None


@operation("devices.grant_device", schema=schemas.GrantDevice, right="devices.enrol", makes=("grant_id",))
def grant_device(tx: Tx, actor: Id, *, device_id: Id, grant_id: Id) -> None:
    """The actor works on this device from now on. One live grant a person and device: whoever has one keeps it."""
    office_only(tx)
    device = access_device(tx.session, tx.site_id, device_id)
    if device.revoked_at is not None:
        tx.refuse("revoked", status=403)
    live = select(Grant.id).where(Grant.device_id == device_id, Grant.person_id == actor, Grant.ended_at.is_(None))
    if tx.session.scalar(live) is not None:
        return
    grant = Grant(id=grant_id, device_id=device_id, person_id=actor, site_id=tx.site_id, from_at=tx.now, heard_at=tx.now)
    tx.session.add(grant)
    _changed(tx, device_id)


@operation("devices.end_grant", schema=schemas.EndGrant, right=None)
def end_grant(tx: Tx, actor: Id, *, grant_id: Id) -> None:
    """The person no longer works on the device; work that is still on it is judged by this moment. One's own, or a manager."""
    office_only(tx)
    grant = access_grant(tx.session, tx.site_id, grant_id)
    if grant.person_id != actor and not may(tx.session, actor, "devices.manage", tx.site_id, tx.now):
        tx.outside("not_your_grant")
    if grant.ended_at is None:
        grant.ended_at = tx.now
    _changed(tx, grant.device_id)


@operation("devices.rename_device", schema=schemas.RenameDevice, right="devices.manage")
def rename_device(tx: Tx, actor: Id, *, device_id: Id, name: str, shared: bool) -> None:
    """The name by which people know it ("tablet 3, studio 2"), and whether several people share it."""
    office_only(tx)
    device = access_device(tx.session, tx.site_id, device_id)
    device.name, device.shared = name, shared
    _changed(tx, device_id)


@operation("devices.revoke_device", schema=schemas.RevokeDevice, right="devices.manage")
def revoke_device(tx: Tx, actor: Id, *, device_id: Id, reason: str) -> None:
    """A lost device: everything but its outbox goes at its next contact; what it still sends is parked (CNF-3).

    The devices it was before go with it, for a copy of its profile may still hold their cookies. Office sessions may lie in the
    same browser: those of everybody who worked on it while one could still last are ended.
    """
    office_only(tx)
    device = access_device(tx.session, tx.site_id, device_id)
    if device.revoked_at is not None:
        tx.refuse("already_revoked")
    family = [device_id, *replaced_by_cookie(tx.session, device_id)]
    lost = update(Device).where(Device.id.in_(family), Device.revoked_at.is_(None))
    tx.session.execute(lost.values(revoked_at=tx.now, revoked_reason=reason))
    recent = Grant.ended_at.is_(None) | (Grant.ended_at > tx.now - SESSION_LASTS)
    end_sessions(tx, tx.session.scalars(select(Grant.person_id).where(Grant.device_id.in_(family), recent)).all())
    tx.session.execute(update(Grant).where(Grant.device_id.in_(family), Grant.ended_at.is_(None)).values(ended_at=tx.now))
    _changed(tx, device_id)


def _changed(tx: Tx, device_id: Id) -> None:
    tx.publish("device", device_id)
    tx.about("device", device_id)
    tx.readers_changed()
