"""The demo site: made by operations, the same each time, taken away by one command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.demo.cast import EVERYBODY, PASSWORD
from app.demo.loading import NotEmpty, is_loaded, load
from app.demo.steps import empty_installation
from app.demo.story import tonight
from app.devices.board import select_rows
from app.ledger.models import Balance, Movement
from app.ledger.select import rebuilt
from app.lib import clock
from app.lib.clock import DAY, HOUR, MINUTE
from app.lib.db import Model, db, writer
from app.lib.ids import Id
from app.people.access import first_site, roles_at
from app.people.models import find_by_login
from app.people.passwords import is_right
from app.stock.codes import check_digit_ok
from app.stock.counting import CountResult, access_stock_take
from app.stock.select import load_review
from app.sync.models import Blob, BlobUse, Meta, Operation, Record
from tests.conftest import make_tables, projected, stored

NOW = 1_790_000_123_456
pytestmark = pytest.mark.xdist_group("demo")  # playing it takes longer than looking at it


@contextmanager
def installation(folder: Path) -> Iterator[Flask]:
    """The app on a folder, inside its context."""
    app = create_app({"DATA_DIR": str(folder), "TESTING": True})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        writer().engine.dispose()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo just made; each test gets a copy."""
    folder = tmp_path_factory.mktemp("demo") / "instance"
    with installation(folder), clock.at(NOW):
        make_tables()
        load()
    return folder


@pytest.fixture
def demo(played: Path, tmp_path: Path) -> Iterator[Flask]:
    folder = tmp_path / "demo"
    shutil.copytree(played, folder)
    with installation(folder) as app:
        yield app


def records(kind: str) -> list[Any]:
    return [orjson.loads(data) for data in db.session.scalars(select(Record.data).where(Record.kind == kind))]


def runs_by_show() -> dict[str, dict[str, Any]]:
    titles = {show["id"]: show for show in records("show")}
    found: dict[str, dict[str, Any]] = {"yesterday": {}, "tonight": {}, "next week": {}}
    for run in records("checklist_run"):
        away = titles[run["show_id"]]["starts_at"] - NOW
        when = "yesterday" if away < 0 else "tonight" if away < DAY else "next week"
        found[when][f"{run['code']}/{run['round'] or 1}"] = run
    return found


def test_it_shows_every_state_of_a_list(demo: Flask) -> None:
    """Yesterday's all signed, tonight's safety signed and set half built, next week's only planned."""
    shows = runs_by_show()
    assert {run["status"] for run in shows["yesterday"].values()} == {"accepted"}
    assert len([name for name in shows["yesterday"] if name.startswith("CL-AIR")]) == 8
    assert {run["status"] for run in shows["next week"].values()} == {"scheduled"}
    tonight_ = {name.split("/")[0]: run for name, run in shows["tonight"].items()}
    signed = {code for code, run in tonight_.items() if run["status"] == "accepted"}
    assert signed == {"CL-SAFE", "CL-SMP", "CL-DOC"}
    assert (tonight_["CL-SET"]["status"], tonight_["CL-SET"]["counts"]["fail"]) == ("open", 1)
    assert 0 < tonight_["CL-SET"]["counts"]["pass"] < 18
    assert [case["status"] for case in sorted(records("case"), key=lambda c: c["no"])] == ["closed", "open"]
    assert {one["code"] for one in records("exception")} == {
        "after_acceptance", "unknown_code", "below_zero", "after_close",
    }  # fmt: skip


def test_tonight_is_in_about_three_hours() -> None:
    """On a full ten minutes."""
    for now in (NOW, NOW + 7 * MINUTE, NOW - NOW % (10 * MINUTE)):
        assert 3 * HOUR <= tonight(now) - now < 3 * HOUR + 10 * MINUTE
        assert tonight(now) % (10 * MINUTE) == 0


def test_everybody_signs_in_with_the_same_password(demo: Flask) -> None:
    """Somebody in every role of the pack."""
    held: set[str] = set()
    for who in EVERYBODY:
        person = find_by_login(db.session(), who.login)
        assert person is not None and person.name == who.name
        held |= roles_at(db.session(), person.id, NOW)
    assert is_right(person.password_hash, PASSWORD)
    assert held == {role["id"] for role in records("role")}


def test_its_log_is_a_real_one(demo: Flask) -> None:
    """Made by operations: nothing rejected, nothing from the future, times in order, records equal the tables (I6)."""
    statuses = dict(db.session.execute(select(Operation.status, func.count()).group_by(Operation.status)).all())
    assert set(statuses) == {"applied", "noted"} and 1 < statuses["noted"] < 8
    assert db.session.scalar(select(func.max(Operation.received_at))) <= NOW
    assert not db.session.scalars(select(Operation.id).where(Operation.happened_at > Operation.received_at)).all()
    assert stored() == projected()


def test_its_pictures_are_there(demo: Flask) -> None:
    """Every photo and signature that a record names was kept and can be shown."""
    named = set(db.session.scalars(select(BlobUse.sha)))
    assert named and named <= set(db.session.scalars(select(Blob.sha)))


def test_the_same_moment_gives_the_same_story(demo: Flask, tmp_path: Path) -> None:
    """Deterministic: ids, values and times, so that pictures of screens can be compared."""
    first = {(r["code"], r["round"], r["show_id"]): (r["counts"], r["due_at"], r["id"]) for r in records("checklist_run")}
    answers = [(a["id"], a["value"], a["at"]) for item in records("checklist_item") for a in item["answers"] if a["value"]]
    db.session.remove()
    with installation(tmp_path / "again"):
        make_tables()
        with clock.at(NOW):
            load()
        again = {(r["code"], r["round"], r["show_id"]): (r["counts"], r["due_at"], r["id"]) for r in records("checklist_run")}
        devices = [(a["id"], a["value"], a["at"]) for item in records("checklist_item") for a in item["answers"] if a["value"]]
    assert again == first
    assert {a[1:] for a in devices} == {a[1:] for a in answers}


def test_it_goes_only_into_an_empty_house(demo: Flask) -> None:
    """Taking it away empties the installation, so it must never have been somebody's."""
    with pytest.raises(NotEmpty):
        load()


def test_it_is_removed_without_a_trace(demo: Flask) -> None:
    """Every row and picture; a new epoch, so that filled devices begin anew."""
    before = db.session.scalar(select(Meta.value).where(Meta.key == "epoch"))
    assert is_loaded()
    db.session.remove()
    empty_installation()
    counts = {t.name: db.session.scalar(select(func.count()).select_from(t)) for t in Model.metadata.sorted_tables}
    assert {name for name, count in counts.items() if count} == {"meta"}
    assert db.session.scalar(select(Meta.value).where(Meta.key == "epoch")) != before
    assert not [name for name in ("blobs", "imports") if (Path(demo.config["DATA_DIR"]) / name).exists()]
    assert not is_loaded()


def test_the_command_says_when_there_is_nothing_to_do(demo: Flask) -> None:
    """Exit status 1 with one sentence; `remove` touches nothing that is not the demo."""
    db.session.remove()
    environment = {"DATA_DIR": demo.config["DATA_DIR"], "PATH": ""}

    def run(verb: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.demo", verb]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert run("load").returncode == 1
    assert run("remove").returncode == 0
    again = run("remove")
    assert (again.returncode, again.stderr.strip()) == (1, "There is no demo here; nothing was removed.")


def test_its_devices_were_heard_a_little_while_ago(demo: Flask) -> None:
    """`/devices` is calm: nothing is silent, behind or unsafe; another start changes nothing of it."""
    site = first_site(db.session())
    assert site is not None
    with clock.at(NOW):
        rows = select_rows(db.session(), site.id)
        assert {row.state for row in rows} == {"fine"} and all(row.people for row in rows)
    ages = [(NOW - (row.device.heard_at or 0)) // MINUTE for row in rows]
    assert len(ages) == 9 and min(ages) >= 1
    assert sorted(ages)[-2] <= 15 and 60 <= max(ages) <= 90, "some minutes ago, and one about an hour"
    heard = {row.device.id: row.device.heard_at for row in rows}
    with clock.at(NOW + DAY), pytest.raises(NotEmpty):
        load()
    assert {row.device.id: row.device.heard_at for row in select_rows(db.session(), site.id)} == heard


def test_its_warehouse_is_alive(demo: Flask) -> None:
    """2,000 products with right check digits, 300 bins, a month of movements; every balance is the sum of its postings (I6)."""
    products, bins = records("product"), records("bin")
    assert (len(products), len(bins)) == (2000, 300)
    codes = [code["code"] for product in products for code in product["codes"]]
    assert len(set(codes)) == len(codes) > 2000 and all(map(check_digit_ok, codes))
    assert max(len(product["zh"]) for product in products) > 10
    site = first_site(db.session())
    assert site is not None
    sums = rebuilt(db.session(), site.id)
    kept = {one.holding: one.quantity for one in db.session.scalars(select(Balance))}
    assert sums == kept
    below = [(holding.account, quantity) for holding, quantity in kept.items() if quantity < 0 and not holding.is_outer]
    assert below == [(f"bin:{one['id']}", -2) for one in bins if one["locked"]] and len(below) == 1, "an exception waits for it"
    kinds = dict(db.session.execute(select(Movement.kind, func.count()).group_by(Movement.kind)).all())
    assert kinds["receipt"] > 2000 and min(kinds[name] for name in ("transfer", "issue_order", "issue_show")) > 20


def test_its_counts_are_in_every_state(demo: Flask) -> None:
    """Three were adjusted, yesterday's waits for its reviewer, today's is half done by people who count blind."""
    takes = sorted(records("stock_take"), key=lambda take: take["no"])
    assert [take["status"] for take in takes] == ["adjusted", "adjusted", "adjusted", "review", "counting"]
    assert (takes[-1]["done"], takes[-1]["bins"], takes[-1]["blind"]) == (4, 10, True)
    results = db.session.scalars(select(CountResult)).all()
    assert {result.outcome for result in results} >= {"matched", "adjusted"} and len(results) > 60
    site = first_site(db.session())
    assert site is not None
    review = load_review(db.session(), access_stock_take(db.session(), site.id, Id(takes[3]["id"])))
    assert {line.outcome for line in review.lines} >= {"matched", "recount"} and len(review.unknown) == 1
