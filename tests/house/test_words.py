"""Both languages are complete, and every word is used (GEN-8)."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from app.lib.words import LANGUAGES, catalogue
from tests.house.tree import APP, JS, TEMPLATES, WORDS, called, calls, files, name, syntax, text

PLACE = re.compile(r"\{(\w+)\}")
KEY = re.compile(r"[a-z_]+(?:\.\w+)+")
ASKED = re.compile(r"""(?<![\w.$])t\(\s*["'`]([\w.]+)["'`]\s*[,)]""")
LITERAL = re.compile(r"""["'`]([\w.]+)["'`]""")
# "checklists.kind." + kind · `checklists.kind.${kind}` · f"errors.{code}": the start names a family of keys.
FAMILY = re.compile(r"""["'`]([a-z_]+\.(?:\w+\.)*(?:\w+_)?)(?:["'`]\s*[+~]|\$?\{)""")
CODE_FAMILY = re.compile(r"""f["'](\w+_)\{""")
CODED = re.compile(r"(?:^|\.)(?:Refused|Forbidden|refuse|doubt|outside|hold|Rejected)$")

KEYS = frozenset(catalogue())
SOURCES = [*files(APP, ".py"), *files(TEMPLATES, ".html", ".svg", ".txt"), *files(JS, ".js")]


def test_every_word_has_both_languages() -> None:
    """No key without Chinese or English (GEN-8)."""
    for key, texts in catalogue().items():
        assert set(texts) == set(LANGUAGES), key
        assert all(isinstance(said, str) and said.strip() for said in texts.values()), key


def test_both_languages_say_the_same() -> None:
    """The same placeholders on both sides; English knows one and many where a number is counted."""
    for key, texts in catalogue().items():
        places = {lang: set(PLACE.findall(said)) for lang, said in texts.items()}
        assert places["zh"] == places["en"], f"{key}: {places}"
        for lang, said in texts.items():
            assert said.count("|") <= 1, f"{key} ({lang}) has more than two forms"
            assert "|" not in said or "n" in places[lang], f"{key} ({lang}) has two forms but no {{n}}"


def test_a_file_holds_the_words_of_its_area() -> None:
    """words/<area>.json goes to the devices, words/<area>.office.json stays on the server."""
    for path in sorted(WORDS.glob("*.json")):
        area = path.name.split(".")[0]
        heads = (f"office.{area}.", f"{area}.office.") if path.name.endswith(".office.json") else (f"{area}.",)
        for key in json.loads(text(path)):
            assert KEY.fullmatch(key), f"{name(path)}: {key} is not spelled like a key"
            assert key.startswith(heads), f"{name(path)}: {key} belongs elsewhere"


def _chinese() -> Iterator[tuple[str, str]]:
    """Every Chinese text of the catalogue and of the starter pack, and where it stands."""
    for key, texts in catalogue().items():
        yield key, texts["zh"]
    for path in files(APP / "starter" / "pack", ".yaml"):
        yield from _texts_in(yaml.safe_load(text(path)), path.name)


def _texts_in(found: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(found, str):
        yield place, found
    elif isinstance(found, dict | list):
        for key, value in found.items() if isinstance(found, dict) else enumerate(found):
            yield from _texts_in(value, f"{place}/{key}")


def test_chinese_texts_use_chinese_marks() -> None:
    """A half-width mark beside a Chinese character is a slip of the keyboard; between digits, codes and times it is right."""
    beside = r"[\u3400-\u9fff\u3001-\u3011“”（），；：？！]"
    slip = re.compile(rf"{beside} ?[,;:?!()]|[,;:?!()] ?{beside}|[\u3400-\u9fff）]\.")
    assert not {place: said for place, said in _chinese() if slip.search(said)}


def _asked() -> dict[str, str]:
    """Key → one place that asks for it by name."""
    found: dict[str, str] = {}
    for path in SOURCES:
        if path.suffix == ".py":
            for call in calls(syntax(path)):
                first = call.args[0] if call.args else None
                if called(call) in {"t", "words.t"} and isinstance(first, ast.Constant):
                    found.setdefault(str(first.value), f"{name(path)}:{call.lineno}")
        else:
            for key in ASKED.findall(text(path)):
                found.setdefault(key, name(path))
    return found


def test_no_word_is_missing() -> None:
    """Whatever a page or module asks for by name stands in the catalogue (GEN-8)."""
    missing = {key: place for key, place in _asked().items() if key not in KEYS}
    assert not missing


def test_the_device_has_the_words_of_its_pages() -> None:
    """Office words stay on the server, so a module that asks for one would show a key."""
    device = frozenset(catalogue(device=True))
    asked = {(name(path), key) for path in files(JS, ".js") for key in ASKED.findall(text(path))}
    assert not {(place, key) for place, key in asked if key not in device and "/office" not in place}


def test_no_word_is_left_over() -> None:
    """A word that nobody asks for would be translated and carried for nothing."""
    literals = {found for path in SOURCES for found in LITERAL.findall(text(path))}
    families = {head for path in SOURCES for head in FAMILY.findall(text(path))} - {"errors."}
    codes = {f"errors.{found}" for found in literals}
    families |= {f"errors.{head}" for path in SOURCES for head in CODE_FAMILY.findall(text(path))}
    left = []
    for key in catalogue():
        used = key in literals or key in codes
        if not used and not any(key.startswith(family) for family in families):
            left.append(key)
    assert not left


def _codes(path: Path) -> Iterator[tuple[int, str]]:
    """(line, error code) of each refusal and doubt that names its code."""
    for call in calls(syntax(path)):
        first = call.args[0] if call.args else None
        if CODED.search(called(call)) and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield call.lineno, first.value


def test_every_refusal_has_its_sentence() -> None:
    """An error code is a promise of one sentence: what happened, and what to do."""
    silent = [
        f"{name(path)}:{line} {code}" for path in files(APP, ".py") for line, code in _codes(path) if f"errors.{code}" not in KEYS
    ]
    assert not silent
