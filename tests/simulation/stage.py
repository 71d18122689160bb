"""What the house is like before a seed begins: its people, a show with its lists, two more lists, a small warehouse."""

from __future__ import annotations

import hashlib
import io
import random
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from PIL import Image

from app.checklists.models import access_template
from app.checklists.operations import assign_run, start_run
from app.checklists.steps import run_id_of
from app.demo.story import answers_of
from app.lib.clock import HOUR
from app.lib.db import db
from app.lib.ids import Id, new_id
from app.people.models import Person, Site
from app.shows.operations import add_room, plan_show
from app.stock.operations import add_bin, add_product, plan_stock_take, receive
from tests.conftest import hire, make_tables

START = 1_780_000_000_000
LIST, SHOW_LISTS = "CL-WHC", ("CL-SAFE", "CL-SET")
WORKERS = ("warehouse_keeper", "shipping_clerk", "returns_clerk", "stagehand", "stagehand2")
LEADS = ("shift_lead", "logistics_manager")
LEAVER = "stagehand2"
COUNTERS = ("warehouse_keeper", "shipping_clerk", "returns_clerk")
FORBEARING = {"units": "1000000", "percent": "100", "value_fen": 10_000_000_000, "class_a_units": "1000000"}


@cache
def picture(kind: str, n: int = 0) -> bytes:
    """A tiny photo, the n-th of its kind: JPEG, PNG, or one that no server can read."""
    if kind == "damaged":
        return b"\xff\xd8\xff\xe0 this is no picture"
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 8 * n, 40)).save(out, kind)
    return out.getvalue()


@cache
def sha_of(kind: str, n: int = 0) -> str:
    """The picture's name."""
    return hashlib.sha256(picture(kind, n)).hexdigest()


@dataclass
class Stage:
    """Ids by the names that steps use."""

    site: Id
    people: dict[str, Id] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    products: list[Id] = field(default_factory=list)
    bins: list[Id] = field(default_factory=list)
    runs: dict[str, str] = field(default_factory=dict)  # run id → list code
    good: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # list code → a good answer to every item


def build() -> Stage:
    """Make the house; inside the app's context."""
    make_tables()
    hire()
    stage = Stage(db.session.query(Site).one().id)
    stage.people = {person.login: person.id for person in db.session.query(Person)}
    stage.logins = {str(id): login for login, id in stage.people.items()}
    _lists(stage)
    _warehouse(stage)
    db.session.remove()
    return stage


def _lists(stage: Stage) -> None:
    people, show, room = stage.people, new_id(), new_id()
    add_room(people["operations"], room_id=room, zh="1 号直播间", en="Studio 1")
    plan_show(
        people["operations"], show_id=show, title="秋冬家居好物夜", kind="daily", room_id=room, starts_at=START + 5 * HOUR,
        planned_min=120,
    )  # fmt: skip
    stage.runs = {str(run_id_of(show, code)): code for code in SHOW_LISTS}
    for _ in range(2):
        run = new_id()
        start_run(people["shift_lead"], run_id=run, template=LIST)
        assign_run(people["shift_lead"], run_id=run, people=[people[login] for login in WORKERS])
        stage.runs[str(run)] = LIST
    db.session.rollback()
    for code in (LIST, *SHOW_LISTS):
        document = access_template(db.session(), code).document
        stage.good[code] = list(answers_of(document, [sha_of("JPEG")], sha_of("PNG"), random.Random(1)))


def _warehouse(stage: Stage) -> None:
    manager, keeper = stage.people["logistics_manager"], stage.people["warehouse_keeper"]
    for n in range(3):
        stage.products.append(new_id())
        add_product(
            manager, product_id=stage.products[-1], sku=f"HOM-{n:04}", zh=f"马克杯 {n}", en=f"Mug {n}", category="HOM",
            unit="each", codes=[],
        )  # fmt: skip
    for n in range(4):
        stage.bins.append(new_id())
        add_bin(manager, bin_id=stage.bins[-1], code=f"A-01-1-0{n}", area="A")
        receive(keeper, bin_id=stage.bins[-1], product_id=stage.products[n % 3], quantity="40")
    for bins, tolerance in ((stage.bins[:2], {}), (stage.bins[3:], FORBEARING)):
        plan_stock_take(
            stage.people["shift_lead"], stock_take_id=new_id(), title="盘点", kind="cycle", bins=bins,
            counters=[stage.people[login] for login in COUNTERS], tolerance=tolerance,
        )  # fmt: skip
