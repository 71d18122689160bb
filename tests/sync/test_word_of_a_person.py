"""A person's word on what was kept: one effect whatever was in force before, and what waited for it hears."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.lib.db import db
from app.lib.ids import Id, new_id
from app.sync.models import Operation
from app.sync.operations import admit_operation, dismiss_operation
from tests.sync.toy import Note, ToyDevice, ToyHooks


@pytest.fixture
def lead(hooks: ToyHooks) -> Id:
    person = new_id()
    hooks.rights.add((person, "exceptions.decide"))
    return person


def heard(device: ToyDevice, operation: dict[str, Any]) -> Any:
    """The verdict that reached the device later."""
    device.pull()
    return device.held[f"device:{device.id}", "verdict", operation["id"]][1]


def test_what_is_in_force_is_admitted_without_doing_it_again(device: ToyDevice, lead: Id) -> None:
    """GEN-6, I2: a doubted fact that was in force stays what it was; the handler does not run on what it made before."""
    op = device.op("doubtful")
    assert device.send(op)["verdicts"][0]["status"] == "noted"
    admit_operation(lead, kept_id=op["id"], reason="seen")
    verdict = heard(device, op)
    assert (verdict["n"], verdict["status"], verdict["code"]) == (2, "applied", None)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Note)) == 1
    assert db.session.get_one(Operation, Id(op["id"])).in_force


@pytest.mark.parametrize(("what", "kept", "then"), [("bug", "parked", "rejected"), ("no effect", "noted", "noted")])
def test_what_waits_for_a_dismissed_parent_hears_that_it_never_comes(
    device: ToyDevice, other: ToyDevice, lead: Id, what: str, kept: str, then: str
) -> None:
    """T9: what was kept is dismissed, and with it ends the waiting of what another device said about it."""
    parent = new_id()
    without, child = device.op(what, note_id=parent), other.op("child", parent=parent)
    assert device.send(without)["verdicts"][0]["status"] == kept
    assert other.send(child)["verdicts"][0]["code"] == "parent_missing"
    dismiss_operation(lead, kept_id=without["id"], reason="broken")
    assert heard(device, without)["status"] == then
    verdict = heard(other, child)
    assert (verdict["status"], verdict["code"]) == ("noted", "parent_rejected")
