"""What the demo does beside operations: its pictures come in like uploads, and taking it away empties the installation."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from flask import current_app
from sqlalchemy import insert

from app.lib.clock import now
from app.lib.db import Model, writer
from app.lib.ids import new_id
from app.stock.importing.desk import desk
from app.sync.blobs import BlobStore, take
from app.sync.models import Meta

from .pictures import sha_of


def blob_store() -> BlobStore:
    """Where the app keeps pictures."""
    found: BlobStore = current_app.extensions["offstage-blobs"]
    return found


def keep_pictures(bodies: Iterable[bytes]) -> None:
    """Keep pictures as if a device had uploaded them."""
    with writer().session() as session:
        for body in bodies:
            take(session, blob_store(), sha_of(body), body, None, now=now())


def empty_installation() -> None:
    """Remove every row, picture and imported file, and begin a new epoch: devices that were filled from it fill anew."""
    with writer().session() as session:
        for table in reversed(Model.metadata.sorted_tables):
            session.execute(table.delete())
        session.execute(insert(Meta).values(key="epoch", value=str(new_id())))
    for folder in (blob_store().folder, desk().folder / "imports"):
        shutil.rmtree(folder, ignore_errors=True)
