"""Goods that come, go and change their place."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.simulation.device import Device
from tests.simulation.steps import floor


def _goods(device: Device, dice: Random, most: int) -> dict[str, Any]:
    stage = device.world.stage
    return {
        "bin_id": str(dice.choice(stage.bins)), "product_id": str(dice.choice(stage.products)),
        "quantity": str(dice.randint(1, most)),
    }  # fmt: skip


def _move(device: Device, verb: str, said: dict[str, Any]) -> None:
    device.append(f"stock.{verb}", said, about=[("bin", said["bin_id"])])


@floor(5)
def receive(device: Device, dice: Random) -> None:
    """Goods come in."""
    for _ in range(dice.randint(1, 4)):
        _move(device, "receive", _goods(device, dice, 20))


@floor(6)
def issue(device: Device, dice: Random) -> None:
    """Goods go out, sometimes more than there are."""
    for _ in range(dice.randint(1, 4)):
        _move(device, "issue", {**_goods(device, dice, 30), "purpose": dice.choice(["show", "order", "use"])})


@floor(5)
def transfer(device: Device, dice: Random) -> None:
    """Goods change their bin."""
    for _ in range(dice.randint(1, 3)):
        said = _goods(device, dice, 15)
        others = [str(id) for id in device.world.stage.bins if str(id) != said["bin_id"]]
        _move(device, "transfer", {**said, "to_bin_id": dice.choice(others)})
