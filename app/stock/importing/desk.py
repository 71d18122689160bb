"""Reads a file in the background and tells how far it is: 50,000 rows take a while, and nobody waits for a page that long."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.lib.clock import DAY
from app.lib.db import db
from app.lib.errors import Refused
from app.lib.ids import Id
from app.lib.tables import Entry, map_header, read_table
from app.stock.importing.bins import Bins, bins_basis
from app.stock.importing.columns import columns_of
from app.stock.importing.opening import Opening, opening_basis
from app.stock.importing.plan import KEPT_DAYS, Line, Plan, keep_plan
from app.stock.importing.products import Products, products_basis
from app.stock.settings import stock_settings

EXTENSION = "offstage-imports"
TELL_EVERY = 500


class Comparing(Protocol):
    """What knows one kind of file."""

    rows: dict[str, list[object]]

    def compare(self, entry: Entry) -> Line:
        """What a row would do."""

    def finish(self) -> None:
        """All rows were read."""


@dataclass
class Reading:
    """How far a file is: rows read, then the problem that ended it, or nothing: then its plan is kept."""

    file_name: str
    rows: int = 0
    problem: Refused | None = None
    is_done: bool = False


class Desk:
    """The files being read by this process."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.readings: dict[Id, Reading] = {}

    @property
    def folder(self) -> Path:
        """Where plans are kept."""
        return Path(self.app.config["DATA_DIR"])

    def begin(self, import_id: Id, *, kind: str, file_name: str, content: bytes, site_id: Id) -> None:
        """Read it in the background. The same import begun twice is read once."""
        if import_id in self.readings:
            return
        reading = self.readings[import_id] = Reading(file_name)
        self._forget_old()

        def work() -> None:
            with self.app.app_context():
                try:
                    plan = read_plan(db.session(), kind, file_name, content, site_id, reading)
                    keep_plan(self.folder, import_id, plan)
                except Refused as problem:
                    reading.problem = problem
                finally:
                    reading.is_done = True
                    db.session.remove()

        threading.Thread(target=work, name=f"import-{import_id}", daemon=True).start()

    def _forget_old(self) -> None:
        """Plans nobody applied for a week."""
        oldest = time.time() - KEPT_DAYS * DAY / 1000
        for path in (self.folder / "imports").glob("*.json"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def desk() -> Desk:
    """The current app's desk."""
    found: Desk = current_app.extensions[EXTENSION]
    return found


def read_plan(
    session: Session, kind: str, file_name: str, content: bytes, site_id: Id, reading: Reading | None = None
) -> Plan:  # fmt: skip
    """Read and compare a whole file; a TableError when it is no table we understand."""
    settings = stock_settings(session)
    table = read_table(BytesIO(content), file_name)
    header = map_header(table.header, columns_of(kind, settings))
    header.require()
    basis = basis_of(session, kind, site_id)
    comparing = _comparing(session, kind, site_id)
    lines = []
    for count, row in enumerate(table.rows(), 1):
        lines.append(comparing.compare(header.read(row)))
        if reading is not None and count % TELL_EVERY == 0:
            reading.rows = count
    comparing.finish()
    sha = hashlib.sha256(content).hexdigest()
    return Plan(kind, str(site_id), file_name, sha, basis, lines, comparing.rows, list(header.unknown.values()))


def _comparing(session: Session, kind: str, site_id: Id) -> Comparing:
    settings = stock_settings(session)
    if kind == "products":
        return Products(session, settings)
    return Bins(session, site_id) if kind == "bins" else Opening(session, site_id, settings)


def basis_of(session: Session, kind: str, site_id: Id) -> str:
    """What a plan of this kind rests on."""
    if kind == "products":
        return products_basis(session)
    return bins_basis(session, site_id) if kind == "bins" else opening_basis(session, site_id)
