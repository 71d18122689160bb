"""Push: lost answers, statuses, verdicts, streams that parted (sync.md §3; T1, T3, T5, T7, T9, T16)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.js.device import Device
from tests.js.imitation import PERSON, SITE, Bucket

PUSH = "/api/sync/push"


def test_the_body_of_a_push(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass", blobs=[], basis=["x"])
    assert enrolled.sync()
    (body,) = enrolled.api.asked(PUSH)
    assert set(body) == {"device", "epoch", "sent_at", "last_seq", "grants", "ops"}
    assert (body["device"], body["epoch"], body["last_seq"]) == (enrolled.api.device, "epoch-1", 1)
    (op,) = body["ops"]
    assert set(op) == {"id", "seq", "type", "v", "actor", "grant", "at", "offset", "seen", "basis", "data", "blobs"}
    assert body["grants"] == {op["grant"]: f"token-{op['grant']}"}


def test_a_lost_answer_is_asked_again_and_has_one_effect(enrolled: Device) -> None:
    """T1, I1, I2: committed on the server, the answer lost: the replay tells the verdict."""
    id = enrolled.answer("r/a", "pass")
    enrolled.api.fail(PUSH, "lose")
    assert not enrolled.sync()
    assert [row["state"] for row in enrolled.outbox()] == ["kept"]
    assert enrolled.status()["state"] == "offline"
    assert enrolled.sync()
    assert enrolled.api.applied == [id]
    assert enrolled.outbox() == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 426, 429, 500, 502, 503])
def test_no_status_changes_an_operation(enrolled: Device, status: int) -> None:
    """T5: only a verdict does; the next exchange that goes well drains."""
    enrolled.answer("r/a", "pass")
    enrolled.api.fail(PUSH, "status", status=status, code="whatever")
    assert not enrolled.sync()
    (row,) = enrolled.outbox()
    assert (row["state"], row["status"]) == ("kept", None)
    assert enrolled.verdict_shown("r/a") == "pass"
    assert enrolled.sync()
    assert enrolled.outbox() == []


@pytest.mark.parametrize(("kind", "how", "reason"), [
    ("html", {}, "captive"), ("redirect", {}, "captive"), ("bare", {"status": 200}, "captive"),
    ("bare", {"status": 404}, "captive"), ("bare", {"status": 502}, "server"), ("cut", {}, "cut"),
])  # fmt: skip
def test_what_another_answers_in_the_servers_name_changes_nothing(
    enrolled: Device, kind: str, how: dict[str, Any], reason: str
) -> None:
    """T16: a captive portal's page, a redirect to a login, an answer that breaks off."""
    enrolled.answer("r/a", "pass")
    enrolled.api.fail(PUSH, kind, **how)
    assert not enrolled.sync()
    assert [row["state"] for row in enrolled.outbox()] == ["kept"]
    status = enrolled.status()
    assert (status["state"], status["reason"], status["waiting"]) == ("offline", reason, 1)
    assert enrolled.sync()
    assert enrolled.outbox() == []


def test_a_batch_that_is_too_large_is_halved(enrolled: Device) -> None:
    enrolled.run("for (let n = 0; n < 8; n++) await replica.append({type: 'toy.note', data: {n}})")
    enrolled.api.fail(PUSH, "status", status=413, code="too_large", times=2)
    assert enrolled.sync()
    assert [len(body["ops"]) for body in enrolled.api.asked(PUSH)] == [8, 4, 2, 2, 2, 2]


def test_batches_keep_to_the_limits_and_to_the_order(enrolled: Device) -> None:
    """T43: 100 operations and 256 kB a request."""
    enrolled.run("await Promise.all(Array.from({length: 230}, (_, n) => replica.append({type: 'toy.note', data: {n}})))")
    assert enrolled.sync()
    assert [len(body["ops"]) for body in enrolled.api.asked(PUSH)] == [100, 100, 30]
    assert [op["seq"] for op in enrolled.api.stream] == list(range(1, 231))
    enrolled.api.calls.clear()
    enrolled.run("for (let n = 0; n < 20; n++) await replica.append({type: 'toy.note', data: {text: 'é'.repeat(15000)}})")
    assert enrolled.sync()
    assert [len(body["ops"]) for body in enrolled.api.asked(PUSH)] == [7, 7, 6]


@pytest.mark.parametrize(
    ("status", "state", "shown", "waits"),
    [
        ("noted", None, "open", None),
        ("held", "held", "pass", "held"),
        ("parked", "parked", "pass", "held"),
        ("rejected", "rejected", "open", "need"),
    ],
)
def test_what_each_verdict_does(enrolled: Device, status: str, state: str | None, shown: str, waits: str | None) -> None:
    enrolled.api.verdicts = lambda op: {"status": status, "code": "why", "facts": {"who": "Lin"}}
    id = enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    rows = enrolled.outbox()
    assert [row["state"] for row in rows] == ([state] if state else [])
    assert enrolled.verdict_shown("r/a") == shown
    if waits:
        assert enrolled.status()[waits] == 1
    receipt = enrolled.run("return replica.receipt(arg)", id)
    assert (receipt["status"], receipt["code"], receipt["facts"]) == (status, "why", {"who": "Lin"})
    enrolled.reload()
    assert enrolled.verdict_shown("r/a") == shown


def test_a_rejected_one_stays_listed_with_its_data_until_it_is_put_away(enrolled: Device) -> None:
    """T9: the rest goes on; promise 3: a rejected action stays visible."""
    enrolled.api.verdicts = lambda op: {"status": "rejected" if op["data"]["record"][2] == "r/a" else "applied", "code": None}
    id = enrolled.answer("r/a", "pass")
    enrolled.answer("r/b", "pass")
    assert enrolled.sync()
    (row,) = enrolled.outbox()
    assert (row["id"], row["state"], row["data"]["record"][2]) == (id, "rejected", "r/a")
    assert enrolled.status()["state"] == "need"
    enrolled.run("await replica.dismiss(arg)", id)
    assert enrolled.outbox() == []
    assert enrolled.status()["state"] == "synced"


def test_a_verdict_that_changes_later(enrolled: Device) -> None:
    """A held one is released: the device's own bucket tells it."""
    enrolled.api.verdicts = lambda op: {"status": "held", "code": "parent_missing"}
    id = enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    rev = enrolled.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "pass"}))
    enrolled.api.change_verdict(id, status="applied", revs={f"site:{SITE}": rev})
    assert enrolled.sync()
    assert enrolled.outbox() == []
    assert enrolled.verdict_shown("r/a") == "pass"


def test_a_lower_n_is_ignored(enrolled: Device) -> None:
    enrolled.api.verdicts = lambda op: {"status": "held", "code": "now", "n": 3}
    id = enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    enrolled.api.buckets[f"device:{enrolled.api.device}"].put(
        ("verdict", id, {"n": 2, "status": "rejected", "code": "old", "facts": {}, "revs": {}})
    )
    assert enrolled.sync()
    assert [(row["state"], row["code"]) for row in enrolled.outbox()] == [("held", "now")]


def test_a_later_decided_operation_uncovers_a_held_one(enrolled: Device) -> None:
    """The record shows what was decided; the held one's row stays."""
    enrolled.api.verdicts = lambda op: {"status": "held" if op["seq"] == 1 else "applied"}
    enrolled.answer("r/a", "fail")
    enrolled.answer("r/b", "fail")
    assert enrolled.sync()
    assert enrolled.verdict_shown("r/a") == "fail"
    enrolled.api.verdicts = lambda op: {"status": "applied"}
    enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    assert enrolled.verdict_shown("r/a") == "pass"
    assert [row["state"] for row in enrolled.outbox()] == ["held"]
    enrolled.reload()
    assert enrolled.verdict_shown("r/a") == "pass"
    enrolled.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "na"}))
    assert enrolled.sync()
    assert enrolled.verdict_shown("r/a") == "na"


def test_an_overlay_stays_until_the_cursor_covers_it(enrolled: Device) -> None:
    """I4: decided, but the change has not been pulled: no row flickers back, not even through a reload."""
    enrolled.answer("r/a", "pass")
    enrolled.api.fail("/api/sync/head", "status", status=503)
    assert not enrolled.sync()
    (row,) = enrolled.outbox()
    assert (row["state"], row["status"]) == ("sent", "applied")
    assert enrolled.run("return replica.isPending('checklist_item', 'r/a')") == "sent"
    assert enrolled.verdict_shown("r/a") == "pass"
    enrolled.reload()
    assert enrolled.verdict_shown("r/a") == "pass"
    enrolled.run(
        """globalThis.seen = new Set();
           replica.on("change", () => seen.add(replica.get("checklist_item", "r/a").verdict))"""
    )
    assert enrolled.sync()
    assert enrolled.outbox() == []
    assert enrolled.run("return [...seen]") == ["pass"]


def test_a_change_in_a_bucket_the_device_does_not_read_settles_at_once(enrolled: Device) -> None:
    enrolled.api.verdicts = lambda op: {"status": "noted", "code": "late", "revs": {"site:other": 99}}
    enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    assert enrolled.outbox() == []


def test_a_gap_is_filled_from_the_journal(enrolled: Device) -> None:
    """The server lost acknowledged operations (restored from a backup): they are sent again, and nothing is doubled."""
    ids = [enrolled.answer("r/a", "pass"), enrolled.answer("r/b", "fail")]
    assert enrolled.sync()
    api = enrolled.api
    del api.stream[1:]
    api.kept.pop(ids[1])
    ids.append(enrolled.answer("r/a", "na"))
    assert enrolled.sync()
    assert [op["id"] for op in api.stream] == ids
    assert api.applied.count(ids[0]) == 1
    assert set(api.asked("/api/sync/pull")[-1]["cursors"].values()) == {0}, "what it lost of its records is not trusted either"
    assert (enrolled.outbox(), enrolled.verdict_shown("r/a"), enrolled.verdict_shown("r/b")) == ([], "na", "fail")


def test_an_epoch_sends_the_journal_after_the_durable_place_again(enrolled: Device) -> None:
    """Restore: every bucket whole, then the journal after `durable_seq`; meanwhile the person goes on seeing what they did."""
    api = enrolled.api
    api.durable = 1
    ids = [enrolled.answer("r/a", "pass"), enrolled.answer("r/b", "fail")]
    assert enrolled.sync()
    del api.stream[1:]
    api.kept.pop(ids[1])
    api.epoch = "epoch-2"
    api.site.records["checklist_item", "r/b"] = (1, {"id": "r/b", "verdict": "open"})
    api.site.rev -= 1
    api.fail(PUSH, "status", status=503)
    assert not enrolled.sync()
    assert enrolled.verdict_shown("r/b") == "fail"
    assert enrolled.sync()
    assert [op["id"] for op in api.stream] == ids
    assert enrolled.verdict_shown("r/b") == "fail"
    assert enrolled.outbox() == []
    assert enrolled.run("return replica.meta.epoch") == "epoch-2"


def test_a_fork_goes_on_as_another_device_with_the_same_ids_and_grants(enrolled: Device) -> None:
    """A cloned profile: the same place of the stream holds another operation."""
    api = enrolled.api
    enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    api.verdicts = lambda op: {"status": "held"}
    held = enrolled.answer("r/a", "na")
    assert enrolled.sync()
    old = api.device
    api.stream.append({"id": "somebody-else", "seq": 3})
    api.signed_in = None  # the office session ended long ago: the device's own cookie is enough
    api.verdicts = lambda op: {"status": "applied"}
    ids = [held, enrolled.answer("r/b", "pass"), enrolled.answer("r/b", "fail")]
    grants = {row["grant"] for row in enrolled.stored("outbox")}
    assert enrolled.sync()
    assert api.replaced == [old]
    assert api.device != old
    assert [(op["seq"], op["id"]) for op in api.stream] == list(enumerate(ids, 1))
    assert {op["grant"] for op in api.stream} == grants
    assert [row["id"] for row in enrolled.outbox()] == [held]
    api.change_verdict(held, status="applied")
    assert enrolled.sync()
    assert enrolled.outbox() == []
    assert f"device:{old}" not in enrolled.run("return replica.memory.state.buckets")


def test_a_gap_that_cannot_be_filled_enrols_again(enrolled: Device) -> None:
    api = enrolled.api
    enrolled.answer("r/a", "pass")
    assert enrolled.sync()
    api.stream.clear()
    enrolled.run(
        """const tx = (await replica.store.database.open()).transaction("journal", "readwrite");
           tx.objectStore("journal").clear();
           await new Promise((done) => (tx.oncomplete = done));"""
    )
    old = api.device
    id = enrolled.answer("r/b", "fail")
    assert enrolled.sync()
    assert (api.replaced, [op["id"] for op in api.stream]) == ([old], [id])


def test_another_persons_sign_in_never_sends_it_as_theirs(enrolled: Device) -> None:
    """T7: the queue belongs to its author, and signing out keeps it."""
    id = enrolled.answer("r/a", "pass")
    first = enrolled.stored("outbox")[0]["grant"]
    enrolled.run("await replica.signOut()")
    assert enrolled.run("return replica.meta.person") is None
    assert enrolled.verdict_shown("r/a") is None
    enrolled.api.signed_in = "01890000-0000-7000-8000-0000000000cc"
    enrolled.api.site.readers.append(enrolled.api.signed_in)
    enrolled.run("await replica.enrol()")
    enrolled.answer("r/b", "fail")
    assert [row["id"] for row in enrolled.outbox()] != [id]
    assert enrolled.sync()
    (body,) = enrolled.api.asked(PUSH)
    assert [(op["actor"], op["grant"] == first) for op in body["ops"]] == [(PERSON, True), (enrolled.api.signed_in, False)]
    assert set(body["grants"]) == {op["grant"] for op in body["ops"]}


def test_a_sign_out_goes_before_anything_else(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass")
    enrolled.api.down = True
    enrolled.run("await replica.signOut()")
    assert not enrolled.sync()
    enrolled.api.down = False
    assert enrolled.sync()
    assert [path.rsplit("/", 1)[0] for _, path, _ in enrolled.api.calls][:2] == ["/api/grants", "/api/sync"]
    assert enrolled.api.grants == {}
    assert enrolled.stored("outbox") == []


def test_an_answer_without_verdicts_is_not_asked_for_without_end(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass")
    enrolled.api.push = lambda body: (200, {"durable_seq": 0, "next_seq": 1, "verdicts": []})  # type: ignore[method-assign]  # the imitation answers otherwise from here on
    assert not enrolled.sync()
    assert len(enrolled.api.asked(PUSH)) == 1


def test_an_operation_without_its_verdict_is_asked_for_alone(enrolled: Device) -> None:
    """A batch is contiguous: what was answered is not sent again to fill a hole."""
    ids = [enrolled.answer("r/a", f"v{n}") for n in range(3)]
    real = enrolled.api.push

    def forgetful(body: dict[str, Any]) -> tuple[int, Any]:
        status, said = real(body)
        said["verdicts"] = [verdict for verdict in said["verdicts"] if verdict["id"] != ids[1]]
        enrolled.api.push = real  # type: ignore[method-assign]  # the imitation answers otherwise from here on
        return status, said

    enrolled.api.push = forgetful  # type: ignore[method-assign]  # the imitation answers otherwise from here on
    enrolled.api.fail("/api/sync/head", "status", status=503)
    enrolled.run(
        """const {wire} = await replica.network();
           const {call} = wire;
           wire.call = async (...given) => {
             const answer = await call.apply(wire, given);
             if (given[1] === "/api/sync/push") await replica.append({type: "toy.note", data: {}});
             wire.call = call;
             return answer;
           }"""
    )
    enrolled.sync()
    assert enrolled.sync()
    assert [[op["seq"] for op in body["ops"]] for body in enrolled.api.asked(PUSH)] == [[1, 2, 3], [2], [4]]
    assert enrolled.outbox() == []


@pytest.mark.parametrize(("kind", "how", "reason"), [
    ("status", {"status": 500}, "server"), ("status", {"status": 422, "code": "malformed_batch"}, "refused"),
    ("status", {"status": 413, "code": "too_large"}, "too_large"), ("cut", {}, "cut"),
])  # fmt: skip
def test_a_push_that_keeps_failing_stops_nobody_from_reading(
    enrolled: Device, kind: str, how: dict[str, Any], reason: str
) -> None:
    """I4, I9: others' work comes in, own work stays on top of it and unsaid, and the badge does not call it sent."""
    api = enrolled.api
    id = enrolled.answer("r/a", "pass")
    api.fail(PUSH, kind, times=50, **how)
    api.site.put(*[("checklist_item", item, {"id": item, "verdict": "fail"}) for item in ("r/a", "r/z")])
    assert not enrolled.sync()
    assert (enrolled.verdict_shown("r/z"), enrolled.verdict_shown("r/a")) == ("fail", "pass")
    assert [(row["id"], row["state"], row["status"]) for row in enrolled.outbox()] == [(id, "kept", None)]
    status = enrolled.status()
    assert (status["state"], status["waiting"], status["reason"]) == ("offline", 1, reason)
    api.faults.clear()
    assert enrolled.sync()
    assert (enrolled.verdict_shown("r/a"), enrolled.outbox()) == ("pass", [])


def test_who_signs_in_is_filled_though_the_work_before_cannot_be_sent(enrolled: Device) -> None:
    """I9, T7: another person's stuck queue is no reason to stand before an empty device."""
    api = enrolled.api
    enrolled.answer("r/a", "pass")
    enrolled.run("await replica.signOut()")
    api.signed_in = second = "01890000-0000-7000-8000-0000000000cc"
    api.buckets[f"person:{second}"] = Bucket(readers=[second])
    api.buckets[f"person:{second}"].put(("me", second, {"id": second, "roles": []}))
    api.fail(PUSH, "status", times=50)
    enrolled.run("await replica.enrol()")
    assert not enrolled.sync()
    assert enrolled.run("return replica.get('me', arg)?.id", second) == second
    assert len(enrolled.stored("outbox")) == 1


def test_without_a_network_nothing_else_is_asked(enrolled: Device) -> None:
    """I10: what the pull would meet as well is not tried twice."""
    enrolled.answer("r/a", "pass")
    enrolled.api.fail(PUSH, "status", status=503, headers={"Retry-After": "1"})
    assert not enrolled.sync()
    assert [path for _, path, _ in enrolled.api.calls] == [PUSH]
