"""Lists and their items as cases and exceptions name them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.subjects import Subject, tells_of_operations, tells_of_things
from app.checklists import judge, telling
from app.checklists.models import ChecklistRun, ChecklistTemplate
from app.checklists.sheet import templates_of
from app.checklists.targets import Target, targets_of
from app.documents.models import select_documents
from app.lib.ids import Id, parse_id
from app.lib.words import pick, t
from app.sync.models import Operation

Known = dict[Id, tuple[ChecklistRun, ChecklistTemplate, Target | None]]


def subjects_of_operations(session: Session, operations: list[Operation]) -> dict[Id, Subject]:
    """Each operation about a list: the item or the list, what was said, and the pictures that came with it."""
    known = _runs(session, {id for operation in operations if (id := parse_id(operation.data.get("run_id")))})
    units = {unit.id: unit.body for unit in select_documents(session, "unit")}
    found = {}
    for operation in operations:
        run_id = parse_id(operation.data.get("run_id"))
        if run_id in known:
            found[operation.id] = _tell(operation, *known[run_id], units)
    return found


def _tell(
    operation: Operation, run: ChecklistRun, template: ChecklistTemplate, target: Target | None, units: telling.Units
) -> Subject:
    data = operation.data
    item = template.items.get(str(data.get("item_id")))
    facts = [(t("office.checklists.head_list"), pick(template.document))]
    if target is not None:
        facts.append((t("office.checklists.head_show"), target.title))
    if item is not None and data.get("verdict"):
        verdict = (
            data["verdict"]
            if data["verdict"] in (judge.NA, judge.CLEARED)
            else judge.judge(item, data.get("value"), data["verdict"])
        )
        facts.append((t("office.checklists.head_answer"), telling.answer(item, {**data, "verdict": verdict}, units)))
    if data.get("note") or data.get("reason"):
        facts.append((t("office.checklists.csv_note"), str(data.get("note") or data["reason"])))
    href = f"/lists/{run.id}" + (f"#item-{item['id']}" if item else "")
    title = pick(item) if item else pick(template.document)
    return Subject(title, _place(template, target), href, facts, list(data.get("photos") or ()))


def subjects_of_items(session: Session, site_id: Id, names: list[str]) -> dict[str, Subject]:
    """`<run>/<item>` → the item and its list."""
    known = _runs(session, {id for name in names if (id := parse_id(name.partition("/")[0]))})
    found = {}
    for name in names:
        run_id, _, item_id = name.partition("/")
        if (id := parse_id(run_id)) in known:
            _, template, target = known[id]
            item = template.items.get(item_id)
            found[name] = Subject(pick(item) if item else item_id, _place(template, target), f"/lists/{run_id}#item-{item_id}")
    return found


def subjects_of_runs(session: Session, site_id: Id, names: list[str]) -> dict[str, Subject]:
    """A run's id → its list."""
    known = _runs(session, {id for name in names if (id := parse_id(name))})
    return {
        str(id): Subject(pick(template.document), target.title if target else run.title or "", f"/lists/{id}")
        for id, (run, template, target) in known.items()
    }


def _place(template: ChecklistTemplate, target: Target | None) -> str:
    name = pick(template.document)
    return f"{name} · {target.title}" if target else name


def _runs(session: Session, ids: Iterable[Id]) -> Known:
    runs = list(session.scalars(select(ChecklistRun).where(ChecklistRun.id.in_(list(ids)))))
    templates = templates_of(session, runs)
    targets: dict[Id, Target] = {}
    for site_id in {run.site_id for run in runs}:
        targets |= targets_of(session, site_id, {(run.target_kind, run.target_id) for run in runs})
    return {run.id: (run, templates[run.template_id], targets.get(run.target_id) if run.target_id else None) for run in runs}


tells_of_operations("checklists", subjects_of_operations)
tells_of_things("checklist_item", subjects_of_items)
tells_of_things("checklist_run", subjects_of_runs)
