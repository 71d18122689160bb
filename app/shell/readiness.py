"""Whether this process can take work now, told to whatever starts and watches it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.lib.db import MIGRATIONS, db

LEAST_FREE = 200 * 1024**2  # bytes: a morning's photos and what the database writes beside itself

OK = "ok"


def checks(data_dir: Path) -> dict[str, str]:
    """What was looked at → `ok`, or what is the matter."""
    free = shutil.disk_usage(data_dir).free
    return {"database": _database(), "disk": OK if free >= LEAST_FREE else f"{free // 1024**2} MB left"}


def _database() -> str:
    """It answers, and its tables are those of this code: during an update the older code is ready for the newer ones, too."""
    try:
        found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        db.session.rollback()
        return "does not answer"
    return OK if found is not None and found >= _newest() else f"tables of {found}, wanted {_newest()}"


@cache
def _newest() -> str:
    """The migration this code was written for. They are numbered in order."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())
