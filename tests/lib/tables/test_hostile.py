"""Files that are no tables, and files that would do harm: each is refused by name and changes nothing (T40)."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.lib.tables import TableError, archives, read_table
from tests.lib.tables.files import SHEET, book, packed, repacked, sheet_of, text_file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
WORKBOOK = b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"lol" * 1000 + b'">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
)


def refused(file: io.BytesIO) -> TableError:
    """What a file is refused with, whether at once or while it is read."""
    with pytest.raises(TableError) as found:
        list(read_table(file, "table.xlsx"))
    return found.value


def picture(kind: str) -> bytes:
    """A real picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, kind)
    return file.getvalue()


def locked() -> io.BytesIO:
    """An archive whose entries are marked as encrypted."""
    data = bytearray(book([["a"], [1]]).getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + offset] |= 1
    return io.BytesIO(bytes(data))


NO_TABLES: dict[str, tuple[bytes, str, dict[str, object]]] = {
    "nothing": (b"", "file_empty", {}),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "file_not_a_table", {"kind": "PDF"}),
    "PNG": (picture("PNG"), "file_not_a_table", {"kind": "PNG"}),
    "JPEG": (picture("JPEG"), "file_not_a_table", {"kind": "JPEG"}),
    "GIF": (picture("GIF"), "file_not_a_table", {"kind": "GIF"}),
    "WebP": (picture("WEBP"), "file_not_a_table", {"kind": "WebP"}),
    "HEIC": (b"\0\0\0\x24ftypheic\0\0\0\0mif1", "file_not_a_table", {"kind": "HEIC"}),
    "film": (b"\0\0\0\x20ftypisom\0\0\0\0", "file_not_a_table", {"kind": "MP4"}),
    "RAR": (b"Rar!\x1a\x07\x01\0", "file_not_a_table", {"kind": "RAR"}),
    "gzip": (b"\x1f\x8b\x08\0", "file_not_a_table", {"kind": "GZIP"}),
    "RTF": (b"{\\rtf1\\ansi}", "file_not_a_table", {"kind": "RTF"}),
    "ZIP": (packed({"a.csv": b"a,b"}).getvalue(), "file_not_a_table", {"kind": "ZIP"}),
    "empty ZIP": (packed({}).getvalue(), "file_not_a_table", {"kind": "ZIP"}),
    "Word": (packed({"word/document.xml": b"<x/>"}).getvalue(), "file_not_a_table", {"kind": "Word"}),
    "PowerPoint": (packed({"ppt/presentation.xml": b"<x/>"}).getvalue(), "file_not_a_table", {"kind": "PowerPoint"}),
    "xls": (OLE + b"W\0o\0r\0k\0b\0o\0o\0k\0", "file_old_format", {"kind": ".xls"}),
    "xlsb": (packed({"xl/workbook.bin": b"\x83\x01"}).getvalue(), "file_old_format", {"kind": ".xlsb"}),
    "ods": (packed({"mimetype": b"application/vnd", "content.xml": b"<x/>"}).getvalue(), "file_old_format", {"kind": ".ods"}),
    "a page": (b"\xef\xbb\xbf \n<HTML><table><tr><td>1", "file_old_format", {"kind": "HTML"}),
    "a table of a page": (b"<table border=1><tr><td>SKU</td></tr></table>", "file_old_format", {"kind": "HTML"}),
    "XML of 2003": (b'<?xml version="1.0"?><Workbook/>', "file_old_format", {"kind": "XML"}),
    "Numbers": (packed({"Index/Document.iwa": b"\0"}).getvalue(), "file_numbers", {}),
    "old Numbers": (packed({"Index.zip": b"PK"}).getvalue(), "file_numbers", {}),
    "a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "file_password", {}),
    "a locked archive": (locked().getvalue(), "file_password", {}),
    "a broken archive": (b"PK\x03\x04" + bytes(100), "file_broken", {}),
    "bytes": (bytes(range(256)) * 8, "encoding_unknown", {}),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code", "facts"), NO_TABLES.values(), ids=NO_TABLES)
def test_what_is_no_table_is_refused_by_what_it_is(data: bytes, code: str, facts: dict[str, object]) -> None:
    """By its bytes, whatever its name says, with what to do instead (T40)."""
    problem = refused(io.BytesIO(data))
    assert (problem.code, problem.facts, problem.status) == (code, facts, 422)


def test_a_table_is_told_by_its_bytes_and_not_by_its_name() -> None:
    """CSV named .xlsx, XLSX named .csv: people rename files."""
    assert read_table(text_file("a,b\n1,2\n"), "a.xlsx").kind == "csv"
    assert read_table(book([["a"]]), "../../etc/passwd\0.csv").kind == "xlsx"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_refused(share: float) -> None:
    """An upload that broke off."""
    data = book([["a", "b"], *([n, "x" * 50] for n in range(200))]).getvalue()
    assert refused(io.BytesIO(data[: int(len(data) * share)])).code == "file_broken"


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", SHEET])
@pytest.mark.parametrize(
    "content", [None, b"", b"<", b"<x/>", b"\0\1\2", WORKBOOK, b"<?xml version='1.0' encoding='no-such'?><x/>"]
)
def test_a_part_that_makes_no_sense_is_refused(part: str, content: bytes | None) -> None:
    """Missing, empty, not XML, other XML: never a traceback, and a table only where the rest is enough for one."""
    file = repacked(book([["a"], ["b"]]), {part: content})
    try:
        assert [row.cells for row in read_table(file)] in ([["b"]], [])
    except TableError as problem:
        assert problem.code in ("file_broken", "file_empty")  # noqa: PT017


WHOLE = book([["a", "b"], [1, "x"], [2.5, "=1"]])


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_damaged_workbook_is_a_table_or_refused(data: st.DataObject) -> None:
    """Any byte of the archive changed, any byte of its sheet changed (T40)."""
    with ZipFile(WHOLE) as archive:
        damaged = bytearray(data.draw(st.sampled_from([WHOLE.getvalue(), archive.read(SHEET)])))
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    file = io.BytesIO(bytes(damaged)) if damaged[:2] == b"PK" else repacked(WHOLE, {SHEET: bytes(damaged)})
    try:
        list(read_table(file).rows())
    except TableError as problem:
        assert problem.code  # noqa: PT017


# -- bombs -----------------------------------------------------------------------------------------------------------------------

HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
BOMBS: dict[str, Callable[[], io.BytesIO]] = {
    "a part of 21 MB": lambda: repacked(book([["a"]]), {"xl/theme/theme1.xml": b"<x/>" + b" " * (archives.MOST_OF_A_PART + 1)}),
    "a sheet of 201 MB": lambda: repacked(book([["a"]]), {SHEET: HEAD + b" " * (archives.MOST_UNPACKED + 1)}),
    "6,000 parts": lambda: repacked(book([["a"]]), {f"xl/media/{n}": b"" for n in range(6000)}),
    "a row without end": lambda: sheet_of('<row r="1">' + "<c/>" * (archives.MOST_AT_ONCE + 1) + "</row>"),
    "a tree without end": lambda: sheet_of("<a>" * 100 + "</a>" * 100),
    "lists beside the rows": lambda: sheet_of("<mergeCell/>" * (archives.MOST_AT_ONCE + 1)),
    "a text without end": lambda: sheet_of(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>' + "x" * 3_000_000 + "</t></is></c></row>"
    ),
    "an attribute without end": lambda: sheet_of(f'<row r="1"><c r="A1" x="{"x" * 3_000_000}"/></row>'),
    "a sheet by another name": lambda: _renamed("xl/evil.bin", HEAD + b"<row>" + b"<c/>" * (archives.MOST_AT_ONCE + 1)),
    "styles without end": lambda: repacked(
        book([["a"]]), {"xl/styles.xml": b"<x>" + b"<y/>" * (archives.MOST_AT_ONCE + 1) + b"</x>"}
    ),
}


def _renamed(name: str, content: bytes) -> io.BytesIO:
    """A workbook whose sheet lies in a part of another name."""
    return repacked(
        book([["a"]]),
        {
            name: content,
            SHEET: None,
            "xl/_rels/workbook.xml.rels": lambda xml: xml.replace(b"/xl/worksheets/sheet1.xml", b"/" + name.encode()),
        },
    )


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_not_unpacked(bomb: Callable[[], io.BytesIO]) -> None:
    """Small on the wire and huge in memory: refused, and little memory taken to find that out (T40)."""
    file = bomb()
    assert len(file.getvalue()) < 2_000_000
    tracemalloc.start()
    try:
        assert refused(file).code == "file_zip_bomb"
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_a_size_that_lies_is_found_out() -> None:
    """The archive says ten bytes and holds a hundred megabytes: no more than ten are unpacked."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"<x>" + b" " * 100_000_000)
    data = bytearray(made.getvalue())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    tracemalloc.start()
    try:
        assert refused(io.BytesIO(bytes(data))).code == "file_broken"
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_entities_are_refused_before_they_grow(part: str) -> None:
    """A billion laughs need a document type, and so does reading a file of the server's; no spreadsheet writes one (T40)."""
    assert refused(repacked(book([["a"]]), {part: BILLION})).code == "file_broken"
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    assert refused(repacked(book([["a"]]), {part: outside})).code == "file_broken"
    assert refused(repacked(book([["a"]]), {part: BILLION.decode().encode("utf-16")})).code == "file_broken"


@pytest.mark.parametrize("number", ["999999999", "1048577", "1e15", "-1", "0", "x", "5.0", " 5", "²", "1" * 5000])
def test_a_row_that_no_sheet_has_is_refused(number: str) -> None:
    """openpyxl makes up every row before it."""
    began = time.monotonic()
    assert refused(sheet_of(f'<row r="{number}"><c><v>1</v></c></row>')).code == "file_broken"
    assert time.monotonic() - began < 10


def test_the_last_row_of_a_sheet_can_be_read() -> None:
    """A million rows before it are made up, and are none."""
    table = read_table(sheet_of('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>'))
    assert [(row.number, row.cells) for row in table] == [(1_048_576, ["2"])]


def test_rows_out_of_order_are_refused() -> None:
    """openpyxl would pass over the second; it must not vanish."""
    assert refused(sheet_of('<row r="2"><c><v>1</v></c></row><row r="1"><c><v>2</v></c></row>')).code == "file_broken"
    assert refused(sheet_of('<row r="2"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>')).code == "file_broken"


@pytest.mark.parametrize("cell", ["ZZZZ1", "AAAAAAAAAA1", "1A", "A", "1", "甲1"])
def test_a_cell_that_no_sheet_has_is_refused(cell: str) -> None:
    """A wide row would be filled up to there."""
    problem = refused(sheet_of(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="{cell}"><v>2</v></c></row>'))
    assert problem.code in ("file_broken", "too_many_columns", "cell_no_heading")


def test_more_rows_than_anybody_lines_are_refused() -> None:
    """Blank rows that are really there take time; four of five may be blank."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    lined = sheet_of(rows + "".join(f'<row r="{n}"/>' for n in range(3, 11)))
    assert len(list(read_table(lined, max_rows=2))) == 1
    with pytest.raises(TableError) as found:
        read_table(sheet_of(rows + "".join(f'<row r="{n}"/>' for n in range(3, 12))), max_rows=2)
    assert (found.value.code, found.value.facts) == ("too_many_rows", {"limit": 2})


def test_an_archive_may_be_stored_unpacked() -> None:
    """Not every program packs."""
    made = io.BytesIO()
    with ZipFile(book([["a"], ["b"]])) as old, ZipFile(made, "w", ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert [row.cells for row in read_table(made)] == [["b"]]


def test_a_csv_of_one_endless_row_is_refused() -> None:
    """Thirty megabytes of commas are one row of blanks; thirty of `x,` are too many columns."""
    assert list(read_table(text_file("a\n" + "," * 5_000_000))) == []
    assert refused(text_file("a\n" + "x," * 5_000_000)).code == "too_many_columns"
