"""The server is lost and restored, with real processes: what devices did since the backup comes again, once (sync.md §3)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from app.sync.push import MOST_OPERATIONS
from tests.backup.conftest import House
from tests.browser.harness import Server
from tests.house.tree import ROOT
from tests.web import WebClient, enrol
from tests.wire import WireDevice

pytestmark = pytest.mark.xdist_group("backup")


class Keeper(WireDevice):
    """A device with a journal: it keeps every operation that no backup of the server holds, as the floor's does."""

    journal: list[dict[str, Any]]
    durable = 0

    def receive(self, house: House, times: int) -> None:
        """Put pieces into the bin, one an operation, and send them together."""
        said = {"bin_id": str(house.bin), "product_id": str(house.product), "quantity": "1"}
        ops = [self.op("stock.receive", said) for _ in range(times)]
        self.journal = [*getattr(self, "journal", []), *ops]
        self.deliver(ops)

    def deliver(self, ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Push in batches; afterwards the journal keeps what is not durable."""
        verdicts = []
        for at in range(0, len(ops), MOST_OPERATIONS):
            answer = self.send(*ops[at : at + MOST_OPERATIONS])
            verdicts += answer["verdicts"]
            self.durable = answer["durable_seq"]
        return verdicts

    def unsafe(self) -> list[dict[str, Any]]:
        """What the journal must still hold."""
        return [op for op in self.journal if op["seq"] > self.durable]


def backup(*arguments: str, folder: Path) -> str:
    """Run `python -m app.backup`; it must succeed."""
    done = run(*arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.backup", *arguments]
    environment = {**os.environ, "DATA_DIR": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def counted(server: Server, house: House) -> tuple[int, int, int]:
    """Pieces in the bin by the book, movements into it, and received operations in force."""
    book = server.rows("SELECT quantity FROM balance WHERE account = ?", f"bin:{house.bin}")
    moved = server.rows("SELECT count(*) AS n FROM posting WHERE account = ?", f"bin:{house.bin}")
    said = server.rows("SELECT count(*) AS n FROM operation WHERE type = 'stock.receive' AND in_force = 1")
    return sum(row["quantity"] for row in book) // 1000, moved[0]["n"], said[0]["n"]


def test_nothing_is_lost_and_nothing_doubled(server: Server, house: House, tmp_path: Path) -> None:
    """Backup while devices push, more work, the machine lost, restored: every device sends again, once each (I1, I2, I3).

    One device is older than the backup and somebody else signed in on it since; one was enrolled after it. Both speak on
    with what they hold.
    """
    old = [enrol(WebClient(server.url), login, Keeper) for login in ("warehouse_keeper", "shipping_clerk")]
    for device in old:
        device.receive(house, 7)
        device.pull()
        assert device.durable == 7  # nobody ever made a backup: what is committed counts
    epoch = old[0].epoch
    push_during_backup(old, house, tmp_path / "one.zip")
    covered = {row["device_id"]: row["backed_up_seq"] for row in server.rows("SELECT * FROM stream")}
    for device in old:
        device.receive(house, 20)
        assert device.durable == covered[device.id.bytes] < device.seq  # only what the backup holds is durable now
    _sign_in_too(old[1], "logistics_manager")
    old[1].receive(house, 3)
    new = enrol(WebClient(server.url), "warehouse_keeper", Keeper)
    new.receive(house, 11)
    assert new.durable == 0
    everything = [op for device in (*old, new) for op in device.journal]
    before = counted(server, house)
    assert before == (len(everything),) * 3

    server.kill()
    shutil.rmtree(house.folder)
    backup("restore", str(tmp_path / "one.zip"), folder=house.folder)
    server.start()
    lost = counted(server, house)
    assert lost[0] == lost[1] == lost[2] <= before[0] - 54

    for device in old:
        told = device.client.get("/api/sync/head").json
        assert told["epoch"] != epoch  # which is what makes a device send its journal again
        verdicts = device.deliver(device.unsafe())
        assert {verdict["status"] for verdict in verdicts} == {"applied"}
    _enrol_again(new)
    assert counted(server, house) == before
    for device in (*old, new):
        again = device.deliver(device.unsafe())
        assert again and all(verdict["replayed"] for verdict in again)  # a third time changes nothing
        device.pull()  # compares the sums of every bucket
    assert counted(server, house) == before
    known = {row["id"] for row in server.rows("SELECT id FROM operation WHERE type = 'stock.receive'")}
    assert len(known) == len(everything)
    assert {key for key in old[0].held if key[0].startswith("site:")} == {key for key in new.held if key[0].startswith("site:")}


def push_during_backup(devices: list[Keeper], house: House, to: Path) -> None:
    """Both devices push without a pause from before the backup begins until after it is written."""
    over = threading.Event()
    failures: list[BaseException] = []

    def work(device: Keeper) -> None:
        try:
            while not over.is_set():
                device.receive(house, 3)
        except BaseException as failure:  # told below: an exception in a thread reaches nobody
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    said = backup("make", str(to), folder=house.folder)
    over.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert str(to) in said


def _sign_in_too(device: Keeper, login: str) -> None:
    """Somebody else works on the device from now on."""
    device.client.sign_in(login)  # type: ignore[attr-defined]  # it is a WebClient
    grant = device.client.post("/api/grants", json={}).json["grant"]
    device.grants[grant["id"]] = grant["token"]
    device.grant, device.actor = grant["id"], type(device.actor)(grant["person"])


def _enrol_again(device: Keeper) -> None:
    """The restored server knows nothing of this device: it enrols as a new one and sends everything renumbered."""
    assert device.client.get("/api/sync/head").status_code == 401
    known = device.grants
    device.client.sign_in("warehouse_keeper")  # type: ignore[attr-defined]  # it is a WebClient
    said = {"name": "again", "shared": False, "build": "test", "replaces": str(device.id)}
    told = device.client.post("/api/devices", json=said).json
    device.id = type(device.id)(told["device"]["id"])
    device.grants = {**known, told["grant"]["id"]: told["grant"]["token"]}
    device.journal = [{**op, "seq": n} for n, op in enumerate(device.journal, 1)]
    device.epoch, device.cursors = "", {}
    assert {verdict["status"] for verdict in device.deliver(device.journal)} == {"applied"}


def test_a_running_server_is_not_overwritten(server: Server, house: House, tmp_path: Path) -> None:
    """Restore wants the server stopped and, where data is, to be told; then it keeps what was there."""
    backup("make", str(tmp_path / "one.zip"), folder=house.folder)
    refused = run("restore", str(tmp_path / "one.zip"), "--replace", folder=house.folder)
    assert refused.returncode == 1 and "请先停掉服务器" in refused.stderr and "Stop it first" in refused.stderr
    enrol(WebClient(server.url), "warehouse_keeper", Keeper).receive(house, 5)
    server.kill()
    refused = run("restore", str(tmp_path / "one.zip"), folder=house.folder)
    assert refused.returncode == 1 and refused.stderr.count("REPLACE=1") == 2
    assert counted(server, house)[0] == 5
    said = backup("restore", str(tmp_path / "one.zip"), "--replace", folder=house.folder)
    (kept,) = house.folder.glob("replaced-*")
    assert said.count(str(kept)) == 2
    assert counted(server, house)[0] == 0
    server.data_dir = kept
    assert counted(server, house)[0] == 5
