"""What `deploy/` says works: nginx takes the file as it is but for places, and a device behind it is served securely."""

from __future__ import annotations

import configparser
import datetime
import http.client
import ipaddress
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import request

from app import create_app
from app.phones import authority
from tests.browser.harness import Server, copy_data, free_port, make_demo
from tests.house.tree import ROOT, text
from tests.once import made_once

DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass
class Front:
    """nginx before a server."""

    port: int
    trusted: ssl.SSLContext
    said: str = ""  # the body of the last answer

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
        """One request over TLS; the body of the answer is read."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.trusted, timeout=30)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Host": f"127.0.0.1:{self.port}", **said})
        answer = connection.getresponse()
        self.said = answer.read().decode(errors="replace")
        connection.close()
        return answer


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The demo behind nginx, with a certificate of an authority of its own."""
    if NGINX is None:
        pytest.skip("no nginx here")
    folder = tmp_path_factory.mktemp("front")
    address = ipaddress.ip_address("127.0.0.1")
    files = authority.prepare(folder, [address], today=datetime.datetime.now(datetime.UTC))
    server = Server(copy_data(made_once(tmp_path_factory, "demo", make_demo), folder / "instance"))
    os.environ["PROXIES"] = "1"
    try:
        server.start()
    finally:
        del os.environ["PROXIES"]
    port, plain = free_port(), free_port()
    site = text(DEPLOY / "nginx.conf")
    for said, here in (
        ("/etc/ssl/offstage/fullchain.pem", str(files.server)), ("/etc/ssl/offstage/key.pem", str(files.server_key)),
        ("127.0.0.1:8001", f"127.0.0.1:{server.port}"), ("listen 80;", f"listen {plain};"), ("listen [::]:80;", ""),
        ("listen 443 ssl http2;", f"listen {port} ssl http2;"), ("listen [::]:443 ssl http2;", ""),
    ):  # fmt: skip
        assert site.count(said) == 1, said
        site = site.replace(said, here)
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = f"pid {folder}/pid; daemon off; user root; events {{}} http {{ access_log off; {places} {site} }}"
    (folder / "nginx.conf").write_text(whole if os.geteuid() == 0 else whole.replace("user root;", ""))
    with (folder / "log").open("wb") as log:
        nginx = subprocess.Popen(
            [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")], stdout=log, stderr=log
        )
    found = Front(port, ssl.create_default_context(cafile=str(files.authority)))
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                assert found.ask("GET", "/healthz").status == 200
                break
            except OSError:
                assert nginx.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.1)
        yield found
    finally:
        nginx.terminate()
        nginx.wait(20)
        server.kill()


def sign_in(front: Front) -> str:
    """The office session's cookie of somebody in the demo."""
    form = b"login=stagehand&password=offstage-demo"
    answer = front.ask("POST", "/signin", form, Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 303, front.said
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert cookies and all("Secure" in cookie for cookie in cookies)
    return "; ".join(cookie.partition(";")[0] for cookie in cookies)


def test_a_device_behind_it_is_served_securely(front: Front) -> None:
    """TLS ends at nginx, and the server knows: `__Host-` cookies, writes of the same origin; a pull keeps its coding."""
    answer = front.ask(
        "POST", "/api/devices", b'{"name": "x"}', Cookie=sign_in(front), Content_Type="application/json",
        Origin=f"https://127.0.0.1:{front.port}",
    )  # fmt: skip
    assert answer.status == 201
    cookie = next(one for one in answer.headers.get_all("Set-Cookie") or () if "offstage-device" in one)
    assert cookie.startswith("__Host-offstage-device=") and "Secure" in cookie
    pulled = front.ask("POST", "/api/sync/pull", b'{"cursors": {}}', Cookie=cookie.partition(";")[0], Accept_Encoding="zstd")
    assert (pulled.status, pulled.headers["Content-Encoding"]) == (200, "zstd")
    assert "max-age" in pulled.headers["Strict-Transport-Security"]
    foreign = front.ask("POST", "/signin", b"", Origin="https://elsewhere.example")
    assert foreign.status == 403


def test_it_speaks_http_2_and_bounds_what_is_sent(front: Front) -> None:
    """Forty small requests of a page share one connection; five megabytes are refused before a thread is asked for."""
    front.trusted.set_alpn_protocols(["h2", "http/1.1"])
    raw = socket.create_connection(("127.0.0.1", front.port))
    with raw, front.trusted.wrap_socket(raw, server_hostname="127.0.0.1") as secured:
        assert secured.selected_alpn_protocol() == "h2"
    front.trusted.set_alpn_protocols(["http/1.1"])
    assert front.ask("PUT", f"/api/blobs/{'0' * 64}", b"x" * 3_000_000).status == 401  # nginx lets it through; nobody is enrolled
    assert front.ask("PUT", f"/api/blobs/{'0' * 64}", b"x" * 5_000_000, Connection="close").status == 413


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_addresses_are_believed_only_from_a_proxy_that_is_there(tmp_path: Path, proxies: int, seen: str) -> None:
    """Whoever may choose their own address is never locked out for guessing passwords."""
    app = create_app({"DATA_DIR": str(tmp_path), "PROXIES": proxies})
    told = {}

    @app.get("/seen")
    def look() -> str:
        told.update(address=request.remote_addr, secure=request.is_secure)
        return ""

    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "https"}
    app.test_client().get("/seen", headers=headers)
    assert told == {"address": seen, "secure": bool(proxies)}


def test_units_start_what_is_there() -> None:
    """The modules that systemd starts exist, the timer starts its service, a stop is the one that lets writes end."""
    for path in DEPLOY.glob("*.service"):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their capitals
        unit.read(path)
        (module,) = re.findall(r"-m ([\w.]+)", unit["Service"]["ExecStart"])
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module
    assert (DEPLOY / "offstage-backup.timer").exists()
    assert "KillSignal=SIGINT" in text(DEPLOY / "offstage.service")
