"""The decoder's worker: a picture comes in, the code in its middle goes out (GEN-11)."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from app.stock.codes import read_code
from tests.browser.drawn_codes import SYMBOLS, drawn, ean13, qr
from tests.js.device import Device

EAN, BIN = "6901234567892", "BIN:A-03-2-05"
DECODE = """async ([before, pictures]) => {
  const blob = (code) => URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const decoder = new URL("/static/test/js/stock/decoder.js", location.href);
  const worker = new Worker(blob(`import "${blob(before)}"; import "${decoder}";`), {type: "module"});
  const found = [];
  for (const src of pictures) {
    const image = Object.assign(new Image(), {src});
    await image.decode();
    const said = new Promise((go, fail) => {
      worker.onmessage = ({data}) => go(data);
      worker.onerror = () => fail(new Error("worker"));
    });
    worker.postMessage(await createImageBitmap(image));
    found.push(await said);
  }
  worker.terminate();
  return found;
}"""


def decode(page: Page, pictures: list[Image.Image], before: str = "") -> list[Any]:
    """What the real worker says to pictures; `before` is run in it first."""
    sources = []
    for picture in pictures:
        out = io.BytesIO()
        picture.save(out, "PNG")
        sources.append(f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}")
    found: list[Any] = page.evaluate(DECODE, [before, sources])
    return found


# A browser with a detector of its own.
OWN = """self.BarcodeDetector = class {
  static async getSupportedFormats() { return FORMATS; }
  async detect() { DETECT; }
};"""
ALL = '["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code", "data_matrix", "aztec"]'
FINDS = 'return [{rawValue: "OWN", format: "qr_code", cornerPoints: [{x: 1, y: 1}]}]'
FAILS = 'throw new DOMException("no service", "NotSupportedError")'


def test_every_kind_of_code_is_read(device: Device) -> None:
    """GEN-11, T21: nine symbologies, turned or straight, a separator where a GS1 code has one; nothing where there is nothing."""
    page = device.page
    wanted = [*SYMBOLS, ("ean_13", EAN, ean13(EAN)), ("qr_code", BIN, qr(BIN))]
    found = decode(page, [drawn(rows) for _, _, rows in wanted])
    for (symbology, raw, _), said in zip(wanted, found, strict=True):
        code = said["code"]
        # A UPC-A is an EAN-13 that begins with a zero.
        assert code and code["format"] == {"upc_a": "ean_13"}.get(symbology, symbology), (symbology, raw, said)
        assert read_code(code["raw"]).key == read_code(raw).key, (symbology, raw, said)
    gs1 = {said["code"]["format"]: read_code(said["code"]["raw"]) for said in found if "010690" in said["code"]["raw"]}
    assert {(name, code.kind, code.lot) for name, code in gs1.items()} == {
        ("code_128", "gs1", "AB7"),
        ("data_matrix", "gs1", "AB7"),
    }
    turned = decode(page, [drawn(ean13(EAN), 90), drawn(qr(BIN), 30), Image.new("L", (400, 300), 128)])
    assert [said["code"] and said["code"]["raw"] for said in turned] == [EAN, BIN, None]


def test_of_several_codes_the_one_in_the_middle_is_meant(device: Device) -> None:
    """F1: on a carton stand many codes; one aims at one of them."""
    page = device.page
    table = drawn(ean13(EAN))
    other = drawn(qr(BIN)).crop((480, 200, 800, 520)).resize((200, 200))
    table.paste(other, (40, 40))
    assert [said["code"]["raw"] for said in decode(page, [table])] == [EAN]


def test_the_browsers_own_detector_is_taken_when_it_knows_all(device: Device) -> None:
    """F7, GEN-11: one that lacks a format, as without Google's services, or that cannot what it promised, is passed over."""
    said = [
        decode(device.page, [drawn(qr(BIN))], OWN.replace("FORMATS", formats).replace("DETECT", detect))[0]["code"]
        for formats, detect in [(ALL, FINDS), ('["qr_code"]', FINDS), ("[]", FINDS), (ALL, FAILS)]
    ]
    assert [code["raw"] for code in said] == ["OWN", BIN, BIN, BIN]


def test_a_decoder_that_cannot_be_loaded_says_so(device: Device) -> None:
    """F34: it is not on the device yet, and there is no network."""
    device.page.route("**/*.wasm", lambda route: route.abort())
    assert list(decode(device.page, [drawn(qr(BIN))])[0]) == ["error"]
