"""Thousands of seeds in slices: what is done stands in `.soak/state.json`, and the next slice goes on from there."""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from tests.simulation.coverage import missing, table

STATE = Path(__file__).parents[2] / ".soak" / "state.json"
LAST_SEED_S = 40  # nothing new is begun so shortly before the slice ends


@dataclass
class State:
    """How far the soak has come."""

    begun: int = 0  # the highest seed that was begun; those in `open` are not done
    done: int = 0
    operations: int = 0
    seconds: float = 0
    open: list[int] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    coverage: dict[str, int] = field(default_factory=dict)

    def save(self) -> None:
        STATE.parent.mkdir(exist_ok=True)
        STATE.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))


def read_state() -> State:
    """Where the last slice ended."""
    return State(**orjson.loads(STATE.read_bytes())) if STATE.exists() else State()


def one_seed(seed: int) -> tuple[int, str | None, Counter[str], int]:
    """In a process of the pool."""
    from tests.simulation.house import the_house
    from tests.simulation.scheduler import live, plan

    outcome = live(plan(seed), the_house())
    told = None if outcome.violation is None else str(outcome.violation)[:300]
    return seed, told, outcome.coverage, outcome.operations


def soak(seeds: int, *, minutes: float) -> int:
    """One slice: 0 when nothing has failed so far."""
    state, began = read_state(), time.monotonic()
    waiting = [*state.open]
    until = began + minutes * 60 - LAST_SEED_S
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        running: set[Future[tuple[int, str | None, Counter[str], int]]] = set()
        while True:
            while len(running) < (os.cpu_count() or 1) and time.monotonic() < until and (waiting or state.begun < seeds):
                if waiting:
                    seed = waiting.pop()
                else:
                    seed = state.begun = state.begun + 1
                    state.open.append(seed)
                running.add(pool.submit(one_seed, seed))
            if not running:
                break
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for one in ended:
                _note(state, *one.result())
            state.save()
    state.seconds += time.monotonic() - began
    state.save()
    return _tell(state, seeds)


def _note(state: State, seed: int, told: str | None, coverage: Counter[str], operations: int) -> None:
    state.open.remove(seed)
    state.done += 1
    state.operations += operations
    state.coverage = dict(Counter(state.coverage) + coverage)
    if told is not None:
        state.failed[str(seed)] = told
        print(f"seed {seed}: {told}", flush=True)


def _tell(state: State, seeds: int) -> int:
    coverage = Counter(state.coverage)
    print(table(coverage))
    print(f"{state.done} of {seeds} seeds, {state.operations} operations, {state.seconds / 60:.0f} minutes")
    if state.done >= seeds and (never := missing(coverage)):
        print("never fired:", ", ".join(never))
    for seed, told in state.failed.items():
        print(f"failed: python -m tests.simulation --seed {seed}   {told}")
    if state.done < seeds:
        print("run it again to go on; remove .soak/ to begin anew")
    return 1 if state.failed else 0
