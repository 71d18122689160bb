"""Loading the starter pack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.lib.errors import Forbidden, Refused
from app.lib.ids import new_id
from app.starter.operations import load_pack
from app.starter.reading import read_files
from app.sync.engine import engine
from app.sync.models import Bucket, Record
from tests.conftest import Cast

Fresh = Callable[[], Session]


def record(fresh: Fresh, kind: str, id: str) -> Any:
    data = fresh().scalar(select(Record.data).where(Record.kind == kind, Record.id == id, Record.gone.is_(False)))
    return None if data is None else orjson.loads(data)


def heads(fresh: Fresh) -> dict[str, int]:
    return {row.name: row.rev for row in fresh().scalars(select(Bucket))}


def test_everything_is_there(cast: Cast, fresh: Fresh) -> None:
    """Lists, roles and texts of the pack as devices read them; playbooks where nobody need be signed in (SAF-1)."""
    kinds = dict(fresh().execute(select(Record.kind, func.count()).group_by(Record.kind)).all())
    expected = {
        "checklist_template": 20, "role": 26, "rule": 32, "playbook": 10, "contact": 6, "fault_plan": 9, "unit": 12, "zone": 7,
        "handbook": 1,
    }  # fmt: skip
    assert {kind: kinds[kind] for kind in expected} == expected
    playbook = fresh().scalar(select(Record.bucket).where(Record.kind == "playbook", Record.id == "EP-FIRE"))
    assert playbook == f"site:{cast.site_id}:safety"
    step = record(fresh, "playbook", "EP-FIRE")["steps"][0]
    assert (step["t"], step["who"], step["who_zh"], step["who_en"]) == (5, "safety_officer", "安全员", "Safety officer")
    assert record(fresh, "rule", "R-204")["chapter"] == "HB-2"
    assert [chapter["id"] for chapter in record(fresh, "handbook", "HB")["chapters"]][:2] == ["HB-1", "HB-2"]


def test_the_same_again_changes_nothing(cast: Cast, fresh: Fresh) -> None:
    """Idempotent: no record is made anew, no revision grows."""
    before = heads(fresh)
    load_pack(cast.admin, files=read_files())
    assert heads(fresh) == before


def test_what_changed_reaches_every_replica(cast: Cast, fresh: Fresh, verify_operation: Callable[..., Any]) -> None:
    """CHK-1: a changed list is the next version beside the old one; a changed rule is the rule."""
    files = read_files()
    files["checklists/03-lighting.yaml"]["sections"][0]["items"][2]["min"] = 15
    files["handbook.yaml"]["chapters"][0]["rules"][0]["en"] = "Every task has one owner."
    verify_operation(lambda: load_pack(cast.admin, files=files))
    old, new = (record(fresh, "checklist_template", f"CL-LGT@{n}") for n in (1, 2))
    assert [template["sections"][0]["items"][2]["min"] for template in (old, new)] == [10, 15]
    assert record(fresh, "rule", "R-101")["en"] == "Every task has one owner."
    assert record(fresh, "checklist_template", "CL-CAM@2") is None


def test_outsider_and_wrong_role(cast: Cast, device: Callable[[str], Any]) -> None:
    """Only who manages people; 403, and rejected from a device."""
    for actor in (new_id(), cast.logistics_manager):
        with pytest.raises(Forbidden):
            load_pack(actor, files=read_files())
    verdict = device("logistics_manager").say("starter.load_pack", {"files": {}})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


def test_a_wrong_pack_changes_nothing(cast: Cast, fresh: Fresh, device: Callable[[str], Any]) -> None:
    """Wrong state: all or nothing, told by file and key; the same code at both doors."""
    before, files = heads(fresh), read_files()
    files["checklists/03-lighting.yaml"]["zh"] = "改过"
    files["checklists/20-spot-check.yaml"]["owner_role"] = "wizard"
    with pytest.raises(Refused, match="bad_pack") as refusal:
        load_pack(cast.admin, files=files)
    assert refusal.value.facts == {"file": "checklists/20-spot-check.yaml", "key": "owner_role", "why": "wizard is no role"}
    assert heads(fresh) == before
    verdict = device("admin").say("starter.load_pack", {"files": {}})
    assert (verdict["status"], verdict["code"]) == ("rejected", "bad_pack")


def test_said_twice_it_is_loaded_once(cast: Cast, fresh: Fresh) -> None:
    """GEN-4: the repetition tells what became of the first."""
    files, operation_id = read_files(), new_id()
    files["units.yaml"]["units"].append({"id": "rolls", "zh": "卷", "en": "rolls"})
    first, again = (engine().perform(load_pack, cast.admin, {"files": files}, operation_id=operation_id) for _ in range(2))
    assert first.id == again.id == operation_id
    assert record(fresh, "unit", "rolls") == {"id": "rolls", "zh": "卷", "en": "rolls"}
