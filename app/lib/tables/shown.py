"""How a spreadsheet shows a number: a code that was typed as a number comes back with the zeros its format gives it."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

MOST_DIGITS = 15  # what a spreadsheet keeps of a number, and shows
TOKEN = re.compile(r'"(?P<said>[^"]*)"|\\(?P<escaped>.)|[_*].|\[[^\]]*\]|(?P<digits>[0#?,.%]+)|(?P<other>.)', re.DOTALL)
SECTION = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*', re.DOTALL)
ZEROS = re.compile(r"0{2,}")
NUMBER = re.compile(r"[#0?,]*(?:\.(?P<decimals>0*)[#?]*)?(?P<percent>%?)")


class Form(NamedTuple):
    """What of a number format can be applied without losing anything."""

    zeros: int = 0  # digits at least
    decimals: int = 0  # decimals at least
    is_percent: bool = False
    before: str = ""
    after: str = ""


@lru_cache(maxsize=1024)
def form_of(number_format: str) -> Form:
    """What a format adds: leading zeros with the words around them, decimals, the percent sign. No unit, no colour."""
    section = SECTION.match(number_format)
    words, digits = ["", ""], ""
    for token in TOKEN.finditer(section[0] if section else ""):
        if token["digits"]:
            if digits:
                return Form()  # a fraction, an exponent, a phone number: not one number that could be read again
            digits = token["digits"]
        else:
            words[bool(digits)] += token["said"] or token["escaped"] or token["other"] or ""
    if ZEROS.fullmatch(digits):
        return Form(zeros=len(digits), before=words[0], after=words[1])
    found = NUMBER.fullmatch(digits)
    return Form(decimals=len(found["decimals"] or ""), is_percent=bool(found["percent"])) if found else Form()


def shown_number(value: float, number_format: str) -> str | None:
    """The digits, all of them and no others; None when the spreadsheet has lost some: a code of more than fifteen digits."""
    if not math.isfinite(value) or abs(value) >= 10**MOST_DIGITS:
        return None
    # Seventeen digits say 0.30000000000000004, fifteen what the person sees.
    number = Decimal(value) if isinstance(value, int) else Decimal(format(value, f".{MOST_DIGITS}g"))
    form = form_of(number_format)
    if form.is_percent:
        number *= 100
    sign = "-" if number < 0 else ""
    whole, _, decimals = f"{abs(number):f}".partition(".")
    decimals = decimals.rstrip("0").ljust(form.decimals, "0")
    if form.zeros and not decimals:
        return f"{sign}{form.before}{whole.zfill(form.zeros)}{form.after}"
    return sign + whole + (f".{decimals}" if decimals else "") + ("%" if form.is_percent else "")


def shown_time(value: date | time | timedelta) -> str:
    """A date as ISO, without the midnight a spreadsheet adds to it."""
    if isinstance(value, timedelta):
        hours, seconds = divmod(round(value.total_seconds()), 3600)
        return f"{hours}:{seconds // 60:02}:{seconds % 60:02}"
    if isinstance(value, datetime):
        value = (value + timedelta(milliseconds=500)).replace(microsecond=0)  # fractions of a day are not exact
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return value.isoformat()
