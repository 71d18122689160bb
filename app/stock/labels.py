"""Labels of bins and products and badges of people: which ones, on which sheets, and whether a scanner reads them back.

A bin's label says `BIN:<code>`, a product's its barcode or SKU, a badge `PERSON:<id>`. A badge only tells who somebody is:
nothing in Offstage takes it for a password, and it signs nobody in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lib.errors import Refused
from app.lib.ids import Id
from app.lib.quantities import format_quantity
from app.lib.words import LANGUAGES, pick
from app.people.models import Person, Role, select_people, select_roles, select_spans
from app.stock.codes import read_code
from app.stock.finding import BIN_SORTS, PRODUCT_SORTS, Page, Wanted, select_bins, select_products
from app.stock.label_drawing import Drawn, Label, Line, Symbol, draw
from app.stock.label_sheets import SHEETS, Sheet
from app.stock.models import Barcode, Bin, Product, barcodes_of, text_key
from app.stock.settings import StockSettings, stock_settings

T = TypeVar("T")

BINS, PRODUCTS, PEOPLE = KINDS = ("bins", "products", "people")
SYMBOLS: tuple[Symbol, ...] = ("qr", "bars", "both")
FIRST, EVERY, SKU = MARKED = ("first", "every", "sku")
BOTH = "both"
KEPT_BETWEEN_KINDS = ("kind", "sheet", "symbol", "names", "start", "copies")
MOST_LABELS = 1000
MOST_COPIES = 50
MOST_TYPED = 6000
BETWEEN = re.compile(r"[\r\n,;，；、]+")


@dataclass(frozen=True)
class Wish:
    """What somebody wants printed. Of what was chosen from a list, what is unknown counts as not chosen: an old address opens."""

    kind: str = BINS
    which: Wanted = field(default_factory=Wanted)
    on_page: bool = False
    codes: str = ""
    sheet: Sheet = SHEETS["a4_24"]
    symbol: Symbol = "qr"
    names: str = BOTH
    marked: str = FIRST
    start: str = "1"
    copies: str = "1"

    @classmethod
    def read(cls, args: Any) -> Wish:
        """From the query of an address."""
        kind = _one_of(KINDS, args.get("kind"))
        if args.get("of", kind) != kind:  # another kind was just chosen: what was looked for among the last one is over
            args = {name: said for name, said in args.items() if name in KEPT_BETWEEN_KINDS}
        return cls(
            kind=kind,
            which=Wanted.read(args, PRODUCT_SORTS if kind == PRODUCTS else BIN_SORTS),
            on_page="page" in args,
            codes=args.get("codes", "")[:MOST_TYPED],
            sheet=SHEETS[_one_of(tuple(SHEETS), args.get("sheet"))],
            # A person's id is too long for bars that fit a badge.
            symbol="qr" if kind == PEOPLE else _one_of(SYMBOLS, args.get("symbol")),
            names=_one_of((BOTH, *LANGUAGES), args.get("names")),
            marked=_one_of(MARKED, args.get("marked")),
            start=args.get("start", "1").strip(),
            copies=args.get("copies", "1").strip(),
        )

    @property
    def typed_codes(self) -> list[str]:
        """Codes that were typed or scanned one by one, each once, in their order."""
        said = (" ".join(code.split()) for code in BETWEEN.split(self.codes))
        return list(dict.fromkeys(code for code in said if code))

    def query(self) -> str:
        """The wish as the query of an address."""
        said = {"kind": self.kind, "sheet": self.sheet.id, "symbol": self.symbol, "names": self.names, "marked": self.marked}
        said |= {"start": self.start, "copies": self.copies}
        if self.codes:
            said["codes"] = self.codes
        if self.on_page:
            said["page"] = str(self.which.page)
        which = self.which.query()
        return urlencode(said) + (f"&{which}" if which else "")


def _one_of(known: Sequence[Any], said: str | None) -> Any:
    return said if said in known else known[0]


@dataclass(frozen=True)
class Slot:
    """A place on a page: a label, or None where one was peeled off before."""

    x: float
    y: float
    drawn: Drawn | None


@dataclass(frozen=True)
class Laid:
    """The labels of a wish, in their order, before they are drawn: a thousand are counted as quickly as ten."""

    wish: Wish
    labels: list[Label]
    start: int
    total: int

    @property
    def sheet(self) -> Sheet:
        """What they are printed on."""
        return self.wish.sheet

    @property
    def pages(self) -> int:
        """How many pages they take."""
        return -(-(len(self.labels) + self.start - 1) // self.sheet.n) if self.labels else 0

    @property
    def is_too_many(self) -> bool:
        """More than a browser prints without losing its breath."""
        return self.total > MOST_LABELS

    def drawn(self, pages: int | None = None) -> list[list[Slot]]:
        """The first pages, or all of them; the first one begins where the sheet still has labels."""
        sheet = self.sheet
        told: list[Label | None] = [*repeat(None, self.start - 1), *self.labels]
        told = told[: sheet.n * pages] if pages is not None else told
        made = [draw(one, sheet.box, self.wish.symbol, sheet.dot) if one else None for one in told]
        slots = [Slot(*sheet.place(at % sheet.n), one) for at, one in enumerate(made)]
        return [slots[at : at + sheet.n] for at in range(0, len(slots), sheet.n)]


def lay_out(session: Session, site_id: Id, wish: Wish) -> Laid:
    """The labels of a wish, or Refused with what is wrong at which field."""
    wrong: dict[str, list[str]] = {}
    facts: dict[str, Any] = {"labels": wish.sheet.n, "most": MOST_COPIES}
    start = 1 if wish.sheet.is_roll else _whole(wish.start, wish.sheet.n)
    copies = _whole(wish.copies, MOST_COPIES)
    if start is None:
        wrong["start"] = ["label_start"]
    if copies is None:
        wrong["copies"] = ["label_copies"]
    found = {BINS: _bins, PRODUCTS: _products, PEOPLE: _people}[wish.kind](session, site_id, wish)
    if found.unknown:
        wrong["codes"] = ["label_codes"]
        facts["codes"] = ", ".join(found.unknown[:10])
    if wrong or start is None or copies is None:
        raise Refused("label_wrong", status=422, fields=wrong, **facts)
    labels = [one for one in found.labels for _ in range(copies)]
    return Laid(wish, labels, start, len(labels) + found.more * copies)


def _whole(typed: str, most: int) -> int | None:
    """A whole number from 1, or None."""
    n = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else 0
    return n if 1 <= n <= most else None


# -- which things, and what their labels say ------------------------------------------------------------------------------


class Found(NamedTuple):
    """Labels; codes that name nothing; and how many things more there are than are printed at once."""

    labels: list[Label]
    unknown: list[str]
    more: int


def _bins(session: Session, site_id: Id, wish: Wish) -> Found:
    """Bins by their codes, or as the list of bins shows them."""
    settings, unknown, more = stock_settings(session), [], 0
    typed = {text_key(read_code(code).bin or code): code for code in wish.typed_codes}
    if typed:
        query = select(Bin).where(Bin.site_id == site_id, Bin.code_key.in_(list(typed)))
        by_key = {one.code_key: one for one in session.scalars(query)}
        found = [by_key[key] for key in typed if key in by_key]
        unknown = [code for key, code in typed.items() if key not in by_key]
    else:
        found, more = _listed(wish, partial(select_bins, session, site_id))
    return Found([_bin_label(one, settings, wish.names) for one in found], unknown, more)


def _listed(wish: Wish, select_these: Callable[..., tuple[list[T], Page]]) -> tuple[list[T], int]:
    """As a list narrows and sorts them: those on the page it stood at, or all; and how many are left out for being too many."""
    if wish.on_page:
        return select_these(wish.which)[0], 0
    rows, page = select_these(wish.which, most=MOST_LABELS)
    return rows, page.total - len(rows)


def _bin_label(one: Bin, settings: StockSettings, names: str) -> Label:
    area = _names(settings.areas.get(one.area), names) or [one.area]
    lines = [Line(f"{one.area} {area[0]}", strong=True), *map(Line, area[1:]), Line(one.note or "")]
    return Label(Line(one.code, strong=True, whole=True), tuple(lines), f"BIN:{one.code}")


def _products(session: Session, site_id: Id, wish: Wish) -> Found:
    """Products by SKU or by any of their codes, or as the catalogue shows them."""
    typed = wish.typed_codes
    if typed:
        return _products_named(session, typed, wish)
    found, more = _listed(wish, partial(select_products, session))
    codes = barcodes_of(session, [one.id for one in found])
    return Found([label for one in found for label in _product_labels(one, codes[one.id], wish)], [], more)


def _products_named(session: Session, typed: list[str], wish: Wish) -> Found:
    """A SKU stands for its product; a code that was scanned is printed as it was scanned, a carton's as a carton's."""
    skus, keys = [text_key(code) for code in typed], [read_code(code).key for code in typed]
    by_sku = {one.sku_key: one for one in session.scalars(select(Product).where(Product.sku_key.in_(skus)))}
    scanned = select(Barcode, Product).join(Product, Product.id == Barcode.product_id).where(Barcode.key.in_(keys))
    by_key = {code.key: (one, code) for code, one in session.execute(scanned)}
    codes = barcodes_of(session, [one.id for one in by_sku.values()])
    labels: list[Label] = []
    unknown = []
    for code, sku, key in zip(typed, skus, keys, strict=True):
        if sku in by_sku:
            labels += _product_labels(by_sku[sku], codes[by_sku[sku].id], wish)
        elif key in by_key:
            labels.append(_product_label(*by_key[key], wish.names))
        else:
            unknown.append(code)
    return Found(labels, unknown, 0)


def _product_labels(one: Product, codes: list[Barcode], wish: Wish) -> list[Label]:
    """One label of its first code, one of each, or one of its SKU: which is also what it has without any code."""
    marks = {FIRST: codes[:1], EVERY: codes, SKU: []}[wish.marked]
    return [_product_label(one, code, wish.names) for code in marks] or [_product_label(one, None, wish.names)]


def _product_label(one: Product, code: Barcode | None, names: str) -> Label:
    """A carton says how many are in it where it is seen first (STK-11)."""
    said = _names(one, names)
    pack = f" ×\u00a0{format_quantity(code.pack)}" if code and code.pack != 1 else ""
    lines = [*map(Line, said[1:]), Line(one.sku if code else "", strong=True)]
    shown = code.code if code else one.sku
    return Label(Line(said[0] + pack, strong=True), tuple(lines), shown, shown)


def _people(session: Session, site_id: Id, wish: Wish) -> Found:
    """People who work here, by name, narrowed to a role."""
    people = [one for one in select_people(session, site_id) if one.is_active and wish.which.q.casefold() in one.name.casefold()]
    spans = select_spans(session, [one.id for one in people], open_only=True)
    roles = {role.code: role for role in select_roles(session)}
    held = {one.id: [roles[span.role] for span in spans.get(one.id, []) if span.role in roles] for one in people}
    if wish.which.narrow:
        people = [one for one in people if wish.which.narrow in {role.code for role in held[one.id]}]
    return Found([_badge(one, held[one.id], wish.names) for one in sorted(people, key=lambda one: one.name)], [], 0)


def _badge(one: Person, roles: Iterable[Role], names: str) -> Label:
    """Capitals: a QR code of capitals and digits alone has larger modules."""
    lines = [Line(said, strong=not at) for role in roles for at, said in enumerate(_names(role, names))]
    return Label(Line(one.name, strong=True), tuple(lines), f"PERSON:{one.id}".upper())


def _names(named: Any, names: str) -> list[str]:
    """The name in the chosen language, or in both where they differ."""
    if named is None:
        return []
    return list(dict.fromkeys(pick(named, lang=lang) for lang in (LANGUAGES if names == BOTH else (names,))))
