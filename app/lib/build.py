"""The build: one id over everything a page is made of, how its files are served, and which of them a device keeps."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock

from app.lib.words import LANGUAGES, ROOT, catalogue

STATIC = ROOT / "static"
# A script → its parts: jobs with pages of their own, which the first picture has no need of (decision 0021).
SCRIPTS = {
    "js/app.js": ("js/checklists/index.js", "js/checklists/mark.js", "js/floor/lock/index.js", "js/stock/index.js"),
    "js/look.js": (), "js/office.js": (),
}  # fmt: skip
SCRIPT_OF = {path: script for script, parts in SCRIPTS.items() for path in (script, *parts)}
OFFICE_ONLY = ("js/office.js", "js/office/", "js/sw.js")
DECODER = "js/stock/decoder.js"  # a worker
LATER = ("js/stock/camera.js", DECODER, "vendor/zxing-wasm-")  # what reads codes from pictures
MEDIA_TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".wasm": "application/wasm",
}  # fmt: skip
JOINED = ROOT / ".joined"
KEPT = 12  # files: the scripts of the last builds
_one_at_a_time = Lock()


def is_raw() -> bool:
    """OFFSTAGE_RAW=1 serves every module and sheet as it was written: for working on them, not for devices."""
    return os.environ.get("OFFSTAGE_RAW") == "1"


@cache
def build_id() -> str:
    """12 hex digits that change whenever a file of the pages does, or how they are joined."""
    digest = hashlib.sha256(str(is_raw()).encode())
    for module in ("build.py", "joining.py", "shortening.py"):
        digest.update((ROOT / "app" / "lib" / module).read_bytes())
    for folder in ("static", "words", "templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def static_url(path: str) -> str:
    """The address of a static file of this build."""
    return f"/static/{build_id()}/{path}"


@cache
def stylesheet(*, floor: bool) -> str:
    """The sheets of `static/css`, in the order that ORDER there gives; the floor has no use for those marked `office`."""
    lines = [line.split() for line in source(STATIC / "css" / "ORDER").splitlines()]
    joined = "\n".join(source(STATIC / "css" / name) for name, *mark in lines if not (floor and mark))
    if is_raw():
        return joined
    bare = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", joined, flags=re.DOTALL))
    return re.sub(r"(?<=:) |;? ?(?=})|(?<=[{};>]) | (?=[{>])", "", bare).strip()


@cache
def script(path: str) -> dict[str, str]:
    """A script with all that it imports, as one file, and its parts (decisions 0016, 0021); what is LATER stays apart.

    Joining takes a second, so a build's scripts are kept in `.joined` for the next process; where nothing can be written, not.
    """
    kept = JOINED / f"{build_id()}-{Path(path).name}on"
    with contextlib.suppress(OSError, ValueError):
        found: dict[str, str] = json.loads(kept.read_bytes())
        return found
    from app.lib.joining import join  # the parser is loaded by the first page, not by the start

    def read(name: str) -> str | None:
        return source(STATIC / name) if (STATIC / name).is_file() and not name.startswith(LATER) else None

    made = join(path, read, SCRIPTS[path])
    with contextlib.suppress(OSError):
        JOINED.mkdir(exist_ok=True)
        for old in sorted(JOINED.glob("*.json"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
            old.unlink()
        with NamedTemporaryFile("w", dir=JOINED, delete=False, encoding="utf-8") as file:
            json.dump(made, file)
        os.replace(file.name, kept)  # whole or not at all: other processes read here
    return made


@cache
def words_module(lang: str) -> str:
    """The device's words in one language, as a JavaScript module."""
    words = {key: texts[lang] for key, texts in catalogue(device=True).items()}
    return f"export default {json.dumps(words, ensure_ascii=False, sort_keys=True)};\n"


def virtual(path: str) -> str | None:
    """The text of a file that is made rather than stored."""
    if path in ("css/app.css", "css/app-floor.css"):
        return stylesheet(floor=path == "css/app-floor.css")
    if path in SCRIPT_OF and not is_raw():
        with _one_at_a_time:
            return script(SCRIPT_OF[path])[path]
    return next((words_module(lang) for lang in LANGUAGES if path == f"words/{lang}.js"), None)


def served(path: str) -> tuple[bytes, str] | None:
    """(bytes, media type) of a file of this build, or None: there is no such file."""
    media_type = MEDIA_TYPES.get(Path(path).suffix, "application/octet-stream")
    made = virtual(path)
    if made is not None:
        return made.encode(), media_type
    file = (STATIC / path).resolve()
    if not file.is_relative_to(STATIC) or not file.is_file():
        return None
    return file.read_bytes(), media_type


@cache
def floor_files() -> list[str]:
    """Every file the floor is made of: what was joined is named by its script alone."""
    files = [
        path.relative_to(STATIC).as_posix()
        for folder in ("js", "vendor", "app-icons")
        for path in sorted((STATIC / folder).rglob("*"))
        if path.suffix in (".js", ".png", ".svg")
    ]
    kept = [
        name
        for name in files
        if not name.startswith((*OFFICE_ONLY, *LATER)) and (is_raw() or name in SCRIPT_OF or not name.startswith("js/"))
    ]
    return ["css/app-floor.css", "icons.svg", *(f"words/{lang}.js" for lang in LANGUAGES), *kept]


@cache
def precache() -> list[str]:
    """Everything the floor needs with no network: the shell first, then this build's files."""
    return ["/floor/shell", "/manifest.webmanifest", *map(static_url, floor_files())]


@cache
def later() -> list[str]:
    """What a device fetches when it has nothing better to do, and keeps: too big for the moment before the first picture."""
    files = [path.relative_to(STATIC).as_posix() for path in sorted(STATIC.rglob("*")) if path.suffix in (".js", ".wasm")]
    return [static_url(name) for name in files if name.startswith(LATER)]


def clear() -> None:
    """Forget what was read: for a server that watches its files."""
    for remembered in (build_id, stylesheet, script, words_module, floor_files, precache, later, catalogue):
        remembered.cache_clear()


def source(path: Path) -> str:
    """A file of the project as text."""
    return path.read_text("utf-8")
