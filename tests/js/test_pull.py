"""Pull: full, delta, tombstones, dropped buckets, pages, sums (sync.md §3; I3, I5, I8)."""

from __future__ import annotations

import json

from tests.js.device import Device
from tests.js.imitation import PERSON, SITE, Bucket

PULL = "/api/sync/pull"
CUT_OFF = """const {wire} = await replica.network();
  const {call} = wire;
  wire.call = (method, path, ...rest) => {
    if (path === "/api/sync/pull" && arg-- <= 0) throw Object.assign(new Error("gone"), {reason: "network"});
    return call.call(wire, method, path, ...rest);
  };"""
IDS = "return replica.all(arg).map((data) => data.id).sort()"


def test_the_first_fill_and_a_delta(enrolled: Device) -> None:
    assert enrolled.run(IDS, "checklist_item") == ["r/a", "r/b"]
    enrolled.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "pass"}), ("checklist_item", "r/b", None))
    assert enrolled.sync()
    assert enrolled.run(IDS, "checklist_item") == ["r/a"]
    assert enrolled.verdict_shown("r/a") == "pass"
    (body,) = enrolled.api.asked(PULL)
    assert body["cursors"][f"site:{SITE}"] == 1
    assert "after" not in body
    enrolled.reload()
    assert enrolled.run(IDS, "checklist_item") == ["r/a"]


def test_nothing_new_is_one_conditional_head(enrolled: Device) -> None:
    assert enrolled.sync()
    assert enrolled.sync()
    assert [path for _, path, _ in enrolled.api.calls] == ["/api/sync/head", "/api/sync/head"]


def test_pages_go_on_where_the_last_ended_also_after_a_restart(device: Device) -> None:
    api = device.api
    api.page_lines = 7
    api.site.put(*[("toy", f"{n:03}", {"id": f"{n:03}"}) for n in range(30)])
    device.open()
    device.run("await replica.enrol({name: 'tablet'})")
    api.fail(PULL, "status", status=503)
    assert not device.sync()
    device.run(CUT_OFF, 2)
    assert not device.sync()
    assert device.run(IDS, "toy") == [], "a fill that is not complete is not shown"
    asked = len(api.asked(PULL))
    device.reload()
    assert device.status()["fill"] == {"got": 14, "count": 30}
    assert device.sync()
    assert device.run(IDS, "toy") == [f"{n:03}" for n in range(30)]
    assert len(api.asked(PULL)) - asked == 3
    assert "after" in api.asked(PULL)[asked]
    assert len(device.stored("base")) == 30


def test_a_record_that_changes_between_pages_ends_at_its_newest(device: Device) -> None:
    api = device.api
    api.page_lines = 5
    api.site.put(*[("toy", f"{n}", {"id": f"{n}", "v": 1}) for n in range(9)])
    real = api.pull
    pages = []

    def pull(body):  # type: ignore[no-untyped-def]  # shaped like the method it stands for
        page = real(body)
        if not pages:
            api.site.put(("toy", "0", {"id": "0", "v": 2}), ("toy", "1", None))
        pages.append(page)
        return page

    api.pull = pull  # type: ignore[method-assign]  # the imitation answers otherwise from here on
    device.enrol()
    assert device.run(IDS, "toy") == ["0", "2", "3", "4", "5", "6", "7", "8"]
    assert device.run("return replica.get('toy', '0').v") == 2
    assert device.run("return replica.memory.state.buckets[arg].rev", f"site:{SITE}") == 2


def test_a_page_without_its_trailer_is_thrown_away(enrolled: Device) -> None:
    enrolled.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "pass"}))
    enrolled.api.fail(PULL, "cut")
    assert not enrolled.sync()
    assert enrolled.status()["reason"] == "cut"
    assert enrolled.verdict_shown("r/a") == "open"
    assert enrolled.sync()
    assert enrolled.verdict_shown("r/a") == "pass"


def test_a_bucket_the_header_does_not_list_is_dropped(enrolled: Device) -> None:
    """I8: what may no longer be read goes with the next pull; what waits to be sent never does."""
    enrolled.answer("r/a", "pass")
    del enrolled.api.buckets[f"site:{SITE}"]
    enrolled.api.access = "access-2"
    enrolled.api.verdicts = lambda op: {"status": "held"}
    enrolled.api.fail("/api/sync/push", "status", status=503)
    assert not enrolled.sync()
    assert len(enrolled.outbox()) == 1
    assert enrolled.sync()
    assert enrolled.run(IDS, "checklist_item") == []
    assert {row["bucket"] for row in enrolled.stored("base")} == {"org"}
    assert enrolled.stored("view") == []
    assert len(enrolled.outbox()) == 1


def test_only_readers_see_a_bucket_and_before_sign_in_only_the_devices_own(enrolled: Device) -> None:
    api = enrolled.api
    api.buckets[f"site:{SITE}:lead"] = Bucket(readers=["somebody-else"])
    api.buckets[f"site:{SITE}:lead"].put(("exception", "x", {"id": "x"}))
    api.buckets[f"site:{SITE}:safety"].put(("playbook", "fire", {"id": "fire"}))
    assert enrolled.sync()
    assert enrolled.run(IDS, "exception") == []
    assert enrolled.run("return replica.get('exception', 'x') ?? null") is None
    assert enrolled.run(IDS, "playbook") == ["fire"]
    api.buckets[f"site:{SITE}:lead"].readers.append(PERSON)
    api.access = "access-2"
    enrolled.run("globalThis.heard = []; replica.on('change', ({kinds}) => heard.push(...kinds))")
    assert enrolled.sync()
    assert enrolled.run(IDS, "exception") == ["x"]
    assert "exception" in enrolled.run("return heard")
    enrolled.run("await replica.signOut()")
    assert enrolled.run(IDS, "exception") == []
    assert enrolled.run(IDS, "checklist_item") == []
    assert enrolled.run(IDS, "playbook") == ["fire"]


def test_a_cursor_above_the_head_is_a_restore(enrolled: Device) -> None:
    api = enrolled.api
    api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "pass"}))
    assert enrolled.sync()
    api.site.records["checklist_item", "r/a"] = (1, {"id": "r/a", "verdict": "open"})
    api.site.rev = 1
    assert enrolled.sync()
    assert enrolled.verdict_shown("r/a") == "open"
    assert enrolled.run("return replica.memory.state.buckets[arg].rev", f"site:{SITE}") == 1


def test_an_epoch_in_the_middle_of_a_fill_restarts_it(device: Device) -> None:
    api = device.api
    api.page_lines = 4
    api.site.put(*[("toy", f"{n}", {"id": f"{n}", "epoch": 1}) for n in range(9)])
    real = api.pull
    pages = []

    def pull(body):  # type: ignore[no-untyped-def]  # shaped like the method it stands for
        page = real(body)
        pages.append(page)
        if len(pages) == 1:
            api.epoch = "epoch-2"
            api.site.records = {("toy", f"{n}"): (1, {"id": f"{n}", "epoch": 2}) for n in range(3, 9)}
        return page

    api.pull = pull  # type: ignore[method-assign]  # the imitation answers otherwise from here on
    device.enrol()
    assert device.run("return replica.all('toy').map((data) => data.epoch)") == [2] * 6
    assert any(page[0].get("restart") for page in pages)
    assert len(device.stored("base")) == 6


def test_a_wrong_sum_asks_the_bucket_whole_and_reports(enrolled: Device) -> None:
    """I3: a replica that differs from the server mends itself, and says so."""
    bucket = f"site:{SITE}"
    enrolled.run(
        """const tx = (await replica.store.database.open()).transaction(["base", "meta"], "readwrite");
           const {gen} = replica.memory.state.buckets[arg];
           tx.objectStore("base").delete([arg, gen, "checklist_item", "r/b"]);
           const state = structuredClone(replica.memory.state);
           state.buckets[arg].checked_at = 0;
           tx.objectStore("meta").put(state, "state");
           await new Promise((done) => (tx.oncomplete = done));""",
        bucket,
    )
    enrolled.reload()
    assert enrolled.run(IDS, "checklist_item") == ["r/a"]
    enrolled.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "pass"}))
    enrolled.sync()
    assert enrolled.sync()
    assert enrolled.run(IDS, "checklist_item") == ["r/a", "r/b"]
    assert any("sum_mismatch" in (body["last_error"] or "") for body in enrolled.api.asked("/api/sync/report"))


def test_a_fill_leaves_no_old_generation_behind_and_keeps_own_work_on_top(enrolled: Device) -> None:
    enrolled.api.verdicts = lambda op: {"status": "held"}
    enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    enrolled.api.epoch = "epoch-2"
    assert enrolled.sync()
    assert enrolled.verdict_shown("r/a") == "pass"
    rows = enrolled.stored("base")
    assert len(rows) == 3
    assert enrolled.run("return replica.memory.state.trash") == []
    enrolled.reload()
    assert enrolled.verdict_shown("r/a") == "pass"


def test_a_tap_never_waits_for_a_fill(device: Device) -> None:
    """Appends go between transactions of at most 200 records (how long they take is measured by `make bench`)."""
    device.api.page_lines = 5000
    device.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "open"}))
    device.enrol()
    device.api.buckets["org"].put(*[("toy", f"{n:05}", {"id": f"{n:05}", "zh": "商品" * 8}) for n in range(10_000)])
    found = device.run(
        """let puts = 0, most = 0;
           const {put} = IDBObjectStore.prototype;
           const {transaction} = IDBDatabase.prototype;
           IDBObjectStore.prototype.put = function (...args) {
             if (this.name === "base") most = Math.max(most, ++puts);
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
           return {kept, most, toys: replica.all("toy").length}"""
    )
    assert found["toys"] == 10_000
    assert found["most"] <= 200
    assert found["kept"] >= 10


def test_a_line_only_replaces_a_lower_rev(enrolled: Device) -> None:
    """A page that was overtaken on its way brings nothing back."""
    bucket = f"site:{SITE}"
    real = enrolled.api.pull
    pages = []

    def pull(body):  # type: ignore[no-untyped-def]  # shaped like the method it stands for
        header, *_, trailer = real(body)
        pages.append(1)
        rev, verdict = (3, "new") if len(pages) == 1 else (2, "old")
        line = {"bucket": bucket, "kind": "checklist_item", "id": "r/a", "rev": rev, "data": {"id": "r/a", "verdict": verdict}}
        return [header, line, trailer | {"after": json.dumps(["epoch-1", {}]) if len(pages) == 1 else None}]

    enrolled.api.pull = pull  # type: ignore[method-assign]  # the imitation answers otherwise from here on
    enrolled.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "x"}))
    enrolled.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "new"}))
    assert enrolled.sync()
    assert enrolled.verdict_shown("r/a") == "new"


def test_a_tab_that_was_overtaken_in_its_fill_leaves_it_to_the_other(device: Device) -> None:
    """Without the lock: an old page must not be put on top of what another tab has brought since."""
    api = device.api
    api.page_lines = 4
    api.site.put(*[("toy", f"{n}", {"id": f"{n}", "v": 1}) for n in range(9)])
    device.open()
    device.run("await replica.enrol({name: 'tablet'})")
    other = device.open(device.tab())
    device.run(
        """Object.defineProperty(navigator, "locks", {value: undefined});
           const {wire} = await replica.network();
           const {call} = wire;
           globalThis.isHeld = false;
           wire.call = async (method, path, ...rest) => {
             const answer = await call.call(wire, method, path, ...rest);
             if (path === "/api/sync/pull" && !isHeld) {
               globalThis.isHeld = true;
               await new Promise((go) => (globalThis.letGo = go));
             }
             return answer;
           };
           globalThis.mine = replica.syncNow();"""
    )
    device.wait(lambda: bool(device.run("return isHeld")), "the page to be held")
    api.site.put(*[("toy", f"{n}", None) for n in range(4)])
    assert device.run("return replica.syncNow()", page=other)
    device.run("letGo(); await mine")
    shown = "return replica.all('toy').map((data) => data.id).sort()"
    for page in (device.page, other):
        device.wait(lambda page=page: device.run(shown, page=page) == ["4", "5", "6", "7", "8"], "both to agree")  # type: ignore[misc]  # mypy reads no default of a lambda
    assert device.status()["reason"] is None
    assert len(device.stored("base")) == 5
    device.reload()
    assert device.run(shown) == ["4", "5", "6", "7", "8"]


def test_what_another_tab_hears_late_is_read_all_the_same(enrolled: Device) -> None:
    """By the time it hears of a change, a bucket beside it may have been filled anew: it takes both."""
    other = enrolled.open(enrolled.tab())
    enrolled.run(
        """const {channel} = replica.store;
           globalThis.held = [];
           globalThis.hear = channel.onmessage;
           channel.onmessage = ({data}) => held.push(data);""",
        page=other,
    )
    enrolled.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "pass"}))
    enrolled.api.buckets[f"site:{SITE}:lead"] = Bucket()
    assert enrolled.sync()
    assert enrolled.run("return held.some(({reload}) => reload?.length)", page=other), "a bucket was filled anew"
    enrolled.run("held.filter(({places}) => places?.length).forEach((data) => hear({data}))", page=other)
    enrolled.wait(lambda: enrolled.verdict_shown("r/a", other) == "pass", "the other tab")
