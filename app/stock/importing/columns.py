"""The columns of the three kinds of files, by their names in both languages and the words other systems export them with."""

from __future__ import annotations

from typing import Any

from app.lib.tables import Column, boolean, choice, date, decimal, integer, text
from app.stock.models import CLASSES
from app.stock.settings import StockSettings

KINDS = ("products", "bins", "opening_stock")
MOST = 1_000_000


def label(name: str) -> str:
    """The key of a column's name."""
    return f"office.stock.column_{name}"


def named(entries: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Ids of settings with the names they go by in either language."""
    return {entry["id"]: (entry["id"], entry["zh"], entry["en"]) for entry in entries}


def columns_of(kind: str, settings: StockSettings) -> tuple[Column, ...]:
    """What a file of this kind may hold; choices are the house's settings."""
    if kind == "products":
        return product_columns(settings)
    return bin_columns(settings) if kind == "bins" else opening_columns(settings)


def product_columns(settings: StockSettings) -> tuple[Column, ...]:
    """A catalogue. Several barcodes stand in one cell; `*24` after one says that it stands for a carton of 24."""
    days, amount = integer(min=0, max=36_500), decimal(3, min=0, max=MOST)
    return (
        Column("sku", text(40), label("sku"), ("商品编码", "商品货号", "编码", "SKU编码", "item no", "item code"), required=True),
        Column("zh", text(200), label("zh"), ("名称", "商品名称", "品名", "中文名", "name zh"), required=True),
        Column("en", text(200), label("en"), ("英文名", "name", "product name", "name en"), required=True),
        Column("category", choice(named(settings.body["categories"])), label("category"), ("分类", "类目"), required=True),
        Column("unit", choice(named(settings.body["units"])), label("unit"), ("单位", "uom"), required=True),
        Column("abc", choice({one: (one,) for one in CLASSES}), label("abc"), ("ABC", "ABC分类")),
        Column("lot", boolean(), label("lot"), ("批次管理", "lot tracked", "batch")),
        Column("expiry", boolean(), label("expiry"), ("效期管理", "expiry tracked", "expiry")),
        Column("serial", boolean(), label("serial"), ("序列号管理", "serial")),
        Column("shelf_life_days", days, label("shelf_life_days"), ("保质期", "保质期天数", "shelf life")),
        Column("cost", decimal(2, min=0, max=100_000_000), "office.stock.cost", ("成本", "成本价", "进价", "cost")),
        Column("reorder_point", amount, label("reorder_point"), ("最低库存", "min stock")),
        Column("reorder_qty", amount, label("reorder_qty"), ("订货量",)),
        Column("safety_stock", amount, label("safety_stock"), ()),
        Column("lead_time_days", days, label("lead_time_days"), ("提前期", "交期", "lead time")),
        Column("barcodes", text(1000, lines=True), label("barcodes"), ("商品条码", "条形码", "69码", "barcode", "ean", "gtin")),
    )


def bin_columns(settings: StockSettings) -> tuple[Column, ...]:
    """Storage places."""
    return (
        Column("code", text(40), label("bin"), ("库位", "货位", "货位编号", "bin", "location"), required=True),
        Column("area", choice(named(settings.body["bin_areas"])), label("area"), ("区域", "zone"), required=True),
        Column("note", text(200), label("note"), ("说明", "remark")),
    )


def opening_columns(settings: StockSettings) -> tuple[Column, ...]:
    """What lies where on the day the book begins."""
    return (
        Column("bin", text(40), label("bin"), ("库位", "货位", "bin", "location"), required=True),
        Column("sku", text(80), label("sku"), ("商品编码", "编码", "条码", "barcode", "item no"), required=True),
        Column(
            "quantity",
            decimal(3, min="0.001", max=MOST),
            "office.stock.head_quantity",
            ("库存", "库存数量", "qty"),
            required=True,
        ),
        Column("lot", text(40), "office.stock.lot", ("批次号", "batch", "lot no")),
        Column("expires_on", date(), "office.stock.expires_on", ("效期", "到期日", "expiry", "expiry date")),
        Column("status", choice(named(settings.body["statuses"])), "office.stock.status", ("状态", "status")),
    )
