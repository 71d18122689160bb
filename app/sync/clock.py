"""When a device's operation happened, by the server's clock (sync.md §2 Clock, GEN-5)."""

from __future__ import annotations

from typing import NamedTuple

from app.lib.clock import MINUTE, SECOND

TOLERATED = 5 * SECOND
SUSPICIOUS_OFFSET = 5 * MINUTE


class Corrected(NamedTuple):
    """The corrected time, and whether the device's clock had to be argued with."""

    happened_at: int
    doubted: bool


def corrected(at: int, offset: int, seen: int, *, previous: int, received_at: int) -> Corrected:
    """`at + offset`, not before `seen` nor the stream's previous operation, and above all not after receipt."""
    claimed = at + offset
    happened = claimed
    happened = min(max(claimed, seen, previous), received_at)  # rule: T17
    doubted = abs(happened - claimed) > TOLERATED or abs(offset) > SUSPICIOUS_OFFSET
    return Corrected(happened, doubted)
