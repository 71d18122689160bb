"""The columns of a file are found by their headings, and a row says everything that is wrong with it at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.tables import Column, Entry, TableError, boolean, decimal, integer, map_header, read_table, text
from app.lib.words import LANGUAGES, error_text, t
from tests.lib.tables.files import book, text_file

COLUMNS = (
    Column("sku", text(10), labels=("货号", "Item no.", "SKU 编码"), required=True),
    Column("role", text(10), label="office.people.role"),
    Column("pack", integer(min=1), labels=("装箱数",)),
    Column("weight", decimal(3), labels=("重量(kg)",), required=True),
    Column("batch", boolean(), labels=("批次",)),
)


def entries(file: Any) -> list[Entry]:
    """Every row of a file as values and problems."""
    table = read_table(file)
    found = map_header(table.header, COLUMNS)
    found.require()
    return [found.read(row) for row in table.rows()]


@pytest.mark.parametrize(
    "heading", ["sku", "SKU", " S K U ", "ＳＫＵ", "货号", "货 号*", "Item_No", "item-no:", "ITEM NO", "sku编码", "SKU　编码："]
)
def test_a_heading_is_found_however_it_is_written(heading: str) -> None:
    """Case, blanks, width, and the ornaments of required columns make no difference (T21)."""
    assert map_header([heading], COLUMNS).columns == {0: COLUMNS[0]}


def test_a_heading_is_found_by_its_words_in_either_language() -> None:
    """Whatever language the exporter's page was in."""
    for lang in LANGUAGES:
        assert map_header([t("office.people.role", lang=lang).upper()], COLUMNS).columns == {0: COLUMNS[1]}


def test_what_does_not_fit_is_told() -> None:
    """Unknown columns by heading or letter, those that are missing, those that stand there twice."""
    found = map_header(["装箱数", "价格", "", "货号", "SKU", "pack"], COLUMNS)
    assert {index: column.field for index, column in found.columns.items()} == {0: "pack", 3: "sku"}
    assert found.unknown == {1: "价格", 2: "C"}
    assert [column.field for column in found.missing] == ["weight"]
    assert {index: column.field for index, column in found.repeated.items()} == {4: "sku", 5: "pack"}
    with pytest.raises(TableError) as refused:
        found.require()
    assert (refused.value.code, refused.value.facts) == ("header_missing", {"names": "重量(kg)"})
    with pytest.raises(TableError) as refused:
        map_header(["sku", "货号", "weight"], COLUMNS).require()
    assert (refused.value.code, refused.value.facts) == ("header_repeated", {"names": "货号"})
    map_header(["sku", "weight"], COLUMNS).require()


def test_a_missing_column_is_named_in_both_languages() -> None:
    """Either is found, and who reads the file in the background knows no reader's language."""
    both = [t("office.people.role", lang=lang) for lang in LANGUAGES]
    assert COLUMNS[1].name == " / ".join(both) and COLUMNS[0].name == "货号" and Column("x", text(1)).name == "x"


def test_a_heading_that_means_two_columns_is_a_mistake_of_ours() -> None:
    """It would depend on their order which is filled."""
    with pytest.raises(ValueError, match="heading of"):
        map_header([], (Column("a", text(1), labels=("数量",)), Column("b", text(1), labels=("数 量",))))


def test_a_row_has_the_columns_of_the_file() -> None:
    """In any order; a blank cell is None, a column that is not there has no value, one that is not known has no say."""
    rows = entries(text_file("装箱数,价格,货号,weight\n24,free,0012,1.50\n,,x,2\n"))
    assert rows == [
        Entry(2, {"pack": 24, "sku": "0012", "weight": Decimal("1.5")}),
        Entry(3, {"pack": None, "sku": "x", "weight": Decimal(2)}),
    ]


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    """Each with row and column, in a sentence of either language; what is right stays (GEN-10)."""
    (row,) = entries(text_file("货号,装箱数,重量(kg),批次,x\n ,0,,maybe,=A1\n"))
    assert row.values == {"sku": None, "pack": None, "weight": None, "batch": None}
    said = [(problem.code, problem.row, problem.column) for problem in row.problems]
    assert said == [
        ("cell_missing", 2, "货号"),
        ("number_too_small", 2, "装箱数"),
        ("cell_missing", 2, "重量(kg)"),
        ("boolean_unreadable", 2, "批次"),
    ]
    for problem in row.problems:
        for lang in LANGUAGES:
            sentence = error_text(problem.code, problem.facts, lang=lang)
            assert "2" in sentence and str(problem.column) in sentence and "{" not in sentence and "⟦" not in sentence


def test_a_formula_is_refused_in_a_column_that_is_read() -> None:
    """And harms nobody in one that is not (GEN-10)."""
    rows = entries(book([["货号", "weight", "合计"], ["a", "=1+1", "=2+2"], ["b", 2, "=B3"]]))
    assert [(problem.code, problem.column) for problem in rows[0].problems] == [("cell_formula", "weight")]
    assert rows[0].values == {"sku": "a", "weight": None} and rows[1].problems == []


def test_a_row_that_slipped_is_refused() -> None:
    """A cell right of the last heading may belong to any column."""
    (row,) = entries(text_file("货号,weight\na,1,2\n"))
    assert [(problem.code, problem.row, problem.column) for problem in row.problems] == [("cell_no_heading", 2, "C")]


@given(st.lists(st.text(max_size=8), max_size=8))
def test_any_header_is_sorted_out(header: list[str]) -> None:
    """Every column of the file is known, unknown or there twice, and nothing else."""
    found = map_header(header, COLUMNS)
    assert sorted([*found.columns, *found.unknown, *found.repeated]) == list(range(len(header)))
    assert {column.field for column in found.missing} == {"sku", "weight"} - {column.field for column in found.columns.values()}
