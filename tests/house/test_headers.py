"""What every answer carries: a strict content policy, and nothing of a person left in a cache (T15, T40)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

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
