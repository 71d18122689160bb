"""What is looked up once a transaction: a push asks the same questions hundreds of times."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

KEPT = "offstage.kept"


def kept(session: Session, name: str) -> dict[Any, Any]:
    """A dictionary that lives as long as the session's present transaction, so it never outlives what it was read from.

    A savepoint that is rolled back empties it: what was kept may speak of rows that are gone.
    """
    transaction = session.get_transaction()
    held = session.info.get(KEPT)
    if held is None or held[0] is not transaction or transaction is None:
        held = session.info[KEPT] = (transaction, {})
    everything: dict[str, dict[Any, Any]] = held[1]
    return everything.setdefault(name, {})


def forget(session: Session, name: str | None = None) -> None:
    """What was kept under this name, or all of it, is looked up again."""
    if name is None:
        session.info.pop(KEPT, None)
    else:
        kept(session, name).clear()
