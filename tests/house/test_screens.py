"""Every screen of the product, on the narrowest phone and on a desk: axe, width, words, targets (quality.md, proof 4)."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from scripts.screens import FIRST_RUN, SCREENS, walk
from tests.browser.harness import copy_data, make_demo
from tests.once import made_once

# English is longer than Chinese, and the dim look has the least contrast to spare.
KINDS = [("narrow", "en", "studio-dim"), ("desk", "zh", "bright")]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("screens")]


def faults_of(demo: Path | None) -> tuple[list[str], int]:
    """Walk through the demo's screens or the first run's: faults, and how many pictures there were to judge."""
    walked = walk(list(SCREENS), KINDS, data_dir=demo) if demo else walk(list(FIRST_RUN), KINDS, DEMO="0")
    return walked.faults, walked.pictures


def faults_apart(demo: Path | None) -> tuple[list[str], int]:
    """In a process of its own: a process runs one Playwright, and the browser tests have theirs."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(faults_of, demo).result()


def test_every_screen_is_whole(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    """No finding of axe, no sideways scroll at 320 px, no missing word, no floor target under 48 px (T42, GEN-8, F14)."""
    demo = made_once(tmp_path_factory, "demo", make_demo)
    faults, pictures = faults_apart(copy_data(demo, tmp_path / "instance"))
    assert faults == []
    assert pictures == len(SCREENS) * len(KINDS)


def test_the_first_run_is_whole() -> None:
    """The same for the pages of an empty installation."""
    faults, _ = faults_apart(None)
    assert faults == []
