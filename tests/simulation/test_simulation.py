"""A hundred seeds and the corpus, in tens that share a house; each ten fires every fault and every status of a verdict."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation import corpus
from tests.simulation.coverage import faults_fired, missing
from tests.simulation.house import House, the_house
from tests.simulation.scheduler import Trace, live, plan
from tests.simulation.shrink import shrink, told

TENS = 10  # two slow cores live them in about two and a half minutes
SHRINK_S = 60.0


@pytest.fixture(scope="module")
def house() -> House:
    """One for all traces of a process."""
    return the_house()


def live_well(trace: Trace, house: House) -> Counter[str]:
    """Live a trace in which all must hold; what breaks is told as short as it can be made in a minute."""
    outcome = live(trace, house)
    if outcome.violation is not None:
        pytest.fail(told(shrink(outcome, house, seconds=SHRINK_S), whole=len(trace.steps)), pytrace=False)
    return outcome.coverage


@pytest.mark.parametrize("ten", range(TENS))
def test_everything_holds(ten: int, house: House) -> None:
    """I1–I11 after every fault of sync.md §6 that concerns the server and the protocol."""
    coverage: Counter[str] = Counter()
    for seed in range(10 * ten + 1, 10 * ten + 11):
        coverage += live_well(plan(seed), house)
    assert missing(coverage) == []
    assert faults_fired(coverage) >= 0.15 * coverage["steps"]


@pytest.mark.parametrize("kept", corpus.read(), ids=lambda kept: f"{kept.trace.seed}")
def test_what_failed_once_holds(kept: corpus.Kept, house: House) -> None:
    """Every trace of the corpus."""
    live_well(kept.trace, house)


def test_a_seed_is_one_story(house: House) -> None:
    """What is lived again is the same to the last step, or no failing seed could be looked at twice."""
    one, other = live(plan(3), house), live(plan(3), house)
    assert (one.operations, one.coverage, one.excused) == (other.operations, other.coverage, other.excused)
