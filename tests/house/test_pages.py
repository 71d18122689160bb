"""Templates, modules, styles, vendored files: one renderer a page, and nothing the content policy forbids."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask

from tests.house.tree import JS, STATIC, TEMPLATES, files, name, text

# The content policy forbids all of these; a page that has one would be broken only in the browser.
INLINE = re.compile(r"""<style\b|<script\b(?![^>]*\bsrc=)|\sstyle\s*=\s*["'$]|\son[a-z]+\s*=\s*["'$]|\bhx-on\b|["']js:""")
PAGE = re.compile(r"""(?:[{,]|^)\s*["'](/floor/[^"'`$]*)["']\s*:""", re.M)
VENDOR = STATIC / "vendor"

MARKUP = [*files(TEMPLATES, ".html", ".svg"), *files(JS, ".js")]


@pytest.mark.parametrize("path", files(TEMPLATES, ".html", ".svg", ".txt"), ids=name)
def test_every_template_parses(app: Flask, path: Path) -> None:
    """A typing error shows here and not on the page nobody opened."""
    app.jinja_env.get_template(path.relative_to(TEMPLATES).as_posix())


@pytest.mark.parametrize("path", MARKUP, ids=name)
def test_nothing_inline(path: Path) -> None:
    """No inline style, script or handler, neither in a template nor in a module's markup."""
    for number, line in enumerate(text(path).splitlines(), 1):
        assert not INLINE.search(line), f"{name(path)}:{number}: {line.strip()}"


@pytest.mark.parametrize("path", files(TEMPLATES, ".html"), ids=name)
def test_templates_trust_nothing(path: Path) -> None:
    """Values are escaped; `|safe` is for the one place that has cleaned its HTML, and says so on its line."""
    for number, line in enumerate(text(path).splitlines(), 1):
        assert not re.search(r"\|\s*safe\b", line) or "cleaned" in line, f"{name(path)}:{number}: {line.strip()}"


def test_every_page_has_exactly_one_renderer(app: Flask) -> None:
    """Floor pages are made on the device, office pages by Flask; no address is made twice."""
    seen: dict[str, str] = {}
    for path in files(JS, ".js"):
        if path.name not in {"pages.js", "pages"} and "pages" not in path.parts:
            continue
        for address in PAGE.findall(text(path)):
            assert address not in seen, f"{address} is made by {seen[address]} and {name(path)}"
            seen[address] = name(path)
    assert seen, "no floor page found: does this test still know how pages are written?"
    shells = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/floor")}
    assert len(shells) == 1, f"one shell answers /floor, not {shells}"


def test_floor_addresses_are_pages_of_the_floor(app: Flask) -> None:
    """The office never writes at /floor: taps there are answered by the device."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/floor"):
            assert not {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())


def test_every_icon_is_drawn_and_used() -> None:
    """A mark that is named but not drawn is an empty square on the page."""
    drawn = set(re.findall(r'<symbol[^>]*\bid="([\w-]+)"', text(STATIC / "icons.svg")))
    sources = [*MARKUP, *files(STATIC / "css", ".css")]
    named = {found for path in sources for found in re.findall(r"icons\.svg[^\"'`]*#(i-[\w]+(?:-[\w]+)*)", text(path))}
    assert named <= drawn, f"not drawn: {sorted(named - drawn)}"


def test_every_style_sheet_is_served() -> None:
    """static/css/ORDER names every sheet once, in the order in which they are joined; `office` sheets are not the floor's."""
    lines = [line.split() for line in text(STATIC / "css" / "ORDER").splitlines()]
    assert sorted(line[0] for line in lines) == sorted(path.name for path in (STATIC / "css").glob("*.css"))
    assert {mark for line in lines for mark in line[1:]} == {"office"}


def test_the_floor_has_the_styles_it_names() -> None:
    """No class that a floor page writes is drawn only by sheets of the office."""
    drawn: dict[bool, set[str]] = {True: set(), False: set()}
    for sheet, *mark in (line.split() for line in text(STATIC / "css" / "ORDER").splitlines()):
        drawn[bool(mark)] |= set(re.findall(r"\.([a-z][\w-]*)", text(STATIC / "css" / sheet)))
    floor = [path for path in files(JS, ".js") if "office" not in path.as_posix().removeprefix(JS.as_posix())]
    for path in [*floor, TEMPLATES / "layouts" / "floor.html"]:
        for written in re.findall(r'\bclass(?:Name = |=)"([^"]*)"', text(path)):
            missing = set(re.findall(r"[a-z][\w-]*", re.sub(r"\$\{[^}]*\}?", " ", written))) & (drawn[True] - drawn[False])
            assert not missing, f"{name(path)} writes {sorted(missing)}, which only the office draws"


def test_styles_are_layered_and_their_properties_defined() -> None:
    """Every rule lies in a layer, and no custom property is used that no sheet sets."""
    sheets = {path: re.sub(r"/\*.*?\*/", "", text(path), flags=re.S) for path in files(STATIC / "css", ".css")}
    for path, sheet in sheets.items():
        assert "@layer" in sheet, f"{name(path)} names no layer"
    joined = "".join(sheets.values())
    free = set(re.findall(r"var\((--[\w-]+)\s*\)", joined)) - set(re.findall(r"(--[\w-]+)\s*:", joined))
    assert not free


def test_vendored_files_are_what_they_were() -> None:
    """static/vendor/SHA256SUMS has a line for every vendored file, licences included, and each fits."""
    sums = dict(reversed(line.split("  ", 1)) for line in text(VENDOR / "SHA256SUMS").splitlines())
    there = {p.relative_to(VENDOR).as_posix() for p in VENDOR.rglob("*") if p.is_file() and p.name != "SHA256SUMS"}
    assert set(sums) == there
    for path, digest in sums.items():
        assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == digest, path


def test_vendored_files_bring_their_licence() -> None:
    """Every folder of static/vendor holds the licence it came with."""
    for folder in VENDOR.iterdir():
        assert not folder.is_dir() or any("LICEN" in path.name.upper() for path in folder.iterdir()), name(folder)
