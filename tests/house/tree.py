"""The project's files as the house tests see them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
JS = STATIC / "js"
WORDS = ROOT / "words"


def name(path: Path) -> str:
    """The path as a reader of a failure knows it."""
    return path.relative_to(ROOT).as_posix()


def files(folder: Path, *endings: str) -> list[Path]:
    """Every file below `folder` with one of the endings; vendored ones are somebody else's house."""
    found = (path for path in sorted(folder.rglob("*")) if path.suffix in endings)
    return [path for path in found if "vendor" not in path.parts and "__pycache__" not in path.parts]


@cache
def text(path: Path) -> str:
    """A file's text."""
    return path.read_text("utf-8")


@cache
def syntax(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(text(path), filename=str(path))


def packages() -> list[Path]:
    """The packages of app/: lib, the engine, primitives, features."""
    return sorted(path.parent for path in APP.glob("*/__init__.py"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a tree."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(node: ast.Call) -> str:
    """The name a call goes by: `jsonify`, `session.add`, `db.session.add`."""
    return ast.unparse(node.func)
