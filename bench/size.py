"""What the floor weighs, as it is served, in brotli bytes: the first picture's files, and each part that a job brings."""

from __future__ import annotations

import brotli

from app.lib import build
from app.lib.words import LANGUAGES
from bench.measure import Budget, Figure

PART = 25  # kB: decision 0021


def weigh(name: str) -> float:
    """Kilobytes of a served file after brotli at the setting that files are packed with once."""
    body, _media_type = build.served(name) or (b"", "")
    return len(brotli.compress(body, quality=11)) / 1000


def measure(_parts: set[str]) -> list[Figure]:
    """What the first picture loads, with vendored scripts, style sheet and icons; each part; the words of one language."""
    words = [f"words/{lang}.js" for lang in LANGUAGES]
    parts = [part for parts in build.SCRIPTS.values() for part in parts]
    scripts = [name for name in build.floor_files() if name.endswith(".js") and name not in [*words, *parts]]
    core = {"JavaScript": sum(map(weigh, scripts)), "CSS": weigh("css/app-floor.css"), "icons": weigh("icons.svg")}
    total = Figure(
        "size", "JavaScript + CSS + icons of the first picture, brotli", "kB", [sum(core.values())], Budget(at_most=90)
    )
    each = [Figure("size", f"of it {name}, brotli", "kB", [value]) for name, value in core.items()]
    each += [Figure("size", f"the part {part}, brotli", "kB", [weigh(part)], Budget(at_most=PART)) for part in parts]
    each.append(Figure("size", "words of the larger language, brotli", "kB", [max(map(weigh, words))]))
    return [total, *each]
