"""The device's real replica against the real server: enrol, fill, send, settle, part, restore (sync.md)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.demo.cast import PASSWORD
from app.devices.models import Device as DeviceRow
from app.devices.models import Grant
from app.devices.operations import end_grant, revoke_device
from app.lib.db import db, writer
from app.lib.ids import Id, new_id
from app.sync.models import Bucket, Meta, Operation
from tests.conftest import Cast
from tests.js.device import OPEN, QUICK

SIGN_IN = """async ([login, password]) => {
  const body = new URLSearchParams({login, password});
  await fetch("/signin", {method: "POST", body, redirect: "manual"});
}"""
PHOTO = """return await (async () => {
  const canvas = Object.assign(document.createElementNS("http://www.w3.org/1999/xhtml", "canvas"), {width: 400, height: 300});
  const pen = canvas.getContext("2d");
  pen.fillStyle = arg;
  pen.fillRect(0, 0, 400, 300);
  return replica.keepBlob(await new Promise((got) => canvas.toBlob(got, "image/jpeg", 0.8)));
})()"""


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    served = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://localhost:{served.server_port}"
    served.shutdown()


class Tablet:
    """A browser profile of one of the cast."""

    def __init__(self, browser: Browser, url: str, build: str, login: str) -> None:
        self.context = browser.new_context()
        self.page: Page = self.context.new_page()
        self.page.goto(f"{url}/healthz")
        self.page.evaluate(SIGN_IN, [login, PASSWORD])
        self.page.evaluate(OPEN.replace("/static/test/", f"/static/{build}/"), {**QUICK, "autostart": False})
        self.run("await replica.enrol({name: arg})", login)
        assert self.sync(), self.run("return replica.status()")

    def run(self, code: str, arg: Any = None) -> Any:
        return self.page.evaluate(f"async (arg) => {{ {code} }}", arg)

    def sync(self) -> bool:
        done: bool = self.run("return replica.syncNow()")
        return done

    def start_run(self, template: str) -> str:
        run_id = str(new_id())
        data = {"run_id": run_id, "template": template, "title": "Rehearsal"}
        self.run("await replica.append({type: 'checklists.start_run', data: arg})", data)
        assert self.sync()
        return run_id

    def answer(self, run_id: str, item_id: str, verdict: str, **more: Any) -> str:
        data = {"run_id": run_id, "item_id": item_id, "verdict": verdict, **more}
        kept = self.run(
            """const id = `${arg.run_id}/${arg.item_id}`;
               const item = replica.get("checklist_item", id);
               const basis = [...(item?.state ?? []), ...replica.pendingOn("checklist_item", id)];
               const place = {bucket: `site:${replica.meta.site.id}`, kind: "checklist_item", id};
               const effects = [{...place, do: "put", value: {...item, shown: arg.verdict}}];
               return replica.append({type: "checklists.answer_item", data: arg, basis, blobs: arg.photos ?? [], effects})""",
            data,
        )
        return str(kept["id"])

    def receipt(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.run("return replica.receipt(arg)", id)
        return found


@pytest.fixture
def tablet(chromium: Browser, url: str) -> Iterator[Callable[[str], Tablet]]:
    from app.lib.build import build_id

    made: list[Tablet] = []

    def of(login: str) -> Tablet:
        made.append(Tablet(chromium, url, build_id(), login))
        return made[-1]

    yield of
    for one in made:
        one.context.close()


def heads() -> dict[str, tuple[int, int]]:
    db.session.rollback()
    return {name: (rev, count) for name, rev, count in db.session.execute(select(Bucket.name, Bucket.rev, Bucket.count))}


def held(tablet: Tablet) -> dict[str, tuple[int, int]]:
    rows = tablet.run(
        """const found = {};
           for (const [bucket, {rev, gen}] of Object.entries(replica.memory.state.buckets)) {
             found[bucket] = [rev, (await replica.store.recordsOf(bucket, gen)).length];
           }
           return found"""
    )
    return {name: (rev, count) for name, (rev, count) in rows.items()}


def test_a_fill_holds_what_the_server_holds_and_its_sums_agree(tablet: Callable[[str], Tablet]) -> None:
    """I3."""
    stagehand = tablet("stagehand")
    server = heads()
    for bucket, counted in held(stagehand).items():
        assert counted == server.get(bucket, (0, 0)), bucket
    assert stagehand.run("return replica.all('checklist_template').length") > 5
    assert stagehand.run("return Object.values(replica.memory.state.buckets).every((bucket) => bucket.checked_at > 0)")
    assert stagehand.run("return replica.get('me', replica.meta.person).roles").count("stagehand") == 1


def test_a_list_worked_on_two_devices(tablet: Callable[[str], Tablet], app: Flask) -> None:
    stagehand, other = tablet("stagehand"), tablet("stagehand2")
    run_id = stagehand.start_run("CL-SET@1")
    sha = stagehand.run(PHOTO, "teal")
    item = stagehand.run("return replica.get('checklist_template', 'CL-SET@1').sections[0].items[0].id")
    id = stagehand.answer(run_id, item, "fail", note="broken", severity="minor", photos=[sha])
    assert stagehand.run("return replica.get('checklist_item', arg).shown", f"{run_id}/{item}") == "fail"
    assert stagehand.sync()
    receipt = stagehand.receipt(id)
    assert (receipt["status"], receipt["state"], receipt["code"]) == ("applied", "settled", None)
    assert stagehand.run("return replica.outbox()") == []
    record = stagehand.run("return replica.get('checklist_item', arg)", f"{run_id}/{item}")
    assert record["state"] == [id]
    assert "shown" not in record
    assert other.sync()
    assert other.run("return replica.get('checklist_item', arg)", f"{run_id}/{item}") == record
    status = "return (await fetch(await replica.blobUrl(arg, 'thumb'))).status"
    assert other.run(status, sha) == 200
    assert other.run(status, "0" * 64) == 404


def test_a_lost_answer_has_one_effect_on_the_real_server(tablet: Callable[[str], Tablet]) -> None:
    """T1."""
    stagehand = tablet("stagehand")
    stagehand.run(
        """const real = fetch;
           let lose = 1;
           globalThis.fetch = async (path, init) => {
             const answer = await real(path, init);
             if (path === "/api/sync/push" && lose-- > 0) throw new TypeError("lost");
             return answer;
           };
           await replica.append({type: "checklists.start_run", data: arg})""",
        {"run_id": str(new_id()), "template": "CL-SET@1"},
    )
    assert not stagehand.sync()
    assert stagehand.sync()
    assert stagehand.run("return replica.outbox()") == []
    assert stagehand.run("return replica.all('checklist_run').length") == 1


def test_an_unknown_operation_is_parked_and_the_rest_goes_on(tablet: Callable[[str], Tablet]) -> None:
    """I9, T9."""
    stagehand = tablet("stagehand")
    stagehand.run("await replica.append({type: 'checklists.not_yet', data: {}})")
    run_id = stagehand.start_run("CL-SET@1")
    assert [row["state"] for row in stagehand.run("return replica.outbox()")] == ["parked"]
    assert stagehand.run("return replica.get('checklist_run', arg).status", run_id) is not None


def test_a_cloned_profile_goes_on_as_another_device(tablet: Callable[[str], Tablet]) -> None:
    """Fork: the same place of the stream already holds another operation."""
    stagehand = tablet("stagehand")
    stagehand.start_run("CL-SET@1")
    before = stagehand.run("return replica.meta.device.id")
    stagehand.run(
        """const tx = (await replica.store.database.open()).transaction(["meta", "journal"], "readwrite");
           tx.objectStore("meta").put({...replica.memory.stream, last_seq: 0, acked: 0, durable_seq: 0}, "stream");
           tx.objectStore("journal").clear();
           await new Promise((done) => (tx.oncomplete = done));"""
    )
    second = stagehand.start_run("CL-SET@1")
    assert stagehand.run("return replica.meta.device.id") != before
    assert stagehand.run("return replica.get('checklist_run', arg) !== undefined", second)
    assert stagehand.run("return replica.outbox()") == []
    db.session.rollback()
    kept = db.session.get(Operation, Id(stagehand.run("return (await replica.history(1))[0].id")))
    assert kept is not None
    assert (kept.status, str(kept.device_id)) == ("applied", stagehand.run("return replica.meta.device.id"))


def test_a_new_epoch_fills_everything_anew(tablet: Callable[[str], Tablet], app: Flask) -> None:
    stagehand = tablet("stagehand")
    run_id = stagehand.start_run("CL-SET@1")
    with writer().session() as session:
        session.execute(update(Meta).where(Meta.key == "epoch").values(value=str(new_id())))
    assert stagehand.sync()
    assert stagehand.sync()
    server = heads()
    assert all(counted == server.get(bucket, (0, 0)) for bucket, counted in held(stagehand).items())
    assert stagehand.run("return replica.get('checklist_run', arg) !== undefined", run_id)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Operation).where(Operation.type == "checklists.start_run")) == 1


def test_signing_out_ends_the_grant_and_hides_the_records(tablet: Callable[[str], Tablet]) -> None:
    """T7: what waits is still sent, as its author's."""
    stagehand = tablet("stagehand")
    run_id = str(new_id())
    started = {"run_id": run_id, "template": "CL-SET@1"}
    stagehand.run("await replica.append({type: 'checklists.start_run', data: arg}); await replica.signOut()", started)
    assert stagehand.run("return replica.all('checklist_template')") == []
    assert stagehand.sync()
    assert set(held(stagehand)) == {name for name in held(stagehand) if name.startswith("device:") or name.endswith(":safety")}
    db.session.rollback()
    found = db.session.scalars(select(Operation).where(Operation.type == "checklists.start_run")).one()
    assert found.status == "applied"


def test_signed_out_at_the_office_the_door_asks_to_sign_in(
    tablet: Callable[[str], Tablet], url: str, cast: Cast, fresh: Callable[[], Session]
) -> None:
    """The page in hand gives way to the door, and not to a fill that never ends; signing in goes on with another grant."""
    stagehand = tablet("stagehand")
    page = stagehand.page
    page.context.add_cookies([{"name": "offstage-lang", "value": "en", "url": url}])
    page.goto(f"{url}/floor/today")
    page.locator("#page:has(h1) .tabs").wait_for()
    grant = fresh().scalars(select(Grant).where(Grant.person_id == cast.stagehand)).one()
    end_grant(cast.admin, grant_id=grant.id)
    page.get_by_text("Nobody is signed in").wait_for()
    assert page.get_by_text("Getting ready").count() == 0
    page.reload()
    page.get_by_role("button", name="Sign in").click()
    page.locator("#page:has(h1) .tabs").wait_for()
    live = fresh().scalars(select(Grant).where(Grant.person_id == cast.stagehand, Grant.ended_at.is_(None))).all()
    assert len(live) == 1 and live[0].id != grant.id


def test_a_cleared_cookie_costs_a_sign_in_and_nothing_else(tablet: Callable[[str], Tablet]) -> None:
    """T5: the records and the queue are still here; the person vouches for the device, and its work arrives as theirs."""
    stagehand = tablet("stagehand")
    before = stagehand.run("return replica.meta.device.id")
    run_id = str(new_id())
    started = {"run_id": run_id, "template": "CL-SET@1"}
    id = stagehand.run("return (await replica.append({type: 'checklists.start_run', data: arg})).id", started)
    stagehand.context.clear_cookies(name="offstage-device")
    assert not stagehand.sync()
    assert stagehand.run("return replica.status().code") == "not_enrolled"
    stagehand.run("await replica.enrol()")
    assert stagehand.sync()
    assert stagehand.receipt(id)["status"] == "applied"
    assert stagehand.run("return replica.meta.device.id") != before
    assert stagehand.run("return replica.outbox()") == []


def test_a_revoked_tablet_says_so_and_one_tap_goes_on(
    tablet: Callable[[str], Tablet], url: str, cast: Cast, fresh: Callable[[], Session]
) -> None:
    """CNF-3: what it held waits for a lead; the person signs in, and the browser is a new device."""
    stagehand = tablet("stagehand")
    before = stagehand.run("return replica.meta.device.id")
    kept = stagehand.run(
        "return (await replica.append({type: 'checklists.start_run', data: arg})).id",
        {"run_id": str(new_id()), "template": "CL-SET@1"},
    )
    revoke_device(cast.admin, device_id=Id(before), reason="lost")
    page = stagehand.page
    page.context.add_cookies([{"name": "offstage-lang", "value": "en", "url": url}])
    page.goto(f"{url}/floor/today")
    page.get_by_text("This device was revoked in the office").wait_for()
    page.get_by_text("All work was delivered").wait_for()
    page.get_by_role("button", name="Enrol again").click()
    page.wait_for_url("**/signin?**")
    page.locator("input[name=login]").fill("stagehand")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/floor/today")
    page.locator("sync-badge").wait_for()
    db.session.rollback()
    old, log = fresh().get_one(DeviceRow, Id(before)), fresh().get_one(Operation, Id(kept))
    assert (old.replaced_by, log.status, log.code) == (None, "parked", "quarantine")
    live = fresh().scalars(select(DeviceRow).where(DeviceRow.revoked_at.is_(None))).all()
    assert [(device.name, device.replaces) for device in live] == [("stagehand", None)]
