"""Servers to measure, started as a person would start them, and the leanest client that can ask them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READY_S = 90


@dataclass
class Served:
    """A running server: where it answers, and its processes."""

    port: int
    data_dir: Path
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """Its address for a browser."""
        return f"http://localhost:{self.port}"

    def pids(self) -> list[int]:
        """The server's processes: the starter and its worker."""
        found = [self.process.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            found += [int(child) for child in children.read_text().split()] if children.exists() else []
        return found

    def stop(self) -> None:
        """End it and wait until it is gone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(command: list[str], data_dir: Path, port: int, **environment: str) -> Served:
    """Start a server and wait until it answers. Raises when it ends instead."""
    said = {**os.environ, "DATA_DIR": str(data_dir), "PORT": str(port), **environment}
    with (data_dir / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=said, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError((data_dir / "server.log").read_text())
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return Served(port, data_dir, process)
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    raise RuntimeError(f"no answer within {READY_S} s: {(data_dir / 'server.log').read_text()}")


@contextlib.contextmanager
def offstage(data_dir: Path | None = None, **environment: str) -> Iterator[Served]:
    """Offstage with the demo site, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        served = start([sys.executable, "-m", "app.serve"], data_dir or Path(folder), free_port(), **environment)
        try:
            yield served
        finally:
            served.stop()


@contextlib.contextmanager
def bare() -> Iterator[Served]:
    """The baseline server."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "bench.bare", str(port)]
        served = start(command, Path(folder), port, BARE_DATABASE=str(Path(folder) / "bare.db"))
        try:
            yield served
        finally:
            served.stop()


class Line:
    """One kept-open connection that sends prepared bytes and reads whole answers; it costs next to nothing itself."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self.cookies = cookies or {}
        self.connect()

    def connect(self) -> None:
        """Open the connection afresh: the server closes one that nobody used for a while."""
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """The bytes of a request; underscores in header names stand for dashes."""
        said = {"Host": f"localhost:{self.port}", "Content-Length": str(len(body)), **headers}
        if self.cookies:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer."""
        self.socket.sendall(request)
        read = b""
        while b"\r\n\r\n" not in read:
            read += self._more()
        head, _, body = read.partition(b"\r\n\r\n")
        status = int(head[9:12])
        lowered = head.lower()
        if b"transfer-encoding: chunked" in lowered:
            return status, head, self._chunks(body)
        length = 0
        if (at := lowered.find(b"content-length:")) >= 0:
            length = int(lowered[at + 15 :].split(b"\r\n", 1)[0])
        while len(body) < length:
            body += self._more()
        return status, head, body

    def _more(self) -> bytes:
        read = self.socket.recv(1 << 16)
        if not read:
            raise ConnectionError("the server closed the connection")
        return read

    def _chunks(self, read: bytes) -> bytes:
        whole = b""
        while True:
            while b"\r\n" not in read:
                read += self._more()
            size, _, read = read.partition(b"\r\n")
            length = int(size, 16)
            while len(read) < length + 2:
                read += self._more()
            whole, read = whole + read[:length], read[length + 2 :]
            if not length:
                return whole
