"""What the floor loads before its first picture, and that a device keeps all of it (quality.md, budgets)."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from app.lib import build
from app.lib.words import LANGUAGES

MOST_SCRIPTS = 30


def test_the_cold_path_is_short_and_kept(client: FlaskClient) -> None:
    """Today opens with what the shell names and one language; each of these is on the device before the network goes."""
    shell = client.get("/floor/today").get_data(as_text=True)
    named = set(re.findall(r'(?:src|href)="(/static/[^"#]+|/manifest[^"#]+)["#]', shell))
    words = {build.static_url(f"words/{lang}.js") for lang in LANGUAGES}
    assert named | words <= set(build.precache())
    assert len({url for url in named if url.endswith(".js")}) + 1 <= MOST_SCRIPTS


def test_every_kept_file_is_there(client: FlaskClient) -> None:
    """A worker that misses one keeps none."""
    for url in build.precache():
        assert client.get(url).status_code == 200, url


def test_a_device_keeps_no_module_that_its_script_holds() -> None:
    """A second copy of a module would be a second device in the same page."""
    own = [name for name in build.floor_files() if name.startswith("js/")]
    parts = ["js/checklists/index.js", "js/checklists/mark.js", "js/floor/lock/index.js"]
    assert own == ["js/app.js", *parts, "js/look.js", "js/stock/index.js"]


def test_what_comes_later_is_there_and_in_nobodys_way(client: FlaskClient) -> None:
    """F7: the camera's half of the scanner and its decoder are served packed, and a device keeps them apart from its build."""
    assert [url.split("/", 3)[3] for url in build.later()][:2] == ["js/stock/camera.js", "js/stock/decoder.js"]
    assert not set(build.later()) & set(build.precache())
    for url in build.later():
        answer = client.get(url, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip"), url
    assert answer.mimetype == "application/wasm" and len(answer.data) < 450_000
