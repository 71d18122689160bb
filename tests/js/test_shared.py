"""Several people on one device: PINs, the lock, each one's own records and work, and leaving (sync.md §2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.js.device import Device
from tests.js.imitation import PERSON, SITE, Bucket

SECOND = "01890000-0000-7000-8000-0000000000cc"
PEOPLE = "const people = await import('/static/test/js/replica/people.js');"
ORG, OWN, THEIRS = "org", f"person:{PERSON}", f"person:{SECOND}"


@pytest.fixture
def shared(device: Device) -> Device:
    """Two people with PINs, 4027 and 590136; the second one is unlocked."""
    api = device.api
    api.buckets[ORG].put(("rule", "R-101", {"id": "R-101"}))
    api.site.put(*[("checklist_item", id, {"id": id, "verdict": "open"}) for id in ("r/a", "r/b")])
    for person in (PERSON, SECOND):
        api.buckets[f"person:{person}"] = Bucket(readers=[person])
        api.buckets[f"person:{person}"].put(("me", person, {"id": person}))
    api.buckets[f"site:{SITE}:safety"].put(("playbook", "fire", {"id": "fire"}))
    device.open()
    device.run("await replica.enrol({name: 'tablet', shared: true})")
    assert choose(device, "4027")
    device.run("await replica.lock()")
    join(device, SECOND)
    assert choose(device, "590136")
    assert device.sync()
    api.calls.clear()
    return device


def join(device: Device, person: str) -> None:
    """Somebody types their password at the office's door and comes back."""
    device.api.signed_in = person
    for name in (ORG, f"site:{SITE}"):
        readers = device.api.buckets[name].readers
        device.api.buckets[name].readers = [*dict.fromkeys([*readers, person])]
    device.api.access += "+"
    device.run("await replica.enrol()")


def choose(device: Device, pin: str) -> bool:
    return bool(device.run(f"{PEOPLE} return people.choosePin(replica, arg)", pin))


def unlock(device: Device, person: str, pin: str) -> dict[str, Any]:
    said: dict[str, Any] = device.run(f"{PEOPLE} return people.unlock(replica, ...arg)", [person, pin])
    return said


def unlocked(device: Device) -> str | None:
    found: str | None = device.run("return replica.meta.person")
    return found


def held(device: Device, store: str = "base") -> set[str]:
    return {row["bucket"] for row in device.stored(store)}


def test_a_pin_unlocks_with_no_network(shared: Device) -> None:
    """P6, F29: each with their own; the other's opens nothing, and who is unlocked sees their own records alone."""
    shared.api.down = True
    shared.run("await replica.lock()")
    assert unlocked(shared) is None
    assert shared.run("return replica.all('checklist_item')") == []
    assert shared.run("return replica.all('playbook').length") == 1, "SAF-1"
    assert unlock(shared, PERSON, "590136") == {"isOpen": False, "left": 4}
    assert unlock(shared, PERSON, "4027")["isOpen"]
    assert unlocked(shared) == PERSON
    assert [one["id"] for one in shared.run("return replica.all('me')")] == [PERSON]
    shared.run("await replica.lock()")
    assert unlock(shared, SECOND, "590136") == {"isOpen": True, "left": 5}
    assert [one["id"] for one in shared.run("return replica.all('me')")] == [SECOND]


def test_only_a_verifier_lies_on_the_device(shared: Device) -> None:
    """T40: PBKDF2-SHA-256 of at least 600,000 rounds, a salt each; the PIN is nowhere and is sent nowhere."""
    pins = shared.run(
        """const plain = (pin) => ({...pin, salt: [...pin.salt], hash: [...pin.hash]});
           return Object.fromEntries(Object.entries(replica.memory.state.pins).map(([person, pin]) => [person, plain(pin)]))"""
    )
    assert set(pins) == {PERSON, SECOND}
    assert all(pin["rounds"] >= 600_000 and len(pin["salt"]) == 16 and len(pin["hash"]) == 32 for pin in pins.values())
    assert pins[PERSON]["salt"] != pins[SECOND]["salt"]
    shared.run("await replica.lock()")
    assert unlock(shared, SECOND, "590136")["isOpen"]
    assert shared.sync()
    said = json.dumps([shared.stored(store) for store in ("meta", "outbox", "journal")], default=str)
    said += json.dumps([body for _, _, body in shared.api.calls], default=str)
    assert '"590136"' not in said and '"4027"' not in said


def test_five_wrong_tries_freeze_until_the_owner_signs_in(shared: Device) -> None:
    """T40: the right one opens nothing then, also after a reload; the others go on; the password opens it for another PIN."""
    shared.run("await replica.lock()")
    assert [unlock(shared, PERSON, f"402{n}")["left"] for n in range(5)] == [4, 3, 2, 1, 0]
    assert unlock(shared, PERSON, "4027") == {"isOpen": False, "left": 0}
    shared.reload()
    assert unlock(shared, PERSON, "4027") == {"isOpen": False, "left": 0}
    assert shared.run(f"{PEOPLE} return people.pinOf(replica, arg)", PERSON) == {"digits": 4, "left": 0}
    assert unlock(shared, SECOND, "590136")["isOpen"]
    assert shared.sync(), "what was frozen keeps its records, and nothing else changes"
    assert OWN in held(shared)

    shared.run("await replica.lock()")
    join(shared, PERSON)
    assert unlocked(shared) == PERSON
    assert shared.run(f"{PEOPLE} return people.pinOf(replica, arg)", PERSON) is None, "the old one is over"
    assert choose(shared, "7391")
    shared.run("await replica.lock()")
    assert not unlock(shared, PERSON, "4027")["isOpen"]
    assert unlock(shared, PERSON, "7391")["isOpen"]


def test_a_try_counts_although_the_page_is_killed(shared: Device) -> None:
    """T40: it is on the disk before the PIN is looked at."""
    shared.run("await replica.lock()")
    shared.run(
        f"""{PEOPLE}
        crypto.subtle.deriveBits = () => new Promise(() => {{}});
        people.unlock(replica, arg, "1111");
        await new Promise((done) => setTimeout(done, 300));""",
        PERSON,
    )
    shared.reload()
    assert shared.run(f"{PEOPLE} return people.pinOf(replica, arg).left", PERSON) == 4
    assert unlock(shared, PERSON, "4027")["isOpen"]
    shared.run("await replica.lock()")
    assert unlock(shared, PERSON, "9999")["left"] == 4, "a right one takes the wrong ones back"


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("", "length"), ("402", "length"), ("4027193", "length"), ("40a7", "length"), ("0000", "same"), ("55555", "same"),
        ("1234", "row"), ("7890", "row"), ("6543", "row"), ("0987", "row"), ("1212", "pair"), ("454545", "pair"),
        ("402402", "pair"), ("1987", "year"), ("2026", "year"), ("4027", None), ("590136", None), ("198745", None),
        ("1243", None),
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_no_pin(device: Device, pin: str, why: str | None) -> None:
    """T40: and it is said why."""
    assert device.run(f"{PEOPLE} return people.weaknessOf(arg)", pin) == why


def test_a_pin_is_chosen_right_after_the_password(shared: Device) -> None:
    """Set online by its owner: not after a lock, not long after, not by whoever finds the device open."""
    assert not choose(shared, "8052"), "it was chosen a moment ago"
    shared.run("await replica.lock()")
    assert unlock(shared, SECOND, "590136")["isOpen"]
    assert not choose(shared, "8052")
    shared.run("await replica.lock()")
    join(shared, SECOND)
    assert not choose(shared, "1234")
    shared.run("const now = Date.now(); Date.now = () => now + 11 * 60_000")
    assert not choose(shared, "8052")


def test_a_shared_device_is_locked_after_a_relaunch(shared: Device) -> None:
    """P6: it stays open where the page says that it was in use a moment ago; one's own device stays open anyway."""
    shared.reload(isReturn=True)
    assert unlocked(shared) == SECOND
    shared.reload()
    assert unlocked(shared) is None
    assert shared.run("return replica.meta.last") == SECOND
    assert unlock(shared, PERSON, "4027")["isOpen"]


def test_ones_own_device_stays_open(enrolled: Device) -> None:
    enrolled.reload()
    assert unlocked(enrolled) == PERSON
    assert not enrolled.run("return replica.meta.isShared")
    mine = f"device:{enrolled.api.device}"
    enrolled.api.buckets[mine].put(("device", str(enrolled.api.device), {"id": enrolled.api.device, "name": "x", "shared": True}))
    assert enrolled.sync()
    assert enrolled.run("return replica.meta.isShared"), "the office has said so"
    enrolled.reload()
    assert unlocked(enrolled) is None


def test_each_does_their_own_under_their_own_grant(shared: Device) -> None:
    """T7, I11: a switch in the middle loses nothing; one sees one's own, and how much of others waits."""
    shared.api.down = True
    theirs = shared.answer("r/b", "fail")
    shared.run("await replica.lock()")
    assert unlock(shared, PERSON, "4027")["isOpen"]
    mine = shared.answer("r/a", "pass")
    assert [row["id"] for row in shared.outbox()] == [mine]
    queues = {queue["id"]: (queue["name"], queue["waiting"], queue["need"]) for queue in shared.run("return replica.queues()")}
    assert queues == {PERSON: ("Lin", 1, 0), SECOND: ("Lin", 1, 0)}
    assert shared.status()["waiting"] == 2
    shared.api.down = False
    shared.api.verdicts = lambda op: {"status": "rejected", "code": "x"} if op["actor"] == SECOND else {"status": "applied"}
    assert shared.sync()
    (body,) = shared.api.asked("/api/sync/push")
    assert [(op["id"], op["actor"]) for op in body["ops"]] == [(theirs, SECOND), (mine, PERSON)]
    assert len({op["grant"] for op in body["ops"]}) == len(body["grants"]) == 2
    assert shared.status()["need"] == 0, "what was refused needs its author"
    shared.run("await replica.lock()")
    assert [(queue["id"], queue["need"]) for queue in shared.run("return replica.queues()")] == [(SECOND, 1)]
    assert unlock(shared, SECOND, "590136")["isOpen"]
    assert shared.status()["need"] == 1


def test_leaving_drops_what_nobody_else_reads_and_no_work(shared: Device) -> None:
    """I8, T7: at once, without a network; what is not sent goes up later, under the grant of who did it."""
    shared.api.buckets[f"site:{SITE}:lead"] = Bucket(readers=[SECOND])
    shared.api.buckets[f"site:{SITE}:lead"].put(("exception", "x", {"id": "x"}))
    shared.api.access += "+"
    assert shared.sync()
    assert {THEIRS, OWN, f"site:{SITE}:lead"} <= held(shared)
    shared.api.down = True
    id = shared.answer("r/b", "fail")
    shared.run("await replica.signOut()")
    shared.wait(lambda: held(shared) == {ORG, f"site:{SITE}", f"site:{SITE}:safety", OWN}, "their records to go")
    assert [person["id"] for person in shared.run("return replica.meta.persons")] == [PERSON]
    assert unlock(shared, SECOND, "590136") == {"isOpen": False, "left": 0}
    assert [row["id"] for row in shared.stored("outbox")] == [id]
    assert [queue["waiting"] for queue in shared.run("return replica.queues()")] == [1]

    shared.api.down = False
    shared.api.calls.clear()
    del shared.api.buckets[f"site:{SITE}:lead"], shared.api.buckets[THEIRS]
    assert shared.sync()
    assert (shared.api.calls[0][0], shared.api.calls[0][1][:12]) == ("DELETE", "/api/grants/"), "before anything else"
    assert [(op["id"], op["actor"]) for op in shared.api.stream] == [(id, SECOND)]
    assert shared.stored("outbox") == []
    assert unlock(shared, PERSON, "4027")["isOpen"]
    assert shared.verdict_shown("r/a") == "open"


def test_the_last_one_who_leaves_leaves_the_playbooks(enrolled: Device) -> None:
    """SAF-1, sync.md §2."""
    enrolled.api.buckets[f"site:{SITE}:safety"].put(("playbook", "fire", {"id": "fire"}))
    assert enrolled.sync()
    enrolled.api.down = True
    enrolled.run("await replica.signOut()")
    enrolled.wait(lambda: held(enrolled) == {f"site:{SITE}:safety"}, "records to go")
    assert enrolled.run("return replica.get('playbook', 'fire')?.id") == "fire"


def test_leaving_in_the_middle_of_a_pull_brings_nothing_back(shared: Device) -> None:
    """I8: pages that are on their way were asked for in the name of who has left."""
    api = shared.api
    api.page_lines = 1
    api.buckets[THEIRS].put(*[("note", f"n{n}", {"id": f"n{n}"}) for n in range(12)])
    api.site.put(*[("checklist_item", f"r/{n}", {"id": f"r/{n}", "verdict": "open"}) for n in range(12)])
    shared.run(
        """const going = replica.syncNow();
           await new Promise((done) => setTimeout(done, arg));
           await replica.signOut();
           await going;""",
        60,
    )
    del api.buckets[THEIRS]
    api.access += "+"
    api.page_lines = 1000
    shared.wait(shared.sync, "an exchange to go well")
    shared.wait(lambda: THEIRS not in held(shared), "their records to go")
    assert unlock(shared, PERSON, "4027")["isOpen"]
    assert shared.verdict_shown("r/11") == "open"
