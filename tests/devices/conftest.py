"""Devices made through the office door, and browsers that speak for themselves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.devices.models import Device
from app.devices.operations import enrol_device, grant_device
from app.lib.ids import Id, new_id
from tests.conftest import Cast
from tests.wire import WireDevice


def cookie_hash() -> str:
    """A cookie's hash that no browser can answer."""
    return secrets.token_hex(32)


@pytest.fixture
def tablet(cast: Cast) -> Id:
    """A device on which the stagehand works."""
    device_id = new_id()
    enrol_device(cast.stagehand, device_id=device_id, name="2 号间平板 3", cookie_hash=cookie_hash())
    grant_device(cast.stagehand, device_id=device_id, grant_id=new_id())
    return device_id


@pytest.fixture
def row(fresh: Callable[[], Session]) -> Callable[[Id], Device]:
    """A device's row as it is now."""
    return lambda device_id: fresh().get_one(Device, device_id)


@pytest.fixture
def not_from_a_device(device: Callable[[str], WireDevice]) -> Callable[..., None]:
    """A device cannot vouch for itself: from a stream it is rejected, whoever works on it."""

    def check(type: str, *, by: str = "admin", **data: Any) -> None:
        verdict = device(by).say(type, data)
        assert (verdict["status"], verdict["code"]) == ("rejected", "office_only")

    return check


def a_fact() -> dict[str, Any]:
    """What a camera operator may start by hand."""
    return {"run_id": str(new_id()), "template": "CL-CAM"}
