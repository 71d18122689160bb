"""Serves Offstage from one folder: `python -m app.serve` (`make run`, `make phones`).

DATA_DIR holds everything that must be kept and backed up: the database, the photos, the secret key. What is
missing there is made: the tables and, unless DEMO=0, a demo site. Then one server process answers on
127.0.0.1:PORT until it is stopped; with SQLite a second one on the same folder is refused. With PostgreSQL
(DATABASE_URL) PROCESSES of them answer side by side, and other servers may use the same folder and database.
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import gc
import ipaddress
import multiprocessing
import os
import signal
import socket
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import segno
from flask_migrate import upgrade
from granian.constants import Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server import Server

from app import create_app
from app.demo import loading as demo
from app.demo.cast import EVERYBODY, PASSWORD
from app.lib import clock
from app.lib.db import MIGRATIONS, db
from app.people.access import first_site
from app.phones import authority
from app.phones.door import only_guide

# Enough for 50 devices asking at once; each waits for the disk and not for the processor.
THREADS = 16
MOST_PROCESSES = 64
# So many new objects, a few megabytes, before the collector looks for cycles among them.
YOUNG_OBJECTS = 50_000
# Time for what is being written when the server is stopped.
STOP_S = 10


class Unready(RuntimeError):
    """The server cannot start; the text says why and what to do."""


@dataclass(frozen=True)
class Place:
    """Where and how this process serves, as the environment says."""

    data_dir: Path
    port: int
    demo: bool
    address: str | None  # the network address phones are to use, when the guess is wrong
    database: str
    processes: int = 1

    def settings(self) -> dict[str, Any]:
        """What `create_app` is told."""
        return {"DATA_DIR": str(self.data_dir), "DATABASE_URL": self.database, "DEMO": self.demo}

    @property
    def is_shared(self) -> bool:
        """Whether several server processes may use the database."""
        return not self.database.startswith("sqlite")


def place_from(environment: dict[str, str]) -> Place:
    """DATA_DIR, DATABASE_URL, PORT, PROCESSES, DEMO and ADDRESS. Raises `Unready` when PORT is no port, PROCESSES no number."""
    port, processes = environment.get("PORT") or "8000", environment.get("PROCESSES") or "1"
    if not port.isdigit() or not 0 < int(port) < 65535:
        raise Unready(f"PORT={port} is no port: choose a number between 1 and 65534.")
    if not processes.isdigit() or not 0 < int(processes) <= MOST_PROCESSES:
        raise Unready(f"PROCESSES={processes} cannot be: choose a number between 1 and {MOST_PROCESSES}.")
    data_dir = Path(environment.get("DATA_DIR") or "instance").resolve()
    place = Place(
        data_dir=data_dir,
        port=int(port),
        demo=environment.get("DEMO") not in {"0", "no", "false"},
        address=environment.get("ADDRESS") or None,
        database=database_of(data_dir, environment),
        processes=int(processes),
    )
    if place.processes > 1 and not place.is_shared:
        raise Unready("SQLite is for one server process: for more of them name a PostgreSQL database with DATABASE_URL=.")
    return place


def database_of(data_dir: Path, environment: dict[str, str]) -> str:
    """The database's address: DATABASE_URL, else the file in the folder."""
    return environment.get("DATABASE_URL") or f"sqlite:///{data_dir.resolve()}/offstage.db"


def need_port(address: str, port: int) -> None:
    """Raise `Unready` when somebody else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((address, port))
        except OSError:
            raise Unready(f"Port {port} cannot be had here: choose another with PORT=.") from None


@contextmanager
def sole_server(data_dir: Path, *, is_shared: bool = False) -> Iterator[IO[str]]:
    """Hold the folder's lock, or raise `Unready`: SQLite's writers queue inside one process.

    Servers on a shared database hold it together, against a restore. The lock is the system's own: it ends with the process,
    however that ends.
    """
    with (data_dir / "server.lock").open("a+") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unready(f"Another server already uses {data_dir}: stop it, or name another folder with DATA_DIR=.") from None
        yield file


def prepare(settings: dict[str, Any]) -> None:
    """Bring the tables up to date, fill the demo, and tell who is in it.

    In a process of its own: a SQLite connection must not be carried into the server's fork. Where processes fork, neither
    this one nor the server imports again what the starter has imported.
    """
    worker = multiprocessing.Process(target=_prepare, args=(settings,))
    worker.start()
    worker.join()
    if worker.exitcode:
        raise Unready("The folder could not be made ready; what went wrong stands above.")


def _prepare(settings: dict[str, Any]) -> None:
    app = create_app(settings)
    with app.app_context():
        upgrade(str(MIGRATIONS))
        if app.config["DEMO"] and first_site(db.session()) is None:
            print("Making the demo site …", flush=True)
            demo.load()
        demo_is_here = demo.is_loaded()
        db.session.remove()
    if demo_is_here:
        print(demo_text())


def demo_text() -> str:
    """Who works on the demo site, and the one password."""
    people = [f"{person.login} {person.name}" for person in EVERYBODY]
    lines = textwrap.wrap(" · ".join(people), 100, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(["", f"  Demo: sign in as one of these with the password {PASSWORD}", *lines])


def load(settings: dict[str, Any], *, guide_only: bool = False) -> Any:
    """The WSGI application of a server process."""
    app = create_app(settings)
    spare_the_collector()
    return only_guide(app) if guide_only else app


def spare_the_collector() -> None:
    """Have Python's collector pass over what stays for good, and come seldom: a fifth of a push went by in its rounds.

    What a request makes is let go of as it ends; there are hardly any cycles to be found.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def in_worker(loader: Callable[[], Any]) -> Any:
    """What the worker process runs first.

    Ctrl+C in a terminal reaches every process at once. The starter alone listens to it and then ends the worker with one
    signal: two of them may meet inside each other there and leave it waiting for itself.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    return loader()


def serve(loader: Callable[[], Any], *, processes: int = 1, **options: Any) -> None:
    """Answer until stopped: worker processes with blocking threads. `loader` makes the WSGI application in each."""
    server = Server(
        "offstage",
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        backlog=512,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=STOP_S,
        ssl_protocol_min=SSLProtocols.tls12,
        **options,
    )
    server.serve(target_loader=partial(in_worker, loader), wrap_loader=False)


def run(place: Place) -> None:
    """Serve on this machine only."""
    need_port("127.0.0.1", place.port)
    prepare(place.settings())
    print(f"\n  Offstage   http://localhost:{place.port}\n\n  Stop with Ctrl+C.\n", flush=True)
    serve(partial(load, place.settings()), address="127.0.0.1", port=place.port, processes=place.processes)


def run_phones(place: Place) -> None:
    """Serve https on the local network, and beside it the plain door that helps phones trust it."""
    addresses = network_addresses(place)
    today = datetime.datetime.fromtimestamp(clock.now() / 1000, datetime.UTC)
    files = authority.prepare(place.data_dir, addresses, today=today)
    shown = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])
    secure, guide = f"https://{shown}:{place.port}", f"http://{shown}:{place.port + 1}/phones"
    settings = {**place.settings(), "PHONES_ADDRESS": secure}
    bound = "::" if addresses[0].version == 6 else "0.0.0.0"  # noqa: S104 - the network is whom this serves
    for port in (place.port, place.port + 1):
        need_port(bound, port)
    prepare(settings)
    print(phones_text(secure, guide, authority.fingerprint(files)), flush=True)
    door = multiprocessing.Process(
        target=serve,
        args=(partial(load, settings, guide_only=True),),
        kwargs={"address": bound, "port": place.port + 1},
    )
    door.start()
    try:
        secured = {"ssl_cert": files.server, "ssl_key": files.server_key}
        serve(partial(load, settings), address=bound, port=place.port, processes=place.processes, **secured)
    finally:
        door.terminate()
        door.join()


def network_addresses(place: Place) -> list[authority.Address]:
    """The addresses phones may use, the one to show first. Raises `Unready` when there is none."""
    try:
        named = [ipaddress.ip_address(place.address)] if place.address else []
    except ValueError:
        raise Unready(f"ADDRESS={place.address} is no address: give one like 192.168.1.20.") from None
    addresses = list(dict.fromkeys(named + authority.own_addresses()))
    if not addresses:
        raise Unready("This machine has no address on a local network: join one, or name it with ADDRESS=.")
    if not authority.may_vouch(addresses[0]):
        raise Unready(f"{addresses[0]} is not an address of a local network.")
    return addresses


def phones_text(secure: str, guide: str, fingerprint: str) -> str:
    """What the terminal shows: the secure address as a QR, and how a phone comes to trust it."""
    code = "\n".join(f"  {line}" for line in qr_lines(secure))
    return (
        f"\n  Offstage   {secure}\n\n{code}\n\n"
        f"  Each phone once: open {guide} and follow the pictures.\n"
        f"  The certificate's fingerprint: {fingerprint}\n\n  Stop with Ctrl+C.\n"
    )


def qr_lines(text: str) -> list[str]:
    """The text as a QR of half blocks, light on dark: the other way round in a light terminal still scans."""
    rows = [list(row) for row in segno.make(text, error="m").matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    block = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(block[bool(up), bool(down)] for up, down in zip(*pair, strict=True)) for pair in pairs]


def main() -> int:
    """Run until stopped. Exit status 1, with one sentence, when the server cannot start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", action="store_true", help="https on the local network, for phones and tablets")
    options = parser.parse_args()
    try:
        place = place_from(dict(os.environ))
        place.data_dir.mkdir(parents=True, exist_ok=True)
        with sole_server(place.data_dir, is_shared=place.is_shared):
            (run_phones if options.phones else run)(place)
    except Unready as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
