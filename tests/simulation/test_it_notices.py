"""A rule of the server put out of force breaks its invariant in a trace of a few steps: the simulator sees what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.devices import access
from app.sync.engine import Engine
from app.sync.hooks import GrantCheck
from app.sync.unit import Unit
from tests.simulation.house import House, the_house
from tests.simulation.scheduler import Step, Trace, live
from tests.simulation.shrink import told

CREWS = (("warehouse_keeper",), ("shipping_clerk",))
SALT = 7


def trace(*steps: tuple[int, str] | tuple[int, str, str]) -> Trace:
    """What the two devices do, and what strikes."""
    made = [
        Step(n, 20_000, device, do, "".join(fault), 0, SALT + n) for n, (device, do, *fault) in enumerate(steps)
    ]  # fmt: skip
    return Trace(0, CREWS, tuple(made))


@contextmanager
def no_rollback(unit: Unit) -> Iterator[None]:
    """A savepoint that nothing goes back to."""
    try:
        yield
        unit.session.flush()
    except Exception:
        unit.session.expunge_all()
        raise


def any_grant(grants: Any, grant_id: object, actor: Any, happened_at: int) -> GrantCheck:
    """Every grant is good for ever."""
    return GrantCheck(grants.named.get(str(grant_id)), None)


Breaks = tuple[Any, str, Callable[..., Any], Trace]
BROKEN: dict[str, Breaks] = {
    "I2": (Unit, "savepoint", no_rollback, trace((0, "goods.receive"), (0, "sync", "handler_fails_twice"))),
    "I8": (access, "is_book_withheld", lambda *_: False, trace((0, "sync"))),
    "I9": (
        Engine, "_release", lambda *_: None,
        trace((1, "counts.count"), (1, "counts.count"), (1, "sync"), (0, "counts.through"), (0, "counts.through"), (0, "sync"),
              (1, "sync")),
    ),
    "I11": (
        access.Grants, "check", any_grant,
        trace((0, "goods.receive"), (0, "!grant_ended_at_office"), (1, "!grant_ended_at_office"), (0, "goods.receive"),
              (1, "goods.receive"), (0, "sync"), (1, "sync")),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def house() -> House:
    return the_house()


@pytest.mark.parametrize("invariant", BROKEN)
def test_it_notices(invariant: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same trace holds with the rule and breaks the invariant without it."""
    where, name, broken, steps = BROKEN[invariant]
    whole = live(steps, house)
    assert whole.violation is None, told(whole)
    monkeypatch.setattr(where, name, broken)
    outcome = live(steps, house)
    assert outcome.violation is not None
    assert outcome.violation.invariant == invariant, outcome.violation
