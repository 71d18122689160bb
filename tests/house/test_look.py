"""The three looks: both dark blocks are one, and whatever is read or pressed stands out enough (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import STATIC, text

TOKENS = text(STATIC / "css" / "tokens.css")
DARK = re.compile(r'(?::root:not\(\[data-look\]\)|:root\[data-look="dark"\]) \{(.*?)\n\s*\}', re.S)
CUES = ("wait", "go", "stop", "work")

# (letters, ground) that are read: 4.5 : 1
READ = [
    *[(ink, ground) for ink in ("ink", "ink-2") for ground in ("page", "board", "well")],
    ("ink", "press"), ("on-act", "act"), ("on-tape", "tape"),
    *[(f"{cue}-ink", ground) for cue in CUES for ground in ("page", "board")],
    *[(f"on-{cue}-band", f"{cue}-band") for cue in CUES],
    ("stop-ink", "stop-wash"), ("ink", "stop-wash"), ("ink-2", "stop-wash"),
]  # fmt: skip
# (shape, ground) that say state or mark a control: 3 : 1
SEEN = [
    *[("wait-mark" if cue == "wait" else cue, ground) for cue in CUES for ground in ("page", "board")],
    *[(f"on-{cue}", cue) for cue in CUES],
    ("edge", "page"), ("edge", "board"), ("focus", "page"), ("focus", "board"), ("stop", "stop-wash"),
]  # fmt: skip


def tokens(block: str) -> dict[str, str]:
    """Colour tokens of one block."""
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", block))


def looks() -> dict[str, dict[str, str]]:
    """The colours of each look."""
    bright = tokens(TOKENS[: TOKENS.index("@media")])
    dark = tokens(DARK.findall(TOKENS)[1])
    dim = tokens(TOKENS[TOKENS.index('data-look="studio-dim"') :])
    return {"bright": bright, "dark": {**bright, **dark}, "studio-dim": {**bright, **dim}}


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """Of two colours, 1 to 21."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def test_dark_is_the_same_by_choice_and_by_preference() -> None:
    """The device's own preference and the chosen look are written twice: CSS cannot share them."""
    preferred, chosen = (re.sub(r"\s+", " ", block).strip() for block in DARK.findall(TOKENS))
    assert preferred == chosen


@pytest.mark.parametrize("look", ["bright", "dark", "studio-dim"])
def test_letters_and_marks_stand_out(look: str) -> None:
    """Every pair that is used, in every look."""
    colours = looks()[look]
    weak = [
        f"{ink} on {ground}: {found:.2f}"
        for pairs, least in ((READ, 4.5), (SEEN, 3.0))
        for ink, ground in pairs
        if (found := contrast(colours[ink], colours[ground])) < least
    ]
    assert not weak


def test_studio_dim_stays_dim() -> None:
    """Lettering is never brighter than three quarters of white, and no area than a third."""
    for name, colour in tokens(TOKENS[TOKENS.index('data-look="studio-dim"') :]).items():
        is_lettering = name.startswith(("on-", "ink")) or name.endswith("-ink")
        assert luminance(colour) <= (0.75 if is_lettering else 0.36), name
