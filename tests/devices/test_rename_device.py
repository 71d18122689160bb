"""Naming a device so that people know which one is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.devices.models import Device
from app.devices.operations import rename_device
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from tests.conftest import Cast
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], device: Callable[[str], WireDevice]
) -> None:
    """The device itself learns its name."""
    mine = device("camera")
    verify_operation(lambda: rename_device(cast.logistics_manager, device_id=mine.id, name=" 摄像  平板 ", shared=True))
    mine.pull()
    assert mine.get("device", mine.id) == {"id": str(mine.id), "name": "摄像 平板", "shared": True}


def test_only_who_manages_devices(cast: Cast, tablet: Id, not_from_a_device: Callable[..., None]) -> None:
    """Not even whoever works on it."""
    for actor in (new_id(), cast.stagehand):
        with pytest.raises(Forbidden):
            rename_device(actor, device_id=tablet, name="x", shared=False)
    with pytest.raises(NotFound):
        rename_device(cast.admin, device_id=new_id(), name="x", shared=False)
    not_from_a_device("devices.rename_device", device_id=str(tablet), name="x", shared=False)


@pytest.mark.parametrize("name", ["", "  \n", "x" * 81])
def test_a_name_is_a_name(cast: Cast, tablet: Id, name: str) -> None:
    """Wrong input, told at its field."""
    with pytest.raises(Refused, match="malformed") as refusal:
        rename_device(cast.admin, device_id=tablet, name=name, shared=False)
    assert refusal.value.fields["name"] == ["name_length"]


def test_said_twice_it_is_named_once(cast: Cast, tablet: Id, row: Callable[[Id], Device]) -> None:
    """GEN-4: a late copy does not bring the old name back."""
    said = new_id()
    rename_device(cast.admin, device_id=tablet, name="a", shared=False, operation_id=said)
    rename_device(cast.admin, device_id=tablet, name="b", shared=False)
    rename_device(cast.admin, device_id=tablet, name="a", shared=False, operation_id=said)
    assert row(tablet).name == "b"


def test_the_page(tablet: Id, as_: Callable[[str], FlaskClient]) -> None:
    """Saved; or back with what was typed and the sentence at its field."""
    admin, address = as_("admin"), f"/devices/{tablet}"
    assert admin.post(address, data={"name": "平板 <4>", "shared": "1"}).status_code == 303
    assert "平板 &lt;4&gt;" in admin.get(address).text
    answer = admin.post(address, data={"name": "长" * 81})
    assert answer.status_code == 422 and 'id="name-error"' in answer.text and "长" * 81 in answer.text
