"""Passwords: Argon2id, and the same work for somebody who does not exist, so that time tells nothing (T40)."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.lib.errors import Refused

SHORTEST = 8
LONGEST = 200
COMMON = frozenset({"password", "12345678", "123456789", "11111111", "88888888", "qwertyui", "password1", "1234567890"})
DEMO_PASSWORD = "offstage-demo"  # noqa: S105 - told on the demo's sign-in page
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read wrong from a screen

hasher = PasswordHasher()


@cache
def _nobody() -> str:
    return hasher.hash(secrets.token_hex(8))


def hashed(password: str) -> str:
    """The password as it is kept."""
    return hasher.hash(password)


def is_right(kept: str | None, typed: str) -> bool:
    """Whether the typed password is the kept one; takes as long where nothing is kept."""
    try:
        hasher.verify(kept or _nobody(), typed)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Whether it was kept with older parameters."""
    return hasher.check_needs_rehash(kept)


def fault_of(password: str) -> str | None:
    """The code of what is wrong with a new password, or None (ASVS 5: length and common ones, no composition rules)."""
    if len(password) < SHORTEST:
        return "password_short"
    if len(password) > LONGEST:
        return "password_long"
    if password.casefold() in COMMON or len(set(password)) < 3:
        return "password_common"
    return None


def checked(password: str, again: str | None = None) -> str:
    """A new password as it is kept, or `Refused` at the field that is wrong; `again` is the second typing, where one is asked."""
    fault = fault_of(password)
    if fault:
        raise Refused(fault, status=422, fields={"password": [fault]})
    if again is not None and again != password:
        raise Refused("password_differs", status=422, fields={"again": ["password_differs"]})
    return hashed(password)


def one_time() -> str:
    """A password to be told once and changed at the first sign-in."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
