"""Enrolling a browser and signing people in on it, over HTTP (sync.md §3); the office's list of devices."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user
from sqlalchemy import select

from app.devices import operations, tokens
from app.devices.models import Device, Grant, live_grants
from app.lib.db import db
from app.lib.errors import Refused
from app.lib.ids import Id, new_id
from app.people.models import Person
from app.sync.engine import engine
from app.sync.errors import ProtocolError
from app.sync.models import Meta
from app.sync.views import answer, device_cookie_name, json_body, this_device

bp = Blueprint("devices", __name__)

COOKIE_LIVES_S = 400 * 24 * 3600  # the longest a browser keeps one; renewed by each enrolment
LONGEST_NAME = 80


@bp.post("/api/devices")
def enrol() -> Response:
    """Enrol this browser for the signed-in person; with the old cookie and `replaces` no person is needed."""
    body = json_body(16 * 1024)
    cookie, cookie_hash = tokens.new_cookie()
    device_id = new_id()
    actor = _signed_in()
    if body.get("replaces") is not None:
        _replace(body, device_id, cookie_hash)
    elif actor is None:
        raise ProtocolError(401, "sign_in_first")
    else:
        name = " ".join(str(body.get("name") or "").split())[:LONGEST_NAME] or _name_of_browser()
        operations.enrol_device(
            actor, device_id=device_id, name=name, shared=body.get("shared") is True,
            build=str(body.get("build") or "")[:40] or None, cookie_hash=cookie_hash.hex(),
        )  # fmt: skip
    if actor is not None:
        _grant(actor, device_id)
    response = answer(_told(device_id, actor), 201)
    response.set_cookie(
        device_cookie_name(), cookie, max_age=COOKIE_LIVES_S, secure=request.is_secure, httponly=True, samesite="Strict",
    )  # fmt: skip
    return response


def _signed_in() -> Id | None:
    return current_user.id if current_user.is_authenticated else None


def _replace(body: dict[str, Any], device_id: Id, cookie_hash: bytes) -> None:
    """The device itself asks, by its old cookie; a revoked one may not (sync.md §2)."""
    old = this_device().device
    if str(old.id) != body["replaces"]:
        raise ProtocolError(403, "wrong_device")
    enrolled_by = db.session.scalar(select(Device.enrolled_by).where(Device.id == old.id))
    data = {"device_id": device_id, "replaces": old.id, "cookie_hash": cookie_hash.hex()}
    engine().perform(operations.replace_device, enrolled_by or old.id, data, site_id=old.site_id, trusted=True)


def _grant(person_id: Id, device_id: Id) -> None:
    """The person works on the device, if they do not already."""
    try:
        operations.grant_device(person_id, device_id=device_id, grant_id=new_id())
    except Refused as refused:
        if refused.code != "already_granted":
            raise


def _told(device_id: Id, person_id: Id | None) -> dict[str, Any]:
    """What an enrolled browser needs to know."""
    db.session.rollback()  # a new snapshot: what was just written belongs to it
    device = db.session.get(Device, device_id)
    if device is None:
        raise ProtocolError(404, "not_found")
    told: dict[str, Any] = {
        "device": {"id": str(device.id), "name": device.name, "shared": device.shared},
        "stream": str(device.stream),
        "site": {"id": str(device.site_id)},
        "epoch": db.session.scalar(select(Meta.value).where(Meta.key == "epoch")),
        **_told_grant(device_id, person_id),
    }
    return told


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
    """Sign the person of the office session in on this device."""
    known = this_device()
    actor = _signed_in()
    if actor is None:
        raise ProtocolError(401, "sign_in_first")
    _grant(actor, known.device.id)
    db.session.rollback()
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


def _name_of_browser() -> str:
    """A first name for a device, until somebody gives it a better one."""
    agent = request.user_agent.string
    for mark, name in (("iPad", "iPad"), ("iPhone", "iPhone"), ("Android", "Android"), ("Windows", "Windows"), ("Mac", "Mac")):
        if mark in agent:
            return name
    return "Linux"
