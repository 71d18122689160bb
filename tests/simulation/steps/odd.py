"""What no right device sends: newer versions, unknown verbs, malformed and forged operations, an id that was used before."""

from __future__ import annotations

from random import Random

from tests.simulation.device import Device
from tests.simulation.steps import floor


@floor(1)
def unknown_type(device: Device, dice: Random) -> None:
    """A verb of a newer build."""
    device.append("lights.dim", {"level": dice.randint(0, 9)})


@floor(1)
def newer_version(device: Device, dice: Random) -> None:
    """A known verb in a form of a newer build; and what depends on it."""
    take = device.world.dice.choice(device.world.stage.bins)
    id = device.append("stock.open_bin", {"stock_take_id": str(take), "bin_id": str(take), "light": "red"}, v=9)
    device.append("stock.finish_bin", {"bin_count_id": id})


@floor(1)
def malformed(device: Device, dice: Random) -> None:
    """A poison operation; and what depends on it."""
    id = device.append("stock.open_bin", {"bin_id": 7})
    said = {"bin_count_id": id, "quantity": "1", "via": "wedge", "product_id": str(device.world.stage.products[0])}
    device.append("stock.record_count_line", said)


@floor(1)
def forged(device: Device, dice: Random) -> None:
    """In the name of somebody who never worked here."""
    said = {"bin_id": str(device.world.stage.bins[0]), "product_id": str(device.world.stage.products[0]), "quantity": "9"}
    device.append("stock.receive", said, actor=str(device.world.stage.people["general_manager"]))


@floor(1)
def used_id(device: Device, dice: Random) -> None:
    """The id of another device's operation, with another content."""
    own = {row["id"] for row in (*device.disk.outbox.values(), *device.disk.journal.values())}
    known = {str(id) for id in device.world.judged} & set(device.world.log)
    if others := sorted(known - own):
        said = {"bin_id": str(device.world.stage.bins[0]), "product_id": str(device.world.stage.products[0]), "quantity": "99"}
        device.append("stock.receive", said, id=dice.choice(others))
