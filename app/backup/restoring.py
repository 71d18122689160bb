"""Puts a backup in the place of an installation: read whole, made ready beside, then swapped in; what was there is kept.

Nothing that serves is touched before the backup has been read to its end, its database checked and brought up to date, and
its epoch raised: devices then fill anew and send again what the backup may not hold (sync.md §3, Restore).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask_migrate import upgrade

from app import create_app
from app.backup import archive, databases, steps
from app.backup.archive import FOLDERS, Manifest
from app.backup.databases import POSTGRESQL, SQLITE
from app.backup.saying import Unfit, stamp
from app.lib.db import MIGRATIONS, db
from app.serve import Unready, sole_server


@dataclass(frozen=True)
class Restored:
    """What was put in place, and where what was there before lies now (None: nothing was there)."""

    manifest: Manifest
    kept: Path | None


def restore(path: Path, data_dir: Path, url: str, *, replace: bool = False) -> Restored:
    """Restore a backup into `data_dir` and the database at `url`.

    Raises `Unfit`, with everything as it was, when the backup is damaged, newer than this Offstage or of another kind of
    database, a server is running, or something is there and `replace` was not said.
    """
    manifest = archive.verify(path)
    _need_fitting(manifest, url)
    data_dir.mkdir(parents=True, exist_ok=True)
    with _nobody_serves(data_dir, url), _beside(data_dir) as ready:
        if _is_live(data_dir, url) and not replace:
            raise Unfit("office.backup.live", path=data_dir)
        archive.extract(path, ready)
        kept = data_dir / f"replaced-{stamp()}"
        place = _into_sqlite if manifest.engine == SQLITE else _into_postgresql
        place(ready, data_dir, url, kept)
    return Restored(manifest, kept if kept.exists() else None)


def _need_fitting(manifest: Manifest, url: str) -> None:
    here = databases.engine_of(url)
    if manifest.engine != here:
        raise Unfit("office.backup.other_engine", made=manifest.engine, here=here)
    try:
        ScriptDirectory(str(MIGRATIONS)).get_revision(manifest.migration)
    except CommandError:
        raise Unfit("office.backup.newer", version=manifest.version) from None


@contextmanager
def _nobody_serves(data_dir: Path, url: str) -> Iterator[None]:
    try:
        with sole_server(data_dir):
            if databases.engine_of(url) == POSTGRESQL and databases.others_connected(url):
                raise Unfit("office.backup.in_use", path=data_dir)
            yield
    except Unready:
        raise Unfit("office.backup.in_use", path=data_dir) from None


@contextmanager
def _beside(data_dir: Path) -> Iterator[Path]:
    """A folder on the same disk, so that what is ready there only has to be renamed."""
    folder = data_dir / "restoring"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _is_live(data_dir: Path, url: str) -> bool:
    return databases.is_here(url) or (data_dir / "blobs").exists()


# -- SQLite -----------------------------------------------------------------------------------------------------------


def _into_sqlite(ready: Path, data_dir: Path, url: str, kept: Path) -> None:
    """Make the database ready in its waiting place, then swap everything in."""
    database = ready / databases.PARTS[SQLITE]
    databases.check_sqlite(database)
    _bring_up_to_date({"DATA_DIR": str(ready), "DATABASE_URL": f"sqlite:///{database}"})
    live = databases.sqlite_file(url)
    _put_aside(data_dir, kept)
    for beside in ("", "-wal", "-shm"):
        _move(live.with_name(live.name + beside), kept)
        _move(database.with_name(database.name + beside), live.parent, live.name + beside)
    _put_in_place(ready, data_dir)


def _bring_up_to_date(settings: dict[str, Any]) -> None:
    """Run the migrations this Offstage has and the backup lacks, and begin a new epoch."""
    app = create_app({**settings, "DEMO": False})
    with app.app_context():
        upgrade(str(MIGRATIONS))
        steps.begin_epoch()
        db.session.remove()
        steps.let_go()


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def _into_postgresql(ready: Path, data_dir: Path, url: str, kept: Path) -> None:
    """Move the tables that are there into a schema named like the folder, fill the database, or move them back."""
    dump = ready / databases.PARTS[POSTGRESQL]
    databases.check_dump(dump)
    was_here = databases.is_here(url)
    if was_here:
        databases.put_aside(url, kept.name)
    try:
        databases.load_dump(url, dump)
        _bring_up_to_date({"DATA_DIR": str(ready), "DATABASE_URL": url})
    except BaseException:
        if was_here:
            databases.bring_back(url, kept.name)
        raise
    dump.unlink()
    _put_aside(data_dir, kept)
    _put_in_place(ready, data_dir)


# -- files ------------------------------------------------------------------------------------------------------------


def _put_aside(data_dir: Path, kept: Path) -> None:
    for name in ("secret", *FOLDERS):
        _move(data_dir / name, kept)


def _put_in_place(ready: Path, data_dir: Path) -> None:
    for name in ("secret", *FOLDERS):
        _move(ready / name, data_dir)


def _move(path: Path, folder: Path, name: str | None = None) -> None:
    """Move what is there into a folder, which is made for the first thing that comes."""
    if path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.move(path, folder / (name or path.name))
