"""A list's text as people write it (YAML of the starter pack) and as it is kept: every key named, checked, in full."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields, validate

ANCHORS = (
    "show_start", "off_air", "day_open", "day_close", "receipt", "return", "manifest", "maintenance", "drill", "spot_check",
)  # fmt: skip
KINDS = ("tick", "number", "photo", "text", "choice", "scan", "signature")
PHASES = ("pre", "live", "post", "daily", "event")
CODE = validate.Regexp(r"^[A-Z0-9][A-Z0-9-]{0,39}$")
NAME = validate.Length(min=1, max=400)


class BadDocument(ValueError):
    """A document that cannot be kept: `where` is the path of keys, `why` a sentence."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}" if where else why)
        self.where = where
        self.why = why


class Limit(fields.Field[Any]):
    """A number as written: whole, or with a decimal point; never infinite, never true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int | float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("is not a number")
        if not Decimal(str(value)).is_finite():
            raise ValidationError("is not a finite number")
        return value


class TwoTexts(Schema):
    """A text in both languages (GEN-8)."""

    class Meta:
        unknown = RAISE

    zh = fields.Str(required=True, validate=NAME)
    en = fields.Str(required=True, validate=NAME)


class Choice(TwoTexts):
    """One possible answer of a choice."""

    id = fields.Str(required=True, validate=validate.Length(min=1, max=60))


class When(Schema):
    """Under which answer to an earlier item this one is asked (F22)."""

    class Meta:
        unknown = RAISE

    item = fields.Str(required=True)
    is_ = fields.List(fields.Str(), required=True, data_key="is", attribute="is", validate=validate.Length(min=1))


class ItemText(TwoTexts):
    """One line to be answered."""

    id = fields.Str(required=True, validate=CODE)
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    critical = fields.Bool(load_default=False)
    unit = fields.Str(load_default=None, validate=validate.Length(min=1, max=20))
    min = Limit(load_default=None)
    max = Limit(load_default=None)
    choices = fields.List(fields.Raw(), load_default=None, validate=validate.Length(min=2, max=40))
    fail_if = fields.List(fields.Str(), load_default=list)
    after = fields.List(fields.Str(), load_default=list)
    when = fields.Nested(When)
    playbook = fields.Str(load_default=None)
    fault = fields.Str(load_default=None)
    na_allowed = fields.Bool(load_default=False)


class SectionText(TwoTexts):
    """Items that belong together."""

    id = fields.Str(required=True, validate=CODE)
    items = fields.List(fields.Nested(ItemText), required=True, validate=validate.Length(min=1))


class TemplateText(TwoTexts):
    """A whole list."""

    id = fields.Str(required=True, validate=CODE)
    version = fields.Int(required=True, strict=True, validate=validate.Range(min=1))
    phase = fields.Str(required=True, validate=validate.OneOf(PHASES))
    anchor = fields.Str(required=True, validate=validate.OneOf(ANCHORS))
    start_offset_min = fields.Int(required=True, strict=True)
    due_offset_min = fields.Int(required=True, strict=True)
    repeat_min = fields.Int(load_default=None, strict=True, validate=validate.Range(min=1))
    owner_role = fields.Str(required=True)
    accept_role = fields.Str(required=True)
    needs = fields.List(fields.Str(), load_default=list)
    standard = fields.Nested(TwoTexts, load_default=None)
    sampling = fields.Nested(TwoTexts, load_default=None)
    sections = fields.List(fields.Nested(SectionText), required=True, validate=validate.Length(min=1))


@dataclass(frozen=True)
class Known:
    """What a list may refer to."""

    roles: Set[str]
    lists: Set[str]
    playbooks: Set[str]
    faults: Set[str]


def read_template(raw: Any, known: Known) -> dict[str, Any]:
    """The list as its record shows it, or `BadDocument` naming the key that is wrong."""
    if not isinstance(raw, dict):
        raise BadDocument("", "is not a mapping of keys")
    try:
        text: dict[str, Any] = TemplateText().load(raw)
    except ValidationError as error:
        raise BadDocument(*first_error(error.normalized_messages())) from None  # type: ignore[no-untyped-call]  # marshmallow's
    _check_references(text, known)
    sections = [{**section, "items": [_item(item) for item in section["items"]]} for section in text["sections"]]
    _check_items(text, sections, known)
    return {
        "code": text["id"],
        **{name: text[name] for name in ("version", "zh", "en", "phase", "anchor")},
        **{name: text[name] for name in ("start_offset_min", "due_offset_min", "repeat_min")},
        **{name: text[name] for name in ("owner_role", "accept_role", "needs", "standard", "sampling")},
        "sections": sections,
    }


def content_sha(document: Mapping[str, Any]) -> str:
    """Tells an edit from a repetition: everything but the version."""
    said = {name: value for name, value in document.items() if name != "version"}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def first_error(messages: Mapping[Any, Any], path: str = "") -> tuple[str, str]:
    """Of marshmallow's nested messages the first: path of keys, and what is wrong there."""
    for key, value in messages.items():
        where = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            return first_error(value, where)
        return where, str(value[0] if isinstance(value, list) else value)
    return path, "is wrong"


def find_cycle(before: Mapping[str, list[str]]) -> list[str] | None:
    """A circle of things that wait for each other, or None."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        for other in before.get(name, ()):
            if circle := visit(other, (*path, name)):
                return circle
        done.add(name)
        return None

    return next((circle for name in before if (circle := visit(name, ()))), None)


def _check_references(text: dict[str, Any], known: Known) -> None:
    for key in ("owner_role", "accept_role"):
        if text[key] not in known.roles:
            raise BadDocument(key, f"{text[key]} is no role")
    if text["owner_role"] == text["accept_role"]:
        raise BadDocument("accept_role", "is the owner's: two people means two people (GEN-3)")
    for code in text["needs"]:
        if code not in known.lists:
            raise BadDocument("needs", f"{code} is no list")
    if text["due_offset_min"] < text["start_offset_min"]:
        raise BadDocument("due_offset_min", "lies before start_offset_min")


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """Choices in full: a plain word reads the same in both languages."""
    if item["choices"] is None:
        return item
    choices = []
    for number, choice in enumerate(item["choices"]):
        where = f"{item['id']}.choices.{number}"
        if isinstance(choice, dict):
            try:
                choices.append(Choice().load(choice))
            except ValidationError as error:
                raise BadDocument(*first_error(error.normalized_messages(), where)) from None  # type: ignore[no-untyped-call]  # marshmallow's
        elif isinstance(choice, str) and choice:
            choices.append({"id": choice, "zh": choice, "en": choice})
        else:
            raise BadDocument(where, "is neither a word nor {id, zh, en}")
    return {**item, "choices": choices}


def _check_items(text: dict[str, Any], sections: list[dict[str, Any]], known: Known) -> None:
    items = [item for section in sections for item in section["items"]]
    ids = [item["id"] for item in items]
    for id in {id for id in ids if ids.count(id) > 1}:
        raise BadDocument(id, "stands twice in this list")
    for item in items:
        for where, why in _faults(item, set(ids), known):
            raise BadDocument(f"{item['id']}.{where}", why)
    for where, why in _faults_of_when(items):
        raise BadDocument(where, why)
    if circle := find_cycle({item["id"]: item["after"] for item in items}):
        raise BadDocument(f"{circle[0]}.after", f"waits for itself: {' → '.join(circle)}")


def _faults(item: dict[str, Any], ids: set[str], known: Known) -> Iterator[tuple[str, str]]:
    """What is wrong with one item."""
    if item["kind"] != "number" and (item["min"] is not None or item["max"] is not None or item["unit"]):
        yield "kind", "only a number has unit, min and max"
    if item["min"] is not None and item["max"] is not None and item["min"] > item["max"]:
        yield "min", "is above max"
    if (item["kind"] == "choice") != (item["choices"] is not None):
        yield "choices", "belong to kind choice, and kind choice needs them"
    chosen = [choice["id"] for choice in item["choices"] or ()]
    if len(set(chosen)) < len(chosen):
        yield "choices", "name one id twice"
    for id in item["fail_if"]:
        if id not in chosen:
            yield "fail_if", f"{id} is no choice of this item"
    for id in item["after"]:
        if id not in ids:
            yield "after", f"{id} is no item of this list"
    if item["playbook"] is not None and item["playbook"] not in known.playbooks:
        yield "playbook", f"{item['playbook']} is no playbook"
    if item["fault"] is not None and item["fault"] not in known.faults:
        yield "fault", f"{item['fault']} is no fault plan"


def _faults_of_when(items: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """An item may ask for an earlier one, by what can be said to it, and nothing waits for what may never be asked."""
    earlier: dict[str, dict[str, Any]] = {}
    for item in items:
        if when := item.get("when"):
            named = earlier.get(when["item"])
            if named is None:
                yield f"{item['id']}.when.item", f"{when['item']} is no item above this one"
                return
            known = ["pass", "fail", "na", *(choice["id"] for choice in named["choices"] or ())]
            for word in when["is"]:
                if word not in known:
                    yield f"{item['id']}.when.is", f"{word} cannot be said to {named['id']}: {', '.join(known)}"
        earlier[item["id"]] = item
    for item in items:
        for id in item["after"]:
            if earlier[id].get("when"):
                yield f"{item['id']}.after", f"{id} is not always asked, so nothing can wait for it"
