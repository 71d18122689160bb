"""Products and bins: decisions of the office, told to every device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, exists, select

from app.ledger.models import Balance, Posting
from app.lib.ids import Id
from app.stock import schemas
from app.stock.codes import normalise, read_code
from app.stock.models import ACTIVE, ARCHIVED, Barcode, Bin, Product, text_key
from app.stock.settings import stock_settings
from app.sync import Tx, operation

RIGHT = "stock.manage"
WHOLE = {"lot": False, "expiry": False, "serial": False, "abc": "C"}


# -- products -------------------------------------------------------------------------------------------------------------


@operation("stock.add_product", schema=schemas.AddProduct, right=RIGHT, makes=("product_id",))
def add_product(tx: Tx, actor: Id, *, product_id: Id, codes: list[dict[str, Any]] | None = None, **said: Any) -> None:
    """A new product. SKU and barcodes are unique among active products, check digits right (STK-10)."""
    if tx.session.get(Product, product_id) is not None:
        tx.refuse("id_taken")
    category = stock_settings(tx.session).categories.get(said["category"], {})
    tracked = {name: bool(category.get(name, False)) for name in ("lot", "expiry", "serial")}
    product = Product(
        id=product_id, status=ACTIVE, made_by=actor, made_at=tx.happened_at, changed_at=tx.happened_at,
        sku_key=text_key(said["sku"]), **{**WHOLE, **tracked, **said},
    )  # fmt: skip
    _check_product(tx, product)
    tx.session.add(product)
    tx.session.flush()
    _keep_codes(tx, product, codes or [])
    _tell_product(tx, product_id)


@operation("stock.change_product", schema=schemas.ChangeProduct, right=RIGHT)
def change_product(tx: Tx, actor: Id, *, product_id: Id, codes: list[dict[str, Any]] | None = None, **changes: Any) -> None:
    """Change what is named. A unit stays once goods have moved: figures of the past would mean something else (STK-12)."""
    product = tx.session.get(Product, product_id) or tx.missing("product", product_id)
    if "unit" in changes and changes["unit"] != product.unit and _has_moved(tx, product_id):  # rule: STK-12
        tx.refuse("unit_in_use", status=409, fields={"unit": ["unit_in_use"]}, sku=product.sku)
    for name, value in changes.items():
        setattr(product, name, value)
    product.sku_key, product.changed_at = text_key(product.sku), tx.happened_at
    with tx.session.no_autoflush:
        _check_product(tx, product)
    if codes is not None:
        _keep_codes(tx, product, codes)
    _tell_product(tx, product_id)


@operation("stock.archive_product", schema=schemas.EndProduct, right=RIGHT)
def archive_product(tx: Tx, actor: Id, *, product_id: Id, reason: str) -> None:
    """Nobody buys, scans or counts it any more; its history stays. Refused while any of it is in the house (STK-12)."""
    product = tx.session.get(Product, product_id) or tx.missing("product", product_id)
    if not product.is_active():
        tx.refuse("product_archived", sku=product.sku)
    held = select(exists().where(Balance.item_id == product_id, Balance.account.startswith("bin:"), Balance.quantity != 0))
    if tx.session.scalar(held):  # rule: STK-12
        tx.refuse("product_has_stock", sku=product.sku)
    product.status, product.changed_at = ARCHIVED, tx.happened_at
    _tell_product(tx, product_id)


@operation("stock.restore_product", schema=schemas.EndProduct, right=RIGHT)
def restore_product(tx: Tx, actor: Id, *, product_id: Id, reason: str) -> None:
    """An archived product is used again; refused when its SKU or a code was given to another meanwhile (STK-10)."""
    product = tx.session.get(Product, product_id) or tx.missing("product", product_id)
    if product.is_active():
        tx.refuse("product_active", sku=product.sku)
    product.status, product.changed_at = ACTIVE, tx.happened_at
    with tx.session.no_autoflush:
        _check_product(tx, product)
        keys = tx.session.scalars(select(Barcode.key).where(Barcode.product_id == product_id)).all()
        check_free(tx, product_id, keys)
    _tell_product(tx, product_id)


def _check_product(tx: Tx, product: Product) -> None:
    """Category and unit exist, the SKU is nobody else's."""
    settings = stock_settings(tx.session)
    for name, known in (("category", settings.categories), ("unit", settings.units)):
        if getattr(product, name) not in known:
            tx.refuse(f"unknown_{name}", status=422, fields={name: [f"unknown_{name}"]}, value=getattr(product, name))
    for name in ("reorder_point", "reorder_qty", "safety_stock"):
        _check_decimals(tx, name, getattr(product, name), settings.decimals(product.unit))
    taken = tx.session.scalar(
        select(Product.sku).where(Product.sku_key == product.sku_key, Product.status == ACTIVE, Product.id != product.id)
    )
    if taken:  # rule: STK-10
        tx.refuse("sku_taken", status=409, fields={"sku": ["sku_taken"]}, sku=product.sku)


def _check_decimals(tx: Tx, name: str, value: Decimal | None, decimals: int) -> None:
    if value is not None and value != round(value, decimals):
        tx.refuse("too_many_decimals", status=422, fields={name: ["too_many_decimals"]}, decimals=decimals)


def _keep_codes(tx: Tx, product: Product, codes: list[dict[str, Any]]) -> None:
    """Take these codes in place of what the product had; each is known by one key."""
    by_key: dict[str, Mapping[str, Any]] = {}
    for said in codes:
        code = normalise(said["code"])
        read = read_code(code)
        if read.check == "wrong":  # rule: STK-10
            tx.refuse("check_digit", status=422, fields={"codes": ["check_digit"]}, barcode=code)
        key = read.key
        if key in by_key:
            tx.refuse("code_twice", status=422, fields={"codes": ["code_twice"]}, barcode=code)
        by_key[key] = {"code": code, "pack": Decimal(said["pack"])}
    check_free(tx, product.id, by_key)
    tx.session.execute(delete(Barcode).where(Barcode.product_id == product.id))
    tx.session.add_all(
        Barcode(product_id=product.id, key=key, seq=seq, **said) for seq, (key, said) in enumerate(by_key.items(), 1)
    )


def check_free(tx: Tx, product_id: Id, keys: Iterable[str]) -> None:
    """No other active product is known by one of these codes."""
    taken = tx.session.execute(
        select(Barcode.code, Product.sku)
        .join(Product, Product.id == Barcode.product_id)
        .where(Barcode.key.in_(list(keys)), Barcode.product_id != product_id, Product.status == ACTIVE)
        .limit(1)
    ).one_or_none()
    if taken:  # rule: STK-10
        tx.refuse("code_taken", status=409, fields={"codes": ["code_taken"]}, barcode=taken.code, sku=taken.sku)


def _has_moved(tx: Tx, product_id: Id) -> bool:
    return bool(tx.session.scalar(select(exists().where(Posting.item_id == product_id))))


def _tell_product(tx: Tx, product_id: Id) -> None:
    tx.publish("product", product_id)
    tx.about("product", product_id)


# -- bins -----------------------------------------------------------------------------------------------------------------


@operation("stock.add_bin", schema=schemas.AddBin, right=RIGHT, makes=("bin_id",))
def add_bin(tx: Tx, actor: Id, *, bin_id: Id, code: str, area: str, note: str | None = None) -> None:
    """A new storage place; its code is unique among the site's active bins."""
    if tx.session.get(Bin, (tx.site_id, bin_id)) is not None:
        tx.refuse("id_taken")
    found = Bin(
        site_id=tx.site_id, id=bin_id, code=code, code_key=text_key(code), area=area, note=note, status=ACTIVE, made_by=actor,
        made_at=tx.happened_at,
    )  # fmt: skip
    _check_bin(tx, found)
    tx.session.add(found)
    _tell_bin(tx, bin_id)


@operation("stock.change_bin", schema=schemas.ChangeBin, right=RIGHT)
def change_bin(tx: Tx, actor: Id, *, bin_id: Id, **changes: Any) -> None:
    """Change what is named; the label on the shelf has to be changed with it."""
    found = tx.session.get(Bin, (tx.site_id, bin_id)) or tx.missing("bin", bin_id)
    for name, value in changes.items():
        setattr(found, name, value)
    found.code_key = text_key(found.code)
    with tx.session.no_autoflush:
        _check_bin(tx, found)
    _tell_bin(tx, bin_id)


@operation("stock.close_bin", schema=schemas.EndBin, right=RIGHT)
def close_bin(tx: Tx, actor: Id, *, bin_id: Id, reason: str) -> None:
    """Nothing is put there any more. Refused while anything lies in it (STK-12)."""
    found = tx.session.get(Bin, (tx.site_id, bin_id)) or tx.missing("bin", bin_id)
    if not found.is_active():
        tx.refuse("bin_closed", bin=found.code)
    held = select(exists().where(Balance.site_id == tx.site_id, Balance.account == found.account, Balance.quantity != 0))
    if tx.session.scalar(held):  # rule: STK-12
        tx.refuse("bin_has_stock", bin=found.code)
    found.status = ARCHIVED
    _tell_bin(tx, bin_id)


@operation("stock.reopen_bin", schema=schemas.EndBin, right=RIGHT)
def reopen_bin(tx: Tx, actor: Id, *, bin_id: Id, reason: str) -> None:
    """A closed bin is used again; refused when its code was given to another meanwhile."""
    found = tx.session.get(Bin, (tx.site_id, bin_id)) or tx.missing("bin", bin_id)
    if found.is_active():
        tx.refuse("bin_active", bin=found.code)
    found.status = ACTIVE
    with tx.session.no_autoflush:
        _check_bin(tx, found)
    _tell_bin(tx, bin_id)


def _check_bin(tx: Tx, found: Bin) -> None:
    """The area exists, the code is nobody else's."""
    if found.area not in stock_settings(tx.session).areas:
        tx.refuse("unknown_area", status=422, fields={"area": ["unknown_area"]}, value=found.area)
    taken = tx.session.scalar(
        select(Bin.code).where(
            Bin.site_id == tx.site_id, Bin.code_key == found.code_key, Bin.status == ACTIVE, Bin.id != found.id
        )
    )
    if taken:
        tx.refuse("bin_taken", status=409, fields={"code": ["bin_taken"]}, bin=found.code)


def _tell_bin(tx: Tx, bin_id: Id) -> None:
    tx.publish("bin", bin_id)
    tx.about("bin", bin_id)
