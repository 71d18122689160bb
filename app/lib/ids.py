"""Identifiers: UUIDv7, made by whoever creates the thing (usually a device with no network)."""

from __future__ import annotations

import uuid
from functools import lru_cache

from uuid_utils import compat

Id = uuid.UUID


def new_id() -> Id:
    """A fresh UUIDv7: unique without a server, and sorted by the time it was made."""
    return compat.uuid7()


def parse_id(text: object) -> Id | None:
    """The id written as `text` in canonical form, or None: the caller says what is wrong in its own words."""
    if isinstance(text, str):
        return _parse(text) if len(text) == 36 else None
    return text if isinstance(text, uuid.UUID) else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> Id | None:
    """Kept for a while: a push names the same few people, grants and runs in each of its operations."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
