"""A feature of three verbs and one table, to try the engine with nothing above it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from marshmallow import Schema, fields
from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.lib.db import IdType
from app.lib.ids import Id, new_id
from app.sync import Item, Placed, Tx, buckets, operation, record
from app.sync.hooks import DeviceInfo, GrantCheck
from tests.wire import WireDevice

SITE = new_id()


class ToyModel(DeclarativeBase):
    """Tables of its own: the product knows nothing of them."""


class Note(ToyModel):
    """A line of text."""

    __tablename__ = "toy_note"
    id: Mapped[Id] = mapped_column(IdType, primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    parent: Mapped[Id | None] = mapped_column(IdType)
    at: Mapped[int] = mapped_column(BigInteger)


class NoteSchema(Schema):
    note_id = fields.UUID(required=True)
    text = fields.Str(required=True)
    parent = fields.UUID(load_default=None)
    waits_for = fields.UUID(load_default=None)


@record("toy_note")
def render_notes(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    rows = session.scalars(select(Note).where(Note.id.in_([Id(i) for i in ids])))
    return {str(row.id): [Placed(buckets.site(SITE), {"text": row.text})] for row in rows if not row.text.startswith("hidden")}


def write(tx: Tx, note_id: Id, text: str, parent: Id | None) -> None:
    if tx.session.get(Note, note_id):
        tx.refuse("exists")
    tx.session.add(Note(id=note_id, text=text, parent=parent, at=tx.happened_at))


@operation("toy.note", schema=NoteSchema, right="toy", fact=True, version=2, makes=("note_id",))
def take_note(tx: Tx, actor: Id, *, note_id: Id, text: str, parent: Id | None, waits_for: Id | None) -> None:
    """A fact with every way to go wrong."""
    if waits_for and not tx.device_heard(waits_for, tx.happened_at):
        tx.hold("other_device", f"device:{waits_for}", device=str(waits_for))
    if parent and not tx.session.get(Note, parent):
        tx.missing("note", parent)
    if text == "no effect" and tx.admitted is None:
        tx.session.add(Note(id=note_id, text="must be undone", at=0))
        tx.session.flush()
        tx.doubt("contested", effect=False, with_whom="x")
    if text == "doubtful":
        tx.doubt("order_unverified")
    if text == "bug":
        tx.session.add(Note(id=note_id, text=text, at=0))
        raise ZeroDivisionError
    if text == "refuse":
        tx.refuse("bad_note", text=text)
    if text == "step":
        tx.log_step("toy.step", what="more")
    write(tx, note_id, text, parent)
    tx.publish("toy_note", note_id)
    tx.about("toy_note", note_id)


def take_notes(tx: Tx, actor: Id, items: list[Item]) -> None:
    """The same, in a constant number of statements, for what needs no thought."""
    if any(i.data["text"] != "many" for i in items):
        raise ValueError("redo singly")
    tx.session.add_all([Note(id=i.data["note_id"], text="many", at=i.happened_at) for i in items])
    for item in items:
        tx.of(item).publish("toy_note", item.data["note_id"])


take_note.many = take_notes


@operation("toy.decide", schema=NoteSchema, right="toy.decide", makes=("note_id",))
def decide(tx: Tx, actor: Id, *, note_id: Id, text: str, parent: Id | None, waits_for: Id | None) -> None:
    """A decision: what it rests on must still be so."""
    if parent and not tx.session.get(Note, parent):
        tx.missing("note", parent)
    tx.check_basis("now")
    if text == "doubtful":
        tx.doubt("order_unverified")
    write(tx, note_id, text, parent)
    tx.publish("toy_note", note_id)


@dataclass
class ToyHooks:
    """Rights, grants and devices without tables. A grant's token is "ok" or the code of its fault."""

    devices: dict[str, DeviceInfo] = field(default_factory=dict)
    rights: set[tuple[Id, str]] = field(default_factory=set)
    before: dict[Id, set[Id]] = field(default_factory=dict)
    exceptions: list[tuple[str, Id]] = field(default_factory=list)
    closed: list[tuple[Id, str]] = field(default_factory=list)

    def standing(self, session: Session, person_id: Id) -> ToyStanding:
        return ToyStanding({right for person, right in self.rights if person == person_id})

    def site_of(self, session: Session, person_id: Id) -> Id | None:
        return SITE

    def device_of(self, session: Session, cookie: str) -> DeviceInfo | None:
        return self.devices.get(cookie)

    def grants(self, session: Session, device_id: Id, tokens: dict[str, str]) -> ToyGrants:
        return ToyGrants(tokens)

    def buckets_of(self, session: Session, device_id: Id) -> dict[str, list[str]]:
        names = (buckets.org(), buckets.site(SITE), buckets.device(device_id))
        return {name: ["somebody"] for name in names}

    def buckets_of_person(self, session: Session, person_id: Id) -> list[str]:
        return [buckets.site(SITE)]

    def predecessors(self, session: Session, device_id: Id) -> set[Id]:
        return self.before.get(device_id, set())

    def heard(self, session: Session, device_id: Id, at: int, report: dict[str, Any] | None) -> None:
        pass

    def open_exception(self, tx: Tx, operation: Any, code: str, facts: dict[str, Any]) -> Id:
        id = new_id()
        self.exceptions.append((code, operation.id))
        return id

    def close_exception(self, tx: Tx, exception_id: Id, how: str, reason: str) -> None:
        self.closed.append((exception_id, how))


@dataclass
class ToyStanding:
    rights: set[str]

    def may(self, right: str | None, site_id: Id | None, at: int) -> bool:
        return right is None or right in self.rights


@dataclass
class ToyGrants:
    tokens: dict[str, str]

    def check(self, grant_id: object, actor: Id, happened_at: int) -> GrantCheck:
        said = self.tokens.get(str(grant_id), "bad_grant")
        return GrantCheck(None, None if said == "ok" else said)


class ToyDevice(WireDevice):
    """A device whose grant is good unless `token` says otherwise."""

    def __init__(self, app: Flask, hooks: ToyHooks, actor: Id, *, revoked: bool = False) -> None:
        super().__init__(app.test_client(), new_id(), actor, {"g": "ok"}, "g")
        self.hooks = hooks
        self.revoke(revoked)
        self.client.set_cookie("offstage-device", str(self.id))

    @property
    def token(self) -> str:
        return self.grants["g"]

    @token.setter
    def token(self, said: str) -> None:
        self.grants["g"] = said

    def revoke(self, revoked: bool = True) -> None:
        self.hooks.devices[str(self.id)] = DeviceInfo(self.id, SITE, revoked)

    def op(self, text: str = "hello", *, type: str = "toy.note", **changes: Any) -> dict[str, Any]:  # type: ignore[override]  # says less than the one it stands for
        """The next operation of the stream."""
        data = {"note_id": str(changes.pop("note_id", new_id())), "text": text}
        for name in ("parent", "waits_for"):
            if name in changes:
                data[name] = str(changes.pop(name))
        return super().op(type, changes.pop("data", data), **changes)

    def say(self, text: str = "hello", **changes: Any) -> Any:  # type: ignore[override]  # says less than the one it stands for
        """Make one operation, send it, and hear its verdict."""
        return self.send(self.op(text, **changes))["verdicts"][0]

    def notes(self) -> list[str]:
        """The texts it holds, sorted."""
        return sorted(data["text"] for (_, kind, _), (_, data) in self.held.items() if kind == "toy_note")
