"""Labels and badges: what stands on them, that a scanner reads back what was printed, and who may print which."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from sqlalchemy import insert

from app.lib.db import db, writer
from app.lib.ids import new_id
from app.stock.codes import read_code
from app.stock.label_drawing import BARS_QUIET, Box, Code, Drawn, Label, Line, Symbol, broken, draw, modules, width_of
from app.stock.label_sheets import SHEETS, Sheet
from app.stock.labels import SYMBOLS, Wish, lay_out
from app.stock.models import Bin
from tests.checklists.test_pages import questions
from tests.stock.conftest import MUG_CARTON, MUG_EAN, SERUM_EAN, Warehouse
from tests.stock.test_pages import READERS

As = Callable[[str], FlaskClient]
PX_A_MM = 16  # two pixels to a dot of a thermal printer
LONG = "限量联名珍珠母贝高浓度烟酰胺透明质酸钠深层修护抗皱紧致保湿精华液礼盒装（含旅行装、化妆棉、手提袋），" * 4


def inks(code: Code) -> list[tuple[float, float, float, float]]:
    """The black rectangles of a code's path, in millimetres."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path)
    assert "".join(f"M{x} {y}h{n}v1h-{back}z" for x, y, n, back in runs) == code.path
    spans = [(int(x), int(y), int(x) + int(n), int(y) + 1) for x, y, n, _ in runs]
    return [
        (code.x + left * code.across, code.y + top * code.down, code.x + right * code.across, code.y + foot * code.down)
        for left, top, right, foot in spans
    ]


def scanned(drawn: Drawn, sheet: Sheet) -> list[str]:
    """What a scanner reads from a label, printed with all that stands on it in black."""
    picture = Image.new("L", (round(sheet.label[0] * PX_A_MM), round(sheet.label[1] * PX_A_MM)), 255)
    pen = ImageDraw.Draw(picture)
    for code in drawn.codes:
        for left, top, right, foot in inks(code):
            pen.rectangle((round(left * PX_A_MM), round(top * PX_A_MM), round(right * PX_A_MM) - 1, round(foot * PX_A_MM) - 1), 0)
    for text in drawn.texts:  # a block as large as the line: nothing may come closer to a code than its letters do
        width = width_of(text.text) * text.size
        left = text.x - width / 2 if text.middle else text.x
        box = (left, text.y - text.size * 0.75, left + width, text.y)
        pen.rectangle(tuple(round(side * PX_A_MM) for side in box), 0)
    return sorted(found.text for found in zxingcpp.read_barcodes(picture))


def laid(warehouse: Warehouse, **asked: str) -> list[Label]:
    """The labels of an address."""
    return lay_out(db.session(), warehouse.cast.site_id, Wish.read(asked)).labels


# -- what stands on them, and that it is read ------------------------------------------------------------------------------


def test_every_label_is_read_back_as_what_it_is_of(warehouse: Warehouse) -> None:
    """GEN-11, STK-11: a bin's code, a product's first barcode or its SKU, each carton its own; drawn, scanned, read."""
    warehouse.product("SKU-0412", "没有条码", "No code", "HOM")
    warehouse.bin("甲-01")
    finds = [
        ({"kind": "bins"}, {("bin", "A-01-1-01"), ("bin", "A-01-1-02"), ("bin", "甲-01")}),
        ({"kind": "products"}, {("gtin", f"0{MUG_EAN}"), ("gtin", f"0{SERUM_EAN}"), ("plain", "SKU-0412")}),
        ({"kind": "products", "marked": "every", "q": "mug"}, {("gtin", f"0{MUG_EAN}"), ("gtin", MUG_CARTON)}),
        ({"kind": "products", "marked": "sku", "q": "mug"}, {("plain", "HOM-0001")}),
        ({"kind": "people", "q": "张秀兰"}, {("person", f"PERSON:{warehouse.cast.warehouse_keeper}".upper())}),
    ]  # fmt: skip
    for asked, wanted in finds:
        labels = laid(warehouse, **asked)
        assert {(read_code(one.code).kind, read_code(one.code).key) for one in labels} == wanted, asked
        for one in labels:
            for sheet in SHEETS.values():
                assert scanned(draw(one, sheet.box, "qr", sheet.dot), sheet) == [one.code], (one.code, sheet.id)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_bars_and_squares_are_scanned_from_every_sheet(sheet: Sheet, symbol: Symbol) -> None:
    """Also digits that begin with 99, both cases, and marks; nothing is drawn outside of what can be printed on."""
    for code in (MUG_EAN, MUG_CARTON, "9912345", "99AB-7", "a0-B_9", "BIN:A-03-2-05"):
        label = Label(Line("马克杯", strong=True), (Line("Mug"), Line("HOM-0001", strong=True)), code, code)
        drawn = draw(label, sheet.box, symbol, sheet.dot)
        assert drawn.has_bars == (symbol != "qr"), code
        assert scanned(drawn, sheet) == [code] * (2 if symbol == "both" else 1), code
        check_inside(drawn, sheet.box)


def check_inside(drawn: Drawn, box: Box) -> None:
    """Ink and letters stay in the box; bars keep their quiet zones in it."""
    spare = 1e-6
    for code in drawn.codes:
        ink = inks(code)
        quiet = BARS_QUIET * code.across if code.down != code.across else 4 * code.across
        assert (
            min(one[0] for one in ink) >= box.x + quiet - spare
            and max(one[2] for one in ink) <= box.x + box.width - quiet + spare
        )
        assert min(one[1] for one in ink) >= box.y - spare and max(one[3] for one in ink) <= box.y + box.height + spare
    for text in drawn.texts:
        width = width_of(text.text) * text.size
        left = text.x - width / 2 if text.middle else text.x
        assert left >= box.x - spare and left + width <= box.x + box.width + spare, text
        assert text.y - text.size * 0.92 >= box.y - spare and text.y + text.size * 0.26 <= box.y + box.height + spare, text


def test_a_thermal_printer_gets_whole_dots() -> None:
    """203 dpi cannot print 2.3 dots: bars between two dots are what scanners stumble over."""
    for sheet in SHEETS.values():
        drawn = draw(Label(Line("A"), (), MUG_EAN), sheet.box, "both", sheet.dot)
        assert all(not sheet.dot or (code.across / sheet.dot).is_integer() for code in drawn.codes), sheet.id


def test_a_bin_is_read_from_afar() -> None:
    """The code is set at 36 px or more, also beside bars; on the small sheet as large as there is room."""
    label = Label(
        Line("A-01-1-01", strong=True, whole=True), (Line("A 快动销", strong=True), Line("Fast movers")), "BIN:A-01-1-01"
    )
    for sheet in SHEETS.values():
        head = draw(label, sheet.box, "qr", sheet.dot).texts[0]
        assert head.text == "A-01-1-01" and head.strong
        assert head.size * 96 / 25.4 >= (28 if sheet.id == "a4_40" else 36), sheet.id


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_nothing_is_cut(sheet: Sheet, symbol: Symbol) -> None:
    """A name of 200 characters in both languages is made smaller, and all of it stands there."""
    names = (LONG[:200], ("Pearl essence, " * 20)[:199] + "x")
    label = Label(Line(names[0], strong=True), (Line(names[1]), Line("X" * 40, strong=True)), MUG_EAN, MUG_EAN)
    drawn = draw(label, sheet.box, symbol, sheet.dot)
    said = "".join(text.text for text in drawn.texts).replace(" ", "")
    for whole in (*names, "X" * 40, MUG_EAN):
        assert whole.replace(" ", "") in said
    check_inside(drawn, sheet.box)


def test_lines_break_where_people_break_them() -> None:
    """Chinese anywhere but before a mark, Latin between words, a code at its hyphens, a pack never."""
    assert list(broken("轻薄防晒，清爽", 4.5)) == ["轻薄防", "晒，清爽"]
    assert list(broken("Whitedew storage box", 10)) == ["Whitedew storage", "box"]
    assert list(broken("马克杯 ×\u00a024", 4.5)) == ["马克杯", "×\u00a024"]
    assert "".join(broken("Donaudampfschifffahrt", 5)) == "Donaudampfschifffahrt"
    carton = Label(Line("马克杯"), (Line("A very long name of a mug"),), MUG_CARTON, MUG_CARTON)
    assert all(MUG_CARTON in [text.text for text in draw(carton, one.box, "qr", 0).texts] for one in SHEETS.values())


def test_a_code_too_long_for_bars_becomes_a_square(warehouse: Warehouse, as_: As) -> None:
    """Bars finer than a scanner reads are not printed; the page says how many labels carry a QR code instead."""
    warehouse.product("LONG-" + "X" * 35, "长货号", "Long SKU", "HOM")
    [label] = laid(warehouse, kind="products", codes="LONG-" + "X" * 35)
    for sheet in (SHEETS["a4_40"], SHEETS["roll_60"]):
        drawn = draw(label, sheet.box, "bars", sheet.dot)
        assert not drawn.has_bars and scanned(drawn, sheet) == [label.code]
    page = as_("buyer").get(f"/stock/labels?kind=products&symbol=bars&sheet=a4_40&codes={label.code}").text
    assert "1 张的码太长" in page
    assert "张的码太长" not in as_("buyer").get("/stock/labels?kind=products&symbol=bars&sheet=a4_40&codes=HOM-0001").text
    assert modules("HOM-0001", "bars") != modules("HOM-0002", "bars")


# -- which ones ------------------------------------------------------------------------------------------------------------


def test_bins_and_products_are_chosen(warehouse: Warehouse) -> None:
    """By search, area or category as in their lists; by codes as typed or scanned, each once, in that order."""
    warehouse.bin("B-01-1-01", area="B")

    def heads(**asked: str) -> list[str]:
        return [one.head.text for one in laid(warehouse, **asked)]

    assert heads(kind="bins", narrow="B") == ["B-01-1-01"]
    assert heads(kind="bins", q="1-02") == ["A-01-1-02"]
    assert heads(kind="bins", sort="-code")[0] == "B-01-1-01"
    assert heads(kind="bins", codes="bin:a-01-1-02\r\nB-01-1-01, A-01-1-02") == ["A-01-1-02", "B-01-1-01"]
    assert heads(kind="products", narrow="COS") == ["精华液"]
    assert heads(kind="products", codes=f"HOM-0001\n{MUG_CARTON}\n0{SERUM_EAN}") == ["马克杯", "马克杯 ×\u00a024", "精华液"]
    assert heads(kind="products", codes="HOM-0001", marked="every") == ["马克杯", "马克杯 ×\u00a024"]
    assert heads(kind="products", codes="HOM-0001", copies="3") == ["马克杯"] * 3
    assert heads(kind="products", codes="HOM-0001", names="en") == ["Mug"]
    [both] = laid(warehouse, kind="products", codes="HOM-0001")
    assert [line.text for line in both.lines] == ["Mug", "HOM-0001"] and both.caption == MUG_EAN


def test_only_those_on_the_page_of_the_list(warehouse: Warehouse, as_: As) -> None:
    """The link of a list carries what it is narrowed to, its order and its page."""
    fill_bins(warehouse, 150)
    page = as_("buyer").get("/stock/bins?q=Z-&sort=-code&page=2").text
    [link] = {found.replace("&amp;", "&") for found in re.findall(r'href="(/stock/labels\?[^"]+)"', page)}
    asked = {name: said[0] for name, said in parse_qs(urlsplit(link).query).items()}
    labels = laid(warehouse, **asked)
    assert len(labels) == 50 and labels[0].head.text == "Z-049"
    assert "只印列表第 2 页的" in as_("buyer").get(link).text
    assert len(laid(warehouse, **{name: said for name, said in asked.items() if name != "page"})) == 150


def test_a_half_used_sheet_and_copies(warehouse: Warehouse) -> None:
    """Places that were peeled off stay empty on the first page alone; labels go on along the rows."""
    wish = Wish.read({"kind": "bins", "start": "23", "copies": "2", "sheet": "a4_24"})
    found = lay_out(db.session(), warehouse.cast.site_id, wish)
    first, second = found.drawn()
    assert found.pages == 2 and [slot.drawn is None for slot in first] == [True] * 22 + [False] * 2
    assert (first[22].x, first[22].y) == (70.0, 259.5) and (second[0].x, second[0].y) == (0.0, 0.5)
    assert [slot.drawn.texts[0].text for slot in [*first[22:], *second] if slot.drawn] == ["A-01-1-01"] * 2 + ["A-01-1-02"] * 2
    roll = lay_out(db.session(), warehouse.cast.site_id, Wish.read({"kind": "bins", "start": "23", "sheet": "roll_60"}))
    assert roll.pages == 2 and all(slot.drawn for page in roll.drawn() for slot in page)


def test_sheets_fit_their_paper() -> None:
    """Every label of every sheet lies on the page and covers none of its neighbours."""
    for sheet in SHEETS.values():
        places = [sheet.place(at) for at in range(sheet.n)]
        assert all(x >= 0 and y >= 0 for x, y in places), sheet.id
        assert max(x for x, _ in places) + sheet.label[0] <= sheet.page[0] + 0.01, sheet.id
        assert max(y for _, y in places) + sheet.label[1] <= sheet.page[1] + 0.01, sheet.id
        for (x, _), (next_x, _) in pairwise(places[: sheet.across]):
            assert next_x - x >= sheet.label[0], sheet.id


# -- the pages -------------------------------------------------------------------------------------------------------------


def test_role_matrix(warehouse: Warehouse, as_: As, client: FlaskClient) -> None:
    """Whoever reads the office's stock prints labels; badges only who plans counts; the set crew gets 403."""
    for page in ("/stock/labels", "/stock/labels/print", "/stock/labels?kind=products"):
        assert client.get(page).status_code == 303, page
        for login in READERS:
            assert as_(login).get(page).status_code == 200, (login, page)
        for login in ("stagehand", "camera", "hr", "admin"):
            assert as_(login).get(page).status_code == 403, (login, page)
    for page in ("/stock/labels?kind=people", "/stock/labels/print?kind=people"):
        for login in ("logistics_manager", "shift_lead"):
            assert as_(login).get(page).status_code == 200, (login, page)
        for login in ("warehouse_keeper", "buyer", "supervisor", "admin", "stagehand"):
            assert as_(login).get(page).status_code == 403, (login, page)
    assert 'value="people"' in as_("shift_lead").get("/stock/labels").text
    assert 'value="people"' not in as_("warehouse_keeper").get("/stock/labels").text


def test_a_badge_identifies_and_never_signs_in(warehouse: Warehouse, as_: As, client: FlaskClient) -> None:
    """It carries name, role and id; the page says what it is not, and its code opens nothing."""
    page = as_("shift_lead").get("/stock/labels?kind=people&narrow=warehouse_keeper&q=张秀").text
    assert "张秀兰" in page and "仓管员" in page and "不能用来登录" in page and "马国强" not in page
    code = f"PERSON:{warehouse.cast.warehouse_keeper}".upper()
    for login in ("warehouse_keeper", code, str(warehouse.cast.warehouse_keeper)):
        for word in (code, str(warehouse.cast.warehouse_keeper)):
            client.post("/signin", data={"login": login, "password": word})
    assert client.get("/stock/labels").status_code == 303


@pytest.mark.parametrize(
    ("asked", "field", "zh", "en"),
    [
        ("start=25", "start", "这种纸有 24 格", "24 labels"),
        ("start=0", "start", "这种纸有 24 格", "24 labels"),
        ("start=x&sheet=a4_40", "start", "这种纸有 40 格", "40 labels"),
        ("copies=51", "copies", "填 1 到 50 的整数", "from 1 to 50"),
        ("copies=", "copies", "填 1 到 50 的整数", "from 1 to 50"),
        ("codes=A-01-1-01,NOPE-1", "codes", "找不到这些：NOPE-1", "these codes: NOPE-1"),
        ("kind=products&codes=NOPE-2", "codes", "找不到这些：NOPE-2", "these codes: NOPE-2"),
    ],
)
def test_what_is_wrong_stands_at_its_field(warehouse: Warehouse, as_: As, asked: str, field: str, zh: str, en: str) -> None:
    """In both languages, on the form and instead of the print; what was typed stays, and nothing half right is shown."""
    browser = as_("buyer")
    for path in ("/stock/labels", "/stock/labels/print"):
        for lang, sentence in (("zh", zh), ("en", en)):
            browser.set_cookie("offstage-lang", lang)
            answer = browser.get(f"{path}?{asked}")
            assert answer.status_code == 422
            error = answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
            assert sentence in error, error
            assert "label-page" not in answer.text and "⟦" not in answer.text
            typed = parse_qs(asked).get(field, [""])[0]
            assert f'value="{typed}"' in answer.text or f">{typed}</textarea>" in answer.text


def test_another_kind_begins_anew(warehouse: Warehouse) -> None:
    """What was looked for among bins finds no people; sheet, copies and place stay."""
    asked = {"q": "A-01", "narrow": "A", "codes": "A-01-1-01", "page": "2", "sort": "-code", "sheet": "roll_60", "copies": "2"}
    wish = Wish.read({**asked, "kind": "products", "of": "bins"})
    assert (wish.which.q, wish.which.narrow, wish.codes, wish.on_page) == ("", "", "", False)
    assert (wish.sheet.id, wish.copies, wish.symbol) == ("roll_60", "2", "qr")
    assert Wish.read({**asked, "kind": "bins", "of": "bins"}).codes == "A-01-1-01"


def test_what_an_address_says_is_never_taken_on_trust(warehouse: Warehouse, as_: As) -> None:
    """Unknown choices count as not made; markup stays text."""
    page = as_("buyer").get("/stock/labels?kind=x&sheet=y&symbol=z&names=q&marked=w&narrow=<b>&page=-1&sort=;").text
    assert "没有符合的" in page and "<b>" not in page
    answer = as_("buyer").get("/stock/labels", query_string={"codes": "<script>alert(1)</script>"})
    assert answer.status_code == 422 and "<script>alert" not in answer.text


def test_five_hundred_labels_are_one_page_and_too_many_are_refused(warehouse: Warehouse, as_: As) -> None:
    """The form draws what is looked at, the print all; beyond a thousand it asks for less."""
    fill_bins(warehouse, 498)
    browser = as_("buyer")
    start = time.perf_counter()
    page = browser.get("/stock/labels/print?kind=bins&symbol=both")
    assert time.perf_counter() - start < 5  # half a second on an idle machine
    assert page.text.count('<svg class="label-page"') == 21 and page.text.count('class="label-edge"') == 500
    shown = browser.get("/stock/labels?kind=bins&symbol=both").text
    assert shown.count('<svg class="label-page"') == 2 and "还有 19 页" in shown and "/stock/labels/print?" in shown
    many = browser.get("/stock/labels?kind=bins&copies=3")
    assert many.status_code == 200 and "一次最多印 1000 张" in many.text and "/stock/labels/print?" not in many.text
    refused = browser.get("/stock/labels/print?kind=bins&copies=3")
    assert refused.status_code == 422 and "1500" in refused.text


def test_a_page_asks_a_constant_number_of_questions(warehouse: Warehouse, as_: As) -> None:
    """However many labels there are."""
    browser = as_("shift_lead")
    paths = ("/stock/labels?kind=bins", "/stock/labels?kind=products", "/stock/labels?kind=people")
    before = [questions(browser, path) for path in paths]
    fill_bins(warehouse, 300)
    for n in range(20):
        warehouse.product(f"P-{n}", f"品{n}", f"p{n}", "HOM")
    assert [questions(browser, path) for path in paths] == before


def test_a_thing_leads_to_its_label(warehouse: Warehouse, as_: As) -> None:
    """From a product's and a bin's own page."""
    browser = as_("buyer")
    for page, head in ((f"/stock/products/{warehouse.mug}", "马克杯"), (f"/stock/bins/{warehouse.one}", "A-01-1-01")):
        [link] = re.findall(r'href="(/stock/labels\?[^"]+codes=[^"]+)"', browser.get(page).text)
        found = browser.get(link.replace("&amp;", "&")).text
        assert "1 张标签" in found and head in found


def fill_bins(warehouse: Warehouse, n: int) -> None:
    """Many more bins, as an import makes them."""
    row: dict[str, Any] = {
        "site_id": warehouse.cast.site_id, "area": "B", "status": "active", "made_by": warehouse.cast.buyer, "made_at": 0,
    }  # fmt: skip
    with writer().session() as session:
        codes = [f"Z-{at:03}" for at in range(n)]
        session.execute(insert(Bin), [{**row, "id": new_id(), "code": code, "code_key": code} for code in codes])
