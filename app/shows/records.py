"""What devices are told of shows and rooms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lib.ids import parse_id
from app.shows.models import Room, Show
from app.sync import Placed, buckets, record


@record("room")
def render_rooms(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Rooms of the site."""
    rows = session.scalars(select(Room).where(Room.id.in_([parse_id(id) for id in ids])))
    return {str(row.id): [Placed(buckets.site(row.site_id), {"id": str(row.id), "zh": row.zh, "en": row.en})] for row in rows}


@record("show")
def render_shows(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Shows of the site, without prices or line-up: those are restricted."""
    rows = session.scalars(select(Show).where(Show.id.in_([parse_id(id) for id in ids])))
    return {str(row.id): [Placed(buckets.site(row.site_id), show_show(row))] for row in rows}


def show_show(show: Show) -> dict[str, Any]:
    """One show as devices read it."""
    return {
        "id": str(show.id),
        "title": show.title,
        "kind": show.kind,
        "room_id": str(show.room_id),
        "starts_at": show.starts_at,
        "planned_min": show.planned_min,
        "status": show.status,
        "aim": show.aim,
    }
