"""What other features may make happen to the handbook."""

from __future__ import annotations

from typing import Any

from app.documents.steps import keep_document
from app.sync import Tx


def keep_text(tx: Tx, kind: str, body: dict[str, Any], seq: int) -> bool:
    """Keep one text of the handbook; says whether it changed, and tells the devices then."""
    changed = keep_document(tx, kind, body["id"], body, seq)
    if changed:
        tx.publish(kind, body["id"])
    return changed
