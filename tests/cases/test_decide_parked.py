"""What the server could not take from a device waits for a person, and is settled by one word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.models import OperationException
from app.cases.operations import decide_parked
from app.devices.operations import revoke_device
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.sync.models import Operation
from app.sync.operations import admit_operation
from app.sync.registry import operations
from tests.checklists.test_pages import HTMX
from tests.conftest import Cast

As = Callable[[str], FlaskClient]
ITEM = "SAFE-F3"


class Lost:
    """A phone that was revoked with a list started and two answers in it; and what the office makes of them."""

    def __init__(self, cast: Cast, phone: Any, fresh: Callable[[], Session]) -> None:
        self.cast, self.phone, self.fresh = cast, phone, fresh
        self.run_id = str(new_id())
        revoke_device(cast.admin, device_id=phone.id, reason="丢了")
        self.ops = [
            phone.op("checklists.start_run", {"run_id": self.run_id, "template": "CL-SAFE"}),
            *[phone.op("checklists.answer_item", {"run_id": self.run_id, "item_id": ITEM, "verdict": "pass"}) for _ in range(2)],
        ]
        self.verdicts = phone.send(*self.ops)["verdicts"]
        self.first = Id(self.verdicts[0]["exception"])

    def exceptions(self, status: str = "open") -> list[OperationException]:
        query = select(OperationException).where(OperationException.status == status).order_by(OperationException.no)
        return list(self.fresh().scalars(query))

    def decide(self, word: str = "admit", login: str = "shift_lead", **changes: Any) -> Any:
        said = {"exception_id": self.first, "word": word, "reason": "手机找回来了", **changes}
        return decide_parked(self.cast[login], **said)

    def log(self) -> list[tuple[str, str | None]]:
        ids = [Id(op["id"]) for op in self.ops]
        rows = {row.id: row for row in self.fresh().scalars(select(Operation).where(Operation.id.in_(ids)))}
        return [(rows[id].status, rows[id].code) for id in ids]


@pytest.fixture
def lost(cast: Cast, device: Callable[[str], Any], fresh: Callable[[], Session]) -> Lost:
    return Lost(cast, device("stagehand"), fresh)


def test_each_opens_an_exception(lost: Lost) -> None:
    """GEN-6: with an owner and a time; sent again it opens no other."""
    assert [(one["status"], one["code"]) for one in lost.verdicts] == [("parked", "quarantine")] * 3
    assert [str(one.id) for one in lost.exceptions()] == [one["exception"] for one in lost.verdicts]
    assert {(one.code, one.owner) for one in lost.exceptions()} == {("quarantine", "shift_lead")}
    lost.phone.send(*lost.ops)
    assert len(lost.exceptions()) == 3


def test_it_works_and_reaches_every_replica(lost: Lost, verify_operation: Callable[..., Any]) -> None:
    """Facts take effect in the order in which they were done."""
    verify_operation(lambda: lost.decide())
    assert lost.log() == [("applied", None)] * 3
    assert (lost.exceptions(), len(lost.exceptions("admitted"))) == ([], 3)


def test_dismissed(lost: Lost, verify_operation: Callable[..., Any]) -> None:
    """They stay in the log, and nothing else."""
    verify_operation(lambda: lost.decide("dismiss"))
    assert lost.log() == [("rejected", "dismissed")] * 3
    assert (lost.exceptions(), len(lost.exceptions("dismissed"))) == ([], 3)


def test_outsider_and_wrong_role(lost: Lost, device: Callable[[str], Any]) -> None:
    """Those who decide exceptions."""
    for actor in (new_id(), lost.cast.supervisor):
        with pytest.raises(Forbidden):
            decide_parked(actor, exception_id=lost.exceptions()[0].id, word="admit", reason="x")
    said = {"exception_id": str(lost.exceptions()[0].id), "word": "admit", "reason": "x"}
    assert device("supervisor").say("cases.decide_parked", said)["status"] == "rejected"


def test_never_one_s_own(cast: Cast, device: Callable[[str], Any], fresh: Callable[[], Session]) -> None:
    """GEN-3."""
    lost = Lost(cast, device("shift_lead"), fresh)
    assert {one.owner for one in lost.exceptions()} == {"logistics_manager"}
    with pytest.raises(Refused, match="own_operation"):
        lost.decide()
    lost.decide(login="logistics_manager")


def test_wrong_state(lost: Lost, device: Callable[[str], Any]) -> None:
    """Unknown, without a reason, another word; decided already."""
    with pytest.raises(NotFound):
        lost.decide(exception_id=new_id())
    for wrong in ({"reason": ""}, {"word": "maybe"}):
        with pytest.raises(Refused, match="malformed"):
            lost.decide(**wrong)
    lost.decide()
    with pytest.raises(Refused, match="already_decided"):
        lost.decide()
    said = {"exception_id": str(lost.first), "word": "admit", "reason": "x"}
    verdict = device("shift_lead").say("cases.decide_parked", said)
    assert (verdict["status"], verdict["code"]) == ("rejected", "already_decided")


def test_said_twice_it_has_one_effect(lost: Lost) -> None:
    """GEN-4."""
    operation_id = new_id()
    for _ in range(2):
        lost.decide(operation_id=operation_id)
    assert len(lost.exceptions("admitted")) == 3


def test_a_decision_of_a_lost_device_is_never_let_in(
    cast: Cast, device: Callable[[str], Any], fresh: Callable[[], Session]
) -> None:
    """GEN-6: nobody asked for its grant or its right, so whoever may decide says it again; a fact beside it counts."""
    lost = Lost(cast, device("stagehand"), fresh)
    forged = lost.phone.op("checklists.cancel_run", {"run_id": lost.run_id, "reason": "x"}, actor=cast.logistics_manager)
    lost.ops.append(forged)
    lost.phone.send(forged)
    lost.decide()
    assert lost.log() == [("applied", None)] * 3 + [("parked", "quarantine")]
    with pytest.raises(Refused, match="still_parked"):
        lost.decide(exception_id=lost.exceptions()[0].id)
    with pytest.raises(Refused, match="still_parked"):
        admit_operation(cast.shift_lead, kept_id=forged["id"], reason="x")


def test_one_alone(lost: Lost) -> None:
    """What it belongs to is not there yet: it stays, and its exception with it."""
    with pytest.raises(Refused, match="parent_missing"):
        admit_operation(lost.cast.shift_lead, kept_id=lost.ops[1]["id"], reason="x")
    for op in lost.ops:
        admit_operation(lost.cast.shift_lead, kept_id=op["id"], reason="x")
    assert lost.exceptions() == []


def test_what_nobody_can_read_stays(cast: Cast, device: Callable[[str], Any], fresh: Callable[[], Session], as_: As) -> None:
    """T9: of a newer device; the page says so without its content, and refuses to admit it until the server knows it."""
    phone = device("stagehand")
    verdict = phone.say("checklists.sing", {"song": "<b>x</b>"})
    odd = {**phone.op("stock.receive", {"quantity": "many", "bin_id": 7}), "v": 99}
    assert [(one["status"], one["code"]) for one in (verdict, phone.send(odd)["verdicts"][0])] == [
        ("parked", "unknown_type"), ("parked", "newer_version"),
    ]  # fmt: skip
    lead = as_("shift_lead")
    for one, title in zip(
        fresh().scalars(select(OperationException).order_by(OperationException.no)), ("不认识", "更新的版本"), strict=True
    ):
        page = lead.get(f"/exceptions/{one.id}")
        assert page.status_code == 200 and title in page.text and "<b>x" not in page.text
        with pytest.raises(Refused, match="still_parked"):
            decide_parked(cast.shift_lead, exception_id=one.id, word="admit", reason="x")
        decide_parked(cast.shift_lead, exception_id=one.id, word="dismiss", reason="x")


def test_a_handler_that_failed(
    cast: Cast, device: Callable[[str], Any], fresh: Callable[[], Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception opens; admitted while it still fails it stays, with no second one; once put right it takes effect."""
    run_id, start = str(new_id()), operations["checklists.start_run"]

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as broken:
        broken.setattr(start, "handler", fail)
        verdict = device("stagehand").say("checklists.start_run", {"run_id": run_id, "template": "CL-SAFE"})
        assert (verdict["status"], verdict["code"]) == ("parked", "handler_failed")
        said = {"exception_id": Id(verdict["exception"]), "word": "admit", "reason": "修好了"}
        with pytest.raises(Refused, match="still_parked"):
            decide_parked(cast.shift_lead, **said)
        assert len(list(fresh().scalars(select(OperationException)))) == 1
    decide_parked(cast.shift_lead, **said)
    assert fresh().scalar(select(Operation.status).where(Operation.id == Id(verdict["id"]))) == "applied"


def test_the_page(lost: Lost, as_: As) -> None:
    """All of one device stand as one matter; one form with a reason admits or dismisses them."""
    lead = as_("shift_lead")
    page = f"/exceptions/{lost.exceptions()[0].id}"
    text = lead.get(page).text
    assert "已停用的设备送来（3 条）" in text and 'id="parked-reason"' in text and "⟦" not in text
    wrong = lead.post(f"{page}/parked", data={"word": "admit", "reason": ""}, headers=HTMX)
    assert wrong.status_code == 422 and 'id="parked-reason-error"' in wrong.text
    assert as_("supervisor").post(f"{page}/parked", data={"word": "admit", "reason": "x"}).status_code == 403
    assert lead.post(f"{page}/parked", data={"word": "admit", "reason": "手机找回来了"}).status_code == 303
    assert lost.exceptions() == []
