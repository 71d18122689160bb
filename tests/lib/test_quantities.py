"""Quantities are exact from what was typed to the sum of a thousand rows, or they are refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError
from sqlalchemy import CheckConstraint, Engine, create_engine, func, insert, literal, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.lib.quantities import MOST, Quantity, QuantityError, QuantityField, format_quantity, parse_quantity
from app.lib.words import catalogue

WIRE = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
AMOUNTS = st.decimals(-MOST, MOST, places=3, allow_nan=False, allow_infinity=False)
unhurried = settings(deadline=None)  # two cores are shared: slowness here says nothing
SOME = st.decimals(-1_000_000, 1_000_000, places=3)


class Base(DeclarativeBase):
    """Tables of this test alone."""


class Line(Base):
    """A quantity in a table, and a rule of the database about it."""

    __tablename__ = "line"
    __table_args__ = (CheckConstraint("quantity < 5000000000000000"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[Decimal | None] = mapped_column(Quantity)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """An empty database."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    return engine


def put(session: Session, *quantities: Any) -> None:
    """Rows with these quantities."""
    session.execute(insert(Line), [{"quantity": quantity} for quantity in quantities])


@unhurried
@given(AMOUNTS)
def test_every_quantity_is_written_one_way_and_read_back(quantity: Decimal) -> None:
    """No exponent, no trailing zeros, no -0 (GEN-9)."""
    text = format_quantity(quantity)
    assert WIRE.fullmatch(text) and text != "-0"
    assert parse_quantity(text) == quantity
    assert format_quantity(parse_quantity(text)) == text


@unhurried
@given(st.lists(AMOUNTS, max_size=20))
def test_the_database_gives_back_what_it_got(quantities: list[Decimal]) -> None:
    """Thousandths of up to fifteen digits, zero and below it (GEN-9)."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        put(session, None, *quantities)
        assert list(session.scalars(select(Line.quantity).order_by(Line.id))) == [None, *quantities]


@unhurried
@given(st.lists(SOME, min_size=1, max_size=30), SOME)
def test_the_database_counts_exactly(quantities: list[Decimal], limit: Decimal) -> None:
    """Sums, differences and comparisons are those of the rows, without a float on the way (GEN-9)."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        put(session, *quantities)
        assert session.scalar(select(func.sum(Line.quantity))) == sum(quantities)
        assert session.scalar(select(func.coalesce(func.sum(Line.quantity), 0))) == sum(quantities)
        first = select(Line.quantity - limit, limit + Line.quantity, -Line.quantity).order_by(Line.id).limit(1)
        assert tuple(session.execute(first).one()) == (quantities[0] - limit, limit + quantities[0], -quantities[0])
        above = select(func.count()).where(Line.quantity > limit)
        assert session.scalar(above) == sum(quantity > limit for quantity in quantities)


def test_a_literal_is_in_thousandths_too(engine: Engine) -> None:
    """A partial index or a default is written into the statement itself; it means the same number there."""
    said = (
        select(Line.id)
        .where(Line.quantity > literal(Decimal("0.5"), Quantity))
        .compile(engine, compile_kwargs={"literal_binds": True})
    )
    assert "> 500" in str(said)


@pytest.mark.parametrize("value", [0.1, "12", True, Decimal("0.0001"), Decimal(1) / 3])
def test_what_would_be_rounded_is_not_stored(engine: Engine, value: object) -> None:
    """A float or a fourth decimal is a mistake of ours and stops the write (GEN-9)."""
    with Session(engine) as session, pytest.raises(StatementError):
        put(session, value)


@pytest.mark.parametrize(
    "product", [lambda q: q * 2, lambda q: 2 * q, lambda q: q * q, lambda q: q / 2, lambda q: q // 2, lambda q: q % 2]
)
def test_the_database_does_not_multiply(product: Callable[[Any], Any]) -> None:
    """Thousandths times thousandths are no thousandths: that is counted in Python."""
    with pytest.raises(TypeError):
        product(Line.quantity)


def test_an_average_is_no_quantity(engine: Engine) -> None:
    """What the database rounds itself is not passed on as if it were exact."""
    with Session(engine) as session:
        put(session, Decimal("0.001"), Decimal("0.002"))
        with pytest.raises(TypeError):
            session.scalar(select(func.avg(Line.quantity, type_=Quantity)))


@pytest.mark.parametrize(
    ("text", "decimals", "means"),
    [
        ("12", 3, "12"), ("0.50", 3, "0.5"), ("-3", 0, "-3"), ("+5", 0, "5"), (".5", 3, "0.5"), (" 7 ", 0, "7"), ("007", 0, "7"),
        ("１２．５", 3, "12.5"), ("－３", 0, "-3"), ("−4", 0, "-4"), ("　8　", 0, "8"), ("5.000", 0, "5"), ("-0", 0, "0"),
        ("1,234", 0, "1234"), ("1,234", 2, "1234"), ("1，234", 0, "1234"), ("1,234.5", 3, "1234.5"), ("1,234,567", 3, "1234567"),
        ("-1,234,567.250", 2, "-1234567.25"),
    ],
)  # fmt: skip
def test_what_people_write(text: str, decimals: int, means: str) -> None:
    """Full-width digits and thousands separators, where they can mean one number only."""
    assert format_quantity(parse_quantity(text, decimals)) == means


NO_NUMBERS = (
    "", " ", "x", "1 2", "5.", ".", "-", "--1", "5-", "(5)", "¥5", "5%", "12个", "1/2", "NaN", "Infinity", "-inf", "1e5",
    "6.90123E+12", "0x10", "1_000", "1'234", "1.2.3", "٣", "१२", "½", "²", "五", "1\n2", "1\x002", "9" * 41, "=1+1",
)  # fmt: skip
TWO_NUMBERS = ("1,234", "12,5", "0,500", "1.234,5", "1,23,456", "1,2345", "0,123,456")


@pytest.mark.parametrize(
    ("text", "decimals", "code"),
    [
        *((text, 3, "not_a_quantity") for text in NO_NUMBERS),
        *((text, 3, "quantity_ambiguous") for text in TWO_NUMBERS),
        *((text, 2, "quantity_ambiguous") for text in ("12,5", "1234,567")),
        ("0.5", 0, "quantity_decimals"),
        ("0.001", 2, "quantity_decimals"),
        ("0.0001", 3, "quantity_decimals"),
        ("1,234.5678", 3, "quantity_decimals"),
        ("1000000000000", 3, "quantity_too_large"),
        ("-1000000000000", 3, "quantity_too_small"),
    ],
)
def test_what_is_no_quantity_is_refused_by_name(text: str, decimals: int, code: str) -> None:
    """Each has its code, and each code its sentence in both languages."""
    with pytest.raises(QuantityError) as refused:
        parse_quantity(text, decimals)
    assert refused.value.code == code
    assert f"errors.{code}" in catalogue()


@unhurried
@given(st.text(max_size=60), st.integers(0, 3))
def test_any_text_is_a_number_or_a_code(text: str, decimals: int) -> None:
    """Nothing else comes out, and a number keeps to the unit's decimals."""
    code = None
    try:
        found = parse_quantity(text, decimals)
    except QuantityError as problem:
        code = problem.code
    assert f"errors.{code}" in catalogue() if code else found == round(found, decimals) and abs(found) <= MOST


class Said(Schema):
    """An operation's data."""

    pieces = QuantityField(decimals=0, min="0", max=100)
    kilos = QuantityField(required=True, allow_none=True)


def test_a_field_takes_and_gives_text() -> None:
    """On the wire a quantity is text, because a JSON number becomes a float."""
    assert Said().load({"pieces": "12", "kilos": "0.250"}) == {"pieces": Decimal(12), "kilos": Decimal("0.25")}
    assert Said().dump({"pieces": Decimal("12.000"), "kilos": Decimal("0.250")}) == {"pieces": "12", "kilos": "0.25"}
    assert Said().dump({"kilos": None}) == Said().load({"kilos": None}) == {"kilos": None}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (12, "not_a_quantity"), (0.5, "not_a_quantity"), (True, "not_a_quantity"), ([], "not_a_quantity"), ("", "not_a_quantity"),
        ("0.5", "quantity_decimals"), ("-1", "quantity_too_small"), ("101", "quantity_too_large"),
    ],
)  # fmt: skip
def test_a_field_says_what_is_wrong_with_it(value: object, code: str) -> None:
    """The code stands at the field, as in every form."""
    with pytest.raises(ValidationError) as refused:
        Said().load({"pieces": value, "kilos": "1"})
    assert refused.value.messages == {"pieces": [code]}


def test_bounds_are_included() -> None:
    """From `min` to `max`, both allowed."""
    assert [parse_quantity(text, 0, min=0, max="3") for text in ("0", "3")] == [0, 3]
