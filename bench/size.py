"""What the floor weighs: everything a device loads but the scanner's decoder, as it is served, in brotli bytes."""

from __future__ import annotations

import brotli

from app.lib import build
from app.lib.words import LANGUAGES
from bench.measure import Budget, Figure

DECODER = "vendor/zxing"


def weigh(name: str) -> float:
    """Kilobytes of a served file after brotli at the setting that files are packed with once."""
    body, _media_type = build.served(name) or (b"", "")
    return len(brotli.compress(body, quality=11)) / 1000


def measure(_parts: set[str]) -> list[Figure]:
    """All scripts, vendored ones included, the floor's style sheet and the icons; words apart, one language."""
    words = [f"words/{lang}.js" for lang in LANGUAGES]
    scripts = [name for name in build.floor_files() if name.endswith(".js") and name not in words]
    parts = {
        "JavaScript": sum(weigh(name) for name in scripts if not name.startswith(DECODER)),
        "CSS": weigh("css/app-floor.css"),
        "icons": weigh("icons.svg"),
    }
    figures = [Figure("size", f"{name}, brotli", "kB", [value]) for name, value in parts.items()]
    figures.append(Figure("size", "words of the larger language, brotli", "kB", [max(map(weigh, words))]))
    total = Figure("size", "JavaScript + CSS + icons, brotli", "kB", [sum(parts.values())], Budget(at_most=90))
    return [total, *figures]
