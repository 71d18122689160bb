"""A seed becomes a trace, and a trace is lived: the same seed always makes the same story."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, cycle, islice
from random import Random
from typing import NamedTuple

from app.lib.clock import MINUTE, SECOND
from tests.simulation import faults, invariants
from tests.simulation.house import House
from tests.simulation.stage import LEADS, WORKERS
from tests.simulation.steps import Kind, load
from tests.simulation.world import COPIES, Violation, World

SYNC, HAPPENS = "sync", "!"
FEWEST, MOST = 3, 8
FAULTY = 0.5  # of the exchanges
COMES = 0.6  # of the times when work is to be done and nobody is signed in
CHECKED = 0.02  # of the steps are followed by a look at what can be looked at while things move


class Step(NamedTuple):
    """What one device, or the office, does next, and what goes wrong with it; `salt` makes its dice."""

    n: int
    pause_ms: int
    device: int
    do: str
    fault: str
    passes: int
    salt: int

    def __str__(self) -> str:
        wrong = f" with {self.fault} at request {self.passes + 1}" if self.fault else ""
        return f"{self.n:4}  +{self.pause_ms // 1000:>6} s  d{self.device}  {self.do}{wrong}  [{self.salt:x}]"


@dataclass(frozen=True)
class Trace:
    """Who works on which device, and what happens."""

    seed: int
    crews: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]

    def with_steps(self, steps: Sequence[Step]) -> Trace:
        return replace(self, steps=tuple(steps))


@dataclass
class Outcome:
    """What became of it."""

    trace: Trace
    violation: Violation | None
    coverage: Counter[str]
    operations: int
    where: str = ""
    excused: Counter[str] = field(default_factory=Counter)


def plan(seed: int) -> Trace:
    """The trace of a seed. Everything is chosen here and nothing when it is lived, so that steps can be taken out."""
    dice = Random(f"offstage {seed}")
    crews = tuple(_crew(dice, n) for n in range(dice.randint(FEWEST, MOST)))
    kinds = load()
    floor = [kind for kind in kinds.values() if kind.where == "floor"]
    office = [kind for kind in kinds.values() if kind.where == "office"]
    turns = Turns(cycle_from(faults.on_request, 7 * seed), cycle_from(faults.happenings, 9 * seed))
    steps = [_step(dice, n, len(crews), floor, office, turns) for n in range(dice.randint(120, 210))]
    return Trace(seed, crews, tuple(steps))


class Turns(NamedTuple):
    """Faults take turns, so that a few seeds have all of them."""

    faults: Iterator[str]
    happenings: Iterator[str]


def cycle_from(names: Iterable[str], start: int) -> Iterator[str]:
    """The names in order, over and over, from one of them."""
    return islice(cycle(sorted(names)), start, None)


def _crew(dice: Random, n: int) -> tuple[str, ...]:
    """A personal phone, or a shared one; leads have one of the first two."""
    first = LEADS[n] if n < len(LEADS) else dice.choice(WORKERS)
    if dice.random() < 0.6:
        return (first,)
    others = [login for login in (*WORKERS, *LEADS) if login != first]
    return (first, *dice.sample(others, dice.randint(1, 2)))


def _step(dice: Random, n: int, devices: int, floor: list[Kind], office: list[Kind], turns: Turns) -> Step:
    turn = dice.random()
    fault, passes = "", 0
    if turn < 0.32:
        do = SYNC
        if dice.random() < FAULTY:
            fault, passes = next(turns.faults), dice.choice([0, 0, 0, 1, 2])
    elif turn < 0.86:
        do = _chosen(dice, floor)
    elif turn < 0.94:
        do = _chosen(dice, office)
    else:
        do = HAPPENS + next(turns.happenings)
    if do == "people.sign_in" and dice.random() < FAULTY:
        fault, passes = next(turns.faults), dice.choice([0, 0, 1])
    pause = dice.choice([SECOND, 5 * SECOND, 20 * SECOND, MINUTE, 3 * MINUTE, 10 * MINUTE])
    return Step(n, pause, dice.randrange(devices + COPIES), do, fault, passes, dice.getrandbits(32))


def _chosen(dice: Random, kinds: list[Kind]) -> str:
    weights = list(accumulate(kind.weight for kind in kinds))
    return dice.choices(kinds, cum_weights=weights)[0].name


def live(trace: Trace, house: House) -> Outcome:
    """Live a trace to its end, or to the first violation."""
    world = World(house, list(trace.crews))
    violation, where = None, "at the beginning"
    try:
        with world.alive():
            for step in trace.steps:
                where = f"after step {step.n}"
                take(world, step)
            where = "when everybody had synced"
            world.settle_down()
            invariants.check_at_rest(world)
    except Violation as found:
        violation = found
    except Exception as bug:
        told = "".join(traceback.format_exception(bug)[-6:])
        violation = Violation("error", f"{type(bug).__name__}: {bug}\n{told}")
    return Outcome(trace, violation, world.coverage, len(world.log), where, Counter(world.excused.values()))


def take(world: World, step: Step) -> None:
    """One step."""
    world.pass_time(step.pause_ms)
    world.dice = dice = Random(step.salt)
    device = world.devices[step.device % len(world.devices)]
    world.deliver_late()
    if step.fault:
        world.armed.append((device, faults.on_request[step.fault], step.passes))
    if step.do == SYNC:
        said = world.guard(device, device.sync)
    elif step.do.startswith(HAPPENS):
        name = step.do.removeprefix(HAPPENS)
        world.fired(name)
        said = world.guard(device, lambda: faults.happenings[name](world, device, dice))
    else:
        kind = load()[step.do]
        if kind.where == "floor" and device.person is None and dice.random() < COMES:
            world.come(device, dice.choice(device.crew))
        said = world.guard(device, lambda: kind.work(world if kind.where == "office" else device, dice))
    world.disarm()
    world.story.append(f"{step}  {said}")
    world.fired("steps")
    if dice.random() < CHECKED:
        invariants.check_any_time(world)


__all__ = ["Outcome", "Step", "Trace", "live", "plan"]
