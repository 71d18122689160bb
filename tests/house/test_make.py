"""The Makefile tells about itself what the README tells about it."""

from __future__ import annotations

import re
import subprocess

from tests.house.tree import ROOT, text

TARGETS = {
    "run",
    "phones",
    "backup",
    "restore",
    "test",
    "test-again",
    "test-postgres",
    "postgres",
    "soak",
    "check",
    "format",
    "bench",
    "screens",
    "rules",
    "ops",
    "browser",
    "help",
}


def test_help_names_every_target() -> None:
    """`make` alone is `make help`; no target is a secret."""
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([\w-]+)", said, re.M)) == TARGETS


def test_every_target_sets_up_what_it_needs() -> None:
    """Whatever is run first on a fresh clone makes its own .venv."""
    for target, needs in re.findall(r"^([a-z-]+):(.*?)##", text(ROOT / "Makefile"), re.M):
        assert target == "help" or "$(RUN)" in needs or "$(DEV)" in needs, target


def test_ci_runs_what_people_run() -> None:
    """.ci/run knows no more than make does."""
    said = text(ROOT / ".ci" / "run")
    assert "set -euo pipefail" in said
    steps = ["browser", "postgres", "check", "test || make test-again", "test-postgres"]
    assert re.findall(r"^make (.+)$", said, re.M) == steps
