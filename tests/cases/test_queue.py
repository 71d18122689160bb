"""An exception is a case: it has a number, an owner and a due time, and the queue is narrowed to one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import select, text

from app import create_app
from app.cases import owning
from app.cases.models import OperationException
from app.checklists.operations import cancel_run
from app.lib import clock
from app.lib.clock import DAY, HOUR, now
from app.lib.db import writer
from app.lib.ids import Id, new_id
from app.people.operations import suspend_person
from app.people.rights import roles_with
from tests.cases.test_pages import fault
from tests.checklists.conftest import Tonight
from tests.checklists.conftest import tonight as tonight
from tests.house.test_migrations import MIGRATIONS

As = Callable[[str], FlaskClient]
Device = Callable[[str], Any]


def unlike(tonight: Tonight, device: Device, login: str = "safety_officer") -> OperationException:
    """An answer that reaches a cancelled list from a phone."""
    run_id = new_id()
    phone = device(login)
    phone.say("checklists.start_run", {"run_id": run_id, "template": "CL-SAFE"})
    cancel_run(tonight.cast.logistics_manager, run_id=run_id, reason="停播")
    verdict = phone.say("checklists.answer_item", {"run_id": str(run_id), "item_id": "SAFE-F3", "verdict": "pass"})
    assert verdict["code"] == "run_cancelled"
    query = select(OperationException).where(OperationException.operation_id == Id(verdict["id"]))
    found = tonight.fresh().scalar(query)
    assert found is not None
    return found


def test_it_is_numbered_with_the_cases(tonight: Tonight, device: Device) -> None:
    """One series a site: whoever says a number means one thing."""
    fault(tonight)
    first = unlike(tonight, device).no
    fault(tonight)
    assert (first, unlike(tonight, device).no) == (2, 4)


def test_it_has_an_owner_and_a_time(tonight: Tonight, device: Device) -> None:
    """GEN-3: the post nearest to the floor, another where that one said it; what has no effect waits for this shift."""
    found = unlike(tonight, device)
    assert (found.owner, found.due_at - found.opened_at) == ("shift_lead", 8 * HOUR)
    assert unlike(tonight, device, "shift_lead").owner == "logistics_manager"
    assert owning.due_at("order_unverified", in_force=True, opened_at=0) == DAY
    assert owning.due_at("contested", in_force=True, opened_at=0) == 8 * HOUR
    assert set(owning.posts()) == roles_with("exceptions.decide"), "an owner who may not decide would own it for good"


def test_mine_and_overdue(tonight: Tonight, device: Device, as_: As) -> None:
    """Narrowed to one's post; a vacant post is everybody's; what is too late says so."""
    page = f"/exceptions/{unlike(tonight, device).id}"
    lead, manager = as_("shift_lead"), as_("logistics_manager")
    assert page in lead.get("/exceptions?which=mine").text
    text = manager.get("/exceptions?which=mine").text
    assert page not in text and "没有归你定的" in text and "归我 0" in text and "全部 1" in text
    assert "归当班组长" in manager.get("/exceptions").text
    assert "已过期" not in lead.get(page).text and page not in lead.get("/exceptions?which=late").text
    with clock.at(now() + 9 * HOUR):
        assert "已过期" in as_("shift_lead").get("/exceptions?which=late").text
    suspend_person(tonight.cast.admin, person_id=tonight.cast.shift_lead, reason="休假")
    assert page in manager.get("/exceptions?which=mine").text


def test_cases_say_that_exceptions_wait(tonight: Tonight, device: Device, as_: As) -> None:
    """The same series in two places: each leads to the other, for whoever may go there."""
    unlike(tonight, device)
    assert "/exceptions" in as_("supervisor").get("/cases").text.split('id="page"')[1]
    assert "/exceptions" not in as_("director").get("/cases").text.split('id="page"')[1]


EARLIER = """INSERT INTO exception (site_id, id, operation_id, type, code, facts, "by", at, status, opened_at)
VALUES (:site, :id, :id, :type, 'after_close', '{}', :id, 1, 'open', :at)"""


CASE = """INSERT INTO "case" (site_id, id, no, kind, status, severity, about_kind, about_id, opened_by, opened_at)
VALUES (:site, :id, :no, 'fault', 'open', 'minor', 'x', 'x', :id, 1)"""


@pytest.mark.parametrize("cases", [0, 3])
def test_exceptions_from_before_go_on_after_the_last_case(tmp_path: Path, cases: int) -> None:
    """An older house is numbered on in the order of its exceptions."""
    app = create_app({"DATA_DIR": tmp_path})
    site = new_id().bytes
    with app.app_context():
        upgrade(str(MIGRATIONS), revision="0005")
        with writer().engine.begin() as connection:
            for no in range(1, cases + 1):
                connection.execute(text(CASE), {"site": site, "id": new_id().bytes, "no": no})
            for at, type in ((20, "stock.issue"), (10, "checklists.answer_item")):
                connection.execute(text(EARLIER), {"site": site, "id": new_id().bytes, "type": type, "at": at})
        upgrade(str(MIGRATIONS))
        with writer().engine.connect() as connection:
            rows = connection.execute(text("SELECT no, owner, due_at FROM exception ORDER BY no")).all()
        writer().engine.dispose()
    assert [tuple(row) for row in rows] == [
        (cases + 1, "shift_lead", 10 + DAY), (cases + 2, "logistics_manager", 20 + DAY),
    ]  # fmt: skip
