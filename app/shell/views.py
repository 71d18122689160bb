"""The floor's shell, the service worker, the manifest, static files of the build, and health."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from sqlalchemy import text

from app.lib import build
from app.lib.db import db
from app.lib.security import DECODER_POLICY
from app.lib.words import t
from app.shell.readiness import OK, checks

bp = Blueprint("shell", __name__)
PACKED = (".js", ".css", ".svg", ".wasm")


@bp.get("/floor/")
@bp.get("/floor/<path:path>")
def floor(path: str = "") -> Response:
    """The same page for every address of the floor: the device's own server answers the rest."""
    response = make_response(render_template("layouts/floor.html"))
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/sw.js")
def worker() -> Response:
    """The service worker, told its build and what to keep."""
    code = build.source(build.STATIC / "js" / "sw.js")
    lists = {"PRECACHE": build.precache(), "LATER": build.later()}
    for name, urls in lists.items():
        code = code.replace(f'["%{name}%"]', json.dumps(urls))
    code = code.replace("%BUILD%", build.build_id())
    response = Response(code, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """How the floor is installed on a device."""
    icons = [
        {
            "src": build.static_url(f"app-icons/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    said = {
        "id": "/floor/", "name": "Offstage 幕后", "short_name": "Offstage", "start_url": "/floor/today", "scope": "/",
        "display": "standalone", "background_color": "#151513", "theme_color": "#151513",
        "description": t("floor.manifest.description"), "icons": icons,
    }  # fmt: skip
    return Response(json.dumps(said, ensure_ascii=False), mimetype="application/manifest+json")


@bp.get("/static/<build_id>/<path:path>")
def static_file(build_id: str, path: str) -> Response:
    """A file of this build, for ever the same; another build's files are not here."""
    if build_id != build.build_id() or path == "js/sw.js":
        abort(404)
    zipped = path.endswith(PACKED) and "gzip" in request.headers.get("Accept-Encoding", "")
    body, media_type = _read(path, zipped) or abort(404)
    response = Response(body, mimetype=media_type)
    if path.endswith(PACKED):
        response.headers["Vary"] = "Accept-Encoding"
    if path == build.DECODER:
        response.headers["Content-Security-Policy"] = DECODER_POLICY
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@cache
def _read(path: str, zipped: bool) -> tuple[bytes, str] | None:
    if (found := build.served(path)) is None:
        return None
    body, media_type = found
    return (gzip.compress(body, 9) if zipped else body), media_type


@bp.get("/healthz")
def health() -> Response:
    """200 while the process answers and its database can be read."""
    db.session.execute(text("SELECT 1"))
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> Response:
    """200 when it can take work now, else 503; a line for each thing it looked at."""
    found = checks(Path(current_app.config["DATA_DIR"]))
    lines = "".join(f"{name}: {said}\n" for name, said in found.items())
    return Response(lines, 200 if set(found.values()) == {OK} else 503, mimetype="text/plain")
