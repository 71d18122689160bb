"""One list with its whole story, for the office's page and for paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.cases.models import Case, select_cases_about
from app.checklists import judge, telling
from app.checklists.models import (
    ACCEPTED,
    CANCELLED,
    DONE,
    OPEN,
    SCHEDULED,
    ChecklistAcceptance,
    ChecklistAnswer,
    ChecklistReference,
    access_run,
    select_acceptances,
    select_answers,
    select_references,
)
from app.checklists.select import Line, Names, select_lines, select_names, select_operations_about
from app.checklists.sheet import access_sheet
from app.checklists.who import LAST_ACCEPTER, may_accept, may_answer, waiver_chain
from app.devices.access import device_names
from app.documents.models import select_documents
from app.lib.clock import now
from app.lib.ids import Id
from app.lib.words import t
from app.people.access import holders_of, roles_at, stand_in_of
from app.people.models import Person


class Taken(NamedTuple):
    """When a photo was taken, and by whom."""

    by: Id | str
    at: int


@dataclass(frozen=True)
class ItemRow:
    """One item as the page shows it. `answers` are the current ones, `history` those that no longer stand."""

    item: judge.Item
    standing: str
    answers: list[dict[str, Any]]
    history: list[ChecklistAnswer]
    waits_for: Sequence[judge.Item]
    waiver: dict[str, Any] | None
    decided: dict[str, Any] | None
    sent_back: dict[str, Any] | None
    cases: list[Case]
    state: list[str]

    def taken(self, sha: str) -> Taken:
        """Who first had the photo in an answer, and when: a photo goes on into later answers."""
        old = [Taken(each.by, each.happened_at) for each in self.history if sha in each.photos]
        new = [Taken(each["by"], each["at"]) for each in self.answers if sha in each["photos"]]
        return min([*old, *new], key=lambda taken: taken.at)

    @property
    def cue(self) -> str:
        """Its lamp: an open item that waits for another shows the padlock."""
        return "locked" if self.standing == "open" and self.waits_for else telling.LAMPS[self.standing]

    @property
    def is_stopped(self) -> bool:
        """It keeps the list from its end: critical and failed, or answered twice, and not waived."""
        return self.standing == "contested" or (
            self.standing == "fail" and bool(self.item["critical"]) and not (self.waiver or {}).get("complete")
        )


@dataclass(frozen=True)
class May:
    """What this person may do with the list now. `why_not` are keys of sentences about a signature that is not possible."""

    accept: bool
    reject: bool
    reopen: bool
    refer: bool
    finish: bool
    lead: bool
    waive_next: dict[str, bool]
    why_not: list[str]


@dataclass(frozen=True)
class RunPage:
    """Everything that the page of one list, and its sheet of paper, say."""

    line: Line
    names: Names
    sections: list[tuple[dict[str, Any], list[ItemRow]]]
    gaps: list[dict[str, Any]]
    acceptances: list[ChecklistAcceptance]
    trail: list[telling.Told]
    devices: dict[Id, str]
    answered_on: dict[str, Id | None]
    waiver_chain: list[str] | None
    accepters: list[Person]
    units: telling.Units
    state: str
    at: int
    answered: set[Id]
    references: dict[str, ChecklistReference]

    @cached_property
    def rows(self) -> list[ItemRow]:
        """Every item, in list order."""
        return [row for _, rows in self.sections for row in rows]

    def standing(self, *wanted: str) -> list[ItemRow]:
        """The items that stand so."""
        return [row for row in self.rows if row.standing in wanted]

    @property
    def late(self) -> list[ItemRow]:
        """The items answered late (CHK-8)."""
        return [row for row in self.rows if any(answer["late"] for answer in row.answers)]

    @property
    def blocking(self) -> list[ItemRow]:
        """The items that keep the list from its end (CHK-2)."""
        return [row for row, _ in self.lacking]

    @property
    def lacking(self) -> list[tuple[ItemRow, str]]:
        """Each item that keeps the list from its end, and what it lacks: open, fail, contested, sent_back."""
        why = {gap["item_id"]: gap["why"] for gap in self.gaps if gap["blocks"]}
        return [(row, why[row.item["id"]]) for row in self.rows if row.item["id"] in why]

    def waiver_steps(self, row: ItemRow) -> list[str]:
        """The posts that would still have to sign so that the list goes on without this item, in order; none where none may."""
        is_waivable = row.item["critical"] and row.standing in ("open", "fail")
        return (self.waiver_chain or [])[len((row.waiver or {}).get("steps", ())) :] if is_waivable else []

    def place(self, answer_id: Id | str) -> str:
        """The device an answer was given on, or the office."""
        device_id = self.answered_on.get(str(answer_id))
        return self.devices.get(device_id, "") if device_id else t("office.checklists.in_office")


def load_run_page(session: Session, site_id: Id, run_id: Id) -> RunPage:
    """The list of this site with its story, or NotFound; a constant number of questions."""
    run = access_run(session, site_id, run_id)
    sheet = access_sheet(session, site_id, run_id)
    [line] = select_lines(session, site_id, [run])
    answers = select_answers(session, site_id, run_id)
    acceptances = select_acceptances(session, site_id, run_id)
    operations = select_operations_about(session, "checklist_run", str(run_id))
    cases = _cases(session, line)
    signers = {id for each in acceptances for id in (each.by, each.voided_by)}
    owners = {id for found in cases.values() for case in found for id in (case.opened_by, case.owner, case.closed_by)}
    people = {*telling.people_in(operations), *signers, *owners, *(answer.by for answer in answers)}
    names = select_names(session, [line], people)
    units = select_units(session)
    answered_on = {str(answer.id): answer.device_id for answer in answers}
    spoke = {operation.device_id for operation in operations}
    items, title = line.template.items, telling.list_name(line.template)
    return RunPage(
        line=line,
        names=names,
        sections=_sections(line, answers, cases),
        gaps=sheet.gaps(),
        acceptances=acceptances,
        trail=[telling.tell(operation, items, title, names.people, units) for operation in operations],
        devices=device_names(session, {id for id in (*spoke, *answered_on.values()) if id}),
        answered_on=answered_on,
        waiver_chain=waiver_chain(session, line.template.code),
        accepters=_accepters(session, site_id, line),
        units=units,
        state=sheet.state(),
        at=now(),
        answered={answer.by for answer in answers},
        references=select_references(session, run.code),
    )


def select_units(session: Session) -> telling.Units:
    """The units of numbers by id, with their words."""
    return {unit.id: unit.body for unit in select_documents(session, "unit")}


def _cases(session: Session, line: Line) -> dict[str, list[Case]]:
    """Cases by the item they are about."""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in select_cases_about(session, "checklist_item", [f"{line.run.id}/{id}" for id in line.template.items]):
        found[case.about_id.rpartition("/")[2]].append(case)
    return found


def _sections(
    line: Line, answers: Iterable[ChecklistAnswer], cases: dict[str, list[Case]]
) -> list[tuple[dict[str, Any], list[ItemRow]]]:
    history: dict[str, list[ChecklistAnswer]] = defaultdict(list)
    for answer in answers:
        if not answer.current:
            history[answer.item_id].append(answer)
    shown = {id: item.shown() for id, item in line.items.items()}
    sections = []
    asked = {item["id"] for item in line.asked}
    for section in line.template.document["sections"]:
        rows = []
        for item in section["items"]:
            if item["id"] not in asked:
                continue  # an answer from before stands in the trail
            found = line.items.get(item["id"])
            waits_for = [line.template.items[id] for id in judge.waits_for(item, shown)]
            rows.append(
                ItemRow(
                    item=item, standing=line.standing(item["id"]), answers=found.answers if found else [],
                    history=history[item["id"]], waits_for=waits_for, waiver=found.waiver if found else None,
                    decided=found.decided if found else None, sent_back=found.sent_back if found else None,
                    cases=cases.get(item["id"], []), state=found.state if found else [],
                )
            )  # fmt: skip
        if rows:
            sections.append((section, rows))
    return sections


def _accepters(session: Session, site_id: Id, line: Line) -> list[Person]:
    """Who may sign: the accepting post, its stand-in, the logistics manager, and nobody who answered (CHK-6, GEN-3)."""
    role = line.template.accept_role
    roles = {role, stand_in_of(session, role), LAST_ACCEPTER} - {None}
    people = holders_of(session, site_id, [found for found in roles if found], now())
    return [person for person in people if person.id not in line.hands]


def what_may(session: Session, person: Person, page: RunPage, rights: set[str]) -> May:
    """What this person may do here and now; the operations ask the same again."""
    run, at = page.line.run, page.at
    template = page.line.template
    accepts = may_accept(session, person.id, template.accept_role, at)
    own_work = person.id in page.answered
    leads = "checklists.lead" in rights
    sheet = access_sheet(session, run.site_id, run.id)
    why_not = [
        word
        for word, is_so in (
            ("not_yours", not accepts),
            ("own_work", accepts and own_work),
            ("not_done", run.status in (SCHEDULED, OPEN)),
            ("blocked", bool(page.blocking)),
        )
        if is_so
    ]
    return May(
        accept=run.status == DONE and not why_not,
        reject=run.status == DONE and accepts and not own_work,
        reopen=run.status == ACCEPTED and accepts,
        refer=run.status == ACCEPTED and accepts and not own_work,
        finish=run.status in (SCHEDULED, OPEN) and "checklists.answer" in rights and may_answer(session, person.id, sheet, at),
        lead=leads and run.status not in (ACCEPTED, CANCELLED),
        waive_next=_waivable(session, person, page, rights) if run.status in (OPEN, DONE) else {},
        why_not=why_not if run.status not in (ACCEPTED, CANCELLED) else [],
    )


def _waivable(session: Session, person: Person, page: RunPage, rights: set[str]) -> dict[str, bool]:
    """Item id → True for each critical item whose next step of the waiver is this person's (CHK-2)."""
    if "checklists.waive" not in rights or not any(row.item["critical"] for row in page.standing("fail", "open")):
        return {}
    chain, roles = page.waiver_chain, roles_at(session, person.id, page.at)
    found = {}
    for row in page.standing("fail", "open"):
        steps = (row.waiver or {}).get("steps", [])
        given_by = {step["by"] for step in steps} | {str(answer.by) for answer in row.history} | {a["by"] for a in row.answers}
        if row.item["critical"] and chain and len(steps) < len(chain) and str(person.id) not in given_by:
            found[row.item["id"]] = chain[len(steps)] in roles
    return {id: True for id, is_mine in found.items() if is_mine}
