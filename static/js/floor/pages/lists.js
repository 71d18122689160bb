/** Lists: every run on this device in the order it is due; mine, those that wait for my signature, all. */

import {empty, section} from "../components.js";
import {html, joined} from "../html.js";
import {layout} from "../layout.js";
import {runRow, seeRuns} from "../runs.js";
import {HOUR, clockTime, dayKey, dayName} from "../time.js";
import {t} from "../words.js";
import {mayStart} from "../../checklists/who.js";
import {roomTape} from "../../shows/today.js";

const SHOWS = "show room checklist_run checklist_item checklist_template me role person";

const VIEWS = {
  mine: (seen, now) => seen.isMine && !(seen.isOver && isBefore(dayOf(seen, now), now)),
  accept: (seen) => seen.isForMe,
  all: () => true,
};

const isBefore = (at, now) => dayKey(at) < dayKey(now);
const dayOf = ({run}, now) => run.due_at ?? run.start_at ?? now;

async function lists(ctx) {
  const all = seeRuns(ctx);
  const view = VIEWS[ctx.query.get("view")] ? ctx.query.get("view") : "mine";
  const isIn = VIEWS[view];
  const shown = all.filter((seen) => isIn(seen, ctx.now));
  const main = html`<div class="pad"><nav class="seg" aria-label="${t("floor.lists.which")}">${Object.entries(VIEWS).map(([name, counts]) =>
    html`<a class="key" id="view-${name}" href="/floor/lists?view=${name}"${name === view && html` aria-current="true"`}>${t(`floor.lists.${name}`, {n: all.filter((seen) => counts(seen, ctx.now)).length})}</a>`,
  )}</nav></div>
${shown.length ? groups(ctx, shown).map((group, n) => groupSection(ctx, group, n)) : empty({title: t(`floor.lists.empty_${view}`), text: t(`floor.lists.empty_${view}_text`)})}`;
  return layout(ctx, {
    title: t("floor.tab.lists"), tab: "lists", main, shows: SHOWS, from: `${ctx.path}?view=${view}`,
    dock: canStart(ctx) && html`<a class="btn btn-wide" href="/floor/start">${t("floor.lists.start")}</a>`,
  });
}

/** A door is shown only to whom something stands behind it. */
const canStart = (ctx) => ctx.replica.all("checklist_template").some((one) => ["event", "daily"].includes(one.phase) && mayStart(ctx, one));

/** By day, what is long over last; in a day the shows first, then what hangs on none. */
function groups(ctx, shown) {
  const found = new Map();
  for (const seen of shown) {
    const show = seen.run.show_id && ctx.replica.get("show", seen.run.show_id);
    const at = show?.starts_at ?? dayOf(seen, ctx.now);
    const key = show ? show.id : dayKey(at);
    if (!found.has(key)) found.set(key, {at, show, seen: []});
    found.get(key).seen.push(seen);
  }
  const isPast = (group) => Number(isBefore(group.at, ctx.now) && group.seen.every((one) => one.isOver));
  return [...found.values()].sort((a, b) => isPast(a) - isPast(b) || dayKey(a.at).localeCompare(dayKey(b.at)) || Number(!a.show) - Number(!b.show) || a.at - b.at);
}

function groupSection(ctx, {at, show, seen}, n) {
  const day = html`<span class="nowrap">${dayLabel(ctx, at)}</span>`;
  const title = joined([day, show ? show.title : t("floor.lists.daily")], " ");
  return section({
    id: `group-${n}`, title, meta: show && html`<span>${roomTape(ctx, show)}</span>`,
    body: html`<ul class="rows-time">${withNow(ctx, seen, at)}</ul>`,
  });
}

/** 今天 · 今晚 · 明天 · the date */
function dayLabel({now}, at) {
  if (dayKey(at) === dayKey(now)) return t(Number(clockTime(at).slice(0, 2)) >= 18 ? "floor.lists.tonight" : "floor.lists.today");
  return dayKey(at) === dayKey(now + 24 * HOUR) ? t("floor.lists.tomorrow") : dayName(at);
}

/** The line that says where the day stands: between what was due and what is still due. */
function withNow(ctx, seen, day) {
  const next = seen.findIndex((one) => (one.run.due_at ?? Infinity) > ctx.now);
  const line = html`<li class="now"><wall-clock>${clockTime(ctx.now)}</wall-clock></li>`;
  const isToday = seen.some((one) => one.run.due_at && dayKey(one.run.due_at) === dayKey(ctx.now));
  return seen.map((one, n) => html`${isToday && n === next && n > 0 && line}${runRow(ctx, one, day)}`);
}

export const pages = {"/floor/lists": lists};
