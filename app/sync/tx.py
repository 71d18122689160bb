"""One operation being applied: what a handler and its steps may see and do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy.orm import Session

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.lib.keeping import forget
from app.sync.errors import Hold, NoEffect

if TYPE_CHECKING:
    from app.sync.registry import Item
    from app.sync.unit import Unit

OFFICE = "office"
DEVICE = "device"


class Tx:
    """The transaction as one operation sees it.

    The engine owns the database transaction; a handler reads and writes through `session`, says what it touched with
    `publish` and `about`, and what does not fit with `refuse`, `doubt`, `outside`, `missing` or `hold`.
    """

    def __init__(
        self,
        unit: Unit,
        *,
        operation_id: Id,
        type: str,
        fact: bool,
        door: str,
        actor: Id,
        site_id: Id,
        happened_at: int,
        device_id: Id | None = None,
        basis: list[str] | None = None,
        blobs: list[str] | None = None,
        admitted: str | None = None,
    ) -> None:
        self.unit = unit
        self.session: Session = unit.session
        self.now = unit.now
        self.operation_id = operation_id
        self.type = type
        self.fact = fact
        self.door = door
        self.actor = actor
        self.site_id = site_id
        self.happened_at = happened_at
        self.device_id = device_id
        self.basis = basis or []
        self.blobs = blobs or []
        self.admitted = admitted
        self.doubts: list[tuple[str, dict[str, Any]]] = []
        self.touched: dict[tuple[str, str], None] = {}
        self.abouts: dict[tuple[str, str], None] = {}
        self.steps: list[tuple[Id, str, dict[str, Any]]] = []
        self.access_changed = False
        self.by_operation: dict[Id, Tx] = {}

    # -- what does not fit ------------------------------------------------------------------------------------------------

    def refuse(self, code: str, *, status: int | None = None, fields: dict[str, Any] | None = None, **facts: Any) -> NoReturn:
        """A rule says no at both doors: bad input (status 422, its `fields` named), or a decision that is not allowed."""
        raise Refused(code, status=status, fields=fields, **facts)

    def doubt(self, code: str, effect: bool = True, **facts: Any) -> None:
        """A rule is broken: the office refuses, a fact from a device is kept (GEN-6).

        With `effect` the handler goes on and the operation is in force; without, its writes are undone and only the
        exception remains. A person who admits the operation lets this doubt pass. Ask no-effect doubts first.
        """
        if self.admitted is not None:
            return
        if self.door == OFFICE or not self.fact:
            raise Refused(code, **facts)
        if not effect:  # rule: GEN-6
            raise NoEffect(code, facts)
        self.doubts.append((code, facts))

    def outside(self, code: str = "outside_grant", **facts: Any) -> None:
        """The person's role does not fit this very thing: 403 in the office, a fact without effect from a device."""
        if self.admitted is not None:
            return
        if self.door == OFFICE:
            raise Forbidden(code, **facts)
        self.doubt(code, effect=False, **facts)

    def missing(self, kind: str, id: object) -> NoReturn:
        """The data names a row that does not exist: 404 in the office; from a device it waits for whoever makes it."""
        if self.door == OFFICE:
            raise NotFound(kind)
        if self.unit.never_comes(id):  # rule: T9
            if self.fact:
                raise NoEffect("parent_rejected", {"kind": kind})
            raise Refused("parent_rejected", kind=kind)
        raise Hold("parent_missing", (f"id:{id}",), {"kind": kind, "id": str(id)})  # rule: T10

    def hold(self, code: str, *keys: str, **facts: Any) -> None:
        """A fact from a device waits until one of `keys` fires; in the office and once admitted it does not wait."""
        if self.door == DEVICE and self.admitted is None:
            raise Hold(code, keys, facts)

    def check_basis(self, state: str) -> None:
        """A decision rests on what was shown: anything newer refuses it (sync.md §5)."""
        if self.basis != [state]:
            raise Refused("stale_basis")

    def fire(self, key: str) -> None:
        """What waits for `key` (`tx.hold`) is looked at again at the end of this transaction."""
        self.unit.fired.add(key)

    # -- what was done ----------------------------------------------------------------------------------------------------

    def publish(self, kind: str, id: object) -> None:
        """The record of this thing has changed: it is made anew at the end of the transaction."""
        self.touched[(kind, str(id))] = None

    def about(self, kind: str, id: object) -> None:
        """File this operation under a thing, whose audit trail it joins."""
        self.abouts[(kind, str(id))] = None

    def log_step(self, type: str, **data: Any) -> Id:
        """Log what this operation made happen elsewhere (`caused_by`); returns the step's id."""
        step_id = new_id()
        self.steps.append((step_id, type, data))
        return step_id

    def readers_changed(self, person_id: Id | None = None) -> None:
        """Somebody's roles, grants or devices changed: every device asks again what it may read."""
        self.access_changed = True
        forget(self.session)

    def of(self, item: Item) -> Tx:
        """In `many`: the transaction as one operation of the run sees it, for what that one touches."""
        own = self.by_operation.get(item.operation_id)
        if own is None:
            own = self.by_operation[item.operation_id] = Tx(
                self.unit, operation_id=item.operation_id, type=self.type, fact=self.fact, door=self.door, actor=self.actor,
                site_id=self.site_id, happened_at=item.happened_at, device_id=self.device_id, basis=item.basis, blobs=item.blobs,
            )  # fmt: skip
        return own

    # -- what is known ----------------------------------------------------------------------------------------------------

    def stream_saw(self, operation_id: object) -> bool:
        """Whether the device that sent this one had itself sent `operation_id` before: its own work counts as seen."""
        return self.device_id is not None and self.unit.stream_sent(self.device_id, operation_id)

    def device_heard(self, device_id: Id, since: int) -> bool:
        """Whether a device was heard from after `since` with all it said it had made received."""
        return self.unit.device_heard(device_id, since)
