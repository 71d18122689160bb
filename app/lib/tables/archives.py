"""Looks through a packed spreadsheet before it is opened: what would fill the memory or is no clean XML is not opened at all.

openpyxl holds a part of the file, or one row of a sheet, as a tree. So the size of every part and the elements of every row are
bounded first, by a parser that holds nothing.
"""

from __future__ import annotations

from typing import Any, BinaryIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812  (it is zlib's name that says nothing)

from app.lib.tables.errors import TableError

MB = 1_000_000
MOST_PARTS = 5_000
MOST_UNPACKED = 200 * MB
MOST_OF_A_PART = 20 * MB  # of anything but sheets and their texts: a megabyte is much
MOST_ELEMENTS = 15_000_000  # 60,000 rows of 60 cells are 11 million
MOST_AT_ONCE = 200_000  # of one row, one text, or a part that has neither
MOST_DEPTH = 64
BIG = ("xl/worksheets/", "xl/sharedStrings.xml", "xl/media/")
UNITS = {"row", "si"}  # what openpyxl lets go of once it is read
LAST_ROW = 1_048_576


def check_archive(file: BinaryIO) -> None:
    """A TableError unless every part that will be read is bounded, whole, and plain XML."""
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise TableError("file_zip_bomb")  # rule: T40
            for part in parts:
                if part.file_size > MOST_OF_A_PART and not part.filename.startswith(BIG):
                    raise TableError("file_zip_bomb")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _Look(archive, part).through()
    except (BadZipFile, ZlibError, EOFError, NotImplementedError, OSError) as problem:
        raise TableError("file_broken") from problem


class _Look:
    """Reads one part, counts, and stops where it is too much. A ZIP may lie about a size; no more is unpacked than it says."""

    def __init__(self, archive: ZipFile, part: ZipInfo) -> None:
        self.archive, self.part = archive, part
        self.elements = self.at_once = self.depth = self.last_row = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def through(self) -> None:
        """Look at all of it."""
        try:
            with self.archive.open(self.part) as stream:
                self.parser.ParseFile(stream)
        except expat.ExpatError as problem:
            raise TableError("file_broken") from problem

    def doctype(self, *_: Any) -> None:
        """Entities are declared there; no spreadsheet program writes one."""
        raise TableError("file_broken")  # rule: T40

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """One more element; a row has to come after the row before it, or openpyxl would pass over it."""
        self.elements += 1
        self.at_once += 1
        self.depth += 1
        if self.at_once > MOST_AT_ONCE or self.elements > MOST_ELEMENTS or self.depth > MOST_DEPTH:
            raise TableError("file_zip_bomb")
        if name.endswith(" row") and self.part.filename.startswith("xl/worksheets/"):
            number = attributes.get("r", "")
            row = int(number) if number.isdecimal() and len(number) < 9 else self.last_row + 1
            if not self.last_row < row <= LAST_ROW:
                raise TableError("file_broken")
            self.last_row = row

    def end(self, name: str) -> None:
        """A row or a text is let go of."""
        self.depth -= 1
        if name.rpartition(" ")[2] in UNITS:
            self.at_once = 0
