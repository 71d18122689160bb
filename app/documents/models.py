"""Documents by kind and id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.lib.db import Json, Model


class Document(Model):
    """One document of the whole organisation. `seq` is its place among its kind, `sha` tells a change from a repetition."""

    __tablename__ = "document"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    sha: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_document_place", "kind", "seq"),)


def select_documents(session: Session, kind: str) -> list[Document]:
    """Every document of a kind, in order."""
    return list(session.scalars(select(Document).where(Document.kind == kind).order_by(Document.seq, Document.id)))


def find_document(session: Session, kind: str, id: str) -> Document | None:
    """One document, or None."""
    return session.get(Document, (kind, id))
