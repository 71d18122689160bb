"""Passwords: Argon2id, and the same work for somebody who does not exist, so that time tells nothing (T40)."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.lib.errors import Refused

SHORTEST = 8
LONGEST = 200
COMMON = Path(__file__).with_name("common_passwords.txt")
# What the leaks of elsewhere lack.
HABITS = ("woaini", "qq", "abc", "aa", "a", "admin", "password", "mima", "offstage", "幕后")
DEMO_PASSWORD = "offstage-demo"  # noqa: S105 - told on the demo's sign-in page
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read wrong from a screen

PADDING = string.digits + string.punctuation + " "

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


def fault_of(password: str, about: Iterable[str] = ()) -> str | None:
    """The code of what is wrong with a new password, or None: too short or long, common, personal (ASVS 5.0, 6.2).

    `about` is what somebody who knows the person would try: login, name, phone.
    """
    if len(password) < SHORTEST:
        return "password_short"
    if len(password) > LONGEST:
        return "password_long"
    if _is_common(password.casefold()):
        return "password_common"
    return "password_personal" if _is_padded(password.casefold(), about) else None


def _is_common(typed: str) -> bool:
    """Few different characters, digits that a phone number may be, a word of the list, or one of the habits with padding."""
    is_short_number = typed.isdecimal() and len(typed) <= 12
    return len(set(typed)) < 3 or is_short_number or typed in _common() or _is_padded(typed, HABITS)


def _is_padded(typed: str, words: Iterable[str]) -> bool:
    """Whether the password is one of the words with nothing but digits and signs around it."""
    plain = {form for word in words for form in (word.casefold(), word.casefold().strip(PADDING)) if form}
    return typed in plain or typed.strip(PADDING) in plain


@cache
def _common() -> frozenset[str]:
    return frozenset(line for line in COMMON.read_text("utf-8").splitlines() if not line.startswith("# "))


def checked(password: str, again: str | None = None, about: Iterable[str] = ()) -> str:
    """A new password as it is kept, or `Refused` at the field that is wrong; `again` is the second typing, where one is asked."""
    fault = fault_of(password, about)
    if fault:
        raise Refused(fault, status=422, fields={"password": [fault]})
    if again is not None and again != password:
        raise Refused("password_differs", status=422, fields={"again": ["password_differs"]})
    return hashed(password)


def one_time() -> str:
    """A password to be told once and changed at the first sign-in."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
