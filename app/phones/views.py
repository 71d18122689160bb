"""The page that helps a phone trust this house, and the certificate it installs; nothing here is secret."""

from __future__ import annotations

from pathlib import Path

import segno
from flask import Blueprint, Response, abort, current_app, make_response, render_template
from markupsafe import Markup

from app.phones.authority import Paths, fingerprint, paths

bp = Blueprint("phones", __name__)


def _files() -> Paths:
    """The certificates' places, or 404 in a house that never ran `make phones`."""
    files = paths(Path(current_app.config["DATA_DIR"]))
    if not files.authority.exists():
        abort(404)
    return files


def qr(text: str) -> Markup:
    """The text as a QR picture; it brings its own light ground, since scanners need one in every look."""
    picture = segno.make(text, error="m")
    return Markup(picture.svg_inline(scale=4, border=3, dark="#000", light="#fff"))  # noqa: S704 - made of squares


@bp.get("/phones")
def guide() -> Response:
    """How to trust the house on iOS and Android, with pictures; the lamp lights once this phone does."""
    files = _files()
    address = current_app.config.get("PHONES_ADDRESS")
    page = make_response(
        render_template(
            "phones/guide.html",
            address=address,
            code=qr(address) if address else None,
            fingerprint=fingerprint(files),
        )
    )
    if address:
        # The lamp is a picture from the secure address: seen only by a phone that trusts it.
        page.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {address}; "
            "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
        )
    return page


@bp.get("/phones/ca.crt")
def certificate() -> Response:
    """The authority's certificate, in the form phones offer to install."""
    answer = Response(_files().authority.read_bytes(), mimetype="application/x-x509-ca-cert")
    answer.headers["Content-Disposition"] = "attachment; filename=offstage-ca.crt"
    return answer


@bp.get("/phones/trusted.svg")
def trusted() -> Response:
    """A green lamp; the guide shows it from the secure address as the proof that this phone trusts it."""
    lamp = Response(render_template("phones/trusted.svg"), mimetype="image/svg+xml")
    lamp.headers["Cache-Control"] = "no-store"
    lamp.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return lamp
