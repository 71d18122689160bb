"""Which encoding a text file is in: told by its mark, proven by its bytes, or refused. A wrong guess would rename the goods."""

from __future__ import annotations

import codecs
import io
import re
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
FEW = 40  # letters
MOST_USUAL = 0.8
RARE_SCRIPTS = re.compile("[\u0530-\u07ff]")  # Hebrew, Arabic, Thaana: two bytes in UTF-8, and an everyday word in GB18030


class AsText(io.TextIOWrapper):
    """The file as text from its start; closing this leaves the file open, which is somebody else's."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        file.seek(0)
        if encoding != "gb18030" or file.read(len(GB_MARK)) != GB_MARK:  # the only mark that its codec takes for a letter
            file.seek(0)
        super().__init__(file, encoding, errors="replace", newline="")

    def __exit__(self, *_: object) -> None:
        if not self.closed:
            self.detach()


def find_encoding(file: BinaryIO) -> str:
    """utf-8, utf-8-sig, utf-16 or gb18030. What a marked file has damaged shows as � in its cell, and is refused there."""
    file.seek(0)
    head = file.read(4)
    if head == codecs.BOM_UTF32_LE:  # begins like UTF-16
        raise TableError("encoding_unknown")
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    _refuse_binary(file)
    sample = _sample(file)
    if _reads(file, "utf-8"):
        return "gb18030" if _is_in_disguise(sample) else "utf-8"
    if _is_mostly_utf8(sample):
        return "utf-8"
    if _is_chinese(sample) and _reads(file, "gb18030"):
        return "gb18030"
    raise TableError("encoding_unknown")


def _is_chinese(sample: bytes) -> bool:
    """Whether text that is not UTF-8 is GB18030: people's letters, and a detector does not know better.

    Of few letters it cannot tell Chinese from Korean; a stray emoji is enough to make it give up.
    """
    letters = [letter for letter in sample.decode("gb18030", "replace") if letter > "\x7f"]
    if sum(map(_is_usual, letters)) < MOST_USUAL * len(letters):
        return False
    if len(letters) < FEW:
        return True
    from charset_normalizer import from_bytes  # one file in many needs it

    best = from_bytes(sample, cp_isolation=RIVALS).best()
    return best is None or best.encoding == "gb18030"


def _is_usual(letter: str) -> bool:
    """One of the 7,000 that people write, of 27,000; or one of four bytes, which no rival has."""
    return bool(letter.encode("gb2312", "ignore")) or len(letter.encode("gb18030")) == 4


def _is_in_disguise(sample: bytes) -> bool:
    """A single 薇 in GB18030 is a good letter of the Maldives in UTF-8."""
    letters = [letter for letter in sample.decode("utf-8", "replace") if letter > "\x7f"]
    return len(letters) < FEW and all(map(RARE_SCRIPTS.match, letters)) and bool(letters) and _is_chinese(sample)


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
    found = bytearray()
    with AsText(file, "latin-1") as lines:  # a letter a byte
        for line in lines:
            if not line.isascii():
                found += line.encode("latin-1")
                if len(found) >= SAMPLE:
                    break
    return bytes(found[:SAMPLE])


def _is_mostly_utf8(sample: bytes) -> bool:
    """UTF-8 with a broken place in it, which can be named."""
    text = sample.decode("utf-8", "replace")
    return text.count("\ufffd") * 10 < sum(letter > "\x7f" for letter in text)
