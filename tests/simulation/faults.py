"""Everything that goes wrong, by name: to one request on its way, or to a device, the office or the server (sync.md §6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from app.devices.operations import end_grant, revoke_device
from app.lib.clock import DAY, HOUR, SECOND
from app.lib.ids import Id
from app.people.operations import end_employment, give_role, reinstate_person, suspend_person, withdraw_role
from tests.simulation.device import Device, Failure
from tests.simulation.disk import Disk
from tests.simulation.house import Failing, Reply, ServerKilled, Trap
from tests.simulation.stage import LEAVER, WORKERS

if TYPE_CHECKING:
    from tests.simulation.world import World

PUSH, HEAD, PULL, BLOB, ENROL, GRANT, END, REPORT = "push", "head", "pull", "blob", "enrol", "grant", "end", "report"
ANY = frozenset({PUSH, HEAD, PULL, BLOB, ENROL, GRANT, END, REPORT})
WRITES = frozenset({PUSH, BLOB, ENROL, GRANT, END})
PORTAL = b"<!doctype html><title>Hotel</title><form>Room number</form>"


@dataclass(frozen=True)
class Call:
    """One request on its way."""

    world: World
    device: Device
    method: str
    path: str
    body: bytes
    headers: dict[str, str]

    @property
    def kind(self) -> str:
        """Which call of the API it is."""
        if self.path.startswith("/api/blobs/"):
            return BLOB
        if self.path.startswith("/api/grants"):
            return END if self.method == "DELETE" else GRANT
        return ENROL if self.path == "/api/devices" else self.path.rpartition("/")[2]

    def deliver(self) -> Reply:
        """The server answers; a server that is killed meanwhile answers nothing and begins anew."""
        try:
            reply, cookies = self.world.ask(self.device.jar, self.method, self.path, self.body, self.headers)
        except ServerKilled:
            self.world.house.trap = None
            self.world.house.restart()
            raise Failure("network") from None
        finally:
            self.world.house.trap = None
        self.device.jar.update(cookies)
        return reply


RequestFault = Callable[[Call], Reply]
Happening = Callable[["World", Device, Random], None]


@dataclass(frozen=True)
class OnRequest:
    """A fault of the network or the server that strikes one request of these kinds."""

    name: str
    kinds: frozenset[str]
    strike: RequestFault


on_request: dict[str, OnRequest] = {}
happenings: dict[str, Happening] = {}


def strikes(*kinds: str) -> Callable[[RequestFault], RequestFault]:
    """Register a fault of one request."""

    def register(fault: RequestFault) -> RequestFault:
        name = fault.__name__
        on_request[name] = OnRequest(name, frozenset(kinds) or ANY, fault)
        return fault

    return register


def happens(work: Happening) -> Happening:
    """Register something that happens to a device, the office or the server; it does nothing where it cannot."""
    happenings[work.__name__] = work
    return work


# -- on the way -----------------------------------------------------------------------------------------------------------


@strikes()
def request_lost(call: Call) -> Reply:
    """It never arrives."""
    raise Failure("network")


@strikes()
def answer_lost(call: Call) -> Reply:
    """It is done, and nobody hears of it; a cookie may have come."""
    before = dict(call.device.jar)
    call.deliver()
    if call.world.dice.random() < 0.5:
        call.device.jar = before
    raise Failure("network")


@strikes()
def answer_cut(call: Call) -> Reply:
    """The answer breaks off anywhere."""
    reply = call.deliver()
    if not reply.body:
        raise Failure("network")
    return replace(reply, body=reply.body[: call.world.dice.randrange(len(reply.body))])


@strikes(PUSH, PULL, ENROL, BLOB)
def request_cut(call: Call) -> Reply:
    """Half of the request arrives."""
    return replace(call, body=call.body[: call.world.dice.randrange(max(1, len(call.body)))]).deliver()


@strikes()
def doubled(call: Call) -> Reply:
    """It arrives twice, and either answer comes back."""
    first, second = call.deliver(), call.deliver()
    return call.world.dice.choice([first, second])


@strikes(PUSH, BLOB, ENROL, GRANT, END, HEAD, PULL)
def delayed(call: Call) -> Reply:
    """The device gives up waiting; it arrives after what is sent later."""
    call.world.send_late(replace(call, headers=dict(call.headers)), dict(call.device.jar))
    raise Failure("slow")


@strikes()
def captive_page(call: Call) -> Reply:
    """Somebody else answers with 200."""
    return Reply(200, {"Content-Type": "text/html"}, PORTAL)


@strikes()
def login_redirect(call: Call) -> Reply:
    """Somebody else wants one to sign in."""
    return Reply(302, {"Location": "https://portal.example/"}, b"")


@strikes()
def proxy_error(call: Call) -> Reply:
    """The proxy answers for a server that is down."""
    return Reply(502, {"Content-Type": "text/html"}, b"Bad gateway")


@strikes()
def told_to_wait(call: Call) -> Reply:
    """503 or 429 in the server's own name."""
    return _own_answer(call, call.world.dice.choice([503, 429]))


@strikes(PUSH)
def too_large(call: Call) -> Reply:
    """413: the batch is halved."""
    return _own_answer(call, 413)


def _own_answer(call: Call, status: int) -> Reply:
    headers = {"Offstage-Protocol": "1", "Offstage-Time": str(call.world.now), "Retry-After": "2"}
    return Reply(status, headers, b'{"error":{"code":"http_%d","message":"","facts":{}}}' % status)


@strikes(BLOB)
def photo_damaged(call: Call) -> Reply:
    """Bytes change on the way."""
    return replace(call, body=call.body[:-1] + bytes([call.body[-1] ^ 1])).deliver()


# -- in the server --------------------------------------------------------------------------------------------------------


@strikes(*WRITES)
def server_killed(call: Call) -> Reply:
    """In the middle of the transaction."""
    call.world.house.trap = Trap(call.world.dice.randint(1, 30), "killed")
    return call.deliver()


@strikes(*WRITES)
def server_killed_after_commit(call: Call) -> Reply:
    """Everything is kept, nothing is answered."""
    call.deliver()
    call.world.house.restart()
    raise Failure("network")


@strikes(*WRITES)
def database_busy(call: Call) -> Reply:
    """The database says no in the middle: everything is rolled back, and the answer is 503."""
    trap = call.world.house.trap = Trap(call.world.dice.randint(1, 20), "busy")
    reply = call.deliver()
    if trap.sprung:
        call.world.limit(reply.status == 503, "I9", f"a busy database is answered by {reply.status}")
    return reply


@strikes(PUSH)
def handler_fails_once(call: Call) -> Reply:
    """Its savepoint is rolled back, and it is tried again."""
    return _failing(call, 1)


@strikes(PUSH)
def handler_fails_twice(call: Call) -> Reply:
    """The operation is parked, and the others go on."""
    return _failing(call, 2)


def _failing(call: Call, times: int) -> Reply:
    house = call.world.house
    house.failing = Failing(times)
    try:
        return call.deliver()
    finally:
        house.failing = Failing()


@strikes(PULL)
def commit_during_pull(call: Call) -> Reply:
    """Somebody commits between two reads of the page."""
    world = call.world
    others = [other for other in world.devices if other is not call.device and other.id]

    def commit() -> None:
        if others:
            world.quietly(world.dice.choice(others))

    world.house.between_pages = commit
    try:
        return call.deliver()
    finally:
        world.house.between_pages = None


# -- in the device --------------------------------------------------------------------------------------------------------


@strikes()
def device_killed(call: Call) -> Reply:
    """The page dies at one of the next transactions or answers."""
    call.device.doom = call.world.dice.randint(1, 9)
    return call.deliver()


@strikes(PUSH, PULL, HEAD)
def second_tab(call: Call) -> Reply:
    """Another tab of the same profile exchanges meanwhile; what comes back here is older than what is on the disk."""
    device = call.device
    if device.is_nested:
        return call.deliver()
    first = call.world.dice.random() < 0.5
    reply = call.deliver() if first else None
    device.is_nested = True
    requests = device.requests
    try:
        device.sync()
    finally:
        device.is_nested, device.requests = False, requests
    return reply or call.deliver()


@happens
def page_closed(world: World, device: Device, dice: Random) -> None:
    """Memory goes, the disk stays."""
    device.boot()


@happens
def power_cut(world: World, device: Device, dice: Random) -> None:
    """What was written without being flushed may be gone."""
    device.disk = dice.choice(device.safe)
    device.safe = [device.disk]
    device.boot()


@happens
def storage_lost(world: World, device: Device, dice: Random) -> None:
    """The browser evicted the database; the cookie and the mark of what it was stay."""
    world.excuse(device.disk, "storage lost")
    device.was, device.disk = device.id or device.was, Disk()
    device.safe = [device.disk]
    device.boot()


@happens
def everything_lost(world: World, device: Device, dice: Random) -> None:
    """The browser's data was cleared."""
    storage_lost(world, device, dice)
    device.was, device.jar = None, {}


@happens
def cookie_lost(world: World, device: Device, dice: Random) -> None:
    """The database stays, nobody knows whose it is."""
    device.jar = {}


@happens
def profile_copied(world: World, device: Device, dice: Random) -> None:
    """A copy of the profile goes on beside it."""
    if device.id and len(world.devices) < world.most_devices:
        world.copy(device)


@happens
def profile_restored(world: World, device: Device, dice: Random) -> None:
    """The profile is put back to how it was some time ago."""
    old = world.snapshots.get(device.name)
    if old is None:
        return
    disk, jar = old
    world.excuse(device.disk, "profile restored", but=disk)
    device.disk, device.safe, device.jar = disk, [disk], dict(jar)
    device.boot()


@happens
def record_lost(world: World, device: Device, dice: Random) -> None:
    """A record vanishes from the disk unnoticed; the sum tells (pull.js verify)."""
    buckets = sorted(name for name, rows in device.disk.base.items() if rows and name in device.state["buckets"])
    if not buckets or device.state["pull"]:
        return
    bucket = dice.choice(buckets)
    with device.write() as disk:
        del disk.base[bucket][dice.choice(sorted(disk.base[bucket]))]
    device.corrupted.add(bucket)


@happens
def clock_set(world: World, device: Device, dice: Random) -> None:
    """Somebody sets the clock, or it steps."""
    device.skew = dice.choice([HOUR, -HOUR, 400 * DAY, -400 * DAY, 0, dice.randint(-20, 20) * SECOND])


@happens
def storage_full(world: World, device: Device, dice: Random) -> None:
    """The device gives up copies of photos that the server has."""
    device.make_room()


# -- people and rights ----------------------------------------------------------------------------------------------------


@happens
def signed_out_with_queue(world: World, device: Device, dice: Random) -> None:
    """Somebody leaves while work waits."""
    if device.person and (device.disk.unsaid() or dice.random() < 0.3):
        device.sign_out()


@happens
def device_revoked(world: World, device: Device, dice: Random) -> None:
    """It is lost, says the manager."""
    if device.id and dice.random() < 0.5:
        world.office(revoke_device, "admin", device_id=Id(device.id), reason="it is lost")


@happens
def grant_ended_at_office(world: World, device: Device, dice: Random) -> None:
    """Somebody is signed out from elsewhere."""
    live = sorted(id for id, grant in device.state["grants"].items() if not grant["ended_at"])
    if live:
        world.office(end_grant, "admin", grant_id=Id(dice.choice(live)))


@happens
def role_withdrawn(world: World, device: Device, dice: Random) -> None:
    """A role ends, or comes back."""
    login = dice.choice(WORKERS[:3])
    role = withdraw_role if dice.random() < 0.5 else give_role
    world.office(role, "admin", person_id=world.stage.people[login], role=login)


@happens
def person_suspended(world: World, device: Device, dice: Random) -> None:
    """Somebody's rights rest, or come back."""
    person = world.stage.people[dice.choice(WORKERS[:4])]
    if dice.random() < 0.5:
        world.office(suspend_person, "admin", person_id=person, reason="on leave")
    else:
        world.office(reinstate_person, "admin", person_id=person)


@happens
def person_left(world: World, device: Device, dice: Random) -> None:
    """Somebody works here no more."""
    world.office(end_employment, "admin", person_id=world.stage.people[LEAVER], reason="moves away")


# -- the house ------------------------------------------------------------------------------------------------------------


@happens
def server_restarted(world: World, device: Device, dice: Random) -> None:
    """A new process on the same database."""
    world.house.restart()


@happens
def backup_taken(world: World, device: Device, dice: Random) -> None:
    """Also the devices' profiles are remembered: one may be restored."""
    world.take_backup()


@happens
def restored_from_backup(world: World, device: Device, dice: Random) -> None:
    """The server goes back behind what devices hold."""
    world.restore()


@happens
def long_silence(world: World, device: Device, dice: Random) -> None:
    """Nobody hears of anybody for more than 72 hours."""
    world.pass_time(80 * HOUR)


def strike(call: Call, fault: OnRequest) -> Reply:
    """Let it happen, and count it."""
    call.world.fired(fault.name)
    return fault.strike(call)


__all__ = ["Call", "happenings", "on_request", "strike"]
