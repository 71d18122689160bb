"""The file of a backup: a zip of an installation's parts, with a manifest that names the sha256 of each.

A zip, because any machine can look into it; stored rather than packed where packing gains nothing (photos). The manifest is
the last part that is written, and the zip's own directory comes after it: a file that was cut off has neither.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import orjson

from app.backup.saying import Unfit

FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("blobs", "imports", "certificates")
FILES = ("offstage.db", "offstage.dump", "secret")
PACKED = ("offstage.db",)
BLOCK = 1 << 20


@dataclass(frozen=True)
class Part:
    """One file of the archive."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself. `migration`: the tables' revision; `made_at` in ms; `engine`: the database's dialect."""

    version: str
    engine: str
    migration: str
    epoch: str
    made_at: int
    format: int = FORMAT
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts.values())


def write(to: Path, manifest: Manifest, files: Iterable[tuple[str, Path]]) -> Manifest:
    """Write the archive, readable by its owner only (it holds the secret key); returns the manifest with its parts."""
    with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED, compresslevel=4) as archive:
            for name, path in files:
                manifest.parts[name] = _add(archive, name, path)
            archive.writestr(MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
        raw.flush()
        os.fsync(raw.fileno())
    return manifest


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> Part:
    about = zipfile.ZipInfo(name)
    about.compress_type = zipfile.ZIP_DEFLATED if name in PACKED else zipfile.ZIP_STORED
    about.external_attr = 0o600 << 16
    with path.open("rb") as file, archive.open(about, "w", force_zip64=True) as to:
        return _copy(file, to)


def _copy(file: IO[bytes], to: IO[bytes] | None) -> Part:
    """Copy to the end, or only read, and say what it was."""
    digest, size = hashlib.sha256(), 0
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
        if to is not None:
            to.write(block)
    return Part(size, digest.hexdigest())


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """An archive and its manifest. Raises `Unfit` when it is none, or was made by a newer Offstage."""
    if not path.is_file():
        raise Unfit("office.backup.missing", path=path)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _manifest(archive, path)
    except (zipfile.BadZipFile, EOFError, OSError) as problem:
        raise Unfit("office.backup.damaged", path=path, part=problem) from problem


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        said: dict[str, Any] = orjson.loads(archive.read(MANIFEST))
        if said["format"] > FORMAT:
            raise Unfit("office.backup.newer", version=said["version"])
        parts = {str(name): Part(**part) for name, part in said.pop("parts").items()}
        found = Manifest(**said, parts=parts)
    except (KeyError, TypeError, ValueError) as problem:
        raise Unfit("office.backup.damaged", path=path, part=MANIFEST) from problem
    if not all(map(_is_known, parts)) or sorted(archive.namelist()) != sorted([*parts, MANIFEST]):
        raise Unfit("office.backup.damaged", path=path, part=MANIFEST)
    return found


def _is_known(name: str) -> bool:
    """Whether a part may lie there: nothing in an archive chooses its own place on this machine."""
    place = PurePosixPath(name)
    return name in FILES or (place.parts[0] in FOLDERS and len(place.parts) > 1 and ".." not in place.parts)


def verify(path: Path) -> Manifest:
    """Read every part and compare it with the manifest. Raises `Unfit` that names the first one that differs."""
    with opened(path) as (archive, manifest):
        for name in manifest.parts:
            _take(archive, manifest, name, None, path)
        return manifest


def extract(path: Path, folder: Path) -> Manifest:
    """Lay the parts out in a folder, each compared with the manifest as it is read."""
    with opened(path) as (archive, manifest):
        for name in manifest.parts:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to:
                _take(archive, manifest, name, to, path)
        return manifest


def _take(archive: zipfile.ZipFile, manifest: Manifest, name: str, to: IO[bytes] | None, path: Path) -> None:
    try:
        with archive.open(name) as file:
            found = _copy(file, to)
    except Exception as problem:  # a damaged part makes the unpacker raise nearly anything
        raise Unfit("office.backup.damaged", path=path, part=name) from problem
    if found != manifest.parts[name]:
        raise Unfit("office.backup.damaged", path=path, part=name)
