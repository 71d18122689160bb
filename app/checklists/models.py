"""Templates, runs, the items of a run that somebody touched, and the history of answers and signatures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Table, Text, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.checklists import judge
from app.lib.db import IdType, Json, Model
from app.lib.errors import NotFound
from app.lib.ids import Id

SCHEDULED = "scheduled"
OPEN = "open"
DONE = "done"
ACCEPTED = "accepted"
CANCELLED = "cancelled"

ORDER_UNVERIFIED = "order_unverified"
AFTER_ACCEPTANCE = "after_acceptance"
AFTER_CLOSE = "after_close"


class ChecklistTemplate(Model):
    """One version of a list, for good: editing makes the next version (CHK-1). `document` is what its record shows."""

    __tablename__ = "checklist_template"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    sha: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_checklist_template_code", "code", "version", unique=True),)

    @cached_property
    def items(self) -> dict[str, dict[str, Any]]:
        """Item id → item, in list order."""
        return {item["id"]: dict(item) for item in judge.each_item(self.document)}

    @cached_property
    def needs(self) -> list[str]:
        """Codes of the lists that must be accepted first (CHK-3)."""
        return list(self.document["needs"])

    @cached_property
    def owner_role(self) -> str:
        """The role that answers."""
        return str(self.document["owner_role"])

    @property
    def accept_role(self) -> str:
        """The role that signs, always another person."""
        return str(self.document["accept_role"])


class ChecklistRun(Model):
    """One use of a template version. `target_kind`/`target_id` name what it is for (a show), nothing more.

    The marks `finished`, `accepted`, `rejected`, `cancelled` are `{by, at, …}` as their record shows them. A round
    (`repeat_min`) is a run of its own: `first_run_id` names the first, `round` counts from 1.
    """

    __tablename__ = "checklist_run"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    template_id: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(40))
    target_kind: Mapped[str | None] = mapped_column(String(40))
    target_id: Mapped[Id | None] = mapped_column(IdType)
    title: Mapped[str | None] = mapped_column(Text)
    anchor_at: Mapped[int | None] = mapped_column(BigInteger)
    start_at: Mapped[int | None] = mapped_column(BigInteger)
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    repeat_min: Mapped[int | None] = mapped_column(Integer)
    round: Mapped[int | None] = mapped_column(Integer)
    first_run_id: Mapped[Id | None] = mapped_column(IdType)
    status: Mapped[str] = mapped_column(String(20))
    started_by: Mapped[Id | None] = mapped_column(IdType)
    started_at: Mapped[int | None] = mapped_column(BigInteger)
    finished: Mapped[dict[str, Any] | None] = mapped_column(Json)
    accepted: Mapped[dict[str, Any] | None] = mapped_column(Json)
    accepted_at: Mapped[int | None] = mapped_column(BigInteger)
    rejected: Mapped[dict[str, Any] | None] = mapped_column(Json)
    cancelled: Mapped[dict[str, Any] | None] = mapped_column(Json)
    flags: Mapped[list[str]] = mapped_column(Json, default=list)
    made_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_checklist_run_id", "id"),
        Index("ix_checklist_run_target", "site_id", "target_kind", "target_id"),
        Index("ix_checklist_run_due", "site_id", "due_at"),
        Index("ix_checklist_run_first", "site_id", "first_run_id"),
    )

    def is_over(self) -> bool:
        """Signed or cancelled: only a person who reopens it changes it."""
        return self.status in (ACCEPTED, CANCELLED)

    def flag(self, flag: str) -> None:
        """Mark the run for whoever accepts it; flags are never taken back."""
        if flag not in (self.flags or []):
            self.flags = sorted([*(self.flags or []), flag])


class ChecklistItem(Model):
    """How one item of a run stands: made when somebody first touches it. Read and written as `ItemState`."""

    __tablename__ = "checklist_item"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    run_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    item_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    contested: Mapped[bool] = mapped_column(Boolean, default=False)
    decided: Mapped[dict[str, Any] | None] = mapped_column(Json)
    waiver: Mapped[dict[str, Any] | None] = mapped_column(Json)
    sent_back: Mapped[dict[str, Any] | None] = mapped_column(Json)

    __table_args__ = (Index("ix_checklist_item_run", "run_id"),)


ITEMS = cast(Table, ChecklistItem.__table__)
ITEMS_OF = select(ITEMS).where(ITEMS.c.run_id.in_(bindparam("runs", expanding=True))).order_by(ITEMS.c.run_id, ITEMS.c.item_id)


@dataclass(slots=True)
class ItemState:
    """One row of `checklist_item`: plain, because a push reads and writes hundreds and the ORM's bookkeeping costs most.

    `answers` are the current ones as a record shows them (normally one; several attest the same or contradict), `state`
    their ids; history is in ChecklistAnswer. `waiver` is `{steps: [{role, by, at, reason}], complete}`.
    """

    site_id: Id
    run_id: Id
    item_id: str
    answers: list[dict[str, Any]] = field(default_factory=list)
    contested: bool = False
    decided: dict[str, Any] | None = None
    waiver: dict[str, Any] | None = None
    sent_back: dict[str, Any] | None = None

    @property
    def state(self) -> list[str]:
        """Ids of the current answers, sorted: what a device hands back as basis."""
        return sorted([answer["id"] for answer in self.answers])

    def shown(self) -> dict[str, Any]:
        """What judging, gaps and the decider's token look at."""
        return {
            "answers": self.answers,
            "contested": self.contested,
            "decided": self.decided,
            "waiver": self.waiver,
            "sent_back": self.sent_back,
        }


class ChecklistAnswer(Model):
    """One answer as it was given; never changed but for `superseded_at`. Its id is its operation's."""

    __tablename__ = "checklist_answer"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    run_id: Mapped[Id] = mapped_column(IdType)
    item_id: Mapped[str] = mapped_column(String(40))
    by: Mapped[Id] = mapped_column(IdType)
    device_id: Mapped[Id | None] = mapped_column(IdType)
    happened_at: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[str] = mapped_column(String(10))
    value: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    severity: Mapped[str | None] = mapped_column(String(20))
    photos: Mapped[list[str]] = mapped_column(Json)
    photos_before: Mapped[list[str] | None] = mapped_column(Json)
    fixed: Mapped[bool] = mapped_column(Boolean)
    late: Mapped[bool] = mapped_column(Boolean)
    unverified: Mapped[bool] = mapped_column(Boolean)
    current: Mapped[bool] = mapped_column(Boolean)
    superseded_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_checklist_answer_item", "site_id", "run_id", "item_id"),)


class ChecklistAcceptance(Model):
    """A signature under a run, and when and why it was voided (CHK-6). Its id is its operation's."""

    __tablename__ = "checklist_acceptance"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    run_id: Mapped[Id] = mapped_column(IdType)
    by: Mapped[Id] = mapped_column(IdType)
    at: Mapped[int] = mapped_column(BigInteger)
    signature: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
    voided_at: Mapped[int | None] = mapped_column(BigInteger)
    voided_by: Mapped[Id | None] = mapped_column(IdType)
    void_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_checklist_acceptance_run", "site_id", "run_id"),)


class ChecklistParticipant(Model):
    """A device that takes part in a run: finishing waits until it was heard (sync.md §5)."""

    __tablename__ = "checklist_participant"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    run_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    device_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    person_id: Mapped[Id] = mapped_column(IdType)
    since_at: Mapped[int] = mapped_column(BigInteger)


class ChecklistAssignee(Model):
    """A person whom a lead put on a run, beside those whose role it is."""

    __tablename__ = "checklist_assignee"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    run_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    person_id: Mapped[Id] = mapped_column(IdType, primary_key=True)

    __table_args__ = (Index("ix_checklist_assignee_person", "site_id", "person_id"),)


class ChecklistReference(Model):
    """How an item of a list should look: a photo of an accepted run, for every version of the list and on every site."""

    __tablename__ = "checklist_reference"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    sha: Mapped[str] = mapped_column(String(64))
    run_id: Mapped[Id] = mapped_column(IdType)
    by: Mapped[Id] = mapped_column(IdType)
    at: Mapped[int] = mapped_column(BigInteger)


def access_run(session: Session, site_id: Id, run_id: Id) -> ChecklistRun:
    """The run of this site, or NotFound: one of another site is as good as none."""
    run = session.get(ChecklistRun, (site_id, run_id))
    if run is None:
        raise NotFound("checklist_run")
    return run


def access_template(session: Session, template_id: str) -> ChecklistTemplate:
    """A template by `CL-SET@1`, or its newest version by `CL-SET`."""
    template = session.get(ChecklistTemplate, template_id) or newest_template(session, template_id)
    if template is None:
        raise NotFound("checklist_template")
    return template


def newest_template(session: Session, code: str) -> ChecklistTemplate | None:
    """The newest version of a list."""
    query = select(ChecklistTemplate).where(ChecklistTemplate.code == code)
    return session.scalars(query.order_by(ChecklistTemplate.version.desc()).limit(1)).first()


def select_newest_templates(session: Session) -> list[ChecklistTemplate]:
    """The newest version of every list, by code."""
    query = select(ChecklistTemplate).order_by(ChecklistTemplate.code, ChecklistTemplate.version)
    return list({template.code: template for template in session.scalars(query)}.values())


def select_items(session: Session, run_ids: Iterable[Id]) -> list[ItemState]:
    """How every touched item of these runs stands, by run and item."""
    return [ItemState(*row) for row in session.connection().execute(ITEMS_OF, {"runs": list(run_ids)})]


def select_answers(session: Session, site_id: Id, run_id: Id) -> list[ChecklistAnswer]:
    """Every answer ever in force in a run, oldest first: the history its page and print show."""
    query = select(ChecklistAnswer).where(ChecklistAnswer.site_id == site_id, ChecklistAnswer.run_id == run_id)
    return list(session.scalars(query.order_by(ChecklistAnswer.received_at, ChecklistAnswer.id)))


def select_acceptances(session: Session, site_id: Id, run_id: Id) -> list[ChecklistAcceptance]:
    """Every signature ever put under a run, voided ones included, oldest first."""
    query = select(ChecklistAcceptance).where(ChecklistAcceptance.site_id == site_id)
    return list(session.scalars(query.where(ChecklistAcceptance.run_id == run_id).order_by(ChecklistAcceptance.at)))


def select_references(session: Session, code: str) -> dict[str, ChecklistReference]:
    """Item id → the photo of how it should look."""
    query = select(ChecklistReference).where(ChecklistReference.code == code)
    return {reference.item_id: reference for reference in session.scalars(query)}


def select_runs_of(session: Session, site_id: Id, target_kind: str, target_ids: Iterable[Id]) -> list[ChecklistRun]:
    """Every run hung on these things, in the order in which they are due."""
    query = select(ChecklistRun).where(
        ChecklistRun.site_id == site_id,
        ChecklistRun.target_kind == target_kind,
        ChecklistRun.target_id.in_(list(target_ids)),
    )
    return list(session.scalars(query.order_by(ChecklistRun.due_at, ChecklistRun.code, ChecklistRun.round)))
