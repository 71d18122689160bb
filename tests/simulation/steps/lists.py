"""Lists: started, opened, answered, taken back, finished, signed, sent back; answers of two devices that disagree."""

from __future__ import annotations

from random import Random
from typing import Any

from app.checklists.operations import cancel_run, decide_contested, force_finish, reopen_run
from app.checklists.sheet import access_sheet
from app.lib.ids import Id
from tests.simulation.device import Device
from tests.simulation.house import uuid7_of
from tests.simulation.stage import LEADS, LIST, picture, sha_of
from tests.simulation.steps import floor, office
from tests.simulation.world import World

ON = ("open", "scheduled")
PHOTOS = 20


def _runs(device: Device, *statuses: str) -> list[dict[str, Any]]:
    """Runs the device knows, those among them that it began itself and has not heard of yet."""
    known = {run["id"]: run for run in device.all("checklist_run") if run["code"] in device.world.stage.good}
    for row in device.pending("checklists.start_run"):
        known.setdefault(row["data"]["run_id"], {"id": row["data"]["run_id"], "code": LIST, "status": "open", "state": ""})
    return sorted((run for run in known.values() if run["status"] in (statuses or ON)), key=lambda run: run["id"])


def _say(device: Device, verb: str, run_id: str, *, item: str | None = None, **data: Any) -> str:
    """An operation on a run or on an item of it."""
    more = {name: data.pop(name) for name in ("basis", "blobs", "shows") if name in data}
    about = [("checklist_run", run_id)] + ([("checklist_item", f"{run_id}/{item}")] if item else [])
    said = {"run_id": run_id, **({"item_id": item} if item else {}), **data}
    return device.append(f"checklists.{verb}", said, about=about, **more)


def _answer(device: Device, dice: Random, run: dict[str, Any], said: dict[str, Any]) -> None:
    item, said = said["item_id"], {name: value for name, value in said.items() if name != "item_id"}
    name = f"{run['id']}/{item}"
    record = device.get("checklist_item", name)
    basis = [*(record["state"] if record else []), *device.pending_on("checklist_item", name)]
    photos = []
    if "photos" in said:
        kind, n = ("damaged", 0) if said["photos"] == [sha_of("damaged")] else ("JPEG", dice.randrange(PHOTOS))
        photos = said["photos"] = [device.keep_blob(sha_of(kind, n), picture(kind, n))]
    shows = (f"site:{device.world.stage.site}", "checklist_item", name)
    _say(device, "answer_item", run["id"], item=item, basis=basis[:50], blobs=photos, shows=shows, **said)


@floor(2)
def start(device: Device, dice: Random) -> None:
    """A list is begun by hand."""
    run_id = str(uuid7_of(device.wall(), dice))
    _say(device, "start_run", run_id, template=LIST)


@floor(3)
def open_list(device: Device, dice: Random) -> None:
    """A person takes a list in hand."""
    if runs := _runs(device):
        _say(device, "open_run", dice.choice(runs)["id"])


@floor(16)
def answer(device: Device, dice: Random) -> None:
    """A few items of a list, some wrong, some taken back."""
    if not (runs := _runs(device)):
        return
    run = dice.choice(runs)
    good = device.world.stage.good[run["code"]]
    for said in dice.sample(good, dice.randint(2, 8)):
        turn = dice.random()
        if turn < 0.2:
            said = {"item_id": said["item_id"], "verdict": "fail", "note": "broken off", "severity": "minor"}
        elif turn < 0.28:
            said = {"item_id": said["item_id"], "verdict": "cleared"}
        elif turn < 0.34:
            said = {**said, "photos": [sha_of("damaged")]}
        _answer(device, dice, run, said)


@floor(5)
def fill(device: Device, dice: Random) -> None:
    """A whole list well done, and finished."""
    runs = [run for run in _runs(device) if run["code"] == LIST]
    if not runs:
        return
    run = dice.choice(runs)
    for said in device.world.stage.good[LIST]:
        _answer(device, dice, run, said)
    _say(device, "finish_run", run["id"])


@floor(3)
def finish(device: Device, dice: Random) -> None:
    """Somebody says a list is done."""
    if runs := _runs(device, "open", "done"):
        _say(device, "finish_run", dice.choice(runs)["id"])


@floor(2)
def late_answer(device: Device, dice: Random) -> None:
    """An answer to a list that is over."""
    if runs := _runs(device, "done", "accepted", "cancelled"):
        run = dice.choice(runs)
        _answer(device, dice, run, dice.choice(device.world.stage.good[run["code"]]))


@floor(1)
def fault(device: Device, dice: Random) -> None:
    """A fault is reported about an item."""
    if runs := _runs(device):
        run = dice.choice(runs)
        item = dice.choice(device.world.stage.good[run["code"]])["item_id"]
        case = str(uuid7_of(device.wall(), dice))
        _say(device, "report_fault", run["id"], item=item, case_id=case, kind="fault", severity="minor")


@floor(4)
def sign(device: Device, dice: Random) -> None:
    """Somebody accepts a finished list, or sends it back, on what the device shows."""
    if not (runs := _runs(device, "done")):
        return
    run = dice.choice(runs)
    if dice.random() < 0.25:
        _say(device, "reject_run", run["id"], reason="once more", items=[], basis=[run["state"]])
        return
    signature = device.keep_blob(sha_of("PNG"), picture("PNG"))
    shown = {
        item["item_id"]: sorted(item["state"])
        for item in device.all("checklist_item")
        if item["run_id"] == run["id"] and item["state"]
    }
    id = _say(device, "accept_run", run["id"], signature=signature, basis=[run["state"]], blobs=[signature])
    device.world.shown[id] = shown


@floor(2)
def decide(device: Device, dice: Random) -> None:
    """A lead says which of two answers stands."""
    if contested := sorted(device.all("contested_item"), key=lambda one: (one["run_id"], one["item_id"])):
        one = dice.choice(contested)
        answer_id = dice.choice(one["answers"])["id"]
        _say(device, "decide_contested", one["run_id"], item=one["item_id"], answer_id=answer_id, basis=one["state"])


@office(3)
def lead(world: World, dice: Random) -> None:
    """A lead forces an end, cancels or opens again, on what stands now."""
    with world.house.reading() as session:
        runs = sorted(world.runs(session), key=lambda run: str(run.id))
        if not runs:
            return
        run = dice.choice(runs)
        state = access_sheet(session, world.stage.site, run.id).state()
    login = dice.choice(LEADS)
    if run.status == "accepted":
        world.office(reopen_run, login, run_id=run.id, reason="looked again", basis=[state])
    elif dice.random() < 0.1:
        world.office(cancel_run, login, run_id=run.id, reason="called off")
    else:
        world.office(force_finish, login, run_id=run.id, reason="its device is away")


@office(2)
def decide_there(world: World, dice: Random) -> None:
    """Two answers are decided between in the office."""
    with world.house.reading() as session:
        found = world.contested(session)
    if found:
        run_id, item_id, state = dice.choice(found)
        answer_id = Id(dice.choice(state))
        world.office(
            decide_contested, dice.choice(LEADS), run_id=run_id, item_id=item_id, answer_id=answer_id, basis=state
        )  # fmt: skip
