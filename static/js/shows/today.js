/**
 * The show on Today: where, when, how long still, its gates, and whether it can go on air, as the lists on this device tell it (SHW-1; the
 * server decides, this is what one sees).
 */

import {lamp, row, tape} from "../floor/components.js";
import {html} from "../floor/html.js";
import {seeRun, shortName} from "../floor/runs.js";
import {MINUTE, clockTime, countdown, countdownText, dayKey, nearTime} from "../floor/time.js";
import {pick, t} from "../floor/words.js";

const AFTER_MS = 30 * MINUTE;

/** @param {any} show */
export const endsAt = (show) => show.starts_at + show.planned_min * MINUTE;

/** Planned shows that are not over, soonest first. @param {import("../floor/router.js").Context} ctx */
export const coming = ({replica, now}) =>
  replica.all("show").filter((show) => show.status === "planned" && endsAt(show) + AFTER_MS > now).sort((a, b) => a.starts_at - b.starts_at);

/**
 * @typedef {{id: string, label: string, cue: string, seen: import("../floor/runs.js").Seen}} Gate
 */

/**
 * The lists that stand before the start of a show, in the order in which they begin.
 * @param {import("../floor/router.js").Context} ctx @param {any} show @returns {Gate[]}
 */
export function gatesOf(ctx, show) {
  return ctx.replica.all("checklist_run")
    .filter((run) => run.show_id === show.id && run.status !== "cancelled")
    .map((run) => seeRun(ctx, run))
    .filter((seen) => seen?.template.phase === "pre")
    .sort((a, b) => a.run.start_at - b.run.start_at || a.run.due_at - b.run.due_at)
    .map((seen) => ({id: seen.id, label: shortName(ctx.replica, seen.run.code), cue: seen.cue, seen}));
}

/**
 * One sentence over all gates.
 * @param {Gate[]} gates @returns {{cue: "go" | "stop" | "wait" | "work" | "off", text: string} | null} null: no list hangs on the show
 */
export function verdictOf(gates) {
  if (!gates.length) return null;
  const stopped = gates.filter(({cue}) => cue === "stop" || cue === "two");
  if (stopped.length === 1) return {cue: "stop", text: t("shows.not_ready", {why: reasonOf(stopped[0])})};
  if (stopped.length) return {cue: "stop", text: t("shows.not_ready_gates", {n: stopped.length})};
  const left = gates.filter(({cue}) => cue !== "go");
  if (!left.length) return {cue: "go", text: t("shows.ready")};
  if (left.length === 1) return {cue: "wait", text: t("shows.one_left", {gate: left[0].label})};
  return {cue: gates.some(({cue}) => cue !== "off") ? "work" : "off", text: t("shows.left", {n: left.length})};
}

function reasonOf({label, seen}) {
  if (seen.critical.length) return t("shows.reason_critical", {gate: label, n: seen.critical.length});
  return seen.run.rejected && !seen.isOver ? t("shows.reason_rejected", {gate: label}) : t("shows.reason_changed", {gate: label});
}

/** @param {import("../floor/router.js").Context} ctx @param {any} show */
export function showCard(ctx, show) {
  const gates = gatesOf(ctx, show);
  const verdict = verdictOf(gates);
  const isOn = ctx.now >= show.starts_at;
  return html`<section class="show-next pad" aria-labelledby="show-title">
<p class="inline">${roomTape(ctx, show)}<span>${isOn ? t("shows.on_air") : t("shows.starts", {time: startsText(ctx, show)})}</span></p>
<h2 id="show-title" class="title">${show.title}</h2>
<count-down class="count" role="timer" at="${show.starts_at}" aria-label="${countdownText(show.starts_at)}">${countdown(show.starts_at)}</count-down>
${isOn && html`<p class="meta">${t("shows.since", {time: clockTime(show.starts_at)})}</p>`}
${verdict && html`<p class="inline">${lamp(verdict.cue)}<span>${verdict.text}</span></p>`}
${gates.length > 0 && html`<ol class="cues" aria-label="${t("shows.gates")}">${gates.map(gateItem)}</ol>`}
</section>`;
}

const gateItem = ({id, label, cue}) =>
  html`<li><a class="cue-gate" href="/floor/run/${id}">${lamp(cue, {label: t(`floor.cue.${cue}`)})}<span>${label}</span></a></li>`;

/** @param {import("../floor/router.js").Context} ctx @param {any} show */
export function roomTape({replica}, show) {
  const room = replica.get("room", show.room_id);
  return room && tape(pick(room));
}

const startsText = ({now}, show) => (dayKey(show.starts_at) === dayKey(now) ? clockTime(show.starts_at) : nearTime(show.starts_at));

/** A further show of the day, as one row. @param {import("../floor/router.js").Context} ctx @param {any} show */
export function showRow(ctx, show) {
  const verdict = verdictOf(gatesOf(ctx, show));
  return row({
    isTime: true, href: `/floor/today?show=${show.id}`, lead: startsText(ctx, show), ask: show.title,
    meta: html`${roomTape(ctx, show)}${verdict && html`<span>${verdict.text}</span>`}`,
    end: verdict && lamp(verdict.cue, {size: "l", label: verdict.text}),
  });
}
