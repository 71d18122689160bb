"""`make run` with real processes: the first run without a demo, and an end when it is asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from bench.served import free_port
from tests.house.tree import ROOT
from tests.phones.test_serving import wait_for


def test_an_empty_house_is_set_up_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """DEMO=0 opens the set-up page; a terminal's Ctrl+C, which reaches every process at once, ends all of them."""
    port, said = free_port(), tmp_path / "said"
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(tmp_path / "data"), "DEMO": "0"}
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.serve"], cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_for(port, process, said)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert page.url.endswith("/setup")
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0, said.read_text()
        assert f"http://localhost:{port}" in said.read_text()
        assert "offstage-demo" not in said.read_text()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
