"""The server's clock in milliseconds since 1970 UTC, the only form in which times are stored and sent (GEN-5)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_fixed_at: int | None = None


def now() -> int:
    """Milliseconds since 1970 UTC."""
    return _fixed_at if _fixed_at is not None else time.time_ns() // 1_000_000


@contextmanager
def at(moment: int) -> Iterator[None]:
    """Inside the block the clock stands at `moment`: for tests and for the demo, whose log is made in the past."""
    global _fixed_at
    before, _fixed_at = _fixed_at, moment
    try:
        yield
    finally:
        _fixed_at = before
