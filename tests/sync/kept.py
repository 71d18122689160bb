"""A fact that was kept without effect: a list answered by somebody whose list it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.checklists.operations import start_run
from app.lib.ids import Id, new_id
from tests.conftest import Cast
from tests.wire import WireDevice

ITEM = "WHO-C3"


@dataclass
class Kept:
    """The operation, the device that sent it, and the run it is about."""

    id: Id
    device: WireDevice
    run_id: Id

    def item(self) -> Any:
        """The answered item as devices see it, or None while the fact has no effect."""
        self.device.pull()
        return self.device.get("checklist_item", f"{self.run_id}/{ITEM}")

    def verdict(self) -> Any:
        """The later verdict on the device, or None."""
        self.device.pull()
        return self.device.get("verdict", self.id)


def keep_a_fact(cast: Cast, device: Callable[[str], WireDevice]) -> Kept:
    """A camera operator ticks an item of the warehouse's list on a tablet: noted, no effect, an exception is open."""
    run_id = new_id()
    start_run(cast.warehouse_keeper, run_id=run_id, template="CL-WHO@1", title=None)
    camera = device("camera")
    said = camera.say("checklists.answer_item", {"run_id": run_id, "item_id": ITEM, "verdict": "pass"})
    assert (said["status"], said["code"]) == ("noted", "not_your_list")
    return Kept(Id(said["id"]), camera, run_id)
