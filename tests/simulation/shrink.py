"""The shortest trace that still fails: steps are taken out in ever smaller pieces while the same invariant breaks."""

from __future__ import annotations

import time
from collections.abc import Collection

from tests.simulation.house import House
from tests.simulation.scheduler import Outcome, Step, live


def shrink(failed: Outcome, house: House, *, seconds: float = 60) -> Outcome:
    """Whole devices first, then every step of a kind, then delta debugging; for so long at most."""
    assert failed.violation is not None
    best, until = failed, time.monotonic() + seconds

    def without(gone: Collection[Step]) -> bool:
        """Whether it still fails without these; then they are left out from now on."""
        nonlocal best
        steps = [step for step in best.trace.steps if step not in gone]
        if len(steps) == len(best.trace.steps) or time.monotonic() > until:
            return False
        tried = live(best.trace.with_steps(steps), house)
        if is_same(tried, failed):
            best = tried
            return True
        return False

    for device in {step.device for step in best.trace.steps}:
        without([step for step in best.trace.steps if step.device == device])
    for do in sorted({step.do for step in best.trace.steps}):
        without([step for step in best.trace.steps if step.do == do])
    size = max(1, len(best.trace.steps) // 2)
    while time.monotonic() < until:
        at, changed = 0, False
        while at < len(best.trace.steps):
            if without(best.trace.steps[at : at + size]):
                changed = True
            else:
                at += size
        if size == 1 and not changed:
            break
        size = max(1, size // 2)
    return best


def is_same(one: Outcome, other: Outcome) -> bool:
    """Whether the same invariant is broken in the same way: figures and ids may differ."""
    if one.violation is None or other.violation is None:
        return False
    return one.violation.invariant == other.violation.invariant and _shape(one) == _shape(other)


def _shape(outcome: Outcome) -> str:
    words = str(outcome.violation).split()[1:]
    return " ".join(word for word in words if word.isalpha())[:60]


def told(outcome: Outcome, *, whole: int | None = None) -> str:
    """What a reader needs: what broke, the steps that break it, how to see it again."""
    trace = outcome.trace
    crews = ", ".join(f"d{n}: {' + '.join(crew)}" for n, crew in enumerate(trace.crews))
    lines = [f"seed {trace.seed} breaks {outcome.violation}", f"  {outcome.where}; devices: {crews}"]
    if whole is not None:
        lines.append(f"  {len(trace.steps)} of {whole} steps suffice:")
    lines += [f"  {step}" for step in trace.steps]
    lines.append(f"again: python -m tests.simulation --seed {trace.seed}")
    return "\n".join(lines)
