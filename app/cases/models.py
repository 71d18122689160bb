"""Cases, and the exceptions of operations that were kept but do not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text, bindparam, func, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.lib.db import IdType, Json, Model
from app.lib.errors import NotFound
from app.lib.ids import Id

OPEN = "open"
CLOSED = "closed"
KINDS = ("fault", "incident")
HANDOVER = "handover"  # opened by the house itself: somebody left, and what was theirs needs another
SEVERITIES = ("minor", "moderate", "major", "critical")


class Case(Model):
    """Something to be put right. `about_kind`/`about_id` name what it is about; `no` counts from 1 on each site."""

    __tablename__ = "case"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    no: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)
    about_kind: Mapped[str] = mapped_column(String(40))
    about_id: Mapped[str] = mapped_column(String(120))
    opened_by: Mapped[Id] = mapped_column(IdType)
    opened_at: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[Id | None] = mapped_column(IdType)
    closed_by: Mapped[Id | None] = mapped_column(IdType)
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    close_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_case_no", "site_id", "no", unique=True),
        Index("ix_case_about", "about_kind", "about_id"),
        Index("ix_case_id", "id"),
    )

    def is_open(self) -> bool:
        """Still somebody's to put right."""
        return self.status == OPEN


class OperationException(Model):
    """An operation that was kept but does not fit, waiting for its owner's word (GEN-6): a case of its own kind.

    `no` counts on with the site's other cases, `owner` is the post that decides, `due_at` by when.
    """

    __tablename__ = "exception"

    site_id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    no: Mapped[int] = mapped_column(Integer)
    operation_id: Mapped[Id] = mapped_column(IdType)
    type: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    by: Mapped[Id] = mapped_column(IdType)
    at: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[int] = mapped_column(BigInteger)
    decided_by: Mapped[Id | None] = mapped_column(IdType)
    decided_at: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_exception_open", "site_id", "status", "opened_at"),
        Index("ix_exception_operation", "operation_id"),
        Index("ix_exception_no", "site_id", "no", unique=True),
        Index("ix_exception_id", "id"),
    )


def access_case(session: Session, site_id: Id, case_id: Id) -> Case:
    """The case of this site, or NotFound."""
    case = session.get(Case, (site_id, case_id))
    if case is None:
        raise NotFound("case")
    return case


HIGHEST_NO = union_all(
    *(select(func.max(kind.no).label("no")).where(kind.site_id == bindparam("site")) for kind in (Case, OperationException))
).subquery()
NEXT_NO = select(func.coalesce(func.max(HIGHEST_NO.c.no), 0) + 1)


def next_case_no(session: Session, site_id: Id) -> int:
    """The number of the site's next case or exception; called inside the one write transaction of the site, so it stays free."""
    return int(session.scalar(NEXT_NO, {"site": site_id}) or 1)


CASES_ABOUT = (
    select(Case)
    .where(Case.about_kind == bindparam("kind"), Case.about_id.in_(bindparam("ids", expanding=True)))
    .order_by(Case.no)
)


def select_cases_about(session: Session, about_kind: str, about_ids: Iterable[str]) -> list[Case]:
    """Cases about these things, oldest first."""
    return list(session.scalars(CASES_ABOUT, {"kind": about_kind, "ids": list(about_ids)}))
