"""What the database says, past the product: the judge of every browser test."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.browser.harness import Server


def tonight(server: Server, code: str) -> str:
    """Tonight's run of a list: of the show that starts next."""
    (row,) = server.rows(
        "SELECT r.id FROM checklist_run r JOIN show s ON s.id = r.target_id WHERE r.code = ? AND r.status != 'accepted' "
        "AND s.starts_at > unixepoch() * 1000 AND (r.round IS NULL OR r.round = 1) ORDER BY s.starts_at LIMIT 1",
        code,
    )
    return str(uuid.UUID(bytes=row["id"]))


def answers_in(server: Server, run_id: str) -> dict[str, str]:
    """Item → verdict of what is in force, as the database has it."""
    rows = server.rows("SELECT item_id, verdict FROM checklist_answer WHERE run_id = ? AND current = 1", uuid.UUID(run_id).bytes)
    return {row["item_id"]: row["verdict"] for row in rows}


def status_of(server: Server, run_id: str) -> str:
    """How a run stands."""
    (row,) = server.rows("SELECT status FROM checklist_run WHERE id = ?", uuid.UUID(run_id).bytes)
    return str(row["status"])


def due_of(server: Server, show_id: str, code: str) -> int:
    """When a show's list is due, in ms."""
    show = uuid.UUID(show_id).bytes
    (row,) = server.rows("SELECT due_at FROM checklist_run WHERE target_id = ? AND code = ?", show, code)
    return int(row["due_at"])


def wait_until(is_so: Callable[[], bool], what: str, timeout_s: float = 60) -> None:
    """Ask the database again until it is so."""
    end = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.2)


def wait_for_photos(server: Server) -> None:
    """Every photo and signature that a record names arrives, and none had its place in it (CHK-5)."""
    missing = "SELECT 1 FROM blob_use WHERE sha NOT IN (SELECT sha FROM blob)"
    wait_until(lambda: not server.rows(missing), "every photo is on the server")
    assert server.rows("SELECT 1 FROM blob WHERE status = 'location_removed'") == []


def record_of(server: Server, kind: str, id: str) -> dict[str, Any]:
    """A record as devices get it."""
    (row,) = server.rows("SELECT data FROM record WHERE kind = ? AND id = ? AND gone = 0", kind, id)
    found: dict[str, Any] = json.loads(row["data"])
    return found
