"""The house stays as CONTRIBUTING describes it: stories, folders, who may write, who tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from flask import Flask

from app.sync.registry import operations
from tests.house.tree import (
    APP,
    JS,
    ROOT,
    TEMPLATES,
    WORDS,
    called,
    calls,
    files,
    name,
    packages,
    syntax,
    text,
)

# The engine and the database module are what operations and steps write through.
WRITERS = re.compile(r"app/(sync/.*|lib/db|\w+/(operations|steps)(/\w+)?)\.py")
# What nobody did: failed tries of a person not yet known, and the same password kept under newer parameters.
UNLOGGED = {"app/people/signing_in.py"}
WRITES = re.compile(r"(?:^|\.)\w*session\.(add|add_all|delete|merge|flush|commit|bulk_\w+)$")
STATEMENTS = {"insert", "update", "delete"}

# Folders that belong to the house and not to one feature.
SHARED = {
    "templates": {"layouts", "components", "errors"},
    "static/js": {"floor", "replica", "elements", "office"},
    "tests": {"browser", "js", "cases", "house", "simulation", "lib", "bench", "scripts"},
}


def test_every_package_tells_its_story() -> None:
    """A reader finds in __init__.py who uses a feature, which states it has, what works offline."""
    for package in packages():
        story = ast.get_docstring(syntax(package / "__init__.py")) or ""
        assert len(story) >= 60, f"{name(package)}/__init__.py does not tell the story of the feature"


def test_every_module_says_what_it_is() -> None:
    """One sentence at the head of each module."""
    silent = [name(path) for path in files(APP, ".py") if not ast.get_docstring(syntax(path))]
    assert not silent


def test_operations_and_steps_say_what_they_promise() -> None:
    """A verb or a step without a docstring leaves its reader guessing what it refuses."""
    silent = [
        f"{name(path)}: {node.name}"
        for path in files(APP, ".py")
        if re.search(r"/(operations|steps)(/\w+)?\.py$", name(path))
        for node in syntax(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent


def _writes(path_tree: ast.Module) -> list[int]:
    """The lines that write: a writing method of a session, or a statement of SQLAlchemy that changes rows."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(path_tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
        if alias.name in STATEMENTS
    }
    found = []
    for call in calls(path_tree):
        target = called(call)
        if WRITES.search(target) or target in imported or target == "writer":
            found.append(call.lineno)
    return found


def test_only_operations_steps_and_the_engine_write() -> None:
    """One write path, one trail: whatever else writes would be in no log and reach no device."""
    loose = [
        f"{name(path)}:{line}"
        for path in files(APP, ".py")
        if not WRITERS.fullmatch(name(path)) and name(path) not in UNLOGGED
        for line in _writes(syntax(path))
    ]
    assert not loose


def test_the_writing_check_sees_writing() -> None:
    """The check above is worth nothing when it overlooks the usual ways to write."""
    for line in ("db.session.add(x)", "tx.session.delete(x)", "session.commit()", "writer().session()"):
        assert _writes(ast.parse(line)), line
    assert _writes(ast.parse("from sqlalchemy import insert\nsession.execute(insert(T))"))
    assert not _writes(ast.parse("seen.add(x)\nrows.append(select(T))"))


def test_views_catch_nothing() -> None:
    """One error table answers for every refusal; only the engine's doors read bytes that may be anything."""
    trying = [
        f"{name(path)}:{node.lineno}"
        for path in files(APP, ".py")
        if re.search(r"^app/(?!sync/).*/views(/\w+)?\.py$", name(path))
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Try)
    ]
    assert not trying


def test_pages_are_waited_for_from_outside() -> None:
    """Playwright's own waiting looks once and then by `eval` in the page, which our policy forbids: it fails on slow days."""
    waiting = [name(path) for path in files(ROOT / "tests", ".py") if "wait_for_function" + "(" in text(path)]
    assert not waiting, "use tests.waiting.wait_on"


def test_json_is_spoken_only_under_api(app: Flask) -> None:
    """Pages are for people; whoever wants data asks /api (the manifest is a file of the browser's)."""
    allowed = {"/manifest.webmanifest", "/healthz"}
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()) or rule.rule.startswith("/api/"):
            continue
        answer = client.get(rule.rule)
        if answer.mimetype.endswith("json"):
            assert rule.rule in allowed, f"{rule.rule} answers JSON outside /api"


@pytest.mark.usefixtures("app")
def test_every_operation_has_its_six_answers() -> None:
    """Works, outsider, wrong role, wrong state, said twice, reaches every replica: one file a verb."""
    lacking = []
    ours = [name for name, found in operations.items() if found.__module__.startswith("app.")]
    for operation in ours:
        package, verb = operation.split(".")
        path = ROOT / "tests" / package / f"test_{verb}.py"
        if not path.exists():
            lacking.append(f"{operation} has no {name(path)}")
        elif "verify_operation" not in text(path):
            lacking.append(f"{name(path)} does not call verify_operation")
    assert ours
    assert not lacking


def test_twin_folders_bear_the_name_of_a_package() -> None:
    """One search for a noun shows the feature's whole story: app, templates, words, JavaScript, tests."""
    nouns = {package.name for package in packages()}
    for folder, shared in SHARED.items():
        for path in (ROOT / folder).iterdir():
            if path.is_dir() and not path.name.startswith((".", "_")):
                assert path.name in nouns | shared, f"{name(path)} belongs to no package of app/"


def _layers() -> list[set[str]]:
    """The layers of app/ as the import contract names them, the highest first."""
    contract = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    return [{package.strip() for package in layer.split(":")} for layer in contract["layers"]]


def test_templates_use_their_own_feature_lower_ones_or_the_shared_ones() -> None:
    """Templates point the same way as imports; a part that two neighbours need is a component without domain nouns."""
    own = re.compile(r"""\{%-?\s*(?:include|import|from|extends)\s+["']([\w-]+)/""")
    layers = _layers()
    for path in files(TEMPLATES, ".html"):
        folder = path.relative_to(TEMPLATES).parts[0]
        level = next((at for at, layer in enumerate(layers) if folder in layer), len(layers))
        allowed = {folder} | SHARED["templates"] | set().union(*layers[level + 1 :])
        for used in own.findall(text(path)):
            assert used in allowed, f"{name(path)} borrows from {used}"


def test_nothing_names_one_machine() -> None:
    """The repository means the same on every machine: no home folder, no package registry's address."""
    place = re.compile(r"(?<![\w./<-])/(?:home|root|Users)/\w+|https?://\S*(?:pypi|pythonhosted|registry\.npm)")
    here = [p for folder in (APP, TEMPLATES, JS, WORDS) for p in files(folder, ".py", ".html", ".js", ".json")]
    here += [ROOT / "pyproject.toml", ROOT / "constraints.txt", ROOT / "Makefile", *ROOT.glob("*.md")]
    found = [f"{name(path)}: {match.group()}" for path in here if (match := place.search(text(path)))]
    assert not found


def test_imports_point_one_way() -> None:
    """Features use primitives, primitives people and devices, those the engine, the engine the library."""
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    "path", [path for folder in ("app", "scripts", "bench") for path in files(ROOT / folder, ".py")], ids=name
)
def test_what_the_type_checker_overlooks_has_its_reason(path: Path) -> None:
    """`# type: ignore[code]  # why`: an ignored error without a reason is one nobody looked at."""
    for number, line in enumerate(text(path).splitlines(), 1):
        assert not re.search(r"# type: ignore(?!\[[\w, -]+\]  # \w)", line), f"{name(path)}:{number}: {line.strip()}"
