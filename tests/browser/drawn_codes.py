"""Codes as a camera sees them: drawn by the tests, and put together to a film that Chromium takes for its camera."""

from __future__ import annotations

import io
from pathlib import Path

import segno
from PIL import Image

SIZE = (1280, 720)
FRAMES_A_SECOND = 30  # what Chromium plays an MJPEG file at
GREY = 0x99

EAN_LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
EAN_PARITY = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]


def bars(widths: str) -> list[str]:
    """One row of modules: black, white, black …"""
    return ["".join("10"[at % 2] * int(width) for at, width in enumerate(widths))]


def rows(matrix: str) -> list[str]:
    """The rows of a matrix."""
    return matrix.split()


# (format, what is in it, modules), written once by another encoder.
SYMBOLS = [
    ("ean_8", "96385074", bars("1113112111414111213111111231321113121132111")),
    ("upc_a", "036000291452", bars("11132111411111432113211321111111212231122221113212312122111")),
    ("upc_e", "04252614", bars("111231121221321221211142221111111")),
    ("code_128", "A-03-2-05", bars("2112141113231221321231222211321221322232111221321131411312222113312331112")),
    (
        "code_128", "]C1010690123456789210AB7",
        bars("2112324111312221221222132141211122321311233311212411121111432213121141311113231311233121311322122331112"),
    ),
    (
        "code_39", "EQ-CAM-7",
        bars("121121211121112211111111112221121111212121211211112111121121212111121112111121211112112121121121211"),
    ),
    ("itf", "16901234567899", bars("11113113131131113113331131131111333131131113311333111113111133311133113311311")),
    ("data_matrix", "SKU-0412", rows("""
        10101010101010 10111010111111 10011011011000 11000001001001 10101100011000 10001111000001 10110010100100
        10010110101011 10110101000010 11001110111101 10001000101010 11001110101001 10010100100000 11111111111111""")),
    ("data_matrix", "]d201069012345678921726123110AB7", rows("""
        101010101010101010 110000011101000001 100010100100010100 101100110001000111 111011000100011100
        101001011011110001 101000111000010010 111101000001000111 110010110011010000 111011111100101001
        101101110001110010 111010110010000111 101001101100110010 101110100011100001 100111111101011000
        111100011101011011 101001110010010110 111111111111111111""")),
]  # fmt: skip


def ean13(digits: str) -> list[str]:
    """The bars of an EAN-13: the first digit is in how the next six are written."""
    mirrored = ["".join("10"[int(bit)] for bit in one) for one in EAN_LEFT]
    left = [
        EAN_LEFT[int(digit)] if how == "L" else mirrored[int(digit)][::-1]
        for digit, how in zip(digits[1:7], EAN_PARITY[int(digits[0])], strict=True)
    ]
    return [f"101{''.join(left)}01010{''.join(mirrored[int(digit)] for digit in digits[7:])}101"]


def qr(text: str) -> list[str]:
    """The modules of a QR code."""
    return ["".join(str(int(module)) for module in row) for row in segno.make(text, error="m").matrix]


def drawn(rows: list[str], turned: int = 0) -> Image.Image:
    """A label with the code on it, on a grey table."""
    width, height = len(rows[0]), len(rows)
    scale = 4 if height == 1 else 240 // height
    small = Image.frombytes("L", (width, height), bytes(0 if module == "1" else 255 for row in rows for module in row))
    code = small.resize((width * scale, 160 if height == 1 else height * scale), Image.Resampling.NEAREST)
    label = Image.new("L", (code.width + 20 * scale, code.height + 16 * scale), 255)
    label.paste(code, (10 * scale, 8 * scale))
    label = label.rotate(turned, expand=True, fillcolor=GREY)
    table = Image.new("L", SIZE, GREY)
    table.paste(label, ((SIZE[0] - label.width) // 2, (SIZE[1] - label.height) // 2))
    return table


def film(path: Path, scenes: list[tuple[list[str] | None, float]]) -> Path:
    """Scenes one after the other, for ever: a code or nothing, and for how many seconds."""
    with path.open("wb") as out:
        for rows, seconds in scenes:
            frame = io.BytesIO()
            picture = drawn(rows) if rows else Image.new("L", SIZE, GREY)
            picture.convert("RGB").save(frame, "JPEG", quality=80)
            out.write(frame.getvalue() * round(seconds * FRAMES_A_SECOND))
    return path


def as_camera(path: Path) -> list[str]:
    """The flags of a Chromium whose camera shows this film, and which lets every page look through it."""
    return ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={path}"]
