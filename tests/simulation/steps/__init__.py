"""What people do, one module a feature. A step is a function with its weight; a new feature adds its module to `FEATURES`.

`@floor(weight)` is work on a device and gets `(device, dice)`; `@office(weight)` is work in the office and gets
`(world, dice)`. A step that finds nothing to do does nothing. It reads only what the device holds, as a page would.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

FEATURES = ("lists", "counts", "goods", "odd", "people", "cases")


@dataclass(frozen=True)
class Kind:
    """One thing that may be done."""

    name: str
    weight: int
    where: str
    work: Callable[[Any, Random], None]


kinds: dict[str, Kind] = {}


def _register(where: str, weight: int) -> Callable[[Callable[[Any, Random], None]], Callable[[Any, Random], None]]:
    def register(work: Callable[[Any, Random], None]) -> Callable[[Any, Random], None]:
        name = f"{work.__module__.rpartition('.')[2]}.{work.__name__}"
        kinds[name] = Kind(name, weight, where, work)
        return work

    return register


def floor(weight: int) -> Callable[[Callable[[Any, Random], None]], Callable[[Any, Random], None]]:
    """Work on a device."""
    return _register("floor", weight)


def office(weight: int) -> Callable[[Callable[[Any, Random], None]], Callable[[Any, Random], None]]:
    """Work in the office."""
    return _register("office", weight)


def load() -> dict[str, Kind]:
    """Every step of every feature."""
    for feature in FEATURES:
        importlib.import_module(f"tests.simulation.steps.{feature}")
    return kinds
