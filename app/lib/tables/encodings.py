"""Which encoding a text file is in: told by its mark, proven by its bytes, or refused. A wrong guess would rename the goods."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from app.lib.tables.errors import TableError

CHUNK = 1 << 20
SAMPLE = 1 << 16
GB_MARK = b"\x84\x31\x95\x33"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (GB_MARK, "gb18030"),
)
# What else a table on the desk of a Chinese warehouse may be in; each is read without complaint as if it were GB18030.
RIVALS = ["gb18030", "big5", "shift_jis", "euc_kr", "cp1250", "cp1251", "cp1252"]
FEW = 40  # characters; of fewer a detector cannot tell Chinese from Korean
MOST_USUAL = 0.8


def find_encoding(file: BinaryIO) -> str:
    """utf-8, utf-8-sig, utf-16 or gb18030. What a marked file has damaged shows as � in its cell, and is refused there."""
    file.seek(0)
    head = file.read(4)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    _refuse_binary(file)
    if _reads(file, "utf-8"):
        return "utf-8"
    sample = _sample(file)
    if _is_mostly_utf8(sample):
        return "utf-8"
    if is_chinese(sample) and _reads(file, "gb18030"):
        return "gb18030"
    raise TableError("encoding_unknown")


def is_chinese(sample: bytes) -> bool:
    """Whether text that is not UTF-8 is GB18030 and not one of its rivals."""
    text = [letter for letter in sample.decode("gb18030", "replace") if letter > "\x7f"]
    usual = len("".join(text).encode("gb2312", "ignore")) // 2  # the characters people really write, of the 27,000 it has
    if len(text) < FEW:
        return usual >= MOST_USUAL * len(text)
    from charset_normalizer import from_bytes  # one file in many needs it

    best = from_bytes(sample, cp_isolation=RIVALS).best()
    return best is not None and best.encoding == "gb18030"


def _reads(file: BinaryIO, encoding: str) -> bool:
    """Whether every byte fits, so that reading the rows cannot stumble later."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_binary(file: BinaryIO) -> None:
    """A NUL is no text: a file of some program, or UTF-16 without its mark."""
    file.seek(0)
    if b"\0" in file.read(CHUNK):
        raise TableError("encoding_unknown")


def _sample(file: BinaryIO) -> bytes:
    """Lines that say something about the encoding, from wherever in the file they stand."""
    file.seek(0)
    found = bytearray()
    for line in file:
        if not line.isascii():
            found += line[:SAMPLE]
            if len(found) >= SAMPLE:
                break
    return bytes(found)


def _is_mostly_utf8(sample: bytes) -> bool:
    """UTF-8 with a broken place in it, which can be named."""
    text = sample.decode("utf-8", "replace")
    return text.count("\ufffd") * 10 < sum(letter > "\x7f" for letter in text)
