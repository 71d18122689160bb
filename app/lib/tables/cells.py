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

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"  # pasted from web pages and chats, at the ends of codes and names
SCIENTIFIC = re.compile(r"[+-]?[0-9]*[.,]?[0-9]+[Ee][+-]?[0-9]+")
NUMBER_CODES: dict[str, CellCode] = {
    "not_a_quantity": "number_unreadable",
    "quantity_ambiguous": "number_ambiguous",
    "quantity_decimals": "number_decimals",
    "quantity_too_small": "number_too_small",
    "quantity_too_large": "number_too_large",
}
YES = {"是", "有", "对", "yes", "y", "true", "t", "1", "√", "✓", "✔"}
NO = {"否", "无", "没有", "no", "n", "false", "f", "0", "×", "✗", "✘"}
DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-|/|\.|年)(?P<month>[0-9]{1,2})(?:-|/|\.|月)(?P<day>[0-9]{1,2})日?(?:[T ]0?0:00(?::00)?)?"
)
SHORT_DATE = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{2}|[0-9]{4})|[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}")


def clean(cell: str) -> str:
    """Without the blanks around it, visible or not."""
    return cell.strip().strip(INVISIBLE).strip()


def folded(cell: str) -> str:
    """What two spellings of one word have in common: full width and half, capitals, blanks."""
    return "".join(unicodedata.normalize("NFKC", clean(cell)).casefold().split())


def text(max: int, *, lines: bool = False) -> Kind:
    """A text of at most `max` characters; `lines` lets it have more than one."""

    def parse(cell: str) -> str | Fault:
        found = clean(cell).replace("\r\n", "\n").replace("\r", "\n")
        if not lines:
            found = " ".join(found.split("\n"))
        if len(found) > max:
            return fault("text_too_long", found, max=max)
        if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in found):
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
    """2026-01-02, 2026/1/2, 2026年1月2日. A year that is not written out and in front may be a day, and is refused."""

    def parse(cell: str) -> Date | Fault:
        said = unicodedata.normalize("NFKC", clean(cell))
        if found := DATE.fullmatch(said.replace("年 ", "年").replace("月 ", "月")):
            try:
                return Date(int(found["year"]), int(found["month"]), int(found["day"]))
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
