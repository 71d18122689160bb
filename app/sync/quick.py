"""A short way through a schema for data that is as it should be; what is wrong with other data the schema itself says.

Loading is most of what checking a push costs, and most of loading is bookkeeping for errors that hardly ever come.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from app.lib.ids import Id, parse_id
from app.lib.quantities import QuantityField, parse_quantity

Data = dict[str, Any]
Check = Callable[[Any], Any]  # the loaded value, or ValueError
SCHEMA_RULES = "validates_schema"


def quick_loader(schema: Schema) -> Callable[[Data], Data | None]:
    """A function that gives what `schema.load` would, or None: ask the schema.

    It knows the everyday fields and lets their own validators speak. A schema with hooks of its own is not for it.
    """
    checks = {name: check for name, field in schema.fields.items() if (check := _check_of(field)) is not None}
    required = {name for name, field in schema.fields.items() if field.required}
    defaults = {name: field.load_default for name, field in schema.fields.items() if field.load_default is not missing}
    rules = [getattr(schema, name) for name, *_ in schema._hooks[SCHEMA_RULES]]
    if not _is_plain(schema) or any(callable(default) for default in defaults.values()):
        return lambda data: None

    def load(data: Data) -> Data | None:
        if not required <= data.keys():
            return None
        try:
            found = {name: checks[name](value) for name, value in data.items()}
            found = {**defaults, **found} if defaults else found
            for rule in rules:
                rule(found, partial=False, many=False, unknown=RAISE)
        except (KeyError, ValueError, ValidationError):
            return None
        return found

    return load


def _is_plain(schema: Schema) -> bool:
    """Whether nothing but fields and rules over several of them stands between the data and what is loaded."""
    hooks = {kind: found for kind, found in schema._hooks.items() if found}
    renamed = any(field.data_key or field.attribute or field.dump_only for field in schema.fields.values())
    rules_see_data = all(not options["pass_original"] for *_, options in hooks.pop(SCHEMA_RULES, ()))
    return schema.unknown == RAISE and not schema.many and not schema.partial and not hooks and not renamed and rules_see_data


def _check_of(field: fields.Field[Any]) -> Check | None:
    """What checks and converts a value of this field, or None where only the field knows."""
    convert = CONVERSIONS.get(type(field))
    if isinstance(field, fields.List):
        inner = _check_of(field.inner)
        convert = _list_of(inner) if inner is not None and type(field) is fields.List else None
    if type(field) is QuantityField:
        convert = _quantity_of(field)
    if convert is None or field.pre_load or field.post_load:
        return None
    return _checked(convert, field.allow_none, list(field.validators))


def _checked(convert: Check, allow_none: bool, validators: list[Check]) -> Check:
    if not allow_none and not validators:
        return convert

    def check(value: Any) -> Any:
        if value is None and allow_none:
            return None
        found = convert(value)
        for validate in validators:
            validate(found)
        return found

    return check


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError
    return value


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _id(value: Any) -> Id:
    found = parse_id(value)
    if found is None:
        raise ValueError
    return found


def _list_of(inner: Check) -> Check:
    def convert(value: Any) -> list[Any]:
        if type(value) is not list:
            raise ValueError
        return [inner(one) for one in value]

    return convert


def _quantity_of(field: QuantityField) -> Check:
    def convert(value: Any) -> Any:
        return parse_quantity(_text(value), field.decimals, min=field.min, max=field.max)

    return convert


CONVERSIONS: dict[type, Check] = {
    fields.String: _text,
    fields.Integer: _whole,
    fields.Boolean: _truth,
    fields.UUID: _id,
}
