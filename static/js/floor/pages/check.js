/** The start-of-shift check: six lamps, and for each that is not green what to do (F31). */

import {icon, lamp, row} from "../components.js";
import {CHECKS} from "../check.js";
import {html} from "../html.js";
import {lastCheck} from "../last.js";
import {layout} from "../layout.js";
import {dayKey, clockTime} from "../time.js";
import {t} from "../words.js";

const MARKS = {online: "globe", lists: "lists", clock: "clock", storage: "storage", camera: "camera", sound: "sound"};

async function check(ctx) {
  const last = lastCheck();
  const results = last && dayKey(last.at) === dayKey(ctx.now) ? last.results : null;
  const main = html`<p class="pad">${results ? t(last.isFine ? "floor.check.passed_at" : "floor.check.failed_at", {time: clockTime(last.at)}) : t("floor.check.intro")}</p>
<ul class="gap-s">${CHECKS.map((name) => checkRow(ctx, name, results?.[name]))}</ul>`;
  return layout(ctx, {
    title: t("floor.check.title"), back: "/floor/more", tab: "more", main,
    dock: html`<button class="btn btn-main" hx-post="/floor/check" hx-swap="outerMorph" hx-disable="this">${t(results ? "floor.check.again" : "floor.check.run")}</button>`,
  });
}

function checkRow({replica}, name, result) {
  const offset = Math.round(Math.abs(replica.status().clock.offset) / 1000);
  const text = result ? t(`floor.check.${name}_${result === "go" ? "go" : "not"}`, {n: offset}) : t(`floor.check.${name}_what`);
  return row({
    id: `check-${name}`, lead: icon(MARKS[name]), ask: t(`floor.check.${name}`), meta: text,
    end: lamp(result ?? "off", {size: "l", label: t(`floor.cue.${result === "wait" ? "look" : result ?? "off"}`)}),
  });
}

export const pages = {"/floor/check": check};
