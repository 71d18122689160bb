"""A new product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import new_id
from app.stock.codes import read_code
from app.stock.operations import add_product, archive_product
from tests.stock.conftest import MUG_CARTON, MUG_EAN, Warehouse

SAID: dict[str, Any] = {"sku": "HOM-0002", "zh": "碗", "en": "Bowl", "category": "HOM", "unit": "each"}


def test_it_works_and_reaches_every_replica(warehouse: Warehouse, verify_operation: Callable[..., Any]) -> None:
    """Names, codes with what one scan means (STK-11); what it costs is told to no device."""
    product_id = new_id()
    codes = [{"code": "6901234567908", "pack": "1"}, {"code": "6901234567915", "pack": "12"}]
    said = {**SAID, "codes": codes, "cost_fen": 990, "abc": "A"}
    verify_operation(lambda: add_product(warehouse.cast.logistics_manager, product_id=product_id, **said))
    told = warehouse.record("product", product_id)
    assert [(code["code"], code["pack"]) for code in told["codes"]] == [("6901234567908", "1"), ("6901234567915", "12")]
    assert (told["sku"], told["zh"], told["abc"], told["status"]) == ("HOM-0002", "碗", "A", "active")
    assert "990" not in str(told)


def test_what_is_kept_of_it_follows_from_its_category(warehouse: Warehouse) -> None:
    """Cosmetics have lots and an expiry, home goods neither, unless somebody says otherwise."""
    serum, mug = (warehouse.record("product", id) for id in (warehouse.serum, warehouse.mug))
    assert (serum["lot"], serum["expiry"], mug["lot"], mug["expiry"]) == (True, True, False, False)
    tracked = warehouse.product("HOM-3", "x", "x", "HOM", lot=True)
    assert warehouse.record("product", tracked)["lot"] is True


def test_outsider_and_wrong_role(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """403, and rejected from a device."""
    for actor in (new_id(), warehouse.cast.warehouse_keeper):
        with pytest.raises(Forbidden):
            add_product(actor, product_id=new_id(), **SAID)
    verdict = device("warehouse_keeper").say("stock.add_product", {"product_id": new_id(), **SAID})
    assert (verdict["status"], verdict["code"]) == ("rejected", "outside_grant")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sku": " hom-0001 "}, "sku_taken"),
        ({"codes": [{"code": MUG_EAN}]}, "code_taken"),
        ({"codes": [{"code": "０" + MUG_EAN}]}, "code_taken"),
        ({"codes": [{"code": "6901234567893"}]}, "check_digit"),
        ({"codes": [{"code": "X-1"}, {"code": "x-1 "}]}, "code_twice"),
        ({"category": "NIX"}, "unknown_category"),
        ({"unit": "barrel"}, "unknown_unit"),
        ({"reorder_point": "1.5"}, "too_many_decimals"),
    ],
)
def test_wrong_state(warehouse: Warehouse, device: Callable[[str], Any], changes: dict[str, Any], code: str) -> None:
    """STK-10, T21: a SKU or code of another, however it is written, a wrong check digit; refused by name at both doors."""
    said = {**SAID, **changes}
    with pytest.raises(Refused, match=code) as refusal:
        add_product(warehouse.cast.logistics_manager, product_id=new_id(), **said)
    assert set(refusal.value.fields) <= set(changes) and refusal.value.fields
    verdict = device("logistics_manager").say("stock.add_product", {"product_id": new_id(), **said})
    assert (verdict["status"], verdict["code"]) == ("rejected", code)


def test_codes_of_an_archived_product_are_free(warehouse: Warehouse) -> None:
    """STK-10 asks only among active products."""
    archive_product(warehouse.cast.logistics_manager, product_id=warehouse.mug, reason="停产")
    heir = warehouse.product("HOM-0001", "马克杯二代", "Mug II", "HOM", codes=[(MUG_EAN, "1"), (MUG_CARTON, "12")])
    assert warehouse.record("product", heir)["codes"][1]["pack"] == "12"


def test_an_id_that_is_taken(warehouse: Warehouse) -> None:
    """Never one product over another."""
    with pytest.raises(Refused, match="id_taken"):
        add_product(warehouse.cast.logistics_manager, product_id=warehouse.mug, **SAID)


def test_said_twice_it_is_one_product(warehouse: Warehouse, device: Callable[[str], Any]) -> None:
    """GEN-4."""
    phone = device("logistics_manager")
    op = phone.op("stock.add_product", {"product_id": str(new_id()), **SAID})
    first, again = (phone.send(op)["verdicts"][0] for _ in range(2))
    assert (first["status"], again["status"], again["replayed"]) == ("applied", "applied", True)


def test_a_product_that_is_not_there(warehouse: Warehouse) -> None:
    """404 in the office."""
    with pytest.raises(NotFound):
        archive_product(warehouse.cast.logistics_manager, product_id=new_id(), reason="x")


def test_a_sku_of_digits_is_found_by_a_scan_of_it(warehouse: Warehouse) -> None:
    """T21: a label that shows the SKU may be read as a GTIN; both say the same key."""
    product_id = warehouse.product("6901234567908", "碗", "Bowl", "HOM")
    assert warehouse.record("product", product_id)["key"] == read_code("06901234567908").key
