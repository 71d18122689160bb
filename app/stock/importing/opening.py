"""What a row of opening stock would do: one movement into the house for each bin, product, lot and status, made once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ledger.models import Movement, Posting
from app.lib.ids import Id
from app.lib.quantities import format_quantity
from app.lib.tables import Entry
from app.stock.codes import read_code
from app.stock.importing.bins import bins_basis
from app.stock.importing.plan import CREATE, REFUSE, SAME, Line, Problem
from app.stock.importing.products import products_basis
from app.stock.models import ACTIVE, AVAILABLE, Barcode, Bin, Product, text_key
from app.stock.settings import StockSettings

REF = "opening"


class Opening:
    """Compares rows with what was opened before; `rows` collects the movements that applying would post."""

    def __init__(self, session: Session, site_id: Id, settings: StockSettings) -> None:
        self.site_id, self.settings = site_id, settings
        self.bins = {
            one.code_key: one for one in session.scalars(select(Bin).where(Bin.site_id == site_id, Bin.status == ACTIVE))
        }
        columns = (Product.id, Product.sku, Product.sku_key, Product.unit, Product.lot)
        products = session.execute(select(*columns).where(Product.status == ACTIVE)).all()
        self.by_sku = {row.sku_key: row for row in products}
        by_id = {row.id: row for row in products}
        codes = session.execute(select(Barcode.key, Barcode.product_id))
        self.by_code = {key: by_id[product_id] for key, product_id in codes if product_id in by_id}
        opened = (
            select(Movement.id, Posting.quantity)
            .join(Posting, (Posting.site_id == Movement.site_id) & (Posting.movement_id == Movement.id))
            .where(Movement.site_id == site_id, Movement.ref_kind == REF, Posting.account.startswith("bin:"))
        )
        self.opened = {row.id: row.quantity for row in session.execute(opened)}
        self.seen: dict[Id, int] = {}
        self.rows: dict[str, list[Any]] = {"movements": []}

    def compare(self, entry: Entry) -> Line:
        """What the row would do."""
        values = entry.values
        line = Line(entry.number, SAME, str(values.get("sku") or ""))
        line.problems = [Problem(one.code, one.column or "", one.facts) for one in entry.problems]
        place = self._bin(line, values)
        product = self._product(line, values)
        if place is None or product is None or line.problems:
            line.what = REFUSE
            return line
        lot, status = values.get("lot") or "", values.get("status") or AVAILABLE
        self._check(line, product, values["quantity"], lot)
        movement_id = uuid5(self.site_id, f"{REF}/{place.id}/{product.id}/{lot}/{status}")
        first = self.seen.setdefault(movement_id, line.row)
        if first != line.row:
            line.problems.append(Problem("import_row_twice", "", {"first": first}))
        before = self.opened.get(movement_id)
        if before is not None and before != values["quantity"]:
            line.problems.append(Problem("import_opened_before", "", {"quantity": format_quantity(before)}))
        line.what = REFUSE if line.problems else CREATE if before is None else SAME
        if line.what == CREATE:
            amount = format_quantity(values["quantity"])
            line.set = {"bin": [None, place.code], "quantity": [None, amount], "lot": [None, lot or None]}
            self.rows["movements"].append([str(movement_id), str(place.id), str(product.id), lot, status, amount])
        return line

    def finish(self) -> None:
        """Every row was judged when it was read."""

    def _bin(self, line: Line, values: dict[str, Any]) -> Bin | None:
        said = values.get("bin")
        if said is None:
            return None
        found = self.bins.get(text_key(read_code(said).bin or said))
        if found is None:
            line.problems.append(Problem("import_no_bin", "", {"bin": said}))
        return found

    def _product(self, line: Line, values: dict[str, Any]) -> Any:
        """By SKU, else by a code that stands for one piece."""
        said = values.get("sku")
        if said is None:
            return None
        found = self.by_sku.get(text_key(said)) or self.by_code.get(read_code(said).key)
        if found is None:
            line.problems.append(Problem("import_no_product", "", {"sku": said}))
        return found

    def _check(self, line: Line, product: Any, quantity: Decimal, lot: str) -> None:
        decimals = self.settings.decimals(product.unit)
        if quantity != round(quantity, decimals):
            line.problems.append(Problem("too_many_decimals", "", {"decimals": decimals}))
        if product.lot and not lot:
            line.problems.append(Problem("lot_missing", "", {"sku": product.sku}))


def opening_basis(session: Session, site_id: Id) -> str:
    """Changes whenever products, bins, or what was opened do."""
    n = session.scalar(select(func.count()).select_from(Movement).where(Movement.site_id == site_id, Movement.ref_kind == REF))
    return f"{products_basis(session)} {bins_basis(session, site_id)} opened@{n}"
