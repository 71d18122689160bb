"""Two rooms, and shows planned in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checklists.steps import run_id_of
from app.lib.clock import DAY, now
from app.lib.ids import Id, new_id
from app.shows.operations import add_room, plan_show
from app.sync.models import Record
from tests.conftest import Cast


class Plan:
    """Plans shows as operations does, and reads what devices are told."""

    def __init__(self, cast: Cast, fresh: Callable[[], Session]) -> None:
        self.cast, self.fresh = cast, fresh
        self.starts_at = now() + DAY
        self.one, self.two = new_id(), new_id()
        add_room(cast.operations, room_id=self.one, zh="1 号直播间", en="Studio 1")
        add_room(cast.operations, room_id=self.two, zh="2 号直播间", en="Studio 2")

    def show(self, login: str = "operations", **more: Any) -> Id:
        show_id = more.pop("show_id", new_id())
        said = {
            "title": "家居好物夜", "kind": "daily", "room_id": self.one, "starts_at": self.starts_at, "planned_min": 120, **more,
        }  # fmt: skip
        plan_show(self.cast[login], show_id=show_id, **said)
        return Id(str(show_id))

    def record(self, kind: str, id: object) -> Any:
        found = select(Record.data).where(Record.kind == kind, Record.id == str(id), Record.gone.is_(False))
        data = self.fresh().scalar(found)
        return None if data is None else orjson.loads(data)

    def run(self, show_id: Id, code: str) -> Any:
        return self.record("checklist_run", run_id_of(show_id, code))

    def runs(self, show_id: Id) -> dict[str, Any]:
        rows = self.fresh().scalars(select(Record.data).where(Record.kind == "checklist_run")).all()
        return {run["code"]: run for run in map(orjson.loads, rows) if run["show_id"] == str(show_id)}


@pytest.fixture
def plan(app: Flask, cast: Cast, fresh: Callable[[], Session]) -> Plan:
    return Plan(cast, fresh)
