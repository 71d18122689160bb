"""The build: one id over everything a page is made of, and the files a device keeps of it."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from app.lib.words import LANGUAGES, ROOT, catalogue

STATIC = ROOT / "static"
OFFICE_ONLY = ("js/office.js", "js/office/", "js/sw.js")


@cache
def build_id() -> str:
    """12 hex digits that change whenever a file of the pages does."""
    digest = hashlib.sha256()
    for folder in ("static", "words", "templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def static_url(path: str) -> str:
    """The address of a static file of this build."""
    return f"/static/{build_id()}/{path}"


@cache
def stylesheet() -> str:
    """All of `static/css`, in the order that `static/css/ORDER` gives."""
    names = (STATIC / "css" / "ORDER").read_text("utf-8").split()
    return "\n".join((STATIC / "css" / name).read_text("utf-8") for name in names)


@cache
def words_module(lang: str) -> str:
    """The device's words in one language, as a JavaScript module."""
    words = {key: texts[lang] for key, texts in catalogue(device=True).items()}
    return f"export default {json.dumps(words, ensure_ascii=False, sort_keys=True)};\n"


def virtual(path: str) -> tuple[str, str] | None:
    """(text, media type) of a file that is made rather than stored."""
    if path == "css/app.css":
        return stylesheet(), "text/css"
    for lang in LANGUAGES:
        if path == f"words/{lang}.js":
            return words_module(lang), "text/javascript"
    return None


@cache
def precache() -> list[str]:
    """Everything the floor needs with no network: the shell first, then this build's files."""
    files = [
        path.relative_to(STATIC).as_posix()
        for folder in ("js", "vendor", "app-icons")
        for path in sorted((STATIC / folder).rglob("*"))
        if path.suffix in (".js", ".png", ".svg")
    ]
    kept = [name for name in files if not name.startswith(OFFICE_ONLY)]
    made = ["css/app.css", "icons.svg", *(f"words/{lang}.js" for lang in LANGUAGES)]
    return ["/floor/shell", "/manifest.webmanifest", *map(static_url, [*made, *kept])]


def clear() -> None:
    """Forget what was read: for a server that watches its files."""
    for remembered in (build_id, stylesheet, words_module, precache, catalogue):
        remembered.cache_clear()


def source(path: Path) -> str:
    """A file of the project as text."""
    return path.read_text("utf-8")
