"""A small warehouse and a stock take in it, laid out by the product's own operations, with no server up."""

from __future__ import annotations

from app.demo.loading import person_id
from app.demo.story import demo_id
from app.lib.ids import Id
from app.stock.operations import add_bin, add_product, plan_stock_take, receive

BINS = ("C-77-1-01", "C-77-1-02", "C-77-1-03", "L-77-1-01")
MASK, CREAM, JACKET, PHONE, TEA = "T-MASK-05", "T-CREAM-50", "T-DOWN-XL", "T-STAND-1", "T-TEA-0"
UNIT_CODE, CARTON_CODE, NOBODY_KNOWS = "6909990000103", "16909990000100", "6909990001995"
JACKET_CODE, PHONE_CODE, TEA_CODE, CREAM_CODE = "6909990000110", "6909990000127", "6909990000134", "6909990000141"
TAKE = demo_id("stock-take/browser")

_PRODUCTS = {
    MASK: (
        "玻尿酸保湿面膜 5 片装（秋冬限定礼盒，含随行小样与手写贺卡）",
        "Hyaluronic acid moisturising sheet mask, five pieces, autumn–winter gift box with travel samples and a card",
        "COS", "box", [(UNIT_CODE, 1), (CARTON_CODE, 24)],
    ),
    CREAM: ("积雪草修护霜 50g", "Centella repair cream 50 g", "COS", "bottle", [(CREAM_CODE, 1)]),
    JACKET: ("羽绒服 长款 黑色 XL", "Down jacket, long, black, XL", "APP", "each", [(JACKET_CODE, 1)]),
    PHONE: ("补光手机支架 Pro", "Phone stand with light, Pro", "ELE", "set", [(PHONE_CODE, 1)]),
    TEA: ("武夷山岩茶 散装", "Wuyi rock tea, loose", "FOD", "kg", [(TEA_CODE, 1)]),
}  # fmt: skip


def product(sku: str) -> Id:
    return demo_id(f"product/browser/{sku}")


def bin_id(code: str) -> Id:
    return demo_id(f"bin/browser/{code}")


def lay_out(counters: tuple[str, ...] = ("warehouse_keeper",), *, quantity: str = "48") -> Id:
    """Products, bins, a little stock in one of them, and a blind stock take of all bins by these people."""
    manager = person_id("logistics_manager")
    for sku, (zh, en, category, unit, codes) in _PRODUCTS.items():
        add_product(
            manager, product_id=product(sku), sku=sku, zh=zh, en=en, category=category, unit=unit,
            codes=[{"code": code, "pack": str(pack)} for code, pack in codes],
        )  # fmt: skip
    for code in BINS:
        add_bin(manager, bin_id=bin_id(code), code=code, area=code[0])
    for sku, place, amount in ((MASK, 1, quantity), (JACKET, 0, "7"), (TEA, 3, "2.5")):
        receive(manager, bin_id=bin_id(BINS[place]), product_id=product(sku), quantity=amount, lot="2609A")
    plan_stock_take(
        manager, stock_take_id=TAKE, title="11 月循环盘点 C-77", kind="cycle", blind=True,
        bins=[bin_id(code) for code in BINS], counters=[person_id(login) for login in counters],
    )  # fmt: skip
    return TAKE
