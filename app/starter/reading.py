"""Reads the starter pack's files and says by file and key what is wrong with them; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, ValidationError, fields, validate

from app.cases.models import SEVERITIES
from app.checklists.templates import BadDocument, Known, TwoTexts, find_cycle, first_error, read_template

PACK = Path(__file__).parent / "pack"
CHECKLISTS = "checklists/"
LONGEST = validate.Length(min=1, max=2000)


class BadPack(ValueError):
    """What is wrong: the file, the key in it, and a sentence."""

    def __init__(self, file: str, key: str, why: str) -> None:
        super().__init__(f"{file}: {key}: {why}" if key else f"{file}: {why}")
        self.file = file
        self.key = key
        self.why = why


@dataclass(frozen=True)
class Pack:
    """Everything in the pack that the product uses so far, checked. `texts` are (kind, body) in the order of the files."""

    roles: list[dict[str, Any]]
    templates: list[dict[str, Any]]
    texts: list[tuple[str, dict[str, Any]]]
    approvals: list[dict[str, Any]]
    stock: dict[str, Any]
    files: Mapping[str, Any] = field(repr=False)


class Named(TwoTexts):
    """An id with its two names."""

    id = fields.Str(required=True, validate=validate.Length(min=1, max=40))


class RoleText(Named):
    """A post; duties, courses and hiring points are kept with it as they stand, for the features that will use them."""

    class Meta:
        unknown = INCLUDE

    team = fields.Str(required=True, validate=validate.OneOf(["show", "crew", "office"]))
    stand_in = fields.Str(required=True, allow_none=True)
    reports_to = fields.Str(required=True, allow_none=True)


class RuleText(Named):
    """A numbered rule."""

    severity = fields.Str(required=True, validate=validate.OneOf(SEVERITIES))
    applies_to = fields.List(fields.Str(), required=True, validate=validate.Length(min=1))
    check = fields.Str(load_default=None)


class ChapterText(Named):
    """Rules that belong together."""

    rules = fields.List(fields.Nested(RuleText), required=True)


class HandbookText(Named):
    """The whole book."""

    version = fields.Str(required=True, validate=validate.Length(min=1, max=20))
    effective_from = fields.Date(required=True)
    review_every_months = fields.Int(required=True, strict=True)
    severity_levels = fields.List(fields.Str(), required=True)
    chapters = fields.List(fields.Nested(ChapterText), required=True, validate=validate.Length(min=1))
    pledge = fields.Nested(TwoTexts, required=True)


class LongTexts(Schema):
    """A longer text in both languages."""

    class Meta:
        unknown = RAISE

    zh = fields.Str(required=True, validate=LONGEST)
    en = fields.Str(required=True, validate=LONGEST)


class PlaybookStep(TwoTexts):
    """Who does what until when, in seconds from detection."""

    t = fields.Int(required=True, strict=True, validate=validate.Range(min=0))
    who = fields.Str(required=True)


class PlaybookText(Named):
    """What to do in one kind of emergency."""

    trigger = fields.Nested(LongTexts, required=True)
    stop_show = fields.Str(required=True, validate=validate.OneOf(["always", "decide", "never"]))
    host_line = fields.Nested(LongTexts, required=True, allow_none=True)
    steps = fields.List(fields.Nested(PlaybookStep), required=True, validate=validate.Length(min=1))
    recover = fields.Nested(LongTexts, required=True)
    evidence = fields.List(fields.Str(), load_default=list)


class ContactText(Named):
    """An emergency number; empty where each site fills in its own."""

    number = fields.Str(required=True, validate=validate.Length(max=40))


class StepsText(Schema):
    """Steps in both languages, one for one."""

    class Meta:
        unknown = RAISE

    zh = fields.List(fields.Str(validate=LONGEST), required=True, validate=validate.Length(min=1))
    en = fields.List(fields.Str(validate=LONGEST), required=True, validate=validate.Length(min=1))


class FaultPlanText(Named):
    """What to do when equipment of a category fails."""

    category = fields.Str(required=True)
    steps = fields.Nested(StepsText, required=True)


class ZoneText(Named):
    """A part of a room with its set-up standard."""

    min_m2 = fields.Float(required=True, allow_none=True)
    standard = fields.Nested(LongTexts, required=True)


class LevelText(Schema):
    """Up to an amount, these roles sign in order."""

    class Meta:
        unknown = RAISE

    up_to = fields.Float(required=True, allow_none=True)
    steps = fields.List(fields.Str(), required=True)


class ApprovalText(Named):
    """An approval chain; the keys of other kinds of requests are left alone."""

    class Meta:
        unknown = EXCLUDE

    levels = fields.List(fields.Nested(LevelText), required=True, validate=validate.Length(min=1))
    never_for = fields.List(fields.Str(), load_default=list)


class UnitText(Named):
    """What a quantity is counted in; a `pack` holds several of something else."""

    decimals = fields.Int(required=True, strict=True, validate=validate.Range(0, 3))
    pack = fields.Bool(load_default=False)


class AreaText(Named):
    """A part of the warehouse; goods are picked from it or not."""

    pick = fields.Bool(required=True)


class CategoryText(Named):
    """A kind of goods, and what is kept of each of them; papers are for the product file."""

    class Meta:
        unknown = EXCLUDE

    lot = fields.Bool(required=True)
    expiry = fields.Bool(required=True)
    serial = fields.Bool(load_default=False)
    near_expiry_days = fields.Int(strict=True, validate=validate.Range(1, 3650))


class ToleranceText(Schema):
    """Within which a difference asks for no recount; the value in yuan (STK-4)."""

    class Meta:
        unknown = RAISE

    units = fields.Float(required=True, validate=validate.Range(0))
    percent = fields.Float(required=True, validate=validate.Range(0, 100))
    value = fields.Float(required=True, validate=validate.Range(0))
    class_a_units = fields.Float(required=True, validate=validate.Range(0))


class CountText(Schema):
    """How the house counts; lines for people are left alone."""

    class Meta:
        unknown = EXCLUDE

    tolerance = fields.Nested(ToleranceText, required=True)
    frequency_days = fields.Dict(
        keys=fields.Str(validate=validate.OneOf(["A", "B", "C"])), values=fields.Int(strict=True), required=True
    )
    blind = fields.Bool(required=True)


Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where PyYAML was built with libyaml


class OneTextOnce(Loader):  # type: ignore[misc]  # chosen at run time
    """YAML in which a key that stands twice is an error: PyYAML alone keeps the last and says nothing."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
        seen.add(key)
    found: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return found


OneTextOnce.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_files(folder: Path = PACK) -> dict[str, Any]:
    """The YAML files of a pack as data, by name relative to its folder."""
    return {
        path.relative_to(folder).as_posix(): read_yaml(path.relative_to(folder).as_posix(), path.read_bytes())
        for path in sorted(folder.rglob("*.yaml"))
    }


def read_yaml(name: str, content: bytes) -> Any:
    """One file as data."""
    try:
        return yaml.load(content.decode("utf-8"), OneTextOnce)  # noqa: S506 - a SafeLoader
    except UnicodeDecodeError as error:
        raise BadPack(name, "", "is not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        raise BadPack(name, where, str(getattr(error, "problem", None) or error)) from error


def read_pack(files: Mapping[str, Any]) -> Pack:
    """The pack's content in the form in which it is kept, or `BadPack` naming file and key."""
    roles = _list(files, "roles.yaml", "roles", RoleText)
    playbooks = _list(files, "playbooks.yaml", "playbooks", PlaybookText)
    faults = _list(files, "equipment.yaml", "fault_plans", FaultPlanText)
    approvals = _list(files, "approval_limits.yaml", "kinds", ApprovalText)
    role_names = {role["id"]: role for role in roles}
    _check_roles(roles, playbooks, approvals, set(role_names))
    lists = {name: raw for name, raw in files.items() if name.startswith(CHECKLISTS)}
    known = Known(
        roles=set(role_names),
        lists={str(raw.get("id")) for raw in lists.values() if isinstance(raw, dict)},
        playbooks={playbook["id"] for playbook in playbooks},
        faults={fault["id"] for fault in faults},
    )
    templates = [_template(name, raw, known) for name, raw in lists.items()]
    _check_lists(dict(zip(lists, templates, strict=True)), approvals)
    texts = [
        *_handbook(files, set(role_names)),
        *(("playbook", _playbook(playbook, role_names)) for playbook in playbooks),
        *(("contact", contact) for contact in _list(files, "playbooks.yaml", "contacts", ContactText)),
        *(("fault_plan", fault) for fault in faults),
        *(("unit", unit) for unit in _list(files, "units.yaml", "units", Named)),
        *(("zone", _without(zone, "min_m2")) for zone in _list(files, "venue.yaml", "zones", ZoneText)),
    ]
    _check_ids(templates, texts)
    return Pack(roles, templates, texts, approvals, _stock(files), files)


def _stock(files: Mapping[str, Any]) -> dict[str, Any]:
    """Units, categories, areas, counting rules and reasons of the stock file."""
    name = "stock.yaml"
    raw = _file(files, name)
    reasons = raw.get("movement_reasons")
    if not isinstance(reasons, dict):
        raise BadPack(name, "movement_reasons", "is not a mapping of keys")
    return {
        "units": _list(files, name, "units", UnitText),
        "statuses": _list(files, name, "statuses", Named),
        "bin_areas": _list(files, name, "bin_areas", AreaText),
        "categories": _list(files, name, "categories", CategoryText),
        "count": _load(CountText, raw.get("count"), name, "count"),
        "movement_reasons": {kind: _entries(found, name, f"movement_reasons.{kind}", Named) for kind, found in reasons.items()},
    }


def _list(files: Mapping[str, Any], name: str, key: str, schema: type[Schema]) -> list[dict[str, Any]]:
    """One list of a file, each entry checked; ids are unique in it."""
    return _entries(_file(files, name).get(key), name, key, schema)


def _entries(raw: Any, name: str, key: str, schema: type[Schema]) -> list[dict[str, Any]]:
    if not isinstance(raw, list):
        raise BadPack(name, key, "is not a list")
    found = []
    for number, entry in enumerate(raw):
        called = entry.get("id", number) if isinstance(entry, dict) else number
        found.append(_load(schema, entry, name, f"{key}.{called}"))
    ids = [entry["id"] for entry in found]
    for id in ids:
        if ids.count(id) > 1:
            raise BadPack(name, f"{key}.{id}", "stands twice")
    return found


def _file(files: Mapping[str, Any], name: str) -> dict[str, Any]:
    raw = files.get(name)
    if not isinstance(raw, dict):
        raise BadPack(name, "", "is missing" if raw is None else "is not a mapping of keys")
    return raw


def _load(schema: type[Schema], raw: Any, name: str, key: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise BadPack(name, key, "is not a mapping of keys")
    try:
        loaded: dict[str, Any] = schema().load(raw)
    except ValidationError as error:
        where, why = first_error(error.normalized_messages(), key)  # type: ignore[no-untyped-call]  # marshmallow's
        raise BadPack(name, where, why) from None
    return loaded


def _check_roles(
    roles: list[dict[str, Any]], playbooks: list[dict[str, Any]], approvals: list[dict[str, Any]], known: set[str]
) -> None:
    for role in roles:
        for key in ("stand_in", "reports_to"):
            if role[key] is not None and role[key] not in known:
                raise BadPack("roles.yaml", f"roles.{role['id']}.{key}", f"{role[key]} is no role")
    for playbook in playbooks:
        for step in playbook["steps"]:
            if step["who"] not in known:
                raise BadPack("playbooks.yaml", f"playbooks.{playbook['id']}.steps", f"{step['who']} is no role")
    for approval in approvals:
        for role in (role for level in approval["levels"] for role in level["steps"]):
            if role not in known:
                raise BadPack("approval_limits.yaml", f"kinds.{approval['id']}.levels", f"{role} is no role")


def _template(name: str, raw: Any, known: Known) -> dict[str, Any]:
    try:
        return read_template(raw, known)
    except BadDocument as bad:
        raise BadPack(name, bad.where, bad.why) from None


def _check_lists(by_file: dict[str, dict[str, Any]], approvals: list[dict[str, Any]]) -> None:
    """Lists do not wait for each other in a circle, and waivers name lists that exist."""
    file_of: dict[str, str] = {}
    for name, template in by_file.items():
        if template["code"] in file_of:
            raise BadPack(name, "id", f"{template['code']} stands in {file_of[template['code']]} too")
        file_of[template["code"]] = name
    circle = find_cycle({template["code"]: template["needs"] for template in by_file.values()})
    if circle:
        raise BadPack(file_of[circle[0]], "needs", f"waits for itself: {' → '.join(circle)}")
    for approval in approvals:
        for code in approval["never_for"]:
            if code not in file_of:
                raise BadPack("approval_limits.yaml", f"kinds.{approval['id']}.never_for", f"{code} is no list")


def _handbook(files: Mapping[str, Any], roles: set[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    """The book as one text, and each of its rules."""
    name = "handbook.yaml"
    book = _load(HandbookText, _file(files, name), name, "")
    yield (
        "handbook",
        {
            **{key: book[key] for key in ("id", "version", "zh", "en", "pledge")},
            "effective_from": book["effective_from"].isoformat(),
            "chapters": [{key: chapter[key] for key in ("id", "zh", "en")} for chapter in book["chapters"]],
        },
    )
    rules = [(chapter, rule) for chapter in book["chapters"] for rule in chapter["rules"]]
    for seq, (chapter, rule) in enumerate(rules, 1):
        for role in rule["applies_to"]:
            if role != "all" and role not in roles:
                raise BadPack(name, f"chapters.{chapter['id']}.rules.{rule['id']}.applies_to", f"{role} is no role")
        yield "rule", {**_without(rule, "check"), "chapter": chapter["id"], "seq": seq}


def _playbook(playbook: dict[str, Any], roles: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Steps carry the role's names: a device with nobody signed in has no roles to look them up in."""
    steps = [{**step, "who_zh": roles[step["who"]]["zh"], "who_en": roles[step["who"]]["en"]} for step in playbook["steps"]]
    return {**_without(playbook, "evidence"), "steps": steps}


def _without(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in names}


def _check_ids(templates: list[dict[str, Any]], texts: list[tuple[str, dict[str, Any]]]) -> None:
    """Ids of lists, items, rules and playbooks are unique in the whole pack: they are what people point at."""
    seen: dict[str, str] = {}
    named = [(template["code"], "checklists") for template in templates]
    named += [(item["id"], t["code"]) for t in templates for section in t["sections"] for item in section["items"]]
    named += [(body["id"], kind) for kind, body in texts if kind in ("rule", "playbook", "fault_plan")]
    for id, where in named:
        if id in seen:
            raise BadPack(where, id, f"stands in {seen[id]} too")
        seen[id] = where
