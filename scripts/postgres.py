"""Installs Debian's PostgreSQL when asked (`make postgres`), for the tests that make themselves a cluster of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts.browser import is_debian
from tests.postgres import program

MISSING = "No PostgreSQL server programs found: install PostgreSQL 15 or newer (initdb, postgres, pg_dump)."
NEEDED = ("initdb", "postgres", "pg_dump", "pg_restore")


def install() -> bool:
    """Install Debian's package; whether that was ours to do, and worked."""
    prefix: list[str] = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not is_debian() or not shutil.which("apt-get") or (prefix and not shutil.which("sudo")):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "postgresql"])
    return all(subprocess.run([*prefix, "apt-get", *step], env=environment, check=False).returncode == 0 for step in steps)


def main() -> int:
    """Make sure its programs are there; print where. Exit status 1 with one sentence when they are not."""
    if not all(map(program, NEEDED)):
        install()
    if not all(map(program, NEEDED)):
        print(MISSING, file=sys.stderr)
        return 1
    print(f"PostgreSQL: {program('postgres')}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
