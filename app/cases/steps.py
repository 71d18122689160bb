"""What other features and the engine may make happen to cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from app.cases import owning
from app.cases.models import OPEN, Case, OperationException, next_case_no
from app.lib.ids import Id, new_id
from app.sync import Tx, after
from app.sync.engine import as_values, decided, engine
from app.sync.models import Operation
from app.sync.operations import is_admissible
from app.sync.unit import Judged

Listener = Callable[[Tx, Operation, dict[str, Any]], None]

_listeners: dict[str, list[Listener]] = {}


def when_exception(code: str) -> Callable[[Listener], Listener]:
    """Register a step of a higher layer to follow when an exception of this code opens.

    What the operation itself wrote is undone by then: here its consequences for others are written (a voided signature).
    """

    def register(listener: Listener) -> Listener:
        _listeners.setdefault(code, []).append(listener)
        return listener

    return register


def open_case(
    tx: Tx,
    case_id: Id,
    *,
    kind: str,
    severity: str,
    note: str | None,
    about: tuple[str, str],
    opened_by: Id,
    owner: Id | None = None,
) -> Case:
    """Open a case about a thing, with the site's next number. Refused when the id is taken."""
    if tx.session.get(Case, (tx.site_id, case_id)) is not None:
        tx.refuse("id_taken")
    case = Case(
        site_id=tx.site_id,
        id=case_id,
        no=next_case_no(tx.session, tx.site_id),
        kind=kind,
        status=OPEN,
        severity=severity,
        note=note,
        about_kind=about[0],
        about_id=about[1],
        opened_by=opened_by,
        opened_at=tx.happened_at,
        owner=owner,
    )
    tx.session.add(case)
    tx.session.flush()
    tx.publish("case", case_id)
    tx.about("case", case_id)
    tx.log_step("cases.open_case", case_id=str(case_id), kind=kind, severity=severity, about=list(about))
    return case


@after("people.end_employment")
def nothing_left_behind(tx: Tx, actor: Id, *, person_id: Id, **_: Any) -> None:
    """Nobody leaves while a case is theirs to put right (PPL-2)."""
    owned = select(Case.no).where(Case.site_id == tx.site_id, Case.owner == person_id, Case.status == OPEN)
    numbers = tx.session.scalars(owned.order_by(Case.no)).all()
    if numbers:  # rule: PPL-2
        tx.refuse("cases_left", n=len(numbers), cases=", ".join(map(str, numbers)))


def open_exception(tx: Tx, operation: Operation, code: str, facts: dict[str, Any]) -> Id:
    """Keep an operation that does not fit for its owner's word; the engine asks for it with every `noted` verdict."""
    exception_id = new_id()
    tx.session.add(
        OperationException(
            site_id=tx.site_id,
            id=exception_id,
            no=next_case_no(tx.session, tx.site_id),
            operation_id=operation.id,
            type=operation.type,
            code=code,
            facts=facts,
            by=operation.actor,
            at=operation.happened_at,
            status=OPEN,
            opened_at=tx.now,
            owner=owning.owner_of(tx.session, operation, tx.now),
            due_at=owning.due_at(code, in_force=operation.in_force, opened_at=tx.now),
        )
    )
    tx.session.flush()
    tx.publish("exception", exception_id)
    for listener in _listeners.get(code, ()):
        listener(tx, operation, facts)
    return exception_id


def close_exception(tx: Tx, exception_id: Id, how: str, reason: str | None) -> None:
    """The word was given: `how` is admitted, dismissed or settled."""
    exception = tx.session.get(OperationException, (tx.site_id, exception_id))
    if exception is None or exception.status != OPEN:
        return
    exception.status, exception.decided_by, exception.decided_at = how, tx.actor, tx.now
    exception.reason = reason
    tx.session.flush()
    tx.publish("exception", exception_id)


def admit(tx: Tx, row: Operation, reason: str) -> bool:
    """Judge a kept operation again, as of its own time, with this doubt let pass. False: it still does not fit, and stays.

    Of what nobody checked when it arrived only facts are let in: a decision is said again by whoever may decide.
    """
    if not is_admissible(row):
        return False
    judged = engine().rerun(tx.unit, row, admitted=row.code or "")
    if judged.values["status"] != "applied":
        return False
    _settle(tx, row, judged, "admitted", reason)
    return True


def dismiss(tx: Tx, row: Operation, reason: str) -> None:
    """Leave a kept operation without effect, for good; what waits for something it would have made hears of it (T9)."""
    status = "noted" if row.status == "noted" else "rejected"
    values = {**as_values(row), "n": row.n + 1}
    judged = Judged(decided(values, tx.now, status, "dismissed", {**row.facts, "reason": reason}, in_force=row.in_force))
    for made in judged.made:
        tx.fire(f"id:{made}")
    _settle(tx, row, judged, "dismissed", reason)


def _settle(tx: Tx, row: Operation, judged: Judged, how: str, reason: str) -> None:
    tx.unit.rejudged[row.id] = judged
    tx.about("operation", row.id)
    if row.exception_id:
        judged.values["exception_id"] = row.exception_id
        close_exception(tx, row.exception_id, how, reason)


def find_open_exceptions(tx: Tx, code: str, operation_ids: Iterable[Id]) -> list[OperationException]:
    """Open exceptions of this code about these operations: what a decision about the matter itself settles."""
    query = select(OperationException).where(
        OperationException.operation_id.in_(list(operation_ids)),
        OperationException.code == code,
        OperationException.status == OPEN,
    )
    return list(tx.session.scalars(query))
