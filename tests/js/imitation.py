"""A small server that imitates the sync API, and can be told to misbehave: what the device's replica is tested against.

It keeps the promises of sync.md that the device relies on (streams, replays, revisions, cursors, sums) in memory and has no
rules of its own: `verdicts` says what becomes of an operation.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
import time
import uuid
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parents[2] / "static"
PERSON = "01890000-0000-7000-8000-0000000000aa"
SITE = "01890000-0000-7000-8000-0000000000bb"
TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8", ".css": "text/css", ".wasm": "application/wasm"}
PAGE = "<!doctype html><meta charset=utf-8><title>replica</title>"


@dataclass
class Bucket:
    """Records by (kind, id): (rev, data or None for a tombstone)."""

    rev: int = 0
    records: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    readers: list[str] = field(default_factory=lambda: [PERSON])

    def put(self, *changes: tuple[str, str, Any]) -> int:
        """One transaction: every change at the same new rev."""
        self.rev += 1
        for kind, id, data in changes:
            self.records[kind, id] = (self.rev, data)
        return self.rev

    def check(self) -> dict[str, int]:
        live = [(f"{k}/{i}@{rev}", d) for (k, i), (rev, d) in self.records.items() if d is not None]
        return {"rev": self.rev, "count": len(live), "sum": sum(zlib.crc32(t.encode()) for t, _ in live) % 2**32}


@dataclass
class Fault:
    """What goes wrong the next `times` a path is asked. `kind`: status, lose, refuse, html, redirect, bare, cut, slow."""

    path: str
    kind: str
    times: int = 1
    status: int = 500
    code: str = "broken"
    facts: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Imitation:
    """The server's state; tests read and change it directly."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.epoch = "epoch-1"
        self.access = "access-1"
        self.time_offset = 0
        self.page_lines = 1000
        self.buckets: dict[str, Bucket] = {"org": Bucket(), f"site:{SITE}": Bucket(), f"site:{SITE}:safety": Bucket(readers=[])}
        self.device: str | None = None
        self.replaced: list[str] = []
        self.revoked: str | None = None
        self.signed_in: str | None = PERSON
        self.grants: dict[str, dict[str, Any]] = {}
        self.stream: list[dict[str, Any]] = []
        self.kept: dict[str, dict[str, Any]] = {}
        self.durable: int | None = None
        self.applied: list[str] = []
        self.verdicts: Any = lambda op: {"status": "applied"}
        self.blobs: dict[str, bytes] = {}
        self.unreadable: set[str] = set()
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, str, Any]] = []
        self.down = False
        self.build = "build-1"
        self.is_captive = False

    # -- what tests say ---------------------------------------------------------------------------------------------------

    @property
    def site(self) -> Bucket:
        return self.buckets[f"site:{SITE}"]

    def fail(self, path: str, kind: str, **how: Any) -> None:
        self.faults.append(Fault(path, kind, **how))

    def asked(self, path: str) -> list[Any]:
        """The bodies of calls whose path begins so."""
        return [body for _, asked, body in self.calls if asked.startswith(path)]

    def change_verdict(self, operation_id: str, **verdict: Any) -> None:
        """A verdict that changes later, told in the device's bucket."""
        known = self.kept[operation_id]["verdict"]
        known.update({"n": known["n"] + 1, "code": None, "facts": {}, **verdict})
        self.buckets[f"device:{self.device}"].put(("verdict", operation_id, dict(known)))

    def revoke(self) -> None:
        """The device is lost: its records go at its next pull, what it still sends waits for a person (sync.md §2)."""
        self.revoked = self.device
        self.access = f"{self.access}, one revoked"

    @property
    def readable(self) -> dict[str, Bucket]:
        """What the device may read."""
        return {} if self.revoked == self.device else self.buckets

    # -- the API -----------------------------------------------------------------------------------------------------------

    def head(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "access": self.access, "heads": {n: b.rev for n, b in self.readable.items()}}

    def enrol(self, body: dict[str, Any], cookie: str | None) -> tuple[int, Any, str | None]:
        if self.revoked and body.get("replaces") == self.revoked:
            return error(403, "revoked")
        # By its cookie a device may go on from itself or one it replaced; without, a person has to vouch for it.
        if not self.signed_in and (
            cookie is None or cookie != self.device or body.get("replaces") not in {cookie, *self.replaced}
        ):
            return error(401, "sign_in_first")
        if self.device:
            self.replaced.append(self.device)
            self.buckets.pop(f"device:{self.device}", None)
        self.device = str(uuid.uuid4())
        self.stream = []
        self.buckets[f"device:{self.device}"] = Bucket(readers=[])
        said: dict[str, Any] = {
            "device": {"id": self.device, "name": body.get("name"), "shared": body.get("shared") is True}, "stream": self.device,
            "site": {"id": SITE}, "epoch": self.epoch,
        }  # fmt: skip
        if self.signed_in:
            said |= self.grant()
        return 201, said, self.device

    def grant(self) -> dict[str, Any]:
        id = str(uuid.uuid4())
        grant = {"id": id, "token": f"token-{id}", "person": self.signed_in, "from": 0}
        self.grants[id] = grant
        return {"grant": grant, "person": {"id": self.signed_in, "name": "Lin"}}

    def push(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body["device"] != self.device:
            return error(403, "wrong_device")[:2]
        ops = sorted(body["ops"], key=lambda op: op["seq"])
        if any(b["seq"] != a["seq"] + 1 for a, b in pairwise(ops)):
            return error(422, "malformed_batch")[:2]
        if ops and ops[0]["seq"] > len(self.stream) + 1:
            return error(409, "expected_seq", next_seq=len(self.stream) + 1)[:2]
        for op in ops:
            if op["seq"] <= len(self.stream) and self.stream[op["seq"] - 1]["id"] != op["id"]:
                return error(409, "fork", seq=op["seq"])[:2]
        verdicts = [self._judge(op) for op in ops]
        last = len(self.stream)
        return 200, {"durable_seq": last if self.durable is None else self.durable, "next_seq": last + 1, "verdicts": verdicts}

    def _judge(self, op: dict[str, Any]) -> dict[str, Any]:
        if op["seq"] > len(self.stream):
            self.stream.append(op)
        known = self.kept.get(op["id"])
        if known:
            return {"id": op["id"], **known["verdict"], "replayed": True}
        judged = {"status": "parked", "code": "quarantine"} if self.revoked == self.device else self.verdicts(op)
        verdict = {"n": 1, "code": None, "facts": {}, "revs": {}, **judged}
        if verdict["status"] == "applied":
            self.applied.append(op["id"])
            if "record" in op["data"]:
                bucket, kind, id, data = op["data"]["record"]
                verdict["revs"] = {bucket: self.buckets[bucket].put((kind, id, data))}
        self.kept[op["id"]] = {"op": op, "verdict": verdict}
        return {"id": op["id"], **verdict, "replayed": False}

    def pull(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Header, lines, trailer. `after` is a list: [epoch, {bucket: [rev, kind, id, began, full]}]."""
        after = json.loads(body["after"]) if body.get("after") else None
        restart = bool(after) and after[0] != self.epoch
        places = {} if restart or not after else after[1]
        header: dict[str, Any] = {"epoch": self.epoch, "buckets": {}}
        lines: list[dict[str, Any]] = []
        finished = True
        for name in sorted(self.readable):
            bucket = self.buckets[name]
            cursor = 0 if restart or body["epoch"] != self.epoch else body["cursors"].get(name, 0)
            is_full = cursor <= 0 or cursor > bucket.rev
            place = places.setdefault(name, [0 if is_full else cursor, "", "", bucket.rev if is_full else cursor, is_full])
            least = 0 if place[1] else place[0]
            every = sorted((rev, k, i, data) for (k, i), (rev, data) in bucket.records.items() if rev > least)
            found = [one for one in every if list(one[:3]) > place[:3] and (one[3] is not None or one[0] > place[3])]
            header["buckets"][name] = {
                "to": bucket.rev, "mode": "full" if place[4] else "delta", "readers": bucket.readers,
                "count": bucket.check()["count"] if place[4] else len(found),
            }  # fmt: skip
            for rev, kind, id, data in found:
                if len(lines) >= self.page_lines:
                    finished = False
                    break
                line = {"bucket": name, "kind": kind, "id": id, "rev": rev}
                lines.append(line | ({"gone": True} if data is None else {"data": data}))
                place[:3] = [rev, kind, id]
        if restart:
            header["restart"] = True
        trailer: dict[str, Any] = {"after": None if finished else json.dumps([self.epoch, places])}
        if finished:
            trailer["checks"] = {name: bucket.check() for name, bucket in self.readable.items()}
        return [header, *lines, trailer]

    def put_blob(self, sha: str, body: bytes) -> tuple[int, Any]:
        if hashlib.sha256(body).hexdigest() != sha:
            return error(422, "wrong_hash")[:2]
        if sha in self.unreadable:
            return error(422, "unreadable")[:2]
        self.blobs[sha] = body
        return 201, {"sha": sha, "status": "ok"}


def error(status: int, code: str, **facts: Any) -> tuple[int, Any, None]:
    return status, {"error": {"code": code, "message": code, "facts": facts}}, None


class Handler(BaseHTTPRequestHandler):
    """HTTP around the imitation; `server.api` is it."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def _handle(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        path = self.path.split("?")[0]
        if path.startswith("/api/"):
            return self._api(path, raw)
        if self.server.api.down:
            return self._hang_up()
        if path == "/sw.js":
            return self._send(200, self._worker(), TYPES[".js"], {"Cache-Control": "no-cache"})
        if path.startswith("/static/"):
            return self._static(path)
        if path.startswith("/floor/"):
            build = self.server.api.build
            own = f'<p id="shell">{build}</p><a href="/static/{build}/js/x.js"></a>'
            page = PAGE if self.server.api.is_captive else PAGE + own
            return self._send(200, page.encode(), TYPES[".html"], {"Content-Security-Policy": "object-src 'none'"})
        return self._send(200, PAGE.encode(), TYPES[".html"], {})

    def _worker(self) -> bytes:
        """As the shell's view does it."""
        build = self.server.api.build
        files = ["/floor/shell", f"/static/{build}/js/replica/ids.js", f"/static/{build}/js/replica/clock.js"]
        code = (STATIC / "js" / "sw.js").read_text("utf-8")
        later = [f"/static/{build}/js/replica/push.js"]
        for name, urls in (("PRECACHE", files), ("LATER", later)):
            code = code.replace(f'["%{name}%"]', json.dumps(urls))
        return code.replace("%BUILD%", build).encode()

    def _static(self, path: str) -> None:
        build, name = path.removeprefix("/static/").split("/", 1)
        file = STATIC / name
        if not file.exists() or build not in ("test", self.server.api.build):
            return self._send(404, b"", "text/plain", {})
        return self._send(200, file.read_bytes(), TYPES[file.suffix], {})

    def _api(self, path: str, raw: bytes) -> None:
        api = self.server.api
        if api.down:
            return self._hang_up()
        body = json.loads(raw) if raw and "json" in self.headers.get("Content-Type", "") else raw
        with api.lock:
            fault = next((f for f in api.faults if path.startswith(f.path)), None)
            if fault:
                fault.times -= 1
                if not fault.times:
                    api.faults.remove(fault)
            api.calls.append((self.command, path, body))
        if fault and fault.kind not in ("lose", "cut"):
            return self._misbehave(fault)
        with api.lock:
            status, said, cookie = self._answer(path, body)
        if fault and fault.kind == "lose":
            # Not a byte at all would make the browser itself try again.
            self.wfile.write(b"HTTP/1.1 200 OK\r\nOffstage-Protocol: 1\r\nContent-Length: 99\r\n\r\n")
            return self._hang_up()
        return self._say(status, said, cookie, cut=fault is not None)

    def _misbehave(self, fault: Fault) -> None:
        own = {"Offstage-Protocol": "1", "Offstage-Time": str(int(time.time() * 1000))}
        if fault.kind == "status":
            body = json.dumps(error(fault.status, fault.code, **fault.facts)[1]).encode()
            return self._send(fault.status, body, "application/json", own | fault.headers)
        if fault.kind == "slow":
            time.sleep(fault.seconds)
            return self._send(503, b"", "text/plain", fault.headers)
        if fault.kind == "html":
            return self._send(200, b"<h1>Welcome to Cafe Wi-Fi</h1>", "text/html", {})
        if fault.kind == "bare":
            return self._send(fault.status, b"{}", "application/json", {})
        return self._send(302, b"", "text/html", {"Location": "/signin"})

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _cookie(self) -> str | None:
        for part in (self.headers.get("Cookie") or "").split("; "):
            if part.startswith("offstage-device="):
                return part.split("=", 1)[1]
        return None

    def _answer(self, path: str, body: Any) -> tuple[int, Any, str | None]:
        api = self.server.api
        cookie = self._cookie()
        if path == "/api/devices":
            return api.enrol(body, cookie)
        if cookie is None or cookie != api.device:
            return error(401, "not_enrolled")
        if path == "/api/grants" and api.revoked == api.device:
            return error(403, "revoked")
        if path == "/api/grants":
            return (201, api.grant(), None) if api.signed_in else error(401, "sign_in_first")
        if path.startswith("/api/grants/"):
            api.grants.pop(path.rsplit("/", 1)[1], None)
            return 204, None, None
        if path == "/api/sync/head":
            return 200, api.head(), None
        if path == "/api/sync/push":
            return (*api.push(body), None)
        if path == "/api/sync/pull":
            return 200, api.pull(body), None
        if path.startswith("/api/blobs/") and self.command == "PUT":
            return (*api.put_blob(path.rsplit("/", 1)[1], body), None)
        if path == "/api/sync/report":
            return 200, {}, None
        return error(404, "not_found")

    def _say(self, status: int, said: Any, cookie: str | None, *, cut: bool) -> None:
        headers = {"Offstage-Protocol": "1", "Offstage-Time": str(int(time.time() * 1000) + self.server.api.time_offset)}
        if cookie:
            headers["Set-Cookie"] = f"offstage-device={cookie}; Path=/; HttpOnly; SameSite=Strict"
        if isinstance(said, list):
            body, kind = "".join(json.dumps(line) + "\n" for line in said).encode(), "application/x-ndjson"
        else:
            body, kind = b"" if said is None else json.dumps(said).encode(), "application/json"
        if status == 200 and self.path == "/api/sync/head":
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            headers["ETag"] = etag
            if self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
        if cut:
            body = body[: body.rstrip().rfind(b"\n") + 1] if isinstance(said, list) else body[: len(body) // 2]
        self._send(status, body, kind, headers)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """On a port of its own."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.api = Imitation()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers hang up as they like."""
