"""`python -m tests.simulation --seed 7`: live one seed, tell what it covered, shrink it if it fails; `--soak` for thousands."""

from __future__ import annotations

import argparse
import sys

from tests.simulation import corpus
from tests.simulation.coverage import table
from tests.simulation.house import the_house
from tests.simulation.scheduler import live, plan
from tests.simulation.shrink import shrink, told


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="live this seed")
    parser.add_argument("--whole", action="store_true", help="do not shrink a trace that fails")
    parser.add_argument("--keep", metavar="WHAT", help="add the trace that fails to the corpus, and say what was wrong")
    parser.add_argument("--soak", type=int, metavar="SEEDS", help="live seeds 1 … SEEDS, going on where the last slice ended")
    parser.add_argument("--minutes", type=float, default=10, help="a slice of the soak takes at most so long")
    said = parser.parse_args()
    if said.soak:
        from tests.simulation.soak import soak

        return soak(said.soak, minutes=said.minutes)
    if said.seed is None:
        parser.error("--seed N or --soak SEEDS")
    return one(said.seed, whole=said.whole, found=said.keep)


def one(seed: int, *, whole: bool, found: str | None) -> int:
    """One seed: 0 when all holds."""
    house = the_house()
    outcome = live(plan(seed), house)
    if outcome.violation is None:
        print(table(outcome.coverage))
        print(f"seed {seed}: {outcome.operations} operations, everything holds")
        return 0
    steps = len(outcome.trace.steps)
    outcome = outcome if whole else shrink(outcome, house)
    print(told(outcome, whole=steps))
    if found:
        corpus.keep(outcome, found)
    return 1


if __name__ == "__main__":
    sys.exit(main())
