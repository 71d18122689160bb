"""Which kinds of documents make up the handbook, and how pages read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.documents.models import find_document, select_documents

HANDBOOK_ID = "HB"
FOR_EVERY_DEVICE = ("handbook", "rule", "fault_plan", "unit", "zone")
FOR_SAFETY = ("playbook", "contact")
KINDS = (*FOR_EVERY_DEVICE, *FOR_SAFETY)


def find_handbook(session: Session) -> dict[str, Any] | None:
    """Version, names, chapters, pledge; None before the starter pack is loaded."""
    document = find_document(session, "handbook", HANDBOOK_ID)
    return None if document is None else document.body


def select_texts(session: Session, kind: str) -> list[dict[str, Any]]:
    """Every text of a kind in the order of the book."""
    return [document.body for document in select_documents(session, kind)]
