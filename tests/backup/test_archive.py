"""What a backup refuses: to overwrite, to be damaged, to be newer or of another kind, to put a part where it likes."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from app import create_app
from app.backup import archive
from app.backup.making import make
from app.backup.restoring import restore
from app.backup.saying import Unfit, size_text
from tests.backup.conftest import House
from tests.backup.test_processes import run


@pytest.fixture
def packed(house: House, tmp_path: Path) -> Path:
    """A backup of the house, with a photo and a file that was being written in it."""
    photos = house.folder / "blobs" / "ab"
    photos.mkdir(parents=True)
    (photos / "abcd.display").write_bytes(b"x" * 3_000_000)
    (photos / "abcd.thumb.7.new").write_bytes(b"half")
    return backup(house, tmp_path / "kept" / "one.zip")


def backup(house: House, to: Path) -> Path:
    app = create_app({"DATA_DIR": str(house.folder), "TESTING": True})
    path, _ = make(app, to)
    return path


def into(folder: Path, path: Path) -> Any:
    return restore(path, folder, f"sqlite:///{folder}/offstage.db")


def refusal(folder: Path, path: Path) -> Unfit:
    """Why it is not restored; the folder then holds nothing."""
    with pytest.raises(Unfit) as refused:
        into(folder, path)
    assert not folder.exists() or {file.name for file in folder.iterdir()} <= {"server.lock"}
    zh, en = str(refused.value).splitlines()
    assert zh != en and "⟦" not in zh + en and "{" not in zh + en
    return refused.value


def rewrite(path: Path, to: Path, **parts: bytes) -> Path:
    """The same zip with other parts: whole as a zip, whatever its manifest says."""
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(to, "w") as after:
        for name in before.namelist():
            after.writestr(name, parts.pop(name, None) or before.read(name))
        for name, body in parts.items():
            after.writestr(name, body)
    return to


def test_it_holds_everything_and_only_its_owner_reads_it(packed: Path) -> None:
    """Database, photos and the secret, each with its hash; not what is half written. The secret makes the file one."""
    manifest = archive.verify(packed)
    assert set(manifest.parts) == {"offstage.db", "secret", "blobs/ab/abcd.display"}
    assert packed.stat().st_mode & 0o077 == 0
    assert (manifest.engine, manifest.format) == ("sqlite", 1) and len(manifest.epoch) == 36
    assert [file.name for file in packed.parent.iterdir()] == ["one.zip"]


def test_a_backup_overwrites_nothing(packed: Path, house: House) -> None:
    """The last good one must not go for a new one; a folder gets a name by the moment."""
    with pytest.raises(Unfit, match="there already"):
        backup(house, packed)
    named = backup(house, packed.parent)
    assert named.parent == packed.parent and named.name.startswith("offstage-2")


def test_one_flipped_bit_anywhere_is_found(packed: Path, tmp_path: Path) -> None:
    """In the photo, the database, the manifest, the directory: refused before anything is touched."""
    body = packed.read_bytes()
    with zipfile.ZipFile(packed) as whole:
        places = [info.header_offset + 200 for info in whole.infolist()]
    for n, place in enumerate([*places, len(body) - 30]):
        bad = tmp_path / f"bad{n}.zip"
        bad.write_bytes(body[:place] + bytes([body[place] ^ 4]) + body[place + 1 :])
        assert refusal(tmp_path / "new", bad).key == "office.backup.damaged"


@pytest.mark.parametrize("left", [0, 100, 0.5, -1])
def test_a_file_that_was_cut_off_is_refused(packed: Path, tmp_path: Path, left: float) -> None:
    """A full disk, a broken download."""
    body = packed.read_bytes()
    cut = int(left * len(body)) if isinstance(left, float) else left
    (tmp_path / "cut.zip").write_bytes(body[:cut])
    assert refusal(tmp_path / "new", tmp_path / "cut.zip").key == "office.backup.damaged"


def test_a_whole_zip_with_a_wrong_database_is_refused(packed: Path, tmp_path: Path) -> None:
    """Hashes fit and SQLite itself finds the damage: a manifest made for a bad copy proves nothing."""
    with zipfile.ZipFile(packed) as whole:
        said, database = orjson.loads(whole.read("manifest.json")), bytearray(whole.read("offstage.db"))
    database[4096 * 3 : 4096 * 6] = bytes(4096 * 3)
    (tmp_path / "torn.db").write_bytes(database)
    about = archive.Manifest(**{**said, "parts": {}})
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * 32)
    archive.write(tmp_path / "torn.zip", about, [("offstage.db", tmp_path / "torn.db"), ("secret", secret)])
    assert refusal(tmp_path / "new", tmp_path / "torn.zip").key == "office.backup.damaged"


def test_a_newer_one_is_refused(packed: Path, tmp_path: Path) -> None:
    """A format or a migration this Offstage does not know: it says which version to get."""
    with zipfile.ZipFile(packed) as whole:
        said = orjson.loads(whole.read("manifest.json"))
    for change in ({"format": 2, "more": 1}, {"migration": "9999"}):
        bad = rewrite(packed, tmp_path / "newer.zip", **{"manifest.json": orjson.dumps({**said, **change, "version": "7.8.9"})})
        refused = refusal(tmp_path / "new", bad)
        assert refused.key == "office.backup.newer" and str(refused).count("7.8.9") == 2


def test_another_kind_of_database_is_refused(packed: Path, tmp_path: Path) -> None:
    """And named; nothing is asked of the server it would go to."""
    with pytest.raises(Unfit, match="sqlite"):
        restore(packed, tmp_path / "new", "postgresql+psycopg:///nowhere")


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "blobs/../../outside", "templates/x", "blobs"])
def test_no_part_chooses_its_own_place(packed: Path, tmp_path: Path, name: str) -> None:
    """An archive from somebody else writes nowhere but into the folder, and nothing is taken that it does not name."""
    with zipfile.ZipFile(packed) as whole:
        said = orjson.loads(whole.read("manifest.json"))
    bad = rewrite(packed, tmp_path / "bad.zip", **{name: b"x"})
    assert refusal(tmp_path / "new", bad).key == "office.backup.damaged"
    said["parts"][name] = {"size": 1, "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
    bad = rewrite(packed, tmp_path / "worse.zip", **{name: b"x", "manifest.json": orjson.dumps(said)})
    assert refusal(tmp_path / "new", bad).key == "office.backup.damaged"
    assert not list(tmp_path.rglob("outside"))


def test_no_file_and_no_backup_are_told_apart(tmp_path: Path) -> None:
    """A typing error is not a damaged backup."""
    assert refusal(tmp_path / "new", tmp_path / "nowhere.zip").key == "office.backup.missing"


def test_a_restored_folder_serves(packed: Path, tmp_path: Path, house: House) -> None:
    """Photos and secret are there, the epoch is another, the tables are today's, nothing of the work is left lying about."""
    folder = tmp_path / "new"
    done = into(folder, packed)
    assert done.kept is None
    assert {file.name for file in folder.iterdir()} == {"offstage.db", "secret", "blobs", "server.lock"}
    assert (folder / "secret").read_bytes() == (house.folder / "secret").read_bytes()
    with sqlite3.connect(folder / "offstage.db") as connection:
        ((epoch,),) = connection.execute("SELECT value FROM meta WHERE key = 'epoch'")
    assert epoch != done.manifest.epoch


def test_what_was_there_is_whole_after_a_failure(packed: Path, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that fails on the way leaves the live data where it is."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    before = (house.folder / "offstage.db").read_bytes()
    monkeypatch.setattr("app.backup.restoring.upgrade", fail)
    with pytest.raises(RuntimeError):
        restore(packed, house.folder, f"sqlite:///{house.folder}/offstage.db", replace=True)
    assert (house.folder / "offstage.db").read_bytes() == before
    assert not list(house.folder.glob("re*"))


@pytest.mark.parametrize(("size", "said"), [(7, "7 B"), (999, "999 B"), (3_970_000, "3.97 MB"), (41_000_000_000, "41 GB")])
def test_sizes_are_said_shortly(size: int, said: str) -> None:
    """Three digits and a unit."""
    assert size_text(size) == said


def test_a_disk_that_takes_nothing_is_said_in_a_sentence(house: House, tmp_path: Path) -> None:
    """No stack trace for whoever reads the timer's mail, and nothing half written that looks like a backup."""
    (tmp_path / "file").write_bytes(b"")
    done = run("make", str(tmp_path / "file" / "one.zip"), folder=house.folder)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2 and "free space" in done.stderr
