"""What a device's IndexedDB holds: changed in whole transactions, some of which a power cut takes back (sync.md §4)."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str]  # kind, id


def fresh_state() -> dict[str, Any]:
    """On an enrolled device before anything was learned (`memory.js`)."""
    return {
        "epoch": None, "access": None, "etag": None, "device": None, "site": None, "person": None, "grants": {}, "endings": [],
        "buckets": {}, "pull": None, "revoked": False,
    }  # fmt: skip


def fresh_stream() -> dict[str, Any]:
    """`made` counts the operations ever made here, over all streams."""
    return {"id": None, "last_seq": 0, "acked": 0, "durable_seq": 0, "made": 0}


@dataclass
class Disk:
    """One state of it. Rows are never changed in place, so a copy of the tables is a snapshot."""

    state: dict[str, Any] = field(default_factory=fresh_state)
    stream: dict[str, Any] = field(default_factory=fresh_stream)
    base: dict[str, dict[Key, tuple[int, Any]]] = field(default_factory=dict)
    fills: dict[str, dict[Key, tuple[int, Any]]] = field(default_factory=dict)  # generations that nobody sees yet
    outbox: dict[str, Row] = field(default_factory=dict)
    journal: dict[str, Row] = field(default_factory=dict)
    blobs: dict[str, Row] = field(default_factory=dict)

    def copy(self) -> Disk:
        """A draft of the next transaction."""
        return Disk(
            pickle.loads(pickle.dumps(self.state)), dict(self.stream), {name: dict(rows) for name, rows in self.base.items()},
            {name: dict(rows) for name, rows in self.fills.items()}, dict(self.outbox), dict(self.journal), dict(self.blobs),
        )  # fmt: skip

    def rows(self) -> list[Row]:
        """The outbox in the order in which things were done."""
        return sorted(self.outbox.values(), key=lambda row: row["no"])

    def unsaid(self) -> list[Row]:
        """What the server has not yet given its word on."""
        return [row for row in self.rows() if row["verdict"] is None]

    def file_away(self, row: Row, at: int) -> None:
        """Out of the outbox: settled, or put away."""
        del self.outbox[row["id"]]
        self.journal[row["id"]] = {**row, "settled_at": at}
