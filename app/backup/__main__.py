"""`python -m app.backup make PATH` and `… restore PATH [--replace]` (`make backup`, `make restore`).

DATA_DIR and DATABASE_URL as for `make run`. A backup is made while the server serves; to restore, the server is stopped.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from app import create_app
from app.backup import databases
from app.backup.making import make
from app.backup.restoring import restore
from app.backup.saying import Unfit, both, size_text
from app.serve import database_of


def main() -> int:
    """Exit status 1, with one sentence in each language, when nothing was done."""
    parser = argparse.ArgumentParser(prog="python -m app.backup", description=__doc__.partition("\n")[0])
    parser.add_argument("verb", choices=["make", "restore"], help="write a backup, or put one in place")
    parser.add_argument("path", type=Path, help="the file; for `make` also a folder")
    parser.add_argument("--replace", action="store_true", help="restore although something is there; it is kept beside")
    options = parser.parse_args()
    try:
        data_dir = Path(os.environ.get("DATA_DIR") or "instance").resolve()
        url = database_of(data_dir, dict(os.environ))
        print(_make(options.path, data_dir, url) if options.verb == "make" else _restore(options, data_dir, url))
    except Unfit as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as problem:
        print(both("office.backup.no_room", said=problem), file=sys.stderr)
        return 1
    return 0


def _make(to: Path, data_dir: Path, url: str) -> str:
    if not (data_dir / "secret").exists() or not databases.is_here(url):
        raise Unfit("office.backup.nothing", path=data_dir)
    path, manifest = make(create_app({"DATA_DIR": str(data_dir), "DATABASE_URL": url}), to)
    return both("office.backup.made", path=path, size=size_text(path.stat().st_size), n=len(manifest.parts))


def _restore(options: argparse.Namespace, data_dir: Path, url: str) -> str:
    done = restore(options.path, data_dir, url, replace=options.replace)
    said = [both("office.backup.restored", path=data_dir, version=done.manifest.version)]
    if done.kept:
        said.append(both("office.backup.kept", path=done.kept))
    return "\n".join([*said, both("office.backup.devices")])


if __name__ == "__main__":
    raise SystemExit(main())
