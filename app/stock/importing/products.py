"""What a row of a catalogue would do with a product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ledger.models import Posting
from app.lib.ids import Id, new_id
from app.lib.quantities import QuantityError, format_quantity, parse_quantity
from app.lib.tables import Entry
from app.stock.codes import normalise, read_code
from app.stock.importing.plan import CHANGE, CREATE, REFUSE, SAME, Line, Problem
from app.stock.models import ACTIVE, Barcode, Product, text_key
from app.stock.schemas import MOST
from app.stock.settings import StockSettings
from app.sync.models import Record

FIELDS = (
    "sku", "zh", "en", "category", "unit", "abc", "lot", "expiry", "serial", "shelf_life_days", "cost_fen", "reorder_point",
    "reorder_qty", "safety_stock", "lead_time_days",
)  # fmt: skip
AMOUNTS = ("reorder_point", "reorder_qty", "safety_stock")
MOST_CODES = 20
BETWEEN = re.compile(r"[\s,;，；、|]+")
PACK = re.compile(r"[*×xX＊](?=[0-9.]+$)")

Code = tuple[str, str, Decimal]  # key, code, pack


class Products:
    """Compares rows with the catalogue as it stands when it is made; `rows` collects what applying would write."""

    def __init__(self, session: Session, settings: StockSettings) -> None:
        self.settings = settings
        columns = [getattr(Product, name) for name in ("id", "sku_key", "status", *FIELDS)]
        self.known = {row["sku_key"]: dict(row) for row in session.execute(select(*columns)).mappings()}
        self.moved = set(session.scalars(select(Posting.item_id).distinct()))
        self.codes: dict[Id, list[Code]] = {}
        for barcode in session.execute(select(Barcode.product_id, Barcode.key, Barcode.code, Barcode.pack).order_by(Barcode.seq)):
            self.codes.setdefault(barcode.product_id, []).append((barcode.key, barcode.code, barcode.pack))
        self.seen: dict[str, int] = {}
        self.rows: dict[str, list[Any]] = {"products": [], "codes": []}
        self.claims: list[tuple[Line, Id, str, list[Code]]] = []

    def compare(self, entry: Entry) -> Line:
        """What the row would do. Whether its codes are free is told by `finish`, when every row has been read."""
        values = entry.values
        line = Line(entry.number, SAME, str(values.get("sku") or ""))
        line.problems = [Problem(one.code, one.column or "", one.facts) for one in entry.problems]
        before = self._find(line, text_key(line.name))
        codes = self._codes(line, values.get("barcodes"))
        if line.problems:
            line.what = REFUSE
            return line
        said = self._said(values, before)
        self._check(line, said, before)
        if line.problems:
            line.what = REFUSE
            return line
        id = before["id"] if before else new_id()
        own = self.codes.get(id, [])
        line.set = _changes(before, said, own, codes)
        line.what = CREATE if before is None else CHANGE if line.set else SAME
        if line.what != SAME:
            key = read_code(said["sku"]).key
            self.rows["products"].append([str(id), line.what == CREATE, key, *map(_plain, said.values())])
        if codes is not None and codes != own:
            self.rows["codes"].append([str(id), [[key, code, format_quantity(pack)] for key, code, pack in codes]])
        self.claims.append((line, id, said["sku"], own if codes is None else codes))
        return line

    def finish(self) -> None:
        """A code may move from one product to another within one file; in the end each stands for one (STK-10)."""
        holders: dict[str, tuple[Id, str]] = {}
        told = {id for _, id, _, _ in self.claims}
        for product in self.known.values():
            if product["status"] == ACTIVE and product["id"] not in told:
                holders.update({key: (product["id"], product["sku"]) for key, _, _ in self.codes.get(product["id"], [])})
        for line, id, sku, codes in self.claims:
            for key, code, _ in codes:
                holder = holders.setdefault(key, (id, sku))
                if holder[0] != id:
                    line.what = REFUSE
                    line.problems.append(Problem("code_taken", "", {"barcode": code, "sku": holder[1]}))

    def _find(self, line: Line, key: str) -> dict[str, Any] | None:
        """The product of this SKU; a row that names one a second time, or one out of use, is wrong."""
        first = self.seen.setdefault(key, line.row)
        if key and first != line.row:
            line.problems.append(Problem("import_row_twice", "", {"first": first}))
        before = self.known.get(key)
        if before is not None and before["status"] != ACTIVE:
            line.problems.append(Problem("product_archived", "", {"sku": before["sku"]}))
        return before

    def _said(self, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        """Every field as it would be: a blank cell leaves what is there, a new product gets what its category says."""
        category = self.settings.categories.get(values["category"], {})
        tracked = {name: bool(category.get(name, False)) for name in ("lot", "expiry", "serial")}
        usual = before or {**dict.fromkeys(FIELDS), "abc": "C", **tracked}
        if values.get("cost") is not None:
            values = {**values, "cost_fen": int(values["cost"] * 100)}
        return {name: usual[name] if values.get(name) is None else values[name] for name in FIELDS}

    def _check(self, line: Line, said: dict[str, Any], before: dict[str, Any] | None) -> None:
        if before and said["unit"] != before["unit"] and before["id"] in self.moved:  # rule: STK-12
            line.problems.append(Problem("unit_in_use", "", {"sku": said["sku"]}))
        decimals = self.settings.decimals(said["unit"])
        if any(said[name] is not None and said[name] != round(said[name], decimals) for name in AMOUNTS):
            line.problems.append(Problem("too_many_decimals", "", {"decimals": decimals}))

    def _codes(self, line: Line, cell: str | None) -> list[Code] | None:
        """The codes of a cell, each once, with right check digits; None: the cell is blank and leaves what is there."""
        if cell is None:
            return None
        found: list[Code] = []
        for part in filter(None, BETWEEN.split(cell)):
            said, *packs = PACK.split(part)
            code, pack = normalise(said), _pack(line, said, packs)
            read = read_code(code)
            if read.check == "wrong":  # rule: STK-10
                line.problems.append(Problem("check_digit", "", {"barcode": code}))
            found.append((read.key, code[:80], pack))
        if len({key for key, _, _ in found}) < len(found):
            line.problems.append(Problem("import_code_twice", "", {}))
        if len(found) > MOST_CODES:
            line.problems.append(Problem("import_many_codes", "", {"most": MOST_CODES}))
        return found


def _pack(line: Line, code: str, said: list[str]) -> Decimal:
    """How many of the unit one scan means: 1 where the cell says nothing, and nothing that a product could not have."""
    if not said:
        return Decimal(1)
    try:
        return parse_quantity(said[0], min="0.001", max=str(MOST))
    except QuantityError:
        line.problems.append(Problem("import_pack", "", {"barcode": code, "pack": said[0]}))
        return Decimal(1)


def _changes(
    before: dict[str, Any] | None, said: dict[str, Any], own: list[Code], codes: list[Code] | None
) -> dict[str, list[str | None]]:
    """Field → [before, after], as a person reads them."""
    was = before or dict.fromkeys(FIELDS)
    found = {name: [_shown(was[name]), _shown(said[name])] for name in FIELDS if was[name] != said[name]}
    if codes is not None and codes != own:
        found["barcodes"] = [_told(own) or None, _told(codes) or None]
    return found


def _told(codes: Iterable[Code]) -> str:
    return " ".join(code if pack == 1 else f"{code}*{format_quantity(pack)}" for _, code, pack in codes)


def _shown(value: Any) -> str | None:
    return format_quantity(value) if isinstance(value, Decimal) else None if value is None else str(value)


def _plain(value: Any) -> Any:
    """A value as the plan's file keeps it."""
    return format_quantity(value) if isinstance(value, Decimal) else value


def products_basis(session: Session) -> str:
    """Changes whenever any product does."""
    return f"products@{session.scalar(select(func.max(Record.rev)).where(Record.kind == 'product')) or 0}"


def written(rows: Iterable[list[Any]]) -> Iterator[tuple[str, bool, str, dict[str, Any]]]:
    """The rows of a plan as they are to be written: id, whether it is new, what its SKU is found by, fields."""
    for id, is_new, key, *values in rows:
        said = dict(zip(FIELDS, values, strict=True))
        yield id, is_new, key, {**said, **{name: None if said[name] is None else Decimal(said[name]) for name in AMOUNTS}}
