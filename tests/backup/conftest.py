"""A house as a server's folder: tables made by the migrations, people, a bin and a product; copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask_migrate import upgrade

from app import create_app
from app.lib.db import db, writer
from app.lib.ids import Id, new_id
from app.people import passwords
from app.people.operations import add_person, set_up_site
from app.starter.operations import load_pack
from app.starter.reading import read_files
from app.stock.operations import add_bin, add_product
from tests.browser.harness import Server
from tests.house.tree import ROOT
from tests.web import PASSWORD

PEOPLE = {
    "warehouse_keeper": ["warehouse_keeper"],
    "shipping_clerk": ["warehouse_keeper"],
    "logistics_manager": ["logistics_manager"],
}


@dataclass
class House:
    """A folder that a server may serve, and what lies in it."""

    folder: Path
    bin: Id
    product: Id


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Built once."""
    house = House(tmp_path_factory.mktemp("kept") / "instance", new_id(), new_id())
    build(house, {"DATA_DIR": str(house.folder), "TESTING": True, "DEMO": False})
    return house


def build(house: House, settings: dict[str, object]) -> None:
    """Found the site through its own operations."""
    app = create_app(settings)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        kept, admin = passwords.hashed(PASSWORD), new_id()
        set_up_site(admin, site_name="Offstage", time_zone="Asia/Shanghai", name="admin", login="admin", password_hash=kept)
        load_pack(admin, files=read_files())
        ids = {login: new_id() for login in PEOPLE}
        for login, roles in PEOPLE.items():
            add_person(
                admin, person_id=ids[login], name=login, login=login, phone=None, roles=roles, password_hash=kept,
                must_change_password=False,
            )  # fmt: skip
        manager = ids["logistics_manager"]
        add_bin(manager, bin_id=house.bin, code="A-01-1-01", area="A")
        add_product(
            manager, product_id=house.product, sku="HOM-1", zh="马克杯", en="Mug", category="HOM", unit="each", codes=[],
        )  # fmt: skip
        db.session.remove()
        db.engine.dispose()
        writer().engine.dispose()


@pytest.fixture
def house(built: House, tmp_path: Path) -> House:
    """A copy of its own."""
    folder = tmp_path / "instance"
    shutil.copytree(built.folder, folder, ignore=shutil.ignore_patterns("server.lock"))
    return House(folder, built.bin, built.product)


@pytest.fixture
def server(house: House) -> Iterator[Server]:
    """Serving it, in processes that can be killed."""
    server = Server(house.folder)
    yield server.start()
    server.kill()
