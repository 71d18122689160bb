"""The verbs of lists: facts from the floor are kept, decisions are checked (sync.md §1, CHK-1 … CHK-10)."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, insert, update

from app.cases.steps import open_case
from app.checklists import answering, judge, schemas
from app.checklists.models import (
    ACCEPTED,
    AFTER_ACCEPTANCE,
    CANCELLED,
    DONE,
    OPEN,
    ORDER_UNVERIFIED,
    SCHEDULED,
    ChecklistAcceptance,
    ChecklistAnswer,
    ChecklistAssignee,
    ChecklistReference,
    ChecklistRun,
    ChecklistTemplate,
    newest_template,
)
from app.checklists.sheet import Sheet, find_sheet, forget_sheets, sheet_of, sheets
from app.checklists.steps import (
    begin,
    cancel,
    item_row,
    keep_item,
    make_round,
    new_run,
    publish_item,
    publish_with_followers,
    save_items,
    settle_contested,
    take_part,
    void_signature,
)
from app.checklists.who import answered_by, may_accept, may_answer, may_work_on, roles_at, waiver_chain
from app.devices.steps import wait_for_devices
from app.lib.clock import MINUTE
from app.lib.db import insert_rows
from app.lib.ids import Id
from app.people.access import names_of
from app.sync import Item, Tx, operation

SHOW = "show"
SAID = (  # what history keeps
    "verdict", "value", "note", "reason", "severity", "photos", "fixed", "late", "unverified",
)  # fmt: skip
said_in = itemgetter(*SAID)
NOT_IN = {
    SCHEDULED: "run_scheduled",
    OPEN: "run_open",
    DONE: "run_done",
    ACCEPTED: "run_accepted",
    CANCELLED: "run_cancelled",
}


# -- the floor's facts ----------------------------------------------------------------------------------------------------


@operation("checklists.open_run", schema=schemas.OpenRun, right="checklists.answer", fact=True)
def open_run(
    tx: Tx,
    actor: Id,
    *,
    run_id: Id,
    unverified: bool = False,
    round: int | None = None,
    first_run_id: Id | None = None,
) -> None:
    """A person takes the list in hand; from now on finishing waits for this device too.

    Opening out of turn is no exception by itself: the answers that follow carry it (CHK-3).
    """
    sheet = _sheet(tx, run_id, round, first_run_id)
    run = sheet.run
    if not may_answer(tx.session, actor, sheet, tx.happened_at):
        tx.outside("not_your_list", role=sheet.template.owner_role)
    if run.status == CANCELLED:
        tx.doubt("run_cancelled", effect=False, run_id=str(run_id))
    begin(tx, run)
    take_part(tx, sheet)
    tx.publish("checklist_run", run.id)


@operation("checklists.answer_item", schema=schemas.AnswerItem, right="checklists.answer", fact=True)
def answer_item(tx: Tx, actor: Id, **said: Any) -> None:
    """One answer to one item (CHK-2 … CHK-5, CHK-7, CHK-8, CHK-10).

    In force: an answer out of turn (order_unverified) and one that contradicts another (contested, counts as fail). Kept
    without effect: after the end or a signature, on a list that is not one's own, without the evidence its item asks for.
    """
    _answer([(tx, said)])


def _answer_many(tx: Tx, actor: Id, run: list[Item]) -> None:
    """A run of answers with the same verdicts by a constant number of statements; a doubt sends each through alone."""
    each = [(tx.of(item), item.data) for item in run]
    sheets(
        tx.session,
        tx.site_id,
        [id for _, said in each for id in (said["run_id"], said.get("first_run_id")) if id],
    )
    _answer(each)
    tx.doubts.extend(doubt for own, _ in each for doubt in own.doubts)


answer_item.many = _answer_many


def _answer(each: Sequence[tuple[Tx, dict[str, Any]]]) -> None:
    """Answers one after the other; their history is written together."""
    tx = each[0][0]
    written: dict[str, dict[str, Any]] = {}
    touched: dict[Id, Sheet] = {}
    superseded: list[Id] = []
    for own, said in each:
        for id in _answer_one(own, said, written, touched):
            if id in written:
                written[id].update(current=False, superseded_at=own.now)
            else:
                superseded.append(Id(id))
    save_items(tx, touched.values())
    insert_rows(tx.session, ChecklistAnswer, list(written.values()))
    if superseded:
        tx.session.execute(
            update(ChecklistAnswer)
            .where(ChecklistAnswer.site_id == tx.site_id, ChecklistAnswer.id.in_(superseded))
            .values(current=False, superseded_at=tx.now)
            .execution_options(synchronize_session=False)
        )


def _answer_one(tx: Tx, said: dict[str, Any], written: dict[str, dict[str, Any]], touched: dict[Id, Sheet]) -> list[str]:
    """Judge one answer, change its item, and return the ids it supersedes."""
    if _is_written(tx):
        return []
    sheet = _sheet(tx, said["run_id"], said.get("round"), said.get("first_run_id"))
    answer = answering.read_answer(tx, sheet, said)
    item = sheet.template.items[said["item_id"]]
    answering.check_run(tx, sheet, answer, item["id"])
    answering.check_evidence(tx, item, answer)
    meeting = answering.meet(tx, item, sheet.items.get(item["id"]), answer)
    if meeting.contested:
        tx.doubt("contested", run_id=str(sheet.run.id), item_id=item["id"])
    answer["unverified"] = answering.check_order(tx, sheet, item, answer)
    if said.get("withdrawn"):
        answering.withdraw_photos(tx, sheet, item["id"], answer, meeting, said["withdrawn"])
    _write(tx, sheet, item["id"], answer, meeting)
    touched[sheet.run.id] = sheet
    written[answer["id"]] = _history(tx, sheet.run.id, item["id"], answer)
    return meeting.superseded


def _is_written(tx: Tx) -> bool:
    """Admitting an answer that is already in force (order unverified, contested) has nothing to add."""
    return tx.admitted is not None and tx.session.get(ChecklistAnswer, (tx.site_id, tx.operation_id)) is not None


def _write(tx: Tx, sheet: Sheet, item_id: str, answer: dict[str, Any], meeting: answering.Meeting) -> None:
    """The item as it now stands, and what that does to its run."""
    run, row = sheet.run, item_row(tx, sheet, item_id)
    if row.contested or meeting.contested:
        tx.publish("contested_item", f"{sheet.name}/{item_id}")
    row.answers, row.contested = meeting.current, meeting.contested
    row.decided = row.waiver = None  # they were about answers that no longer stand alone
    if answer["verdict"] != judge.CLEARED:
        row.sent_back = None
    if run.status == ACCEPTED:  # only a late answer that a lead admits comes so far
        void_signature(tx, run, AFTER_ACCEPTANCE, status=DONE)
    begin(tx, run)
    take_part(tx, sheet)
    if answer["unverified"]:
        run.flag(ORDER_UNVERIFIED)
    publish_item(tx, sheet, item_id)


def _history(tx: Tx, run_id: Id, item_id: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {
        **dict(zip(SAID, said_in(answer), strict=True)),
        "photos_before": answer.get("photos_before"),
        "site_id": tx.site_id,
        "id": tx.operation_id,
        "run_id": run_id,
        "item_id": item_id,
        "by": tx.actor,
        "device_id": tx.device_id,
        "happened_at": tx.happened_at,
        "received_at": tx.now,
        "current": answer["verdict"] != judge.CLEARED,
        "superseded_at": None,
    }


def _sheet(tx: Tx, run_id: Id, number: int | None, first_run_id: Id | None) -> Sheet:
    """The run a fact is about; a later round comes into being by what is first done in it."""
    if number is None or first_run_id is None:
        return sheet_of(tx, run_id)
    tx.about("checklist_run", run_id)
    if run_id != judge.round_id(first_run_id, number):
        tx.refuse("not_that_round", round=number)
    found = sheets(tx.session, tx.site_id, [run_id]).get(run_id)
    if found is not None:
        return found
    first = find_sheet(tx, first_run_id)
    if not first.run.repeat_min or first.run.first_run_id is not None:
        tx.refuse("not_that_round", round=number)
    if first.run.status == CANCELLED:
        tx.doubt("run_cancelled", effect=False, run_id=str(first_run_id))
    return make_round(tx, first, number)


@operation(
    "checklists.report_fault",
    schema=schemas.ReportFault,
    right="checklists.answer",
    fact=True,
    makes=("case_id",),
)
def report_fault(
    tx: Tx,
    actor: Id,
    *,
    run_id: Id,
    item_id: str,
    case_id: Id,
    kind: str,
    severity: str,
    note: str | None = None,
    owner: Id | None = None,
) -> None:
    """Open a fault or incident about an item; the item and its list show how the case stands (CHK-9)."""
    sheet = sheet_of(tx, run_id)
    if item_id not in sheet.template.items:
        tx.refuse("unknown_item", item=item_id)
    if not may_answer(tx.session, actor, sheet, tx.happened_at):
        tx.outside("not_your_list", role=sheet.template.owner_role)
    if owner is not None and owner not in names_of(tx.session, [owner]):
        tx.refuse("unknown_person")
    about = ("checklist_item", f"{run_id}/{item_id}")
    open_case(  # rule: CHK-9
        tx, case_id, kind=kind, severity=severity, note=note, about=about, opened_by=actor, owner=owner
    )
    item_row(tx, sheet, item_id)
    keep_item(tx, sheet, item_id)


@operation("checklists.finish_run", schema=schemas.FinishRun, right="checklists.answer", fact=True)
def finish_run(tx: Tx, actor: Id, *, run_id: Id) -> None:
    """Say the list is done. A second "done" agrees with the first and changes nothing.

    Held until every other device that took part was heard from after this moment; the office, which cannot wait, is
    refused instead. A critical item that failed or is open keeps the list open (CHK-2).
    """
    sheet = sheet_of(tx, run_id)
    if not may_answer(tx.session, actor, sheet, tx.happened_at):
        tx.outside("not_your_list", role=sheet.template.owner_role)
    run = sheet.run
    if run.status == CANCELLED:
        tx.doubt("run_cancelled", effect=False, run_id=str(run_id))
    if run.status == ACCEPTED:
        tx.doubt(AFTER_ACCEPTANCE, effect=False, run_id=str(run_id))
    if run.status in (DONE, ACCEPTED):
        return
    wait_for_devices(tx, sheet.devices, f"run:{sheet.run.id}")
    _check_gaps(tx, sheet)
    _finish(tx, sheet, None)


@operation("checklists.force_finish", schema=schemas.ForceFinish, right="checklists.lead")
def force_finish(tx: Tx, actor: Id, *, run_id: Id, reason: str) -> None:
    """Finish without waiting for a device that took part; what it sends later is kept as after_close.

    It forces the waiting, not the list: a critical gap refuses as ever (CHK-2).
    """
    sheet = sheet_of(tx, run_id)
    _refuse_unless(tx, sheet.run, OPEN, SCHEDULED)
    _check_gaps(tx, sheet)
    _finish(tx, sheet, {"by": str(actor), "reason": reason})


def _check_gaps(tx: Tx, sheet: Sheet) -> None:
    blocking = [gap["item_id"] for gap in sheet.gaps() if gap["blocks"]]
    if blocking:  # rule: CHK-2
        tx.doubt("critical_gaps", effect=False, items=", ".join(blocking), run_id=str(sheet.run.id))


def _finish(tx: Tx, sheet: Sheet, forced: dict[str, Any] | None) -> None:
    run = sheet.run
    begin(tx, run)
    run.status, run.rejected = DONE, None
    run.finished = {"by": str(tx.actor), "at": tx.happened_at, **({"forced": forced} if forced else {})}
    tx.fire(f"run:{run.id}")
    tx.publish("checklist_run", run.id)


@operation("checklists.start_run", schema=schemas.StartRun, right="checklists.start", fact=True, makes=("run_id",))
def start_run(tx: Tx, actor: Id, *, run_id: Id, template: str, title: str | None = None, show_id: Id | None = None) -> None:
    """Start a list by hand, now. It keeps the version its starter saw, also when a newer one exists (CHK-1).

    Its due time keeps the template's length of time. Started for a show, it waits for that show's lists like the laid-out
    one; on its own it waits for none.
    """
    found = tx.session.get(ChecklistTemplate, template) or newest_template(tx.session, template)  # rule: CHK-1, T29
    if found is None:
        tx.refuse("unknown_template", template=template)
    if not may_work_on(tx.session, actor, found.owner_role, tx.happened_at):
        tx.outside("not_your_list", role=found.owner_role)
    if sheets(tx.session, tx.site_id, [run_id]):
        tx.refuse("id_taken")
    length = found.document["due_offset_min"] - found.document["start_offset_min"]
    run = new_run(
        tx,
        run_id,
        found,
        title=title or None,
        target_kind=SHOW if show_id else None,
        target_id=show_id,
        anchor_at=tx.happened_at,
        start_at=tx.happened_at,
        due_at=tx.happened_at + length * MINUTE,
    )
    forget_sheets(tx.session)
    begin(tx, run)
    take_part(tx, sheet_of(tx, run_id))
    publish_with_followers(tx, run)


# -- decisions ------------------------------------------------------------------------------------------------------------


@operation("checklists.accept_run", schema=schemas.AcceptRun, right="checklists.accept")
def accept_run(tx: Tx, actor: Id, *, run_id: Id, signature: str, note: str | None = None) -> None:
    """Sign a finished list: by its accepting role, never by anybody who answered in it, on exactly what was shown (CHK-6)."""
    sheet = sheet_of(tx, run_id)
    run = sheet.run
    _check_accepter(tx, sheet)
    _refuse_unless(tx, run, DONE)
    tx.check_basis(sheet.state())
    _check_gaps(tx, sheet)
    tx.session.add(
        ChecklistAcceptance(
            site_id=tx.site_id,
            id=tx.operation_id,
            run_id=run_id,
            by=actor,
            at=tx.happened_at,
            signature=signature,
            note=note or None,
        )
    )
    run.status, run.accepted_at = ACCEPTED, tx.happened_at
    run.accepted = {"by": str(actor), "at": tx.happened_at, "signature": signature, "note": note or None}
    publish_with_followers(tx, run)


@operation("checklists.reject_run", schema=schemas.RejectRun, right="checklists.accept")
def reject_run(tx: Tx, actor: Id, *, run_id: Id, reason: str, items: list[dict[str, Any]]) -> None:
    """Send a finished list back: it is open again, and what is named must be answered anew."""
    sheet = sheet_of(tx, run_id)
    run = sheet.run
    _check_accepter(tx, sheet)
    _refuse_unless(tx, run, DONE)
    tx.check_basis(sheet.state())
    for sent in items:
        if sent["item_id"] not in sheet.template.items:
            tx.refuse("unknown_item", item=sent["item_id"])
        row = item_row(tx, sheet, sent["item_id"])
        row.sent_back = {"by": str(actor), "at": tx.happened_at, "note": sent.get("note") or None}
        keep_item(tx, sheet, sent["item_id"])
    run.status, run.finished = OPEN, None
    run.rejected = {"by": str(actor), "at": tx.happened_at, "reason": reason}
    tx.publish("checklist_run", run_id)


@operation("checklists.reopen_run", schema=schemas.ReopenRun, right="checklists.accept")
def reopen_run(tx: Tx, actor: Id, *, run_id: Id, reason: str) -> None:
    """Void the signature with a reason; it stays on file, and what waited for this list waits again (CHK-6, GEN-2)."""
    sheet = sheet_of(tx, run_id)
    run = sheet.run
    if not may_accept(tx.session, actor, sheet.template.accept_role, tx.happened_at):
        tx.outside("not_yours_to_accept", role=sheet.template.accept_role)
    _refuse_unless(tx, run, ACCEPTED)
    tx.check_basis(sheet.state())
    void_signature(tx, run, reason, status=OPEN)
    run.finished = None
    run.rejected = {"by": str(actor), "at": tx.happened_at, "reason": reason}


@operation("checklists.waive_item", schema=schemas.WaiveItem, right="checklists.waive")
def waive_item(tx: Tx, actor: Id, *, run_id: Id, item_id: str, reason: str) -> None:
    """Give the next step of the permission to go on with a critical item that failed or is open (CHK-2).

    The steps follow the approval limits, each by another person, none by somebody who answered the item; never for the
    lists named there. A new answer ends the permission: it was given for what was shown.
    """
    sheet = sheet_of(tx, run_id)
    run, item = sheet.run, sheet.template.items.get(item_id)
    if item is None:
        tx.refuse("unknown_item", item=item_id)
    chain = waiver_chain(tx.session, sheet.template.code)
    if chain is None:  # rule: CHK-2
        tx.refuse("never_waived", list=sheet.template.code)
    _refuse_unless(tx, run, OPEN, DONE)
    _check_item_basis(tx, sheet, item_id)
    row = item_row(tx, sheet, item_id)
    if not item["critical"] or judge.standing(row.shown()) not in (judge.FAIL, judge.OPEN):
        tx.refuse("nothing_to_waive", item=item_id)
    steps = list((row.waiver or {}).get("steps", ()))
    if len(steps) == len(chain):
        tx.refuse("already_waived", item=item_id)
    role = chain[len(steps)]
    if role not in roles_at(tx.session, actor, tx.happened_at):
        tx.outside("not_your_step", role=role)
    if str(actor) in {step["by"] for step in steps} or actor in answered_by(tx.session, tx.site_id, run_id, item_id):
        tx.refuse("two_people")  # rule: GEN-3
    steps.append({"role": role, "by": str(actor), "at": tx.happened_at, "reason": reason})
    row.waiver = {"steps": steps, "complete": len(steps) == len(chain)}
    keep_item(tx, sheet, item_id)


@operation("checklists.decide_contested", schema=schemas.DecideContested, right="checklists.lead")
def decide_contested(tx: Tx, actor: Id, *, run_id: Id, item_id: str, answer_id: Id, reason: str | None = None) -> None:
    """Say which of two answers stands; the other stays in the history, and every device hears it (CHK-7)."""
    sheet = sheet_of(tx, run_id)
    _refuse_unless(tx, sheet.run, OPEN, DONE)
    _check_item_basis(tx, sheet, item_id)
    row = item_row(tx, sheet, item_id)
    if not row.contested:
        tx.refuse("not_contested", item=item_id)
    kept = [answer for answer in row.answers if answer["id"] == str(answer_id)]
    if not kept:
        tx.refuse("not_an_answer", item=item_id)
    lost = [Id(answer["id"]) for answer in row.answers if answer["id"] != str(answer_id)]
    row.answers, row.contested = kept, False
    row.decided = {
        "by": str(actor),
        "at": tx.happened_at,
        "answer_id": str(answer_id),
        "reason": reason or None,
    }
    tx.session.execute(
        update(ChecklistAnswer)
        .where(ChecklistAnswer.site_id == tx.site_id, ChecklistAnswer.id.in_(lost))
        .values(current=False, superseded_at=tx.now)
        .execution_options(synchronize_session=False)
    )
    settle_contested(tx, [answer_id, *lost], answer_id, reason)
    tx.publish("contested_item", f"{run_id}/{item_id}")
    keep_item(tx, sheet, item_id)


@operation("checklists.set_reference", schema=schemas.OfReference, right="checklists.accept")
def set_reference(tx: Tx, actor: Id, *, run_id: Id, item_id: str, sha: str) -> None:
    """Make a photo of an accepted list the one that shows how its item should look; it takes the place of another.

    By its accepting role and nobody who answered in it; only a photo of an item that passed, never one of a fault.
    """
    sheet = sheet_of(tx, run_id)
    _check_accepter(tx, sheet)
    _refuse_unless(tx, sheet.run, ACCEPTED)
    row = sheet.items.get(item_id)
    answers = row.answers if row is not None and judge.standing(row.shown()) == judge.PASS else []
    if sha not in {photo for a in answers for photo in set(a["photos"]) - set(a.get("photos_before") or ())}:
        tx.refuse("no_reference_photo", item=item_id)
    code = sheet.template.code
    reference = tx.session.get(ChecklistReference, (code, item_id)) or ChecklistReference(code=code, item_id=item_id)
    reference.sha, reference.run_id, reference.by, reference.at = sha, run_id, actor, tx.happened_at
    tx.session.add(reference)
    _publish_reference(tx, sheet, item_id)


@operation("checklists.drop_reference", schema=schemas.OfReference, right="checklists.accept")
def drop_reference(tx: Tx, actor: Id, *, run_id: Id, item_id: str, sha: str) -> None:
    """Take back how an item should look, by whoever may accept its list; refused when another photo shows it by now."""
    sheet = sheet_of(tx, run_id)
    if not may_accept(tx.session, actor, sheet.template.accept_role, tx.happened_at):
        tx.outside("not_yours_to_accept", role=sheet.template.accept_role)
    reference = tx.session.get(ChecklistReference, (sheet.template.code, item_id))
    if reference is None or reference.sha != sha:
        tx.refuse("stale_basis")
    tx.session.delete(reference)
    _publish_reference(tx, sheet, item_id)


def _publish_reference(tx: Tx, sheet: Sheet, item_id: str) -> None:
    tx.session.flush()
    tx.publish("checklist_reference", f"{sheet.template.code}/{item_id}")
    tx.about("checklist_run", sheet.name)


@operation("checklists.assign_run", schema=schemas.AssignRun, right="checklists.lead")
def assign_run(tx: Tx, actor: Id, *, run_id: Id, people: list[Id]) -> None:
    """Put people on a run instead of those who were; they may answer whatever their role."""
    sheet = sheet_of(tx, run_id)
    if sheet.run.is_over():
        tx.refuse(NOT_IN[sheet.run.status])
    wanted = list(dict.fromkeys(people))
    if set(wanted) - set(names_of(tx.session, wanted)):
        tx.refuse("unknown_person")
    own = (ChecklistAssignee.site_id == tx.site_id, ChecklistAssignee.run_id == run_id)
    tx.session.execute(delete(ChecklistAssignee).where(*own).execution_options(synchronize_session=False))
    rows = [{"site_id": tx.site_id, "run_id": run_id, "person_id": person} for person in wanted]
    if rows:
        tx.session.execute(insert(ChecklistAssignee), rows)
    tx.publish("checklist_run", run_id)


@operation("checklists.cancel_run", schema=schemas.CancelRun, right="checklists.lead")
def cancel_run(tx: Tx, actor: Id, *, run_id: Id, reason: str) -> None:
    """The list is not needed. A signed one cannot be cancelled: it was done (GEN-2)."""
    sheet = sheet_of(tx, run_id)
    if sheet.run.is_over():  # rule: GEN-2
        tx.refuse(NOT_IN[sheet.run.status])
    cancel(tx, sheet.run, reason)
    forget_sheets(tx.session)


def _check_accepter(tx: Tx, sheet: Sheet) -> None:
    """Two people means two people: whoever answered does not accept (GEN-3, CHK-6)."""
    if not may_accept(tx.session, tx.actor, sheet.template.accept_role, tx.happened_at):
        tx.outside("not_yours_to_accept", role=sheet.template.accept_role)
    if tx.actor in answered_by(tx.session, tx.site_id, sheet.run.id):  # rule: CHK-6, GEN-3, T32
        tx.refuse("own_work")


def _check_item_basis(tx: Tx, sheet: Sheet, item_id: str) -> None:
    """A decision about one item rests on its answers; whoever saw the whole run unchanged saw them too."""
    row = sheet.items.get(item_id)
    if tx.basis != [sheet.state()] and sorted(tx.basis) != (row.state if row is not None else []):
        tx.refuse("stale_basis")


def _refuse_unless(tx: Tx, run: ChecklistRun, *statuses: str) -> None:
    if run.status not in statuses:
        tx.refuse(NOT_IN[run.status])
