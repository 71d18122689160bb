"""Units, categories, bin areas and counting rules of the house, as the starter pack brings them and people may change them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.documents.models import find_document
from app.lib.keeping import kept
from app.lib.quantities import format_quantity

KIND = "stock_settings"
ID = "stock"
NOTHING: dict[str, Any] = {"units": [], "categories": [], "bin_areas": [], "count": {}, "movement_reasons": {}}


class StockSettings:
    """The settings, looked up by id."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.units: dict[str, dict[str, Any]] = {unit["id"]: unit for unit in body["units"]}
        self.categories: dict[str, dict[str, Any]] = {category["id"]: category for category in body["categories"]}
        self.areas: dict[str, dict[str, Any]] = {area["id"]: area for area in body["bin_areas"]}

    def decimals(self, unit: str) -> int:
        """How many decimals a quantity in this unit has; an unknown unit is counted in whole ones."""
        return int(self.units.get(unit, {}).get("decimals", 0))

    def reasons(self, kind: str) -> dict[str, dict[str, Any]]:
        """Reason codes of a kind of movement."""
        return {reason["id"]: reason for reason in self.body["movement_reasons"].get(kind, [])}

    def tolerance(self) -> dict[str, Any]:
        """STK-4's figures: units, percent, value in fen, units for class A."""
        said = self.body["count"].get("tolerance", {})
        return {
            "units": _exact(said.get("units", 2)),
            "percent": _exact(said.get("percent", 2)),
            "value_fen": int(Decimal(str(said.get("value", 200))) * 100),
            "class_a_units": _exact(said.get("class_a_units", 0)),
        }


def _exact(said: float | int | str) -> str:
    """A figure of the pack, which may have been read as a float, as quantities are written."""
    return format_quantity(Decimal(str(said)))


def stock_settings(session: Session) -> StockSettings:
    """The settings as this transaction has them."""
    known = kept(session, KIND)
    if ID not in known:
        document = find_document(session, KIND, ID)
        known[ID] = StockSettings(document.body if document else NOTHING)
    found: StockSettings = known[ID]
    return found
