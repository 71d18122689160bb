"""What a device knows of itself."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.devices.models import Device
from app.lib.ids import Id
from app.sync import Placed, buckets, record


@record("device")
def render_devices(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Its name, and whether several people share it."""
    rows = session.scalars(select(Device).where(Device.id.in_(map(Id, ids)), Device.replaced_by.is_(None)))
    return {str(d.id): [Placed(buckets.device(d.id), {"id": str(d.id), "name": d.name, "shared": d.shared})] for d in rows}
