"""The guide that helps a phone trust the house: what it shows, and what the plain door lets through."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from app.phones import authority
from app.phones.door import only_guide

ADDRESS = "https://192.168.1.20:8000"


@pytest.fixture
def files(app: Flask) -> authority.Paths:
    """A house in which `make phones` was run."""
    app.config["PHONES_ADDRESS"] = ADDRESS
    here = ipaddress.ip_address("192.168.1.20")
    return authority.prepare(Path(app.config["DATA_DIR"]), [here], today=datetime.datetime.now(datetime.UTC))


@pytest.mark.parametrize("path", ["/phones", "/phones/ca.crt"])
def test_a_house_that_never_served_phones_has_no_guide(client: FlaskClient, path: str) -> None:
    """Nothing to install: 404."""
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("lang", "said"), [("zh-CN", "证书信任设置"), ("en-GB", "Certificate Trust Settings")])
def test_the_guide_shows_how_in_both_languages(client: FlaskClient, files: authority.Paths, lang: str, said: str) -> None:
    """Steps with pictures, the secure address, and the fingerprint to compare (GEN-8)."""
    page = client.get("/phones", headers={"Accept-Language": lang}).get_data(as_text=True)
    for part in (said, ADDRESS, authority.fingerprint(files), "/phones/ca.crt"):
        assert part in page
    assert page.count('class="phones-pic"') == 8
    assert "⟦" not in page


@pytest.mark.usefixtures("files")
def test_the_lamp_comes_from_the_secure_address(client: FlaskClient) -> None:
    """A picture that only a phone that trusts the house can load; the policy allows it and no more."""
    answer = client.get("/phones")
    assert f'src="{ADDRESS}/phones/trusted.svg"' in answer.get_data(as_text=True)
    policy = answer.headers["Content-Security-Policy"]
    assert f"img-src 'self' {ADDRESS};" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    lamp = client.get("/phones/trusted.svg")
    assert (lamp.mimetype, lamp.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert lamp.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_certificate_is_what_phones_offer_to_install(client: FlaskClient, files: authority.Paths) -> None:
    """The authority's certificate and never a key."""
    answer = client.get("/phones/ca.crt")
    assert answer.mimetype == "application/x-x509-ca-cert"
    assert "offstage-ca.crt" in answer.headers["Content-Disposition"]
    assert answer.data == files.authority.read_bytes()
    assert b"PRIVATE" not in answer.data


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("path", ["/", "/signin", "/lists", "/api/sync/head", "/floor/today", "/healthz"])
def test_the_plain_door_shows_nothing_else(app: Flask, path: str) -> None:
    """Over http there is only the guide: no sign-in, no floor, no API."""
    door = Client(only_guide(app))
    answer = door.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/phones")
    assert door.post("/phones").status_code == 303


@pytest.mark.usefixtures("files")
def test_the_plain_door_shows_the_guide(app: Flask) -> None:
    """The guide with its style, and a cookie that came along is not looked at."""
    door = Client(only_guide(app))
    page = door.get("/phones", headers={"Cookie": "offstage-lang=en", "Accept-Language": "zh"})
    assert page.status_code == 200
    assert "下载证书" in page.get_data(as_text=True)
    assert door.get("/phones/ca.crt").status_code == 200
