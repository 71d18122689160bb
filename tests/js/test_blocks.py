"""Kinds of tens of thousands of records: blocks, looked up by keys, filled in pages, told to other tabs (sync.md §4; F33)."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from tests.js.device import Device
from tests.js.test_pull import CUT_OFF

PULL = "/api/sync/pull"
FIND = "return (await replica.find('product', arg)).map((data) => data.id).sort()"
FETCH = "return (await replica.fetch('product', arg)) ?? null"
SCAN = """const ids = [];
  for await (const some of replica.scan("product")) ids.push(...some.map((data) => data.id));
  return ids.sort();"""
SEARCH = """const {search} = await import("/static/test/js/stock/find.js");
  return (await search(replica, arg.text, arg.limit ? {limit: arg.limit} : {})).map((data) => data.sku);"""
# The n-th block of records cannot be written, as if the tab were killed there.
DIE_AT_BLOCK = """const {put} = IDBObjectStore.prototype;
  let left = arg;
  IDBObjectStore.prototype.put = function (...args) {
    if (args[0].part === "rows" && left-- <= 0) throw new DOMException("killed", "DataError");
    return put.apply(this, args);
  };"""
# The same database as a page of before blocks left it: version 1, records of every kind one by one.
AS_VERSION_1 = """await replica.close();
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const names = ["base", "view", "outbox", "journal", "blobs"];
  const db = await done(indexedDB.open("offstage"));
  const tx = db.transaction([...names, "meta"]);
  const all = async (name) => [name, await done(tx.objectStore(name).getAll())];
  const rows = Object.fromEntries(await Promise.all(names.map(all)));
  const meta = await Promise.all(["state", "stream"].map(async (key) => [key, await done(tx.objectStore("meta").get(key))]));
  db.close();
  await done(indexedDB.deleteDatabase("offstage"));
  const request = indexedDB.open("offstage", 1);
  request.onupgradeneeded = () => {
    const old = request.result;
    for (const name of ["base", "view"]) old.createObjectStore(name, {keyPath: ["bucket", "gen", "kind", "id"]});
    old.createObjectStore("outbox", {keyPath: "id"});
    const journal = old.createObjectStore("journal", {keyPath: "id"});
    journal.createIndex("place", ["stream", "seq"]);
    journal.createIndex("settled_at", "settled_at");
    old.createObjectStore("blobs", {keyPath: "sha"});
    old.createObjectStore("bytes");
    old.createObjectStore("meta");
    for (const name of names) for (const row of rows[name]) request.transaction.objectStore(name).put(row);
    for (const [key, value] of meta) request.transaction.objectStore("meta").put(value, key);
    const {gen, rev} = meta[0][1].buckets.org;
    const base = request.transaction.objectStore("base");
    for (const data of arg) base.put({bucket: "org", gen, kind: "product", id: data.id, rev, data});
  };
  (await done(request)).close();"""


def product(n: int, **more: Any) -> tuple[str, str, dict[str, Any]]:
    """One as the server publishes it."""
    id, code = f"p{n:05}", f"69012345{n:05}"
    data = {
        "id": id, "sku": f"COS-{n:05}", "zh": f"丝绒唇釉 {n}", "en": f"Velvet lip glaze {n}", "unit": "each", "category": "COS",
        "abc": "A", "lot": False, "expiry": False, "serial": False, "codes": [{"code": code, "pack": "1", "key": f"0{code}"}],
        "status": "active",
    }  # fmt: skip
    return "product", id, data | more


def put(device: Device, *products: tuple[str, str, Any]) -> int:
    return device.api.buckets["org"].put(*products)


@pytest.fixture
def stocked(device: Device) -> Device:
    """1,000 products in pages of 300 lines, and a record of another kind beside them."""
    device.api.page_lines = 300
    put(device, ("rule", "R-101", {"id": "R-101"}), *[product(n) for n in range(1000)])
    device.enrol()
    device.api.calls.clear()
    return device


def parts(device: Device) -> dict[str, int]:
    """How many blocks lie in the store, by part."""
    counted: dict[str, int] = {}
    for block in device.stored("blocks"):
        counted[block["part"]] = counted.get(block["part"], 0) + 1
    return counted


def sums_agree(device: Device) -> bool:
    """What the device holds of `org` is what the server holds (I3)."""
    held = device.run(
        """const {sumOf} = await import("/static/test/js/replica/ids.js");
           const {gen, rev} = replica.memory.state.buckets.org;
           const records = await replica.store.recordsOf("org", gen);
           return {rev, count: records.length, sum: sumOf(records)}"""
    )
    return bool(held == device.api.buckets["org"].check())


def test_a_fill_lies_in_blocks_and_is_found_by_its_keys(stocked: Device) -> None:
    assert stocked.run(FIND, "06901234500007") == ["p00007"]
    assert stocked.run(FIND, "COS-00999") == ["p00999"]
    assert stocked.run(FIND, "COS-01000") == []
    assert stocked.run(FETCH, "p00123") == product(123)[2]
    assert stocked.run(FETCH, "p01000") is None
    assert stocked.run(SCAN) == [f"p{n:05}" for n in range(1000)]
    assert stocked.run("return replica.all('product')") == []
    assert {row["kind"] for row in stocked.stored("base")} == {"rule"}
    assert set(parts(stocked)) == {"rows", "keys"}
    assert sums_agree(stocked)
    assert stocked.run("return replica.memory.state.buckets.org.checked_at > 0"), "the sums were compared after the fill"
    asked = len(stocked.api.calls)
    stocked.reload()
    assert stocked.run(FIND, "COS-00999") == ["p00999"]
    assert len(stocked.api.calls) == asked


def test_a_record_lies_in_the_block_of_its_id(stocked: Device) -> None:
    """256 blocks by crc32, as Python reckons it: what is lost is lost in one block."""
    blocks = stocked.run(
        """const tx = (await replica.store.database.open()).transaction("blocks");
           const request = tx.objectStore("blocks").getAll();
           await new Promise((done) => (request.onsuccess = done));
           return request.result.map(({n, rows}) => [n, [...rows.keys()]])"""
    )
    assert len(blocks) > 256
    for number, names in blocks:
        assert {zlib.crc32(name.encode()) % 256 for name in names} == {number}


def test_a_delta_changes_what_is_found(stocked: Device) -> None:
    before = stocked.run(FETCH, "p00002"), stocked.run(FIND, "06901234500001")
    assert before == (product(2)[2], ["p00001"])
    heard = "globalThis.heard = []; replica.on('change', ({kinds, ids}) => heard.push([kinds, ids]))"
    stocked.run(heard)
    codes = product(1)[2]["codes"]
    put(stocked, product(1, codes=[]), product(2, zh="哑光", codes=codes), ("product", "p00003", None), product(1000))
    assert stocked.sync()
    assert stocked.run(FIND, "06901234500001") == ["p00002"], "the code has moved to another product"
    assert stocked.run(FIND, "06901234500002") == []
    assert stocked.run(FIND, "COS-00001") == ["p00001"]
    assert stocked.run(FETCH, "p00002")["zh"] == "哑光"
    assert stocked.run(FIND, "COS-00003") == []
    assert stocked.run(FIND, "COS-01000") == ["p01000"]
    assert sums_agree(stocked)
    told = [ids for kinds, ids in stocked.run("return heard") if "product" in kinds]
    assert {id for ids in told for id in ids} == {"p00001", "p00002", "p00003", "p01000"}
    (body,) = stocked.api.asked(PULL)
    assert body["cursors"]["org"] == 1


def test_two_products_with_one_code_are_both_found(stocked: Device) -> None:
    """A person decides which one it is; the device keeps none of them back."""
    put(stocked, product(5, codes=product(6)[2]["codes"]))
    assert stocked.sync()
    assert stocked.run(FIND, "06901234500006") == ["p00005", "p00006"]


def test_a_large_delta_comes_in_pages_and_is_laid_out_once(stocked: Device) -> None:
    """A catalogue imported anew reaches a device that has been filled long ago."""
    put(stocked, *[product(n, zh=f"新 {n}") for n in range(1500)])
    stocked.run(
        """globalThis.puts = 0;
           const {put} = IDBObjectStore.prototype;
           IDBObjectStore.prototype.put = function (...args) {
             if (args[0].part === "rows") puts += 1;
             return put.apply(this, args);
           };"""
    )
    assert stocked.sync()
    assert len(stocked.api.asked(PULL)) == 5
    assert stocked.run("return puts") <= 256
    assert stocked.run(FETCH, "p00500")["zh"] == "新 500"
    assert stocked.run(FIND, "COS-01499") == ["p01499"]
    assert "pages" not in parts(stocked)
    assert sums_agree(stocked)


def test_a_line_only_replaces_a_lower_rev(stocked: Device) -> None:
    """A page that was overtaken on its way brings nothing back."""
    real = stocked.api.pull
    pages: list[int] = []

    def pull(body: dict[str, Any]) -> list[dict[str, Any]]:
        header, *_, trailer = real(body)
        pages.append(1)
        rev, zh = (3, "new") if len(pages) == 1 else (2, "old")
        line = {"bucket": "org", "kind": "product", "id": "p00001", "rev": rev, "data": product(1, zh=zh)[2]}
        return [header, line, trailer | {"after": json.dumps(["epoch-1", {}]) if len(pages) == 1 else None}]

    stocked.api.pull = pull  # type: ignore[method-assign]  # the imitation answers otherwise from here on
    put(stocked, product(1, zh="x"))
    put(stocked, product(1, zh="new"))
    assert stocked.sync()
    assert stocked.run(FETCH, "p00001")["zh"] == "new"


def test_another_tab_forgets_what_has_changed(stocked: Device) -> None:
    other = stocked.open(stocked.tab())
    assert stocked.run(FETCH, "p00001", page=other)["zh"] == "丝绒唇釉 1"
    assert stocked.run(FIND, "COS-01000", page=other) == []
    put(stocked, product(1, zh="新"), product(1000))
    assert stocked.sync()
    stocked.wait(lambda: bool(stocked.run(FETCH, "p00001", page=other)["zh"] == "新"), "the other tab")
    assert stocked.run(FIND, "COS-01000", page=other) == ["p01000"]
    stocked.api.epoch = "epoch-2"
    put(stocked, product(2, zh="后"))
    assert stocked.sync()
    stocked.wait(lambda: bool(stocked.run(FETCH, "p00002", page=other)["zh"] == "后"), "the other tab, after a refill")


def test_what_another_tab_hears_late_it_forgets_all_the_same(stocked: Device) -> None:
    """A bucket beside it was filled anew meanwhile."""
    other = stocked.open(stocked.tab())
    assert stocked.run(FIND, "COS-01000", page=other) == []
    stocked.run(
        """const {channel} = replica.store;
           globalThis.held = [];
           globalThis.hear = channel.onmessage;
           channel.onmessage = ({data}) => held.push(data);""",
        page=other,
    )
    put(stocked, product(1000))
    assert stocked.sync()
    assert stocked.run("return held.some(({reload}) => reload?.length)", page=other), "a bucket was filled anew"
    stocked.run("held.filter(({blocks}) => blocks?.length).forEach((data) => hear({data}))", page=other)
    stocked.wait(lambda: bool(stocked.run(FIND, "COS-01000", page=other) == ["p01000"]), "the other tab")


def test_a_fill_that_breaks_off_between_pages_goes_on(device: Device) -> None:
    api = device.api
    api.page_lines = 300
    put(device, *[product(n) for n in range(1000)])
    device.open()
    device.run("await replica.enrol({name: 'tablet'})")
    device.run(CUT_OFF, 2)
    assert not device.sync()
    assert device.run(FIND, "COS-00001") == [], "a fill that is not complete is not shown"
    assert parts(device) == {"pages": 2}
    asked = len(api.asked(PULL))
    device.reload()
    assert device.status()["fill"] == {"got": 600, "count": 1000}
    put(device, ("product", "p00001", None), product(2, zh="新"))
    assert device.sync()
    assert len(api.asked(PULL)) - asked == 2
    assert device.run(FIND, "COS-00001") == []
    assert device.run(FETCH, "p00002")["zh"] == "新"
    assert device.run("return (await replica.fetch('product', 'p00999')).sku") == "COS-00999"
    assert set(parts(device)) == {"rows", "keys"}
    assert sums_agree(device)


def test_a_bucket_that_is_withdrawn_in_the_middle_of_its_fill_holds_up_nothing(device: Device) -> None:
    device.api.page_lines = 300
    put(device, *[product(n) for n in range(1000)])
    device.open()
    device.run("await replica.enrol({name: 'tablet'})")
    device.run(CUT_OFF, 2)
    assert not device.sync()
    bucket = device.api.buckets.pop("org")
    device.reload()
    device.api.site.put(("toy", "a", {"id": "a"}))
    assert device.sync()
    assert device.run("return replica.get('toy', 'a').id") == "a"
    assert device.stored("blocks") == []
    device.api.buckets["org"] = bucket
    assert device.sync()
    assert device.run(FIND, "COS-00999") == ["p00999"]
    assert sums_agree(device)


@pytest.mark.parametrize("survivors", [0, 100])
def test_a_fill_that_dies_while_it_is_laid_out_goes_on(device: Device, survivors: int) -> None:
    """Half of the blocks are there, nobody sees them, and the next try comes to the same end."""
    device.api.page_lines = 300
    put(device, *[product(n) for n in range(1000)])
    device.open()
    device.run("await replica.enrol({name: 'tablet'})")
    device.run(DIE_AT_BLOCK, survivors)
    assert not device.sync()
    assert device.run(FIND, "COS-00001") == []
    assert device.run("return replica.append({type: 'toy.note', data: {}})")["seq"] == 1
    device.reload()
    put(device, ("product", "p00001", None), product(2, codes=[]))
    assert device.sync()
    assert device.run(FIND, "COS-00001") == []
    assert device.run(FIND, "06901234500002") == []
    assert device.run(FIND, "COS-00002") == ["p00002"]
    assert set(parts(device)) == {"rows", "keys"}
    assert sums_agree(device)


def test_a_delta_that_dies_while_it_is_laid_out_goes_on(stocked: Device) -> None:
    codes = product(1)[2]["codes"]
    put(stocked, *[product(n, zh="新") for n in range(10, 400)], product(1, codes=[]), product(2, codes=codes))
    stocked.run(DIE_AT_BLOCK, 20)
    assert not stocked.sync()
    stocked.reload()
    assert stocked.run("return (await replica.fetch('product', 'p00999')).zh") == "丝绒唇釉 999"
    assert stocked.sync()
    assert stocked.run(FIND, "06901234500001") == ["p00002"]
    assert {stocked.run(FETCH, f"p{n:05}")["zh"] for n in range(10, 400)} == {"新"}
    assert sums_agree(stocked)


def test_a_refill_shows_the_old_until_it_is_complete_and_leaves_one_generation(stocked: Device) -> None:
    api = stocked.api
    api.epoch = "epoch-2"
    put(stocked, product(1, zh="新"))
    stocked.run(CUT_OFF, 2)
    assert not stocked.sync()
    assert stocked.run(FETCH, "p00001")["zh"] == "丝绒唇釉 1"
    stocked.reload()
    assert stocked.sync()
    assert stocked.run(FETCH, "p00001")["zh"] == "新"
    assert len({block["gen"] for block in stocked.stored("blocks")}) == 1
    assert sums_agree(stocked)


def test_a_bucket_that_may_no_longer_be_read_leaves_no_block(stocked: Device) -> None:
    """I8."""
    assert stocked.run(FIND, "COS-00001") == ["p00001"]
    bucket = stocked.api.buckets.pop("org")
    stocked.api.access = "access-2"
    assert stocked.sync()
    assert stocked.run(FIND, "COS-00001") == []
    assert stocked.run(FETCH, "p00001") is None
    assert stocked.run(SCAN) == []
    assert stocked.stored("blocks") == []
    stocked.api.buckets["org"] = bucket
    assert stocked.sync()
    assert stocked.run(FIND, "COS-00001") == ["p00001"]


def test_nobody_signed_in_sees_nothing_of_it(stocked: Device) -> None:
    assert stocked.run(FIND, "COS-00001") == ["p00001"]
    stocked.run("await replica.signOut()")
    assert stocked.run(FIND, "COS-00001") == []
    assert stocked.run(FETCH, "p00001") is None
    assert stocked.run(SCAN) == []


def test_a_lost_block_is_noticed_by_the_sum_and_filled_again(stocked: Device) -> None:
    """I3."""
    stocked.run(
        """const tx = (await replica.store.database.open()).transaction(["blocks", "meta"], "readwrite");
           const state = structuredClone(replica.memory.state);
           tx.objectStore("blocks").delete(["org", state.buckets.org.gen, "product", "rows", arg]);
           state.buckets.org.checked_at = 0;
           tx.objectStore("meta").put(state, "state");
           await new Promise((done) => (tx.oncomplete = done));""",
        zlib.crc32(b"p00001") % 256,
    )
    stocked.reload()
    assert stocked.run(FIND, "COS-00001") == []
    put(stocked, product(1000))
    stocked.sync()
    assert stocked.sync()
    assert stocked.run(FIND, "COS-00001") == ["p00001"]
    assert any("sum_mismatch org" in (body["last_error"] or "") for body in stocked.api.asked("/api/sync/report"))


def test_a_database_of_before_blocks_goes_on(enrolled: Device) -> None:
    """What a page of an earlier build took one by one is asked again, whole; the outbox and the lists are as they were."""
    enrolled.answer("r/a", "pass")
    put(enrolled, product(1), product(2))
    enrolled.run(AS_VERSION_1, [product(1)[2]])
    enrolled.reload()
    assert not enrolled.api.calls
    assert enrolled.verdict_shown("r/a") == "pass"
    assert enrolled.run("return replica.get('rule', 'R-101').en") == "Rule"
    assert [row["seq"] for row in enrolled.outbox()] == [1]
    assert enrolled.sync()
    assert enrolled.outbox() == []
    assert len(enrolled.api.applied) == 1
    assert enrolled.run(FIND, "COS-00001") == ["p00001"]
    assert enrolled.run(FIND, "COS-00002") == ["p00002"]
    assert {row["kind"] for row in enrolled.stored("base")} == {"rule", "checklist_item"}
    assert sums_agree(enrolled)
    (body,) = enrolled.api.asked(PULL)
    assert body["cursors"]["org"] == 0


def test_a_fill_begun_before_blocks_begins_anew(device: Device) -> None:
    device.api.page_lines = 300
    put(device, *[product(n) for n in range(1000)])
    device.open()
    device.run("await replica.enrol({name: 'tablet'})")
    device.run(CUT_OFF, 1)
    assert not device.sync()
    fill = device.run("return replica.memory.state.pull.fills.org.gen")
    device.run(AS_VERSION_1.replace("meta[0][1].buckets.org", f"{{gen: {fill}, rev: 1}}"), [product(n)[2] for n in range(300)])
    device.reload()
    assert device.sync()
    assert device.run(FIND, "COS-00001") == ["p00001"]
    assert device.stored("base") == []
    assert sums_agree(device)


def test_a_tap_never_waits_for_a_fill(device: Device) -> None:
    """A transaction writes eight blocks at most (how long an append then takes is measured by `make bench`)."""
    device.api.page_lines = 1000
    device.enrol()
    put(device, *[product(n) for n in range(5000)])
    found = device.run(
        """let puts = 0, most = 0;
           const {put} = IDBObjectStore.prototype;
           const {transaction} = IDBDatabase.prototype;
           IDBObjectStore.prototype.put = function (...args) {
             if (this.name === "blocks") most = Math.max(most, ++puts);
             return put.apply(this, args);
           };
           IDBDatabase.prototype.transaction = function (...args) {
             puts = 0;
             return transaction.apply(this, args);
           };
           let isDone = false;
           const fill = replica.syncNow().then(() => (isDone = true));
           let kept = 0;
           while (!isDone) {
             await replica.append({type: "toy.note", data: {n: kept}});
             if (!isDone) kept += 1;
             await new Promise((go) => setTimeout(go, 10));
           }
           await fill;
           return {kept, most}"""
    )
    assert device.run(FIND, "COS-04999") == ["p04999"]
    assert found["most"] == 8
    assert found["kept"] >= 10


# -- searching (static/js/stock/find.js) --------------------------------------------------------------------------------------


@pytest.fixture
def shop(device: Device) -> Device:
    """A few products that a searcher must tell apart."""
    put(
        device,
        product(1, sku="LIP-1", zh="丝绒唇釉", en="Velvet glaze"),
        product(2, sku="LIP-10", zh="哑光唇膏", en="Matte lipstick"),
        product(3, sku="TOY-1", zh="礼盒 唇釉三支", en="Gift box, LIP-1 inside"),
        product(4, sku="LIP-1-OLD", zh="旧款唇釉", en="Old glaze", status="archived"),
    )  # fmt: skip
    device.enrol()
    return device


def skus(device: Device, text: str, limit: int | None = None) -> list[str]:
    found: list[str] = device.run(SEARCH, {"text": text, "limit": limit})
    return found


def test_search_ranks_the_exact_before_beginnings_before_parts(shop: Device) -> None:
    assert skus(shop, "lip-1") == ["LIP-1", "LIP-10", "TOY-1", "LIP-1-OLD"]
    assert skus(shop, "唇釉") == ["LIP-1", "TOY-1", "LIP-1-OLD"]
    assert skus(shop, "matte") == ["LIP-10"]
    assert skus(shop, "gift 唇釉") == ["TOY-1"]
    assert skus(shop, "lip", limit=2) == ["LIP-1", "LIP-10"]


def test_search_knows_codes_whole_and_in_part(shop: Device) -> None:
    whole = product(2)[2]["codes"][0]["code"]
    put(shop, product(2, sku="LIP-10", codes=[{"code": "4006381333931", "pack": "1", "key": "04006381333931"}]))
    assert shop.sync()
    assert skus(shop, "4006381333931") == ["LIP-10"]
    assert skus(shop, "4 006381 333931") == ["LIP-10"], "as it is printed under the bars"
    assert skus(shop, "33931") == ["LIP-10"]
    assert skus(shop, whole) == []


def test_search_takes_full_width_letters_and_finds_nothing_for_nothing(shop: Device) -> None:
    assert skus(shop, "ＬＩＰ－１０") == ["LIP-10"]
    assert skus(shop, "  ") == []
    assert skus(shop, "nothing like it") == []


def test_search_follows_what_changes_and_who_is_signed_in(shop: Device) -> None:
    assert skus(shop, "glaze") == ["LIP-1", "LIP-1-OLD"]
    put(shop, product(5, sku="EYE-1", zh="眼影", en="Eye glaze"), ("product", "p00001", None))
    assert shop.sync()
    assert skus(shop, "glaze") == ["EYE-1", "LIP-1-OLD"]
    shop.run("await replica.signOut()")
    assert skus(shop, "glaze") == []
