"""<scan-field auto>: each scan is told once and in order, whatever the scanner, wherever the cursor stands (F6, T2, T20)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.js.device import Device
from tests.waiting import wait_on

FIELD = "/static/test/js/elements/scan-field.js"
BODY = """<textarea id="note">so far</textarea><button id="key">+1</button><p id="beside">beside</p>
<div id="place"><scan-field id="scan" auto></scan-field></div>"""
OPEN = """async ([module, body]) => {
  await import(module);
  document.body.innerHTML = body;
  globalThis.heard = [];
  globalThis.saveMs = 0;
  document.addEventListener("scan", ({detail}) => {
    heard.push([detail.raw, detail.via]);
    if (saveMs) detail.waitUntil(new Promise((done) => setTimeout(done, saveMs)));
  });
}"""
# Keys as a page gets them, the codes of one scanner one after the other at a steady pace.
SCANNER = """([codes, everyMs]) => new Promise((done) => {
  const begin = performance.now();
  const target = () => document.activeElement ?? document.body;
  const press = (key) => target().dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  const next = (n) => {
    if (n === codes.length) return done();
    for (const key of [...codes[n], "Enter"]) press(key);
    setTimeout(next, begin + (n + 1) * everyMs - performance.now(), n + 1);
  };
  next(0);
})"""
EAN = "6901234567892"


@pytest.fixture
def page(device: Device) -> Page:
    """One field on a page that has no words, so that every text shows its key."""
    device.context.route("**/words/*.js", lambda route: route.fulfill(body="export default {};", content_type="text/javascript"))
    device.page.evaluate(OPEN, [FIELD, BODY])
    return device.page


def heard(page: Page, count: int) -> list[list[str]]:
    """The scans that came, once there are so many; a moment later there are no more of them."""
    wait_on(page, "(count) => heard.length >= count", count, timeout_s=60)
    page.wait_for_timeout(200)
    found: list[list[str]] = page.evaluate("heard")
    return found


def press(page: Page, keys: Iterable[tuple[float, dict[str, Any]]]) -> None:
    """Real keys of a keyboard, each at its second by the clock of the keys, however slow this machine is."""
    session = page.context.new_cdp_session(page)
    begin = time.time()
    for at, key in keys:
        said = {"text": key["key"]} if len(key["key"]) == 1 else {}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", "timestamp": begin + at, **said, **key})
    session.detach()


def code(text: str, begin: float = 0, gap: float = 0.004, suffix: str = "Enter") -> list[tuple[float, dict[str, Any]]]:
    keys = [{"key": key} for key in text] + ([{"key": suffix}] if suffix else [])
    return [(begin + n * gap, key) for n, key in enumerate(keys)]


def test_two_hundred_scans_at_twenty_a_second_are_two_hundred(page: Page) -> None:
    """T2, T20: also while each is being saved for longer than the next one takes to come; the same code twice is two scans."""
    codes = [EAN if n % 3 == 0 else f"SKU-{n:04}" for n in range(200)]
    page.evaluate("saveMs = 60")
    page.evaluate(SCANNER, [codes, 50])
    assert page.evaluate("document.getElementById('scan').pending") > 0, "the test was to scan faster than it saves"
    assert heard(page, 200) == [[one, "wedge"] for one in codes]
    assert page.evaluate("document.getElementById('scan').pending") == 0
    assert page.input_value("scan-field input") == ""


def test_a_listener_that_fails_does_not_stop_the_line(page: Page) -> None:
    """T20: what became of one scan is its listener's to say; the next one is handed out."""
    page.evaluate("document.addEventListener('scan', ({detail}) => detail.waitUntil(Promise.reject(new Error('disk full'))))")
    page.evaluate(SCANNER, [["FIRST-1", "SECOND-2"], 10])
    assert heard(page, 2) == [["FIRST-1", "wedge"], ["SECOND-2", "wedge"]]


def test_scans_outlive_their_field(page: Page) -> None:
    """T20: the page went on while scans waited; they are told to the document."""
    page.evaluate("saveMs = 40")
    page.evaluate(SCANNER, [[f"CODE-{n}" for n in range(5)], 1])
    page.evaluate("document.getElementById('scan').remove()")
    assert [raw for raw, _ in heard(page, 5)] == [f"CODE-{n}" for n in range(5)]


def test_it_is_armed_without_a_keyboard(page: Page) -> None:
    """F6, T41: the cursor stands in it from the start, and no soft keyboard comes up."""
    assert page.evaluate("document.activeElement.matches('scan-field[data-ready] input[inputmode=none].sr')")


@pytest.mark.parametrize("suffix", ["Enter", "Tab", ""])
def test_the_suffix_does_not_matter(page: Page, suffix: str) -> None:
    """F6: Enter, Tab or silence."""
    press(page, code(EAN, suffix=suffix))
    assert heard(page, 1) == [[EAN, "wedge"]]
    assert page.evaluate("document.activeElement.closest('scan-field') !== null")


@pytest.mark.parametrize("suffix", ["Enter", "Tab"])
def test_a_code_too_short_for_a_burst_is_read_in_the_field(page: Page, suffix: str) -> None:
    """F6: four characters could be typed by anybody; in the armed field they are a scan."""
    press(page, code("A-12", suffix=suffix))
    assert heard(page, 1) == [["A-12", "wedge"]]
    assert page.input_value("scan-field input") == ""


def test_a_radio_that_stutters_loses_nothing(page: Page) -> None:
    """F6: a pause early or late in a code, longer ones once its suffix is known, and keys too slow to look like a burst."""
    first, rest = code(EAN[:3], suffix=""), code(EAN[3:], begin=0.09)
    press(page, [*first, *rest])
    press(page, [*code(EAN[:9], suffix=""), *code(EAN[9:], begin=0.5)])
    press(page, code(EAN, gap=0.07))
    assert heard(page, 3) == [[EAN, "wedge"]] * 3


def test_a_scan_never_lands_in_a_note_or_on_a_key(page: Page) -> None:
    """F6: the note stays as it was, the key that has the focus is not pressed by the Enter behind the code."""
    page.evaluate("document.getElementById('key').addEventListener('click', () => heard.push('pressed'))")
    page.focus("#note")
    press(page, code(EAN))
    page.focus("#key")
    press(page, code("CODE 39"))
    assert heard(page, 2) == [[EAN, "wedge"], ["CODE 39", "wedge"]]
    assert page.input_value("#note") == "so far"


def test_a_key_held_down_is_no_scan(page: Page) -> None:
    """F6: a keyboard repeats a held key as quickly as a scanner types."""
    page.focus("#note")
    press(page, [(n * 0.03, {"key": ".", "autoRepeat": n > 0}) for n in range(12)])
    page.wait_for_timeout(200)
    assert page.evaluate("heard") == []
    assert page.input_value("#note").count(".") == 12


def test_a_separator_comes_through(page: Page) -> None:
    """T21: FNC1 is Ctrl+] on a keyboard; without it nobody knows where the lot ends."""
    separator = (0.002, {"key": "]", "code": "BracketRight", "modifiers": 2, "text": ""})
    lot = [(n * 0.004, {"key": key}) for n, key in enumerate("10AB-7")]
    keys = [lot, [separator], [(n * 0.004, {"key": key}) for n, key in enumerate("17261231")], [(0, {"key": "Enter"})]]
    flat = [key for part in keys for _, key in part]
    press(page, [(n * 0.004, key) for n, key in enumerate(flat)])
    assert heard(page, 1) == [["10AB-7\x1d17261231", "wedge"]]


def test_scanners_that_hold_alt_are_understood(page: Page) -> None:
    """F6: with Alt held all the time, whatever the keyboard's layout makes of it, and each character by its number."""
    page.evaluate(
        """() => {
          const fire = (type, init) =>
            document.activeElement.dispatchEvent(new KeyboardEvent(type, {bubbles: true, cancelable: true, ...init}));
          const odd = [["å", "KeyA"], ["Å", "KeyB", true], ["¡", "Digit1"], ["™", "Digit2"], ["Dead", "Digit3"]];
          for (const [key, code, shiftKey] of odd) fire("keydown", {key, code, shiftKey, altKey: true});
          fire("keydown", {key: "Enter"});
          for (const char of "AB-12") {
            for (const digit of String(char.charCodeAt(0)).padStart(3, "0"))
              fire("keydown", {key: digit, code: `Numpad${digit}`, altKey: true});
            fire("keyup", {key: "Alt"});
          }
          fire("keydown", {key: "Enter"});
        }"""
    )
    assert heard(page, 2) == [["aB123", "wedge"], ["AB-12", "wedge"]]


@pytest.mark.parametrize("suffix", ["Enter", ""])
def test_a_code_that_an_input_method_inserts_is_one_scan(page: Page, suffix: str) -> None:
    """F6: built-in scanners of hand-held computers write the whole code at once, with Enter or without."""
    page.keyboard.insert_text("６９０１２３４５６７８９２")
    if suffix:
        page.keyboard.press(suffix)
    assert heard(page, 1) == [["６９０１２３４５６７８９２", "wedge"]]
    assert page.input_value("scan-field input") == ""


def test_typing_by_hand_is_one_tap_away(page: Page) -> None:
    """F7: the same field with a keyboard; it stays for the next one, and a scan in between does not mix with it."""
    page.click("[data-type]")
    assert page.evaluate("document.activeElement.inputMode") == "text"
    page.keyboard.type("sku-7", delay=160)
    page.keyboard.press("Enter")
    page.keyboard.type("69", delay=160)
    press(page, code(EAN, begin=1))
    assert heard(page, 2) == [["sku-7", "typed"], [EAN, "wedge"]]
    assert page.input_value("scan-field input") == "69"
    page.click("[data-arm]")
    assert page.evaluate("document.activeElement.inputMode") == "none"


def test_it_takes_the_cursor_back_and_leaves_it_where_it_was_put(page: Page) -> None:
    """F6: after a tap on a key or beside it, never from a note that somebody writes, nor from a key reached by keyboard."""
    in_field = "document.activeElement.closest('scan-field') !== null"
    page.click("#key")
    wait_on(page, in_field)
    page.click("#note")
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.id") == "note"
    page.click("#beside")
    wait_on(page, in_field)
    page.focus("#key")
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.id") == "key"
