"""Makes a backup while the server serves: announce, copy, pack, read back, and only then let it count."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from flask import Flask

from app.backup import archive, databases, steps
from app.backup.archive import FOLDERS, Manifest
from app.backup.saying import Unfit, stamp
from app.lib.clock import now

KEY = "secret"


def make(app: Flask, to: Path) -> tuple[Path, Manifest]:
    """Back up the app's installation into a new file; a folder gets a file named by the moment.

    Raises `Unfit` when there is nothing to back up, something is in the way, or the copy is not whole.
    """
    url, data_dir = app.config["DATABASE_URL"], Path(app.config["DATA_DIR"])
    path = _target(to)
    with tempfile.TemporaryDirectory(prefix=".offstage-backup-", dir=path.parent) as folder, app.app_context():
        try:
            return path, _make(url, data_dir, path, Path(folder))
        finally:
            steps.let_go()


def _make(url: str, data_dir: Path, path: Path, folder: Path) -> Manifest:
    engine = databases.engine_of(url)
    copy, packed = folder / databases.PARTS[engine], folder / "packed.zip"
    steps.announce()
    seen = databases.snapshot(url, copy)
    about = Manifest(version("offstage"), engine, seen.migration, seen.epoch, now())
    archive.write(packed, about, [(copy.name, copy), *_files(data_dir)])
    manifest = archive.verify(packed)
    packed.replace(path)
    steps.note(seen.reached)
    return manifest


def _target(to: Path) -> Path:
    """The file to make; its folder is made when it is missing."""
    is_folder = to.is_dir() or not to.suffix
    path = to / f"offstage-{stamp()}.zip" if is_folder else to
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise Unfit("office.backup.in_the_way", path=path)
    return path


def _files(data_dir: Path) -> Iterator[tuple[str, Path]]:
    """What lies in the folder beside the database: after the database was copied, so that each photo it names is among them."""
    yield KEY, data_dir / KEY
    for folder in FOLDERS:
        for path in sorted((data_dir / folder).rglob("*")):
            if path.is_file() and path.suffix != ".new":  # one that is being written
                yield path.relative_to(data_dir).as_posix(), path
