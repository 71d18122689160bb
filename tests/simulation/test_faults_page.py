"""docs/faults.md names tests and faults that are there, and every fault the simulator knows."""

from __future__ import annotations

import re
from pathlib import Path

from tests.simulation.faults import happenings, on_request

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text()


def test_every_test_it_names_is_there() -> None:
    """A renamed test takes the page along."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 40
    gone = [f"{path}::{name}" for path, name in named if f"def {name}(" not in (ROOT / path).read_text()]
    assert gone == []


def test_every_letter_in_the_table_is_explained() -> None:
    """No cell leads nowhere, and no test is listed for nothing."""
    rows = re.findall(r"^\| (\d+) \| [^|]+ \|(.*)\|$", PAGE, re.M)
    for number, cells in rows:
        entry = re.search(rf"^{number}\. (.*?)(?=^\d+\. |\Z)", PAGE, re.M | re.S)
        assert entry, number
        used, known = set(re.findall(r"\b[a-f]\b", cells)), set(re.findall(r"(?:^|[\s])([a-f]) `", entry[1]))
        assert used <= known, (number, used - known)
        assert known - used <= {"d"}, (number, known - used)  # 7 d is named in the text below the table


def test_it_names_every_fault_of_the_simulator() -> None:
    """A new fault gets its row."""
    missing = [name for name in (*on_request, *happenings) if f"`{name}`" not in PAGE]
    assert missing == []
