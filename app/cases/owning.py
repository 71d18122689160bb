"""Whose an exception is and by when it is decided: a post by what it is about, the end of a shift or of the next day.

The owner is a post, not a person: the queue tells who holds it now, and a vacant post is everybody's who may decide. A package
names the posts for its own operations (`owned_by`); somebody who spoke never owns what they said while another post can (GEN-3).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.lib.clock import DAY, HOUR
from app.people.access import roles_at
from app.sync.models import Operation

DECIDERS = ("shift_lead", "logistics_manager")  # who carries exceptions.decide, the nearest to the floor first
# In force, and yet work stands still until somebody looks.
URGENT = frozenset({"contested", "below_zero"})
SHIFT = 8 * HOUR

_owners: dict[str, tuple[str, ...]] = {}


def owned_by(folder: str, *roles: str) -> None:
    """Register who owns exceptions of operations whose type begins with `folder`: the first of these posts, else the next."""
    _owners[folder] = roles


def posts() -> list[str]:
    """Every post that may own an exception."""
    return sorted({*DECIDERS, *(post for those in _owners.values() for post in those)})


def owner_of(session: Session, operation: Operation, at: int) -> str:
    """The post that owns what became of this operation."""
    posts = _owners.get(operation.type.partition(".")[0], DECIDERS)
    own = roles_at(session, operation.actor, at)
    return next((post for post in posts if post not in own), posts[0])


def is_urgent(code: str, *, in_force: bool) -> bool:
    """Whether work waits for a word on it."""
    return not in_force or code in URGENT


def due_at(code: str, *, in_force: bool, opened_at: int) -> int:
    """What waits is decided within the shift, what only has to be seen within a day."""
    return opened_at + (SHIFT if is_urgent(code, in_force=in_force) else DAY)
