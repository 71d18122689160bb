"""Photos and signatures: taken by their content, bounded, served without metadata to those who may see them (T12, T40)."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from PIL import Image

from app.sync import blobs
from tests.sync.toy import ToyDevice


def picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), *, located: bool = False, turned: bool = False) -> bytes:
    image = Image.new("RGB", size, "#884422")
    exif = Image.Exif()
    if located:
        exif.get_ifd(0x8825)[1] = "N"
    if turned:
        exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


def put(device: ToyDevice, body: bytes, sha: str | None = None) -> Any:
    return device.client.put(f"/api/blobs/{sha or hashlib.sha256(body).hexdigest()}", data=body)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_put_twice_and_get(device: ToyDevice, form: str) -> None:
    """Whole, by content; the same again changes nothing; two renditions are served to the device that put it."""
    body = picture(form)
    sha = hashlib.sha256(body).hexdigest()
    assert put(device, body).status_code == 201
    assert put(device, body).status_code == 200
    assert device.client.head(f"/api/blobs/{sha}").status_code == 200
    small = device.client.get(f"/api/blobs/{sha}/thumb")
    assert small.status_code == 200 and max(Image.open(io.BytesIO(small.data)).size) == 320
    assert "immutable" in small.headers["Cache-Control"]


def test_wrong_hash_is_sent_again(device: ToyDevice) -> None:
    """A body that is not what it says: 422 and nothing kept."""
    body = picture()
    answer = put(device, body, "0" * 64)
    assert answer.status_code == 422 and answer.json["error"]["code"] == "wrong_hash"
    assert device.client.head(f"/api/blobs/{'0' * 64}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"GIF89a\x01\x00\x01\x00",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture()[:200],
        b"\x89PNG\r\n\x1a\n" + b"x" * 50,
    ],
)
def test_undecodable_is_final(device: ToyDevice, body: bytes) -> None:
    """T40: other types, cut or hostile files: 422 `unreadable`."""
    answer = put(device, body)
    assert answer.status_code == 422 and answer.json["error"]["code"] == "unreadable"


def test_bounded_pixels(device: ToyDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """T40: a small file of many pixels is not decoded."""
    monkeypatch.setattr(blobs, "MOST_PIXELS", 1000)
    assert put(device, picture()).json["error"]["code"] == "unreadable"


def test_too_large(device: ToyDevice) -> None:
    """Over 2 MB: 413, before it is read."""
    assert put(device, b"x" * (blobs.MOST_BYTES + 1)).status_code == 413


def test_location_is_removed(device: ToyDevice, toy: Any) -> None:
    """CHK-5: location data present → said so, the original not stored, the renditions clean."""
    body = picture(located=True)
    sha = hashlib.sha256(body).hexdigest()
    assert put(device, body).json["status"] == "location_removed"
    store = toy.extensions["offstage-blobs"]
    assert not store.path(sha, "original").exists()
    served = Image.open(io.BytesIO(device.client.get(f"/api/blobs/{sha}/display").data))
    assert not served.getexif().get_ifd(0x8825)


def test_turned_upright(device: ToyDevice) -> None:
    """F20: orientation is applied, not passed on."""
    body = picture(turned=True)
    sha = hashlib.sha256(body).hexdigest()
    put(device, body)
    assert Image.open(io.BytesIO(device.client.get(f"/api/blobs/{sha}/display").data)).size == (480, 640)


def test_only_readers_see_it(device: ToyDevice, other: ToyDevice) -> None:
    """404 for everybody else, also for HEAD, until a record they read names it."""
    body = picture()
    sha = hashlib.sha256(body).hexdigest()
    put(device, body)
    assert other.client.get(f"/api/blobs/{sha}/thumb").status_code == 404
    assert other.client.head(f"/api/blobs/{sha}").status_code == 404
    device.say(sha)
    assert other.client.get(f"/api/blobs/{sha}/thumb").status_code == 200


@pytest.mark.parametrize("sha", ["x", "../../etc/passwd", "A" * 64, "0" * 63])
def test_names_that_are_no_hash(device: ToyDevice, sha: str) -> None:
    """No path traversal, no guessing."""
    assert device.client.get(f"/api/blobs/{sha}/thumb").status_code in (404, 308)
