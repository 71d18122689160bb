"""A device that was revoked hands in what it holds, and its browser may be enrolled anew (sync.md §2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.js.device import Device
from tests.js.test_blobs import keep

ENROL = """try { await replica.enrol(arg ?? {}) } catch (error) { return [error.reason, error.code, error.facts] }"""


def enrolments(device: Device) -> list[dict[str, Any]]:
    return device.api.asked("/api/devices")


def test_it_forgets_and_says_that_a_person_is_needed(enrolled: Device) -> None:
    """I8: everything but the outbox goes; the badge and every page say what happened."""
    assert enrolled.run("return replica.meta.isRevoked") is False
    enrolled.api.revoke()
    id = enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    assert enrolled.run("return replica.meta.isRevoked") is True
    status = enrolled.status()
    assert (status["state"], status["reason"], status["need"], status["waiting"]) == ("need", "revoked", 1, 0)
    assert enrolled.verdict_shown("r/a") is None
    assert [(row["id"], row["state"], row["code"]) for row in enrolled.outbox()] == [(id, "parked", "quarantine")]


def test_it_is_enrolled_anew_after_it_handed_in_what_it_held(enrolled: Device) -> None:
    """I1, I8: as a device that never was another; what it handed in is kept as receipts, its photos included."""
    api, before = enrolled.api, enrolled.api.device
    sha = keep(enrolled)
    id = enrolled.answer("r/a", "pass", blobs=[sha])
    api.revoke()
    enrolled.run("await replica.enrol()")
    assert api.kept[id]["verdict"]["status"] == "parked"
    assert "replaces" not in enrolments(enrolled)[-1]
    assert api.device not in (None, before)
    assert enrolled.sync()
    assert (enrolled.run("return replica.meta.isRevoked"), enrolled.status()["state"]) == (False, "synced")
    assert enrolled.run("return replica.meta.device.id") == api.device
    assert (enrolled.verdict_shown("r/a"), enrolled.outbox(), list(api.blobs)) == ("open", [], [sha])
    assert enrolled.run("return (await replica.receipt(arg)).state", id) == "parked"
    assert [row["id"] for row in enrolled.run("return replica.history()")] == [id]
    second = enrolled.answer("r/b", "fail")
    assert enrolled.sync()
    assert (api.applied, [op["seq"] for op in api.stream]) == ([second], [1])
    enrolled.reload()
    assert (enrolled.verdict_shown("r/b"), enrolled.outbox()) == ("fail", [])


def test_what_does_not_go_through_is_given_up_only_by_a_persons_word(enrolled: Device) -> None:
    """I1: the first try changes nothing here; then it is kept as a receipt that says it was never sent."""
    api = enrolled.api
    id = enrolled.answer("r/a", "pass")
    api.revoke()
    api.fail("/api/sync/push", "status", status=500, times=50)
    assert enrolled.run(ENROL) == ["revoked", "unsent_left", {"n": 1}]
    assert enrolments(enrolled) == []
    assert [row["state"] for row in enrolled.outbox()] == ["kept"]
    assert (enrolled.status()["reason"], enrolled.status()["waiting"]) == ("server", 1)
    assert enrolled.run(ENROL, {"giveUp": True}) is None
    api.faults.clear()
    assert enrolled.sync()
    assert (api.kept, enrolled.outbox(), enrolled.status()["state"]) == ({}, [], "synced")
    assert enrolled.run("return (await replica.receipt(arg)).state", id) == "given_up"


@pytest.mark.parametrize("evicted", [False, True])
def test_it_need_not_have_heard_of_it(enrolled: Device, evicted: bool) -> None:
    """The server's refusal is the first that tells: to a browser that lost its cookie, or all that it held."""
    api = enrolled.api
    api.revoke()
    if evicted:
        enrolled.run("await replica.close(); await new Promise((r) => (indexedDB.deleteDatabase('offstage').onsuccess = r))")
        enrolled.reload()
        assert "evicted" in enrolled.status()["warnings"]
    else:
        enrolled.context.clear_cookies()
    enrolled.run("await replica.enrol({name: 'tablet'})")
    assert ["replaces" in body for body in enrolments(enrolled)] == [True, False]
    assert enrolled.sync()
    assert (enrolled.verdict_shown("r/a"), enrolled.status()["state"]) == ("open", "synced")


def test_nobody_signed_in_changes_nothing(enrolled: Device) -> None:
    enrolled.api.revoke()
    assert enrolled.sync()
    enrolled.api.signed_in = None
    assert enrolled.run(ENROL) == ["unknown_device", "sign_in_first", {}]
    assert enrolled.run("return replica.meta.isRevoked") is True
