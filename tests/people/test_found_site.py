"""The first run: a site and its first administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.lib.db import db, writer
from app.lib.ids import new_id
from app.people.models import Person, Site
from app.people.operations import found_site, set_up_site
from tests.conftest import Browser, Cast, make_tables, projected, stored
from tests.people.conftest import HASH, refuses
from tests.wire import WireDevice

FORM = {
    "site_name": "杭州一号基地", "time_zone": "Asia/Shanghai", "name": "周雨桐", "login": "Admin", "password": "not a common one",
    "again": "not a common one", "pack": "1",
}  # fmt: skip


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """An installation before its first run."""
    app = create_app({"DATA_DIR": str(tmp_path / "empty"), "TESTING": True})
    app.test_client_class = Browser
    with app.app_context():
        make_tables()
        yield app
        db.session.remove()
        db.engine.dispose()
        writer().engine.dispose()


def test_the_first_run_makes_a_house_and_signs_its_administrator_in(empty: Flask) -> None:
    """Every page leads to the set-up; after it the administrator stands in the office, with the pack's roles.

    `verify_operation` needs somebody to sign in before; here the records are compared with the tables themselves.
    """
    client = empty.test_client()
    assert client.get("/signin").headers["Location"] == "/setup"
    assert client.get("/").headers["Location"] == "/setup"
    page = client.get("/setup").text
    assert "Asia/Shanghai" in page and 'name="password"' in page
    answer = client.post("/setup", data=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/people")
    assert "周雨桐" in client.get("/people").text
    assert "场务" in client.get("/people/new").text
    db.session.rollback()
    assert stored() == projected()
    assert db.session.scalars(select(Site)).one().time_zone == "Asia/Shanghai"


def test_without_the_pack_it_can_be_loaded_later(empty: Flask) -> None:
    """A house without roles says so, and one press brings them."""
    client = empty.test_client()
    assert client.post("/setup", data={**FORM, "pack": ""}).status_code == 303
    assert 'action="/starter"' in client.get("/people").text
    assert client.post("/starter").status_code == 303
    assert 'action="/starter"' not in client.get("/people").text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("site_name", " ", "1 到 80"),
        ("site_name", "长" * 81, "1 到 80"),
        ("name", "", "1 到 80"),
        ("login", "\t ", "1 到 80"),
        ("time_zone", "Mars/Olympus", "时区"),
        ("time_zone", "../etc/passwd", "时区"),
        ("password", "1234567", "8 个字符"),
        ("password", "88888888", "太常见"),
        ("again", "something else", "不一样"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(empty: Flask, field: str, typed: str, said: str) -> None:
    """Nothing is made, nothing that was typed is lost but the password."""
    client = empty.test_client()
    answer = client.post("/setup", data={**FORM, field: typed}, headers={"Accept-Language": "zh"})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text and said in answer.text
    kept = "name" if field != "name" else "site_name"
    assert f'value="{FORM[kept]}"' in answer.text and FORM["password"] not in answer.text
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_it_happens_once(app: Flask, cast: Cast) -> None:
    """Said twice, or by an outsider to a house that stands: refused; the page leads to the sign-in."""
    names = {"site_name": "x", "time_zone": "UTC", "name": "x", "login": "x", "password_hash": HASH}
    refuses("already_set_up", lambda: set_up_site(new_id(), **names))
    client = app.test_client()
    assert client.get("/setup").headers["Location"] == "/signin"
    assert client.post("/setup", data=FORM).headers["Location"] == "/signin"
    assert client.get("/people").status_code == 303


def test_a_device_founds_nothing(cast: Cast, device: Callable[[str], WireDevice]) -> None:
    """Nor does an administrator's, who then would have two houses."""
    data: dict[str, Any] = {
        "site_id": str(new_id()), "person_id": str(new_id()), "site_name": "x", "time_zone": "UTC", "name": "x", "login": "x",
        "password_hash": HASH,
    }  # fmt: skip
    verdict = device("admin").say(found_site.type, data)
    assert (verdict["status"], verdict["code"]) == ("rejected", "office_only")
