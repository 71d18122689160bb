"""What is looked up once a transaction: a push asks the same questions hundreds of times."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session


def kept(session: Session, name: str) -> dict[Any, Any]:
    """A dictionary that lives as long as the session's present transaction, so it never outlives what it was read from."""
    transaction = session.get_transaction()
    held = session.info.get(name)
    if held is None or held[0] is not transaction or transaction is None:
        held = session.info[name] = (transaction, {})
    found: dict[Any, Any] = held[1]
    return found


def forget(session: Session, name: str) -> None:
    """What was kept under this name is looked up again."""
    session.info.pop(name, None)
