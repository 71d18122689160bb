"""Scans in a run are judged as they would be one by one, by a constant number of statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.lib.db import writer
from app.lib.ids import Id, new_id
from app.stock.operations import record_count_line
from app.stock.schemas import RecordCountLine
from app.sync.quick import quick_loader
from tests.stock.conftest import StockCount

LINES = st.fixed_dictionaries(
    {
        "count": st.sampled_from(["mine", "mine", "mine", "second", "theirs", "nobody's"]),
        "product_id": st.sampled_from(["mug", "mug", "serum", "unheard of"]),
        "quantity": st.sampled_from(["1", "1", "24", "-2", "0.5", "0", "x"]),
        "pack": st.sampled_from(["1", "24"]),
        "lot": st.sampled_from(["", "L1"]),
        "via": st.sampled_from(["wedge", "camera"]),
    }
)


class Twin:
    """The same stock take counted by the same phone, by `many` or singly."""

    def __init__(self, stock_count: StockCount, phone: Any) -> None:
        self.stock_count, self.phone = stock_count, phone
        stock_count.id = self.id = stock_count.plan()
        self.counts = {
            "mine": stock_count.open(),
            "second": stock_count.open(stock_count.two),
            "theirs": stock_count.open(login="shipping_clerk"),
            "nobody's": new_id(),
        }
        self.products = {"mug": stock_count.mug, "serum": stock_count.serum, "unheard of": new_id()}

    def push(self, lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        ops = []
        for line in lines:
            said = {name: value for name, value in line.items() if name != "count"}
            said |= {"bin_count_id": str(self.counts[line["count"]]), "product_id": str(self.products[line["product_id"]])}
            ops.append(self.phone.op("stock.record_count_line", said))
        return [(v["status"], v["code"], sorted(v["facts"]), v["n"]) for v in self.phone.send(*ops)["verdicts"]]

    def outcome(self) -> Any:
        """What was kept, without the ids that differ, and what the phone is told of it."""
        self.stock_count.id = self.id
        lines = self.stock_count.lines()
        self.phone.pull()
        told = [self.phone.get("count_line", f"{line.bin_count_id}/{line.id}") for line in lines]
        names = ("quantity", "pack", "lot", "status", "via", "withdrawn")
        kept = [(line.quantity, line.pack, line.lot, line.via, line.by, line.happened_at > 0) for line in lines]
        return kept, [{name: one[name] for name in names} for one in told]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(run=st.lists(LINES, min_size=2, max_size=8))
def test_many_gives_the_verdicts_of_the_single_form(
    stock_count: StockCount, device: Callable[[str], Any], run: list[dict[str, Any]]
) -> None:
    """sync.md §3: the same verdicts, the same lines, the same records, for any run of scans (T2, T23)."""
    phone = held(stock_count, device)
    by_many, singly = Twin(stock_count, phone), Twin(stock_count, phone)
    many = record_count_line.many
    found = by_many.push(run)
    record_count_line.many = None
    try:
        expected = singly.push(run)
    finally:
        record_count_line.many = many
    assert found == expected
    assert by_many.outcome() == singly.outcome()


def held(stock_count: StockCount, device: Callable[[str], Any]) -> Any:
    """A phone, enrolled once for all examples."""
    if not hasattr(stock_count, "phone"):
        stock_count.phone = device("warehouse_keeper")  # type: ignore[attr-defined]
    return stock_count.phone  # type: ignore[attr-defined]


def test_a_run_costs_a_constant_number_of_statements(stock_count: StockCount, device: Callable[[str], Any]) -> None:
    """quality.md: ten scans in one bin cost as many statements as eighty in two."""
    phone = device("warehouse_keeper")
    first, second = stock_count.open(), stock_count.open(stock_count.two)
    statements(stock_count, phone, [first], 2)
    assert len(statements(stock_count, phone, [first], 10)) == len(statements(stock_count, phone, [first, second], 40))


def statements(stock_count: StockCount, phone: Any, counts: list[Id], each: int) -> list[str]:
    """What a push of so many scans in each of these counts asks the database."""
    ops = [
        phone.op(
            "stock.record_count_line",
            {"bin_count_id": str(id), "product_id": str(product), "quantity": "1", "via": "wedge"},
        )
        for id in counts
        for product in (stock_count.mug, stock_count.serum)
        for _ in range(each // 2)
    ]
    seen: list[str] = []
    heard = lambda connection, cursor, statement, *_: seen.append(statement)  # noqa: E731
    event.listen(writer().engine, "before_cursor_execute", heard)
    verdicts = phone.send(*ops)["verdicts"]
    event.remove(writer().engine, "before_cursor_execute", heard)
    assert {verdict["status"] for verdict in verdicts} == {"applied"}
    return seen


def test_a_scan_goes_the_short_way_through_its_schema() -> None:
    """A good line costs no bookkeeping for errors that it does not have."""
    said = {"bin_count_id": str(new_id()), "product_id": str(new_id()), "quantity": "24", "pack": "24", "via": "wedge"}
    found = quick_loader(RecordCountLine())(said)
    assert found == RecordCountLine().load(said)
    assert quick_loader(RecordCountLine())({**said, "quantity": "0"}) is None
