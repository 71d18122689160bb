"""What devices are told of lists; each renderer takes many ids and asks a constant number of questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, tuple_
from sqlalchemy.orm import Session

from app.cases.models import OPEN as CASE_OPEN
from app.cases.models import Case
from app.checklists import judge
from app.checklists.models import ACCEPTED, CANCELLED, DONE, ChecklistReference, ChecklistRun, ChecklistTemplate, ItemState
from app.checklists.sheet import known_items, known_runs, newest_by_code, select_assignees, state_of, templates_of
from app.lib.ids import Id, parse_id
from app.sync import Placed, buckets, record

CASE = cast(Table, Case.__table__)
CASES = (
    select(CASE.c.about_id, CASE.c.id, CASE.c.no, CASE.c.status)
    .where(CASE.c.about_kind == "checklist_item", CASE.c.about_id.in_(bindparam("ids", expanding=True)))
    .order_by(CASE.c.no)
)


@record("checklist_template")
def render_templates(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Every version ever used stays: a run keeps its own (CHK-1)."""
    rows = session.scalars(select(ChecklistTemplate).where(ChecklistTemplate.id.in_(ids)))
    return {row.id: [Placed(buckets.org(), row.document)] for row in rows}


@record("checklist_reference")
def render_references(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """How items should look, by `<list>/<item>`: with the lists themselves, so on every device that may have them."""
    keys = [tuple(id.split("/")) for id in ids if id.count("/") == 1]
    rows = session.scalars(
        select(ChecklistReference).where(tuple_(ChecklistReference.code, ChecklistReference.item_id).in_(keys))
    )
    return {
        f"{row.code}/{row.item_id}": [
            Placed(buckets.org(), {"code": row.code, "item_id": row.item_id, "sha": row.sha, "by": str(row.by), "at": row.at})
        ]
        for row in rows
    }


@record("checklist_run")
def render_runs(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Runs with progress, score, what they wait for, and the state an accepter's decision rests on."""
    runs = known_runs(session, [id for id in map(parse_id, ids) if id is not None])
    templates = templates_of(session, runs)
    items = _items_by_run(session, runs)
    assignees = _assignees_by_run(session, runs)
    needed = _needed(session, runs, templates)
    return {
        str(run.id): [
            Placed(
                buckets.site(run.site_id),
                show_run(run, templates[run.template_id], items[run.id], assignees[run.id], needed[run.id]),
            )
        ]
        for run in runs
    }


def show_run(
    run: ChecklistRun,
    template: ChecklistTemplate,
    items: list[ItemState],
    assignees: list[str],
    needs: list[dict[str, Any]],
) -> dict[str, Any]:
    """One run as devices and office pages read it."""
    shown = {item.item_id: item.shown() for item in items}
    counts = judge.progress(template.document, shown)
    counts.pop("total")
    counts["late"] = sum(1 for item in items if any(answer["late"] for answer in item.answers or ()))
    done = run.status in (DONE, ACCEPTED)
    return {
        "id": str(run.id),
        "template": run.template_id,
        "code": run.code,
        "show_id": str(run.target_id) if run.target_kind == "show" else None,
        "title": run.title,
        "anchor_at": run.anchor_at,
        "start_at": run.start_at,
        "due_at": run.due_at,
        "repeat_min": run.repeat_min,
        "round": run.round,
        "first_run_id": str(run.first_run_id) if run.first_run_id else None,
        "status": run.status,
        "rejected": run.rejected,
        "assignees": assignees,
        "needs": needs,
        "state": state_of(run, items),
        "finished": run.finished,
        "accepted": run.accepted,
        "result": judge.result(template.document, shown, done=done),
        "score": judge.score(template.document, shown) if done else None,
        "flags": run.flags or [],
        "counts": counts,
        "started_by": str(run.started_by) if run.started_by else None,
        "cancelled": run.cancelled,
    }


def _items_by_run(session: Session, runs: Iterable[ChecklistRun]) -> dict[Id, list[ItemState]]:
    found: dict[Id, list[ItemState]] = defaultdict(list)
    for item in known_items(session, [run.id for run in runs]):
        found[item.run_id].append(item)
    return found


def _assignees_by_run(session: Session, runs: Iterable[ChecklistRun]) -> dict[Id, list[str]]:
    by_site: dict[Id, list[Id]] = defaultdict(list)
    for run in runs:
        by_site[run.site_id].append(run.id)
    found: dict[Id, list[str]] = defaultdict(list)
    for site_id, run_ids in by_site.items():
        for run_id, person_id in select_assignees(session, site_id, run_ids):
            found[run_id].append(str(person_id))
    return found


def _needed(
    session: Session, runs: list[ChecklistRun], templates: dict[str, ChecklistTemplate]
) -> dict[Id, list[dict[str, Any]]]:
    """What each run waits for: the run of the same target that was made last counts; none is left when cancelled."""
    targets = {(run.target_kind, run.target_id) for run in runs if run.target_id is not None and templates[run.template_id].needs}
    by_target: dict[tuple[str | None, Id | None], list[ChecklistRun]] = defaultdict(list)
    if targets:
        query = select(ChecklistRun).where(
            tuple_(ChecklistRun.target_kind, ChecklistRun.target_id).in_(sorted(targets, key=str)),
            ChecklistRun.status != CANCELLED,
        )
        for other in session.scalars(query.order_by(ChecklistRun.made_at, ChecklistRun.id)):
            if other.round in (None, 1):
                by_target[other.target_kind, other.target_id].append(other)
    found: dict[Id, list[dict[str, Any]]] = {}
    for run in runs:
        newest = newest_by_code(by_target[run.target_kind, run.target_id])
        codes = templates[run.template_id].needs if run.target_id is not None else []
        found[run.id] = [
            {
                "code": code,
                "run_id": str(newest[code].id) if code in newest else None,
                "accepted_at": newest[code].accepted_at if code in newest else None,
            }
            for code in codes
        ]
    return found


@record("checklist_item")
def render_items(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Items somebody touched. Of contested answers everybody learns that they are, only leads what they say (CHK-7)."""
    rows = _item_rows(session, ids)
    cases: dict[str, dict[str, Any]] = {}
    for about_id, id, no, status in session.connection().execute(CASES, {"ids": list(rows)}):
        known = cases.get(about_id)
        if known is None or known["status"] != CASE_OPEN:
            cases[about_id] = {"id": str(id), "no": no, "status": status}
    return {name: [Placed(buckets.site(row.site_id), _show_item(name, row, cases.get(name)))] for name, row in rows.items()}


def _show_item(name: str, row: ItemState, case: dict[str, Any] | None) -> dict[str, Any]:
    answers = row.answers or []
    shown = {
        "run_id": name.partition("/")[0],
        "item_id": row.item_id,
        "state": row.state,
        "answers": [{name: a[name] for name in ("id", "by", "at")} for a in answers] if row.contested else answers,
        "contested": bool(row.contested),
    }
    # Most items have none of these, and every answer of everybody brings the whole record.
    rare = (("decided", row.decided), ("waiver", row.waiver), ("case", case), ("sent_back", row.sent_back))
    return shown | {name: value for name, value in rare if value is not None}


@record("contested_item")
def render_contested(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Contested answers in full, for those who decide; the record goes once one stands."""
    return {
        name: [
            Placed(
                buckets.lead(row.site_id),
                {"run_id": str(row.run_id), "item_id": row.item_id, "state": row.state, "answers": row.answers},
            )
        ]
        for name, row in _item_rows(session, ids).items()
        if row.contested
    }


def _item_rows(session: Session, ids: list[str]) -> dict[str, ItemState]:
    """Rows of `<run>/<item>` ids, by id."""
    by_run: dict[Id, dict[str, str]] = defaultdict(dict)
    for name in ids:
        run_id, _, item_id = name.partition("/")
        if (run := parse_id(run_id)) is not None:
            by_run[run][item_id] = name
    found = {by_run[row.run_id].get(row.item_id): row for row in known_items(session, by_run)}
    return {name: row for name, row in found.items() if name is not None}
