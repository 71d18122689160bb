"""A join means what its modules mean, in a real browser; what it cannot read it refuses; a shortened sheet says the same."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, Route

from app.lib import build
from app.lib.joining import CannotJoin, join
from tests.js.device import Device
from tests.waiting import wait_on

HOUSE = {
    "js/app.js": """/** Tells what ran, in which order. */
import "./parts/first.js";
import {told, tell as say} from "./tell.js";
import * as parts from "./parts/second.js"; // a name for all
import {hidden} from "./locals.js";

// Late ones run late, once.
say("app");
const [one, again] = [await import("./late/page.js"), await import("./late/page.js")];
const words = (await import("../words/zh.js")).default;
globalThis.found = {
  told, parts: {...parts}, isSame: one.count() === 1 && again.count() === 2,
  page: one.page(words), from: one.from, of: new one.Of().name,
  hidden: hidden({inner: 2, list: [[1, {deep: 3}]]}),
};
""",
    "js/tell.js": """export const told = [];

export function tell(what) {
  told.push(what);
}
tell("tell");
""",
    "js/parts/first.js": """import {tell} from "../tell.js";
tell("first");
""",
    "js/parts/second.js": """import {tell, /* both */ told} from "../tell.js";
export {tell} from "../tell.js";
const [after] = [await Promise.resolve("awaited")];
tell(`second ${after} ${told.length}`);
const a = 1
const b = a // ends here
/* and
   not there */
;[a, b].forEach((n) => n)
const isText = /\\/\\*"`/.test('/*"`');
export {a, isText};
""",
    "js/late/page.js": """import {tell} from "../tell.js";
tell("late");
let counted = 0;
/** How often. */
export const count = () => ++counted, from = import.meta.url;
export const page = (words) => `<pre>
    // stays  ${words.map((word) => `
      /* stays */ ${word}`).join("")}
  </pre>`;
export class Of {
  // One field.
  name = "of";
}
""",
    "js/locals.js": """const outer = "module";
globalThis.beyond = "global";
const named = (whole, {inner, ...others} = {}, [first = whole] = []) => [whole, inner, others, first];
export function hidden({inner: taken, list}, {length: many = list.length, unsaid = many + 1} = {}) {
  const found = {taken, list, many, unsaid, "quoted key": taken, [`made ${taken}`]: "a : b , { c }"};
  const shadow = (outer) => {
    const mine = outer + 1;
    return {mine: mine, twice: [mine, found.taken].map((mine) => mine * 2)};
  };
  for (const [number, {deep: below}] of list) {
    for (let counted = number; counted < 2; counted++) found[`${counted} ${below}`] = `${`${below}`}`;
  }
  try { null.nothing; } catch (problem) { found.problem = problem instanceof TypeError; }
  if (list) { var spread = "var"; }
  { let beyond = "block"; found.block = beyond; }
  class Inside { static own = taken; #kept = many; kept(other) { return [this.#kept, other, Inside.own]; } }
  function again(times) { return times ? again(times - 1) : arguments.length; }
  let [left, right] = [1, 2];
  [left, right] = [right, left];
  const {left: renamed} = {left};
  switch (many) { case 1: { const chosen = /[{ , }] = "x"/.test(" = "); found.chosen = chosen; } }
  return {
    ...found, spread, outer, beyond, swapped: [left, right, renamed], shadowed: shadow(many), again: again(3),
    called: shadow.name, inside: new Inside().kept("other"), named: named("w", {inner: 1, rest: 2}), minus: many - -1,
    typed: typeof unknownName,
  };
}
""",
    "words/zh.js": "export default ['词'];\n",
}
TYPES = {"Content-Type": "text/javascript; charset=utf-8"}


def run(page: Page, files: dict[str, str]) -> dict[str, object]:
    """What `js/app.js` found when the browser is served these files."""

    def answer(route: Route) -> None:
        text = files.get(route.request.url.split("/static/joined/")[1])
        route.fulfill(status=200 if text else 404, body=text or "", headers=TYPES)

    page.unroute_all()
    page.route("**/static/joined/**", answer)
    page.reload()
    page.evaluate("import('/static/joined/js/app.js').then(() => null)")
    wait_on(page, "globalThis.found")
    found: dict[str, object] = page.evaluate("globalThis.found")
    return found


def read(name: str) -> str | None:
    """The modules of the house; its words stay a file of their own."""
    return HOUSE.get(name) if name.startswith("js/") else None


def test_a_join_means_what_its_modules_mean(device: Device) -> None:
    """The order they run in, late ones, awaiting, addresses, templates, comments, lines that end without a semicolon."""
    apart = run(device.page, HOUSE)
    words = {"words/zh.js": HOUSE["words/zh.js"]}
    assert run(device.page, join("js/app.js", read) | words) == apart
    parted = join("js/app.js", read, parts=["js/late/page.js"])
    assert list(parted) == ["js/late/page.js", "js/app.js"]
    assert run(device.page, parted | words) == apart  # among it: both tell the same module, and the script waits for its part
    assert len(apart["hidden"]) > 15  # type: ignore[arg-type]
    assert apart["told"] == ["tell", "first", "second awaited 2", "app", "late"]


def test_a_join_is_without_comments_indentation_and_names_of_locals() -> None:
    """What stands between backticks is text of a page: it stays to the space. What an error tells by stays as well."""
    joined = join("js/app.js", read)["js/app.js"]
    assert "(problem)" not in joined and ".problem=" in joined
    assert "const shadow=(" in joined and "function again(" in joined
    assert "How often" not in joined and "One field" not in joined and "both" not in joined
    assert "<pre>\n    // stays  ${" in joined
    assert join("js/alone.js", {"js/alone.js": "/* Nothing\n   else */\n  run();\n"}.get) == {"js/alone.js": "run();\n"}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("export let now = 1;", "does not change"),
        ("export var now = 1;", "plain name"),
        ("export const {now} = clock;", "plain name"),
        ("export default 1;", "keep their names"),
        ("export * from './b.js';", "keep their names"),
        ("const now = 1;\nexport {now as then};", "keep their names"),
        ("import now from './b.js';", r"\{names\}"),
        ("await import(now);", "plain string"),
        ("use(import.meta.resolve);", "only the url"),
        ("const $now = 1;", "join's own"),
        ("const now = 'a\\\nb';", "backslash"),
        ("const = ;", "parsed"),
        ("import './gone.js';", "not there"),
        ("import './a.js';", "each other"),
    ],
)
def test_what_a_join_does_not_understand_it_refuses(source: str, why: str) -> None:
    """Better no page while it is worked on than one that means something else."""
    files = {"js/app.js": "import './a.js';", "js/a.js": source, "js/b.js": ""}
    with pytest.raises(CannotJoin, match=why):
        join("js/app.js", files.get)


def test_what_two_parts_need_is_there_once() -> None:
    """It lies in the script, which runs it no earlier than one of them asks."""
    files = {"js/app.js": "import('./a.js'); import('./b.js');", "js/c.js": "globalThis.ran = 'c';"}
    files |= {f"js/{name}.js": "import './c.js';" for name in "ab"}
    joined = join("js/app.js", files.get, parts=["js/a.js", "js/b.js"])
    assert [path for path, text in joined.items() if "ran" in text] == ["js/app.js"]
    assert all('import {$once, $c} from "./app.js";' in joined[f"js/{name}.js"] for name in "ab")


def test_a_part_may_lead_to_another() -> None:
    """By its address, as the script leads to both; neither holds a copy of the other."""
    files = {"js/app.js": "import('./x/a.js');", "js/x/a.js": "export const open = () => import('./b.js');"}
    files["js/x/b.js"] = "export const made = 'b';"
    joined = join("js/app.js", files.get, parts=["js/x/a.js", "js/x/b.js"])
    assert [path for path, text in joined.items() if "'b'" in text] == ["js/x/b.js"]
    assert 'import("./b.js")' in joined["js/x/a.js"]


def test_every_script_is_one_file(app: Flask) -> None:
    """Imported by address are the words, of which one language is loaded, the parts, and the camera, which comes later."""
    imported = {
        "js/app.js": {"../words/zh.js", "../words/en.js", "./checklists/index.js", "./floor/lock/index.js", "./stock/index.js"},
        "js/checklists/index.js": {"../app.js", "./mark.js"},
        "js/checklists/mark.js": {"../app.js"},
        "js/floor/lock/index.js": {"../../app.js"},
        "js/stock/index.js": {"../app.js", "./camera.js"},
    }  # fmt: skip
    for path in build.SCRIPT_OF:
        found = build.served(path)
        assert found is not None
        assert set(re.findall(r'\b(?:import\(|from )"([^"]+)"', found[0].decode())) == imported.get(path, set())


def test_sources_are_served_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """OFFSTAGE_RAW=1: another build, and every module a file."""
    joined = build.build_id()
    build.clear()
    monkeypatch.setenv("OFFSTAGE_RAW", "1")
    try:
        assert build.build_id() != joined
        assert build.served("js/app.js") == ((build.STATIC / "js" / "app.js").read_bytes(), "text/javascript")
        assert build.static_url("js/replica/index.js") in build.precache()
    finally:
        build.clear()


RULES = """async (text) => {
  const sheet = new CSSStyleSheet();
  await sheet.replace(text);
  return [...sheet.cssRules].map((rule) => rule.cssText);
}"""


def test_a_shortened_sheet_says_the_same(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the browser reads it, rule by rule."""
    short = build.stylesheet(floor=False)
    build.clear()
    monkeypatch.setenv("OFFSTAGE_RAW", "1")
    try:
        long = build.stylesheet(floor=False)
    finally:
        build.clear()
    assert len(short) < len(long)
    assert device.page.evaluate(RULES, short) == device.page.evaluate(RULES, long)
