"""What a site that has been used for long costs: the same work at 100,000 stored records and at 1,000.

Both sites are filled through the API itself, with lists and their answers: every table and index holds what the engine
leaves there. The small one grows while it is measured, to some 7,000.
"""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from bench.device import Device, enrolled
from bench.measure import Budget, Figure, interleave, ratios, seconds
from bench.served import Served, offstage
from bench.sync import BATCH, LEADS, answers, batches_of, come_back, crowd, poll_of, pull_of_ten, rate, settled

SMALL = 1_000
LARGE = 100_000
PUSHED = 3 * BATCH  # operations a sample
DEVICES = 10
EACH = 50
SLOWER = Budget(at_most=1.2)


@dataclass
class Site:
    """A server, and the devices that work there."""

    served: Served
    device: Device
    crowd: list[tuple[Device, str]]

    @property
    def actors(self) -> list[str]:
        """The two people on the device."""
        return list(self.device.grants)

    def records(self) -> int:
        """How many records devices could hold of it."""
        with closing(sqlite3.connect(self.served.data_dir / "offstage.db")) as base:
            found: int = base.execute("SELECT sum(count) FROM bucket").fetchone()[0]
        return found


def measure(parts: set[str]) -> list[Figure]:
    """The figures of the part `growth`."""
    with offstage() as one, offstage() as other:
        small, large = open_site(one, SMALL), open_site(other, LARGE)
        against = f"at {large.records():,} records, times at {small.records():,}"
        return [
            Figure("growth", f"{what} {against}", "×", compare(work, small, large), SLOWER)
            for what, work in (
                ("head", poll),
                ("delta of 10", pull),
                ("push singly", push_singly),
                ("push by many", push_by_many),
                (f"{DEVICES} devices at once", storm),
            )
        ]


def open_site(served: Served, size: int) -> Site:
    """A site with so many records; its devices are filled while there is little to pull."""
    site = Site(served, enrolled(served, *LEADS), crowd(served, DEVICES))
    while site.records() < size:
        wanted = min(size - site.records(), 10 * BATCH)
        for batch in batches_of(site.device, answers(site.device, site.actors[:1], wanted)):
            settled(site.device.send(batch))
    return site


def compare(work: Callable[[Site], float], small: Site, large: Site) -> list[float]:
    """How many times as long the work takes on the large site."""

    def measured(site: Site) -> float:
        site.device.line.connect()  # the server closed what nobody used while the other site was measured
        return work(site)

    found = interleave({"small": lambda: measured(small), "large": lambda: measured(large)})
    return ratios(found["large"], found["small"])


def poll(site: Site) -> float:
    """Seconds a poll that finds nothing new."""
    return 1 / rate(site.device.line, poll_of(site.device), 304)


def pull(site: Site) -> float:
    """Seconds a delta of ten answers and their list."""
    return 1 / rate(site.device.line, pull_of_ten(site.device, site.actors[0]), 200)


def push_singly(site: Site) -> float:
    """Seconds for answers of two people in turn, so that no run forms."""
    return push(site, site.actors)


def push_by_many(site: Site) -> float:
    """Seconds for answers of one person."""
    return push(site, site.actors[:1])


def push(site: Site, people: list[str]) -> float:
    """Seconds for three batches of these people's answers."""
    device = site.device
    batches = batches_of(device, answers(device, people, PUSHED))

    def send() -> None:
        for batch in batches:
            settled(device.send(batch))

    return seconds(send)


def storm(site: Site) -> float:
    """Seconds a push while ten devices push at once."""
    return statistics.mean(come_back(site.crowd, EACH))
