"""The server's machine is lost and restored from a backup: a real browser sends again what the backup lacks, photos too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import ROOT, Device, Server
from tests.browser.run_page import RunPage, items_of
from tests.browser.truth import answers_in, tonight, wait_for_photos, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-restore")]

ITEMS = {item["id"]: item for item in items_of("CL-SET")}
TICKS = [id for id, item in ITEMS.items() if item["kind"] == "tick"]
SHOWN = next(id for id, item in ITEMS.items() if item["kind"] == "photo")


def backup(verb: str, path: Path, server: Server) -> None:
    """`make backup`, `make restore`."""
    command = [sys.executable, "-m", "app.backup", verb, str(path)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATA_DIR": str(server.data_dir)}, check=True, timeout=120)


def sent(server: Server, since_ms: int) -> dict[str, tuple[str, int]]:
    """Item → status and `n` of what was answered since, as the log has it; an item that was answered twice fails."""
    rows = server.rows(
        "SELECT data, status, n FROM operation WHERE type = 'checklists.answer_item' AND received_at > ?", since_ms
    )
    found = {json.loads(row["data"])["item_id"]: (row["status"], row["n"]) for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_tablet_brings_back_what_the_backup_lacks(server: Server, launch: Callable[..., Device], tmp_path: Path) -> None:
    """Sync.md §3, Restore: settled work after the backup comes back from the journal, what was done in the dark with it, once.

    The server restored has never seen the last answers nor the photo that had arrived; nobody touches the tablet.
    """
    since = int(time.time() * 1000)
    tablet = launch("tablet")
    tablet.sign_in("stagehand")
    run_id = tonight(server, "CL-SET")
    run = RunPage(tablet.page, run_id, "CL-SET").open(server.url)
    begun = answers_in(server, run_id)
    before, after, dark = [id for id in TICKS if id not in begun][:3]

    run.answer(ITEMS[before])
    wait_until(lambda: before in sent(server, since), "the first answer has arrived")
    backup("make", tmp_path / "one.zip", server)
    run.answer(ITEMS[after])
    run.answer(ITEMS[SHOWN])
    tablet.wait_synced()
    wait_until(lambda: {after, SHOWN} <= sent(server, since).keys(), "the work after the backup has arrived")
    wait_for_photos(server)
    pictures = {file.name for file in server.data_dir.glob("blobs/*/*")}

    server.kill()
    run.answer(ITEMS[dark])
    shutil.rmtree(server.data_dir)
    backup("restore", tmp_path / "one.zip", server)
    assert sent(server, since).keys() == {before}
    server.start()
    wait_until(lambda: {after, SHOWN, dark} <= sent(server, since).keys(), "the tablet has sent it all again")
    tablet.wait_synced()
    for item in (before, after, SHOWN, dark):
        run.expect(item, "done")
    wait_for_photos(server)
    assert {file.name for file in server.data_dir.glob("blobs/*/*")} == pictures
    assert sent(server, since) == dict.fromkeys((before, after, SHOWN, dark), ("applied", 1))
    expect(tablet.page.locator(".sync")).to_have_attribute("data-state", "synced")
