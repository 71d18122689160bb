"""One-tap words for what is wrong (F18)."""

from __future__ import annotations

from typing import Any

import pytest

from app.lib.words import catalogue
from tests.browser.run_page import templates
from tests.js.device import Device

JS = "/static/test/js/checklists/parts/phrases.js"


def phrases(device: Device, asked: list[tuple[str, str]]) -> list[list[str]]:
    found: list[list[str]] = device.run(
        f"""const {{phrasesOf}} = await import("{JS}");
            return arg.map(([code, kind]) => phrasesOf(code, {{kind}}))""",
        asked,
    )
    return found


def test_every_item_of_the_pack_has_a_few_words_of_its_own_list(device: Device) -> None:
    """F18, GEN-8: for each kind in each list four to eight, none twice, each in both languages and none a sentence."""
    kinds = sorted(
        {(code, item["kind"]) for code, one in templates().items() for section in one["sections"] for item in section["items"]}
    )
    words: dict[str, Any] = catalogue(device=True)
    for asked, names in zip(kinds, phrases(device, kinds), strict=True):
        assert 4 <= len(names) == len(set(names)) <= 8, asked
        for name in names:
            both = words[f"checklists.phrase.{name}"]
            assert 0 < len(both["zh"]) <= 8 and 0 < len(both["en"]) <= 20, name


def test_the_words_fit_what_is_looked_at(device: Device) -> None:
    """Sound in the audio list, values of a number first, a list of one's own by its kinds alone."""
    sound, number, scan, own = phrases(device, [("CL-AUD", "tick"), ("CL-LGT", "number"), ("CL-CAM", "scan"), ("CL-OWN", "tick")])
    assert sound[:2] == ["no_sound", "noise"]
    assert number[:2] == ["too_high", "too_low"]
    assert {"no_code", "code_unreadable"} & set(scan)
    assert own[:4] == ["missing", "damaged", "dirty", "wrong_place"]


@pytest.mark.parametrize(
    ("note", "after"),
    [("", "松动"), ("左边", "左边，松动"), ("左边，松动", "左边"), ("松动", ""), ("有点松动", "有点松动，松动")],
)
def test_a_phrase_is_added_and_taken_back(device: Device, note: str, after: str) -> None:
    """Pressed again it goes; what was typed by hand stays as it is."""
    assert device.run(f"return (await import('{JS}')).withPhrase(arg, '松动', '，')", note) == after
