"""Photos and signatures by their content: taken once, decoded with bounds, served only without metadata (sync.md §3)."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, insert, literal, select, tuple_
from sqlalchemy.orm import Session

from app.lib.ids import Id
from app.sync.errors import ProtocolError
from app.sync.models import Blob, BlobUse

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIZES = {"display": 1600, "thumb": 320}
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
NEVER_CAME = {"device_id": None, "size": 0, "media_type": "", "status": "withdrawn", "width": 0, "height": 0}


@dataclass(frozen=True)
class Taken:
    """What became of an upload."""

    status: str
    is_new: bool


class BlobStore:
    """Files under `DATA_DIR/blobs`; the rows about them are the engine's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha: str, form: str) -> Path:
        """Where a rendition lies; `sha` is checked by the route."""
        return self.folder / sha[:2] / f"{sha}.{form}"

    def render(self, sha: str, body: bytes) -> tuple[str, str, int, int]:
        """Make the renditions: (status, media type, width, height). An undecodable body is `unreadable` 422, final."""
        from PIL import Image, ImageOps

        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            try:
                image = Image.open(io.BytesIO(body), formats=list(FORMATS))
                if image.width * image.height > MOST_PIXELS:  # rule: T40
                    raise ValueError("too many pixels")
                media_type = FORMATS[image.format or ""]
                located = _is_located(image)
                image.load()
                upright = ImageOps.exif_transpose(image)
                forms = {form: _shrunk(upright, side) for form, side in SIZES.items()}
            except Exception as bad:  # Pillow raises many kinds on hostile input; none of them is ours to tell apart
                raise ProtocolError(422, "unreadable") from bad
        for form, small in forms.items():
            self._save(sha, form, small)
        if not located:
            self._write(self.path(sha, "original"), body)
        return ("location_removed" if located else "ok"), media_type, upright.width, upright.height

    def _save(self, sha: str, form: str, image: Image.Image) -> None:
        out = io.BytesIO()
        if image.mode in ("RGBA", "LA", "P"):
            image.convert("RGBA").save(out, "PNG", optimize=True)
        else:
            image.convert("RGB").save(out, "JPEG", quality=82)
        self._write(self.path(sha, form), out.getvalue())

    def _write(self, path: Path, body: bytes) -> None:
        """All or nothing: written beside, then moved into place."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f"{path.suffix}.{os.getpid()}.new")
        beside.write_bytes(body)
        beside.replace(path)


def _is_located(image: Image.Image) -> bool:
    """Whether the picture says where it was taken."""
    gps = 0x8825
    return bool(image.getexif().get_ifd(gps)) or b"exif:GPS" in image.info.get("xmp", b"")


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """At most `side` pixels long; pixels only, no metadata."""
    small = image.convert("RGBA" if image.mode in ("RGBA", "LA", "P") else "RGB")
    small.thumbnail((side, side))
    small.info.clear()
    return small


def take(session: Session, store: BlobStore, sha: str, body: bytes, device_id: Id | None, *, now: int) -> Taken:
    """Keep an upload. The same content again changes nothing; a wrong hash is 422 and sent again."""
    if len(body) > MOST_BYTES:
        raise ProtocolError(413, "blob_too_large", most=MOST_BYTES)
    if hashlib.sha256(body).hexdigest() != sha:
        raise ProtocolError(422, "wrong_hash")
    known = session.scalar(select(Blob.status).where(Blob.sha == sha))
    if known is not None:
        return Taken(known, is_new=False)
    status, media_type, width, height = store.render(sha, body)
    session.execute(
        insert(Blob).values(
            sha=sha,
            device_id=device_id,
            size=len(body),
            media_type=media_type,
            status=status,
            width=width,
            height=height,
            received_at=now,
        )
    )
    return Taken(status, is_new=True)


def withdraw(session: Session, shas: Iterable[str], shown_in: tuple[str, str], *, now: int) -> None:
    """Photos that never come: none of them is kept, should it come after all, and no backup waits for it (decision 0023).

    What is here already stays, and so does what another record than `shown_in` names.
    """
    wanted = sorted(set(shas))
    here = select(Blob.sha).where(Blob.sha.in_(wanted))
    elsewhere = select(BlobUse.sha).where(
        BlobUse.sha.in_(wanted), tuple_(BlobUse.kind, BlobUse.id) != tuple_(*map(literal, shown_in))
    )
    spared = {*session.scalars(here), *session.scalars(elsewhere)}
    if rows := [{**NEVER_CAME, "sha": sha, "received_at": now} for sha in wanted if sha not in spared]:
        session.execute(insert(Blob), rows)


def may_read(session: Session, sha: str, device_id: Id, readable: dict[str, list[str]]) -> bool:
    """Whether this device put it, or reads a record that names it."""
    if session.scalar(select(Blob.sha).where(Blob.sha == sha, Blob.device_id == device_id)):
        return True
    return _is_named(session, sha, list(readable), BlobUse.past.is_(False))


def was_named(session: Session, sha: str, names: list[str]) -> bool:
    """Whether a record in one of these buckets names the blob or ever did: in the office what was said before stays seen."""
    return _is_named(session, sha, names)


def _is_named(session: Session, sha: str, names: list[str], *only: ColumnElement[bool]) -> bool:
    query = select(BlobUse.sha).where(BlobUse.sha == sha, BlobUse.bucket.in_(names), *only)
    return session.scalar(query.limit(1)) is not None
