"""The product's words in both languages, and the language of the request (GEN-8).

`words/<area>.json` holds both languages of a feature side by side and goes to the devices; `words/<area>.office.json` stays
on the server. A text with `|` has two forms, chosen by the parameter `n` (one|other).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import g, has_request_context, request

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("zh", "en")
COOKIE = "offstage-lang"


@cache
def catalogue(*, device: bool = False) -> dict[str, dict[str, str]]:
    """Key → {zh, en}; with `device` only what the floor's pages may need."""
    words: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "words").glob("*.json")):
        if device and path.name.endswith(".office.json"):
            continue
        for key, texts in json.loads(path.read_text("utf-8")).items():
            if key in words:
                raise ValueError(f"{path.name}: {key} stands in two files")
            words[key] = texts
    return words


def language() -> str:
    """`zh` or `en`: the cookie the switch sets, else what the browser asks for, else Chinese."""
    if not has_request_context():
        return "zh"
    found: str | None = g.get("language")
    if found is None:
        asked = request.cookies.get(COOKIE)
        found = asked if asked in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "zh"
        g.language = found
    return found


def t(key: str, /, *, lang: str | None = None, **params: Any) -> str:
    """The text of `key`, its {placeholders} filled. A missing key shows itself as ⟦key⟧, which `make screens` looks for."""
    texts = catalogue().get(key)
    if texts is None:
        return f"⟦{key}⟧"
    text = texts[lang or language()]
    if "|" in text and "n" in params:
        one, other = text.split("|", 1)
        text = one if params["n"] == 1 else other
    for name, value in params.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def pick(names: Any, *, lang: str | None = None) -> str:
    """The one of two texts (`{"zh": …, "en": …}`, or an object with those attributes) that the reader reads."""
    lang = lang or language()
    if names is None:
        return ""
    if isinstance(names, dict):
        return str(names.get(lang) or names.get("zh") or "")
    return str(getattr(names, lang, None) or names)


def error_text(code: str, facts: dict[str, Any] | None = None, *, lang: str | None = None) -> str:
    """The sentence for an error code or verdict code."""
    return t(f"errors.{code}", lang=lang, **(facts or {}))
