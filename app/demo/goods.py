"""What lies in the demo's warehouse: 2,000 products with codes of the range for use inside a house, 300 bins, what lies where.

Made from word lists and one seed: the same each time. The names are nobody's brands.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from app.demo.story import demo_id
from app.lib.ids import Id
from app.stock.codes import read_code


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """`中文|English, …` as pairs."""
    return tuple((zh.strip(), en.strip()) for zh, _, en in (one.partition("|") for one in text.split(",")))


SERIES = pairs(
    "暖阳|Warmsun, 青禾|Greenleaf, 山野|Highland, 白露|Whitedew, 云朵|Cloudlet, 初见|Firstlight, 海盐|Seasalt, 半夏|Midsummer,"
    "木言|Woodword, 星河|Starway, 麦田|Wheatfield, 南风|Southwind, 鹿角|Antler, 松针|Pineneedle, 灯塔|Lighthouse, 茶山|Teahill"
)
COLOURS = pairs("米白|off-white, 墨绿|dark green, 雾蓝|haze blue, 焦糖|caramel, 黑色|black, 樱粉|cherry pink")
SIZES = pairs("S|S, M|M, L|L, XL|XL")
FLAVOURS = pairs("原味|plain, 海苔|seaweed, 芝麻|sesame, 抹茶|matcha, 无糖|sugar-free")
VOLUMES = pairs("30 ml|30 ml, 50 ml|50 ml, 100 ml|100 ml, 250 ml|250 ml")
MODELS = pairs("标准版|standard, 旗舰版|flagship, 便携版|travel, 礼盒装|gift box")
KEPT_BY_LOT = ("COS", "FOD", "FRE", "HLT", "KID")


@dataclass(frozen=True)
class Kind:
    """A category of the demo: how many, things it has, what they vary in, where they lie, what one costs in yuan."""

    category: str
    share: int
    things: tuple[tuple[str, str], ...]
    variants: tuple[tuple[str, str], ...]
    unit: str
    areas: str
    cost: tuple[int, int]
    carton: int


CLOTHES = pairs(
    "亚麻衬衫|linen shirt, 针织开衫|knit cardigan, 阔腿裤|wide trousers, 羊毛围巾|wool scarf, 连帽卫衣|hoodie, 半身裙|skirt"
)
BAGS = pairs("帆布鞋|canvas shoes, 通勤手提包|work tote, 软底拖鞋|soft slippers")
CARE = pairs("保湿精华|hydrating serum, 氨基酸洁面|amino cleanser, 防晒乳|sun lotion, 润唇膏|lip balm, 护手霜|hand cream")
SNACKS = pairs(
    "坚果礼罐|nut tin, 手工饼干|hand-made biscuits, 冻干咖啡|freeze-dried coffee, 海苔卷|seaweed rolls, 燕麦片|oat flakes"
)
CHILLED = pairs("鲜牛奶|fresh milk, 车厘子|cherries, 三文鱼块|salmon cut")
HEALTH = pairs("鱼油软胶囊|fish oil capsules, 维生素 C 片|vitamin C tablets")
CHILD = pairs("婴儿湿巾|baby wipes, 学饮杯|sippy cup, 积木|building bricks")
DEVICES = pairs("无线耳机|wireless earphones, 便携风扇|travel fan, 桌面台灯|desk lamp, 加湿器|humidifier")
HOME = pairs("马克杯|mug, 四件套床品|bedding set of four, 不粘炒锅|non-stick pan, 收纳箱|storage box, 香薰蜡烛|scented candle")
KINDS = (
    Kind("APP", 380, CLOTHES, SIZES, "each", "AB", (35, 220), 20),
    Kind("SHO", 160, BAGS, COLOURS, "each", "BC", (30, 260), 12),
    Kind("COS", 330, CARE, VOLUMES, "bottle", "AB", (18, 190), 24),
    Kind("FOD", 260, SNACKS, FLAVOURS, "bag", "AB", (9, 68), 30),
    Kind("FRE", 60, CHILLED, MODELS[:2], "box", "L", (25, 160), 6),
    Kind("HLT", 70, HEALTH, VOLUMES[:2], "bottle", "B", (30, 150), 24),
    Kind("KID", 120, CHILD, COLOURS[:4], "each", "BC", (15, 120), 18),
    Kind("ELE", 130, DEVICES, MODELS, "each", "VB", (60, 620), 8),
    Kind("HOM", 300, HOME, COLOURS, "each", "BC", (12, 240), 12),
    Kind("JEW", 40, pairs("银手链|silver bracelet, 珍珠耳钉|pearl studs"), MODELS[2:], "each", "V", (120, 980), 1),
    Kind("BOK", 60, pairs("手账本|journal, 水彩笔|watercolour pens"), COLOURS[:3], "each", "C", (8, 60), 24),
    Kind("GFT", 50, pairs("帆布袋|canvas bag, 试用装|sample pack"), COLOURS[:2], "each", "G", (2, 15), 50),
    Kind("PKG", 25, pairs("瓦楞纸箱|corrugated carton, 气泡袋|bubble bag"), SIZES, "each", "P", (1, 5), 100),
    Kind("CON", 15, pairs("5 号电池|AA battery, 布基胶带|gaffer tape"), MODELS[:1], "each", "P", (2, 30), 24),
)
AREAS = {"R": 3, "A": 60, "B": 90, "C": 50, "L": 20, "V": 20, "S": 15, "G": 15, "P": 15, "Q": 5, "T": 5, "D": 2}


@dataclass(frozen=True)
class Good:
    """A product of the demo. `codes` are (code, pack)."""

    id: Id
    sku: str
    zh: str
    en: str
    kind: Kind
    abc: str
    cost_fen: int
    codes: tuple[tuple[str, int], ...]
    lot: bool


@dataclass(frozen=True)
class Place:
    """A bin of the demo."""

    id: Id
    code: str
    area: str


@dataclass(frozen=True)
class Pile:
    """What lay in a bin when the book began."""

    place: Place
    good: Good
    lot: str
    quantity: int


def with_check_digit(digits: str) -> str:
    """A GTIN of these digits."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def goods() -> list[Good]:
    """The catalogue."""
    rng = random.Random(11)  # noqa: S311 - a story
    found: list[Good] = []
    for kind in KINDS:
        first = len(found)
        found.extend(_good(kind, n, first + n, rng) for n in range(kind.share))
    return found


def _good(kind: Kind, n: int, number: int, rng: random.Random) -> Good:
    """The n-th of its kind; every fifth product comes in cartons too, with a code of their own."""
    thing, what = kind.things[n % len(kind.things)], kind.variants[n // 7 % len(kind.variants)]
    series = SERIES[(n * 7 + number // 50) % len(SERIES)]
    codes = [(with_check_digit(f"29{number:010d}"), 1)]
    if number % 5 == 0 and kind.carton > 1:
        codes.append((with_check_digit(f"129{number:010d}"), kind.carton))
    return Good(
        id=demo_id(f"product/{number}"),
        sku=f"{kind.category}-{n + 1:04d}",
        zh=f"{series[0]}{thing[0]} {what[0]}",
        en=f"{series[1]} {thing[1]}, {what[1]}",
        kind=kind,
        abc="A" if rng.random() < 0.1 else rng.choice("BCC"),
        cost_fen=rng.randrange(*kind.cost) * 100 + rng.choice((0, 50, 90)),
        codes=tuple(codes),
        lot=kind.category in KEPT_BY_LOT,
    )


def places() -> list[Place]:
    """The bins, racks of five levels with five places each."""
    return [
        Place(demo_id(f"bin/{area}/{n}"), f"{area}-{n // 25 + 1:02d}-{n // 5 % 5 + 1}-{n % 5 + 1:02d}", area)
        for area, share in AREAS.items()
        for n in range(share)
    ]


def piles(catalogue: list[Good], bins: list[Place]) -> list[Pile]:
    """Where everything lay in the beginning: a product in one or two bins of its kind's areas, some in none."""
    rng = random.Random(13)  # noqa: S311 - a story
    by_area: dict[str, list[Place]] = {}
    for place in bins:
        by_area.setdefault(place.area, []).append(place)
    found = []
    for good in catalogue:
        if rng.random() < 0.04:
            continue
        for place in rng.sample(by_area[rng.choice(good.kind.areas)], 1 if rng.random() < 0.8 else 2):
            lot = f"L{rng.randrange(2501, 2612)}" if good.lot else ""
            found.append(Pile(place, good, lot, rng.randrange(4, 60) * (3 if good.kind.category in ("PKG", "GFT") else 1)))
    return found


def product_rows(catalogue: list[Good]) -> dict[str, list[Any]]:
    """The catalogue as an import's plan keeps it (`app.stock.importing.products`)."""
    return {
        "products": [
            [
                str(good.id), True, read_code(good.sku).key, good.sku, good.zh, good.en, good.kind.category, good.kind.unit,
                good.abc, good.lot, good.lot, good.kind.category in ("ELE", "JEW"), 540 if good.lot else None,
                good.cost_fen, "12", "48", "6", 7,
            ]
            for good in catalogue
        ],
        "codes": [[str(good.id), [[read_code(code).key, code, str(pack)] for code, pack in good.codes]] for good in catalogue],
    }  # fmt: skip


def bin_rows(bins: list[Place]) -> dict[str, list[Any]]:
    """The bins as an import's plan keeps them."""
    return {"bins": [[str(place.id), True, place.code, place.area, None] for place in bins]}


def pile_rows(found: list[Pile]) -> dict[str, list[Any]]:
    """The opening stock as an import's plan keeps it."""
    return {"movements": [_pile_row(pile) for pile in found]}


def _pile_row(pile: Pile) -> list[str]:
    opening_id = demo_id(f"opening/{pile.place.code}/{pile.good.sku}/{pile.lot}")
    return [str(opening_id), str(pile.place.id), str(pile.good.id), pile.lot, "available", str(pile.quantity)]
