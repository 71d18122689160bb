"""What the commands say: Chinese and English, because a terminal does not tell who reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.lib.clock import now
from app.lib.words import LANGUAGES, t


def both(key: str, /, **facts: Any) -> str:
    """The sentence in both languages, one a line."""
    return "\n".join(t(key, lang=lang, **facts) for lang in LANGUAGES)


class Unfit(RuntimeError):
    """It cannot be done, and nothing was changed; the text says why and what to do, in both languages."""

    def __init__(self, key: str, /, **facts: Any) -> None:
        super().__init__(both(key, **facts))
        self.key = key


def size_text(size: int) -> str:
    """Bytes as people say them."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} GB"


def stamp(form: str = "%Y%m%d-%H%M%SZ") -> str:
    """This moment (UTC) as part of a name."""
    return datetime.fromtimestamp(now() / 1000, UTC).strftime(form)
