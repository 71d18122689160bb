"""What the floor loads before its first picture, and that the shell names exactly that (quality.md, budgets)."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
JS = ROOT / "static" / "js"
IMPORT = re.compile(r"""^(?:import|export)\s(?:[^;"]*?from\s+)?"(\.[^"]+)\"""", re.M)
MOST_MODULES = 30


def reached_from(*roots: str) -> set[str]:
    """Every module that is imported statically, without `.js`, relative to static/js."""
    found: set[str] = set()
    ahead = [(JS / root).resolve() for root in roots]
    while ahead:
        path = ahead.pop()
        name = path.relative_to(ROOT / "static").as_posix()
        if name in found or not path.exists():  # the words are made by the server
            continue
        found.add(name)
        ahead += [(path.parent / target).resolve() for target in IMPORT.findall(path.read_text("utf-8"))]
    return {name.removeprefix("js/").removesuffix(".js") for name in found}


def test_the_cold_path_is_short() -> None:
    """Today opens with at most 30 module files, the words among them."""
    assert len(reached_from("app.js", "floor/pages/today.js")) + 1 <= MOST_MODULES


def test_the_shell_fetches_the_cold_path_at_once() -> None:
    """A module the shell does not name is fetched late; one it names for nothing is fetched for nothing."""
    shell = (ROOT / "templates" / "layouts" / "floor.html").read_text("utf-8")
    block = re.search(r"for module in \[(.*?)\]", shell, re.S)
    assert block
    named = set(re.findall(r"'([\w/-]+)'", block.group(1)))
    assert named | {"app"} == reached_from("app.js", "floor/pages/today.js")
