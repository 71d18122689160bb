"""What `make run` and `make phones` promise before and while they serve."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path

import pytest
import segno

from app import serve
from app.phones import authority


def place(**environment: str) -> serve.Place:
    """Where and how it would serve in this environment."""
    return serve.place_from(environment)


def test_without_a_word_it_serves_the_demo_on_8000() -> None:
    """The README's first command takes no settings."""
    found = place()
    assert (found.port, found.demo, found.data_dir) == (8000, True, Path("instance").resolve())


def test_the_environment_is_heard() -> None:
    """PORT, DATA_DIR and DEMO, as make hands them on; an empty one is as good as none."""
    found = place(PORT="9000", DATA_DIR="/tmp/try", DEMO="0", ADDRESS="")
    assert (found.port, found.demo, found.data_dir) == (9000, False, Path("/tmp/try").resolve())
    assert found.address is None


@pytest.mark.parametrize("port", ["0", "65535", "-1", "http", "8000.5"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    """One sentence instead of a stack trace; 65535 leaves no port for the guide of `make phones`."""
    with pytest.raises(serve.Unready, match=f"PORT={port}"):
        place(PORT=port)


def test_several_processes_are_for_a_database_that_takes_them() -> None:
    """PROCESSES with SQLite, none, too many: a sentence each; with PostgreSQL they are served."""
    for number, more in (("2", {}), ("0", {}), ("many", {}), ("65", {"DATABASE_URL": "postgresql:///x"})):
        with pytest.raises(serve.Unready, match=r"PROCESSES|one server process"):
            place(PROCESSES=number, **more)
    found = place(PROCESSES="4", DATABASE_URL="postgresql:///x")
    assert (found.processes, found.is_shared, found.settings()["DATABASE_URL"]) == (4, True, "postgresql:///x")
    assert place(DATABASE_URL="").database.startswith("sqlite:///")


def test_servers_on_a_shared_database_keep_a_restore_out(tmp_path: Path) -> None:
    """They hold the folder together; whoever wants it alone is told that one is there."""
    alone = serve.sole_server(tmp_path)
    shared = [serve.sole_server(tmp_path, is_shared=True) for _ in range(2)]
    with shared[0], shared[1], pytest.raises(serve.Unready, match="Another server"):
        alone.__enter__()


def test_a_folder_has_one_server(tmp_path: Path) -> None:
    """SQLite's writers queue inside one process, so a second one on the folder is refused, and told why."""
    second = serve.sole_server(tmp_path)
    with serve.sole_server(tmp_path), pytest.raises(serve.Unready, match="Another server"):
        second.__enter__()
    with serve.sole_server(tmp_path):
        pass  # the lock went with its holder


def test_a_port_in_use_is_named() -> None:
    """Before anything is made: one sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(serve.Unready, match=f"Port {port}"):
            serve.need_port("127.0.0.1", port)
    serve.need_port("127.0.0.1", port)


def test_phones_need_an_address_of_a_local_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, a public address, a typing error: a sentence each."""
    monkeypatch.setattr(authority, "own_addresses", list)
    for address, sentence in ((None, "no address"), ("8.8.8.8", "not an address"), ("here", "no address")):
        with pytest.raises(serve.Unready, match=sentence):
            serve.network_addresses(place(ADDRESS=address or ""))


def test_a_named_address_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """ADDRESS= wins over the guess, and the guess stays in the certificate."""
    guess = ipaddress.ip_address("10.0.0.5")
    monkeypatch.setattr(authority, "own_addresses", lambda: [guess])
    named = ipaddress.ip_address("192.168.1.20")
    assert serve.network_addresses(place(ADDRESS="192.168.1.20")) == [named, guess]


def test_the_terminal_shows_the_address_as_a_qr() -> None:
    """Half blocks, two rows of the picture in one of the terminal: read back, they are the code."""
    address = "https://192.168.1.20:8000"
    up_down = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    rows: list[list[int]] = []
    for line in serve.qr_lines(address):
        pairs = [up_down[mark] for mark in line]
        rows += [[up for up, _ in pairs], [down for _, down in pairs]]
    code = [list(map(int, row)) for row in segno.make(address, error="m").matrix_iter(border=2)]
    assert rows[: len(code)] == code


def test_the_terminal_says_what_a_phone_does_first() -> None:
    """The secure address, the page that helps a phone trust it, and the fingerprint to compare."""
    said = serve.phones_text("https://10.0.0.5:8000", "http://10.0.0.5:8001/phones", "AB:CD")
    for part in ("https://10.0.0.5:8000", "http://10.0.0.5:8001/phones", "AB:CD", "█"):
        assert part in said
