"""Tells by its first bytes what a file is, and refuses by name what is no table."""

from __future__ import annotations

import io
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from app.lib.tables.errors import TableError
from app.lib.tables.records import Limits

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of .xls, and of whatever Office encrypts
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
NO_TABLES = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "WebP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "GZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"{\\rtf", "RTF"),
)
MARKUP = ((b"<!doctype", "HTML"), (b"<html", "HTML"), (b"<table", "HTML"), (b"<meta", "HTML"), (b"<?xml", "XML"))


def is_xlsx(file: BinaryIO, limits: Limits) -> bool:
    """Whether it is an XLSX, and not text; everything else is refused with the name of what it seems to be."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size == 0:
        raise TableError("file_empty")
    if size > limits.bytes:
        raise TableError("file_too_large", limit=limits.bytes // 1_000_000)
    head = file.read(512)
    if head.startswith(ZIP):
        return _is_xlsx_zip(file)
    if head.startswith(OLE):
        raise _old_office(file)
    _refuse_no_table(head)
    return False


def _refuse_no_table(head: bytes) -> None:
    for mark, kind in NO_TABLES:
        if head.startswith(mark):
            raise TableError("file_not_a_table", kind=kind)
    if head[4:8] == b"ftyp":
        raise TableError("file_not_a_table", kind="HEIC" if head[8:11] in (b"hei", b"hev", b"mif") else "MP4")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, kind in MARKUP:
        if start.startswith(mark):
            raise TableError("file_old_format", kind=kind)


def _is_xlsx_zip(file: BinaryIO) -> bool:
    """An XLSX; other programs pack their files the same way."""
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            entries = archive.infolist()
    except BadZipFile as problem:
        raise TableError("file_broken") from problem
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise TableError("file_password")
    if "xl/workbook.bin" in names:
        raise TableError("file_old_format", kind=".xlsb")
    if "content.xml" in names and "mimetype" in names:
        raise TableError("file_old_format", kind=".ods")
    if any(name.endswith(".iwa") or name == "Index.zip" for name in names):
        raise TableError("file_numbers")
    if not any(name.startswith("xl/") for name in names):
        kind = next((kind for folder, kind in (("word/", "Word"), ("ppt/", "PowerPoint")) if _has(names, folder)), "ZIP")
        raise TableError("file_not_a_table", kind=kind)
    return True


def _has(names: set[str], folder: str) -> bool:
    return any(name.startswith(folder) for name in names)


def _old_office(file: BinaryIO) -> TableError:
    """An .xls, or an .xlsx that asks for a password: Office wraps it into the old container."""
    file.seek(0)
    return TableError("file_password") if ENCRYPTED in file.read() else TableError("file_old_format", kind=".xls")
