"""What shows and other features may make happen to lists, and what the verbs of lists share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any
from uuid import uuid5

from sqlalchemy import delete, select, update

from app.cases.models import HANDOVER, Case
from app.cases.steps import close_exception, find_open_exceptions, open_case, when_exception
from app.checklists import judge
from app.checklists.models import (
    ACCEPTED,
    AFTER_ACCEPTANCE,
    AFTER_CLOSE,
    CANCELLED,
    DONE,
    ITEMS,
    OPEN,
    SCHEDULED,
    ChecklistAcceptance,
    ChecklistAssignee,
    ChecklistItem,
    ChecklistParticipant,
    ChecklistRun,
    ChecklistTemplate,
    ItemState,
    newest_template,
    select_newest_templates,
    select_runs_of,
)
from app.checklists.sheet import Sheet, forget_sheets, keep_sheet, sheets
from app.lib.clock import MINUTE
from app.lib.db import insert_rows
from app.lib.ids import Id, new_id, parse_id
from app.people.access import names_of
from app.sync import Tx, after
from app.sync.engine import as_values, decided
from app.sync.models import Operation
from app.sync.unit import Judged

COLUMNS = tuple(ITEMS.c.keys())
values_of = attrgetter(*COLUMNS)
CHANGING = tuple(name for name in COLUMNS if name not in ("site_id", "run_id", "item_id"))


def keep_template(tx: Tx, document: Mapping[str, Any], sha: str) -> ChecklistTemplate | None:
    """Keep a list's text: the same text changes nothing (None), another text is the next version (CHK-1).

    The version of the file is where counting begins; runs keep the version they have.
    """
    code = str(document["code"])
    newest = newest_template(tx.session, code)
    if newest is not None and newest.sha == sha:
        return None
    version = int(document["version"]) if newest is None else max(newest.version + 1, int(document["version"]))
    template = ChecklistTemplate(
        id=f"{code}@{version}",
        code=code,
        version=version,
        document={**document, "version": version},
        sha=sha,
        made_at=tx.now,
    )
    tx.session.add(template)
    tx.session.flush()
    tx.publish("checklist_template", template.id)
    tx.log_step("checklists.keep_template", template=template.id, sha=sha)
    return template


def new_run(tx: Tx, run_id: Id, template: ChecklistTemplate, **values: Any) -> ChecklistRun:
    """A run of this template version (CHK-1: it keeps it), not begun."""
    run = ChecklistRun(
        site_id=tx.site_id,
        id=run_id,
        template_id=template.id,
        code=template.code,
        repeat_min=template.document["repeat_min"],
        round=1 if template.document["repeat_min"] else None,
        status=SCHEDULED,
        flags=[],
        made_at=tx.now,
    )
    for name, value in values.items():
        setattr(run, name, value)
    tx.session.add(run)
    tx.session.flush()
    tx.publish("checklist_run", run_id)
    return run


def lay_out_runs(tx: Tx, target_kind: str, target_id: Id, anchors: Mapping[str, int]) -> list[ChecklistRun]:
    """One run of every list whose anchor is named, timed by the template's offsets.

    Run ids follow from target and code, so laying out again from the log gives the same runs.
    """
    runs = []
    for template in select_newest_templates(tx.session):
        anchor_at = anchors.get(template.document["anchor"])
        if anchor_at is None:
            continue
        run = new_run(tx, run_id_of(target_id, template.code), template, target_kind=target_kind, target_id=target_id)
        _time(run, template, anchor_at)
        runs.append(run)
    tx.session.flush()
    forget_sheets(tx.session)
    return runs


def run_id_of(target_id: Id, code: str) -> Id:
    """The id of the run that is laid out of a list for a target."""
    return uuid5(target_id, code)


def move_runs(tx: Tx, target_kind: str, target_id: Id, anchors: Mapping[str, int]) -> list[ChecklistRun]:
    """Time the runs of a target anew that nobody has finished; what was answered late stays late (CHK-8)."""
    moved = []
    runs = select_runs_of(tx.session, tx.site_id, target_kind, [target_id])
    templates = {t.id: t for t in _templates(tx, {run.template_id for run in runs})}
    for run in runs:
        template = templates[run.template_id]
        anchor_at = anchors.get(template.document["anchor"])
        if anchor_at is None or run.status not in (SCHEDULED, OPEN):
            continue
        _time(run, template, anchor_at)
        tx.publish("checklist_run", run.id)
        moved.append(run)
    forget_sheets(tx.session)
    return moved


def cancel_runs(tx: Tx, target_kind: str, target_id: Id, reason: str) -> list[ChecklistRun]:
    """Close every run of a target that is not signed: its target is off."""
    closed = []
    for run in select_runs_of(tx.session, tx.site_id, target_kind, [target_id]):
        if not run.is_over():
            cancel(tx, run, reason)
            closed.append(run)
    forget_sheets(tx.session)
    return closed


def _templates(tx: Tx, ids: Iterable[str]) -> list[ChecklistTemplate]:
    return list(tx.session.scalars(select(ChecklistTemplate).where(ChecklistTemplate.id.in_(sorted(ids)))))


def _time(run: ChecklistRun, template: ChecklistTemplate, anchor_at: int) -> None:
    """Offsets are minutes from the anchor; a later round stands where its number puts it."""
    before = ((run.round or 1) - 1) * (run.repeat_min or 0) * MINUTE
    run.anchor_at = anchor_at
    run.start_at = anchor_at + template.document["start_offset_min"] * MINUTE + before
    run.due_at = anchor_at + template.document["due_offset_min"] * MINUTE + before


def cancel(tx: Tx, run: ChecklistRun, reason: str) -> None:
    """Mark one run as not needed any more; those that waited for it are told."""
    run.status = CANCELLED
    run.cancelled = {"by": str(tx.actor), "at": tx.happened_at, "reason": reason}
    tx.fire(f"run:{run.id}")  # who waited to finish it hears that there is nothing to finish
    publish_with_followers(tx, run)


# -- rounds ---------------------------------------------------------------------------------------------------------------


def make_round(tx: Tx, first: Sheet, number: int) -> Sheet:
    """The n-th round's own run, made by its first answer; due at start + n · repeat."""
    run, repeat = first.run, (first.run.repeat_min or 0) * MINUTE
    later = (number - 1) * repeat
    made = new_run(
        tx,
        judge.round_id(run.id, number),
        first.template,
        target_kind=run.target_kind,
        target_id=run.target_id,
        title=run.title,
        anchor_at=run.anchor_at,
        start_at=None if run.start_at is None else run.start_at + later,
        due_at=None if run.due_at is None else run.due_at + later,
        round=number,
        first_run_id=run.id,
    )
    sheet = Sheet(made, first.template)
    keep_sheet(tx.session, sheet)
    return sheet


# -- what verbs share -----------------------------------------------------------------------------------------------------


def begin(tx: Tx, run: ChecklistRun) -> None:
    """The first touch opens a run."""
    if run.status == SCHEDULED:
        run.status, run.started_by, run.started_at = OPEN, tx.actor, tx.happened_at


def take_part(tx: Tx, sheet: Sheet) -> None:
    """From now on finishing waits until this device was heard."""
    if tx.device_id is None or tx.device_id in sheet.devices:
        return
    tx.session.add(
        ChecklistParticipant(
            site_id=tx.site_id,
            run_id=sheet.run.id,
            device_id=tx.device_id,
            person_id=tx.actor,
            since_at=tx.happened_at,
        )
    )
    sheet.devices.add(tx.device_id)


def item_row(tx: Tx, sheet: Sheet, item_id: str) -> ItemState:
    """The item to be changed, made when somebody first touches it; `save_items` writes it."""
    row = sheet.items.get(item_id)
    if row is None:
        row = sheet.items[item_id] = ItemState(tx.site_id, sheet.run.id, item_id)
    sheet.touched.add(item_id)
    return row


def save_items(tx: Tx, sheets: Iterable[Sheet]) -> None:
    """Write the items that were touched, new or not, by one statement."""
    rows = []
    for sheet in sheets:
        rows += [dict(zip(COLUMNS, values_of(sheet.items[item_id]), strict=True)) for item_id in sorted(sheet.touched)]
        sheet.touched.clear()
    insert_rows(tx.session, ChecklistItem, rows, replace=CHANGING)


def publish_item(tx: Tx, sheet: Sheet, item_id: str) -> None:
    """The item, and its list's counts, state and result."""
    tx.publish("checklist_item", f"{sheet.name}/{item_id}")
    tx.publish("checklist_run", sheet.name)


def keep_item(tx: Tx, sheet: Sheet, item_id: str) -> None:
    """Write one changed item and tell everybody."""
    save_items(tx, [sheet])
    publish_item(tx, sheet, item_id)
    tx.about("checklist_run", sheet.name)


def publish_with_followers(tx: Tx, run: ChecklistRun) -> None:
    """The run, and every run of its target: those that wait for it show when it was accepted."""
    tx.publish("checklist_run", run.id)
    if run.target_id is not None and run.target_kind is not None:
        for other in select_runs_of(tx.session, run.site_id, run.target_kind, [run.target_id]):
            tx.publish("checklist_run", other.id)


def void_signature(tx: Tx, run: ChecklistRun, reason: str, *, status: str) -> None:
    """The signature no longer covers the run; it stays on file as voided (CHK-6, GEN-2)."""
    voided = {"voided_at": tx.happened_at, "voided_by": tx.actor, "void_reason": reason}
    tx.session.execute(
        update(ChecklistAcceptance)
        .where(
            ChecklistAcceptance.site_id == run.site_id,
            ChecklistAcceptance.run_id == run.id,
            ChecklistAcceptance.voided_at.is_(None),
        )
        .values(voided)
        .execution_options(synchronize_session=False)
    )
    run.accepted, run.accepted_at, run.status = None, None, status
    publish_with_followers(tx, run)


@when_exception(AFTER_ACCEPTANCE)
@when_exception(AFTER_CLOSE)
def flag_late_answer(tx: Tx, operation: Operation, facts: Mapping[str, Any]) -> None:
    """An answer came after the end: it changes nothing by itself, but who signs shall see it (CHK-6).

    One that fails voids a signature already given: it did not cover what was known on the floor.
    """
    run_id = parse_id(facts.get("run_id"))  # what else can close late, such as a stock take, names no run
    sheet = sheets(tx.session, tx.site_id, [run_id]).get(run_id) if run_id else None
    if sheet is None:
        return
    run = sheet.run
    run.flag(operation.code or AFTER_CLOSE)
    if run.status == ACCEPTED and facts.get("verdict") == judge.FAIL:  # rule: CHK-6
        void_signature(tx, run, AFTER_ACCEPTANCE, status=DONE)
    tx.publish("checklist_run", run.id)


def settle_contested(tx: Tx, answer_ids: Iterable[Id], kept: Id, reason: str | None) -> None:
    """A lead decided which answer stands: the exceptions of both end, and their devices hear it (CHK-7)."""
    ids = list(answer_ids)
    for exception in find_open_exceptions(tx, "contested", ids):
        close_exception(tx, exception.id, "settled", reason)
    rows = tx.session.scalars(select(Operation).where(Operation.id.in_(ids), Operation.code == "contested"))
    for row in rows:
        values = {**as_values(row), "n": row.n + 1}
        won = row.id == kept
        verdict = ("applied", None) if won else ("noted", "decided_otherwise")
        facts = {} if won else {**row.facts, "by": str(tx.actor)}
        tx.unit.rejudged[row.id] = Judged(decided(values, tx.now, verdict[0], verdict[1], facts, in_force=won))


@after("cases.close_case")
def show_closed_case(tx: Tx, actor: Id, *, case_id: Id, **_: Any) -> None:
    """An item shows how its case stands (CHK-9)."""
    case = tx.session.get(Case, (tx.site_id, case_id))
    if case is not None and case.about_kind == "checklist_item":
        tx.publish("checklist_item", case.about_id)


@after("people.end_employment")
def hand_over_lists(tx: Tx, actor: Id, *, person_id: Id, **_: Any) -> None:
    """Lists that are not over lose who left; one that was nobody else's becomes a case for whoever leads (PPL-2)."""
    session, site_id = tx.session, tx.site_id
    own = (ChecklistAssignee.site_id == site_id, ChecklistAssignee.person_id == person_id)
    mine = session.scalars(select(ChecklistAssignee.run_id).where(*own)).all()
    going_on = (ChecklistRun.site_id == site_id, ChecklistRun.id.in_(mine), ChecklistRun.status.not_in((ACCEPTED, CANCELLED)))
    left = session.scalars(select(ChecklistRun.id).where(*going_on).order_by(ChecklistRun.due_at, ChecklistRun.id)).all()
    gone = delete(ChecklistAssignee).where(*own, ChecklistAssignee.run_id.in_(left))
    session.execute(gone.execution_options(synchronize_session=False))  # rule: PPL-2
    others = select(ChecklistAssignee.run_id).where(ChecklistAssignee.site_id == site_id, ChecklistAssignee.run_id.in_(left))
    shared = set(session.scalars(others))
    name = names_of(session, [person_id])[person_id]
    for run_id in left:
        tx.publish("checklist_run", run_id)
        tx.about("checklist_run", run_id)
        tx.log_step("checklists.unassign_run", run_id=str(run_id), person_id=str(person_id))
        if run_id not in shared:
            about = ("checklist_run", str(run_id))
            open_case(tx, new_id(), kind=HANDOVER, severity="moderate", note=name, about=about, opened_by=actor)
