"""What a scan is worth, what the pad takes, and what lines come to: the count screen's arithmetic (STK-11, GEN-9, F8, F9)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.js.device import Device

STAGE, TAKE = "/static/test/js/stock/count/stage.js", "/static/test/js/stock/take.js"
PRODUCT = {"id": "p", "unit": "box"}
TEA = {"id": "tea", "unit": "kg"}
WORTH = """async ([module, stage, code, product, pack]) => {
  const {stageOf, worth} = await import(module);
  return worth(Object.assign(stageOf(crypto.randomUUID()), stage), code, product, pack);
}"""
PRESS = """async ([module, keys, decimals]) => {
  const {press} = await import(module);
  const stage = {typed: ""};
  for (const key of keys) press(stage, key, decimals);
  return stage.typed;
}"""
GROUPS = """async ([module, lines]) => {
  const {groupsOf, isCounted, lotBefore, sumOf} = await import(module);
  const nothing = {product_id: null, key: null, code: null, expires_on: null, photo: null};
  const bare = {...nothing, lot: "", status: "available", withdrawn: false};
  const all = lines.map((line, n) => ({...bare, id: `c/0${n}`, bin_count_id: "c", ...line}));
  const groups = groupsOf({all: () => all}, "c");
  return {
    groups: groups.map(({product_id, code, lot, status, total, lines}) => [product_id ?? code, lot, status, total, lines.length]),
    counted: groups.filter(isCounted).length, sum: sumOf(groups), lot: lotBefore(groups, "a"),
  };
}"""


@pytest.fixture
def page(device: Device) -> Page:
    """A page without words."""
    device.context.route("**/words/*.js", lambda route: route.fulfill(body="export default {};", content_type="text/javascript"))
    return device.page


@pytest.mark.parametrize(
    ("stage", "code", "product", "pack", "quantity", "meant"),
    [
        ({}, {}, PRODUCT, "1", 1000, "1"),
        ({}, {}, PRODUCT, "24", 24_000, "24"),
        ({"typed": "12"}, {}, PRODUCT, "24", 288_000, "24"),
        ({"times": 3}, {}, PRODUCT, "1", 3000, "1"),
        ({"pack": {"product": "p", "size": "24"}}, {}, PRODUCT, "1", 24_000, "24"),
        ({"pack": {"product": "p", "size": "24"}}, {}, PRODUCT, "24", 24_000, "24"),  # a carton is no carton of cartons
        ({"pack": {"product": "q", "size": "24"}}, {}, PRODUCT, "1", 1000, "1"),  # another product's pack
        ({}, {"count": 6}, PRODUCT, "1", 6000, "1"),
        ({}, {"weight_kg": "2.345"}, TEA, "1", 2345, "1"),
        ({}, {}, PRODUCT, "0.1", 100, "0.1"),
    ],
)
def test_what_one_scan_comes_to(
    page: Page, stage: dict[str, Any], code: dict[str, Any], product: dict[str, str], pack: str, quantity: int, meant: str
) -> None:
    """STK-11, F8: packs multiplied, typed numbers too, what a GS1 code says itself; in whole thousandths (GEN-9)."""
    assert page.evaluate(WORTH, [STAGE, stage, code, product, pack]) == {"quantity": quantity, "pack": meant}


@pytest.mark.parametrize(
    ("keys", "decimals", "typed"),
    [
        (["1", "2", "back", "3"], 0, "13"),
        (["0", "7"], 0, "7"),
        (["1", ".", "5"], 0, "15"),
        (["1", ".", "2", "3", "4", "5", ".", "6"], 3, "1.234"),
        ([".", "5"], 2, "0.5"),
        (["9"] * 9, 0, "999999"),
        (["4", "clear"], 0, ""),
    ],
)
def test_what_the_pad_takes(page: Page, keys: list[str], decimals: int, typed: str) -> None:
    """GEN-9: as many decimals as the unit has, and no slip of the finger."""
    assert page.evaluate(PRESS, [STAGE, keys, decimals]) == typed


def test_lines_add_up_by_goods_lot_and_state(page: Page) -> None:
    """T2, F9: exact sums; what was taken back is gone, what came to nothing is not counted, the newest stands first."""
    of_a, of_b, unknown = {"product_id": "a"}, {"product_id": "b"}, {"code": "X", "key": "X"}
    lines = [
        {**of_a, "quantity": "0.1"},
        {**of_a, "quantity": "0.2"},
        {**unknown, "quantity": "1"},
        {**of_b, "quantity": "5"},
        {**of_b, "quantity": "-5"},
        {**of_a, "lot": "L", "quantity": "2"},
        {**of_a, "lot": "L", "status": "damaged", "quantity": "1"},
        {**unknown, "quantity": "1", "withdrawn": True},
    ]
    found = page.evaluate(GROUPS, [TAKE, lines])
    assert found["groups"] == [
        ["a", "L", "damaged", 1000, 1],
        ["a", "L", "available", 2000, 1],
        ["b", "", "available", 0, 2],
        ["X", "", "available", 1000, 1],
        ["a", "", "available", 300, 2],
    ]
    assert (found["counted"], found["sum"]) == (4, {"rows": 4, "total": 4300, "unknown": 1})
    assert found["lot"] == {"lot": "L", "expires_on": None}
