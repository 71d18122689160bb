"""`make phones` with real processes: https for a phone that trusts the house, the guide for one that does not yet."""

from __future__ import annotations

import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT

READY_S = 60
pytestmark = pytest.mark.xdist_group("phones")  # one server for all of them


def two_ports() -> int:
    """A port that is free together with the next one, below those the system lends to outgoing connections."""
    while True:
        port = random.randrange(20_000, 30_000)
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
                return port
        except OSError:
            continue


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path, Path]]:
    """A house that serves phones: its port, its folder, what it printed."""
    folder = tmp_path_factory.mktemp("phones")
    port, said = two_ports(), folder / "said"
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(folder), "DEMO": "0", "ADDRESS": "127.0.0.1"}
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.serve", "--phones"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_for(port + 1, process, said)
        wait_for(port, process, said)
        yield port, folder, said
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(said.read_text())


def test_a_phone_that_trusts_the_house_is_served_securely(phones: tuple[int, Path, Path]) -> None:
    """The page for which all of this is done."""
    port, folder, _ = phones
    trust = ssl.create_default_context(cafile=str(folder / "certificates" / "ca.crt"))
    with urllib.request.urlopen(f"https://127.0.0.1:{port}/healthz", context=trust, timeout=10) as answer:
        assert answer.status == 200


def test_a_phone_that_does_not_trust_yet_is_told_how(phones: tuple[int, Path, Path]) -> None:
    """https is refused by the phone; the plain port leads to the guide from any address."""
    port, _, _ = phones
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"https://127.0.0.1:{port}/healthz", timeout=10)
    with urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/signin", timeout=10) as guide:
        assert guide.url.endswith("/phones")
        assert f"https://127.0.0.1:{port}" in guide.read().decode()


def test_the_terminal_names_both_addresses(phones: tuple[int, Path, Path]) -> None:
    """The secure one, also as a QR, and the guide's."""
    port, _, said = phones
    text = said.read_text()
    for part in (f"https://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}/phones", "█"):
        assert part in text
