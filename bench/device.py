"""A device as the server sees one: enrolled, with grants, a stream and cursors, speaking the sync API."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.demo.cast import PASSWORD
from app.lib.clock import now
from app.lib.ids import new_id
from bench.served import Line, Served

JSON = {"Content_Type": "application/json"}


@dataclass
class Device:
    """One browser's worth of state; `grants` maps a person's id to the grant's id and token."""

    line: Line
    id: str = ""
    epoch: str = ""
    seq: int = 0
    grants: dict[str, tuple[str, str]] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def call(self, method: str, path: str, data: Any = None, *, expect: tuple[int, ...] = (200, 201)) -> Any:
        """Ask the API and read its JSON; another status than expected is raised with what was said."""
        body = b"" if data is None else orjson.dumps(data)
        status, _, said = self.line.ask(self.line.request(method, path, body, **(JSON if body else {})))
        if status not in expect:
            raise RuntimeError(f"{method} {path}: {status} {said[:500]!r}")
        return orjson.loads(said) if said else None

    def sign_in(self, login: str) -> None:
        """The office session of one of the demo's people; the next grant is theirs."""
        form = urllib.parse.urlencode({"login": login, "password": PASSWORD}).encode()
        request = self.line.request("POST", "/signin", form, Content_Type="application/x-www-form-urlencoded")
        status, head, body = self.line.ask(request)
        if status != 303:
            raise RuntimeError(f"sign-in as {login}: {status} {body[:300]!r}")
        self._keep_cookies(head)

    def enrol(self, name: str = "bench") -> str:
        """Enrol for the signed-in person; their id."""
        body = orjson.dumps({"name": name, "shared": False, "build": "bench"})
        status, head, said = self.line.ask(self.line.request("POST", "/api/devices", body, **JSON))
        if status not in (200, 201):
            raise RuntimeError(f"enrol: {status} {said[:300]!r}")
        self._keep_cookies(head)
        answer = orjson.loads(said)
        self.id, self.epoch = answer["device"]["id"], answer["epoch"]
        return self._keep_grant(answer)

    def grant(self) -> str:
        """A second person on the device, the one who is signed in now; their id."""
        return self._keep_grant(self.call("POST", "/api/grants", {}))

    def _keep_grant(self, answer: dict[str, Any]) -> str:
        person: str = answer["person"]["id"]
        self.grants[person] = (answer["grant"]["id"], answer["grant"]["token"])
        return person

    def _keep_cookies(self, head: bytes) -> None:
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                key, _, said = value.split(";", 1)[0].partition("=")
                self.line.cookies[key] = said

    def op(self, type: str, actor: str, data: dict[str, Any], *, basis: list[str] | None = None) -> dict[str, Any]:
        """The next operation of the stream."""
        self.seq += 1
        return {
            "id": str(new_id()),
            "seq": self.seq,
            "type": type,
            "v": 1,
            "actor": actor,
            "grant": self.grants[actor][0],
            "at": now(),
            "offset": 0,
            "seen": 0,
            "basis": basis or [],
            "data": data,
            "blobs": [],
        }

    def batch(self, ops: list[dict[str, Any]]) -> bytes:
        """The request that pushes these operations."""
        body = {
            "device": self.id,
            "epoch": self.epoch,
            "sent_at": now(),
            "last_seq": self.seq,
            "grants": dict(self.grants.values()),
            "ops": ops,
        }
        return self.line.request("POST", "/api/sync/push", orjson.dumps(body), **JSON)

    def send(self, batch: bytes) -> list[dict[str, Any]]:
        """Push a prepared batch; its verdicts."""
        status, _, said = self.line.ask(batch)
        if status != 200:
            raise RuntimeError(f"push: {status} {said[:500]!r}")
        verdicts: list[dict[str, Any]] = orjson.loads(said)["verdicts"]
        return verdicts

    def pull_request(self, cursors: dict[str, int], after: Any = None) -> bytes:
        """The request for what lies beyond these cursors."""
        body = {"epoch": self.epoch, "cursors": cursors, **({"after": after} if after else {})}
        return self.line.request("POST", "/api/sync/pull", orjson.dumps(body), **JSON)

    def pull(self) -> None:
        """Fetch every page and move the cursors."""
        after: Any = None
        while True:
            status, _, said = self.line.ask(self.pull_request(self.cursors, after))
            if status != 200:
                raise RuntimeError(f"pull: {status} {said[:500]!r}")
            header, *lines, trailer = [orjson.loads(line) for line in said.splitlines()]
            for line in lines:
                if line.get("gone"):
                    self.records.pop((line["kind"], line["id"]), None)
                else:
                    self.records[line["kind"], line["id"]] = line["data"]
            after = trailer["after"]
            if after is None:
                self.cursors = {name: bucket["to"] for name, bucket in header["buckets"].items()}
                return

    def all(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """The records of a kind with their ids."""
        return [(id, data) for (found, id), data in self.records.items() if found == kind]


def enrolled(served: Served, *logins: str) -> Device:
    """A device on which these people work, filled."""
    device = Device(Line(served.port))
    for at, login in enumerate(logins):
        device.sign_in(login)
        device.enrol() if at == 0 else device.grant()
    device.pull()
    return device


def signed_in(served: Served, login: str) -> dict[str, str]:
    """The cookies of a browser in which this person is signed in at the office."""
    browser = Device(Line(served.port))
    browser.sign_in(login)
    return browser.line.cookies
