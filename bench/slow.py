"""Slows a whole browser down: every process of it runs one part of the time and is stopped for the rest.

DevTools can slow only a page's main thread; a cheap phone is slow in its storage, its compositor and its start as well.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

PERIOD_S = 0.012
TRIES = 8
NEAR = 0.04
# Plain work, for about a tenth of a second on a machine of today.
WORK = """() => {
  const start = performance.now();
  let sum = 0;
  for (let n = 0; n < 6e7; n++) sum += n % 7;
  return performance.now() - start;
}"""


def processes_of(mark: str) -> list[int]:
    """The processes whose command line names `mark` (a browser's profile folder), and their descendants."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            pid = int(folder.name)
            parents[pid] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if mark in (folder / "cmdline").read_text():
                found.add(pid)
    found -= {os.getpid(), os.getppid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def _signal(pids: list[int], what: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)


def beat(mark: str, times: float) -> None:
    """Stop and continue until killed. A process of its own: a thread would wait for the measuring one."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    pids = processes_of(mark)
    for turn in range(1 << 30):
        _signal(pids, signal.SIGSTOP)
        stopped = time.perf_counter()
        if turn % 50 == 49:
            pids = processes_of(mark)  # renderers come and go; looking takes a while, so they rest meanwhile
        time.sleep(PERIOD_S * (1 - 1 / times))
        rested = time.perf_counter() - stopped
        _signal(pids, signal.SIGCONT)
        # What they may run is a share of what they really rested: sleeping is never exact.
        resume = time.perf_counter() + rested / (times - 1)
        while time.perf_counter() < resume:
            pass


@contextlib.contextmanager
def slowed(mark: str, times: float) -> Iterator[None]:
    """Inside the block the processes named by `mark` run 1/`times` of the time."""
    command = [sys.executable, "-m", "bench.slow", mark, str(times)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1]) as beater:
        time.sleep(0.3)  # until it beats
        try:
            yield
        finally:
            beater.kill()
            _signal(processes_of(mark), signal.SIGCONT)


def slowness(page: Page) -> float:
    """How many times as long plain work takes as the processor time that it costs: 1 with a processor to itself.

    What else runs on the machine counts like the brake: both keep the page from a processor.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def spent() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "ThreadTime")

    before = spent()
    wall = float(page.evaluate(WORK)) / 1000
    cost = spent() - before
    session.detach()
    return wall / cost


def brake_for(page: Page, mark: str, times: float) -> float:
    """How hard to brake until the page is `times` as slow.

    Braking by stopping is never exact, and a busy machine is slow already: what comes nearest of some tries is taken.
    """
    brake = best = times
    distance = float("inf")
    for _ in range(TRIES):
        with slowed(mark, brake):
            found = statistics.median(slowness(page) for _ in range(5))
        if abs(found / times - 1) < distance:
            best, distance = brake, abs(found / times - 1)
        if distance <= NEAR:
            break
        brake = max(1.2, brake * times / found)
    return best


if __name__ == "__main__":
    beat(sys.argv[1], float(sys.argv[2]))
