"""Counts: planned blind, opened, scanned, taken back, recounted, closed, looked through and approved."""

from __future__ import annotations

from random import Random
from typing import Any

from app.lib.ids import Id, new_id
from app.stock.operations import (
    admit_late,
    approve_stock_take,
    ask_recount,
    close_stock_take,
    decide_line,
    force_close,
    plan_stock_take,
)
from app.stock.select import load_review
from tests.simulation.device import Device
from tests.simulation.stage import COUNTERS, FORBEARING, LEADS
from tests.simulation.steps import floor, office
from tests.simulation.world import World

APPROVERS = ("logistics_manager", "finance", "general_manager")
LIVE = ("planned", "counting")


def _takes(device: Device, dice: Random) -> list[Any]:
    """Stock takes that go on; mostly those that the person is to count."""
    takes = sorted((take for take in device.all("stock_take") if take["status"] in LIVE), key=lambda take: take["id"])
    return takes if dice.random() < 0.1 else [take for take in takes if device.person in take["counters"]]


def _counts(device: Device) -> list[str]:
    """Own counts of bins that are not finished, those not yet heard of among them."""
    done = {row["data"]["bin_count_id"] for row in device.pending("stock.finish_bin")}
    known = [count["id"] for count in device.all("bin_count") if not count["finished_at"]]
    return sorted({*known, *(row["id"] for row in device.pending("stock.open_bin"))} - done)


def _open(device: Device, take_id: str, bin_id: str, **more: Any) -> str:
    person = f"person:{device.person}"
    id = device.append(
        "stock.open_bin", {"stock_take_id": take_id, "bin_id": bin_id, **more},
        about=[("stock_take_bin", f"{take_id}/{bin_id}"), ("stock_take", take_id)],
    )  # fmt: skip
    device.world.expect(id, (person, "bin_count", id))
    return id


def _line(device: Device, dice: Random, count_id: str) -> str:
    said: dict[str, Any] = {"bin_count_id": count_id, "quantity": str(dice.randint(1, 30)), "via": "wedge"}
    if dice.random() < 0.08:
        said["code"] = f"69{dice.randint(10**9, 10**10)}"
    else:
        said["product_id"] = str(dice.choice(device.world.stage.products))
    id = device.append("stock.record_count_line", said, about=[("bin_count", count_id)])
    device.world.expect(id, (f"person:{device.person}", "count_line", f"{count_id}/{id}"))
    return id


@floor(6)
def count(device: Device, dice: Random) -> None:
    """A bin is counted; sometimes it is left half done."""
    if not (takes := _takes(device, dice)):
        return
    take = dice.choice(takes)
    bins = sorted(one["bin_id"] for one in device.all("stock_take_bin") if one["stock_take_id"] == take["id"])
    bins = bins or [str(dice.choice(device.world.stage.bins))]
    count_id = _open(device, take["id"], dice.choice(bins))
    for _ in range(dice.randint(3, 8)):
        _line(device, dice, count_id)
    if dice.random() < 0.7:
        device.append("stock.finish_bin", {"bin_count_id": count_id}, about=[("bin_count", count_id)])


@floor(6)
def through(device: Device, dice: Random) -> None:
    """Every bin of a stock take is counted, and the end said."""
    if not (takes := _takes(device, dice)):
        return
    take = dice.choice(takes)
    for bin_id in sorted(one["bin_id"] for one in device.all("stock_take_bin") if one["stock_take_id"] == take["id"]):
        count_id = _open(device, take["id"], bin_id)
        for _ in range(dice.randint(3, 6)):
            _line(device, dice, count_id)
        device.append("stock.finish_bin", {"bin_count_id": count_id}, about=[("bin_count", count_id)])
    device.append("stock.close_stock_take", {"stock_take_id": take["id"]}, about=[("stock_take", take["id"])])


@floor(6)
def lines(device: Device, dice: Random) -> None:
    """More scans of a bin that is being counted, or of one that is opened for it."""
    counts, takes = _counts(device), _takes(device, dice)
    if not counts and takes:
        counts = [_open(device, dice.choice(takes)["id"], str(dice.choice(device.world.stage.bins)))]
    for _ in range(dice.randint(4, 10) if counts else 0):
        _line(device, dice, counts[0])


@floor(3)
def withdraw(device: Device, dice: Random) -> None:
    """An own line is taken back."""
    known = [line["id"].rpartition("/")[2] for line in device.all("count_line") if not line["withdrawn"]]
    if own := sorted({*known, *(row["id"] for row in device.pending("stock.record_count_line"))}):
        device.append("stock.withdraw_count_line", {"count_line_id": dice.choice(own)})


@floor(3)
def finish(device: Device, dice: Random) -> None:
    """That is all that lies here."""
    if counts := _counts(device):
        count_id = dice.choice(counts)
        device.append("stock.finish_bin", {"bin_count_id": count_id}, about=[("bin_count", count_id)])


@floor(1)
def skip(device: Device, dice: Random) -> None:
    """A bin is not reached."""
    if bins := sorted(device.all("stock_take_bin"), key=lambda one: one["id"]):
        one = dice.choice(bins)
        said = {"stock_take_id": one["stock_take_id"], "bin_id": one["bin_id"], "reason": "blocked"}
        device.append("stock.skip_bin", said, about=[("stock_take_bin", one["id"])])


@floor(5)
def close(device: Device, dice: Random) -> None:
    """Counting is over, says a counter."""
    if takes := _takes(device, dice):
        take = dice.choice(takes)
        device.append("stock.close_stock_take", {"stock_take_id": take["id"]}, about=[("stock_take", take["id"])])


@floor(2)
def late_line(device: Device, dice: Random) -> None:
    """A scan of a bin that was finished long ago."""
    if counts := sorted(count["id"] for count in device.all("bin_count")):
        _line(device, dice, dice.choice(counts))


@floor(5)
def recount(device: Device, dice: Random) -> None:
    """What somebody else counted is counted again."""
    if asked := sorted(device.all("recount"), key=lambda one: one["id"]):
        one = dice.choice(asked)
        count_id = _open(device, one["stock_take_id"], one["bin_id"], recounts=[one["id"]])
        said = {"bin_count_id": count_id, "quantity": str(dice.randint(1, 60)), "via": "wedge", "product_id": one["product_id"]}
        device.append("stock.record_count_line", said, about=[("bin_count", count_id)])
        device.append("stock.finish_bin", {"bin_count_id": count_id}, about=[("bin_count", count_id)])


# -- the office -----------------------------------------------------------------------------------------------------------


@office(6)
def plan(world: World, dice: Random) -> None:
    """A stock take of one or two bins by two or three people; half of them forgive any difference."""
    with world.house.reading() as session:
        if len(world.takes(session, *LIVE)) >= 3:
            return
    counters = dice.sample(COUNTERS, dice.randint(2, 3))
    world.office(
        plan_stock_take, "shift_lead", stock_take_id=new_id(), title="盘点", kind="spot", blind=dice.random() < 0.8,
        bins=dice.sample(world.stage.bins, dice.randint(1, 2)), counters=[world.stage.people[login] for login in counters],
        tolerance=FORBEARING if dice.random() < 0.5 else {}, overlap=True,
    )  # fmt: skip


@office(5)
def end(world: World, dice: Random) -> None:
    """The office ends a count, or forces its end."""
    with world.house.reading() as session:
        takes = world.takes(session, *LIVE)
    if takes:
        verb, more = (close_stock_take, {}) if dice.random() < 0.5 else (force_close, {"reason": "its device is away"})
        world.office(verb, "shift_lead", stock_take_id=dice.choice(takes), **more)


@office(8)
def approve(world: World, dice: Random) -> None:
    """A review: lines are decided, then it is approved on what is shown now, or was shown when somebody looked before."""
    with world.house.reading() as session:
        takes = world.takes(session, "review")
    if not takes:
        return
    take_id = dice.choice(takes)
    login = dice.choice(APPROVERS)
    _decide_lines(world, dice, take_id, login)
    looked = world.look(take_id)
    if dice.random() < 0.3:
        looked, world.looked[take_id] = world.looked.get(take_id, looked), looked
    state, lines = looked
    for approver in (login, *APPROVERS):
        if world.office(approve_stock_take, approver, stock_take_id=take_id, basis=[state]):
            world.approved(take_id, lines)


def _decide_lines(world: World, dice: Random, take_id: Id, login: str) -> None:
    with world.house.reading() as session:
        review = load_review(session, world.take(session, take_id))
        open_lines = [(line.key, line.state, line.settled is None) for line in review.lines if line.is_open]
    for key, state, needs in open_lines:
        said = {"stock_take_id": take_id, **key._asdict()}
        if needs and dice.random() < 0.5:
            line = {name: value for name, value in said.items() if name != "stock_take_id"}
            world.office(ask_recount, login, stock_take_id=take_id, lines=[line])
        else:
            world.office(decide_line, login, **said, accepted=not needs, reason="miscount", basis=[state])


@office(3)
def late(world: World, dice: Random) -> None:
    """What a phone still held is admitted together."""
    with world.house.reading() as session:
        counts = world.late_counts(session)
    if counts:
        world.office(admit_late, dice.choice(LEADS), bin_count_id=dice.choice(counts), reason="its battery was flat")
