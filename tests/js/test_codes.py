"""What a code means, read by the device's JavaScript: the same answers as the server's Python (T21, F6)."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from app.stock.codes import GS, read_code
from tests.js.device import Device

CASES: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parents[1] / "cases" / "codes.json").read_text("utf-8"))
MODULE = "/static/test/js/stock/codes.js"
# What strange codes are made of: whole elements, so that many come close to being right, and what breaks them.
PIECES = [
    *("01", "06901234567892", "16901234567899", "10", "17", "261231", "260230", "21", "310", "3103", "001250", "37", "24", "00"),
    *(
        "106141412345678908",
        "6901234567892",
        "04252614",
        "036000291452",
        GS,
        "]C1",
        "]d2",
        " ",
        "\u3000",
        "\u2028",
        "\x00",
        "%",
        "%41",
    ),
    *(
        "(",
        ")",
        "(01)",
        "(10)",
        "https://a.cn/",
        "/01/",
        "/10/",
        "?17=",
        "&",
        "=",
        "BIN:",
        "PERSON:01890000-0000-7000-8000-0000000000AA",
        "A-03-2-05",
        "ａ１",
        "ß",
        "İ",
        "٣",
        "😀",
        "978-",
    ),
]


def read(device: Device, raws: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = device.run(
        "const {readCode} = await import(arg[0]); return arg[1].map(readCode)", [MODULE, raws]
    )
    return found


def test_codes_are_read_as_the_server_does(device: Device) -> None:
    """T21, F6: every case that the server is held to."""
    found = read(device, [case["raw"] for case in CASES["cases"]])
    by_name = {case["name"]: one for case, one in zip(CASES["cases"], found, strict=True)}
    assert by_name == {case["name"]: {"raw": case["raw"], **case["expect"]} for case in CASES["cases"]}


def test_check_digits_and_short_codes_are_read_as_the_server_does(device: Device) -> None:
    """STK-10: and cleaning alone says what reading says."""
    found = device.run(
        "const c = await import(arg[0]); return [arg[1].map(c.checkDigitOk), arg[2].map(c.expandUpcE), arg[3].map(c.normalise)]",
        [
            MODULE,
            *([case["code"] for case in CASES[name]] for name in ("check_digits", "upc_e")),
            [c["raw"] for c in CASES["cases"]],
        ],
    )
    assert found[:2] == [[case["expect"] for case in CASES[name]] for name in ("check_digits", "upc_e")]
    assert found[2] == [case["expect"]["text"] for case in CASES["cases"]]


def test_no_code_is_so_strange_that_the_two_disagree(device: Device) -> None:
    """T21: three thousand codes put together from what real ones are made of, the same ones every time."""
    dice = random.Random(20_26)
    raws = ["".join(dice.choices(PIECES, k=dice.randint(1, 7))) for _ in range(3000)]
    expect = [read_code(raw).as_dict() for raw in raws]
    assert {one["kind"] for one in expect} == {"gs1", "gtin", "bin", "person", "plain"}
    assert [pair for pair in zip(read(device, raws), expect, strict=True) if pair[0] != pair[1]] == []
