"""What the floor weighs: everything a device loads but the scanner's decoder, in brotli bytes."""

from __future__ import annotations

import brotli

from app.lib import build
from app.lib.words import LANGUAGES
from bench.measure import Budget, Figure

DECODER = ("vendor/zxing", "js/scan")


def weigh(data: bytes) -> float:
    """Kilobytes after brotli at the setting files are packed with once and served for ever."""
    return len(brotli.compress(data, quality=11)) / 1000


def measure(_parts: set[str]) -> list[Figure]:
    """All modules, vendored ones included, the joined style sheet and the icons; words apart, one language."""
    code = {
        path.relative_to(build.STATIC).as_posix(): path.read_bytes()
        for folder in ("js", "vendor")
        for path in sorted((build.STATIC / folder).rglob("*.js"))
    }
    floor = {
        name: data
        for name, data in code.items()
        if name not in build.OFFICE_ONLY and not name.startswith((*build.OFFICE_ONLY, *DECODER))
    }
    parts = {
        "JavaScript": sum(weigh(data) for data in floor.values()),
        "CSS": weigh(build.stylesheet().encode()),
        "icons": weigh((build.STATIC / "icons.svg").read_bytes()),
    }
    figures = [Figure("size", f"{name}, brotli", "kB", [value]) for name, value in parts.items()]
    words = max(weigh(build.words_module(lang).encode()) for lang in LANGUAGES)
    figures.append(Figure("size", "words of the larger language, brotli", "kB", [words]))
    total = Figure("size", "JavaScript + CSS + icons, brotli", "kB", [sum(parts.values())], Budget(at_most=90))
    return [total, *figures]
