"""Tonight: a show in five hours with its lists laid out, and what people do in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checklists.models import ItemState, access_template, select_items
from app.checklists.operations import accept_run, answer_item, finish_run
from app.checklists.sheet import access_sheet
from app.checklists.steps import run_id_of
from app.demo.story import answers_of
from app.lib.clock import HOUR, now
from app.lib.db import db
from app.lib.ids import Id, new_id
from app.shows.operations import add_room, plan_show
from app.sync.models import Operation, Record
from tests.conftest import Cast

PHOTO = "ab" * 32
SIGNATURE = "cd" * 32
WORKERS = {
    "CL-SAFE": ("safety_officer", "logistics_manager"),
    "CL-SET": ("stagehand", "shift_lead"),
    "CL-SMP": ("warehouse_keeper", "operations"),
    "CL-DOC": ("operations", "director"),
    "CL-LGT": ("camera", "director"),
    "CL-PRP": ("stagehand", "co_host"),
    "CL-AIR": ("tech_support", "shift_lead"),
}


class Tonight:
    """The show's lists by code; people by login; the office door unless a device is named."""

    def __init__(self, cast: Cast, fresh: Callable[[], Session]) -> None:
        self.cast = cast
        self.fresh = fresh
        self.site_id = cast.site_id
        self.starts_at = now() + 5 * HOUR
        self.room_id, self.show_id = new_id(), new_id()
        add_room(cast.operations, room_id=self.room_id, zh="1 号直播间", en="Studio 1")
        plan_show(
            cast.operations,
            show_id=self.show_id,
            title="秋冬家居好物夜",
            kind="daily",
            room_id=self.room_id,
            starts_at=self.starts_at,
            planned_min=120,
        )

    def run_id(self, code: str) -> Id:
        return run_id_of(self.show_id, code)

    # -- what is there ----------------------------------------------------------------------------------------------------

    def record(self, kind: str, id: object) -> Any:
        """The record of a thing as devices hold it, or None."""
        found = select(Record).where(Record.kind == kind, Record.id == str(id), Record.gone.is_(False))
        row = self.fresh().scalars(found).one_or_none()
        return None if row is None else orjson.loads(row.data)

    def run(self, code: str) -> Any:
        return self.record("checklist_run", self.run_id(code))

    def item(self, code: str, item_id: str) -> Any:
        return self.record("checklist_item", f"{self.run_id(code)}/{item_id}")

    def state(self, code: str) -> str:
        """The token an accepter's decision rests on."""
        found = access_sheet(self.fresh(), self.site_id, self.run_id(code)).state()
        db.session.rollback()
        return found

    def rows(self, code: str) -> dict[str, ItemState]:
        return {row.item_id: row for row in select_items(self.fresh(), [self.run_id(code)])}

    def items_of(self, code: str) -> dict[str, Any]:
        return dict(access_template(self.fresh(), code).items)

    def exceptions(self, status: str = "open") -> list[str]:
        """Codes of the exceptions, oldest first."""
        rows = self.fresh().scalars(select(Record).where(Record.kind == "exception").order_by(Record.rev))
        found = [orjson.loads(row.data) for row in rows]
        return [one["code"] for one in found if one["status"] == status]

    def operation(self, id: object) -> Operation:
        found = self.fresh().get(Operation, Id(str(id)))
        assert found is not None
        return found

    # -- what people do ---------------------------------------------------------------------------------------------------

    def answers(self, code: str) -> list[dict[str, Any]]:
        """A good answer to every item, predecessors first."""
        template = access_template(self.fresh(), code).document
        return list(answers_of(template, [PHOTO], SIGNATURE, random.Random(1)))

    def good(self, code: str, item_id: str) -> dict[str, Any]:
        return next(answer for answer in self.answers(code) if answer["item_id"] == item_id)

    def answer(self, login: str, code: str, item_id: str, **said: Any) -> Any:
        """Answer at the office, having seen the item as it is."""
        row = self.rows(code).get(item_id)
        said.setdefault("verdict", "pass")
        more = {"basis": said.pop("basis", row.state if row else []), "blobs": said.get("photos", [])}
        return answer_item(self.cast[login], run_id=self.run_id(code), item_id=item_id, **said, **more)

    def fill(self, code: str, *, but: Iterable[str] = (), login: str | None = None) -> None:
        """Answer everything well, but for some items."""
        worker = login or WORKERS[code][0]
        for answer in self.answers(code):
            if answer["item_id"] not in but:
                self.answer(worker, code, answer["item_id"], **{k: v for k, v in answer.items() if k != "item_id"})

    def finish(self, code: str) -> None:
        finish_run(self.cast[WORKERS[code][0]], run_id=self.run_id(code))

    def accept(self, code: str, login: str | None = None, **more: Any) -> Any:
        more.setdefault("basis", [self.state(code)])
        by = self.cast[login or WORKERS[code][1]]
        return accept_run(by, run_id=self.run_id(code), signature=SIGNATURE, **more)

    def through(self, code: str) -> None:
        """From nothing to a signature."""
        self.fill(code)
        self.finish(code)
        self.accept(code)


@pytest.fixture
def tonight(app: Flask, cast: Cast, fresh: Callable[[], Session]) -> Tonight:
    return Tonight(cast, fresh)
