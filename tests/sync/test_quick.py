"""The short way through a schema gives what the schema gives, and leaves every fault to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.checklists.schemas import AnswerItem
from app.lib.ids import new_id
from app.lib.quantities import QuantityField
from app.sync.quick import quick_loader

ID = str(new_id())


class Everyday(Schema):
    id = fields.UUID(required=True)
    name = fields.Str(validate=validate.Length(max=3), allow_none=True)
    count = fields.Int(strict=True, validate=validate.Range(min=1))
    yes = fields.Bool(load_default=False)
    much = QuantityField(decimals=2, min="-5", max="5", allow_none=True)
    names = fields.List(fields.Str(validate=validate.OneOf(["a", "b"])), validate=validate.Length(max=2))

    @validates_schema
    def check_both(self, data: dict[str, Any], **_: Any) -> None:
        if "name" in data and "count" in data:
            raise ValidationError("not both", "name")


VALUES = st.sampled_from(
    [
        None, "", "abc", "abcd", ID, ID.upper(), "x", 0, 1, -1, 1.0, True, False, [], ["a"], ["a", "c"], ["a"] * 3, {}, "1.50",
        "-5", "5.01", "0.125", "1e1",
    ]
)  # fmt: skip
DATA = st.dictionaries(st.sampled_from(["id", "name", "count", "yes", "much", "names", "other"]), VALUES)


def loaded(schema: Schema, data: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return dict(schema.load(data))
    except ValidationError:
        return None


@given(data=DATA, id=st.booleans())
def test_agrees_with_the_schema(data: dict[str, Any], id: bool) -> None:
    """Whatever it lets through is what the schema would have loaded, types included."""
    data = {**data, "id": ID} if id else data
    found = quick_loader(Everyday())(data)
    if found is not None:
        expected = loaded(Everyday(), data)
        assert found == expected
        assert [type(found[name]) for name in sorted(found)] == [type(expected[name]) for name in sorted(expected)]


@pytest.mark.parametrize("data", [{}, {"name": None}, {"count": 1}, {"names": ["a", "b"], "yes": True}, {"much": "-0.25"}])
def test_takes_what_is_right(data: dict[str, Any]) -> None:
    """Good data goes the short way, or the way would be for nothing."""
    assert quick_loader(Everyday())({"id": ID, **data}) is not None


def test_leaves_hooks_to_the_schema() -> None:
    """A schema that makes something else of its data is asked itself."""

    class Hooked(Schema):
        id = fields.UUID()

        @post_load
        def change(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
            return {**data, "more": 1}

    assert quick_loader(Hooked())({"id": ID}) is None


def test_an_answer_goes_the_short_way() -> None:
    """The commonest operation of all."""
    said = {"run_id": ID, "item_id": "A-1", "verdict": "pass", "value": None, "photos": [], "fixed": False}
    assert quick_loader(AnswerItem())(said) is not None
