"""Every screen of the product, on the narrowest phone and on a desk: axe, width, words, targets (quality.md, proof 4)."""

from __future__ import annotations

import pytest

from scripts.screens import FIRST_RUN, SCREENS, walk

# English is longer than Chinese, and the dim look has the least contrast to spare.
KINDS = [("narrow", "en", "studio-dim"), ("desk", "zh", "bright")]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("screens")]


def test_every_screen_is_whole() -> None:
    """No finding of axe, no sideways scroll at 320 px, no missing word, no floor target under 48 px (T42, GEN-8, F14)."""
    walked = walk(list(SCREENS), KINDS)
    assert walked.faults == []
    assert walked.pictures == len(SCREENS) * len(KINDS)


def test_the_first_run_is_whole() -> None:
    """The same for the pages of an empty installation."""
    assert walk(list(FIRST_RUN), KINDS, DEMO="0").faults == []
