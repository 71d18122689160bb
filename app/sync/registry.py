"""Every write of the product by name: its schema, version, right, and whether it is a fact or a decision."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import Schema, ValidationError

from app.lib.errors import Refused
from app.lib.ids import Id
from app.sync.quick import quick_loader

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sync.tx import Tx

Handler = Callable[..., None]
SchemaClass = type[Schema]
Renderer = Callable[["Session", list[str]], dict[str, list["Placed"]]]


class Placed(NamedTuple):
    """A record's data and the bucket it lies in."""

    bucket: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What an office call comes back with; a refusal is raised instead."""

    id: Id
    status: str
    code: str | None
    facts: dict[str, Any]


class Item(NamedTuple):
    """One operation of a run handed to `many`: what the single form would read from `tx`."""

    operation_id: Id
    happened_at: int
    basis: list[str]
    blobs: list[str]
    data: dict[str, Any]


@dataclass
class Operation:
    """A registered verb. Calling it is the office door: `answer_item(actor, run_id=…)` applies it at once."""

    type: str
    handler: Handler
    schema: SchemaClass
    right: str | None
    fact: bool
    version: int
    makes: tuple[str, ...]
    many: Callable[[Tx, Id, list[Item]], None] | None = None
    __doc__: str | None = field(default=None)

    def __post_init__(self) -> None:
        self.__doc__ = self.handler.__doc__
        self.__module__ = self.handler.__module__
        self.__name__ = self.handler.__name__

    @cached_property
    def loader(self) -> Schema:
        """The schema, made once."""
        return self.schema()

    @cached_property
    def quick(self) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
        """The short way through the schema."""
        return quick_loader(self.loader)

    @cached_property
    def secrets(self) -> frozenset[str]:
        """Fields that never reach the log."""
        return frozenset(name for name, f in self.loader.fields.items() if f.metadata.get("secret"))

    def load(self, data: dict[str, Any]) -> dict[str, Any]:
        """`data` checked and converted, or `Refused("malformed", 422)` with the fields named."""
        if (found := self.quick(data)) is not None:
            return found
        try:
            loaded: dict[str, Any] = self.loader.load(data)
        except ValidationError as error:
            fields: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow's
            raise Refused("malformed", status=422, fields=fields, names=", ".join(map(str, fields))) from None
        return loaded

    def logged(self, data: dict[str, Any]) -> dict[str, Any]:
        """`data` as the log keeps it."""
        return {k: v for k, v in data.items() if k not in self.secrets} if self.secrets else data

    def __call__(
        self,
        actor: Id,
        *,
        basis: list[str] | None = None,
        operation_id: Id | None = None,
        blobs: list[str] | None = None,
        **data: Any,
    ) -> Outcome:
        from app.sync.engine import engine

        return engine().perform(self, actor, data, basis=basis, operation_id=operation_id, blobs=blobs)


operations: dict[str, Operation] = {}
renderers: dict[str, Renderer] = {}
listeners: dict[str, list[Callable[..., None]]] = {}


def operation(
    name: str,
    *,
    schema: type[Schema],
    right: str | None,
    fact: bool = False,
    version: int = 1,
    makes: tuple[str, ...] = (),
) -> Callable[[Handler], Operation]:
    """Register `handler(tx, actor, *, …)` as the verb `name` (`<folder>.<function>`).

    `right=None` lets every active person do it (the handler checks the rest). `makes` names the data fields whose ids come
    into being by it; without, that is the operation's own id.
    """

    def register(handler: Handler) -> Operation:
        if name in operations:
            raise ValueError(f"{name} is registered twice")
        first, second, *_ = inspect.signature(handler).parameters
        if (first, second) != ("tx", "actor"):
            raise TypeError(f"{name}: a handler takes (tx, actor, *, …)")
        operations[name] = Operation(name, handler, schema, right, fact, version, makes)
        return operations[name]

    return register


def record(kind: str) -> Callable[[Renderer], Renderer]:
    """Register how records of `kind` are made: `render(session, ids)` → id → where its data lies (nothing: it is gone)."""

    def register(renderer: Renderer) -> Renderer:
        if kind in renderers:
            raise ValueError(f"records of kind {kind} are made twice")
        renderers[kind] = renderer
        return renderer

    return register


def after(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a step of a higher layer to follow the lower operation `name` in the same transaction, when it is in force."""

    def register(step: Callable[..., None]) -> Callable[..., None]:
        listeners.setdefault(name, []).append(step)
        return step

    return register
