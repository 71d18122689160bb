"""What a scanned or typed code means: one reading of it, here and on the device (`static/js/stock/codes.js`).

`tests/cases/codes.json` holds both languages to the same answers. A code is read from its text alone: what a scanner says about
the symbology decides nothing about the key, so that the row of a spreadsheet, a wedge and a camera always find the same product.
Nothing here throws: what is not understood is a plain code, found by exactly what it says.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import unquote

Kind = Literal["gs1", "gtin", "bin", "person", "plain"]

GS = "\x1d"
_UNSEEN = re.compile("[\x00-\x1c\x1e\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")
_LOOKALIKES = {0x00A0: " ", 0x3000: " ", 0x241D: GS} | {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_CAPITALS = {small: small - 32 for small in range(ord("a"), ord("z") + 1)}
_PREFIX = re.compile(f"[ {GS}]*(?:\\]([A-Za-z][0-9A-Za-z])[ {GS}]*)*")

_GROUPED = re.compile(r"[0-9 ]+|97[89]-[0-9 -]+")  # as printed under the bars, and an ISBN
_GTIN_LENGTHS = (8, 12, 13, 14)
_OWN = re.compile(r"BIN: *(.+)|PERSON:([0-9A-F-]{36})")  # what our labels and badges say
_BARE_BIN = re.compile(r"[A-Z][A-Z0-9]{0,3}-[0-9]{2}-[0-9]-[0-9]{2}")  # bin_format of the starter pack

_AI = re.compile(r"0[0-4]|1[0-9]|2[0-2]|3[07]|9[0-9]|(?:2[3-5]|4[0-2]|71)[0-9]|(?:3[1-69]|43|7[02]|8[0-2])[0-9]{2}")
_FIXED = {"00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2, "41": 13}
_FIXED |= {str(prefix): 6 for prefix in (*range(11, 20), *range(31, 37))}
_HUMAN = re.compile(r"\(([0-9]{2,4})\)")
_LINK = re.compile(r"https?://[^/?#]+/([^?#]*)(?:\?([^#]*))?.*", re.IGNORECASE | re.DOTALL)
_DATES = {"11": "made_on", "13": "packed_on", "15": "best_before_on", "17": "expires_on"}
_TEXTS = {"10": "lot", "21": "serial"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code that was read. `key` finds it; `raw` is what came in, `text` the same without what nobody can see."""

    key: str
    raw: str
    text: str
    kind: Kind
    symbology: str | None = None  # the AIM prefix, e.g. "C1": a hint that decides nothing
    check: Literal["wrong"] | None = None  # it looks like a GTIN and its check digit says that it was misread or mistyped
    gtin: str | None = None  # always 14 digits
    sscc: str | None = None
    lot: str | None = None
    made_on: str | None = None
    packed_on: str | None = None
    best_before_on: str | None = None
    expires_on: str | None = None
    serial: str | None = None
    count: int | None = None
    weight_kg: str | None = None
    bin: str | None = None
    person: str | None = None  # an id

    def as_dict(self) -> dict[str, Any]:
        """What is known of it, as the device has it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def normalise(raw: str) -> str:
    """The code without AIM prefix, control characters and outer spaces, an IME's full-width keys as the keys they are.

    Case and zeros in front stay, and so does a group separator inside: without it nobody knows where a lot ends.
    """
    return _clean(raw)[0]


def read_code(raw: str) -> Code:
    """What a code says. The order matters: our own labels, then GS1, then a bare GTIN, else plain."""
    text, symbology = _clean(raw)
    upper = text.translate(_CAPITALS)
    said = _read_own(upper) or _read_link(text) or _read_elements(text, symbology) or _read_gtin(text)
    said = {"key": upper.replace(GS, ""), "kind": "plain", **(said or {})}
    return Code(raw=raw, text=text, symbology=symbology, **said)


def check_digit_ok(code: str) -> bool:
    """Whether these are 8, 12, 13 or 14 digits of which the last is the check digit of the others (an ISBN-13 is one of them)."""
    return len(code) in _GTIN_LENGTHS and _mod10_ok(code)


def expand_upc_e(code: str) -> str | None:
    """The 12 digits of UPC-A that eight digits of UPC-E stand for, or None: they stand for nothing."""
    if not re.fullmatch(r"[01][0-9]{7}", code):
        return None
    body, last = code[1:6], code[6]
    if last < "3":
        at, zeros = 2, f"{last}0000"
    elif last < "5":
        at, zeros = int(last), "00000"
    else:
        at, zeros = 5, f"0000{last}"
    whole = code[0] + body[:at] + zeros + body[at:] + code[7]
    return whole if _mod10_ok(whole) else None


def _clean(raw: str) -> tuple[str, str | None]:
    """(text, AIM prefix). A separator in front is how some scanners say FNC1."""
    seen = _UNSEEN.sub("", raw).translate(_LOOKALIKES)
    _, symbology, text = _PREFIX.split(seen, maxsplit=1)
    return text.rstrip(f" {GS}"), symbology


def _mod10_ok(digits: str) -> bool:
    """GS1's check digit: from the right every second digit counts three times."""
    if not re.fullmatch(r"[0-9]+", digits):
        return False
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(digits))) % 10 == 0


def _read_own(upper: str) -> dict[str, Any] | None:
    """Our own label or badge, or the bare number of a bin, which has the same key as its label."""
    own = _OWN.fullmatch(upper)
    if own and own[2]:
        return {"kind": "person", "person": own[2].lower()}
    if not own and not _BARE_BIN.fullmatch(upper):
        return None
    code = own[1] if own else upper
    return {"kind": "bin", "key": code, "bin": code}


def _read_gtin(text: str) -> dict[str, Any] | None:
    """Digits of a GTIN's length. The zeros that make UPC-A, EAN-13 and GTIN-14 of one number make no difference."""
    digits = re.sub(r"[ -]", "", text) if _GROUPED.fullmatch(text) else ""
    if len(digits) not in _GTIN_LENGTHS:
        return None
    # Eight digits with a zero in front are a UPC-E on goods; as a GTIN-8 they never leave one shop.
    short = expand_upc_e(digits)
    whole = short if short and (digits[0] == "0" or not _mod10_ok(digits)) else digits
    if not _mod10_ok(whole):
        return {"check": "wrong"}
    gtin = whole.zfill(14)  # rule: T21
    return {"kind": "gtin", "key": gtin, "gtin": gtin}


def _read_link(text: str) -> dict[str, Any] | None:
    """A GS1 Digital Link: any host, /01/ and a GTIN somewhere in the path, further parts behind it and in the query."""
    link = _LINK.fullmatch(text)
    if not link:
        return None
    try:
        steps = [_decoded(step) for step in link[1].split("/")]
        query = [_decoded(part) for one in (link[2] or "").split("&") for part in one.partition("=")[::2]]
    except ValueError:
        return None
    at = next(
        (at for at, step in enumerate(steps[:-1]) if step in ("00", "01") and re.fullmatch("[0-9]{8,18}", steps[at + 1])), None
    )
    if at is None:
        return None
    pairs = [*zip(steps[at::2], steps[at + 1 :: 2], strict=False), *zip(query[::2], query[1::2], strict=True)]
    return _said((ai, value) for ai, value in pairs if re.fullmatch("[0-9]{2,4}", ai))


def _decoded(part: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", part):
        raise ValueError(part)
    return unquote(part, errors="strict")


def _read_elements(text: str, symbology: str | None) -> dict[str, Any] | None:
    """A GS1 element string. Without anything that marks it as one it has to hold a number whose check digit is right."""
    human = _HUMAN.split(text)
    is_human = len(human) > 1 and not human[0]
    pairs = [(ai, value.strip(f" {GS}")) for ai, value in zip(human[1::2], human[2::2], strict=True)] if is_human else _walk(text)
    said = _said(pairs) if pairs else None
    is_marked = is_human or GS in text or symbology in ("C1", "e0", "d2", "Q3", "J1")
    return said if said and (is_marked or "gtin" in said or "sscc" in said) else None


def _walk(text: str) -> list[tuple[str, str]] | None:
    """The elements of a string, or None: it is no element string. Some have their length, the others end at a separator."""
    pairs, at = [], 0
    while at < len(text):
        if text[at] == GS:
            at += 1
            continue
        ai = _AI.match(text, at)
        if not ai:
            return None
        length = _FIXED.get(ai[0][:2])
        separator = text.find(GS, ai.end())
        end = ai.end() + length if length else (len(text) if separator < 0 else separator)
        value = text[ai.end() : end]
        if not value or (length and not re.fullmatch(f"[0-9]{{{length}}}", value)):
            return None
        pairs.append((ai[0], value))
        at = end
    return pairs


def _said(pairs: Iterable[tuple[str, str]]) -> dict[str, Any] | None:
    """What elements say together; a part said twice counts as first said. None: one of them cannot be."""
    parts: dict[str, Any] = {}
    for ai, value in pairs:
        name, part = _part(ai, value)
        if name == "check":
            return {"check": "wrong"}
        if name and part is None:
            return None
        if name:
            parts.setdefault(name, part)
    key = parts.get("gtin") or parts.get("sscc")
    return {"kind": "gs1", **({"key": key} if key else {}), **parts} if parts else None


def _part(ai: str, value: str) -> tuple[str | None, Any]:
    """(name, value) of one element; no name: nothing we keep; no value: it is not what its number says."""
    if ai in ("00", "01", "02"):
        lengths = (18,) if ai == "00" else _GTIN_LENGTHS
        name = "sscc" if ai == "00" else "gtin"
        return (name, value.zfill(14)) if len(value) in lengths and _mod10_ok(value) else ("check", None)
    if ai in _DATES:
        return _DATES[ai], _date(value)
    if ai in _TEXTS:
        return _TEXTS[ai], value if re.fullmatch("[ -~]{1,20}", value) else None
    if ai in ("30", "37"):
        return "count", int(value) if re.fullmatch("[0-9]{1,8}", value) else None
    if re.fullmatch("310[0-5]", ai):
        return "weight_kg", _decimal(value, int(ai[3])) if re.fullmatch("[0-9]{6}", value) else None
    return None, None


def _date(value: str) -> str | None:
    """YYMMDD of this century; day 00 is the last of the month."""
    if not re.fullmatch("[0-9]{6}", value):
        return None
    year, month, day = 2000 + int(value[:2]), int(value[2:4]), int(value[4:])
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    return f"{year}-{month:02}-{day or last:02}" if day <= last else None


def _decimal(digits: str, places: int) -> str:
    """Six digits with the point where the number of the element puts it."""
    whole, part = digits[: 6 - places].lstrip("0") or "0", digits[6 - places :]
    return f"{whole}.{part}" if places else whole
