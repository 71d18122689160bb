"""Devices of the demo: they keep what their person does and push it later, as the floor's do."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID
from zlib import crc32

from app.demo.story import demo_id
from app.devices import tokens
from app.devices.operations import enrol_device, grant_device
from app.lib.build import build_id
from app.lib.clock import now
from app.lib.ids import Id
from app.sync.engine import engine
from app.sync.hooks import DeviceInfo
from app.sync.push import push

QUOTA = 8 * 1024**3


class Tablet:
    """One enrolled device with one person on it."""

    def __init__(self, name: str, login: str, person: Id, site: Id) -> None:
        self.name = name
        self.person = person
        self.info = DeviceInfo(demo_id(f"device/{login}"), site, revoked=False)
        self.grant = demo_id(f"grant/{login}")
        self.seq = 0
        self.token = ""
        self.kept: list[dict[str, Any]] = []

    def enrol(self) -> None:
        """The person signs in on it. Its cookie is nobody's: no browser can speak for it."""
        cookie_hash = hashlib.sha256(self.info.id.bytes).hexdigest()
        enrol_device(self.person, device_id=self.info.id, name=self.name, cookie_hash=cookie_hash)
        grant_device(self.person, device_id=self.info.id, grant_id=self.grant)
        self.token = tokens.sign(self.grant, self.info.id, self.person, self.info.site_id, now())

    def keep(self, at: int, type: str, data: dict[str, Any], blobs: list[str] | None = None) -> str:
        """Keep an operation on the device, in the order of time; returns its id."""
        self.seq += 1
        operation_id = str(id_at(at, self.seq, self.name))
        self.kept.append(
            {
                "id": operation_id,
                "seq": self.seq,
                "type": type,
                "v": 1,
                "actor": str(self.person),
                "grant": str(self.grant),
                "at": at,
                "offset": 0,
                "seen": 0,
                "basis": [],
                "data": data,
                "blobs": blobs or [],
            }
        )
        return operation_id

    def send(self, *expect: str) -> None:
        """Push what is kept; another verdict than one of those expected (applied) would be a fault of the story."""
        body = {
            "device": str(self.info.id),
            "sent_at": now(),
            "last_seq": self.seq,
            "grants": {str(self.grant): self.token},
            "ops": self.kept,
        }
        verdicts = push(engine(), self.info, body)["verdicts"]
        odd = [verdict for verdict in verdicts if verdict["status"] not in (expect or ("applied",))]
        if odd:
            raise RuntimeError(f"{self.name}: {odd[0]}")
        self.kept = []

    def report(self, usage: int) -> None:
        """Say how it is, as a device does while it is open; `usage` bytes of its storage are taken."""
        health = {
            "waiting": len(self.kept),
            "need": 0,
            "oldest_at": None,
            "storage": {"usage": usage, "quota": QUOTA},
            "persisted": True,
            "installed": True,
            "offset": 0,
            "build": build_id(),
            "last_error": None,
        }
        engine().heard(self.info.id, self.seq, health)


def id_at(at: int, number: int, name: str) -> Id:
    """A UUIDv7 that is the same each time the story is played at the same moment."""
    tail = crc32(f"{name}/{number}".encode())
    return UUID(int=(at << 80) | (7 << 76) | ((number & 0xFFF) << 64) | (2 << 62) | tail)
