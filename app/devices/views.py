"""Enrolling a browser and signing people in on it, over HTTP (sync.md §3); the office's list of devices."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request
from flask_login import current_user
from sqlalchemy import select

from app.devices import operations, tokens
from app.devices.access import claimable, predecessors
from app.devices.board import row_of, rows_of_people, select_rows
from app.devices.models import Device, Grant, access_device, live_grants
from app.lib.clock import MINUTE, now
from app.lib.db import db
from app.lib.ids import Id, new_id, parse_id
from app.lib.tables import csv_answer
from app.lib.times import age, full_time
from app.lib.words import t
from app.people.forms import stands_on
from app.people.guard import fresh, need, once, signed_in
from app.people.history import select_history
from app.people.models import Person
from app.people.signing_in import end_session, go_on_here, has_just_begun
from app.sync.engine import engine
from app.sync.errors import ProtocolError
from app.sync.hooks import DeviceInfo
from app.sync.models import Meta
from app.sync.views import answer, device_cookie_name, json_body, this_device

bp = Blueprint("devices", __name__)

COOKIE_LIVES_S = 400 * 24 * 3600  # the longest a browser keeps one; renewed by each enrolment
LONGEST_NAME = 80


def init_app(app: Flask) -> None:
    """Pages of people name their devices too."""
    app.jinja_env.globals.update(devices_of=lambda person_ids: rows_of_people(db.session(), person_ids), ago=ago)


def ago(at: int | None) -> str:
    """When something was last heard: `刚刚`, `3 小时前`, or never."""
    if at is None:
        return t("office.devices.never_heard")
    return t("floor.time.just_now") if now() - at < MINUTE else t("office.devices.ago", ago=age(at))


# -- the device speaks ----------------------------------------------------------------------------------------------------------


@bp.post("/api/devices")
def enrol() -> Response:
    """Enrol this browser for the signed-in person; with the old cookie and `replaces` no person is needed."""
    body = json_body(16 * 1024)
    cookie, cookie_hash = tokens.new_cookie()
    device_id, here = new_id(), _device_here()
    actor = _signed_in(here)
    was = parse_id(body.get("replaces"))
    if here is not None and was is not None and was in {here.id} | predecessors(db.session(), here.id):
        _replace(here, device_id, cookie_hash)
    elif actor is None:
        raise ProtocolError(401, "sign_in_first")
    else:
        operations.enrol_device(
            actor, device_id=device_id, name=_name(body), shared=body.get("shared") is True,
            build=str(body.get("build") or "")[:40] or None, cookie_hash=cookie_hash.hex(),
            replaces=claimable(db.session(), actor, was),
        )  # fmt: skip
    if actor is not None:
        operations.grant_device(actor, device_id=device_id, grant_id=new_id())
    told = _told(device_id, actor)
    if told["device"]["shared"]:
        end_session()
    response = answer(told, 201)
    response.set_cookie(
        device_cookie_name(), cookie, max_age=COOKIE_LIVES_S, secure=request.is_secure, httponly=True, samesite="Strict",
    )  # fmt: skip
    return response


def _signed_in(here: DeviceInfo | None) -> Id | None:
    """The person of the office session; a password that somebody else knows opens no device.

    On a shared device only who has typed theirs just now: whoever takes it up next may find a session that was left open.
    """
    if not current_user.is_authenticated or (_is_shared(here) and not has_just_begun()):
        return None
    if current_user.must_change_password:
        raise ProtocolError(403, "password_first")
    found: Id = current_user.id
    return found


def _device_here() -> DeviceInfo | None:
    """The device of the request's cookie, if the server knows it."""
    cookie = request.cookies.get(device_cookie_name())
    return engine().hooks.device_of(db.session(), cookie) if cookie else None


def _is_shared(here: DeviceInfo | None) -> bool:
    """Whether several people take turns on the device."""
    return here is not None and bool(db.session.scalar(select(Device.shared).where(Device.id == here.id)))


def _replace(old: DeviceInfo, device_id: Id, cookie_hash: bytes) -> None:
    """The device itself asks, by its old cookie; a revoked one may not (sync.md §2)."""
    if old.revoked:
        raise ProtocolError(403, "revoked")
    enrolled_by = db.session.scalar(select(Device.enrolled_by).where(Device.id == old.id))
    data = {"device_id": device_id, "replaces": old.id, "cookie_hash": cookie_hash.hex()}
    engine().perform(operations.replace_device, enrolled_by or old.id, data, site_id=old.site_id, trusted=True)


def _name(body: dict[str, Any]) -> str:
    return " ".join(str(body.get("name") or "").split())[:LONGEST_NAME] or _name_of_browser()


def _name_of_browser() -> str:
    """A first name for a device, until somebody gives it a better one."""
    agent = request.user_agent.string
    for mark, name in (("iPad", "iPad"), ("iPhone", "iPhone"), ("Android", "Android"), ("Windows", "Windows"), ("Mac", "Mac")):
        if mark in agent:
            return name
    return "Linux"


def _told(device_id: Id, person_id: Id | None) -> dict[str, Any]:
    """What an enrolled browser needs to know."""
    fresh()
    device = db.session.get_one(Device, device_id)
    return {
        "device": {"id": str(device.id), "name": device.name, "shared": device.shared},
        "stream": str(device.stream),
        "site": {"id": str(device.site_id)},
        "epoch": db.session.scalar(select(Meta.value).where(Meta.key == "epoch")),
        **_told_grant(device_id, person_id),
    }


def _told_grant(device_id: Id, person_id: Id | None) -> dict[str, Any]:
    grant = next((g for g in live_grants(db.session(), device_id) if g.person_id == person_id), None)
    person = db.session.get(Person, person_id) if person_id else None
    if grant is None or person is None:
        return {"grant": None, "person": None}
    return {"grant": grant_told(grant), "person": {"id": str(person.id), "name": person.name}}


def grant_told(grant: Grant) -> dict[str, Any]:
    """A grant as its device keeps it, token included."""
    token = tokens.sign(grant.id, grant.device_id, grant.person_id, grant.site_id, grant.from_at)
    return {"id": str(grant.id), "token": token, "person": str(grant.person_id), "from": grant.from_at}


@bp.post("/api/grants")
def grant() -> Response:
    """Sign the person of the office session in on this device; on a shared one that session is over with it."""
    known = this_device()
    actor = _signed_in(known.device)
    if actor is None:
        raise ProtocolError(401, "sign_in_first")
    operations.grant_device(actor, device_id=known.device.id, grant_id=new_id())
    fresh()
    if _is_shared(known.device):
        end_session()
    return answer(_told_grant(known.device.id, actor), 201)


@bp.delete("/api/grants/<uuid:grant_id>")
def end(grant_id: Id) -> Response:
    """End a grant of this device; ending it again changes nothing."""
    known = this_device(revoked_too=True)
    found = db.session.get(Grant, grant_id)
    if found is None or found.device_id != known.device.id:
        raise ProtocolError(404, "not_found")
    engine().perform(operations.end_grant, found.person_id, {"grant_id": grant_id}, site_id=found.site_id, trusted=True)
    return Response(status=204)


# -- the office looks -----------------------------------------------------------------------------------------------------------


@bp.get("/devices")
def devices() -> str:
    """Every device, what about it needs somebody first."""
    need("devices.manage")
    rows = select_rows(db.session(), current_user.site_id)
    rank = {"stop": 0, "wait": 1, None: 2, "na": 3}
    return render_template("devices/devices.html", rows=sorted(rows, key=lambda row: rank[row.cue]))


@bp.get("/devices.csv")
def devices_csv() -> Response:
    """The list to take away."""
    need("devices.manage")
    names = ("name", "people", "state", "heard", "waiting", "build", "enrolled")
    rows = [
        [
            row.device.name, "、".join(person.name for person in row.people), t(f"office.devices.state_{row.state}"),
            full_time(row.device.heard_at), row.waiting, row.device.build, full_time(row.device.enrolled_at),
        ]
        for row in select_rows(db.session(), current_user.site_id)
    ]  # fmt: skip
    return csv_answer("devices.csv", [t(f"office.devices.csv_{name}") for name in names], rows)


@bp.get("/devices/<uuid:device_id>")
def device(device_id: Id) -> str:
    """One device: its people, its health, what was done to it."""
    need("devices.manage")
    one = access_device(db.session(), current_user.site_id, device_id)
    return render_template(
        "devices/device.html", row=row_of(db.session(), one), one=one, fresh_id=new_id,
        history=select_history(db.session(), "device", device_id),
        before=db.session.get(Device, one.replaces) if one.replaces else None,
        after=db.session.get(Device, one.replaced_by) if one.replaced_by else None,
    )  # fmt: skip


@bp.post("/devices/<uuid:device_id>")
@stands_on("/devices/{device_id}")
def rename(device_id: Id) -> Response:
    """Name it so that people know which one is meant."""
    need("devices.manage")
    name, is_shared = request.form.get("name", ""), bool(request.form.get("shared"))
    operations.rename_device(current_user.id, device_id=device_id, name=name, shared=is_shared, operation_id=once())
    return _back_to(device_id)


@bp.get("/devices/<uuid:device_id>/revocation")
def revocation(device_id: Id) -> Response:
    """Where a refused form stands, asked for again: the device's page."""
    return _back_to(device_id)


@bp.post("/devices/<uuid:device_id>/revocation")
@stands_on("/devices/{device_id}")
def revoke(device_id: Id) -> Response:
    """It is lost: it forgets everything but its outbox at its next contact."""
    need("devices.manage")
    reason = request.form.get("reason", "")
    person_id = current_user.id
    operations.revoke_device(person_id, device_id=device_id, reason=reason, operation_id=once())
    fresh()
    go_on_here(db.session.get_one(Person, person_id))
    flash(t("office.devices.revoked"))
    return _back_to(device_id)


@bp.post("/devices/<uuid:device_id>/grants/<uuid:grant_id>/end")
def end_of_person(device_id: Id, grant_id: Id) -> Response:
    """Somebody no longer works on this device."""
    need("devices.manage")
    operations.end_grant(current_user.id, grant_id=grant_id, operation_id=once())
    return _back_to(device_id)


@bp.post("/account/devices/<uuid:grant_id>/end")
@signed_in
def end_own(grant_id: Id) -> Response:
    """Sign oneself out on a device that is elsewhere."""
    operations.end_grant(current_user.id, grant_id=grant_id, operation_id=once())
    flash(t("office.devices.ended"))
    return make_response(redirect("/account", 303))


def _back_to(device_id: Id) -> Response:
    return make_response(redirect(f"/devices/{device_id}", 303))
