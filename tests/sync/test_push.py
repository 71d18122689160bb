"""Push: every verdict, every way a batch may not fit, and nothing lost or doubled (sync.md §3)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.lib import clock
from app.lib.db import db
from app.lib.ids import new_id
from app.sync.models import Operation, Record
from tests.sync.toy import Note, ToyDevice, ToyHooks, take_note


def count(model: Any) -> int:
    db.session.expire_all()
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_applied(device: ToyDevice) -> None:
    """An operation in force reaches the log, the rows and the records, and its verdict names the revisions."""
    verdict = device.say()
    assert (verdict["status"], verdict["code"], verdict["n"], verdict["replayed"]) == (
        "applied",
        None,
        1,
        False,
    )
    assert list(verdict["revs"].values()) == [1]
    device.pull()
    assert device.notes() == ["hello"]


def test_replay_has_one_effect(device: ToyDevice) -> None:
    """T1, GEN-4: the same batch again runs nothing and tells the current verdict."""
    ops = [device.op(), device.op("refuse")]
    first = device.send(*ops)
    again = device.send(*ops)
    assert count(Note) == 1 and count(Operation) == 2
    assert [v["replayed"] for v in again["verdicts"]] == [True, True]
    assert [{**v, "replayed": False} for v in again["verdicts"]] == first["verdicts"]
    assert again["next_seq"] == 3 and again["durable_seq"] == 2


def test_part_replayed(device: ToyDevice) -> None:
    """T1: a batch that overlaps what arrived before goes on where the server stands."""
    first, second = device.op(), device.op()
    device.send(first)
    said = device.send(first, second)
    assert [v["replayed"] for v in said["verdicts"]] == [True, False]
    assert count(Note) == 2


def test_two_like_operations_are_two(device: ToyDevice) -> None:
    """T2: only the id tells operations apart, never their content."""
    device.send(device.op("same"), device.op("same"))
    assert count(Note) == 2


def test_id_reused(device: ToyDevice) -> None:
    """T3: the same id with another content is rejected loudly, and again when asked again."""
    first = device.op()
    device.send(first)
    second = {**device.op("other"), "id": first["id"]}
    for replayed in range(2):
        verdict = device.send(second)["verdicts"][0]
        assert (verdict["status"], verdict["code"]) == ("rejected", "id_reused"), replayed
    assert count(Note) == 1
    assert device.say()["status"] == "applied"


def test_id_twice_in_a_batch(device: ToyDevice) -> None:
    """T3: also inside one batch, and the queue goes on."""
    first = device.op()
    second = {**device.op(), "id": first["id"]}
    said = device.send(first, second, device.op())
    assert [v["status"] for v in said["verdicts"]] == ["applied", "rejected", "applied"]


def test_same_seq_other_id_is_a_fork(device: ToyDevice) -> None:
    """A copied profile shows itself: 409 fork, nothing changed (T4)."""
    device.send(device.op())
    device.seq = 0
    assert device.send(device.op(), status=409)["error"]["code"] == "fork"
    assert count(Note) == 1


def test_gap(device: ToyDevice) -> None:
    """A missing place of the stream: 409 with the place expected."""
    device.op()
    said = device.send(device.op(), status=409)
    assert said["error"]["code"] == "expected_seq" and said["error"]["facts"] == {"next_seq": 1}


def test_noted_without_effect(device: ToyDevice, hooks: ToyHooks) -> None:
    """GEN-6: a fact that does not fit is kept with an exception; what it had written is undone."""
    verdict = device.say("no effect")
    assert (verdict["status"], verdict["code"], verdict["facts"]) == (
        "noted",
        "contested",
        {"with_whom": "x"},
    )
    assert verdict["exception"] and hooks.exceptions[0][0] == "contested"
    assert count(Note) == 0 and count(Operation) == 1


def test_noted_in_force(device: ToyDevice, hooks: ToyHooks) -> None:
    """A doubt that leaves the fact in force: written, with an exception."""
    verdict = device.say("doubtful")
    assert (verdict["status"], verdict["code"]) == ("noted", "order_unverified")
    assert count(Note) == 1 and len(hooks.exceptions) == 1 and verdict["revs"]


def test_decision_refuses_a_doubt(device: ToyDevice, hooks: ToyHooks) -> None:
    """A decision that breaks a rule is rejected at the device's door too, and kept in the log."""
    verdict = device.say("doubtful", type="toy.decide", basis=["now"])
    assert (verdict["status"], verdict["code"]) == ("rejected", "order_unverified")
    assert count(Note) == 0 and count(Operation) == 1 and not hooks.exceptions


def test_stale_basis(device: ToyDevice) -> None:
    """A decision on what is no longer so: rejected (sync.md §5)."""
    assert device.say(type="toy.decide", basis=["yesterday"])["code"] == "stale_basis"
    assert device.say(type="toy.decide", basis=["now"])["status"] == "applied"


def test_failing_handler_is_parked(device: ToyDevice) -> None:
    """T9: a handler that fails twice parks its operation whole; later ones go on."""
    said = device.send(device.op("bug"), device.op("fine"))
    assert [v["status"] for v in said["verdicts"]] == ["parked", "applied"]
    assert said["verdicts"][0]["code"] == "handler_failed"
    assert count(Note) == 1
    db.session.rollback()
    kept = db.session.scalar(select(Operation).where(Operation.status == "parked"))
    assert kept and kept.data["text"] == "bug"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"type": "toy.unknown"}, "unknown_type"), ({"v": 3}, "newer_version")],
)
def test_not_understood_is_parked(device: ToyDevice, changes: dict[str, Any], code: str) -> None:
    """What a newer device sends is kept until the server knows it."""
    verdict = device.say(**changes)
    assert (verdict["status"], verdict["code"]) == ("parked", code)


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {}}, {"data": {"note_id": "x", "text": "y"}}, {"data": []}, {"actor": "me"}, {"at": "now"}, {"at": True},
        {"basis": "x"}, {"basis": [1]}, {"v": None}, {"type": 7}, {"type": "x" * 100}, {"offset": 2**60},
        {"data": {"note_id": str(new_id()), "text": "x", "more": 1}},
    ],
)  # fmt: skip
def test_malformed(device: ToyDevice, changes: dict[str, Any]) -> None:
    """Bad input is rejected by name and the stream goes on: never a stack trace, never a stuck queue."""
    verdict = device.say(**changes)
    assert (verdict["status"], verdict["code"]) == ("rejected", "malformed")
    assert device.say()["status"] == "applied"


def test_too_large_operation(device: ToyDevice) -> None:
    """One operation over 32 kB can never be sent in a smaller batch: rejected, not stuck."""
    assert device.say("x" * 40_000)["code"] == "too_large"


def test_batch_bounds(device: ToyDevice) -> None:
    """Over 100 operations or 256 kB: 413 halves the batch; nothing changed."""
    ops = [device.op() for _ in range(101)]
    assert device.send(*ops, status=413)["error"]["facts"] == {"most": 100}
    big = [{**op, "data": {**op["data"], "text": "x" * 30_000}} for op in ops[:10]]
    assert device.send(*big, status=413)["error"]["code"] == "too_large"
    assert device.send(*big, status=413, zipped=True)["error"]["code"] == "too_large"
    assert count(Operation) == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b'{"ops": 1}', b"\xff\xfe"])
def test_body_of_another_shape(device: ToyDevice, body: bytes) -> None:
    """Cut or foreign bodies are 4xx in the one error shape; nothing changes."""
    answer = device.client.post("/api/sync/push", data=body)
    assert answer.status_code in (400, 403, 422) and answer.json and answer.json["error"]["code"]


def test_zipped(device: ToyDevice) -> None:
    """The body may be gzipped."""
    assert device.send(device.op(), zipped=True)["verdicts"][0]["status"] == "applied"


def test_bad_grant(device: ToyDevice) -> None:
    """A forged grant, or another's: rejected, fact or not (I11)."""
    device.token = "bad_grant"
    assert device.say()["code"] == "bad_grant"
    assert count(Note) == 0


def test_outside_grant(device: ToyDevice, hooks: ToyHooks) -> None:
    """After the grant's end a fact is kept without effect, a decision rejected."""
    device.token = "outside_grant"
    fact, decision = device.say(), device.say(type="toy.decide", basis=["now"])
    assert (fact["status"], fact["code"]) == ("noted", "outside_grant")
    assert (decision["status"], decision["code"]) == ("rejected", "outside_grant")
    assert count(Note) == 0


def test_without_the_right(device: ToyDevice, hooks: ToyHooks) -> None:
    """T8: rights are checked again when it arrives."""
    hooks.rights.clear()
    assert device.say()["code"] == "outside_grant"


def test_parent_comes_later(device: ToyDevice, other: ToyDevice) -> None:
    """T10: a child before its parent is held, and its later verdict is a record of its device."""
    parent = new_id()
    child = device.op("child", parent=parent)
    verdict = device.send(child)["verdicts"][0]
    assert (verdict["status"], verdict["code"]) == ("held", "parent_missing")
    assert other.say("parent", note_id=parent)["status"] == "applied"
    device.pull()
    assert device.notes() == ["child", "parent"]
    later = device.held[f"device:{device.id}", "verdict", child["id"]][1]
    assert (later["n"], later["status"]) == (2, "applied") and later["revs"]
    assert device.send(child)["verdicts"][0]["n"] == 2


def test_parent_in_the_same_batch(device: ToyDevice) -> None:
    """T10: order inside a stream is kept, so a parent before its child just works; after it, it is held and released."""
    parent = new_id()
    said = device.send(device.op("child", parent=parent), device.op("parent", note_id=parent))
    assert [v["status"] for v in said["verdicts"]] == ["applied", "applied"]


def test_parent_rejected(device: ToyDevice, hooks: ToyHooks) -> None:
    """T9: dependants of a rejected parent say why: a fact is noted without effect, a decision rejected."""
    parent = new_id()
    said = device.send(
        device.op("refuse", note_id=parent),
        device.op("child", parent=parent),
        device.op("decided", type="toy.decide", parent=parent, basis=["now"]),
    )
    told = [(v["status"], v["code"]) for v in said["verdicts"]]
    assert told == [("rejected", "bad_note"), ("noted", "parent_rejected"), ("rejected", "parent_rejected")]


def test_child_waits_and_parent_is_rejected(device: ToyDevice, other: ToyDevice) -> None:
    """A held dependant hears of its parent's rejection."""
    parent = new_id()
    child = device.op("child", parent=parent)
    device.send(child)
    other.say("refuse", note_id=parent)
    assert device.send(child)["verdicts"][0]["code"] == "parent_rejected"


def test_held_for_another_device(device: ToyDevice, other: ToyDevice) -> None:
    """Held until the other device was heard after it with all it had made (sync.md §5 finish a run)."""
    other.say("before")
    end = device.op("the end", waits_for=other.id)
    assert device.send(end)["verdicts"][0]["status"] == "held"
    other.send(last_seq=5)
    assert device.send(end)["verdicts"][0]["status"] == "held", "the other says it has made four more"
    other.send(*[other.op() for _ in range(4)])
    assert device.send(end)["verdicts"][0]["status"] == "applied"


def test_head_counts_as_heard(device: ToyDevice, other: ToyDevice) -> None:
    """A device with nothing to send is heard by its poll."""
    end = device.op("the end", waits_for=other.id)
    device.send(end)
    answer = other.client.get("/api/sync/head", headers={"Offstage-Last-Seq": "0"})
    assert answer.status_code == 200
    assert device.send(end)["verdicts"][0]["status"] == "applied"


def test_long_silence(device: ToyDevice) -> None:
    """After 72 hours without contact a fact is in force and told; a decision is not doubted for it."""
    device.say()
    with clock.at(clock.now() + 73 * clock.HOUR):
        verdict = device.say("late")
        assert (verdict["status"], verdict["code"]) == ("noted", "long_silent")
        assert count(Note) == 2


def test_revoked_device_delivers_into_quarantine(device: ToyDevice) -> None:
    """A revoked device gets 200 and no bucket; what it holds is parked, repeatably."""
    device.say("before")
    device.pull()
    device.revoke()
    device.client.application.extensions["offstage-known"].clear()
    op = device.op("after")
    for _ in range(2):
        verdict = device.send(op)["verdicts"][0]
        assert (verdict["status"], verdict["code"]) == ("parked", "quarantine")
    assert device.pull()["buckets"] == {} and device.notes() == []


def test_successor_takes_over(device: ToyDevice, other: ToyDevice, hooks: ToyHooks) -> None:
    """A re-enrolled device sends everything unsettled again: replays, moved to the new stream with their later verdicts."""
    parent = new_id()
    done, waits = device.op("done"), device.op("child", parent=parent)
    device.send(done, waits)
    hooks.before[other.id] = {device.id}
    said = other.send({**done, "seq": 1}, {**waits, "seq": 2}, last_seq=2)
    other.seq = 2
    assert [(v["status"], v["replayed"]) for v in said["verdicts"]] == [("applied", True), ("held", True)]
    other.say("parent", note_id=parent)
    other.pull()
    assert other.held[f"device:{other.id}", "verdict", waits["id"]][1]["status"] == "applied"
    assert count(Note) == 3


def test_stranger_cannot_take_over(device: ToyDevice, other: ToyDevice) -> None:
    """An id of somebody else's device is a reused id, whatever its content says."""
    op = device.op()
    device.send(op)
    assert other.send({**op, "seq": 1})["verdicts"][0]["code"] == "id_reused"


def test_wrong_device_and_none(device: ToyDevice, toy: Flask) -> None:
    """The cookie decides who speaks."""
    assert device.send(device.op(), status=403, device=str(new_id()))["error"]["code"] == "wrong_device"
    answer = toy.test_client().post("/api/sync/push", json={})
    assert answer.status_code == 401 and answer.json and answer.json["error"]["code"] == "not_enrolled"


def test_cross_site_write_is_refused(device: ToyDevice) -> None:
    """T6: writes are guarded by Sec-Fetch-Site and Origin, so no token can expire in a queue."""
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
        answer = device.client.post("/api/sync/push", data=b"{}", headers=headers)
        assert answer.status_code == 403 and answer.json and answer.json["error"]["code"] == "cross_site"
    assert device.say()["status"] == "applied", "no token, no session: the queue goes on"


def test_clock_is_corrected(device: ToyDevice) -> None:
    """T17, GEN-5: `at + offset`, clamped to receipt and order; a large offset is flagged and decides nothing."""
    device.offset = 3 * clock.HOUR
    op = {**device.op(), "at": clock.now() - 3 * clock.HOUR}
    device.send(op)
    future = {**device.op(), "at": clock.now() + clock.DAY, "offset": 0}
    device.send(future)
    db.session.rollback()
    rows = {str(r.id): r for r in db.session.scalars(select(Operation))}
    assert abs(rows[op["id"]].happened_at - clock.now()) < 5000 and rows[op["id"]].clock_doubted
    assert rows[future["id"]].happened_at == rows[future["id"]].received_at and rows[future["id"]].clock_doubted


def test_many_equals_single(device: ToyDevice) -> None:
    """A run by `many` gives each operation the verdict the single form gives; what it cannot do is done singly."""
    said = device.send(*[device.op("many") for _ in range(5)], device.op("refuse"), device.op("many"), device.op("odd"))
    assert [v["status"] for v in said["verdicts"]] == [*["applied"] * 5, "rejected", "applied", "applied"]
    device.pull()
    assert len(device.notes()) == 7
    assert take_note.many is not None


def test_no_empty_revision(device: ToyDevice) -> None:
    """I5: an operation that changes no record raises no revision, and revisions have no gaps."""
    assert device.say("hidden")["revs"] == {}
    assert list(device.say("one")["revs"].values()) == [1]
    assert list(device.say("two")["revs"].values()) == [2]


def test_admit_and_dismiss(device: ToyDevice, hooks: ToyHooks, toy: Flask) -> None:
    """A noted fact is admitted as of its own time, or dismissed: each a decision with a new verdict."""
    from app.sync.operations import admit_operation, dismiss_operation

    lead = new_id()
    hooks.rights.add((lead, "exceptions.decide"))
    first, second = device.op("no effect"), device.op("no effect")
    device.send(first, second)
    admit_operation(lead, kept_id=first["id"], reason="he was there")
    dismiss_operation(lead, kept_id=second["id"], reason="she was not")
    device.pull()
    told = {k[2]: v[1] for k, v in device.held.items() if k[1] == "verdict"}
    assert (told[first["id"]]["status"], told[first["id"]]["n"]) == ("applied", 2)
    assert (told[second["id"]]["status"], told[second["id"]]["code"]) == ("noted", "dismissed")
    assert count(Note) == 1
    assert [how for _, how in hooks.closed] == ["admitted", "dismissed"]


def test_steps_are_logged(device: ToyDevice) -> None:
    """What a verb makes happen elsewhere stands in the log, with its cause."""
    verdict = device.say("step")
    db.session.rollback()
    step = db.session.scalar(select(Operation).where(Operation.type == "toy.step"))
    assert step and str(step.caused_by) == verdict["id"] and step.data == {"what": "more"}


def test_records_are_stored_ready_to_send(device: ToyDevice) -> None:
    """A pull never touches the ORM: the row is the JSON."""
    device.say()
    db.session.rollback()
    row = db.session.scalar(select(Record))
    assert row and orjson.loads(row.data) == {"text": "hello"}
