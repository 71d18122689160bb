"""The button that loads the starter pack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from app.lib.db import db, writer
from app.lib.ids import new_id
from app.people.models import Role
from app.people.operations import set_up_site
from app.people.passwords import hashed
from tests.conftest import make_tables


def test_a_new_house_gets_its_content_by_one_button(tmp_path: Path) -> None:
    """After the first run there is an administrator and nothing else; one press brings roles, lists and texts."""
    app = create_app({"DATA_DIR": str(tmp_path / "new"), "TESTING": True})
    with app.app_context():
        make_tables()
        set_up_site(
            new_id(), site_name="新基地", time_zone="Asia/Shanghai", name="周雨桐", login="admin",
            password_hash=hashed("a-long-password"),
        )  # fmt: skip
        client = app.test_client()
        assert client.post("/signin", data={"login": "admin", "password": "a-long-password"}).status_code == 303
        answer = client.post("/starter")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/people")
        db.session.remove()
        assert db.session.scalar(select(func.count()).select_from(Role)) == 26
        db.session.remove()
        db.engine.dispose()
        writer().engine.dispose()


@pytest.mark.parametrize(("login", "status"), [("admin", 303), ("logistics_manager", 403), ("stagehand", 403)])
def test_only_whoever_manages_people_may(as_: Callable[[str], FlaskClient], login: str, status: int) -> None:
    """Another role: 403."""
    assert as_(login).post("/starter").status_code == status


def test_signed_out_it_asks_to_sign_in(client: FlaskClient) -> None:
    """And changes nothing."""
    assert client.post("/starter").headers["Location"].startswith("/signin")
