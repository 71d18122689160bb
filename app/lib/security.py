"""What every answer and every write is held to: a strict content policy, same-origin writes, bounded bodies (sync.md §2).

Writes are protected by `Sec-Fetch-Site` and `Origin` alone, so that no token can expire in a queue (T6).
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import ClientDisconnected

from app.lib.errors import Forbidden

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "media-src 'self' blob:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
# A worker has the policy of its own script. The decoder of codes is WebAssembly, and no page needs to compile any.
DECODER_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
STAMPS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), microphone=(self), geolocation=()"),
)
SAFE = {"GET", "HEAD", "OPTIONS"}
BLOCK = 1 << 16


def is_same_origin() -> bool:
    """Whether the request was made by a page of ours, or by no page at all (a script without a browser)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def init_app(app: Flask) -> None:
    """Guard writes, and stamp every answer."""

    @app.before_request
    def guard() -> None:
        if request.method not in SAFE and not is_same_origin():  # rule: T6
            raise Forbidden("cross_site")

    @app.after_request
    def hear_out(response: Response) -> Response:
        """Read to the end what was refused unread: a proxy that is still sending takes an early answer for a fault of ours."""
        if 0 < (request.content_length or 0) <= (request.max_content_length or 0):
            with suppress(ClientDisconnected):
                while request.stream.read(BLOCK):
                    pass
        return response

    @app.after_request
    def stamp(response: Response) -> Response:
        given = {name.lower() for name, _ in response.headers}
        response.headers.extend([(name, value) for name, value in STAMPS if name.lower() not in given])
        if response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", "no-store")  # rule: T15
            response.headers.setdefault("Offstage-Fragment", "1")
        return response
