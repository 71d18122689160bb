"""The cast: a house with the starter pack and somebody in every role, fresh for each test.

`app` is inside its context; `cast` names people by login; `client` is signed out, `as_(login)` signed in; `device(login)` is
an enrolled device over HTTP; `verify_operation(call)` proves that every replica hears what an operation changed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Playwright, sync_playwright
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import create_app, read_secret
from app.demo.cast import ADMIN, CREW, PASSWORD
from app.lib.db import Model, db, writer
from app.lib.ids import Id, new_id
from app.people import passwords
from app.stock.importing.desk import EXTENSION as DESK
from app.stock.importing.desk import Desk
from app.sync.blobs import BlobStore
from app.sync.engine import Engine
from app.sync.models import Meta, Record
from app.sync.registry import renderers
from app.sync.views import init_engine
from app.wiring import Answers
from tests.postgres import (  # noqa: F401 - pytest looks here
    cluster,
    copy_database,
    postgresql,
    pytest_addoption,
    pytest_runtest_setup,
    pytest_runtest_teardown,
)
from tests.wire import WireDevice

T = TypeVar("T")
passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the cost is not what tests are about

MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3


def pytest_configure() -> None:
    """What tests write lies in memory where there is room for it: a commit waits for the disk, and no test takes its power."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browsers that others copy are made by one process while the next lives simulated days: none waits for them."""

    def turn(item: pytest.Item) -> int:
        group = item.get_closest_marker("xdist_group")
        if group and group.args == ("browser-acceptance",):
            return 0
        return 1 if item.nodeid.startswith("tests/simulation/") else 2

    items.sort(key=turn)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for all tests of a process: a second one cannot be started beside it."""
    with sync_playwright() as running:
        yield running


def hire() -> None:
    """A site with the pack, and somebody of the demo's cast in every role."""
    from app.people.operations import add_person, set_up_site
    from app.starter.operations import load_pack
    from app.starter.reading import read_files

    kept, admin = passwords.hashed(PASSWORD), new_id()
    set_up_site(
        admin, site_name="Offstage", time_zone="Asia/Shanghai", name=ADMIN.name, login=ADMIN.login, password_hash=kept,
        is_demo=True,
    )  # fmt: skip
    load_pack(admin, files=read_files())
    for who in CREW:
        add_person(
            admin, person_id=new_id(), name=who.name, login=who.login, phone=who.phone, roles=list(who.roles),
            password_hash=kept, must_change_password=False,
        )  # fmt: skip


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site, its people and the starter pack; copied for each test."""
    folder = tmp_path_factory.mktemp("house")
    app = create_app({"DATA_DIR": str(folder), "TESTING": True})
    with app.app_context():
        make_tables()
        hire()
        db.session.remove()
        db.engine.dispose()
        writer().engine.dispose()
    return folder


def make_tables() -> None:
    """Tables from the models, and the first epoch."""
    Model.metadata.create_all(writer().engine)
    with writer().session() as session:
        session.execute(insert(Meta).values(key="epoch", value=str(new_id())))


class Browser(FlaskClient):
    """A browser whose requests share nothing but their cookies, although the test itself is inside the app's context."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def reused_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The one app of this process: its routes, templates and statements are compiled once and not for every test."""
    app = create_app({"DATA_DIR": str(tmp_path_factory.mktemp("instance")), "TESTING": True})
    app.test_client_class = Browser
    return app


def forget(app: Flask) -> None:
    """Give the app new memory, as a process that starts has; `tests/house/test_reuse.py` knows what else it holds."""
    init_engine(app, Engine(app.extensions["offstage-writer"], Answers()), BlobStore(Path(app.config["DATA_DIR"]) / "blobs"))
    app.extensions[DESK] = Desk(app)


@pytest.fixture
def app(house: Path, reused_app: Flask) -> Iterator[Flask]:
    """The app on a copy of the house, inside its context: neither its folder nor its memory knows of another test."""
    app, settings = reused_app, dict(reused_app.config)
    shutil.rmtree(app.config["DATA_DIR"])
    shutil.copytree(house, app.config["DATA_DIR"])
    copy_database(house, app)
    app.config["SECRET_KEY"] = read_secret(house)
    forget(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        writer().engine.dispose()
        writer().watch.close()
    app.config.clear()
    app.config.update(settings)


class Cast:
    """People by login: `cast.stagehand` is an id; two stagehands: `stagehand`, `stagehand2`."""

    def __init__(self, ids: dict[str, Id], site_id: Id) -> None:
        self._ids = ids
        self.site_id = site_id

    def __getattr__(self, login: str) -> Id:
        try:
            return self._ids[login]
        except KeyError:
            raise AttributeError(login) from None

    def __getitem__(self, login: str) -> Id:
        return self._ids[login]


@pytest.fixture
def cast(app: Flask) -> Cast:
    from app.people.models import Person

    people = db.session.scalars(select(Person)).all()
    found = Cast({p.login: p.id for p in people}, people[0].site_id)
    db.session.rollback()
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not signed in."""
    return app.test_client()


@pytest.fixture
def as_(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser signed in as one of the cast."""

    def sign_in(login: str) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/signin", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return sign_in


@pytest.fixture
def device(as_: Callable[[str], FlaskClient], cast: Cast) -> Callable[[str], WireDevice]:
    """A newly enrolled device, filled, on which one of the cast works."""

    def enrol(login: str) -> WireDevice:
        client = as_(login)
        answer = client.post("/api/devices", json={"name": f"{login}'s device", "shared": False, "build": "test"})
        assert answer.status_code == 201, answer.text
        said: Any = answer.json
        grant = said["grant"]
        found = WireDevice(client, Id(said["device"]["id"]), cast[login], {grant["id"]: grant["token"]}, grant["id"])
        found.pull()
        return found

    return enrol


@pytest.fixture
def fresh() -> Callable[[], Session]:
    """The reading session in a new snapshot: what was committed since belongs to it."""

    def again() -> Session:
        db.session.rollback()
        db.session.expire_all()
        return db.session()

    return again


@pytest.fixture
def verify_operation(app: Flask, device: Callable[[str], WireDevice]) -> Callable[[Callable[[], T]], T]:
    """Run an operation and prove that it reaches every replica.

    Whatever the operation changed, the stored records equal the projection made anew from the domain tables (I6), and a
    device that held the state before and pulls the delta holds exactly what a device that fills anew holds (I3).
    """

    def verify(run: Callable[[], T]) -> T:
        lead = device("logistics_manager")
        result = run()
        db.session.rollback()
        assert stored() == projected()
        lead.pull()
        anew = WireDevice(lead.client, lead.id, lead.actor, lead.grants, lead.grant)
        anew.pull()
        assert lead.held == anew.held
        return result

    return verify


Placement = dict[tuple[str, str, str], Any]


def stored() -> Placement:
    """Live records as devices get them; verdicts are made by the engine, not from tables."""
    rows = db.session.execute(select(Record).where(Record.gone.is_(False), Record.kind != "verdict")).scalars()
    return {(r.bucket, r.kind, r.id): orjson.loads(r.data) for r in rows}


def projected() -> Placement:
    """The same made anew from the domain tables, for every id that any table knows."""
    shapes = _known_ids(db.session())
    found: Placement = {}
    for kind, render in renderers.items():
        if kind.startswith("toy"):
            continue
        for ids in shapes:
            try:
                made = render(db.session(), ids)
            except ValueError:
                continue  # ids of another shape than this kind's
            for id, places in made.items():
                for place in places:
                    found[place.bucket, kind, id] = orjson.loads(orjson.dumps(place.data))
    return found


def _known_ids(session: Session) -> list[list[str]]:
    """Primary keys of all rows as record ids: a UUID, a UUID with a code, a code."""
    uuids: set[str] = set()
    pairs: set[str] = set()
    codes: set[str] = set()
    for table in Model.metadata.tables.values():
        if table.name.startswith("toy") or table.name in ("record", "operation", "operation_about"):
            continue
        for row in session.execute(select(*table.primary_key.columns)):
            keys = [str(key) for key in row]
            (uuids if isinstance(row[-1], Id) else codes).add(keys[-1])
            if len(keys) > 1:
                pairs.add("/".join(keys[-2:]))
    return [sorted(uuids), sorted(pairs), sorted(codes)]
