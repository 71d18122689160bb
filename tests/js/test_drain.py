"""When the device speaks by itself, and what it tells people meanwhile (sync.md §4; T4, T13, T16, T17)."""

from __future__ import annotations

import time

from tests.js.device import Device
from tests.js.imitation import SITE


def alive(device: Device, **options: object) -> Device:
    """Enrolled and speaking by itself."""
    device.api.site.put(("checklist_item", "r/a", {"id": "r/a", "verdict": "open"}))
    device.open(autostart=True, **options)
    device.run("await replica.enrol({name: 'tablet'})")
    device.wait(lambda: device.verdict_shown("r/a") == "open", "the first fill")
    return device


def test_an_append_is_sent_and_others_work_arrives_without_a_touch(device: Device) -> None:
    alive(device)
    id = device.answer("r/a", "pass")
    device.wait(lambda: device.api.applied == [id] and device.outbox() == [], "the append to settle")
    device.api.site.put(("checklist_item", "r/z", {"id": "r/z", "verdict": "fail"}))
    device.wait(lambda: device.verdict_shown("r/z") == "fail", "a colleague's answer")


def test_the_server_goes_and_comes_back(device: Device) -> None:
    """I9: after the fault heals the queue drains by itself; "offline" means that the last exchange failed."""
    alive(device)
    device.api.down = True
    id = device.answer("r/a", "pass")
    device.wait(lambda: device.status()["state"] == "offline", "offline")
    assert (device.status()["waiting"], device.verdict_shown("r/a")) == (1, "pass")
    device.api.down = False
    device.wait(lambda: device.status()["state"] == "synced", "the queue to drain")
    assert device.api.applied == [id]


def test_failures_wait_longer_each_time_and_events_begin_anew(device: Device) -> None:
    """I10: full jitter up to the limit."""
    alive(device, retryMs=100, mostRetryMs=2000)
    device.api.fail("/api/sync/head", "status", status=503, times=10_000)
    device.page.wait_for_timeout(2500)
    few = len(device.api.asked("/api/sync/head"))
    assert few < 25
    for _ in range(5):
        device.run("dispatchEvent(new Event('online')); await new Promise((go) => setTimeout(go, 60))")
    assert len(device.api.asked("/api/sync/head")) - few >= 4


def test_retry_after_is_kept_even_by_an_append(device: Device) -> None:
    alive(device)
    device.api.fail("/api/sync/head", "status", status=429, headers={"Retry-After": "2"})
    device.wait(lambda: device.status()["reason"] == "busy", "the refusal")
    from_ = time.monotonic()
    calls = len(device.api.calls)
    id = device.answer("r/a", "pass")
    device.page.wait_for_timeout(700)
    assert len(device.api.calls) == calls
    device.wait(lambda: device.api.applied == [id], "the wait to be over")
    assert time.monotonic() - from_ > 1.2


def test_three_tabs_drain_together_and_nothing_is_doubled(device: Device) -> None:
    """I2, I4: with and without the lock."""
    alive(device)
    tabs = [device.open(device.tab(), autostart=True) for _ in range(2)]
    for page in tabs:
        page.evaluate("() => Object.defineProperty(navigator, 'locks', {value: undefined})")
    for round_ in range(6):
        for n, page in enumerate([device.page, *tabs]):
            device.answer(f"r/{n}", f"v{round_}", page=page)
    device.wait(lambda: len(device.api.applied) == 18 and device.outbox() == [], "eighteen")
    assert len(set(device.api.applied)) == 18
    assert [op["seq"] for op in device.api.stream] == list(range(1, 19))
    for page in tabs:
        device.wait(lambda page=page: device.verdict_shown("r/2", page) == "v5", "every tab to agree")  # type: ignore[misc]  # mypy reads no default of a lambda
        device.wait(lambda page=page: device.run("return replica.outbox()", page=page) == [], "settled in every tab")  # type: ignore[misc]  # mypy reads no default of a lambda


def test_a_frozen_tab_that_holds_the_lock_does_not_stop_the_others(enrolled: Device) -> None:
    frozen = enrolled.tab()
    frozen.evaluate(
        """() => new Promise((held) => navigator.locks.request("offstage.drain", () => {
             held();
             return new Promise(() => {});
           }))"""
    )
    enrolled.answer("r/a", "pass")
    enrolled.sync()
    assert enrolled.api.applied == []
    enrolled.run("const real = Date.now; Date.now = () => real() + 61_000")
    enrolled.sync()
    assert len(enrolled.api.applied) == 1


def test_a_tab_killed_in_the_middle_loses_nothing(device: Device) -> None:
    """I1, I2: the page goes away at any moment of an exchange; the next one carries on."""
    alive(device)
    for n in range(8):
        device.run(
            """for (let n = 0; n < 5; n++) replica.append({type: "toy.note", data: {n}});
               await new Promise((go) => setTimeout(go, arg))""",
            n * 7,
        )
        device.page.close()
        device.page = device.tab()
        device.open(autostart=True)
    device.wait(lambda: device.outbox() == [], "everything to settle")
    kept = [row["id"] for row in device.stored("journal")]
    assert sorted(kept) == sorted(device.api.applied)
    assert [op["seq"] for op in device.api.stream] == list(range(1, len(kept) + 1))


def test_the_clock_is_measured_and_stamped(device: Device) -> None:
    """T17: the device's clock is an hour behind; operations say so, and the device's time never decides."""
    device.api.time_offset = 3_600_000
    alive(device)
    assert abs(device.run("return replica.clock.offset") - 3_600_000) < 500
    assert "clock_differs" in device.status()["warnings"]
    device.answer("r/a", "pass")
    device.wait(lambda: len(device.api.stream) == 1, "the append")
    (op,) = device.api.stream
    assert abs(op["offset"] - 3_600_000) < 500
    assert abs(op["seen"] - (time.time() * 1000 + 3_600_000)) < 60_000
    assert op["at"] < time.time() * 1000 + 1000


def test_the_offset_is_remembered_by_the_next_page(device: Device) -> None:
    device.api.time_offset = -7_200_000
    device.enrol()
    device.reload()
    assert abs(device.run("return replica.clock.offset") + 7_200_000) < 500
    assert device.run("return replica.clock.seen") > 0


def test_the_middle_of_the_best_recent_exchange_counts(device: Device) -> None:
    device.open()
    offsets = device.run(
        """const {Clock} = await import("/static/test/js/replica/clock.js");
           const clock = new Clock();
           const now = Date.now();
           clock.learn(now + 1000, now - 4000, now);
           const slow = clock.offset;
           clock.learn(now + 500, now - 20, now);
           const quick = clock.offset;
           clock.learn(now + 9000, now - 8000, now);
           return [slow, quick, clock.offset, clock.seen - now]"""
    )
    assert offsets == [3000, 510, 510, 9000]


def test_unsent_for_a_day_and_not_persisted_are_warnings(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass")
    assert "unsent_24h" not in enrolled.status()["warnings"]
    enrolled.run("const real = Date.now; Date.now = () => real() + 25 * 3600e3")
    assert {"unsent_24h", "not_persisted"} <= set(enrolled.status()["warnings"])


def test_a_device_the_server_forgot_says_that_a_person_is_needed_and_enrols_again(enrolled: Device) -> None:
    """T5: signing in again drains; the ids stay."""
    id = enrolled.answer("r/a", "pass")
    enrolled.context.clear_cookies()
    assert not enrolled.sync()
    status = enrolled.status()
    assert (status["state"], status["reason"], status["code"], status["waiting"]) == ("need", "unknown_device", "not_enrolled", 1)
    enrolled.run("await replica.enrol()")
    assert enrolled.sync()
    assert enrolled.api.applied == [id]
    assert enrolled.outbox() == []


def test_enrolling_needs_somebody_signed_in(device: Device) -> None:
    device.api.signed_in = None
    device.open()
    said = device.run("try { await replica.enrol({name: 'x'}) } catch (error) { return [error.name, error.reason, error.code] }")
    assert said == ["Failure", "unknown_device", "sign_in_first"]


def test_the_report_tells_the_devices_health(enrolled: Device) -> None:
    device = enrolled
    device.reload(build="abc")
    device.answer("r/a", "pass")
    assert device.sync()
    body = device.api.asked("/api/sync/report")[-1]
    assert (body["build"], body["last_seq"], body["waiting"], body["last_error"]) == ("abc", 1, 0, None)
    assert set(body) == {
        "last_seq", "waiting", "need", "oldest_at", "storage", "persisted", "installed", "offset", "build", "last_error",
    }  # fmt: skip


def test_head_tells_the_last_seq(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass")
    enrolled.run(
        """const real = fetch;
           globalThis.fetch = (path, init) => {
             const {headers, redirect, credentials} = init;
             if (path === "/api/sync/head") globalThis.said = {...headers, redirect, credentials};
             return real(path, init);
           }"""
    )
    assert enrolled.sync()
    said = enrolled.run("return said")
    assert (said["Offstage-Last-Seq"], said["redirect"], said["credentials"]) == ("1", "manual", "same-origin")


def test_the_page_of_another_tab_follows_a_fill(enrolled: Device) -> None:
    other = enrolled.open(enrolled.tab())
    enrolled.api.epoch = "epoch-2"
    enrolled.api.site.put(("checklist_item", "r/new", {"id": "r/new", "verdict": "na"}))
    assert enrolled.sync()
    enrolled.wait(lambda: enrolled.verdict_shown("r/new", other) == "na", "the other tab")
    assert enrolled.run("return replica.meta.epoch", page=other) == "epoch-2"
    assert enrolled.run("return replica.memory.state.buckets[arg].rev", f"site:{SITE}", other) == 2


def test_an_enrolment_whose_answer_was_lost_after_its_cookie_came(enrolled: Device) -> None:
    """The cookie is the new device's, the rest of the old one is still here: nothing is stuck, nothing doubled."""
    api = enrolled.api
    id = enrolled.answer("r/a", "pass")
    lost, _, cookie = api.enrol({"replaces": api.device, "name": "tablet"}, api.device)
    assert lost == 201
    enrolled.context.add_cookies([{"name": "offstage-device", "value": str(cookie), "url": enrolled.server.url}])
    assert enrolled.sync()
    assert api.applied == [id]
    assert enrolled.run("return replica.meta.device.id") == api.device
    assert len(api.replaced) == 2


def test_a_sign_out_the_server_does_not_know_blocks_nothing(enrolled: Device) -> None:
    enrolled.answer("r/a", "pass")
    enrolled.run("await replica.signOut()")
    enrolled.api.fail("/api/grants", "status", status=404, code="not_found")
    assert enrolled.sync()
    assert len(enrolled.api.applied) == 1


def test_a_report_that_fails_does_not_make_the_device_offline(enrolled: Device) -> None:
    enrolled.reload()
    enrolled.api.fail("/api/sync/report", "status", status=422)
    assert enrolled.sync()
    assert enrolled.status()["state"] == "synced"


def test_the_next_page_begins_with_how_the_last_exchange_ended(enrolled: Device) -> None:
    """Offline means that the last exchange failed, also before this page has spoken at all."""
    enrolled.reload()
    assert enrolled.status()["state"] == "synced"
    enrolled.run("await replica.network()")
    enrolled.api.down = True
    assert not enrolled.sync()
    enrolled.api.down = False
    enrolled.reload()
    status = enrolled.status()
    assert (status["state"], status["reason"]) == ("offline", "network")
    assert status["lastContact"] > 0
