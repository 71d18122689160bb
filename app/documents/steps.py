"""What other features may make happen to documents."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from app.documents.models import Document, find_document
from app.sync import Tx


def keep_document(tx: Tx, kind: str, id: str, body: dict[str, Any], seq: int) -> bool:
    """Keep `body` as the document's present text; says whether that changed anything, and publishes only then."""
    sha = hashlib.sha256(orjson.dumps([seq, body], option=orjson.OPT_SORT_KEYS)).hexdigest()
    document = find_document(tx.session, kind, id)
    if document is not None and document.sha == sha:
        return False
    if document is None:
        document = Document(kind=kind, id=id)
        tx.session.add(document)
    document.seq, document.body, document.sha, document.changed_at = seq, body, sha, tx.now
    tx.log_step("documents.keep_document", kind=kind, id=id, sha=sha)
    return True
