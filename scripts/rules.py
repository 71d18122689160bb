"""Prints rule id → tests that prove it → lines that enforce it, and fails on a gap (`make rules`).

The ids this version claims are the rows of `docs/rules.md`. An enforcing line carries the comment
`rule: CHK-6` (several ids parted by commas); a test names the id in its docstring, a JavaScript test in a
comment.

    python -m scripts.rules                 the table
    python -m scripts.rules --quiet         only what is missing
    python -m scripts.rules --try CHK-6     put each enforcing line out of force, in a copy, and see that
                                            a named test fails ("all" tries every rule)
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ID = re.compile(r"\b(?:CHK|GEN|PPL|SAF|PRS|STK|EQP)-\d+\b|\b[TF]\d+\b|\bI\d+\b")
MARK = re.compile(r"(?:#|//|/\*)\s*rules?:\s*([^*\n]+)")
ROW = re.compile(r"^\| *(" + ID.pattern + r") *\|([^|]+)\|", re.M)
IN_A_BROWSER = ("tests/browser", "tests/js", "tests/house/test_screens")
SPAN = re.compile(r"\b([A-Z]+-?)(\d+)\s*(?:–|…|\.\.\.?)\s*(?:\1)?(\d+)\b")


@dataclass(frozen=True, order=True)
class Place:
    """A line of the project; for a test also the name pytest knows it by."""

    path: str
    line: int
    name: str = ""

    def __str__(self) -> str:
        return f"{self.path}::{self.name}" if self.name else f"{self.path}:{self.line}"


def ids_in(text: str) -> set[str]:
    """Every rule id in a text; `CHK-1…CHK-3` counts for each of the three."""
    found = {match.group() for match in ID.finditer(text)}
    for head, first, last in SPAN.findall(text):
        found |= {f"{head}{n}" for n in range(int(first), int(last) + 1)}
    return found


def claimed() -> dict[str, str]:
    """Rule id → what it asks, as docs/rules.md says."""
    return {row[0]: row[1].strip() for row in ROW.findall((ROOT / "docs/rules.md").read_text("utf-8"))}


def enforcing() -> dict[str, list[Place]]:
    """Rule id → the lines that carry its mark."""
    found: dict[str, list[Place]] = defaultdict(list)
    for folder in ("app", "static/js", "static/css", "templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".py", ".js", ".css", ".html"}:
                continue
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if mark := MARK.search(line):
                    for rule in ids_in(mark.group(1)):
                        found[rule].append(Place(str(path.relative_to(ROOT)), number))
    return found


def _python_tests(path: Path) -> Iterator[tuple[Place, str]]:
    where = str(path.relative_to(ROOT))
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name.startswith("test"):
                    yield Place(where, inner.lineno, f"{node.name}::{inner.name}"), _doc(inner)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield Place(where, node.lineno, node.name), _doc(node)


def _doc(node: ast.FunctionDef) -> str:
    return ast.get_docstring(node) or ""


def tests() -> dict[str, list[Place]]:
    """Rule id → the tests whose docstring names it."""
    found: dict[str, list[Place]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for place, text in _python_tests(path):
            for rule in ids_in(text):
                found[rule].append(place)
    for path in sorted((ROOT / "tests").rglob("*.js")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.lstrip().startswith(("//", "*", "/*")):
                for rule in ids_in(line):
                    found[rule].append(Place(str(path.relative_to(ROOT)), number))
    return found


def order(rule: str) -> tuple[str, int]:
    """CHK-2 before CHK-10."""
    return re.sub(r"\d+$", "", rule), int(re.search(r"\d+$", rule).group())  # type: ignore[union-attr]  # every id ends in digits


def report(*, quiet: bool) -> int:
    """Print the table; the number of gaps is what comes back."""
    rules, proofs, lines = claimed(), tests(), enforcing()
    gaps = []
    for rule in sorted(rules, key=order):
        missing = [what for what, found in (("test", proofs), ("enforcing line", lines)) if not found.get(rule)]
        if missing:
            gaps.append(f"{rule}: no {' and no '.join(missing)}")
        if not quiet:
            print(f"\n{rule}  {rules[rule]}")
            for place in sorted(lines.get(rule, [])):
                print(f"    line  {place}")
            for place in sorted(proofs.get(rule, [])):
                print(f"    test  {place}")
    unknown = sorted(set(lines) - set(rules), key=order)
    gaps += [f"{rule}: enforced at {lines[rule][0]} but not in docs/rules.md" for rule in unknown]
    if gaps:
        print("\n" + "\n".join(gaps), file=sys.stderr)
    elif not quiet:
        print(f"\n{len(rules)} rules, each with a test and an enforcing line")
    return len(gaps)


def disabled(source: str, number: int, suffix: str) -> str:
    """The source with its line `number` out of force: a condition never true, another statement not run."""
    lines = source.splitlines(keepends=True)
    while lines[number - 1].lstrip().startswith(("#", "//", "/*")):
        number += 1  # a mark on a line of its own speaks of the next one
    if suffix == ".py":
        node = _statement_at(ast.parse(source), number)
        if isinstance(node, ast.If | ast.While):
            test = node.test
            before, after = (
                _cut(lines, test.lineno, test.col_offset),
                _cut(lines, test.end_lineno, test.end_col_offset),
            )
            inside = source.encode()[before:after].decode()
            return (source.encode()[:before] + f"(False and ({inside}))".encode() + source.encode()[after:]).decode()
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        value = "return None" if isinstance(node, ast.Return) else "pass"
        lines[first:last] = [f"{indent}{value}\n"]
        return "".join(lines)
    line = lines[number - 1]
    if re.search(r"\bif \(", line):
        lines[number - 1] = re.sub(r"\bif \(", "if (false && ", line, count=1)
    else:
        lines[number - 1] = "// " + line
    return "".join(lines)


def _cut(lines: list[str], number: int | None, column: int | None) -> int:
    """Where (line, column in UTF-8 bytes), as ast counts, lies in the file's bytes."""
    return sum(len(line.encode()) for line in lines[: (number or 1) - 1]) + (column or 0)


def _statement_at(tree: ast.Module, number: int) -> ast.stmt:
    """The innermost statement whose lines include `number` (for compound ones: whose head does)."""
    best: ast.stmt | None = None
    for node in ast.walk(tree):
        holds = isinstance(node, ast.stmt) and node.lineno <= number <= (node.end_lineno or 0)
        if holds and (best is None or node.lineno >= best.lineno):
            best = node
    if best is None:
        raise SystemExit(f"line {number} carries a mark but is no statement")
    return best


def attempt(rule: str) -> int:
    """Disable each line that enforces `rule`, in a copy; the number that no named test noticed."""
    proofs, lines = tests().get(rule, []), enforcing().get(rule, [])
    named = sorted({str(p) for p in proofs if p.name}, key=lambda name: (name.startswith(IN_A_BROWSER), name))  # quick ones first
    unnoticed = 0
    for place in lines:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "offstage"
            shutil.copytree(
                ROOT,
                copy,
                ignore=shutil.ignore_patterns(".git", ".venv", ".joined", "instance", "screens", "__pycache__"),
            )
            target = copy / place.path
            target.write_text(disabled(target.read_text("utf-8"), place.line, target.suffix), "utf-8")
            run = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-x", *named],
                cwd=copy,
                capture_output=True,
                text=True,
                check=False,
            )
        noticed = run.returncode == 1
        unnoticed += not noticed
        print(f"{rule}  {place}  {'noticed' if noticed else 'NOT NOTICED'}")
        if run.returncode > 1:
            print(run.stdout[-2000:] + run.stderr[-2000:], file=sys.stderr)
    return unnoticed


def main() -> int:
    """Exit status 1 on any gap."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiet", action="store_true", help="print only what is missing")
    parser.add_argument("--try", dest="attempt", nargs="+", metavar="ID", help="disable the enforcing lines of these rules")
    options = parser.parse_args()
    if options.attempt:
        rules = sorted(claimed(), key=order) if options.attempt == ["all"] else options.attempt
        return bool(sum(attempt(rule) for rule in rules))
    return bool(report(quiet=options.quiet))


if __name__ == "__main__":
    raise SystemExit(main())
