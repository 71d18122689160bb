"""What every answer carries: a strict content policy, and nothing of a person left in a cache (T15, T40)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.lib import build

PAGES = ["/", "/lists", "/shows", "/account"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_somebody_signed_in_is_never_kept(path: str, as_: Callable[[str], FlaskClient]) -> None:
    """T15: the next person on this browser finds nothing by the back button or in a cache."""
    answer = as_("logistics_manager").get(path)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [*PAGES, "/floor/today", "/signin", "/nowhere"])
def test_the_content_policy_allows_nothing_inline(path: str, client: FlaskClient) -> None:
    """T40: neither script nor style from anywhere but our own files, on office pages and the cached shell alike."""
    policy = client.get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy


def test_cookies_are_for_our_server_alone(app: Flask, as_: Callable[[str], FlaskClient]) -> None:
    """T40: no script reads the session, and it dies with the shift."""
    cookie = as_("stagehand").get_cookie("offstage-session")
    assert cookie and cookie.http_only and cookie.same_site == "Lax"
    assert app.permanent_session_lifetime.total_seconds() == 12 * 3600


def test_only_the_decoders_worker_may_compile(client: FlaskClient) -> None:
    """T40: a worker has the policy of its own script; no page and no other script may run WebAssembly."""
    policy = client.get(build.static_url(build.DECODER)).headers["Content-Security-Policy"]
    assert policy == client.get("/signin").headers["Content-Security-Policy"].replace("'self'", "'self' 'wasm-unsafe-eval'", 1)
    others = [url for url in build.later() if not url.endswith(build.DECODER)]
    for url in ["/floor/today", "/sw.js", build.static_url("js/app.js"), *others]:
        assert "unsafe" not in client.get(url).headers["Content-Security-Policy"], url


def test_what_is_refused_is_heard_out(client: FlaskClient) -> None:
    """A proxy that is still sending a photo would tell of a fault of the server instead of the refusal."""
    body = BytesIO(b"x" * 300_000)
    answer = client.put(f"/api/blobs/{'0' * 64}", input_stream=body, content_length=300_000)
    assert (answer.status_code, body.tell()) == (401, 300_000)
    cut = BytesIO(b"x" * 1000)
    assert client.put(f"/api/blobs/{'0' * 64}", input_stream=cut, content_length=300_000).status_code == 401
