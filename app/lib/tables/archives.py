"""Looks through a packed spreadsheet before it is opened: what would fill the memory is not opened at all.

openpyxl holds a part of the file, one text, or one row of a sheet as a tree. So what these consist of is counted first, by the
same parser without a tree. A part is known by its content, because any part may be named as a sheet.
"""

from __future__ import annotations

from typing import Any, BinaryIO
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

from app.lib.tables.errors import TableError
from app.lib.tables.records import Limits

MB = 1_000_000
MOST_PARTS = 5_000
MOST_UNPACKED = 200 * MB
MOST_OF_A_PART = 20 * MB  # of anything but sheets, their texts, and pictures: one is much
BIG = ("xl/worksheets/", "xl/sharedStrings.xml", "xl/media/")
MOST_ELEMENTS = 15_000_000  # 60,000 rows of 60 cells are 11 million
MOST_AT_ONCE = 200_000  # of one row, one text, or a part that has neither
MOST_LETTERS = MB // 2  # of one element: a cell has 32,767, escaped ones 230,000
MOST_DEPTH = 64
CHUNK = 1 << 16
BLANK_ROWS = 4  # of five: many a sheet is lined far beyond its last row
LAST_ROW = 1_048_576

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
ROW, TEXT = MAIN + "row", MAIN + "si"
XML_STARTS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0<")


def check_archive(file: BinaryIO, limits: Limits) -> None:
    """A TableError unless every part is bounded. Whether it makes sense is for openpyxl to find out."""
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            _check_sizes(archive.infolist())
            for part in archive.infolist():
                _Look(archive, part, limits).through()
    except TableError:
        raise
    except Exception as problem:  # each way of packing has errors of its own
        raise TableError("file_broken") from problem


def _check_sizes(parts: list[ZipInfo]) -> None:
    """By what the archive says of itself: where it lies, no more than that is unpacked."""
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise TableError("file_zip_bomb")  # rule: T40
    if any(part.file_size > MOST_OF_A_PART and not part.filename.startswith(BIG) for part in parts):
        raise TableError("file_zip_bomb")


class _Look:
    """Reads one part, counts, and stops where it is too much."""

    def __init__(self, archive: ZipFile, part: ZipInfo, limits: Limits) -> None:
        self.archive, self.part, self.limits = archive, part, limits
        self.elements = self.at_once = self.depth = self.fed = self.read = self.rows = self.last_row = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def through(self) -> None:
        """Look at all of it, up to where it stops being XML: openpyxl comes no further either."""
        with self.archive.open(self.part) as stream:
            if not stream.read(64).lstrip().startswith(XML_STARTS):
                return
        try:
            with self.archive.open(self.part) as stream:
                while chunk := stream.read(CHUNK):
                    self.parser.Parse(chunk)
                    self.fed += len(chunk)
                    self.letters(self.fed)
                self.parser.Parse(b"", True)
        except expat.ExpatError:
            return

    def letters(self, upto: int) -> None:
        """Between two elements there is at most a long text. Of a longer tag, expat would begin to read anew with every chunk."""
        if upto - self.read > MOST_LETTERS:
            raise TableError("file_zip_bomb")

    def doctype(self, *_: Any) -> None:
        """Where entities are declared, which grow when they are read; no spreadsheet program writes one."""
        raise TableError("file_broken")  # rule: T40

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """One more element."""
        self.elements += 1
        self.at_once += 1
        self.depth += 1
        if self.at_once > MOST_AT_ONCE or self.elements > MOST_ELEMENTS or self.depth > MOST_DEPTH:
            raise TableError("file_zip_bomb")
        if name == ROW:
            self.row(attributes.get("r", str(self.last_row + 1)))

    def row(self, number: str) -> None:
        """A row comes after the row before it, or openpyxl would pass over it; those between are made up, so there is a last."""
        self.rows += 1
        if self.rows > (BLANK_ROWS + 1) * self.limits.rows:
            raise TableError("too_many_rows", limit=self.limits.rows)
        if not (number.isdecimal() and len(number) < 9 and self.last_row < int(number) <= LAST_ROW):
            raise TableError("file_broken")
        self.last_row = int(number)

    def end(self, name: str) -> None:
        """A row or a text is let go of."""
        self.depth -= 1
        at = self.parser.CurrentByteIndex
        self.letters(at)
        self.read = at
        if name in (ROW, TEXT):
            self.at_once = 0
