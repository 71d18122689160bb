"""Exact quantities: whole thousandths in the database, `Decimal` in Python, plain decimal text on the wire (GEN-9).

    Quantity                                     the column type; takes Decimal and int, gives Decimal
    QuantityField(decimals=3, min=None, max=None)  the field of a schema; bounds are included
    parse_quantity(text, decimals=3, min=None, max=None) -> Decimal   what a person or a device wrote, or QuantityError
    format_quantity(value) -> str                "12", "0.5", "-3": no exponent, no trailing zeros, no "-0"

`decimals` is what the unit allows (pieces 0, kilograms 3). Typed text may carry full-width digits and a thousands separator, but
only where it can mean one number: "1,234" is 1234 for a unit of two decimals and is refused for one of three.

`QuantityError.code`, which is also what `QuantityField` says about its field:

    not_a_quantity       no number, or one that a computer wrote short ("1.2E+05")
    quantity_ambiguous   the comma may be a thousands separator or a decimal point
    quantity_decimals    more decimals than the unit has
    quantity_too_small, quantity_too_large   outside `min` … `max`, or beyond MOST
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy import BigInteger, ColumnElement, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator

PLACES = 3
MOST = Decimal("999999999999.999")  # fifteen digits: a spreadsheet and a JavaScript number hold them all
LONGEST = 40  # characters; a longer text is no quantity, and its digits are not worth reading

Bound = Decimal | int | str | None

PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
COMMAS = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)+")
HALF_WIDTH = str.maketrans("０１２３４５６７８９．，－＋−", "0123456789.,-+-")


class QuantityError(ValueError):
    """A text is no quantity, or none that is allowed here; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Arithmetic(TypeDecorator.Comparator[Decimal]):
    """Plus and minus give a quantity again; thousandths times thousandths would be something else, and is refused."""

    def operate(self, op: OperatorType, *other: Any, **more: Any) -> ColumnElement[Any]:
        return _still_quantity(op, super().operate(op, *other, **more))

    def reverse_operate(self, op: OperatorType, other: Any, **more: Any) -> ColumnElement[Any]:
        return _still_quantity(op, super().reverse_operate(op, other, **more))


def _still_quantity(op: OperatorType, found: ColumnElement[Any]) -> ColumnElement[Any]:
    if op in (operator.mul, operator.truediv, operator.floordiv, operator.mod):
        raise TypeError("multiply and divide quantities in Python: the database holds thousandths")
    return type_coerce(found, Quantity) if op in (operator.add, operator.sub, operator.neg) else found


class Quantity(TypeDecorator[Decimal]):
    """A quantity as whole thousandths: comparisons, plus, minus and sum are exact on every database."""

    impl = BigInteger
    cache_ok = True
    comparator_factory = _Arithmetic

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else _thousandths(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else _of_thousandths(value)


def _thousandths(value: Decimal | int) -> int:
    """Refuses what would be rounded: a float, a fourth decimal."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"a quantity is a Decimal or an int, not {type(value).__name__}")
    scaled = Decimal(value).scaleb(PLACES)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{value} has more than {PLACES} decimals")  # rule: GEN-9
    return whole


def _of_thousandths(value: int | Decimal) -> Decimal:
    """A sum comes back as an int from SQLite and as a Decimal from PostgreSQL; an average may be a float, and is no quantity."""
    if not isinstance(value, int | Decimal):
        raise TypeError(f"the database answered {value!r} where a sum of quantities is exact")
    return Decimal(value).scaleb(-PLACES)


def format_quantity(value: Decimal | int) -> str:
    """ "12", "0.5", "-3": the one way to write a quantity, so that equal quantities are equal texts."""
    text = f"{Decimal(value):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def parse_quantity(text: str, decimals: int = PLACES, *, min: Bound = None, max: Bound = None) -> Decimal:
    """The quantity that `text` writes, exactly; a QuantityError when it writes none, or may mean two."""
    found = _number(text.translate(HALF_WIDTH).strip(), decimals)
    if _places(found) > decimals:
        raise QuantityError("quantity_decimals")
    if found < -MOST or (min is not None and found < Decimal(min)):
        raise QuantityError("quantity_too_small")
    if found > MOST or (max is not None and found > Decimal(max)):
        raise QuantityError("quantity_too_large")
    return found or Decimal(0)  # never -0, which is written differently


def _number(text: str, decimals: int) -> Decimal:
    if len(text) > LONGEST:
        raise QuantityError("not_a_quantity")
    if PLAIN.fullmatch(text):
        return Decimal(text)
    if GROUPED.fullmatch(text) and not (text.count(",") == 1 and "." not in text and decimals >= 3):
        return Decimal(text.replace(",", ""))
    raise QuantityError("quantity_ambiguous" if "," in text and COMMAS.fullmatch(text) else "not_a_quantity")


def _places(value: Decimal) -> int:
    """Decimals that say something: 5.000 has none."""
    digits = f"{value:f}".partition(".")[2]
    return len(digits.rstrip("0"))


class QuantityField(fields.Field[Decimal]):
    """A quantity on the wire: text on both ways, because a JSON number is read as a float somewhere on its way."""

    def __init__(self, *, decimals: int = PLACES, min: Bound = None, max: Bound = None, **more: Any) -> None:
        more.setdefault("metadata", {"type": "string", "format": "decimal"})  # for /api/docs, which knows no field of ours
        super().__init__(**more)
        self.decimals, self.min, self.max = decimals, min, max

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **more: Any) -> str | None:
        return None if value is None else format_quantity(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Decimal:
        if not isinstance(value, str):
            raise ValidationError("not_a_quantity")
        try:
            return parse_quantity(value, self.decimals, min=self.min, max=self.max)
        except QuantityError as problem:
            raise ValidationError(problem.code) from problem
