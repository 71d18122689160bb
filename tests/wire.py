"""A device as the server hears it: a stream of operations, and the records it holds."""

from __future__ import annotations

import gzip
from typing import Any
from zlib import crc32

import orjson
from flask.testing import FlaskClient

from app.lib.clock import now
from app.lib.ids import Id, new_id


class WireDevice:
    """Speaks the sync API through a test client whose cookie jar holds the device's cookie."""

    def __init__(self, client: FlaskClient, id: Id, actor: Id, grants: dict[str, str], grant: str) -> None:
        self.client = client
        self.id = id
        self.actor = actor
        self.grants = grants
        self.grant = grant
        self.seq = 0
        self.offset = 0
        self.epoch = ""
        self.cursors: dict[str, int] = {}
        self.checks: dict[str, Any] = {}
        self.held: dict[tuple[str, str, str], tuple[int, Any]] = {}

    def op(self, type: str, data: Any, **changes: Any) -> dict[str, Any]:
        """The next operation of the stream."""
        self.seq += 1
        return {
            "id": str(new_id()), "seq": self.seq, "type": type, "v": 1, "actor": str(self.actor), "grant": self.grant,
            "at": now(), "offset": self.offset, "seen": 0, "basis": [], "data": data, "blobs": [], **changes,
        }  # fmt: skip

    def send(self, *ops: dict[str, Any], status: int = 200, zipped: bool = False, **body: Any) -> Any:
        """Push a batch and return the answer's body; any other status than the expected one fails the test."""
        said = {
            "device": str(self.id), "epoch": self.epoch, "sent_at": now(), "last_seq": self.seq, "grants": self.grants,
            "ops": list(ops), **body,
        }  # fmt: skip
        raw = orjson.dumps(said)
        headers = {"Content-Encoding": "gzip"} if zipped else {}
        answer = self.client.post("/api/sync/push", data=gzip.compress(raw) if zipped else raw, headers=headers)
        assert answer.status_code == status, answer.data
        assert answer.headers["Offstage-Protocol"] == "1"
        return answer.json

    def say(self, type: str, data: dict[str, Any], **changes: Any) -> Any:
        """Make one operation, send it, and hear its verdict. Ids in `data` may be UUIDs."""
        wire = orjson.loads(orjson.dumps(data))
        return self.send(self.op(type, wire, **changes))["verdicts"][0]

    def pull(self) -> dict[str, Any]:
        """Pull to the end as a device does, check the sums, and return the last page's header."""
        after = None
        while True:
            body = {"epoch": self.epoch, "cursors": self.cursors, "after": after}
            answer = self.client.post("/api/sync/pull", json=body)
            assert answer.status_code == 200, answer.data
            header, *lines, trailer = map(orjson.loads, answer.data.splitlines())
            self.epoch = header["epoch"]
            self._drop({b for b, _, _ in self.held if b not in header["buckets"]})
            if after is None:
                self._drop({b for b, said in header["buckets"].items() if said["mode"] == "full"})
            for line in lines:
                self._take(line)
            after = trailer["after"]
            if after is None:
                self.cursors = {b: said["to"] for b, said in header["buckets"].items()}
                self.checks = trailer["checks"]
                self._check_sums()
                return dict(header)

    def _take(self, line: dict[str, Any]) -> None:
        key = (line["bucket"], line["kind"], line["id"])
        if line.get("gone"):
            self.held.pop(key, None)
        elif key not in self.held or self.held[key][0] < line["rev"]:
            self.held[key] = (line["rev"], line["data"])

    def _drop(self, names: set[str]) -> None:
        self.held = {key: value for key, value in self.held.items() if key[0] not in names}

    def _check_sums(self) -> None:
        """I3: what it holds sums to what the server says."""
        for bucket, said in self.checks.items():
            mine = [(k, i, rev) for (b, k, i), (rev, _) in self.held.items() if b == bucket]
            total = sum(crc32(f"{k}/{i}@{rev}".encode()) for k, i, rev in mine) % 2**32
            assert (len(mine), total) == (said["count"], said["sum"]), bucket

    def get(self, kind: str, id: object) -> Any:
        """A record's data, or None."""
        found = [data for (_, k, i), (_, data) in self.held.items() if (k, i) == (kind, str(id))]
        return found[0] if found else None

    def all(self, kind: str) -> list[Any]:
        """Every record's data of a kind."""
        return [data for (_, k, _), (_, data) in self.held.items() if k == kind]
