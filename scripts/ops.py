"""Prints every operation: its right, fact or decision, what it makes, its steps elsewhere (`make ops`).

The steps are read from the source: calls of functions that live in some package's `steps.py`, and what upper
layers register with `@after`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from app import create_app
from app.sync.registry import listeners, operations


def named(function: Callable[..., Any]) -> str:
    """`cases.steps.open_case` for a function of the app."""
    return f"{function.__module__.removeprefix('app.')}.{function.__name__}"


def steps_of(function: Callable[..., Any], seen: set[str] | None = None) -> list[str]:
    """The steps a handler may take, in the order of its source, also by way of helpers in its own module."""
    seen = set() if seen is None else seen
    found: list[str] = []
    space = inspect.unwrap(function).__globals__
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if not isinstance(node, ast.Call):
            continue
        target = _resolve(node.func, space)
        if not inspect.isfunction(target) or named(target) in seen:
            continue
        if target.__module__.endswith(".steps") or ".steps." in target.__module__:
            seen.add(named(target))
            found.append(named(target))
        elif target.__module__ == function.__module__:
            seen.add(named(target))
            found += steps_of(target, seen)
    return found


def _resolve(node: ast.expr, space: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return space.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_resolve(node.value, space), node.attr, None)
    return None


def main() -> int:
    """Print one line an operation, and below it what it makes happen."""
    create_app()
    for name, operation in sorted(operations.items()):
        sort = "fact" if operation.fact else "decision"
        made = f"  makes {', '.join(operation.makes)}" if operation.makes else ""
        print(f"{name:34} {sort:9} {operation.right or 'anyone active'}{made}")
        for step in steps_of(operation.handler):
            print(f"{'':34} → {step}")
        for listener in listeners.get(name, []):
            print(f"{'':34} ↳ {named(listener)} (after)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
