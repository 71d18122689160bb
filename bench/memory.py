"""What a server process holds in memory, idle and after a load."""

from __future__ import annotations

from pathlib import Path

from bench.served import Served


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise RuntimeError(f"/proc/{pid}/status tells no VmRSS")


def largest(served: Served) -> float:
    """The server's largest process: the budget is per process."""
    return max(megabytes(pid) for pid in served.pids())
