"""A signature drawn in the office: the browser sends the picture, the house keeps it and knows it by its sha256."""

from __future__ import annotations

import base64
import binascii

from flask import current_app

from app.lib.errors import Refused
from app.lib.words import t
from app.sync.engine import engine
from app.sync.errors import ProtocolError

HEAD = "data:image/png;base64,"


def keep_signature(said: str) -> str:
    """Keep the picture of a `data:` address; its sha256, or `Refused` when it is none."""
    refused = Refused("not_a_signature", status=422, item=t("office.checklists.signature"))
    body = _body_of(said)
    if body is None:
        raise refused
    try:
        sha, taken = engine().keep_blob(current_app.extensions["offstage-blobs"], body)
    except ProtocolError:
        raise refused from None
    if taken.status == "unreadable":
        raise refused
    return sha


def _body_of(said: str) -> bytes | None:
    if not said.startswith(HEAD):
        return None
    try:
        return base64.b64decode(said.removeprefix(HEAD), validate=True)
    except binascii.Error:
        return None
