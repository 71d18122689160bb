"""Lists as office pages read them: loaded by a constant number of questions, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.checklists import judge
from app.checklists.models import (
    ACCEPTED,
    CANCELLED,
    DONE,
    OPEN,
    SCHEDULED,
    ChecklistAnswer,
    ChecklistRun,
    ChecklistTemplate,
    ItemState,
    select_items,
    select_newest_templates,
)
from app.checklists.records import show_run
from app.checklists.sheet import newest_by_code, select_assignees, templates_of
from app.checklists.targets import Target, targets_between, targets_of
from app.checklists.who import LEADS
from app.lib.ids import Id
from app.lib.words import t
from app.people.access import names_of, roles_at
from app.people.models import Role
from app.sync.models import Operation, OperationAbout

MOST_LINES = 500
MOST_OPERATIONS = 300


@dataclass(frozen=True)
class Cue:
    """A lamp and its word: `office.checklists.cue_<word>` with its figures."""

    lamp: str
    word: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One list with what a board, a table or a sheet of paper says about it."""

    run: ChecklistRun
    template: ChecklistTemplate
    shown: dict[str, Any]
    items: dict[str, ItemState]
    hands: tuple[Id, ...]
    assignees: tuple[Id, ...]
    target: Target | None
    waits_for: tuple[ChecklistTemplate | str, ...]

    @property
    def total(self) -> int:
        """Items that are asked as things stand."""
        return len(self.asked)

    @cached_property
    def asked(self) -> list[dict[str, Any]]:
        """The items that are asked as things stand, in order (F22)."""
        shown = {id: item.shown() for id, item in self.items.items()}
        return [self.template.items[item["id"]] for item in judge.asked(self.template.document, shown)]

    @property
    def done(self) -> int:
        """Items that somebody answered."""
        return self.total - int(self.shown["counts"]["open"])

    @property
    def stops(self) -> list[dict[str, Any]]:
        """Critical items that failed or have two answers, unwaived, in list order."""
        critical = [item for item in self.asked if item["critical"] and not judge.is_waived(self._shown(item["id"]))]
        return [item for item in critical if self.standing(item["id"]) in ("fail", "contested")]

    @property
    def fails(self) -> int:
        """Items that failed or have two answers."""
        return int(self.shown["counts"]["fail"]) + int(self.shown["counts"]["contested"])

    @property
    def late(self) -> int:
        """Items answered after the list was due."""
        return int(self.shown["counts"]["late"])

    def _shown(self, item_id: str) -> dict[str, Any] | None:
        found = self.items.get(item_id)
        return found.shown() if found else None

    def standing(self, item_id: str) -> str:
        """pass, fail, na, contested or open."""
        return judge.standing(self._shown(item_id))

    def is_overdue(self, at: int) -> bool:
        """Due, and not finished."""
        return self.run.status in (SCHEDULED, OPEN) and self.run.due_at is not None and self.run.due_at < at

    def cues(self) -> list[str]:
        """Every item as the strip draws it."""
        marks = {"pass": "go", "fail": "stop", "contested": "two", "na": "na", "open": "off"}
        return [marks[self.standing(item["id"])] for item in self.asked]

    def cue(self, at: int) -> Cue:
        """How the list stands, the worst first."""
        run = self.run
        if run.status == CANCELLED:
            return Cue("na", "cancelled")
        if run.status == ACCEPTED:
            return Cue("go", "accepted", {"at": run.accepted_at})
        if contested := int(self.shown["counts"]["contested"]):
            return Cue("two", "contested", {"n": contested})
        if self.stops:
            return Cue("stop", "critical", {"n": len(self.stops)})
        if run.status == DONE:
            return Cue("wait", "done")
        if run.rejected:
            return Cue("stop", "rejected")
        if self.is_overdue(at):
            return Cue("stop", "overdue", {"ms": at - (run.due_at or at)})
        if run.status == OPEN:
            return Cue("work", "open", {"done": self.done, "total": self.total})
        return Cue("locked", "waits") if self.waits_for else Cue("off", "scheduled")


@dataclass(frozen=True)
class Names:
    """Names of the people and posts on a page, by id as text and by code."""

    people: dict[str, str]
    roles: dict[str, Role]

    def person(self, id: object) -> str:
        """The name in full, or a dash for somebody of another house."""
        return self.people.get(str(id), "–")

    def listed(self, ids: Iterable[object]) -> str:
        """Several names in a sentence."""
        return t("office.checklists.and").join(map(self.person, ids))


def select_lines(session: Session, site_id: Id, runs: Sequence[ChecklistRun]) -> list[Line]:
    """These runs as lines, in the order given."""
    siblings = _select_siblings(session, site_id, runs)
    templates = templates_of(session, [*runs, *(run for group in siblings.values() for run in group)])
    ids = [run.id for run in runs]
    items: dict[Id, dict[str, ItemState]] = defaultdict(dict)
    for item in select_items(session, ids):
        items[item.run_id][item.item_id] = item
    assignees = _grouped(select_assignees(session, site_id, ids))
    hands = _grouped(_select_hands(session, site_id, ids))
    targets = targets_of(session, site_id, {(run.target_kind, run.target_id) for run in runs})
    lines = []
    for run in runs:
        template = templates[run.template_id]
        needs = _needs(run, template, siblings)
        shown = show_run(run, template, list(items[run.id].values()), [str(id) for id in assignees[run.id]], needs)
        waits_for = _open_needs(needs, templates)
        lines.append(
            Line(run, template, shown, items[run.id], tuple(hands[run.id]), tuple(assignees[run.id]),
                 targets.get(run.target_id) if run.target_id else None, waits_for)
        )  # fmt: skip
    return lines


def _grouped(pairs: Iterable[tuple[Id, Id]]) -> dict[Id, list[Id]]:
    found: dict[Id, list[Id]] = defaultdict(list)
    for run_id, person_id in pairs:
        found[run_id].append(person_id)
    return found


def _select_hands(session: Session, site_id: Id, run_ids: list[Id]) -> list[tuple[Id, Id]]:
    """(run, person) of everybody who answered in these runs."""
    query = select(ChecklistAnswer.run_id, ChecklistAnswer.by).where(
        ChecklistAnswer.site_id == site_id, ChecklistAnswer.run_id.in_(run_ids)
    )
    return [(run_id, by) for run_id, by in session.execute(query.distinct().order_by(ChecklistAnswer.run_id, ChecklistAnswer.by))]


def _select_siblings(session: Session, site_id: Id, runs: Sequence[ChecklistRun]) -> dict[Id, list[ChecklistRun]]:
    """All runs of the runs' targets, for what waits for what: the one made last counts, cancelled ones are gone."""
    targets = {run.target_id for run in runs if run.target_id is not None}
    if not targets:
        return {}
    query = select(ChecklistRun).where(
        ChecklistRun.site_id == site_id,
        ChecklistRun.target_id.in_(targets),
        ChecklistRun.status != CANCELLED,
        or_(ChecklistRun.round.is_(None), ChecklistRun.round == 1),
    )
    found: dict[Id, list[ChecklistRun]] = defaultdict(list)
    for run in session.scalars(query.order_by(ChecklistRun.made_at, ChecklistRun.id)):
        if run.target_id is not None:
            found[run.target_id].append(run)
    return found


def _needs(run: ChecklistRun, template: ChecklistTemplate, siblings: dict[Id, list[ChecklistRun]]) -> list[dict[str, Any]]:
    if run.target_id is None:
        return []
    newest = newest_by_code(siblings.get(run.target_id, []))
    return [
        {
            "code": code,
            "run_id": str(newest[code].id) if code in newest else None,
            "accepted_at": newest[code].accepted_at if code in newest else None,
        }
        for code in template.needs
    ]


def _open_needs(needs: list[dict[str, Any]], templates: dict[str, ChecklistTemplate]) -> tuple[ChecklistTemplate | str, ...]:
    """The lists still waited for; one that was never laid out is named by its code."""
    by_code = {template.code: template for template in templates.values()}
    return tuple(by_code.get(need["code"], need["code"]) for need in needs if need["accepted_at"] is None)


def select_day(session: Session, site_id: Id, since: int, until: int) -> list[ChecklistRun]:
    """The lists of a day: those of what begins in it (also when they end after midnight), and those due in it by themselves."""
    targets = [target.id for target in targets_between(session, site_id, since, until)]
    on_its_own = and_(
        ChecklistRun.target_id.is_(None), ChecklistRun.due_at >= since, ChecklistRun.due_at < until
    )  # fmt: skip
    undated = and_(
        ChecklistRun.target_id.is_(None),
        ChecklistRun.due_at.is_(None),
        ChecklistRun.made_at >= since,
        ChecklistRun.made_at < until,
    )
    query = select(ChecklistRun).where(
        ChecklistRun.site_id == site_id, or_(ChecklistRun.target_id.in_(targets), on_its_own, undated)
    )
    return list(session.scalars(_in_order(query).limit(MOST_LINES)))


def select_unfinished(session: Session, site_id: Id, before: int) -> list[ChecklistRun]:
    """Lists that were due before this moment and are neither signed nor cancelled, the oldest first."""
    query = select(ChecklistRun).where(
        ChecklistRun.site_id == site_id, ChecklistRun.due_at < before, ChecklistRun.status.in_((SCHEDULED, OPEN, DONE))
    )
    return list(session.scalars(_in_order(query).limit(MOST_LINES)))


def count_unfinished(session: Session, site_id: Id, since: int, until: int) -> int:
    """How many lists of a day are neither signed nor cancelled: the figure beside the navigation."""
    query = select(ChecklistRun.id).where(
        ChecklistRun.site_id == site_id, ChecklistRun.due_at >= since, ChecklistRun.due_at < until,
        ChecklistRun.status.in_((SCHEDULED, OPEN, DONE)),
    )  # fmt: skip
    return len(session.execute(query.limit(MOST_LINES)).all())


def _in_order(query: Any) -> Any:
    return query.order_by(ChecklistRun.due_at, ChecklistRun.start_at, ChecklistRun.code, ChecklistRun.round, ChecklistRun.id)


def select_names(session: Session, lines: Iterable[Line], more: Iterable[Id | str | None] = ()) -> Names:
    """The people and posts these lines speak of."""
    wanted: set[Id] = set()
    for line in lines:
        wanted.update(line.hands, line.assignees)
        for item in line.items.values():
            wanted.update(Id(answer["by"]) for answer in item.answers)
            wanted.update(Id(step["by"]) for step in (item.waiver or {}).get("steps", ()))
            wanted.update(Id(mark["by"]) for mark in (item.decided, item.sent_back) if mark)
        run = line.run
        wanted.update(Id(mark["by"]) for mark in (run.finished, run.accepted, run.rejected, run.cancelled) if mark)
        if run.finished and run.finished.get("forced"):
            wanted.add(Id(run.finished["forced"]["by"]))
        if run.started_by:
            wanted.add(run.started_by)
    wanted.update(id if isinstance(id, Id) else Id(id) for id in more if id)
    people = {str(id): name for id, name in names_of(session, wanted).items()}
    return Names(people, {role.code: role for role in session.scalars(select(Role).order_by(Role.seq))})


def select_operations_about(session: Session, kind: str, id: str) -> list[Operation]:
    """The trail of a thing, oldest first: every operation and step that concerned it."""
    query = (
        select(Operation)
        .join(OperationAbout, OperationAbout.operation_id == Operation.id)
        .where(OperationAbout.kind == kind, OperationAbout.about_id == id)
        .order_by(Operation.received_at, Operation.id)
    )
    return list(session.scalars(query.limit(MOST_OPERATIONS)))


def select_recent_operations(session: Session, site_id: Id, most: int) -> list[Operation]:
    """What happened to lists of the site, the newest first."""
    query = select(Operation).where(Operation.site_id == site_id, Operation.type.in_(TOLD)).order_by(Operation.received_at.desc())
    return list(session.scalars(query.limit(most)))


TOLD = (
    "checklists.answer_item", "checklists.report_fault", "checklists.finish_run", "checklists.force_finish",
    "checklists.accept_run", "checklists.reject_run", "checklists.reopen_run", "checklists.waive_item",
    "checklists.decide_contested", "checklists.cancel_run",
)  # fmt: skip


def select_startable(session: Session, person_id: Id, at: int) -> list[ChecklistTemplate]:
    """The newest version of every list this person may work on (`who.may_work_on`, asked once for all), by code."""
    held = roles_at(session, person_id, at)
    stand_ins = {row.code: row.stand_in for row in session.execute(select(Role.code, Role.stand_in))}
    return [
        template
        for template in select_newest_templates(session)
        if held & {template.owner_role, stand_ins.get(template.owner_role), *LEADS}
    ]
