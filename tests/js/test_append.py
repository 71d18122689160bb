"""Appending: durable, ordered, shared between tabs, and honest when it fails (sync.md §4; T2, T4, T13)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error

from tests.js.device import Device
from tests.js.imitation import SITE

MANY = """const all = [];
  for (let n = 0; n < arg.count; n++) all.push(replica.append({type: "toy.note", data: {tab: arg.tab, n}}));
  return (await Promise.all(all)).map((kept) => kept.seq);"""

OPEN_ITEM = {"id": "r/a", "verdict": "open"}
ADD_PERSON = {"do": "add", "path": ["people"], "value": "p"}
ADD_RECORD = {"do": "add", "path": ["l"], "value": {"id": 1}}


def test_an_append_is_on_the_disk_in_order_and_seen_at_once(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass")
    enrolled.answer("r/b", "fail")
    assert enrolled.verdict_shown("r/a") == "pass"
    assert enrolled.run("return replica.isPending('checklist_item', 'r/b')") == "kept"
    enrolled.reload()
    assert [row["seq"] for row in enrolled.outbox()] == [1, 2]
    assert (enrolled.verdict_shown("r/a"), enrolled.verdict_shown("r/b")) == ("pass", "fail")
    assert enrolled.api.calls == []


def test_an_operation_says_who_when_and_by_which_clock(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass", basis=["before"], note={"key": "k", "params": {"item": "A"}})
    (row,) = enrolled.stored("outbox")
    state = enrolled.run("return replica.memory.state")
    assert row["actor"] == state["person"]
    assert row["grant"] in state["grants"]
    assert all(isinstance(row[name], int) for name in ("at", "offset", "seen", "seq"))
    assert row["seen"] > 0
    assert row["basis"] == ["before"]
    assert enrolled.outbox()[0]["note"] == {"key": "k", "params": {"item": "A"}}


def test_two_alike_in_the_same_instant_are_two(enrolled: Device) -> None:
    """T2: what a person did twice is two operations, however alike."""
    ids = enrolled.run(
        """const same = () => replica.append({type: "toy.scan", data: {code: "690"}});
           return (await Promise.all([same(), same()])).map((kept) => kept.id)"""
    )
    assert len(set(ids)) == 2
    assert enrolled.sync()
    assert len(enrolled.api.applied) == 2


def test_two_tabs_appending_at_once_never_share_a_seq(enrolled: Device) -> None:
    """T4, I4: the sequence is taken inside the transaction that appends."""
    other = enrolled.open(enrolled.tab())
    enrolled.page.evaluate(f"() => {{ globalThis.mine = (async (arg) => {{ {MANY} }})({{count: 60, tab: 'a'}}) }}")
    theirs = enrolled.run(MANY, {"count": 60, "tab": "b"}, other)
    mine = enrolled.run("return globalThis.mine")
    assert sorted(mine + theirs) == list(range(1, 121))
    assert mine == sorted(mine)
    assert theirs == sorted(theirs)


def test_another_tab_sees_the_append(enrolled: Device) -> None:
    other = enrolled.open(enrolled.tab())
    other.evaluate("() => { globalThis.heard = []; replica.on('change', (what) => heard.push(what)) }")
    enrolled.answer("r/a", "pass")
    enrolled.wait(lambda: enrolled.verdict_shown("r/a", other) == "pass", "the other tab")
    assert enrolled.run("return heard[0]", page=other) == {
        "buckets": [f"site:{SITE}"], "kinds": ["checklist_item"], "ids": ["r/a"],
    }  # fmt: skip
    assert enrolled.run("return replica.isPending('checklist_item', 'r/a')", page=other) == "kept"


def test_appends_that_arrive_while_one_commits_share_the_next(enrolled: Device) -> None:
    count = enrolled.run(
        """let transactions = 0;
           const real = IDBDatabase.prototype.transaction;
           IDBDatabase.prototype.transaction = function (stores, mode, options) {
             if (mode === "readwrite" && options?.durability === "strict") transactions++;
             return real.call(this, stores, mode, options);
           };
           const all = [];
           for (let n = 0; n < 50; n++) all.push(replica.append({type: "toy.note", data: {n}}));
           await Promise.all(all);
           IDBDatabase.prototype.transaction = real;
           return transactions;"""
    )
    assert count == 1


@pytest.mark.parametrize(
    ("effects", "shown"),
    [
        ([{"do": "set", "path": ["note", "text"], "value": "x"}], {**OPEN_ITEM, "note": {"text": "x"}}),
        ([ADD_PERSON, ADD_PERSON], {**OPEN_ITEM, "people": ["p"]}),
        ([ADD_PERSON, {"do": "remove", "path": ["people"], "value": "p"}], {**OPEN_ITEM, "people": []}),
        ([ADD_RECORD, ADD_RECORD], {**OPEN_ITEM, "l": [{"id": 1}]}),
        ([{"do": "remove", "path": ["verdict"]}], {"id": "r/a"}),
        ([{"do": "put", "value": {"id": "r/a", "whole": True}}], {"id": "r/a", "whole": True}),
    ],
)  # fmt: skip
def test_effects(enrolled: Device, effects: list[dict[str, object]], shown: dict[str, object]) -> None:
    effects = [{"bucket": f"site:{SITE}", "kind": "checklist_item", "id": "r/a", **effect} for effect in effects]
    enrolled.run("await replica.append({type: 'toy.note', data: {}, effects: arg})", effects)
    assert enrolled.run("return replica.get('checklist_item', 'r/a')") == shown
    enrolled.reload()
    assert enrolled.run("return replica.get('checklist_item', 'r/a')") == shown


def test_an_effect_on_nothing_shows_nothing_unless_it_says_what_it_begins_as(enrolled: Device) -> None:
    effect = {"bucket": f"site:{SITE}", "kind": "checklist_item", "id": "r/new", "do": "set", "path": ["v"], "value": 1}
    enrolled.run("await replica.append({type: 'toy.note', data: {}, effects: [arg]})", effect)
    assert enrolled.run("return replica.get('checklist_item', 'r/new')") is None
    enrolled.run("await replica.append({type: 'toy.note', data: {}, effects: [arg]})", effect | {"start": {"id": "r/new"}})
    assert enrolled.run("return replica.get('checklist_item', 'r/new')") == {"id": "r/new", "v": 1}


@pytest.mark.parametrize(
    ("setup", "code"),
    [
        ("", "too_large"),
        ("await replica.signOut();", "no_person"),
    ],
)
def test_what_cannot_be_kept_says_so(enrolled: Device, setup: str, code: str) -> None:
    length = 33_000 if code == "too_large" else 10
    with pytest.raises(Error, match=f"NotSaved: {code}"):
        enrolled.run(f"{setup} await replica.append({{type: 'toy.note', data: {{text: 'x'.repeat({length})}}}})")
    assert enrolled.stored("outbox") == []


def test_a_device_that_is_not_enrolled_keeps_nothing(device: Device) -> None:
    device.open()
    with pytest.raises(Error, match="NotSaved: not_enrolled"):
        device.run("await replica.append({type: 'toy.note', data: {}})")


FILL = """const noise = () => Array.from(crypto.getRandomValues(new Uint32Array(2800))).join(" ");
  for (let n = 0; n < 500; n++) {
    try { await replica.append({type: "toy.note", data: {text: noise()}}); }
    catch (error) { return {n, code: error.code}; }
  }"""


def test_a_full_disk_gives_up_the_reserve_first_and_then_says_not_saved(device: Device) -> None:
    """T13: no half-written record; what was kept before stays, and appending goes on when there is room again."""
    cdp = device.context.new_cdp_session(device.page)
    cdp.send("Storage.overrideQuotaForOrigin", {"origin": device.server.url, "quotaSize": 6_500_000})
    device.enrol()
    device.wait(lambda: device.status()["storage"]["usage"] > 5_000_000, "the reserve")
    failed = device.run(FILL)
    assert failed["code"] == "storage_full"
    assert failed["n"] > 150, "the 5 MB of the reserve were used"
    rows = device.outbox()
    assert [row["seq"] for row in rows] == list(range(1, failed["n"] + 1))
    assert len(device.stored("outbox")) == failed["n"]
    device.reload()
    assert len(device.outbox()) == failed["n"]


def test_a_lost_connection_is_reopened(enrolled: Device) -> None:
    enrolled.run("(await replica.store.database.open()).close()")
    enrolled.answer("r/a", "pass")
    assert [row["seq"] for row in enrolled.stored("outbox")] == [1]


def test_another_tab_may_delete_the_database_and_the_person_is_told(enrolled: Device) -> None:
    """T13: what was cleared under an open page is not written on as if it were still there."""
    enrolled.run(
        """await new Promise((resolve, reject) => {
             const request = indexedDB.deleteDatabase("offstage");
             request.onsuccess = resolve;
             request.onerror = reject;
           })"""
    )
    with pytest.raises(Error, match="NotSaved: storage_evicted"):
        enrolled.answer("r/a", "pass")
    assert "evicted" in enrolled.status()["warnings"]
    enrolled.reload()
    assert "evicted" in enrolled.status()["warnings"]
    enrolled.run("await replica.enrol()")
    assert enrolled.sync()
    enrolled.answer("r/a", "pass")
    assert "evicted" not in enrolled.status()["warnings"]
    assert enrolled.api.asked("/api/devices")[-1]["replaces"] == enrolled.api.replaced[-1]
