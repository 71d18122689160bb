"""Adds a large catalogue and many bins to the demo, written as an import writes them: many records a transaction.

python -m bench.catalogue 50000 2000    in DATA_DIR, with the server stopped
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields

from app import create_app
from app.demo.loading import person_id
from app.lib.db import insert_rows
from app.lib.ids import Id, new_id
from app.stock.codes import read_code
from app.stock.models import ACTIVE, Barcode, Bin, Product, text_key
from app.sync import Tx, operation

AT_ONCE = 1000
# Real names are like this: few words, often the same ones, and a colour or a size that is not.
WORDS = (
    ("丝绒", "Velvet"), ("哑光", "Matte"), ("唇釉", "Glaze"), ("保湿", "Moist"), ("面膜", "Mask"), ("精华", "Serum"),
    ("眼影", "Shadow"), ("粉底", "Foundation"), ("礼盒", "Gift"), ("便携", "Travel"), ("防晒", "Sun"), ("喷雾", "Mist"),
    ("洁面", "Cleanser"), ("修护", "Repair"), ("睫毛膏", "Lash"), ("气垫", "Cushion"), ("替换装", "Refill"), ("卸妆", "Remover"),
    ("眉笔", "Brow"), ("香氛", "Scent"),
)  # fmt: skip
COLOURS = (("红", "RED"), ("粉", "PNK"), ("裸", "NUD"), ("棕", "BRN"), ("紫", "PUR"), ("透明", "CLR"), ("金", "GLD"))
CATEGORIES = ("COS", "SKN", "ACC")


def with_check(digits: str) -> str:
    """The digits and their check digit."""
    total = sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def codes(chance: random.Random, at: int) -> Iterator[tuple[str, int]]:
    """One on the piece, on most a second on the carton; a tenth have one of an earlier maker too."""
    piece = f"69{chance.randrange(4000):05}{at % 100_000:05}"
    yield with_check(piece), 1
    if chance.random() < 0.6:
        yield with_check(f"1{piece}"), chance.choice((6, 12, 24, 48))
    if chance.random() < 0.1:
        yield with_check(f"50{chance.randrange(10**10):010}"), 1


def product(chance: random.Random, number: int, actor: Id, at: int) -> dict[str, Any]:
    """A row of the catalogue."""
    words = chance.sample(WORDS, 3)
    zh, en = chance.choice(COLOURS)
    category = chance.choice(CATEGORIES)
    sku = f"{category}-{number:05}-{en}"
    return {
        "id": new_id(), "sku": sku, "sku_key": text_key(sku), "category": category, "unit": "each",
        "abc": chance.choice("ABBCCC"),
        "zh": f"{''.join(word for word, _ in words)} {zh} {chance.randrange(100)}号",
        "en": f"{' '.join(word for _, word in words)} {en.lower()} no. {chance.randrange(100)}",
        "lot": False, "expiry": False, "serial": False, "shelf_life_days": None, "cost_fen": None, "reorder_point": None,
        "reorder_qty": None, "safety_stock": None, "lead_time_days": None, "status": ACTIVE, "made_by": actor, "made_at": at,
        "changed_at": at,
    }  # fmt: skip


class Some(Schema):
    """The numbers of what is added."""

    first = fields.Int(required=True)
    count = fields.Int(required=True)


@operation("bench.add_products", schema=Some, right="stock.manage")
def add_products(tx: Tx, actor: Id, *, first: int, count: int) -> None:
    """A part of the catalogue."""
    chance = random.Random(first)
    rows = [product(chance, number, actor, tx.happened_at) for number in range(first, first + count)]
    barcodes = [
        {"product_id": row["id"], "key": read_code(code).key, "code": code, "pack": Decimal(pack), "seq": seq}
        for number, row in enumerate(rows, first)
        for seq, (code, pack) in enumerate(codes(chance, number), 1)
    ]
    insert_rows(tx.session, Product, rows)
    insert_rows(tx.session, Barcode, barcodes)
    for row in rows:
        tx.publish("product", row["id"])


@operation("bench.add_bins", schema=Some, right="stock.manage")
def add_bins(tx: Tx, actor: Id, *, first: int, count: int) -> None:
    """Bins beyond the last aisle of the demo."""
    rows = [
        {
            "site_id": tx.site_id, "id": new_id(), "code": code, "code_key": code, "area": "pick", "note": None, "status": ACTIVE,
            "locked": None, "frozen": None, "made_by": actor, "made_at": tx.happened_at,
        }
        for code in (f"Z{at // 400:02}-{at // 20 % 20:02}-{at // 5 % 4}-{at % 5:02}" for at in range(first, first + count))
    ]  # fmt: skip
    insert_rows(tx.session, Bin, rows)
    for row in rows:
        tx.publish("bin", row["id"])


def main() -> None:
    """Add as many products and bins as were asked for."""
    with create_app().app_context():
        keeper = person_id("logistics_manager")
        for add, most in ((add_products, int(sys.argv[1])), (add_bins, int(sys.argv[2]))):
            for first in range(0, most, AT_ONCE):
                add(keeper, first=first, count=min(AT_ONCE, most - first))


if __name__ == "__main__":
    main()
