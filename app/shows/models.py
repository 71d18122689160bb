"""Rooms and the shows planned in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.lib.clock import MINUTE
from app.lib.db import IdType, Json, Model
from app.lib.errors import NotFound
from app.lib.ids import Id

PLANNED = "planned"
CANCELLED = "cancelled"
KINDS = ("daily", "brand", "big_day", "outdoor", "warehouse", "rehearsal")


class Room(Model):
    """A studio that shows are made in."""

    __tablename__ = "room"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    zh: Mapped[str] = mapped_column(String(80))
    en: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_room_id", "id"),)


class Show(Model):
    """One planned broadcast. `cancelled` is `{by, at, reason}`."""

    __tablename__ = "show"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    room_id: Mapped[Id] = mapped_column(IdType)
    starts_at: Mapped[int] = mapped_column(BigInteger)
    planned_min: Mapped[int] = mapped_column(Integer)
    aim: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    cancelled: Mapped[dict[str, object] | None] = mapped_column(Json)
    planned_by: Mapped[Id] = mapped_column(IdType)
    planned_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_show_id", "id"),
        Index("ix_show_starts", "site_id", "starts_at"),
        Index("ix_show_room", "site_id", "room_id", "starts_at"),
    )

    @property
    def ends_at(self) -> int:
        """When it is to go off air."""
        return self.starts_at + self.planned_min * MINUTE

    @property
    def anchors(self) -> dict[str, int]:
        """What the lists of a show are timed from."""
        return {"show_start": self.starts_at, "off_air": self.ends_at}


def access_show(session: Session, site_id: Id, show_id: Id) -> Show:
    """The show of this site, or NotFound."""
    show = session.get(Show, (site_id, show_id))
    if show is None:
        raise NotFound("show")
    return show


def select_rooms(session: Session, site_id: Id) -> list[Room]:
    """The site's rooms, in the order they were made."""
    return list(session.scalars(select(Room).where(Room.site_id == site_id).order_by(Room.made_at, Room.id)))


def find_room(session: Session, site_id: Id, lang: str, name: str) -> Room | None:
    """The site's room of this name in this language, however it is written: two of one name would be taken for each other."""
    return next((room for room in select_rooms(session, site_id) if getattr(room, lang).casefold() == name.casefold()), None)


def select_shows(session: Session, site_id: Id, *, since: int, until: int) -> list[Show]:
    """Shows that start in [since, until), cancelled ones too, by start."""
    query = select(Show).where(Show.site_id == site_id, Show.starts_at >= since, Show.starts_at < until)
    return list(session.scalars(query.order_by(Show.starts_at, Show.id)))


def find_clash(session: Session, show: Show) -> Show | None:
    """A planned show that holds the room while this one would: one may begin the minute another ends (SHW-3, T27)."""
    query = select(Show).where(
        Show.site_id == show.site_id,
        Show.room_id == show.room_id,
        Show.status == PLANNED,
        Show.id != show.id,
        Show.starts_at < show.ends_at,
        Show.starts_at + Show.planned_min * MINUTE > show.starts_at,
    )
    return session.scalars(query.order_by(Show.starts_at).limit(1)).first()
