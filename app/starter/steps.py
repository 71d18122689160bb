"""Keeping the pack's content, also for whoever founds a site."""

from __future__ import annotations

from collections import defaultdict

from app.checklists.steps import keep_template
from app.checklists.templates import content_sha
from app.documents.steps import keep_document
from app.handbook.steps import keep_text
from app.people.steps import keep_role
from app.starter.reading import Pack
from app.stock.steps import keep_settings
from app.sync import Tx


def keep_pack(tx: Tx, pack: Pack) -> None:
    """Keep roles, lists, texts and limits; the same pack twice changes nothing."""
    for seq, role in enumerate(pack.roles, 1):
        keep_role(tx, role, seq)
    for template in pack.templates:
        keep_template(tx, template, content_sha(template))
    place: dict[str, int] = defaultdict(int)
    for kind, body in pack.texts:
        place[kind] += 1
        keep_text(tx, kind, body, place[kind])
    for seq, approval in enumerate(pack.approvals, 1):
        keep_document(tx, "approval", approval["id"], approval, seq)
    keep_settings(tx, pack.stock)
