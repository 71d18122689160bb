/** The show on Today: where, when, how long still, whether it can go on, and its gates. */

import {lamp, row, tape} from "../floor/components.js";
import {countdown, countdownText} from "../elements/clocks.js";
import {html} from "../floor/html.js";
import {clockTime, dayKey, nearTime} from "../floor/time.js";
import {pick, t} from "../floor/words.js";
import {gatesOf, verdictOf} from "./readiness.js";

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
