"""The sync API over HTTP: JSON only, every answer with protocol and time, one error shape (sync.md §3)."""

from __future__ import annotations

import gzip
import re
import threading
import zlib
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
import zstandard
from flask import Blueprint, Response, current_app, g, render_template, request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.lib.clock import SECOND, now
from app.lib.db import db, writer
from app.lib.pages import problem_answer
from app.lib.words import error_text
from app.sync import blobs, docs, pull, push
from app.sync.engine import Engine, engine
from app.sync.errors import ProtocolError
from app.sync.hooks import DeviceInfo
from app.sync.models import Meta

bp = Blueprint("sync", __name__)
log = structlog.get_logger()

MOST_BODY = 256 * 1024
HEARD_EVERY = 15 * SECOND
SMALL = 64 * 1024  # a delta is worth a closer look than a first fill
SHA = re.compile(r"[0-9a-f]{64}")
ACCESS = select(Meta.value).where(Meta.key == "access")


@dataclass
class Known:
    """What is remembered of a device between polls: good while nobody's access changed, its head while nothing did."""

    version: int | None
    access: str
    device: DeviceInfo
    readable: dict[str, list[str]]
    state: pull.State | None = None
    heard_at: int = 0


class Compressors(threading.local):
    """One of a kind for each thread: making one costs more than a delta's compression."""

    def __init__(self) -> None:
        self.quick = zstandard.ZstdCompressor(level=1)
        self.thorough = zstandard.ZstdCompressor(level=6)  # more makes a delta no smaller, and takes ten times as long


compressors = Compressors()


def device_cookie_name() -> str:
    """`__Host-` needs Secure; plain http on localhost (development, the demo) goes without both."""
    return "__Host-offstage-device" if request.is_secure else "offstage-device"


def answer(data: Any, status: int = 200) -> Response:
    """JSON."""
    return Response(orjson.dumps(data), status, mimetype="application/json")


def error(status: int, code: str, facts: dict[str, Any] | None = None) -> Response:
    """The one error shape of /api."""
    facts = facts or {}
    return answer({"error": {"code": code, "message": error_text(code, facts), "facts": facts}}, status)


@bp.after_app_request
def stamp(response: Response) -> Response:
    """Every answer of /api says which protocol it speaks and what the server's time is, also a 304."""
    if request.path.startswith("/api/"):
        response.headers["Offstage-Protocol"] = "1"
        response.headers["Offstage-Time"] = str(now())
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@bp.app_errorhandler(ProtocolError)
def protocol_error(problem: ProtocolError) -> Response:
    """An answer that is no verdict: the device keeps everything as it is."""
    return error(problem.status, problem.code, problem.facts)


@bp.app_errorhandler(OperationalError)
@bp.app_errorhandler(InterfaceError)
def database_error(problem: Exception) -> Response:
    """The database is busy or away: everything was rolled back, and whoever asked may ask again (sync.md §3)."""
    log.error("database failed", exc_info=problem)
    return problem_answer(503, "http_503", {})


def this_device(*, revoked_too: bool = False) -> Known:
    """The device of the request's cookie, or 401 `not_enrolled` / 403 `revoked`."""
    cookie = request.cookies.get(device_cookie_name())
    if not cookie:
        raise ProtocolError(401, "not_enrolled")
    remembered: dict[str, Known] = current_app.extensions["offstage-known"]
    version = writer().watch.version()
    known = remembered.get(cookie)
    if known is None or version is None or known.version != version:
        known = remembered[cookie] = _know(cookie, known, version)
    if known.device.revoked and not revoked_too:
        raise ProtocolError(403, "revoked")
    g.device_id = known.device.id
    return known


def _know(cookie: str, known: Known | None, version: int | None) -> Known:
    """Look the device up again; where nobody's access changed, what it may read is as it was."""
    if known is not None and version is not None and known.access == _access(writer().watch.ask):
        known.version, known.state = version, None
        return known
    with db.engine.connect() as connection:
        access = _access(pull.asking(connection))
        with Session(connection) as session:
            device = engine().hooks.device_of(session, cookie)
            if device is None:
                raise ProtocolError(401, "not_enrolled")
            readable = {} if device.revoked else engine().hooks.buckets_of(session, device.id)
    return Known(version, access, device, readable, heard_at=known.heard_at if known else 0)


def _access(ask: pull.Ask) -> str:
    """Another text whenever anybody may read anything else (`tx.readers_changed`)."""
    rows = ask(ACCESS, {})
    return str(rows[0][0]) if rows else "0"


def json_body(most: int = MOST_BODY) -> dict[str, Any]:
    """The request's JSON object, unzipped within bounds."""
    raw = request.get_data(cache=False)
    if request.headers.get("Content-Encoding") == "gzip":
        unzip = zlib.decompressobj(wbits=31)
        try:
            raw = unzip.decompress(raw, most + 1)
        except zlib.error:
            raise ProtocolError(400, "malformed_body") from None
    if len(raw) > most:
        raise ProtocolError(413, "too_large", most=most)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ProtocolError(400, "malformed_body") from None
    if not isinstance(body, dict):
        raise ProtocolError(400, "malformed_body")
    return body


@bp.get("/api/sync/head")
def head() -> Response:
    """What the device polls: 304 while nothing is new."""
    known = this_device(revoked_too=True)
    state = _remember_state(known)
    body, etag = state.body, state.etag
    _heard(known)
    if request.headers.get("If-None-Match") == f'"{etag}"':
        response = Response(status=304)
    else:
        response = Response(body, mimetype="application/json")
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Cache-Control"] = "no-cache"
    return response


def _remember_state(known: Known) -> pull.State:
    """Where the device's buckets stand, read once for as long as the database stays as it is."""
    if known.state is None:
        with db.engine.connect() as connection:
            known.state = pull.state_of(connection, known.readable)
    return known.state


def _heard(known: Known) -> None:
    """Note the contact, at most every 15 seconds: a poll should not wait for the writer each time."""
    moment = now()
    if moment - known.heard_at < HEARD_EVERY:
        return
    known.heard_at = moment
    said = request.headers.get("Offstage-Last-Seq", "")
    engine().heard(known.device.id, int(said) if said.isascii() and said.isdigit() and len(said) < 16 else None)


@bp.post("/api/sync/push")
def push_operations() -> Response:
    """Operations in, verdicts out."""
    known = this_device(revoked_too=True)
    said = push.push(engine(), known.device, json_body(), known.readable)
    g.operations = len(said["verdicts"])
    return answer(said)


@bp.post("/api/sync/pull")
def pull_records() -> Response:
    """One page of what the device lacks."""
    known = this_device(revoked_too=True)
    body = json_body()
    page = _page(known, body)
    if page.is_last:
        _heard(known)
    return _compressed(page.body)


def _page(known: Known, body: dict[str, Any]) -> pull.Page:
    """One page in one snapshot: by the remembered heads, unless somebody committed while it was read."""
    watch = writer().watch
    kept: pull.Kept = current_app.extensions["offstage-kept"]
    if known.version is not None and pull.is_delta((state := _remember_state(known)).heads, body):
        page = pull.pull(watch.ask, known.device.id, known.readable, state, body, kept, now=now())
        if watch.version() == known.version:
            return page
    with db.engine.connect() as connection:
        state = pull.state_of(connection, known.readable)
        return pull.pull(pull.asking(connection), known.device.id, known.readable, state, body, kept, now=now())


def _compressed(body: bytes) -> Response:
    """NDJSON in the best coding the device takes."""
    response = Response(mimetype="application/x-ndjson")
    accepted = request.headers.get("Accept-Encoding", "")
    if "zstd" in accepted:
        body = (compressors.quick if len(body) > SMALL else compressors.thorough).compress(body)
        response.headers["Content-Encoding"] = "zstd"
    elif "gzip" in accepted:
        body = gzip.compress(body, 4)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_data(body)
    return response


@bp.post("/api/sync/report")
def report() -> Response:
    """The device's health, for the board of devices."""
    known = this_device(revoked_too=True)
    body = json_body(16 * 1024)
    last_seq = body.get("last_seq")
    engine().heard(
        known.device.id,
        last_seq if isinstance(last_seq, int) and 0 <= last_seq < push.MOST_SEQ else None,
        body,
    )
    known.heard_at = now()
    return answer({})


def _store() -> blobs.BlobStore:
    found: blobs.BlobStore = current_app.extensions["offstage-blobs"]
    return found


def _sha(text: str) -> str:
    if not SHA.fullmatch(text):
        raise ProtocolError(404, "not_found")
    return text


@bp.put("/api/blobs/<sha>")
def put_blob(sha: str) -> Response:
    """Take a photo or signature whole; the same again changes nothing."""
    known = this_device(revoked_too=True)
    if (request.content_length or 0) > blobs.MOST_BYTES:
        raise ProtocolError(413, "blob_too_large", most=blobs.MOST_BYTES)
    _, taken = engine().keep_blob(_store(), request.get_data(cache=False), known.device.id, _sha(sha))
    return answer({"sha": sha, "status": taken.status}, 201 if taken.is_new else 200)


@bp.route("/api/blobs/<sha>", methods=["HEAD"])
def has_blob(sha: str) -> Response:
    """Whether the server holds it; told only of what this device put or may read."""
    known = this_device()
    with db.engine.connect() as connection, Session(connection) as session:
        if not blobs.may_read(session, _sha(sha), known.device.id, known.readable):
            return Response(status=404)
    return Response(status=200 if _store().path(sha, "display").exists() else 404)


@bp.get("/api/blobs/<sha>/<any(display, thumb):form>")
def get_blob(sha: str, form: str) -> Response:
    """A rendition, to whoever reads a record that names it."""
    known = this_device()
    with db.engine.connect() as connection, Session(connection) as session:
        if not blobs.may_read(session, _sha(sha), known.device.id, known.readable):
            raise ProtocolError(404, "not_found")
    return _send(sha, form)


@bp.get("/blobs/<sha>/<any(display, thumb):form>")
def office_blob(sha: str, form: str) -> Response:
    """The same for a signed-in person in the office, who sees what was said before, too."""
    if current_user.is_authenticated and SHA.fullmatch(sha):
        names = engine().hooks.buckets_of_person(db.session(), current_user.id)
        if blobs.was_named(db.session(), sha, names):
            return _send(sha, form)
    raise ProtocolError(404, "not_found")


def _send(sha: str, form: str) -> Response:
    path = _store().path(sha, form)
    if not path.exists():
        raise ProtocolError(404, "not_found")
    body = path.read_bytes()
    response = Response(body, mimetype="image/png" if body.startswith(b"\x89PNG") else "image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.get("/api/openapi.json")
def openapi() -> Response:
    """The API described for machines."""
    return answer(docs.openapi(current_app))


@bp.get("/api/docs")
def api_docs() -> str:
    """The API described for people: the calls, and every operation."""
    described = docs.openapi(current_app)
    return render_template("sync/docs.html", paths=described["paths"], operations=docs.rows(), statuses=docs.STATUSES)


def init_engine(app: Any, the_engine: Engine, store: blobs.BlobStore) -> None:
    """Hang the engine, its blobs and its memory of devices on the app."""
    app.extensions["offstage-engine"] = the_engine
    app.extensions["offstage-blobs"] = store
    app.extensions["offstage-known"] = {}
    app.extensions["offstage-kept"] = pull.Kept()


__all__ = ["answer", "bp", "device_cookie_name", "error", "init_engine", "json_body", "this_device"]
