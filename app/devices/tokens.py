"""Cookies and grant tokens: what proves who speaks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

import orjson
from flask import current_app

from app.lib.ids import Id


def new_cookie() -> tuple[str, bytes]:
    """A fresh device cookie, and its hash as it is kept."""
    cookie = secrets.token_urlsafe(32)
    return cookie, cookie_hash(cookie)


def cookie_hash(cookie: str) -> bytes:
    """The hash a cookie is found by; 256 random bits need no salt."""
    return hashlib.sha256(cookie.encode()).digest()


def sign(grant_id: Id, device_id: Id, person_id: Id, site_id: Id, from_at: int) -> str:
    """A grant's token: what it says, and HMAC-SHA-256 over it with the installation's key."""
    said = orjson.dumps([str(grant_id), str(device_id), str(person_id), str(site_id), from_at])
    return f"{_text(said)}.{_text(_mac(said))}"


def read(token: str) -> list[Any] | None:
    """What a token says (grant, device, person, site, from), or None when it is not ours."""
    try:
        said, mac = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
    except ValueError:
        return None
    if not hmac.compare_digest(_mac(said), mac):
        return None
    found: list[Any] = orjson.loads(said)
    return found


def _mac(said: bytes) -> bytes:
    key = current_app.config["SECRET_KEY"]
    return hmac.new(key if isinstance(key, bytes) else key.encode(), b"grant:" + said, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
