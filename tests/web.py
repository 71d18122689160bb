"""A browser's requests over real HTTP, in the words of Flask's test client, so that `WireDevice` speaks with a real server."""

from __future__ import annotations

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import Any

import orjson

from app.lib.ids import Id
from tests.wire import WireDevice

PASSWORD = "offstage-demo"


@dataclass
class Answer:
    """What came back."""

    status_code: int
    data: bytes
    headers: Message

    @property
    def json(self) -> Any:
        return orjson.loads(self.data)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer here."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class WebClient:
    """One browser: its cookies, and the server it knows. Nothing is tried twice."""

    def __init__(self, url: str, timeout_s: float = 30) -> None:
        self.url = url
        self.timeout_s = timeout_s
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(_Stay, urllib.request.HTTPCookieProcessor(self.cookies))

    def open(
        self, method: str, path: str, *, data: Any = None, json: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask, and return the answer whatever its status. Raises OSError when there is none."""
        headers = dict(headers or {})
        if json is not None:
            data, headers["Content-Type"] = orjson.dumps(json), "application/json"
        elif isinstance(data, dict):
            data = urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=self.timeout_s) as answer:
                return Answer(answer.status, answer.read(), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read(), error.headers)

    def get(self, path: str, **more: Any) -> Answer:
        return self.open("GET", path, **more)

    def post(self, path: str, **more: Any) -> Answer:
        return self.open("POST", path, **more)

    def put(self, path: str, **more: Any) -> Answer:
        return self.open("PUT", path, **more)

    def sign_in(self, login: str) -> None:
        """As a person does in the office."""
        answer = self.post("/signin", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.data


def enrol(client: WebClient, login: str, make: type[WireDevice] = WireDevice, **more: Any) -> Any:
    """Sign somebody in, enrol the browser, and return the device, not yet filled."""
    client.sign_in(login)
    answer = client.post("/api/devices", json={"name": login, "shared": False, "build": "test", **more})
    assert answer.status_code == 201, answer.data
    grant = answer.json["grant"]
    tokens = {grant["id"]: grant["token"]}
    return make(client, Id(answer.json["device"]["id"]), Id(grant["person"]), tokens, grant["id"])  # type: ignore[arg-type]  # it speaks as the test client does
