"""CSV in every encoding and dialect that comes to a warehouse, read the same way or refused by name."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.tables import Row, TableError, read_table
from tests.lib.tables.files import text_file

HEAD = ["货号", "品名", "数量", "备注"]
ROWS = [
    ["0012", "保温杯 500ml", "3", "说“好”, 也可以"],
    ["6901234567892", "不锈钢炒锅; 30 厘米", "1.5", 'He said "5 inch"'],
    ["B-7", "口红\n豆沙色", "-2", "a\tb"],
    ["", "没有货号", "", ""],
]
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le with mark", "utf-16-be with mark", "gb18030 with mark"]
SEPARATORS = [",", ";", "\t"]
LINE_ENDS = ["\r\n", "\n", "\r"]


def encoded(text: str, encoding: str) -> bytes:
    """The text in an encoding, with or without its mark."""
    codec, _, mark = encoding.partition(" with ")
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE, "gb18030": b"\x84\x31\x95\x33"}
    return (marks[codec] if mark else b"") + text.encode(codec)


def csv_text(rows: list[list[str]], separator: str = ",", line_end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """The rows as another program would write them."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, lineterminator=line_end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return file.getvalue()


def cells(file: io.BytesIO) -> list[list[str]]:
    """The rows without their numbers."""
    return [row.cells for row in read_table(file)]


def code(data: bytes | str) -> TableError:
    """What a file is refused with, whether at once or while it is read."""
    file = io.BytesIO(data) if isinstance(data, bytes) else text_file(data)
    with pytest.raises(TableError) as refused:
        list(read_table(file))
    return refused.value


@pytest.mark.parametrize("line_end", LINE_ENDS, ids=["crlf", "lf", "cr"])
@pytest.mark.parametrize("separator", SEPARATORS, ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_in_every_dialect_reads_the_same(encoding: str, separator: str, line_end: str) -> None:
    """Quotes, doubled quotes, separators and line breaks in cells survive; so do leading zeros (GEN-10, T21)."""
    broken = [[cell.replace("\n", line_end) for cell in row] for row in ROWS]
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        data = encoded(csv_text([HEAD, *broken], separator, line_end, quoting), encoding)
        table = read_table(io.BytesIO(data), "stock.csv")
        assert (table.kind, table.separator, table.filename) == ("csv", separator, "stock.csv")
        assert table.encoding == encoding.split()[0].removesuffix("-sig").removesuffix("-le").removesuffix("-be")
        assert table.header == HEAD
        assert list(table) == [Row(number, row) for number, row in enumerate(broken, 2)]


WORDS = st.text(st.characters(codec="gb18030", exclude_categories=["C", "Zl", "Zp"]), max_size=12)
GRID = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(WORDS, min_size=width, max_size=width), min_size=1, max_size=8))


@settings(deadline=None)
@given(GRID, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(SEPARATORS), st.sampled_from(LINE_ENDS))
def test_whatever_is_written_all_quoted_is_read(grid: list[list[str]], encoding: str, separator: str, line_end: str) -> None:
    """Any text but those that a spreadsheet would not have written as a text, or that came damaged; with its row."""
    head = [f"column {n}" for n in range(len(grid[0]) + 1)]
    rows = [[f"r{n}", *row] for n, row in enumerate(grid)]
    table = read_table(io.BytesIO(csv_text([head, *rows], separator, line_end, csv.QUOTE_ALL).encode(encoding)))
    assert table.header == head
    for number, (wanted, found) in enumerate(zip(rows, table.rows(), strict=True), 2):
        assert found.number == number
        kept = [cell if index not in found.faults else wanted[index] for index, cell in enumerate(found.cells)]
        assert [cell.lstrip("'").rstrip() for cell in kept] == [cell.lstrip("'").rstrip() for cell in wanted]
        assert all(wanted[index].startswith("=") or set("Ee\ufffd") & set(wanted[index]) for index in found.faults)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused_by_name(data: bytes) -> None:
    """Nothing but a TableError comes out, however the file is damaged (T40)."""
    try:
        for row in read_table(io.BytesIO(data)).rows():
            assert row.number > 1
    except TableError as problem:
        assert problem.code  # noqa: PT017


@settings(deadline=None)
@given(st.text(st.sampled_from("\",;\t\r\n'=E+12 \ufeff\0a0保"), max_size=40))
def test_any_text_is_a_table_or_refused_by_name(text: str) -> None:
    """The characters that mean something, in any order."""
    try:
        table = read_table(text_file(text))
        for row in table.rows():
            assert len(row.cells) == len(table.header)
    except TableError as problem:
        assert problem.code  # noqa: PT017


def test_the_separator_is_told_by_the_rows_not_by_how_often_it_occurs() -> None:
    """Commas in names, decimal commas and a semicolon in one heading do not mislead; one column needs none."""
    assert read_table(text_file("SKU;名称, 规格;数量\n1;锅, 大, 黑;1,5\n2;杯, 小;2,5\n")).separator == ";"
    assert read_table(text_file("SKU,名称;别名,数量\n1,锅,3\n2,杯;盏,4\n")).separator == ","
    assert read_table(text_file("SKU\t名称\n1\t锅,大;黑\n")).separator == "\t"
    assert read_table(text_file("SKU,名称,数量\n1\n2\n3\n")).separator == ","
    one = read_table(text_file("条码\n6901234567892\n"))
    assert one.header == ["条码"] and cells(text_file("条码\n0012\n")) == [["0012"]]


def test_a_separator_beyond_the_sample_is_not_looked_for() -> None:
    """The row in which the sample ends counts for nothing: it is not whole."""
    rows = "".join(f"{n};name, with, commas {n};{'x' * 200}\n" for n in range(1000))
    assert read_table(text_file("SKU;name;note\n" + rows)).separator == ";"


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"'])
@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_line_that_names_the_separator_is_no_row(line: str, line_end: str, encoding: str) -> None:
    """Excel does not show it either, so the row after it is the first."""
    table = read_table(text_file(f"{line}{line_end}a,b;c{line_end}1;2{line_end}", encoding))
    assert (table.header, table.header_row, list(table)) == (["a,b", "c"], 1, [Row(2, ["1", "2"])])


def test_a_line_can_name_a_tab() -> None:
    """It is a blank, and yet no blank at the end of a line."""
    assert read_table(text_file("sep=\t\na,b\tc\n1\t2\n")).header == ["a,b", "c"]


def test_blank_rows_and_columns_are_left_out_and_numbers_stay() -> None:
    """A row has the number a spreadsheet shows, with blank rows before it, and a line break in a cell does not count."""
    table = read_table(text_file('\n , \na,b,,\n1,2,,,,\n,,,\n\n"3\n3\n3",,,\n4\n,,,,\n\n'))
    assert (table.header, table.header_row) == (["a", "b"], 3)
    assert list(table) == [Row(4, ["1", "2"]), Row(7, ["3\n3\n3", ""]), Row(8, ["4", ""])]


def test_blanks_before_a_quote_do_not_make_it_a_letter() -> None:
    """`1, "a, b"` as some systems write it."""
    assert cells(text_file('x, y\n1, "a, b"\n')) == [["1", "a, b"]]


def test_codes_written_so_that_a_spreadsheet_keeps_their_zeros() -> None:
    """`="0012"` is a code and no formula (T21)."""
    assert cells(text_file('sku,n\n="0012",1\n"=""0034""",2\n')) == [["0012", "1"], ["0034", "2"]]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("=A1+1", "cell_formula"), ("=cmd|' /C calc'!A0", "cell_formula"), ("6.90123E+12", "scientific_number"),
        (" 6.90123e+12 ", "scientific_number"), ("6,90123E+12", "scientific_number"), ("-1E-05", "scientific_number"),
        ('="6.9E+12"', "scientific_number"), ("x" * 32_768, "cell_too_long"), ("锅\ufffd", "text_damaged"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_taken_is_refused_by_name(cell: str, problem: str) -> None:
    """By row and column; the rows around it can be read on, and a strict reader stops (GEN-10)."""
    text = csv_text([["SKU", "条 码", "n"], ["1", "2", "3"], ["4", cell, "6"], ["7", "8", "9"]])
    found = code(text)
    assert (found.code, found.row, found.column) == (problem, 3, "条 码")
    rows = list(read_table(text_file(text)).rows())
    assert [row.cells for row in rows] == [["1", "2", "3"], ["4", "", "6"], ["7", "8", "9"]]
    assert [[(index, fault.code) for index, fault in row.faults.items()] for row in rows] == [[], [(1, problem)], []]


@pytest.mark.parametrize("cell", ["1E5", "E+12", "2E+1x", "12E+05", "5E5-77", "+8613800000000", "-5", "@home", "a=b", "1+1"])
def test_what_only_looks_odd_is_a_text(cell: str) -> None:
    """Article numbers may have an E in them, and telephone numbers a plus."""
    assert cells(text_file(csv_text([["a", "b"], ["1", cell]]))) == [["1", cell]]


def test_a_cell_right_of_the_last_heading_is_refused() -> None:
    """A row that slipped, or a column nobody named; blanks there are nothing."""
    found = code("a,b\n1,2,,\n3,4,5\n")
    assert (found.code, found.row, found.column) == ("cell_no_heading", 3, "C")
    assert cells(text_file("a,,c\n1,x,2\n")) == [["1", "x", "2"]]


def test_headings_are_without_breaks_and_a_formula_among_them_is_refused() -> None:
    """Every row hangs on the headings, so nothing is read below a wrong one."""
    assert read_table(text_file('"Item\nno"," name  zh "\n1,2\n')).header == ["Item no", "name zh"]
    found = code("a,=b,c\n1,2,3\n")
    assert (found.code, found.row, found.column) == ("cell_formula", 1, "B")


@pytest.mark.parametrize(
    ("text", "problem", "row"),
    [
        ('a,b\n1,"2\n3,4\n5,6\n', "quote_not_closed", 2),
        ('a,b\n1,"' + "x,\n" * 60_000, "quote_not_closed", 2),
        ('a,b\n1,2\n3,"5" pipe"\n', "quote_misplaced", 3),
        ('"a', "quote_not_closed", 1),
    ],
)
def test_quotes_that_do_not_match_are_refused_where_they_begin(text: str, problem: str, row: int) -> None:
    """Else the rest of the file would be one cell, or a name would change."""
    found = code(text)
    assert (found.code, found.row) == (problem, row)


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n", " , ,\n,,\n", "sep=;\n", "\0"])
def test_a_file_without_anything_in_it_is_refused(text: str) -> None:
    """With or without bytes."""
    assert code(text).code in ("file_empty", "encoding_unknown")
    assert code("").code == "file_empty"


def test_a_header_alone_is_a_table_without_rows() -> None:
    """So that a page can tell which columns are missing."""
    table = read_table(text_file("a,b"))
    assert table.header == ["a", "b"] and list(table) == []


# -- encodings -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["保温杯", "炒锅", "件", "箱", "个", "盒", "千克", "口红", "面膜", "补光灯", "薇"])
def test_a_few_chinese_letters_are_enough(word: str) -> None:
    """A file whose only Chinese word is a unit is GB18030, and neither Korean nor the UTF-8 of a script nobody here writes."""
    assert cells(text_file(f"sku,unit\nA1,{word}\n", "gb18030")) == [["A1", word]]


@pytest.mark.parametrize("word", ["Café", "Größe", "×", "Ω", "Ж", "½", "保", "שלום, תודה"])
def test_a_few_letters_in_utf8_are_enough(word: str) -> None:
    """Two bytes that would be a Chinese word in GB18030 are what they are in UTF-8, if anybody here writes it."""
    assert cells(text_file(f'sku,name\nA1,"{word}"\n')) == [["A1", word]]


def test_letters_of_every_length_of_gb18030() -> None:
    """Four bytes a letter too, and emoji."""
    for more in ("", "不锈钢炒锅，配玻璃盖，适合燃气灶和电磁炉，容量 30 厘米。" * 30):
        name = "𠮷野家保温杯䶮😀镕" + more
        assert cells(text_file(f"货号,品名\nA1,{name}\n", "gb18030")) == [["A1", name]]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("big5", "保溫杯 不鏽鋼炒鍋 禮盒裝堅果 廚房用品 洗髮水 電動牙刷"),
        ("shift_jis", "保温カップ ステンレス鍋 化粧水 タオル おもちゃ ライト"),
        ("euc_kr", "보온병 스테인리스 냄비 화장품 수건 장난감 조명"),
        ("cp1252", "Café crème, Größe L, Señor taza, Crème brûlée, Kühlschrank, Piñata"),
        ("cp1251", "Чашка, Кастрюля, Полотенце, Игрушка, Лампа"),
        ("utf-16-le", "保温杯 without a mark"),
        ("utf-32", "保温杯"),
    ],
)
@pytest.mark.parametrize("times", [8, 400])
def test_an_encoding_that_is_not_certain_is_refused(encoding: str, words: str, times: int) -> None:
    """Read as GB18030 each of these would give other names without a complaint (GEN-10)."""
    text = "sku,name\n" + "".join(f"A{n},{word}\n" for n in range(times) for word in words.replace(",", "").split())
    assert code(text.encode(encoding)).code == "encoding_unknown"


def test_one_broken_letter_is_named_and_the_rest_is_read() -> None:
    """A row pasted from elsewhere, or a file cut short, in UTF-8 and UTF-16."""
    data = "sku,名称\n1,保温杯保温杯\n2,炒锅X炒锅\n".encode().replace(b"X", b"\xb1")
    for found in (code(data), code(codecs.BOM_UTF8 + data)):
        assert (found.code, found.row, found.column) == ("text_damaged", 3, "名称")
    cut = "sku,名称\n1,锅".encode("utf-16")[:-1]
    assert (code(cut).code, code(cut).row) == ("text_damaged", 2)


def test_a_sample_is_taken_from_where_the_letters_are() -> None:
    """The first Chinese word may stand behind a megabyte of numbers."""
    rows = "".join(f"{n},{n},x\n" for n in range(120_000))
    file = text_file(f"sku,n,name\n{rows}9,9,保温杯\n", "gb18030")
    *_, last = read_table(file, max_rows=200_000)
    assert last.cells == ["9", "9", "保温杯"]


# -- bounds ----------------------------------------------------------------------------------------------------------------------


def test_too_much_is_refused_with_the_limit() -> None:
    """Rows while they come, columns in any row, bytes before anything is read; blank rows and columns are no rows and columns."""
    table = read_table(text_file("a\n1\n\n2\n\n3\n"), max_rows=2)
    with pytest.raises(TableError) as refused:
        list(table)
    assert (refused.value.code, refused.value.facts) == ("too_many_rows", {"limit": 2})
    for text in ("a,b,c\n", "a,b\n1,2,3\n"):
        with pytest.raises(TableError) as refused:
            list(read_table(text_file(text), max_columns=2))
        assert (refused.value.code, refused.value.facts) == ("too_many_columns", {"limit": 2})
    with pytest.raises(TableError) as refused:
        read_table(text_file("a" * 2_000_001), max_bytes=2_000_000)
    assert (refused.value.code, refused.value.facts) == ("file_too_large", {"limit": 2})
    assert cells(text_file("a,b,,,,\n1,2,,,,\n,,,,,\n")) == [["1", "2"]]


def test_rows_come_as_they_are_asked_for_and_once() -> None:
    """What is wrong further down does not keep the rows above it; the file stays open for whoever opened it."""
    with tempfile.SpooledTemporaryFile(max_size=10) as file:  # what an upload is
        file.write(b'a,b\n1,2\n3,"4')
        table = read_table(file)  # type: ignore[arg-type]
        rows = table.rows()
        assert next(rows).cells == ["1", "2"]
        with pytest.raises(TableError):
            next(rows)
        with pytest.raises(RuntimeError, match="once"):
            next(table.rows())
        del table, rows
        assert not file.closed and file.seek(0) == 0
