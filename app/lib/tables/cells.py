"""What stands in a cell, as a value or as the fault that keeps it from being one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date as Date  # noqa: N812  (`date` is the kind of column below)
from decimal import Decimal
from typing import Any

from app.lib.quantities import MOST, Bound, QuantityError, format_quantity, parse_quantity
from app.lib.tables.errors import CellCode, Fault, fault

Kind = Callable[[str], Any]  # the text of a cell that is not blank → its value, or a Fault

TURNING = (
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the order of letters: what is shown is not what is there
)
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" + TURNING  # pasted from web pages and chats, around codes and names
BLANK = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace()) + INVISIBLE
SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[Ee][+-]?[0-9]+")
NUMBER_CODES: dict[str, CellCode] = {
    "not_a_quantity": "number_unreadable",
    "quantity_ambiguous": "number_ambiguous",
    "quantity_decimals": "number_decimals",
    "quantity_too_small": "number_too_small",
    "quantity_too_large": "number_too_large",
}
YES = {"是", "有", "对", "yes", "y", "true", "t", "1", "√", "✓", "✔"}
NO = {"否", "无", "没有", "no", "n", "false", "f", "0", "×", "✗", "✘"}
MIDNIGHT = r"(?:[T ]0?0:00(?::00)?)?"  # what a spreadsheet makes of a date when it saves CSV
DATES = (
    re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})" + MIDNIGHT),
    re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})" + MIDNIGHT),
    re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})"),
    re.compile(r"([0-9]{4})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*日?"),
    re.compile(r"((?:19|20|21)[0-9]{2})([0-9]{2})([0-9]{2})"),
)
SHORT_DATE = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{2}|[0-9]{4})|[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}")


def clean(cell: str) -> str:
    """Without the blanks around it, visible or not."""
    return cell.strip(BLANK)


def folded(cell: str) -> str:
    """What two spellings of one word have in common: full width and half, capitals, blanks."""
    return "".join(unicodedata.normalize("NFKC", clean(cell)).casefold().split())


def _is_control(letter: str) -> bool:
    return letter in TURNING or (unicodedata.category(letter) == "Cc" and letter not in "\n\t")


def text(max: int, *, lines: bool = False) -> Kind:
    """A text of at most `max` characters; `lines` lets it have more than one."""

    def parse(cell: str) -> str | Fault:
        found = clean(cell).replace("\r\n", "\n").replace("\r", "\n")
        if not lines:
            found = found.replace("\n", " ").replace("\t", " ")
        if len(found) > max:
            return fault("text_too_long", found, max=max)
        if not found.isprintable() and any(_is_control(letter) for letter in found):
            return fault("text_control", repr(found))
        return found

    return parse


def decimal(decimals: int = 3, *, min: Bound = None, max: Bound = None) -> Kind:
    """An exact number with at most that many decimals. Full width and a thousands separator pass where they mean one number."""

    def parse(cell: str) -> Decimal | Fault:
        found = clean(cell)
        if SCIENTIFIC.fullmatch(found):
            return fault("scientific_number", found)
        try:
            return parse_quantity(found, decimals, min=min, max=max)
        except QuantityError as problem:
            code = NUMBER_CODES[problem.code]
            if code == "number_decimals" and decimals == 0:
                code = "number_not_whole"
            return fault(code, found, decimals=decimals, min=_bound(min, -MOST), max=_bound(max, MOST))

    return parse


def _bound(said: Bound, otherwise: Decimal) -> str:
    return format_quantity(otherwise if said is None else Decimal(said))


def integer(*, min: Bound = None, max: Bound = None) -> Kind:
    """A whole number."""
    parse_decimal = decimal(0, min=min, max=max)

    def parse(cell: str) -> int | Fault:
        found = parse_decimal(cell)
        return found if isinstance(found, Fault) else int(found)

    return parse


def boolean() -> Kind:
    """是, yes, true, 1, √ and their opposites."""

    def parse(cell: str) -> bool | Fault:
        said = folded(cell)
        return said in YES if said in YES | NO else fault("boolean_unreadable", clean(cell))

    return parse


def date() -> Kind:
    """2026-01-02, 2026/1/2, 2026年1月2日, 20260102. A year that is not written out and in front may be a day, and is refused."""

    def parse(cell: str) -> Date | Fault:
        said = unicodedata.normalize("NFKC", clean(cell))
        found = next((match for form in DATES if (match := form.fullmatch(said))), None)
        if found:
            try:
                return Date(*map(int, found.groups()))
            except ValueError:
                return fault("date_unreadable", said)
        return fault("date_ambiguous" if SHORT_DATE.fullmatch(said) else "date_unreadable", said)

    return parse


def choice(choices: Mapping[Any, Sequence[str]]) -> Kind:
    """One of a few values, each by any of its labels. The first label of each is what an error offers."""
    values = {folded(label): value for value, labels in choices.items() for label in labels}
    if len(values) < sum(len({folded(label) for label in labels}) for labels in choices.values()):
        raise ValueError("two choices have one label")
    offered = " / ".join(labels[0] for labels in choices.values())

    def parse(cell: str) -> Any:
        said = folded(cell)
        return values[said] if said in values else fault("choice_unknown", clean(cell), choices=offered)

    return parse
