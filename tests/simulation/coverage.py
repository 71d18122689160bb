"""What fired: a table of every fault, every verdict, every code."""

from __future__ import annotations

from collections import Counter

from tests.simulation.faults import happenings, on_request

STATUSES = ("applied", "noted", "held", "parked", "rejected")


def faults_fired(coverage: Counter[str]) -> int:
    """How many faults struck."""
    return sum(coverage[name] for name in (*on_request, *happenings))


def missing(coverage: Counter[str], codes: tuple[str, ...] = ()) -> list[str]:
    """Faults, verdicts and codes that never fired."""
    wanted = [*sorted(on_request), *sorted(happenings), *(f"verdict {status}" for status in STATUSES), *codes]
    return [name for name in wanted if not coverage[name]]


def table(coverage: Counter[str]) -> str:
    """For people."""
    parts = {
        "faults on the way and in the server": sorted(on_request),
        "what happens to devices, people, the house": sorted(happenings),
        "verdicts": sorted(name for name in coverage if "verdict " in name),
        "codes": sorted(name for name in coverage if "code " in name),
        "else": ["steps", "enrolled", "re-enrolled", "restored on the device", "approval given"],
    }
    lines = []
    for title, names in parts.items():
        lines.append(title)
        lines += [f"  {coverage[name]:>8}  {name}" for name in names]
    lines.append(f"faults: {faults_fired(coverage)} in {coverage['steps']} steps")
    return "\n".join(lines)
