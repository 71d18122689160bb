"""A device as `static/js/replica` makes one: outbox, journal, drain, push, pull, settling, photos, clock, enrolment.

It follows the modules of the same names function by function, without what only a screen needs. Every change goes through
`write`; the process may be killed before and after each one, and asks the server only through the world's network.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

import orjson

from app.lib.clock import DAY, HOUR, MINUTE
from tests.simulation.disk import Disk, Row, fresh_state, fresh_stream
from tests.simulation.house import Reply, uuid7_of

if TYPE_CHECKING:
    from tests.simulation.world import World

MOST_OPERATIONS, CHUNK, GZIP_FROM = 100, 40, 4_000
MOST_REQUESTS = 120
SNAPSHOTS = 6
OF_THE_NETWORK = ("network", "captive", "busy", "unknown_device")
COMMON = ("network", "slow", "captive", "busy", "unknown_device", "revoked", "forbidden")
REASONS = {
    401: "unknown_device", 403: "forbidden", 410: "revoked", 413: "too_large", 426: "outdated", 429: "busy", 503: "busy",
}  # fmt: skip
WIRE = ("id", "seq", "type", "v", "actor", "grant", "at", "offset", "seen", "basis", "data", "blobs")
DECIDED, WAITING = ("applied", "noted", "rejected"), ("held", "parked")


class Failure(Exception):
    """The exchange failed; nothing changes here (`wire.js`)."""

    def __init__(self, reason: str, status: int = 0, code: str | None = None, **facts: Any) -> None:
        super().__init__(f"{reason}: {code}" if code else reason)
        self.reason, self.status, self.code, self.facts = reason, status, code, facts


class NotSaved(Exception):
    """The screen says so in red."""


class DeviceKilled(BaseException):
    """The process is gone; what its disk holds is left."""


class Clock:
    """server − device at the middle of the best recent exchange (`clock.js`); lost with the process."""

    def __init__(self, skew: int) -> None:
        self.samples: list[tuple[float, int, int]] = []  # offset, trip, at
        self.origin = skew
        self.offset = self.seen = 0

    def learn(self, server: int, sent: int, received: int, skew: int) -> None:
        if abs(skew - self.origin) > 1000:
            self.samples = []
        self.origin = skew
        if received < sent:
            return
        self.samples.append((server - (sent + received) / 2, received - sent, received))
        self.samples = [one for one in self.samples if abs(received - one[2]) <= 10 * MINUTE][-20:]
        self.offset = round(min(reversed(self.samples), key=lambda one: one[1])[0])
        self.seen = max(self.seen, server)


class Device:
    """One browser profile."""

    def __init__(self, world: World, name: str, crew: tuple[str, ...]) -> None:
        self.world, self.name, self.crew = world, name, crew
        self.disk = Disk()
        self.safe: list[Disk] = [self.disk]  # what a power cut may leave: the last strict transaction and those after it
        self.jar: dict[str, str] = {}
        self.skew = 0
        self.was: str | None = None  # localStorage remembers the device whose database was evicted
        self.corrupted: set[str] = set()
        self.doom: int | None = None
        self.problem: str | None = None
        self.failure: Failure | None = None
        self.requests = 0
        self.boot()

    # -- the process ------------------------------------------------------------------------------------------------------

    def boot(self) -> None:
        """A page is opened: memory begins with what the disk holds."""
        self.clock, self.doom, self.is_nested = Clock(self.skew), None, False
        self.again = False

    def wall(self) -> int:
        """What its clock shows."""
        return self.world.now + self.skew

    @contextmanager
    def write(self, *, strict: bool = False) -> Iterator[Disk]:
        """One transaction: whole or not at all."""
        self.may_die()
        draft = self.disk.copy()
        yield draft
        self.disk = draft
        self.safe = [draft] if strict else [*self.safe[-SNAPSHOTS:], draft]
        self.may_die()

    def may_die(self) -> None:
        """A place where the process may be killed."""
        if self.doom is not None:
            self.doom -= 1
            if self.doom <= 0:
                raise DeviceKilled

    @property
    def state(self) -> dict[str, Any]:
        return self.disk.state

    @property
    def person(self) -> str | None:
        found: str | None = self.disk.state["person"]
        return found

    @property
    def id(self) -> str | None:
        found = self.disk.state["device"]
        return found["id"] if found else None

    # -- reading ----------------------------------------------------------------------------------------------------------

    def readable(self) -> list[str]:
        """Buckets that the person who is unlocked sees."""
        buckets = self.state["buckets"]
        return [
            name for name, held in buckets.items()
            if name.startswith("device:") or name.endswith(":safety") or (self.person and self.person in held["readers"])
        ]  # fmt: skip

    def get(self, kind: str, id: str) -> Any:
        """A record's data, or None."""
        for name in self.readable():
            if (found := self.disk.base.get(name, {}).get((kind, id))) is not None:
                return found[1]
        return None

    def all(self, kind: str) -> list[Any]:
        """Every record of a kind that the person sees."""
        return [
            data for name in self.readable() for (of, _), (_, data) in self.disk.base.get(name, {}).items() if of == kind
        ]  # fmt: skip

    def pending(self, type: str) -> list[Row]:
        """The person's own operations of a type that nobody has decided against."""
        rows = self.disk.rows()
        return [row for row in rows if row["type"] == type and row["actor"] == self.person and not is_rejected(row)]

    def pending_on(self, kind: str, id: str) -> list[str]:
        """Own pending operations on a record: they belong into a basis (sync.md §5)."""
        return [row["id"] for row in self.disk.rows() if (kind, id) in row["about"] and not is_rejected(row)]

    # -- appending (outbox.js) --------------------------------------------------------------------------------------------

    def append(
        self, type: str, data: dict[str, Any], *, basis: Iterable[str] = (), blobs: Iterable[str] = (),
        about: Iterable[tuple[str, str]] = (), shows: tuple[str, str] | None = None, **forged: Any,
    ) -> str:  # fmt: skip
        """Keep what a person did; returns its id. `shows`: the record that proves it is in force, once it settled."""
        state = self.state
        grants = [grant for grant in state["grants"].values() if grant["person"] == state["person"] and not grant["ended_at"]]
        if not state["device"] or not grants:
            raise NotSaved
        row: Row = {
            "id": str(uuid7_of(self.wall(), self.world.dice)), "type": type, "v": 1, "actor": state["person"],
            "grant": grants[-1]["id"], "at": self.wall(), "offset": self.clock.offset, "seen": self.clock.seen,
            "basis": list(basis), "data": data, "blobs": list(blobs), "about": set(about), "shows": shows, "verdict": None,
            "uncovered": set(), **forged,
        }  # fmt: skip
        with self.write(strict=True) as disk:
            stream = disk.stream
            stream["made"], stream["last_seq"] = stream["made"] + 1, stream["last_seq"] + 1
            row = {**row, "no": stream["made"], "seq": stream["last_seq"], "stream": stream["id"]}
            disk.outbox[row["id"]] = row
        self.world.made(self, row)
        return str(row["id"])

    def keep_blob(self, sha: str, body: bytes) -> str:
        """Keep a photo; it is sent after the operation that names it."""
        with self.write(strict=True) as disk:
            if sha not in disk.blobs:
                disk.blobs[sha] = {"sha": sha, "body": body, "at": self.wall(), "state": "kept", "ready": False}
        return sha

    def make_room(self) -> None:
        """Local copies that the server has verified go, unless the outbox or what no backup holds names them (blobs.js)."""
        disk = self.disk
        filed = [row for row in disk.journal.values() if self._is_after(row, disk.stream["durable_seq"] + 1)]
        needed = {sha for row in [*disk.outbox.values(), *filed] for sha in row["blobs"]}
        with self.write() as draft:
            for sha, row in list(draft.blobs.items()):
                if row["state"] == "sent" and sha not in needed:
                    del draft.blobs[sha]

    # -- the drain (drain.js) ---------------------------------------------------------------------------------------------

    def sync(self) -> bool:
        """Exchange with the server; whether it went well."""
        if self.id is None:
            return False
        self.requests = 0
        for _ in range(4):
            self.again = False
            try:
                self._exchange()
                self.failure = None
            except Failure as failure:
                self.failure = failure
            if not self.again or self.failure:
                break
        return self.failure is None

    def _exchange(self) -> None:
        self._end_grants()
        unsent: Failure | None = None
        try:
            self._push()
        except Failure as failure:
            if failure.reason in OF_THE_NETWORK:
                raise
            unsent = failure
        try:
            self._follow()
            self._send_blobs(is_held_up=unsent is not None)
        except Failure as failure:
            if failure.reason == "taken_over":
                return
            raise
        if self.problem:
            self._report()
        if unsent:
            raise unsent

    def call(
        self, method: str, path: str, *, json: Any = None, body: bytes = b"", headers: dict[str, str] | None = None,
        expect: tuple[int, ...] = (200,),
    ) -> Reply:  # fmt: skip
        """One exchange; whatever is not clearly Offstage's own answer is a Failure (wire.js)."""
        self.requests += 1
        self.world.limit(self.requests <= MOST_REQUESTS, "I10", f"{self.name} asks without end")
        said = dict(headers or {})
        if json is not None:
            body, said["Content-Type"] = orjson.dumps(json), "application/json"
            if len(body) > GZIP_FROM:
                body, said["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        sent = self.wall()
        self.may_die()
        reply = self.world.network(self, method, path, body, said)
        self.may_die()
        received = self.wall()
        if "Offstage-Protocol" not in reply.headers:
            raise Failure("server" if reply.status >= 500 else "captive", reply.status)
        self.clock.learn(int(reply.headers["Offstage-Time"]), sent, received, self.skew)
        if reply.status not in expect:
            raise _failure_of(reply)
        return reply

    def _report(self) -> None:
        problem, self.problem = self.problem, None
        try:
            self.call("POST", "/api/sync/report", json={"last_seq": self.disk.stream["last_seq"], "last_error": problem})
        except Failure:
            return

    # -- push (push.js) ---------------------------------------------------------------------------------------------------

    def _push(self) -> None:
        most, mended = MOST_OPERATIONS, 0
        while batch := self._next_batch(most):
            try:
                said = self._send(batch)
            except Failure as failure:
                if failure.reason == "too_large" and len(batch) > 1:
                    most = len(batch) >> 1
                elif not _can_mend(failure) or (mended := mended + 1) > 3:
                    raise
                else:
                    self._mend(failure)
                continue
            self._take(batch, said)

    def _next_batch(self, most: int) -> list[Row]:
        batch: list[Row] = []
        for row in self.disk.unsaid():
            if len(batch) == most or (batch and row["seq"] != batch[-1]["seq"] + 1):
                break
            batch.append(row)
        return batch

    def _send(self, batch: list[Row]) -> Any:
        state = self.state
        grants = state["grants"]
        said = {
            "device": self.id, "epoch": state["epoch"], "sent_at": self.wall(), "last_seq": self.disk.stream["last_seq"],
            "grants": {row["grant"]: grants[row["grant"]]["token"] for row in batch if row["grant"] in grants},
            "ops": [{name: row[name] for name in WIRE} for row in batch],
        }  # fmt: skip
        return _json(self.call("POST", "/api/sync/push", json=said))

    def _take(self, batch: list[Row], said: Any) -> None:
        if not isinstance(said, dict) or not isinstance(said.get("verdicts"), list):
            raise Failure("cut")
        stream = self.disk.stream["id"]
        with self.write() as disk:
            self._judge(disk, said["verdicts"])
            self._settle(disk)
            if disk.stream["id"] == stream:
                disk.stream.update(acked=said["next_seq"] - 1, durable_seq=said["durable_seq"])
        self.world.told(self, said["verdicts"])
        if not any((row := self.disk.outbox.get(sent["id"])) is None or row["verdict"] for sent in batch):
            raise Failure("refused", code="no_verdicts")

    def _mend(self, failure: Failure) -> None:
        if failure.code == "expected_seq" and self._fill_gap(failure.facts["next_seq"]):
            return
        self.world.fired("re-enrolled")
        self._adopt(self._post_device(replaces=self.id), from_=self.id)

    def _fill_gap(self, first: int) -> bool:
        with self.write() as disk:
            if first <= disk.stream["acked"]:
                self._restore(disk, disk.state["epoch"])
            self._requeue(disk, first)
            return any(row["stream"] == disk.stream["id"] and row["seq"] == first for row in disk.outbox.values())

    # -- verdicts (outbox.js) ---------------------------------------------------------------------------------------------

    def _judge(self, disk: Disk, verdicts: list[Any]) -> None:
        changed: list[Row] = []
        for said in verdicts:
            verdict = {name: said.get(name) for name in ("n", "status", "code", "facts", "revs")}
            for table in (disk.outbox, disk.journal):
                row = table.get(said["id"])
                if row is not None and verdict["n"] > (row["verdict"] or {"n": 0})["n"]:
                    table[said["id"]] = row = {**row, "verdict": verdict}
                    if table is disk.outbox:
                        changed.append(row)
        for row in changed:
            if row["verdict"]["status"] in DECIDED:
                self._uncover(disk, row)
        _mark_blobs(disk, changed, ready=True)

    def _uncover(self, disk: Disk, decided: Row) -> None:
        """A later decided operation takes the overlay of earlier held or parked ones off the records they share."""
        for row in disk.rows():
            if row["no"] < decided["no"] and (row["verdict"] or {}).get("status") in WAITING:
                disk.outbox[row["id"]] = {**row, "uncovered": row["uncovered"] | (row["about"] & decided["about"])}

    def _settle(self, disk: Disk) -> None:
        buckets = disk.state["buckets"]
        for row in disk.rows():
            verdict = row["verdict"]
            if verdict is None or verdict["status"] not in ("applied", "noted"):
                continue
            if all(bucket not in buckets or buckets[bucket]["rev"] >= rev for bucket, rev in verdict["revs"].items()):
                disk.file_away(row, self.wall())
                self.world.settled(self, disk, row)

    def _is_after(self, row: Row, first: int, stream: Any = None) -> bool:
        return bool(row["stream"] == (stream or self.disk.stream["id"]) and row["seq"] >= first)

    def _requeue(self, disk: Disk, first: int, which: Callable[[Row], bool] = lambda row: True) -> None:
        if not disk.stream["id"]:
            return
        stream = disk.stream["id"]
        again = [
            row for row in (*disk.journal.values(), *disk.outbox.values()) if self._is_after(row, first, stream) and which(row)
        ]  # fmt: skip
        for row in again:
            disk.journal.pop(row["id"], None)
            disk.outbox[row["id"]] = {**row, "verdict": None, "uncovered": set()}
        disk.stream["acked"] = min(disk.stream["acked"], first - 1)
        _mark_blobs(disk, again, state="kept", ready=False)

    def _renumber(self, disk: Disk, stream: str) -> None:
        self._requeue(disk, disk.stream["durable_seq"] + 1, lambda row: not is_rejected(row))
        open_rows = [row for row in disk.rows() if not is_rejected(row)]
        for n, row in enumerate(open_rows, 1):
            disk.outbox[row["id"]] = {**row, "verdict": None, "uncovered": set(), "stream": stream, "seq": n}
        disk.stream.update(id=stream, last_seq=len(open_rows), acked=0, durable_seq=0)

    def _restore(self, disk: Disk, epoch: str) -> None:
        for held in disk.state["buckets"].values():
            held["rev"] = 0
        disk.fills.clear()
        disk.state.update(epoch=epoch, pull=None, access=None, etag=None)
        self._requeue(disk, disk.stream["durable_seq"] + 1)

    # -- pull (pull.js) ---------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        state = self.state
        headers = {"Offstage-Last-Seq": str(self.disk.stream["last_seq"])}
        if state["etag"] and not state["pull"]:
            headers["If-None-Match"] = state["etag"]
        reply = self.call("GET", "/api/sync/head", headers=headers, expect=(200, 304))
        if reply.status == 304:
            return
        head = _json(reply)
        if not isinstance(head, dict) or "heads" not in head:
            raise Failure("cut")
        found = self._lacking(head)
        if found == "restored":
            self.world.fired("restored on the device")
            with self.write() as disk:
                self._restore(disk, head["epoch"])
        if found != "nothing":
            self._pull(head["access"], reply.headers.get("ETag"))
        if found == "restored":
            self.again = True

    def _cursors(self) -> dict[str, int]:
        return {name: held["rev"] for name, held in self.state["buckets"].items()}

    def _lacking(self, head: Any) -> str:
        cursors, heads = self._cursors(), head["heads"]
        if head["epoch"] != self.state["epoch"] or any(rev < cursors.get(name, 0) for name, rev in heads.items()):
            return "restored"
        same = cursors == heads and head["access"] == self.state["access"] and not self.state["pull"]
        return "nothing" if same else "delta"

    def _pull(self, access: str | None = None, etag: str | None = None) -> None:
        token = self.world.dice.getrandbits(60)
        with self.write() as disk:
            disk.state["pull"] = {"after": None, "fills": [], **(disk.state["pull"] or {}), "token": token}
        while True:
            page = self._ask_page((self.state["pull"] or {}).get("after"))
            self._apply(page, token, access, etag)
            if page["trailer"]["after"] is None:
                break
        self._verify(page["trailer"].get("checks") or {})
        self.world.pulled(self)

    def _ask_page(self, after: str | None) -> dict[str, Any]:
        state = self.state
        asked = [id for id, grant in state["grants"].items() if not grant["ended_at"]]
        said = {"epoch": state["epoch"], "cursors": self._cursors(), **({"after": after} if after else {})}
        reply = self.call("POST", "/api/sync/pull", json=said, headers={"Accept-Encoding": "identity"})
        try:
            lines = [orjson.loads(line) for line in reply.body.split(b"\n") if line]
        except orjson.JSONDecodeError as bad:
            raise Failure("cut") from bad
        if len(lines) < 2 or "buckets" not in lines[0] or "after" not in lines[-1]:
            raise Failure("cut")
        return {"header": lines[0], "lines": lines[1:-1], "trailer": lines[-1], "asked": asked}

    def _apply(self, page: dict[str, Any], token: int, access: str | None, etag: str | None) -> None:
        self._mine(token, lambda disk: self._begin(disk, page["header"]))
        for at in range(0, len(page["lines"]), CHUNK):
            self._mine(token, lambda disk, at=at: self._lines(disk, page["lines"][at : at + CHUNK]))  # type: ignore[misc]
        if page["trailer"]["after"] is None:
            self._mine(token, lambda disk: self._finish(disk, page, access, etag))
        else:
            self._mine(token, lambda disk: disk.state["pull"].update(after=page["trailer"]["after"]))

    def _mine(self, token: int, work: Callable[[Disk], Any]) -> None:
        """Unless another tab has begun to pull since: this page may be older than what is here by now."""
        with self.write() as disk:
            if (disk.state["pull"] or {}).get("token") != token:
                raise Failure("taken_over")
            work(disk)

    def _begin(self, disk: Disk, header: Any) -> None:
        state, buckets = disk.state, header["buckets"]
        if state["epoch"] != header["epoch"]:
            token = state["pull"]["token"]
            self._restore(disk, header["epoch"])
            state["pull"] = {"after": None, "fills": [], "token": token}
        pull = state["pull"]
        for bucket in list(pull["fills"]):
            if bucket not in buckets or header.get("restart"):
                disk.fills.pop(bucket, None)
                pull["fills"].remove(bucket)
        for bucket in list(state["buckets"]):
            if bucket in buckets:
                state["buckets"][bucket]["readers"] = buckets[bucket]["readers"]
            else:
                disk.base.pop(bucket, None)
                del state["buckets"][bucket]
        for bucket, said in buckets.items():
            if said["mode"] == "full" and bucket not in pull["fills"]:
                pull["fills"].append(bucket)
                disk.fills[bucket] = {}
            elif said["mode"] != "full" and bucket not in state["buckets"]:
                raise Failure("cut", code="delta_of_nothing")

    def _lines(self, disk: Disk, lines: list[Any]) -> None:
        pull, buckets, verdicts = disk.state["pull"], disk.state["buckets"], []
        for line in lines:
            bucket, key, rev = line["bucket"], (line["kind"], line["id"]), line["rev"]
            if bucket in pull["fills"]:
                table = disk.fills[bucket]
            elif bucket in buckets and rev > buckets[bucket]["rev"]:
                table = disk.base.setdefault(bucket, {})
            else:
                continue
            if key in table and table[key][0] >= rev:
                continue
            if line.get("gone"):
                table.pop(key, None)
            else:
                table[key] = (rev, line["data"])
            if line["kind"] == "verdict" and bucket == f"device:{self.id}" and not line.get("gone"):
                verdicts.append({**line["data"], "id": line["id"]})
        self._judge(disk, verdicts)

    def _finish(self, disk: Disk, page: dict[str, Any], access: str | None, etag: str | None) -> None:
        state, buckets = disk.state, page["header"]["buckets"]
        for bucket, said in buckets.items():
            held = state["buckets"].get(bucket)
            if bucket not in state["pull"]["fills"]:
                held["rev"] = max(held["rev"], said["to"])
                continue
            disk.base[bucket] = disk.fills.pop(bucket, {})
            mended = held["mended_at"] if held else 0
            state["buckets"][bucket] = {"rev": said["to"], "readers": said["readers"], "checked_at": 0, "mended_at": mended}
            self.corrupted.discard(bucket)
        state.update(pull=None, access=access, etag=etag, revoked=not buckets)
        if buckets:
            self._end_unread(state, buckets, page["asked"])
        self._settle(disk)

    def _end_unread(self, state: Any, buckets: Any, asked: list[str]) -> None:
        """Who reads nothing was signed out at the office."""
        readers = {person for said in buckets.values() for person in said["readers"]}
        for grant in (state["grants"].get(id) for id in asked):
            if grant and not grant["ended_at"] and grant["person"] not in readers:
                grant["ended_at"] = self.wall()
                if state["person"] == grant["person"]:
                    state["person"] = None

    def _verify(self, checks: dict[str, Any]) -> None:
        """Compare sums. The product does after a fill and once a day; here a difference nobody made is a finding at once."""
        for bucket, check in checks.items():
            held = self.state["buckets"].get(bucket)
            if held is None or held["rev"] != check["rev"]:
                continue
            rows = self.disk.base.get(bucket, {})
            total = sum(crc32(f"{kind}/{id}@{rev}".encode()) for (kind, id), (rev, _) in rows.items()) % 2**32
            if is_same := (len(rows), total) == (check["count"], check["sum"]):
                self.corrupted.discard(bucket)
            self.world.limit(is_same or bucket in self.corrupted, "I3", f"{self.name}: {bucket} sums to something else")
            now = self.wall()
            if now - held["checked_at"] < DAY:
                continue
            with self.write() as disk:
                kept = disk.state["buckets"][bucket]
                if is_same:
                    kept["checked_at"] = now
                elif now - kept["mended_at"] > HOUR:
                    kept.update(rev=0, mended_at=now)
                    disk.state["etag"] = None
            if not is_same:
                self.problem = f"sum_mismatch {bucket}"

    # -- photos (uploads.js) ----------------------------------------------------------------------------------------------

    def _send_blobs(self, *, is_held_up: bool) -> None:
        failure: Failure | None = None
        for row in sorted(self.disk.blobs.values(), key=lambda row: row["at"]):
            if row["state"] != "kept" or not row["ready"]:
                continue
            if not is_held_up and self.disk.unsaid():
                break
            try:
                self._send_blob(row)
            except Failure as one:
                if one.reason in COMMON:
                    raise
                failure = one
        if failure:
            raise failure

    def _send_blob(self, row: Row) -> None:
        reply = self.call(
            "PUT", f"/api/blobs/{row['sha']}", body=row["body"], headers={"Content-Type": "image/jpeg"}, expect=(200, 201, 422)
        )  # fmt: skip
        said = _json(reply)
        if reply.status == 422 and said.get("error", {}).get("code") != "unreadable":
            raise Failure("refused", 422, said.get("error", {}).get("code"))
        with self.write() as disk:
            if row["sha"] in disk.blobs:
                disk.blobs[row["sha"]] = {**disk.blobs[row["sha"]], "state": "unreadable" if reply.status == 422 else "sent"}

    # -- becoming a device (enrol.js) -------------------------------------------------------------------------------------

    def sign_in(self, login: str, *, give_up: bool = False) -> None:
        """Enrol, or sign the person in; raises Failure."""
        self.requests = 0
        self.world.sign_in(self, login)
        if self.id and self._attempt(self._post_grant, mild="not_enrolled"):
            return
        if self._attempt(lambda: self._adopt(self._post_device(replaces=self.id or self.was))):
            return
        if self.disk.unsaid():
            try:
                self._exchange()
            except Failure as failure:
                self.failure = failure
        if self.disk.unsaid() and not give_up:
            raise Failure("revoked", code="unsent_left")
        if self.disk.unsaid():
            self.world.given_up(self)
        self._adopt(self._post_device(replaces=None))

    def _attempt(self, work: Callable[[], None], mild: str | None = None) -> bool:
        if self.state["revoked"]:
            return False
        try:
            work()
            return True
        except Failure as failure:
            if failure.code is not None and failure.code == mild:
                return False
            if failure.code != "revoked":
                raise
        with self.write() as disk:
            disk.state["revoked"] = True
        return False

    def _post_grant(self) -> None:
        said = _json(self.call("POST", "/api/grants", json={}, expect=(200, 201)))
        if not said.get("grant"):
            raise Failure("refused", code="no_grant")
        with self.write() as disk:
            _keep_grant(disk.state, said["grant"])
        self.world.issued[said["grant"]["id"]] = said["grant"]["person"]

    def _post_device(self, replaces: str | None) -> Any:
        about = {"name": self.name, "shared": len(self.crew) > 1, "build": "simulated", "replaces": replaces}
        return _json(self.call("POST", "/api/devices", json=about, expect=(200, 201)))

    def _adopt(self, said: Any, from_: str | None = None) -> None:
        if not isinstance(said, dict) or not (said.get("device") or {}).get("id") or not said.get("stream"):
            raise Failure("cut")
        with self.write(strict=True) as disk:
            state = disk.state
            if from_ and (state["device"] or {}).get("id") != from_:
                return
            if state["revoked"]:
                self._begin_anew(disk)
                state = disk.state
            if state["epoch"] and state["epoch"] != said["epoch"]:
                self._restore(disk, said["epoch"])
            self._renumber(disk, said["stream"])
            state.update(device=said["device"], site=said["site"], epoch=said["epoch"], access=None, etag=None)
            if said["grant"]:
                _keep_grant(state, said["grant"])
        self.was = None
        if said["grant"]:
            self.world.issued[said["grant"]["id"]] = said["grant"]["person"]
        self.world.fired("enrolled")

    def _begin_anew(self, disk: Disk) -> None:
        """Nothing of a revoked device goes on; what it handed in waits at the office."""
        for row in disk.rows():
            disk.file_away(row, self.wall())
        disk.state, disk.base, disk.fills = fresh_state(), {}, {}
        disk.stream = {**fresh_stream(), "made": disk.stream["made"]}

    # -- people (index.js, enrol.js) --------------------------------------------------------------------------------------

    def sign_out(self) -> None:
        """The person leaves; what they did stays in the outbox, and the server is told before anything else is sent."""
        with self.write(strict=True) as disk:
            state = disk.state
            for grant in state["grants"].values():
                if grant["person"] == state["person"] and not grant["ended_at"]:
                    grant["ended_at"] = self.wall()
                    state["endings"].append(grant["id"])
            state["person"] = None

    def switch(self, dice: Random) -> None:
        """On a shared device another of those who are signed in unlocks it."""
        people = sorted({grant["person"] for grant in self.state["grants"].values() if not grant["ended_at"]})
        if people:
            with self.write() as disk:
                disk.state["person"] = dice.choice(people)

    def _end_grants(self) -> None:
        for id in list(self.state["endings"]):
            self.call("DELETE", f"/api/grants/{id}", expect=(200, 204, 403, 404, 410))
            with self.write() as disk:
                disk.state["endings"] = [other for other in disk.state["endings"] if other != id]


def is_rejected(row: Row) -> bool:
    return bool(row["verdict"] and row["verdict"]["status"] == "rejected")


def _keep_grant(state: dict[str, Any], grant: dict[str, Any]) -> None:
    state["grants"][grant["id"]] = {**grant, "ended_at": None}
    state["person"] = grant["person"]


def _mark_blobs(disk: Disk, rows: list[Row], **change: Any) -> None:
    """Photos follow their operation; when it has to be sent again, so have they."""
    for sha in {sha for row in rows for sha in row["blobs"]}:
        if sha in disk.blobs and disk.blobs[sha]["state"] != "unreadable":
            disk.blobs[sha] = {**disk.blobs[sha], **change}


def _json(reply: Reply) -> Any:
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError as bad:
        raise Failure("cut", reply.status) from bad


def _failure_of(reply: Reply) -> Failure:
    try:
        said = orjson.loads(reply.body).get("error") or {}
    except (orjson.JSONDecodeError, AttributeError):
        said = {}
    reason = REASONS.get(reply.status) or ("server" if reply.status >= 500 else "refused")
    return Failure(reason, reply.status, said.get("code"), **(said.get("facts") or {}))


def _can_mend(failure: Failure) -> bool:
    fork = failure.status == 409 and failure.code in ("fork", "expected_seq")
    return fork or (failure.status == 403 and failure.code == "wrong_device")
