"""Appending: durable, ordered, shared between tabs, and honest when it fails (sync.md §4; T4, T13)."""

from __future__ import annotations

from tests.js.device import Device


def test_an_append_is_on_the_disk_in_order_and_seen_at_once(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass")
    enrolled.answer("r/b", "fail")
    assert enrolled.verdict_shown("r/a") == "pass"
    assert enrolled.run("return replica.isPending('checklist_item', 'r/b')") == "kept"
    enrolled.reload()
    assert [row["seq"] for row in enrolled.outbox()] == [1, 2]
    assert (enrolled.verdict_shown("r/a"), enrolled.verdict_shown("r/b")) == ("pass", "fail")


def test_sync_sends_it_and_it_settles(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    assert enrolled.outbox() == []
    assert enrolled.verdict_shown("r/a") == "pass"
    assert enrolled.stored("view") == []
    assert [row["verdict"]["status"] for row in enrolled.stored("journal")] == ["applied"]
    assert enrolled.status()["state"] == "synced"
