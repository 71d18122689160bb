"""Devices and grants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, LargeBinary, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.lib.db import IdType, Json, Model
from app.lib.errors import NotFound
from app.lib.ids import Id


class Device(Model):
    """One enrolled browser. Its cookie is kept as a hash; `replaces` names the device whose work it goes on with."""

    __tablename__ = "device"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    site_id: Mapped[Id] = mapped_column(IdType, ForeignKey("site.id"), index=True)
    stream: Mapped[Id] = mapped_column(IdType)
    name: Mapped[str] = mapped_column(String(80))
    shared: Mapped[bool] = mapped_column(Boolean, default=False)
    cookie_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enrolled_by: Mapped[Id | None] = mapped_column(IdType)
    enrolled_at: Mapped[int] = mapped_column(BigInteger)
    replaces: Mapped[Id | None] = mapped_column(IdType, index=True)
    replaced_by: Mapped[Id | None] = mapped_column(IdType)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    revoked_reason: Mapped[str | None] = mapped_column(Text)
    build: Mapped[str | None] = mapped_column(String(40))
    heard_at: Mapped[int | None] = mapped_column(BigInteger)
    health: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Grant(Model):
    """This person works on this device from a moment until another."""

    __tablename__ = "grant"

    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    device_id: Mapped[Id] = mapped_column(IdType, ForeignKey("device.id"))
    person_id: Mapped[Id] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    site_id: Mapped[Id] = mapped_column(IdType)
    from_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    heard_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_grant_device", "device_id", "ended_at"),)


def access_device(session: Session, site_id: Id, device_id: Id) -> Device:
    """A device of this site, or NotFound."""
    device = session.get(Device, device_id)
    if device is None or device.site_id != site_id:
        raise NotFound("device")
    return device


def access_grant(session: Session, site_id: Id, grant_id: Id) -> Grant:
    """A grant of this site, or NotFound."""
    grant = session.get(Grant, grant_id)
    if grant is None or grant.site_id != site_id:
        raise NotFound("grant")
    return grant


def select_devices(session: Session, site_id: Id) -> list[Device]:
    """Devices of a site that no other has replaced, last heard first."""
    query = select(Device).where(Device.site_id == site_id, Device.replaced_by.is_(None))
    return list(session.scalars(query.order_by(Device.heard_at.desc(), Device.enrolled_at.desc())))


def select_enrolled(session: Session, person_id: Id) -> list[Device]:
    """What a person has enrolled and nobody revoked or replaced, last heard first."""
    query = select(Device).where(Device.enrolled_by == person_id, Device.revoked_at.is_(None), Device.replaced_by.is_(None))
    return list(session.scalars(query.order_by(Device.heard_at.desc(), Device.enrolled_at.desc())))


def live_grants(session: Session, device_id: Id) -> list[Grant]:
    """Who works on a device now, in the order of coming."""
    query = select(Grant).where(Grant.device_id == device_id, Grant.ended_at.is_(None))
    return list(session.scalars(query.order_by(Grant.from_at, Grant.id)))


def has_grant(session: Session, person_id: Id, device_ids: Iterable[Id]) -> bool:
    """Whether the person works or once worked on one of the devices."""
    found = select(Grant.id).where(Grant.device_id.in_(list(device_ids)), Grant.person_id == person_id)
    return session.scalar(found.limit(1)) is not None


def select_grants(
    session: Session, *, person_ids: Iterable[Id] = (), device_ids: Iterable[Id] = ()
) -> list[tuple[Grant, Device]]:
    """Live grants of these people, or on these devices, each with its device, the device last heard first."""
    query = (
        select(Grant, Device)
        .join(Device, Device.id == Grant.device_id)
        .where(Grant.ended_at.is_(None), or_(Grant.person_id.in_(list(person_ids)), Grant.device_id.in_(list(device_ids))))
        .order_by(Device.heard_at.desc(), Grant.from_at)
    )
    return [(row.Grant, row.Device) for row in session.execute(query)]
