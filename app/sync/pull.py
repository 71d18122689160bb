"""Pull and head: what a device lacks, as an index range read of finished JSON; no ORM (sync.md §3)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, tuple_

from app.lib.clock import DAY
from app.lib.ids import Id
from app.sync.buckets import ORG
from app.sync.errors import ProtocolError
from app.sync.models import Bucket, Meta, Record

PAGE_BYTES = 1_000_000
ROWS_AT_ONCE = 2_000
USUAL_LINE = 500
TOMBSTONES_KEPT = 180 * DAY

bucket = Bucket.__table__
record = Record.__table__
meta = Meta.__table__

# Built once: a pull of a few changed records should cost little more than reading them.
EPOCH = select(meta.c.value).where(meta.c.key == "epoch")
HEADS = select(bucket.c.name, bucket.c.rev, bucket.c.count, bucket.c.sum).where(
    bucket.c.name.in_(bindparam("names", expanding=True))
)
COLUMNS = (record.c.rev, record.c.kind, record.c.id, record.c.gone, record.c.data, record.c.changed_at)
# What follows a place, in order; of a `full` only the tombstones made since it began.
LIVE_OR_NEW = and_(record.c.bucket == bindparam("bucket"), or_(record.c.gone.is_(False), record.c.rev > bindparam("began")))
IN_ORDER = select(*COLUMNS).order_by(record.c.rev, record.c.kind, record.c.id).limit(bindparam("most"))
AFTER_REV = IN_ORDER.where(LIVE_OR_NEW, record.c.rev > bindparam("rev"))
AFTER_LINE = IN_ORDER.where(
    LIVE_OR_NEW,
    tuple_(record.c.rev, record.c.kind, record.c.id) > tuple_(bindparam("rev"), bindparam("kind"), bindparam("id")),
)
COUNT = select(func.count()).select_from(record).where(record.c.bucket == bindparam("bucket"), record.c.rev > bindparam("began"))


Line = tuple[int, str | None, str | None]
BEGINNING: Line = (0, None, None)


@dataclass
class Place:
    """How far a pull has come in one bucket: the last line's (rev, kind, id), and the rev at which a `full` began."""

    rev: int
    kind: str | None
    id: str | None
    began: int
    full: bool
    lines: int = 0

    @property
    def line(self) -> Line:
        """The last line read."""
        return self.rev, self.kind, self.id


@dataclass
class Page:
    """One page of NDJSON."""

    body: bytes
    is_last: bool


Heads = dict[str, tuple[int, int, int]]


def epoch_of(connection: Connection) -> str:
    """The epoch: raised by a restore, so that every device fills anew."""
    found: str = connection.execute(EPOCH).scalar_one()
    return found


def heads_of(connection: Connection, names: list[str]) -> Heads:
    """Bucket → (rev, count, sum); a bucket nothing was ever published to stands at 0."""
    rows = connection.execute(HEADS, {"names": names})
    found: Heads = {name: (rev, count, total) for name, rev, count, total in rows}
    return {name: found.get(name, (0, 0, 0)) for name in names}


@dataclass(frozen=True)
class State:
    """Where a device's buckets stand, as one snapshot has it."""

    epoch: str
    heads: Heads
    body: bytes  # the answer to a poll
    etag: str


def state_of(connection: Connection, readable: dict[str, list[str]]) -> State:
    """Epoch and heads, and the polling answer made of them."""
    epoch, heads = epoch_of(connection), heads_of(connection, sorted(readable))
    said = {"epoch": epoch, "access": access_of(readable), "heads": {name: head[0] for name, head in heads.items()}}
    body = orjson.dumps(said)
    return State(epoch, heads, body, hashlib.sha256(body).hexdigest()[:24])


def access_of(readable: dict[str, list[str]]) -> str:
    """Changes whenever the device may read other buckets, or other people on it may."""
    return hashlib.sha256(orjson.dumps(readable, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


Ask = Callable[[Select[*tuple[Any, ...]], dict[str, Any]], Sequence[Any]]


def asking(connection: Connection) -> Ask:
    """Questions put to the snapshot that the connection's transaction holds."""
    return lambda question, values: connection.execute(question, values).all()


@dataclass
class Part:
    """The lines of `org` between two places, as long as a page of them is."""

    lines: list[bytes]
    size: int
    end: Place
    done: bool


class Kept:
    """What first fills ask of `org`, as long as its revision stays: every device of the house asks for the same (sync.md §3)."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[str, int], dict[Line, Part]] = (("", 0), {})

    def read(self, ask: Ask, place: Place, epoch: str, lines: list[bytes], size: int) -> tuple[bool, int]:
        """As `_read` does, but in parts that begin and end at the same lines whatever else is on the page."""
        kept = self._kept
        if kept[0] != (epoch, place.began):
            kept = self._kept = ((epoch, place.began), {})
        part = kept[1].get(place.line) or self._part(ask, place, kept[1])
        lines += part.lines
        place.rev, place.kind, place.id = part.end.line
        place.lines += len(part.lines)
        return part.done, size + part.size

    def _part(self, ask: Ask, place: Place, parts: dict[Line, Part]) -> Part:
        """Read a part, and keep it where it follows the others: a device may say that it stands anywhere."""
        own: list[bytes] = []
        end = replace(place)
        done, size = _read(ask, ORG, end, place.began, own, 0, oldest=0)
        part = Part(own, size, end, done)
        if place.line == BEGINNING or any(place.line == other.end.line for other in list(parts.values())):
            parts[place.line] = part
        return part


def pull(
    ask: Ask, device_id: Id, readable: dict[str, list[str]], state: State, body: dict[str, Any], kept: Kept, *, now: int
) -> Page:
    """One page. `state` must belong to the snapshot that `ask` reads."""
    epoch, heads = state.epoch, state.heads
    places, restart = _places(body, epoch, device_id, heads)
    lines: list[bytes] = []
    size = 0
    finished = True
    for name, place in places.items():
        if name == ORG and place.full and place.began == heads[name][0] and size < PAGE_BYTES:
            done, size = kept.read(ask, place, epoch, lines, size)
        else:
            done, size = _read(ask, name, place, heads[name][0], lines, size, oldest=now - TOMBSTONES_KEPT)
        if not done:
            finished = False
            break
    header: dict[str, Any] = {
        "epoch": epoch,
        "buckets": {
            name: {
                "to": heads[name][0],
                "mode": "full" if place.full else "delta",
                "count": heads[name][1] if place.full else _delta_count(ask, name, place, finished),
                "readers": readable[name],
            }
            for name, place in places.items()
        },
    }
    if restart:
        header["restart"] = True
    trailer: dict[str, Any] = {"after": None if finished else _pack(epoch, device_id, places)}
    if finished:
        trailer["checks"] = {n: {"rev": h[0], "count": h[1], "sum": h[2]} for n, h in heads.items()}
    return Page(b"\n".join([orjson.dumps(header), *lines, orjson.dumps(trailer), b""]), finished)


def is_delta(heads: Heads, body: dict[str, Any]) -> bool:
    """Whether the device holds something of every bucket, so that little is to be read."""
    cursors = body.get("cursors")
    if not isinstance(cursors, dict) or body.get("after") is not None:
        return False
    return all(cursors.get(name) for name, (rev, _, _) in heads.items() if rev)


def _places(body: dict[str, Any], epoch: str, device_id: Id, heads: Heads) -> tuple[dict[str, Place], bool]:
    """Where each bucket's reading goes on: from `after`, else from the cursors."""
    cursors = body.get("cursors")
    if not isinstance(cursors, dict) or not all(isinstance(v, int) and not isinstance(v, bool) for v in cursors.values()):
        raise ProtocolError(422, "malformed_cursors")
    after = body.get("after")
    resumed = _unpack(after, device_id) if after is not None else None
    restart = after is not None and (resumed is None or resumed["epoch"] != epoch)
    places = {}
    for name, (rev, _, _) in heads.items():
        if resumed is not None and not restart and name in resumed["places"]:
            places[name] = Place(*resumed["places"][name])
            continue
        cursor = cursors.get(name, 0) if body.get("epoch") == epoch and not restart else 0
        full = cursor <= 0 or cursor > rev
        places[name] = Place(0 if full else cursor, None, None, rev if full else cursor, full)
    return places, restart


def _read(
    ask: Ask, name: str, place: Place, to: int, lines: list[bytes], size: int, *, oldest: int
) -> tuple[bool, int]:  # fmt: skip
    """Append lines of one bucket until it ends (True) or the page is full (False); moves `place`.

    A delta that would begin with something older than the tombstones that are kept becomes a `full`: what was removed before
    may be missing from it.
    """
    if place.kind is None and place.rev >= to:
        return True, size
    prefix = f'{{"bucket":{_quoted(name)},"kind":'
    while True:
        most = _room(lines, size)
        rows = _rows(ask, name, place, most)
        if rows and place.kind is None and not place.full and rows[0][-1] < oldest:
            place.rev, place.began, place.full = 0, to, True
            continue
        for rev, kind, id, gone, data, _ in rows:
            if size >= PAGE_BYTES:
                return False, size
            said = '"gone":true' if gone else f'"data":{data}'
            line = f'{prefix}{_quoted(kind)},"id":{_quoted(id)},"rev":{rev},{said}}}'.encode()
            lines.append(line)
            size += len(line) + 1
            place.rev, place.kind, place.id = rev, kind, id
            place.lines += 1
        if len(rows) < most:
            return True, size


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def _room(lines: list[bytes], size: int) -> int:
    """As many rows as the page still takes, going by those it has: what is read beyond its end is read twice."""
    usual = size / len(lines) if lines else USUAL_LINE
    return max(1, min(ROWS_AT_ONCE, int((PAGE_BYTES - size) / usual) + 20))


def _rows(ask: Ask, name: str, place: Place, most: int) -> Sequence[Any]:
    """The next lines after a place."""
    said = {"bucket": name, "began": place.began, "rev": place.rev, "most": most}
    if place.kind is None:
        return ask(AFTER_REV, said)
    return ask(AFTER_LINE, {**said, "kind": place.kind, "id": place.id})


def _delta_count(ask: Ask, name: str, place: Place, finished: bool) -> int:
    """Lines a delta brings from where it began: counted where this page has not read them all."""
    if finished:
        return place.lines
    found: int = ask(COUNT, {"bucket": name, "began": place.began})[0][0]
    return found


def _pack(epoch: str, device_id: Id, places: dict[str, Place]) -> str:
    """`after`: opaque to the device, bound to it and to the epoch."""
    said = {
        "epoch": epoch, "device": str(device_id),
        "places": {n: [p.rev, p.kind, p.id, p.began, p.full, p.lines] for n, p in places.items()},
    }  # fmt: skip
    return base64.urlsafe_b64encode(orjson.dumps(said)).decode()


def _unpack(after: object, device_id: Id) -> dict[str, Any] | None:
    """What `_pack` said, or None: then the pull starts again."""
    try:
        said = orjson.loads(base64.urlsafe_b64decode(str(after)))
        places = {str(name): (int(p[0]), p[1], p[2], int(p[3]), bool(p[4]), int(p[5])) for name, p in said["places"].items()}
        return {"epoch": said["epoch"], "places": places} if said["device"] == str(device_id) else None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, binascii.Error):
        return None
