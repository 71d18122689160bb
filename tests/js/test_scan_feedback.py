"""What a scan says: four tones, four marks, a buzz and a sentence (F2–F4)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.js.device import Device

KINDS = ["ok", "repeat", "unknown", "wrong"]
# An ear and a hand: what would have been heard and felt.
LISTEN = """globalThis.heard = []; globalThis.felt = [];
navigator.vibrate = (pattern) => felt.push(pattern);
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) {
  heard.push([this.type, this.frequency.value]);
  return start.call(this, at);
};"""
SAY = """async ([kind, text]) => {
  const {feedback} = await import("/static/test/js/elements/scan-feedback.js");
  heard.length = felt.length = 0;
  feedback(kind, text);
  const edge = document.getElementById("scan-flash");
  const [shown] = edge.getAnimations();
  await new Promise((go) => setTimeout(go, 50));
  return {
    heard, felt, cue: edge.dataset.cue, shape: edge.querySelector("use").getAttribute("href").split("#")[1],
    ends: shown.effect.getKeyframes().at(-1).opacity, lasts: shown.effect.getTiming().duration,
    said: document.getElementById("scan-said").textContent,
  };
}"""


@pytest.fixture
def page(context: BrowserContext, device: Device) -> Page:
    """A page that somebody has touched."""
    context.add_init_script(LISTEN)
    context.route("**/words/*.js", lambda route: route.fulfill(body="export default {};", content_type="text/javascript"))
    page = device.page
    page.reload()
    page.evaluate("import('/static/test/js/elements/scan-feedback.js')")
    page.mouse.click(5, 5)
    return page


def say(page: Page, kind: str, text: str = "…") -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(SAY, [kind, text])
    return found


def test_the_four_answers_are_told_apart_by_ear_eye_and_hand(page: Page) -> None:
    """F2, F3: each has its own tones, its own shape (not only a colour) and its own buzz, and is gone after half a second."""
    said = [say(page, kind) for kind in KINDS]
    for sense in ("heard", "felt", "cue", "shape"):
        assert len({str(one[sense]) for one in said}) == 4, sense
    assert all(one["heard"] and one["felt"] for one in said)
    assert {(one["lasts"], one["ends"]) for one in said} == {(500, "0")}


def test_what_was_scanned_is_read_out(page: Page) -> None:
    """F2: one live region for all of them, outside of the page that is drawn anew."""
    assert say(page, "ok", "玻尿酸面膜，3 盒")["said"] == "玻尿酸面膜，3 盒"
    assert say(page, "wrong", "这是 A-03-2-06 的货")["said"] == "这是 A-03-2-06 的货"
    assert page.locator("#scan-said[role=status]").count() == 1


def test_nothing_is_heard_while_a_room_is_on_air(page: Page) -> None:
    """F4: the mark and the buzz stay."""
    page.evaluate("document.documentElement.dataset.quiet = ''")
    quiet = say(page, "wrong")
    assert (quiet["heard"], quiet["cue"], len(quiet["felt"])) == ([], "stop", 1)
    page.evaluate("delete document.documentElement.dataset.quiet")
    assert say(page, "wrong")["heard"]


def test_a_scan_right_after_another_flashes_anew(page: Page) -> None:
    """F2: twenty a second are twenty answers, of which the last is seen whole."""
    running = page.evaluate(
        """async () => {
          const {feedback} = await import("/static/test/js/elements/scan-feedback.js");
          for (let n = 0; n < 20; n++) feedback(n < 19 ? "ok" : "wrong", String(n));
          const edge = document.getElementById("scan-flash");
          return [edge.getAnimations().length, edge.dataset.cue, document.querySelectorAll(".flash").length];
        }"""
    )
    assert running == [1, "stop", 1]


def test_it_does_not_move_for_who_wants_no_motion(page: Page) -> None:
    """F3: shown and gone, without fading."""
    page.emulate_media(reduced_motion="reduce")
    assert say(page, "ok")["ends"] == "1"


def test_a_browser_that_lets_no_sound_out_answers_all_the_same(page: Page) -> None:
    """F3: sound is never the only answer, and one that would come late does not come."""
    page.evaluate("() => { AudioContext.prototype.resume = () => new Promise(() => {}); }")
    page.evaluate("() => Object.defineProperty(AudioContext.prototype, 'state', {get: () => 'suspended'})")
    silent = say(page, "unknown")
    assert (silent["heard"], silent["cue"]) == ([], "wait")
