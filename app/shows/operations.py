"""The verbs of shows: all of them decisions."""

from __future__ import annotations

from typing import Any

from app.checklists.steps import cancel_runs, lay_out_runs, move_runs
from app.lib.ids import Id
from app.shows.models import CANCELLED, PLANNED, Room, Show, find_clash, find_room
from app.shows.schemas import AddRoom, CancelShow, ChangeShow, PlanShow
from app.sync import Tx, operation

SHOW = "show"


@operation("shows.add_room", schema=AddRoom, right="shows.plan", makes=("room_id",))
def add_room(tx: Tx, actor: Id, *, room_id: Id, zh: str, en: str) -> None:
    """A studio that shows can be planned in from now on. Refused when a room of the site has one of its names already."""
    if tx.session.get(Room, (tx.site_id, room_id)) is not None:
        tx.refuse("id_taken")
    for lang, name in (("zh", zh), ("en", en)):
        if find_room(tx.session, tx.site_id, lang, name) is not None:
            tx.refuse("room_exists", status=422, fields={lang: ["room_exists"]}, name=name)
    tx.session.add(Room(site_id=tx.site_id, id=room_id, zh=zh, en=en, made_at=tx.now))
    tx.publish("room", room_id)
    tx.about("room", room_id)


@operation("shows.plan_show", schema=PlanShow, right="shows.plan", makes=("show_id",))
def plan_show(
    tx: Tx,
    actor: Id,
    *,
    show_id: Id,
    title: str,
    kind: str,
    room_id: Id,
    starts_at: int,
    planned_min: int,
    aim: str | None = None,
) -> None:
    """Plan a show; its lists are laid out from the newest templates' offsets. Refused when the room is taken (SHW-3)."""
    if tx.session.get(Show, (tx.site_id, show_id)) is not None:
        tx.refuse("id_taken")
    show = Show(
        site_id=tx.site_id,
        id=show_id,
        title=title,
        kind=kind,
        room_id=room_id,
        starts_at=starts_at,
        planned_min=planned_min,
        aim=aim or None,
        status=PLANNED,
        planned_by=actor,
        planned_at=tx.happened_at,
    )
    _check_room(tx, show)
    tx.session.add(show)
    tx.session.flush()
    for run in lay_out_runs(tx, SHOW, show_id, show.anchors):
        tx.about("checklist_run", run.id)
    tx.publish("show", show_id)
    tx.about("show", show_id)


@operation("shows.change_show", schema=ChangeShow, right="shows.plan")
def change_show(tx: Tx, actor: Id, *, show_id: Id, **changes: Any) -> None:
    """Change what is named; when its time changes, the lists nobody has finished are timed anew.

    What was answered late stays late, finished and signed lists stay as they are (CHK-8, GEN-2).
    """
    show = _planned(tx, show_id)
    before = show.anchors
    for name, value in changes.items():
        setattr(show, name, value)
    _check_room(tx, show)
    if show.anchors != before:
        for run in move_runs(tx, SHOW, show_id, show.anchors):
            tx.about("checklist_run", run.id)
    tx.publish("show", show_id)
    tx.about("show", show_id)


@operation("shows.cancel_show", schema=CancelShow, right="shows.plan")
def cancel_show(tx: Tx, actor: Id, *, show_id: Id, reason: str) -> None:
    """The show is off: its lists are closed as cancelled, but for those already signed."""
    show = _planned(tx, show_id)
    show.status = CANCELLED
    show.cancelled = {"by": str(actor), "at": tx.happened_at, "reason": reason}
    for run in cancel_runs(tx, SHOW, show_id, reason):
        tx.about("checklist_run", run.id)
    tx.publish("show", show_id)
    tx.about("show", show_id)


def _planned(tx: Tx, show_id: Id) -> Show:
    show = tx.session.get(Show, (tx.site_id, show_id)) or tx.missing("show", show_id)
    if show.status != PLANNED:
        tx.refuse("show_cancelled", title=show.title)
    return show


def _check_room(tx: Tx, show: Show) -> None:
    """The room exists and nobody else is on air in it; asked inside the write transaction, so two planners cannot both win."""
    room = tx.session.get(Room, (tx.site_id, show.room_id)) or tx.missing("room", show.room_id)
    with tx.session.no_autoflush:
        clash = find_clash(tx.session, show)
    if clash is not None:
        tx.refuse(
            "room_taken",
            room=room.zh,
            room_en=room.en,
            title=clash.title,
            starts_at=clash.starts_at,
            ends_at=clash.ends_at,
        )
