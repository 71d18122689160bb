"""A run with everything its rules look at, loaded by a constant number of statements and kept for the transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from sqlalchemy import BindParameter, Table, bindparam, or_, select
from sqlalchemy.orm import Session

from app.checklists import judge
from app.checklists.models import (
    ACCEPTED,
    CANCELLED,
    ChecklistAcceptance,
    ChecklistAssignee,
    ChecklistParticipant,
    ChecklistRun,
    ChecklistTemplate,
    ItemState,
    select_items,
)
from app.lib.errors import NotFound
from app.lib.ids import Id
from app.lib.keeping import forget, kept
from app.sync import Tx

KEPT = "checklists.sheets"

# Built once: every push of answers asks these.
OF_SITE: BindParameter[Id] = bindparam("site")
OF_RUNS: BindParameter[Id] = bindparam("runs", expanding=True)
RUNS = select(ChecklistRun).where(ChecklistRun.site_id == OF_SITE, ChecklistRun.id.in_(OF_RUNS))
PARTICIPANTS = select(ChecklistParticipant.run_id, ChecklistParticipant.device_id).where(
    ChecklistParticipant.site_id == OF_SITE, ChecklistParticipant.run_id.in_(OF_RUNS)
)
ASSIGNEES = (
    select(ChecklistAssignee.run_id, ChecklistAssignee.person_id)
    .where(ChecklistAssignee.site_id == OF_SITE, ChecklistAssignee.run_id.in_(OF_RUNS))
    .order_by(ChecklistAssignee.person_id)
)
TEMPLATES = cast(Table, ChecklistTemplate.__table__)
SHAS = select(TEMPLATES.c.id, TEMPLATES.c.sha).where(TEMPLATES.c.id.in_(bindparam("ids", expanding=True)))
TEXTS = select(TEMPLATES).where(TEMPLATES.c.id.in_(bindparam("ids", expanding=True)))

# What a version says follows from its id and its text's sha, in whichever database it lies: it is parsed once.
VERSIONS: dict[tuple[str, str], ChecklistTemplate] = {}
MOST_VERSIONS = 1000


@dataclass
class Sheet:
    """One run as the operations of a transaction see it.

    Items that a verb changes are named in `touched` until `steps.save_items` wrote them; `needed` is loaded when first
    asked for.
    """

    run: ChecklistRun
    template: ChecklistTemplate
    items: dict[str, ItemState] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    devices: set[Id] = field(default_factory=set)
    needed: list[ChecklistRun] | None = None

    @cached_property
    def name(self) -> str:
        """The run's id as records and audit trails spell it."""
        return str(self.run.id)

    def shown(self) -> dict[str, dict[str, Any]]:
        """Every touched item as judging sees it."""
        return {item_id: item.shown() for item_id, item in self.items.items()}

    def state(self) -> str:
        """The token of what an accepter is shown: another answer, mark or waiver makes another token."""
        return state_of(self.run, self.items.values())

    def gaps(self) -> list[dict[str, Any]]:
        """What is missing or wrong (`judge.gaps`)."""
        return judge.gaps(self.template.document, self.shown())

    def waits_for_items(self, item: judge.Item) -> list[str]:
        """Items that come before this one and are not settled (CHK-3)."""
        if not item.get("after"):
            return []
        return judge.waits_for(item, {id: self.items[id].shown() for id in item["after"] if id in self.items})


def state_of(run: ChecklistRun, items: Iterable[ItemState]) -> str:
    """The decider's token over a run and its touched items."""
    shown = [
        [item.item_id, item.state, item.contested, item.decided, item.waiver, item.sent_back]
        for item in sorted(items, key=lambda item: item.item_id)
    ]
    return judge.token([run.status, run.due_at, run.finished, run.accepted, run.rejected, run.flags, shown])


def sheets(session: Session, site_id: Id, run_ids: Iterable[Id]) -> dict[Id, Sheet]:
    """The runs of this site among `run_ids`; what an earlier operation of the transaction loaded is not loaded again."""
    known: dict[tuple[Id, Id], Sheet] = kept(session, KEPT)
    wanted = list(dict.fromkeys(run_ids))
    fresh = [id for id in wanted if (site_id, id) not in known]
    if fresh:
        known.update({(site_id, sheet.run.id): sheet for sheet in _load(session, site_id, fresh)})
    return {id: known[site_id, id] for id in wanted if (site_id, id) in known}


def _load(session: Session, site_id: Id, run_ids: list[Id]) -> list[Sheet]:
    runs = list(session.scalars(RUNS, {"site": site_id, "runs": run_ids}))
    if not runs:
        return []
    templates = templates_of(session, runs)
    found = {run.id: Sheet(run, templates[run.template_id]) for run in runs}
    ids = list(found)
    for item in select_items(session, ids):
        found[item.run_id].items[item.item_id] = item
    for run_id, device_id in session.connection().execute(PARTICIPANTS, {"site": site_id, "runs": ids}):
        found[run_id].devices.add(device_id)
    return list(found.values())


def known_runs(session: Session, run_ids: Iterable[Id]) -> list[ChecklistRun]:
    """These runs: what the transaction holds already is not read again."""
    known: dict[tuple[Id, Id], Sheet] = kept(session, KEPT)
    held = {run_id: sheet.run for (_, run_id), sheet in known.items()}
    wanted = list(run_ids)
    runs = [held[run_id] for run_id in wanted if run_id in held]
    others = [run_id for run_id in wanted if run_id not in held]
    return runs + (list(session.scalars(select(ChecklistRun).where(ChecklistRun.id.in_(others)))) if others else [])


def known_items(session: Session, run_ids: Iterable[Id]) -> list[ItemState]:
    """The touched items of these runs: what the transaction holds already is not read again."""
    known: dict[tuple[Id, Id], Sheet] = kept(session, KEPT)
    held = {run_id: sheet for (_, run_id), sheet in known.items()}
    wanted = list(run_ids)
    others = [run_id for run_id in wanted if run_id not in held]
    items = [item for run_id in wanted if run_id in held for item in held[run_id].items.values()]
    return items + (select_items(session, others) if others else [])


def sheet_of(tx: Tx, run_id: Id) -> Sheet:
    """The run the operation is about: it joins that run's trail, also when it is only noted, held or refused."""
    held: Sheet | None = kept(tx.session, KEPT).get((tx.site_id, run_id))
    tx.about("checklist_run", held.name if held is not None else run_id)
    return held or find_sheet(tx, run_id)


def find_sheet(tx: Tx, run_id: Id) -> Sheet:
    """A run the operation names; a device's operation waits for whoever makes it (parent_missing)."""
    return sheets(tx.session, tx.site_id, [run_id]).get(run_id) or tx.missing("checklist_run", run_id)


def keep_sheet(session: Session, sheet: Sheet) -> None:
    """Let the operations that follow in this transaction find a run that was just made."""
    kept(session, KEPT)[sheet.run.site_id, sheet.run.id] = sheet


def forget_sheets(session: Session) -> None:
    """Runs were laid out, moved or cancelled: who waits for whom is looked up again."""
    forget(session, KEPT)


def templates_of(session: Session, runs: Iterable[ChecklistRun]) -> dict[str, ChecklistTemplate]:
    """The template versions of these runs by id, to be read only: they belong to no session, all transactions share them."""
    sheets: dict[tuple[Id, Id], Sheet] = kept(session, KEPT)
    held = {sheet.template.id: sheet.template for sheet in sheets.values()}
    wanted = {run.template_id for run in runs}
    if others := wanted - held.keys():
        held.update(_read_versions(session, sorted(others)))
    return {id: held[id] for id in wanted}


def _read_versions(session: Session, ids: list[str]) -> dict[str, ChecklistTemplate]:
    """Whether a version was parsed before tells its sha: an id alone may mean another text in another database."""
    connection = session.connection()
    names = [(id, sha) for id, sha in connection.execute(SHAS, {"ids": ids})]
    found = {name[0]: version for name in names if (version := VERSIONS.get(name)) is not None}
    if missing := [id for id, _ in names if id not in found]:
        if len(VERSIONS) >= MOST_VERSIONS:
            VERSIONS.clear()
        for row in connection.execute(TEXTS, {"ids": missing}).mappings():
            found[row["id"]] = VERSIONS[row["id"], row["sha"]] = ChecklistTemplate(**row)
    return found


def select_assignees(session: Session, site_id: Id, run_ids: Iterable[Id]) -> list[tuple[Id, Id]]:
    """(run, person) of everybody whom a lead put on one of these runs."""
    rows = session.connection().execute(ASSIGNEES, {"site": site_id, "runs": list(run_ids)})
    return [(run_id, person_id) for run_id, person_id in rows]


def needed_runs(session: Session, sheet: Sheet) -> list[ChecklistRun]:
    """The lists of the same target that this one waits for (CHK-3); a list started on its own waits for none."""
    run, needs = sheet.run, sheet.template.needs
    if run.target_id is None or not needs:
        return []
    if sheet.needed is None:
        query = select(ChecklistRun).where(
            ChecklistRun.site_id == run.site_id,
            ChecklistRun.target_kind == run.target_kind,
            ChecklistRun.target_id == run.target_id,
            ChecklistRun.code.in_(needs),
            ChecklistRun.status != CANCELLED,
            or_(ChecklistRun.round.is_(None), ChecklistRun.round == 1),
        )
        sheet.needed = list(session.scalars(query.order_by(ChecklistRun.made_at, ChecklistRun.id)))
    return sheet.needed


def newest_by_code(runs: Iterable[ChecklistRun]) -> dict[str, ChecklistRun]:
    """Of several runs of one list, the one made last counts: it replaced the others."""
    return {run.code: run for run in runs}


def unmet_needs(session: Session, sheet: Sheet, at: int) -> list[str]:
    """Codes of the lists that were not accepted at this moment, in the template's order (CHK-3).

    A list that was accepted then and reopened later counts as accepted then.
    """
    if sheet.run.target_id is None:
        return []
    runs = newest_by_code(needed_runs(session, sheet))
    open_needs = []
    for code in sheet.template.needs:
        run = runs.get(code)
        if run is None or not (run.status == ACCEPTED and (run.accepted_at or 0) <= at):
            open_needs.append(code)
    if open_needs and (doubtful := [runs[code].id for code in open_needs if code in runs]):
        query = select(ChecklistAcceptance.run_id).where(
            ChecklistAcceptance.site_id == sheet.run.site_id,
            ChecklistAcceptance.run_id.in_(doubtful),
            ChecklistAcceptance.at <= at,
            ChecklistAcceptance.voided_at > at,
        )
        then_accepted = set(session.scalars(query))
        open_needs = [code for code in open_needs if code not in runs or runs[code].id not in then_accepted]
    return open_needs


def access_sheet(session: Session, site_id: Id, run_id: Id) -> Sheet:
    """A run with its items for a page, or NotFound."""
    found = sheets(session, site_id, [run_id]).get(run_id)
    if found is None:
        raise NotFound("checklist_run")
    return found
