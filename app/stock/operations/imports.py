"""Applying a file that was read and compared: all of it in one transaction, or nothing (GEN-10)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete

from app.ledger.models import Holding
from app.ledger.steps import Draft, Leg
from app.lib.db import insert_rows
from app.lib.ids import Id
from app.people.steps import office_only
from app.stock.importing.desk import basis_of
from app.stock.importing.opening import REF
from app.stock.importing.plan import check_plan, load_plan
from app.stock.importing.products import FIELDS, written
from app.stock.models import ACTIVE, Barcode, Bin, Product, StockImport, bin_account, text_key
from app.stock.records import keep_made, show_product
from app.stock.schemas import ApplyImport
from app.stock.steps import move
from app.sync import Tx, operation
from app.sync.unit import chunks

Code = list[str]  # key, code as it is printed, how many one scan means


@operation("stock.apply_import", schema=ApplyImport, right="stock.manage", makes=("import_id",))
def apply_import(tx: Tx, actor: Id, *, import_id: Id, kind: str, sha: str, file_name: str) -> None:
    """Do what the file's plan says. Refused when the plan has a wrong row, or when what it was compared with has changed."""
    office_only(tx)
    if tx.session.get(StockImport, (tx.site_id, import_id)) is not None:
        tx.refuse("import_applied")
    plan = load_plan(Path(current_app.config["DATA_DIR"]), import_id, tx.site_id, with_lines=False)
    check_plan(plan, kind=kind, sha=sha, basis=basis_of(tx.session, kind, tx.site_id))
    if kind == "products":
        _keep_products(tx, plan.rows["products"], dict(plan.rows["codes"]))
    elif kind == "bins":
        _keep_bins(tx, plan.rows["bins"])
    else:
        _open_stock(tx, plan.rows["movements"])
    tx.session.add(
        StockImport(
            site_id=tx.site_id, id=import_id, kind=kind, file_name=file_name, sha=sha, summary=plan.summary, applied_by=actor,
            applied_at=tx.happened_at,
        )
    )  # fmt: skip
    tx.about("stock_import", import_id)


def _keep_products(tx: Tx, rows: Iterable[list[Any]], codes: dict[str, list[Code]]) -> None:
    """New ones and changed ones, each as it is to be."""
    made, changed, told = [], [], {}
    for id, is_new, key, said in written(rows):
        row = {"id": Id(id), **said, "sku_key": text_key(said["sku"]), "changed_at": tx.happened_at, "status": ACTIVE}
        if is_new:
            made.append({**row, "made_by": tx.actor, "made_at": tx.happened_at})
            shown = [{"code": code, "pack": pack, "key": known} for known, code, pack in codes.get(id, ())]
            told[id] = show_product(id, key, row, shown)
        else:
            changed.append({**row, "made_by": tx.actor, "made_at": 0})
        _tell(tx, "product", id)
    insert_rows(tx.session, Product, made)
    insert_rows(tx.session, Product, changed, replace=(*FIELDS, "sku_key", "changed_at"))
    _keep_codes(tx, codes, told.keys())
    keep_made(tx.session, told)


def _keep_codes(tx: Tx, codes: dict[str, list[Code]], made: Collection[str]) -> None:
    """The codes of these products in place of those they had."""
    for some in chunks([Id(id) for id in codes if id not in made]):
        tx.session.execute(delete(Barcode).where(Barcode.product_id.in_(some)))
    insert_rows(
        tx.session, Barcode,
        [
            {"product_id": product_id, "key": key, "code": code, "pack": Decimal(pack), "seq": seq}
            for id, said in codes.items()
            for product_id in (Id(id),)
            for seq, (key, code, pack) in enumerate(said, 1)
        ],
    )  # fmt: skip


def _keep_bins(tx: Tx, rows: Iterable[list[Any]]) -> None:
    """New bins and changed ones."""
    made: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for id, is_new, code, area, note in rows:
        row = {
            "site_id": tx.site_id, "id": Id(id), "code": code, "code_key": text_key(code), "area": area, "note": note,
            "status": ACTIVE, "locked": None, "frozen": None, "made_by": tx.actor, "made_at": tx.happened_at,
        }  # fmt: skip
        (made if is_new else changed).append(row)
        _tell(tx, "bin", Id(id))
    insert_rows(tx.session, Bin, made)
    insert_rows(tx.session, Bin, changed, replace=("code", "code_key", "area", "note"))


def _open_stock(tx: Tx, rows: Iterable[list[Any]]) -> None:
    """One receipt a row; its id is made of what it opens, so that no file opens the same twice."""
    drafts = []
    for movement_id, bin_id, product_id, lot, status, quantity in rows:
        there = Holding(bin_account(Id(bin_id)), Id(product_id), lot, status)
        leg = Leg(there._replace(account="out:opening"), there, Decimal(quantity))
        drafts.append(Draft(Id(movement_id), "receipt", [leg], reason="opening", ref=(REF, movement_id)))
    move(tx, drafts)


def _tell(tx: Tx, kind: str, id: object) -> None:
    tx.publish(kind, id)
    tx.about(kind, id)
