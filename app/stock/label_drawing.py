"""One label drawn in millimetres: a QR code, the bars of a Code 128, and text that is made smaller but never cut.

The server draws, so that the preview and the paper are the same vectors and no script has to measure anything. It cannot ask for
the width of a word: text is measured with the advance widths of Arial Bold, which Helvetica and Liberation Sans share, and
`labels.css` asks for these faces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

Symbol = Literal["qr", "bars", "both"]

QR_QUIET, BARS_QUIET = 4, 10  # modules that stay white around a code, by ISO/IEC 18004 and 15417
LEADING = 1.18  # from line to line, in sizes of the type
ASCENT = 0.92  # from the top of a line to its foot
GAP = 1.0
LARGEST_TEXT, SMALLER = 24.0, 7.0
CAPTION, LONGEST_WHOLE = 2.8, 20
FINEST_PRINT = 0.19  # mm a bar: what an office printer still prints and a phone still reads
ROOM_FOR_BREATH = 1.03  # a face that is no Arial is a little wider

# Arial Bold, in ems. What is not named here is as wide as a capital; a character of Chinese is one em.
WIDTHS = {
    **dict.fromkeys("iIjl.,:;'!|", 0.29), **dict.fromkeys(" \u00a0-()[]frt/\\", 0.37),
    **dict.fromkeys("0123456789aceksvxyz*", 0.57), **dict.fromkeys("bdghnopqu+=<>~^×·LFTZJ?_", 0.62),
    **dict.fromkeys("mwM%&—", 0.9), "W": 0.95, "@": 0.98,
}  # fmt: skip
CAPITAL, CHINESE = 0.78, 1.0
# What stays together: a Chinese character with the marks behind it, a Latin word up to its hyphen, spaces.
WORDS = re.compile(r"[\u2e80-\uffff][，。、：；！？）》」』】％]*| +|[^ \u2e80-\uffff]+?(?:[-/_](?=[^ ])|(?=[ \u2e80-\uffff])|$)")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a label says. `whole`: it stands in one line, such as a bin's code."""

    text: str
    strong: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label: `code` is what a scanner reads, `caption` the same for people where nothing else says it."""

    head: Line
    lines: tuple[Line, ...]
    code: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a label, from its upper left corner, in millimetres."""

    x: float
    y: float
    width: float
    height: float

    def below(self, y: float) -> Box:
        """What is left under this height."""
        return Box(self.x, self.y + y, self.width, self.height - y)

    def right_of(self, x: float) -> Box:
        """What is left beside this width."""
        return Box(self.x + x, self.y, self.width - x, self.height)


@dataclass(frozen=True, slots=True)
class Text:
    """A line as it is drawn: `x` and `y` are where its foot begins, or with `middle` the foot's middle."""

    x: float
    y: float
    size: float
    text: str
    strong: bool
    middle: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Black modules as one path, in modules; `x`, `y` is where it begins, `across` and `down` what one module measures."""

    x: float
    y: float
    across: float
    down: float
    path: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A label ready for its template. `has_bars` False although bars were asked for: they would be too fine to read."""

    codes: tuple[Code, ...]
    texts: tuple[Text, ...]
    has_bars: bool


def draw(label: Label, box: Box, symbol: Symbol, dot: float) -> Drawn:
    """The label in its box. `dot`: a dot of the printer in mm, so that every module is so many whole ones; 0: fine enough."""
    bars = _bars(label, box, dot) if symbol != "qr" else None
    if bars is None:
        caption = Line(label.caption, whole=len(label.caption) <= LONGEST_WHOLE)  # digits are compared as one
        said = replace(label, lines=(*label.lines, caption))
        return _with_qr(said, box, dot, has_bars=False)
    code, y = bars
    rest = Box(box.x, box.y, box.width, y - box.y - GAP)
    other = _with_qr(label, rest, dot, has_bars=True) if symbol == "both" else Drawn((), _head_and_lines(label, rest), True)
    captions = (_caption(label.caption, box),) if label.caption else ()
    return Drawn((code, *other.codes), (*other.texts, *captions), True)


def _with_qr(label: Label, box: Box, dot: float, *, has_bars: bool) -> Drawn:
    """A QR code and the text: below each other on a tall label, beside each other where bars left little height, else the head
    above both."""
    if box.height > box.width:
        head, used = fit([label.head], Box(box.x, box.y, box.width, box.height * 0.3))
        below = box.below(used)
        lines, used = fit(label.lines, Box(below.x, below.y, below.width, below.height * 0.4), largest=SMALLER)
        below = below.below(used + GAP)
        code, side = _qr(label.code, below, dot)
        return Drawn((replace(code, x=code.x + (below.width - side) / 2),), (*head, *lines), has_bars)
    if has_bars:
        code, side = _qr(label.code, Box(box.x, box.y, box.width * 0.45, box.height), dot)
        return Drawn((code,), _head_and_lines(label, box.right_of(side)), has_bars)
    head, used = fit([label.head], Box(box.x, box.y, box.width, box.height * 0.46))
    below = box.below(used + GAP / 2)
    code, side = _qr(label.code, Box(below.x, below.y, below.width * 0.55, below.height), dot)
    lines, _ = fit(label.lines, below.right_of(side).below(GAP), largest=SMALLER)
    return Drawn((code,), (*head, *lines), has_bars)


def _head_and_lines(label: Label, box: Box) -> tuple[Text, ...]:
    """The head large, the rest in what is left."""
    head, used = fit([label.head], Box(box.x, box.y, box.width, box.height * (0.62 if label.lines else 1.0)))
    return (*head, *fit(label.lines, box.below(used), largest=SMALLER)[0])


# -- codes ----------------------------------------------------------------------------------------------------------------


def _qr(code: str, box: Box, dot: float) -> tuple[Code, float]:
    """The code with its quiet zone as large as it goes into the box's left, and the side it came to."""
    rows = modules(code, "qr")
    n = len(rows) + 2 * QR_QUIET
    module = _whole_dots(min(box.width, box.height) / n, dot)
    quiet = QR_QUIET * module
    return Code(box.x + quiet, box.y + quiet, module, module, _path(rows)), n * module


def _bars(label: Label, box: Box, dot: float) -> tuple[Code, float] | None:
    """Bars along the foot of the box and where they begin, or None: this code is no Code 128, or too long to be read."""
    if not label.code.isascii() or not label.code.isprintable():
        return None
    rows = modules(label.code, "bars")
    n = len(rows[0]) + 2 * BARS_QUIET
    module = _whole_dots(min(box.width / n, 0.6), dot)
    if module < max(FINEST_PRINT, 2 * dot):
        return None
    height = min(max(box.height * 0.28, 6.5), 22.0)
    y = box.y + box.height - height - (CAPTION * LEADING if label.caption else 0)
    x = box.x + (box.width - n * module) / 2 + BARS_QUIET * module
    return Code(x, y, module, height, _path(rows)), y


def _whole_dots(module: float, dot: float) -> float:
    """A module of so many whole dots; one that is smaller than a dot stays as it is."""
    return module // dot * dot if dot and module >= dot else module


@lru_cache(maxsize=4096)
def modules(code: str, symbol: Literal["qr", "bars"]) -> tuple[tuple[bool, ...], ...]:
    """The modules of a code, without its quiet zone: rows of black or not. Bars have one row."""
    import zxingcpp  # the page that prints needs it, the start does not

    if symbol == "qr":
        made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    else:
        made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128)
    image: Any = made.to_image(scale=1, add_quiet_zones=False)  # its types do not say that it is a buffer
    rows: Any = memoryview(image).tolist()
    return tuple(tuple(not shade for shade in row) for row in (rows if symbol == "qr" else rows[:1]))


def _path(rows: Sequence[Sequence[bool]]) -> str:
    """One path of all black runs: drawn in one go, two rows that touch leave no hairline between them."""
    parts = []
    for y, row in enumerate(rows):
        x = 0
        for is_black, run in groupby(row):
            n = len(list(run))
            if is_black:
                parts.append(f"M{x} {y}h{n}v1h-{n}z")
            x += n
    return "".join(parts)


# -- text -----------------------------------------------------------------------------------------------------------------


def width_of(text: str) -> float:
    """How wide a text is, in sizes of its type: rather more than less."""
    return sum(CHINESE if char > "⺀" else WIDTHS.get(char, CAPITAL) for char in text) * ROOM_FOR_BREATH


def fit(lines: Sequence[Line], box: Box, *, largest: float = LARGEST_TEXT) -> tuple[tuple[Text, ...], float]:
    """The lines in the largest type in which all of them stand in the box, and how high they came to."""
    lines = [line for line in lines if line.text]
    if not lines:
        return (), 0.0
    small, large = 0.0, largest
    for _ in range(10):
        size = (small + large) / 2
        small, large = (size, large) if _height(lines, size, box.width) <= box.height else (small, size)
    size = _without_widow(lines, small, box.width)
    texts, y = [], box.y
    for line in lines:
        for said in _broken(line, size, box.width):
            texts.append(Text(box.x, y + size * ASCENT, size, said, line.strong))
            y += size * LEADING
    return tuple(texts), y - box.y


def _without_widow(lines: Sequence[Line], size: float, width: float) -> float:
    """A somewhat smaller size where that saves a row: one character alone in a row is no better for being larger."""
    rows = _rows(lines, size, width)
    smaller = [size * (1 - step / 50) for step in range(1, 12)] if rows > len(lines) else []
    return next((one for one in smaller if _rows(lines, one, width) < rows), size)


def _height(lines: Sequence[Line], size: float, width: float) -> float:
    """What lines come to in a size; more than any box has when one that stands whole is too wide."""
    if any(line.whole and width_of(line.text) * size > width for line in lines):
        return float("inf")
    return _rows(lines, size, width) * size * LEADING


def _rows(lines: Sequence[Line], size: float, width: float) -> int:
    return sum(len(_broken(line, size, width)) for line in lines)


def _broken(line: Line, size: float, width: float) -> list[str]:
    return [line.text] if line.whole else list(broken(line.text, width / size))


def broken(text: str, most: float) -> Iterator[str]:
    """A text in lines of at most so many ems: Chinese breaks anywhere, Latin between words, and a longer word where it must."""
    row = ""
    for word in WORDS.findall(text):
        if row and width_of(row + word.rstrip()) > most:
            yield row.rstrip()
            row = ""
        row = (row + word) if row else word.lstrip()
        while width_of(row.rstrip()) > most and len(row) > 1:
            at = next((n for n in range(len(row) - 1, 1, -1) if width_of(row[:n]) <= most), 1)
            yield row[:at]
            row = row[at:]
    if row.strip():
        yield row.rstrip()


def _caption(text: str, box: Box) -> Text:
    """The digits under the bars, small and in one line."""
    size = min(CAPTION, box.width / width_of(text))
    return Text(box.x + box.width / 2, box.y + box.height - size * (LEADING - ASCENT), size, text, False, middle=True)
