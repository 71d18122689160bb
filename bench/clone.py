"""From a fresh clone to the first page with one command, packages already downloaded."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.measure import Budget, Figure
from bench.served import ROOT, free_port

PATIENCE_S = 300


def _fetched(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/signin", timeout=5) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError):
        return False


def first_page_s() -> float:
    """Clone what is committed, `make run`, wait for the sign-in page."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "offstage"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        start = time.perf_counter()
        with (Path(folder) / "log").open("wb") as log:
            run = subprocess.Popen(
                ["make", "run", f"PORT={port}", "DATA_DIR=instance"],
                cwd=clone,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            while not _fetched(port):
                if run.poll() is not None or time.perf_counter() - start > PATIENCE_S:
                    raise RuntimeError((Path(folder) / "log").read_text())
                time.sleep(0.1)
            return time.perf_counter() - start
        finally:
            os.killpg(run.pid, signal.SIGINT)
            try:
                run.wait(30)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(run.pid, signal.SIGKILL)


def measure(_parts: set[str]) -> list[Figure]:
    """The first clone downloads what is not in pip's cache yet and is not counted."""
    first_page_s()
    return [Figure("clone", "fresh clone → first page, packages cached", "s", [first_page_s()], Budget(at_most=90))]
