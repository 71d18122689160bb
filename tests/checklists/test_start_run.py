"""Starting a list by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.checklists.operations import answer_item, start_run
from app.checklists.templates import content_sha
from app.lib.clock import MINUTE
from app.lib.errors import Forbidden, Refused
from app.lib.ids import Id, new_id
from app.starter.operations import load_pack
from app.starter.reading import read_files
from tests.conftest import Cast


def edited(code: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The pack with one list changed."""
    files = read_files()
    for raw in files.values():
        if isinstance(raw, dict) and raw.get("id") == code:
            change(raw)
    return files


def record(tonight: Any, run_id: Id) -> Any:
    return tonight.record("checklist_run", run_id)


def test_it_works_and_reaches_every_replica(tonight: Any, verify_operation: Callable[..., Any]) -> None:
    """Open at once, due after the template's length of time; it waits for no list."""
    run_id = new_id()
    verify_operation(lambda: start_run(tonight.cast.camera, run_id=run_id, template="CL-CAM", title="备用机位"))
    run = record(tonight, run_id)
    assert (run["template"], run["status"], run["title"], run["needs"]) == ("CL-CAM@1", "open", "备用机位", [])
    assert run["due_at"] - run["start_at"] == 60 * MINUTE
    answer_item(tonight.cast.camera, run_id=run_id, item_id="CAM-A5", verdict="pass")


def test_outsider_and_another_post(tonight: Any, device: Callable[[str], Any]) -> None:
    """403 in the office; from a device kept without effect, and its answers say why they have no list (T9)."""
    for actor in (new_id(), tonight.cast.finance, tonight.cast.host):
        with pytest.raises(Forbidden):
            start_run(actor, run_id=new_id(), template="CL-CAM")
    tablet, run_id = device("host"), new_id()
    verdict = tablet.say("checklists.start_run", {"run_id": run_id, "template": "CL-CAM"})
    assert (verdict["status"], verdict["code"]) == ("noted", "not_your_list")
    answer = tablet.say("checklists.answer_item", {"run_id": run_id, "item_id": "CAM-A5", "verdict": "pass"})
    assert (answer["status"], answer["code"]) == ("held", "parent_missing")


def test_wrong_state(tonight: Any, device: Callable[[str], Any]) -> None:
    """No such list, or an id that is taken: malformed at both doors."""
    with pytest.raises(Refused, match="unknown_template"):
        start_run(tonight.cast.camera, run_id=new_id(), template="CL-NOPE")
    with pytest.raises(Refused, match="id_taken"):
        start_run(tonight.cast.camera, run_id=tonight.run_id("CL-CAM"), template="CL-CAM")
    tablet = device("camera")
    for data, code in (
        ({"run_id": new_id(), "template": "CL-NOPE"}, "unknown_template"),
        ({"run_id": tonight.run_id("CL-CAM"), "template": "CL-CAM"}, "id_taken"),
    ):
        verdict = tablet.say("checklists.start_run", data)
        assert (verdict["status"], verdict["code"]) == ("rejected", code)


def test_said_twice_it_is_one_list(tonight: Any, device: Callable[[str], Any]) -> None:
    """GEN-4; T10: answers that arrive in the same batch find their list."""
    tablet, run_id = device("camera"), str(new_id())
    ops = [
        tablet.op("checklists.start_run", {"run_id": run_id, "template": "CL-CAM@1"}),
        tablet.op("checklists.answer_item", {"run_id": run_id, "item_id": "CAM-A5", "verdict": "pass"}),
    ]
    first, again = (tablet.send(*ops)["verdicts"] for _ in range(2))
    assert [v["status"] for v in first] == [v["status"] for v in again] == ["applied", "applied"]
    assert record(tonight, Id(run_id))["counts"]["pass"] == 1


def test_a_run_keeps_its_version(tonight: Any, cast: Cast, device: Callable[[str], Any]) -> None:
    """CHK-1, T29: editing makes a new version; the open run, and one begun on an old copy, stay with theirs."""

    def soften(raw: dict[str, Any]) -> None:
        raw["sections"][0]["items"] = [i for i in raw["sections"][0]["items"] if i["id"] != "CAM-A3"]
        raw["sections"][0]["items"][-1]["critical"] = False

    old = new_id()
    start_run(cast.camera, run_id=old, template="CL-CAM")
    load_pack(cast.admin, files=edited("CL-CAM", soften))
    new, offline = new_id(), new_id()
    start_run(cast.camera, run_id=new, template="CL-CAM")
    device("camera").say("checklists.start_run", {"run_id": offline, "template": "CL-CAM@1"})
    assert [record(tonight, run)["template"] for run in (old, new, offline)] == ["CL-CAM@1", "CL-CAM@2", "CL-CAM@1"]
    answer_item(cast.camera, run_id=old, item_id="CAM-A3", verdict="pass", value="90")
    with pytest.raises(Refused, match="unknown_item"):
        answer_item(cast.camera, run_id=new, item_id="CAM-A3", verdict="pass", value="90")
    first, second = (tonight.record("checklist_template", f"CL-CAM@{n}") for n in (1, 2))
    assert content_sha(first) != content_sha(second)
    assert (first["version"], second["version"]) == (1, 2)


def test_for_a_show_it_replaces_a_cancelled_one(tonight: Any) -> None:
    """CHK-3: a list that waits, waits for the one that was made last and is not cancelled."""
    from app.checklists.operations import cancel_run

    cancel_run(tonight.cast.shift_lead, run_id=tonight.run_id("CL-SAFE"), reason="从头来")
    assert tonight.run("CL-SET")["needs"] == [{"code": "CL-SAFE", "run_id": None, "accepted_at": None}]
    run_id = new_id()
    start_run(tonight.cast.safety_officer, run_id=run_id, template="CL-SAFE", show_id=tonight.show_id)
    assert tonight.run("CL-SET")["needs"][0]["run_id"] == str(run_id)
