"""People who come, go and pass a device on."""

from __future__ import annotations

from random import Random

from tests.simulation.device import Device
from tests.simulation.steps import floor


@floor(3)
def sign_in(device: Device, dice: Random) -> None:
    """Somebody of its crew signs in."""
    device.world.come(device, dice.choice(device.crew), give_up=dice.random() < 0.3)


@floor(2)
def switch(device: Device, dice: Random) -> None:
    """Another of those who are signed in."""
    device.switch(dice)


@floor(1)
def sign_out(device: Device, dice: Random) -> None:
    """Somebody goes home."""
    if device.person and len(device.crew) > 1:
        device.sign_out()
