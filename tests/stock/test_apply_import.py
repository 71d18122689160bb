"""Applying a file that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import current_app
from sqlalchemy import select

from app.lib.db import db
from app.lib.errors import Forbidden, NotFound, Refused
from app.lib.ids import Id, new_id
from app.stock.importing.desk import desk, read_plan
from app.stock.importing.plan import Plan, keep_plan
from app.stock.operations import apply_import, archive_product, change_product
from app.stock.records import render_products
from app.sync.models import Record
from tests.stock.conftest import MUG_CARTON, MUG_EAN, Warehouse

FREE_CODE = "6901234567915"
CATALOGUE = f"""货号,中文名称,英文名称,品类,单位,条码,单位成本（元）
HOM-0001,马克杯,Tall mug,家居日用,件,{MUG_EAN} {MUG_CARTON}*24,9.90
HOM-0002,"碗,大",Bowl,HOM,each,6901234567908,
007,零号,Zero,HOM,each,,0
"""
BINS = "bin,area,note\nA-01-1-01,B,梯子\nB-01-1-01,常规,\n"
STOCK = f"bin,sku,qty,lot,expiry\nBIN:A-01-1-01,HOM-0001,12,,\nA-01-1-02,{MUG_CARTON},3,,\nA-01-1-02,COS-0001,5,L7,2027-05-31\n"


class Bringing:
    """Looks at a file as the page does, and applies it."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse

    def look(self, kind: str, text: str) -> tuple[Id, Plan]:
        db.session.rollback()
        import_id = new_id()
        plan = read_plan(db.session(), kind, "file.csv", text.encode(), self.warehouse.cast.site_id)
        keep_plan(desk().folder, import_id, plan)
        return import_id, plan

    def apply(self, looked: tuple[Id, Plan], login: str = "logistics_manager", **changes: Any) -> None:
        import_id, plan = looked
        said = {"kind": plan.kind, "sha": plan.sha, "file_name": plan.file_name, **changes}
        apply_import(self.warehouse.cast[login], import_id=import_id, **said)


@pytest.fixture
def bringing(warehouse: Warehouse) -> Bringing:
    return Bringing(warehouse)


def test_it_works_and_reaches_every_replica(bringing: Bringing, verify_operation: Callable[..., Any]) -> None:
    """One product changed, two new; zeros in front survive; the file again changes nothing."""
    looked = bringing.look("products", CATALOGUE)
    assert looked[1].summary == {"create": 2, "change": 1, "same": 0, "refuse": 0}
    assert looked[1].lines[0].set == {"en": ["Mug", "Tall mug"], "cost_fen": [None, "990"]}
    verify_operation(lambda: bringing.apply(looked))
    told = bringing.warehouse.record("product", bringing.warehouse.mug)
    assert (told["en"], [code["pack"] for code in told["codes"]]) == ("Tall mug", ["1", "24"])
    again = bringing.look("products", CATALOGUE)[1]
    assert again.summary == {"create": 0, "change": 0, "same": 3, "refuse": 0} and not again.can_apply
    assert {line.name for line in again.lines} >= {"007"}


def test_bins_and_opening_stock(bringing: Bringing, verify_operation: Callable[..., Any]) -> None:
    """Bins by their code; stock by SKU or a code of one piece or a carton's; the same file twice opens nothing twice (STK-1)."""
    looked = bringing.look("bins", BINS)
    assert looked[1].summary == {"create": 1, "change": 1, "same": 0, "refuse": 0}
    verify_operation(lambda: bringing.apply(looked))
    looked = bringing.look("opening_stock", STOCK)
    assert looked[1].summary == {"create": 3, "change": 0, "same": 0, "refuse": 0}
    verify_operation(lambda: bringing.apply(looked))
    warehouse = bringing.warehouse
    assert warehouse.on_hand(warehouse.one, warehouse.mug) == 12
    assert warehouse.on_hand(warehouse.two, warehouse.serum, lot="L7") == 5
    assert bringing.look("opening_stock", STOCK)[1].summary["same"] == 3
    other = bringing.look("opening_stock", STOCK.replace(",12,", ",13,"))[1]
    assert [problem.code for line in other.lines for problem in line.problems] == ["import_opened_before"]


def test_outsider_and_wrong_role(bringing: Bringing, device: Callable[[str], Any]) -> None:
    """403 in the office; from a device never, whoever asks."""
    looked = bringing.look("products", CATALOGUE)
    for login in ("warehouse_keeper", "shift_lead"):
        with pytest.raises(Forbidden):
            bringing.apply(looked, login)
    said = {"import_id": looked[0], "kind": "products", "sha": looked[1].sha, "file_name": "file.csv"}
    for login, code in (("warehouse_keeper", "outside_grant"), ("logistics_manager", "office_only")):
        verdict = device(login).say("stock.apply_import", said)
        assert (verdict["status"], verdict["code"]) == ("rejected", code)
    assert bringing.look("products", CATALOGUE)[1].summary["create"] == 2


def test_wrong_state(bringing: Bringing) -> None:
    """Not looked at, another file, a wrong row, a catalogue that has changed since, applied before: nothing is done."""
    cast, mug = bringing.warehouse.cast, bringing.warehouse.mug
    import_id, plan = bringing.look("products", CATALOGUE)
    with pytest.raises(NotFound):
        bringing.apply((new_id(), plan))
    with pytest.raises(Refused, match="import_other_file"):
        bringing.apply((import_id, plan), sha="0" * 64)
    with pytest.raises(Refused, match="import_has_problems"):
        bringing.apply(bringing.look("products", CATALOGUE.replace("6901234567908", "6901234567909")))
    change_product(cast.buyer, product_id=mug, abc="A")
    with pytest.raises(Refused, match="import_outdated"):
        bringing.apply((import_id, plan))
    looked = bringing.look("products", CATALOGUE)
    bringing.apply(looked)
    with pytest.raises(Refused, match="import_applied"):
        bringing.apply(looked)


def test_said_twice_it_has_one_effect(bringing: Bringing) -> None:
    """GEN-4: the same form sent again answers as before."""
    import_id, plan = bringing.look("products", CATALOGUE)
    said = {"import_id": import_id, "kind": "products", "sha": plan.sha, "file_name": "f", "operation_id": new_id()}
    first, again = (apply_import(bringing.warehouse.cast.buyer, **said) for _ in range(2))
    assert (first.status, again.status, first.id) == ("applied", "applied", again.id)
    assert bringing.look("products", CATALOGUE)[1].summary["same"] == 3


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ("X-1,x,x,HOM,each,6901234567893,", ["check_digit"]),
        ("X-1,x,x,HOM,each,6.90123E+12,", ["scientific_number"]),
        ("HOM-0001,x,x,HOM,each,,", ["import_row_twice"]),
        ("X-1,,x,NIX,barrel,,", ["cell_missing", "choice_unknown", "choice_unknown"]),
        ("X-1,x,x,HOM,each,A-1 a-1,", ["import_code_twice"]),
        ("X-1,x,x,HOM,each,6923450656785,", ["code_taken"]),
        ("hom-0009,x,x,HOM,each,,", ["product_archived"]),
        ("X-1,x,x,HOM,each,,-1", ["number_too_small"]),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(bringing: Bringing, row: str, codes: list[str]) -> None:
    """GEN-10, STK-10: every fault of a row at once, and the good rows beside it are not applied."""
    warehouse = bringing.warehouse
    old = warehouse.product("HOM-0009", "x", "x", "HOM")
    archive_product(warehouse.cast.buyer, product_id=old, reason="x")
    plan = bringing.look("products", CATALOGUE + row + "\n")[1]
    wrong = [line for line in plan.lines if line.what == "refuse"]
    assert [problem.code for line in wrong for problem in line.problems if line.row == 5] == codes
    assert not plan.can_apply


def test_a_code_may_move_within_one_file(bringing: Bringing) -> None:
    """STK-10 holds for what is there in the end."""
    text = f"sku,zh,en,category,unit,barcode\nHOM-0001,马克杯,Mug,HOM,each,{MUG_CARTON}*24\nX-1,x,x,HOM,each,{MUG_EAN}\n"
    looked = bringing.look("products", text)
    assert looked[1].can_apply
    bringing.apply(looked)
    assert [code["code"] for code in bringing.warehouse.record("product", bringing.warehouse.mug)["codes"]] == [MUG_CARTON]
    twice = bringing.look("products", text.replace(f"{MUG_CARTON}*24", f"{MUG_CARTON} {MUG_EAN}"))[1]
    assert [problem.code for line in twice.lines for problem in line.problems] == ["code_taken"]


def test_the_unit_of_what_has_moved(bringing: Bringing) -> None:
    """STK-12, by way of a file too."""
    bringing.warehouse.put(bringing.warehouse.one, bringing.warehouse.mug, "1")
    plan = bringing.look("products", CATALOGUE.replace("家居日用,件", "家居日用,盒"))[1]
    assert [problem.code for line in plan.lines for problem in line.problems] == ["unit_in_use"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_dialects_say_the_same(bringing: Bringing, encoding: str, separator: str) -> None:
    """GEN-10: whatever a spreadsheet makes of it."""
    text = CATALOGUE.replace('"碗,大"', "碗").replace(",", separator)
    plan = read_plan(db.session(), "products", "f.csv", text.encode(encoding), bringing.warehouse.cast.site_id)
    assert plan.summary == {"create": 2, "change": 1, "same": 0, "refuse": 0}


def test_plans_lie_beside_the_data(bringing: Bringing) -> None:
    """They hold names and costs: never in the repository's own folder."""
    assert str(desk().folder) == current_app.config["DATA_DIR"]


@pytest.mark.parametrize("pack", ["0", "0.0001", "1.2.3", "9999999"])
def test_what_cannot_be_in_a_carton(bringing: Bringing, pack: str) -> None:
    """GEN-10, STK-11: told by its row before anything is applied, never guessed."""
    text = f"sku,zh,en,category,unit,barcodes\nHOM-0003,碟,Dish,HOM,each,{FREE_CODE}*{pack}\n"
    (line,) = bringing.look("products", text)[1].lines
    assert (line.what, [(one.code, one.facts["pack"]) for one in line.problems]) == ("refuse", [("import_pack", pack)])


def test_what_is_applied_is_what_a_reader_would_be_told(bringing: Bringing) -> None:
    """I3: devices are told of new products from the file itself; made again from the tables it is the same."""
    bringing.apply(bringing.look("products", CATALOGUE))
    session = bringing.warehouse.fresh()
    rows = session.execute(select(Record.id, Record.data).where(Record.kind == "product")).all()
    again = render_products(session, [row.id for row in rows])
    assert len(rows) == 4
    for id, data in rows:
        assert orjson.dumps(again[id][0].data).decode() == data
