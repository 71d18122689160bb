"""What devices are told of the handbook."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.models import Document
from app.handbook.models import FOR_EVERY_DEVICE, FOR_SAFETY
from app.people.access import select_site_ids
from app.sync import Placed, buckets, record

Render = Callable[[Session, list[str]], dict[str, list[Placed]]]


def _texts(session: Session, kind: str, ids: list[str]) -> list[Document]:
    return list(session.scalars(select(Document).where(Document.kind == kind, Document.id.in_(ids))))


def _for_every_device(kind: str) -> Render:
    def render(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
        return {text.id: [Placed(buckets.org(), text.body)] for text in _texts(session, kind, ids)}

    return render


def _for_safety(kind: str) -> Render:
    def render(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
        places = [buckets.safety(site_id) for site_id in select_site_ids(session)]
        return {text.id: [Placed(place, text.body) for place in places] for text in _texts(session, kind, ids)}

    return render


for _kind in FOR_EVERY_DEVICE:
    record(_kind)(_for_every_device(_kind))
for _kind in FOR_SAFETY:
    record(_kind)(_for_safety(_kind))
