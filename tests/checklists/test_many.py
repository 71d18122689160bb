"""Answers in a run are judged as they would be one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.checklists.models import ChecklistTemplate, select_answers, select_items
from app.checklists.operations import answer_item, start_run
from app.checklists.sheet import access_sheet
from app.lib.db import db, writer
from app.lib.ids import Id, new_id
from tests.checklists.conftest import PHOTO, Tonight

ITEMS = ("SAFE-F1", "SAFE-F2", "SAFE-F3", "SAFE-E1", "SAFE-E2", "SAFE-S2", "SAFE-S3", "SAFE-P1", "NOPE")
ANSWERS = st.fixed_dictionaries(
    {
        "item_id": st.sampled_from(ITEMS),
        "verdict": st.sampled_from(["pass", "pass", "pass", "fail", "na", "cleared"]),
        "value": st.sampled_from([None, "75", "130", "x"]),
        "reason": st.sampled_from([None, "没有"]),
        "photos": st.sampled_from([[], [PHOTO]]),
    }
)


class Twin:
    """The same list worked on by the same two devices, by `many` or singly."""

    def __init__(self, tonight: Tonight, one: Any, two: Any) -> None:
        self.tonight, self.one, self.two = tonight, one, two
        self.run_id = new_id()
        start_run(tonight.cast.safety_officer, run_id=self.run_id, template="CL-SAFE")

    def push(self, tablet: Any, answers: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        ops = [
            tablet.op("checklists.answer_item", {"run_id": str(self.run_id), **answer}, blobs=answer["photos"])
            for answer in answers
        ]
        verdicts = tablet.send(*ops)["verdicts"]
        return [(v["status"], v["code"], self._plain(v["facts"]), v["n"]) for v in verdicts]

    def _plain(self, facts: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in facts.items() if name != "run_id"}

    def outcome(self) -> Any:
        """What stands and what was, without the ids that differ."""
        names = ("verdict", "value", "reason", "photos", "by", "late", "unverified")
        items = {
            row.item_id: ([{n: a[n] for n in names} for a in row.answers], row.contested)
            for row in select_items(self.tonight.fresh(), [self.run_id])
        }
        history = [
            (a.item_id, a.verdict, a.value, a.current, a.superseded_at is None)
            for a in select_answers(db.session(), self.tonight.site_id, self.run_id)
        ]
        run = self.tonight.record("checklist_run", self.run_id)
        return items, history, run["counts"], run["flags"], run["status"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(ANSWERS, max_size=3), run=st.lists(ANSWERS, min_size=2, max_size=8))
def test_many_gives_the_verdicts_of_the_single_form(
    tonight: Tonight,
    device: Callable[[str], Any],
    before: list[dict[str, Any]],
    run: list[dict[str, Any]],
) -> None:
    """sync.md §3: the same verdicts, the same items, the same history, for any run of answers (CHK-3 … CHK-10)."""
    one, two = pair(tonight, device)
    by_many, singly = Twin(tonight, one, two), Twin(tonight, one, two)
    many = answer_item.many
    found = [by_many.push(two, before), by_many.push(one, run)]
    answer_item.many = None
    try:
        expected = [singly.push(two, before), singly.push(one, run)]
    finally:
        answer_item.many = many
    assert found == expected
    assert by_many.outcome() == singly.outcome()


def pair(tonight: Tonight, device: Callable[[str], Any]) -> tuple[Any, Any]:
    """Two devices, enrolled once for all examples."""
    if not hasattr(tonight, "pair"):
        tonight.pair = (device("safety_officer"), device("shift_lead"))  # type: ignore[attr-defined]  # kept on the fixture for the next call
    return tonight.pair  # type: ignore[attr-defined, no-any-return]  # kept on the fixture for the next call


def test_a_run_costs_a_constant_number_of_statements(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """quality.md: ten answers in two lists cost as many statements as forty in eight."""
    tablet = device("warehouse_keeper")
    statements(tonight, tablet, 1)
    assert len(statements(tonight, tablet, 2)) == len(statements(tonight, tablet, 8))


def test_the_text_of_a_version_is_read_once(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """CHK-1: a version never changes, so pushes share what was read of it."""
    tablet = device("warehouse_keeper")
    statements(tonight, tablet, 1)
    assert not [said for said, _ in statements(tonight, tablet, 2) if "checklist_template.document" in said]


@pytest.mark.sqlite
def test_a_push_finds_everything_by_an_index(tonight: Tonight, device: Callable[[str], Any]) -> None:
    """quality.md: what was stored before costs a push nothing."""
    tablet = device("warehouse_keeper")
    plans = [plan for said, values in statements(tonight, tablet, 2) for plan in plan_of(said, values)]
    assert len(plans) > 10
    assert [plan for plan in plans if plan.startswith("SCAN") and plan not in READ_TO_THE_FIRST_ROW] == []


def test_another_text_under_the_same_name_is_read_anew(tonight: Tonight) -> None:
    """The site is restored, and the list made again: the version has its old name and not its old text."""
    run_id = new_id()
    start_run(tonight.cast.warehouse_keeper, run_id=run_id, template="CL-WHC")
    before = access_sheet(tonight.fresh(), tonight.site_id, run_id).template
    with writer().session() as session:
        row = session.get(ChecklistTemplate, before.id)
        assert row is not None
        row.document, row.sha = {**row.document, "owner_role": "buyer"}, "0" * 64
    after = access_sheet(tonight.fresh(), tonight.site_id, run_id).template
    assert (before.owner_role, after.owner_role) == ("warehouse_keeper", "buyer")


READ_TO_THE_FIRST_ROW = {"SCAN CONSTANT ROW", "SCAN waiting"}


def plan_of(statement: str, values: Any) -> list[str]:
    """How SQLite means to find what a statement asks for."""
    if not statement.startswith(("SELECT", "UPDATE")):
        return []
    with writer().engine.connect() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]


def statements(tonight: Tonight, tablet: Any, runs: int) -> list[tuple[str, Any]]:
    """What a push of five answers in each of so many lists asks the database, with the values it names."""
    ops = []
    for _ in range(runs):
        run_id = new_id()
        start_run(tonight.cast.warehouse_keeper, run_id=run_id, template="CL-WHC")
        ops += [said(tablet, run_id, item) for item in ("WHC-A2", "WHC-A4", "WHC-A5", "WHC-B1", "WHC-B3")]
    seen: list[tuple[str, Any]] = []
    heard = lambda connection, cursor, statement, values, *_: seen.append((statement, values))  # noqa: E731
    event.listen(writer().engine, "before_cursor_execute", heard)
    verdicts = tablet.send(*ops)["verdicts"]
    event.remove(writer().engine, "before_cursor_execute", heard)
    assert {v["status"] for v in verdicts} == {"applied"}
    return seen


def said(tablet: Any, run_id: Id, item_id: str) -> Any:
    return tablet.op("checklists.answer_item", {"run_id": str(run_id), "item_id": item_id, "verdict": "pass"})
