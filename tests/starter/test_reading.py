"""What is wrong with a pack is told by file and key."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from app.checklists.templates import find_cycle
from app.starter.reading import BadPack, read_files, read_pack, read_yaml

SAFETY = "checklists/01-safety.yaml"
LIGHT = "checklists/03-lighting.yaml"


@cache
def pack() -> dict[str, Any]:
    return read_files()


def files() -> dict[str, Any]:
    return copy.deepcopy(pack())


def item(found: dict[str, Any], name: str, id: str) -> dict[str, Any]:
    return next(i for section in found[name]["sections"] for i in section["items"] if i["id"] == id)


def test_every_key_of_the_pack_is_honoured() -> None:
    """Plain words become choices, missing keys are written out, limits stay as they are written."""
    read = read_pack(files())
    lists = {template["code"]: template for template in read.templates}
    ratio = next(i for s in lists["CL-LGT"]["sections"] for i in s["items"] if i["id"] == "LGT-B5")
    assert ratio["choices"][0] == {"id": "1:1", "zh": "1:1", "en": "1:1"}
    assert ratio["fail_if"] == ["3:1"]
    loss = next(i for s in lists["CL-NET"]["sections"] for i in s["items"] if i["id"] == "NET-A3")
    assert (loss["max"], loss["min"], loss["unit"], loss["playbook"]) == (0.5, None, "%", "EP-NET")
    assert lists["CL-GRN"]["sampling"]["en"].startswith("Count every carton")
    assert lists["CL-AIR"]["repeat_min"] == 15
    assert lists["CL-GNG"]["needs"][0] == "CL-SAFE"
    assert len(read.templates) == 20
    assert next(a for a in read.approvals if a["id"] == "waiver")["never_for"] == ["CL-SAFE"]


def first_rule(found: dict[str, Any]) -> Any:
    return found["handbook.yaml"]["chapters"][0]["rules"][0]


def waiver(found: dict[str, Any]) -> Any:
    return next(kind for kind in found["approval_limits.yaml"]["kinds"] if kind["id"] == "waiver")


def first_step(found: dict[str, Any]) -> Any:
    return found["playbooks.yaml"]["playbooks"][0]["steps"][0]


LIMITS = "approval_limits.yaml"
BOOK = "handbook.yaml"
WRONG: list[tuple[str, Callable[[dict[str, Any]], Any], str, str]] = [
    ("a file is missing", lambda f: f.pop("units.yaml"), "units.yaml", ""),
    ("a file is a list", lambda f: f.update({SAFETY: ["x"]}), SAFETY, ""),
    ("no Chinese", lambda f: f[SAFETY].pop("zh"), SAFETY, "zh"),
    ("an unknown key", lambda f: f[SAFETY].update(colour="red"), SAFETY, "colour"),
    ("an unknown anchor", lambda f: f[SAFETY].update(anchor="moon"), SAFETY, "anchor"),
    ("an unknown role", lambda f: f[SAFETY].update(owner_role="wizard"), SAFETY, "owner_role"),
    ("one person does both", lambda f: f[SAFETY].update(accept_role="safety_officer"), SAFETY, "accept_role"),
    ("an unknown list", lambda f: f[SAFETY].update(needs=["CL-NOPE"]), SAFETY, "needs"),
    ("due before it starts", lambda f: f[SAFETY].update(due_offset_min=-300), SAFETY, "due_offset_min"),
    ("an offset that is a text", lambda f: f[SAFETY].update(start_offset_min="-240"), SAFETY, "start_offset_min"),
    ("lists wait in a circle", lambda f: f[SAFETY].update(needs=["CL-GNG"]), SAFETY, "needs"),
    ("no items", lambda f: f[SAFETY]["sections"][0].update(items=[]), SAFETY, "sections.0.items"),
    ("an unknown kind", lambda f: item(f, SAFETY, "SAFE-F3").update(kind="smell"), SAFETY, "sections.0.items.2.kind"),
    ("a limit on a tick", lambda f: item(f, SAFETY, "SAFE-F3").update(min=1), SAFETY, "SAFE-F3.kind"),
    ("limits crossed", lambda f: item(f, SAFETY, "SAFE-P4").update(min=30), SAFETY, "SAFE-P4.min"),
    ("a limit that is none", lambda f: item(f, SAFETY, "SAFE-F2").update(min=True), SAFETY, "sections.0.items.1.min"),
    ("an infinite limit", lambda f: item(f, SAFETY, "SAFE-F2").update(min=float("inf")), SAFETY, "sections.0.items.1.min"),
    ("an item twice", lambda f: item(f, SAFETY, "SAFE-F3").update(id="SAFE-F4"), SAFETY, "SAFE-F4"),
    ("waits for nothing", lambda f: item(f, SAFETY, "SAFE-F3").update(after=["NOPE"]), SAFETY, "SAFE-F3.after"),
    ("items in a circle", lambda f: item(f, SAFETY, "SAFE-E1").update(after=["SAFE-E2"]), SAFETY, "SAFE-E1.after"),
    ("an unknown playbook", lambda f: item(f, SAFETY, "SAFE-F3").update(playbook="EP-X"), SAFETY, "SAFE-F3.playbook"),
    ("an unknown fault plan", lambda f: item(f, LIGHT, "LGT-A2").update(fault="FP-X"), LIGHT, "LGT-A2.fault"),
    ("a choice without choices", lambda f: item(f, LIGHT, "LGT-B5").pop("choices"), LIGHT, "LGT-B5.choices"),
    ("a choice twice", lambda f: item(f, LIGHT, "LGT-B5").update(choices=["1:1", "1:1", "3:1"]), LIGHT, "LGT-B5.choices"),
    ("fails on nothing", lambda f: item(f, LIGHT, "LGT-B5").update(fail_if=["9:1"]), LIGHT, "LGT-B5.fail_if"),
    ("half a choice", lambda f: item(f, LIGHT, "LGT-B5").update(choices=["1:1", {"id": "x"}]), LIGHT, "LGT-B5.choices.1.zh"),
    ("the same list twice", lambda f: f.update({"checklists/21.yaml": f[SAFETY]}), "checklists/21.yaml", "id"),
    ("an item of two lists", lambda f: item(f, LIGHT, "LGT-A4").update(id="SAFE-F3"), "CL-LGT", "SAFE-F3"),
    ("a stand-in that is none", lambda f: f["roles.yaml"]["roles"][0].update(stand_in="x"), "roles.yaml", "roles.host.stand_in"),
    ("a role twice", lambda f: f["roles.yaml"]["roles"][1].update(id="host"), "roles.yaml", "roles.host"),
    ("nobody does a step", lambda f: first_step(f).update(who="x"), "playbooks.yaml", "playbooks.EP-PWR.steps"),
    ("a severity that is none", lambda f: first_rule(f).update(severity="huge"), BOOK, "chapters.0.rules.0.severity"),
    ("a rule for nobody", lambda f: first_rule(f).update(applies_to=["x"]), BOOK, "chapters.HB-1.rules.R-101.applies_to"),
    ("a waiver nobody signs", lambda f: waiver(f)["levels"][0].update(steps=["x"]), LIMITS, "kinds.waiver.levels"),
    ("a waiver of no list", lambda f: waiver(f).update(never_for=["CL-X"]), LIMITS, "kinds.waiver.never_for"),
    ("units are no list", lambda f: f["units.yaml"].update(units={}), "units.yaml", "units"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "file", "key"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_fault_is_told_by_file_and_key(change: Callable[[dict[str, Any]], Any], file: str, key: str) -> None:
    """quality.md, proof 5: wrong type, unknown reference, twice, missing, in a circle."""
    found = files()
    change(found)
    with pytest.raises(BadPack) as bad:
        read_pack(found)
    assert (bad.value.file, bad.value.key) == (file, key)
    assert str(bad.value).startswith(file)


@pytest.mark.parametrize(
    ("content", "key", "why"),
    [
        (b"a: 1\nb: 2\na: 3\n", "line 3", "key 'a' stands twice"),
        (b"a: !!python/object/apply:os.system ['x']\n", "line 1", "could not determine a constructor"),
        ("名: 好".encode("gb18030"), "", "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(content: bytes, key: str, why: str) -> None:
    """Other encoding, broken YAML, a key that stands twice, code: the file and the line."""
    with pytest.raises(BadPack) as bad:
        read_yaml("units.yaml", content)
    assert (bad.value.file, bad.value.key) == ("units.yaml", key)
    assert why in bad.value.why


def test_broken_yaml_names_its_line() -> None:
    """Where the reader gave up; libyaml and PyYAML's own reader do not put it in the same words."""
    with pytest.raises(BadPack) as bad:
        read_yaml("units.yaml", b"units:\n  - {id: pcs, zh: [}\n")
    assert (bad.value.file, bad.value.key) == ("units.yaml", "line 2")


def test_a_circle_is_found_wherever_it_lies() -> None:
    """The names in it, in order; a diamond is none."""
    assert find_cycle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c", "b"]
    assert find_cycle({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}) is None
