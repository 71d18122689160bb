/** Today: the next show, whether it can go on, my lists in order, what waits for my signature. */

import {band, empty, lamp, row, section} from "../components.js";
import {html} from "../html.js";
import {lastCheck, lastRun} from "../last.js";
import {layout, updateBand} from "../layout.js";
import {runRow, seeRun, seeRuns} from "../runs.js";
import {DAY, clockTime, dayKey, dayName} from "../time.js";
import {t} from "../words.js";
import {coming, showCard, showRow} from "../../shows/today.js";
import {myCounts, resumeCount} from "../../stock/mine.js";

const SHOWS = "show room checklist_run checklist_item checklist_template me role person site stock_take stock_take_bin bin_count recount";

async function today(ctx) {
  const shows = coming(ctx);
  const seen = seeRuns(ctx);
  const show = chosenShow(ctx, shows, seen);
  const mine = seen.filter((one) => one.isMine && !one.isOver && isNear(one, ctx.now));
  const forMe = seen.filter((one) => one.isForMe);
  const others = shows.filter((one) => one !== show && dayKey(one.starts_at) === dayKey(ctx.now));
  const main = html`<div class="pane">${warning(ctx) || updateBand()}
${show ? showCard(ctx, show) : empty({title: t("floor.today.no_show"), text: t("floor.today.no_show_text")})}</div>
<div class="pane pane-b">${forMe.length > 0 && section({id: "for-me", title: t("floor.today.for_me"), meta: count(forMe), body: rows(ctx, forMe)})}
${myCounts(ctx)}${section({
    id: "mine", title: t("floor.today.mine"), meta: mine.length > 0 && count(mine),
    body: mine.length ? rows(ctx, mine) : html`<p class="pad">${t("floor.today.none_mine")}</p>`,
  })}
${others.length > 0 && section({id: "others", title: t("floor.today.others"), body: html`<ul class="rows-time">${others.map((one) => showRow(ctx, one))}</ul>`})}
${section({id: "shift", title: t("floor.today.shift"), body: html`<ul>${checkRow(ctx)}</ul>`})}</div>`;
  return layout(ctx, {
    title: t("floor.tab.today"), sub: dayName(ctx.now), tab: "today", isPanes: true, main, dock: resumeCount(ctx) ?? resume(ctx, mine),
    shows: SHOWS, from: ctx.path + (ctx.query.size ? `?${ctx.query}` : ""),
  });
}

/** Next week's lists are under Lists. */
const isNear = ({run}, now) => run.status === "open" || (run.start_at ?? run.due_at ?? now) < now + DAY;

const count = (seen) => t("floor.today.lists", {n: seen.length});
const rows = (ctx, seen) => html`<ul class="rows-time">${seen.map((one) => runRow(ctx, one))}</ul>`;

/** The one asked for; else the first within a day at which this person has a list; else the first. */
function chosenShow({query, now}, shows, seen) {
  const mine = new Set(seen.filter((one) => one.isMine && !one.isOver).map((one) => one.run.show_id));
  const isMyNext = (show) => mine.has(show.id) && show.starts_at < now + DAY;
  return shows.find((show) => show.id === query.get("show")) ?? shows.find(isMyNext) ?? shows[0];
}

/** What endangers the work on this device, one at a time, the worst first (F30). */
function warning({replica, person}) {
  const {isShared, persons} = replica.meta;
  const isStuck = isShared && !persons.some(({id, hasPin}) => id === person && hasPin);
  const {warnings} = replica.status();
  const found = ["evicted", "unsent_24h", "clock_differs"].find((name) => warnings.includes(name));
  if (isStuck && !found) return band({cue: "wait", text: t("floor.pin.none_yet"), action: html`<button class="btn" hx-post="/floor/enrol">${t("floor.more.pin_choose")}</button>`});
  return found && band({
    cue: found === "evicted" ? "stop" : "wait", text: t(`floor.warning.${found}`),
    action: html`<a class="btn" href="${found === "evicted" ? "/floor/enrol" : "/floor/outbox"}">${t("floor.warning.look")}</a>`,
  });
}

function checkRow(ctx) {
  const check = lastCheck();
  const isToday = check && dayKey(check.at) === dayKey(ctx.now);
  const meta = isToday ? t(check.isFine ? "floor.check.passed_at" : "floor.check.failed_at", {time: clockTime(check.at)}) : t("floor.check.not_yet");
  return row({
    href: "/floor/check", lead: lamp(isToday ? (check.isFine ? "go" : "wait") : "off"), ask: t("floor.check.title"), meta,
  });
}

/** One primary action: go on where one stopped, else begin the next list (F25). */
function resume(ctx, mine) {
  const last = lastRun(ctx.person);
  const run = last && ctx.replica.get("checklist_run", last);
  const seen = run && ["open", "scheduled"].includes(run.status) && seeRun(ctx, run);
  if (seen) return html`<a class="btn btn-main" href="/floor/run/${seen.id}">${t("floor.today.resume", {list: seen.name})}</a>`;
  const next = mine.find((one) => !one.locked.length);
  return next && html`<a class="btn btn-main" href="/floor/run/${next.id}">${t(next.done ? "floor.today.go_on" : "floor.today.begin", {list: next.name})}</a>`;
}

export const pages = {"/floor/today": today};
