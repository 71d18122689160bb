/** Emergency: phone numbers and playbooks, open before anybody has signed in (SAF-1). Nothing else competes: no bottom bar, one action. */

import {band, empty, icon, lamp, row, section} from "../components.js";
import {html} from "../html.js";
import {layout} from "../layout.js";
import {allGoing, going} from "../playbook-clock.js";
import {clockSeconds, stopwatch, target} from "../time.js";
import {pick, t} from "../words.js";

const SHOWS = "playbook contact role";

const dialable = (replica) => replica.all("contact").filter(({number}) => number).sort((a, b) => a.number.length - b.number.length || a.number.localeCompare(b.number));

async function emergency(ctx) {
  const {replica} = ctx;
  const playbooks = replica.all("playbook").toSorted((a, b) => Number(b.stop_show === "always") - Number(a.stop_show === "always") || a.id.localeCompare(b.id));
  const running = Object.entries(await allGoing()).filter(([, state]) => !state.stopped_at).map(([id]) => id);
  const main = playbooks.length
    ? html`${phones(replica)}${section({
        id: "playbooks", title: t("floor.emergency.playbooks"), meta: t("floor.emergency.offline"),
        body: html`<ul>${playbooks.map((one) => playbookRow(one, running.includes(one.id)))}</ul>`,
      })}`
    : empty({title: t("floor.emergency.none"), text: t("floor.emergency.none_text"), action: html`<a class="btn" href="/floor/enrol">${t("floor.enrol.title")}</a>`});
  return layout(ctx, {title: t("floor.tab.emergency"), back: "/floor/today", hasTabs: false, main, shows: SHOWS});
}

const phones = (replica) =>
  html`<section class="pad" aria-label="${t("floor.emergency.phones")}"><div class="calls">${dialable(replica).map(
    (one) => html`<a class="btn call" href="tel:${one.number.replace(/[^\d+]/g, "")}">${icon("phone")}<span>${pick(one)}<b>${one.number}</b></span></a>`,
  )}</div></section>`;

const playbookRow = (one, isRunning) =>
  row({
    href: `/floor/emergency/${one.id}`, state: isRunning ? "fail" : undefined,
    lead: isRunning ? lamp("stop", {label: t("floor.emergency.running")}) : icon("alarm"), ask: pick(one),
    meta: html`${isRunning && html`<b class="cue-stop">${t("floor.emergency.running")}</b>`}${one.stop_show === "always" && html`<b class="cue-stop">${t("floor.emergency.stop_always")}</b>`}<span>${pick(one.trigger)}</span>`,
    end: icon("next"),
  });

async function phonesPage(ctx) {
  const back = ctx.query.get("from");
  return layout(ctx, {
    title: t("floor.emergency.phones"), back: back ? `/floor/emergency/${encodeURIComponent(back)}` : "/floor/emergency", hasTabs: false,
    main: phones(ctx.replica), shows: SHOWS,
  });
}

async function playbook(ctx) {
  const {replica, params, now} = ctx;
  const book = replica.get("playbook", params.id);
  const frame = {back: "/floor/emergency", hasTabs: false, shows: SHOWS};
  if (!book) return layout(ctx, {...frame, title: t("floor.missing.title"), main: empty({title: t("floor.missing.title"), text: t("floor.missing.text")})});
  const state = await going(book.id);
  const current = state && !state.stopped_at ? book.steps.findIndex((_, n) => !state.steps[n]) : -1;
  const main = html`${!state && book.stop_show === "always" && band({cue: "stop", text: t("floor.emergency.stop_always")})}
${!state && html`<p class="pad gap-s"><b>${t("floor.emergency.when")}</b> ${pick(book.trigger)}</p>`}
${book.host_line && html`<div class="say"><span class="meta">${t("floor.emergency.say")}</span>${t("floor.quoted", {text: pick(book.host_line)})}</div>`}
${book.stop_show === "decide" && html`<p class="pad meta gap-s">${t("floor.emergency.stop_decide")}</p>`}
<ol>${book.steps.map((step, n) => stepItem(ctx, book, state, step, n, n === current))}</ol>
<p class="pad gap-top"><b>${t("floor.emergency.recover")}</b> ${pick(book.recover)}</p>
<p class="pad meta gap-top">${t("floor.emergency.local")}</p>`;
  return layout(ctx, {
    ...frame, title: pick(book), sub: t("floor.emergency.code", {id: book.id}), head: state && watch(state, now), main,
    dock: html`<a class="btn" href="/floor/emergency/phones?from=${book.id}">${icon("phone")}${t("floor.emergency.call")}</a>${mainAction(book, state, current)}`,
  });
}

const watch = ({started_at, stopped_at}, now) =>
  html`<div class="watch"><b role="timer" aria-label="${t("floor.emergency.running_for")}">${
    stopped_at ? stopwatch(stopped_at - started_at) : html`<stop-watch at="${started_at}">${stopwatch(now - started_at)}</stop-watch>`
  }</b><p>${t("floor.emergency.found_at", {time: clockSeconds(started_at)})}${stopped_at && html`<br>${t("floor.emergency.ended_at", {time: clockSeconds(stopped_at)})}`}</p></div>`;

/** What one step is called, whose it is, and how long it took against its target. */
function stepItem({replica, person}, book, state, step, n, isCurrent) {
  const doneAt = state?.steps[n];
  const mine = replica.get("me", person)?.roles?.includes(step.who);
  const who = pick({zh: step.who_zh, en: step.who_en}) || pick(replica.get("role", step.who));
  const label = target(step.t);
  return html`<li class="step" id="step-${n}"${isCurrent && html` aria-current="step"`}><span class="row-time">${isCurrent ? html`<b>${label}</b>` : label}</span><div><p class="row-ask">${pick(step)}</p><p class="meta">${who} ${
    mine && html`<b>${t("floor.emergency.you")}</b>`
  } ${doneAt && taken(doneAt - state.started_at, step.t)}</p></div>${stepKey(book, state, n, isCurrent, doneAt)}</li>`;
}

function taken(ms, targetSeconds) {
  const seconds = Math.round(ms / 1000);
  const over = seconds - targetSeconds;
  if (over <= 0) return html`<span class="cue-go">${t("floor.emergency.took", {time: target(seconds)})}</span>`;
  return html`<span class="cue-wait">${t("floor.emergency.took_over", {time: target(seconds), over: target(over)})}</span>`;
}

/** Steps are done by several people at once, so any open one can be ticked; the next one has the big box. */
function stepKey(book, state, n, isCurrent, doneAt) {
  if (!state) return lamp("off", {size: "l", label: t("floor.emergency.not_done")});
  if (state.stopped_at) return lamp(doneAt ? "go" : "off", {size: "l", label: t(doneAt ? "floor.emergency.done" : "floor.emergency.not_done")});
  const label = t(doneAt ? "floor.emergency.undo_tick" : "floor.emergency.tick");
  return html`<button class="key ${isCurrent ? "key-box" : "key-bare"}" id="tick-${n}" aria-label="${label}" hx-post="/floor/emergency/${book.id}/steps/${n}" hx-swap="outerMorph">${!isCurrent && lamp(doneAt ? "go" : "off", {size: "l"})}</button>`;
}

function mainAction(book, state, current) {
  const post = (path, key) =>
    html`<button class="btn btn-main" id="main-action" hx-post="/floor/emergency/${book.id}/${path}" hx-swap="outerMorph">${t(key)}</button>`;
  if (!state) return post("start", "floor.emergency.start");
  if (state.stopped_at) return html`<button class="btn grow" id="restart" hx-post="/floor/emergency/${book.id}/start" hx-swap="outerMorph" hx-confirm="${t("floor.emergency.restart_sure")}">${t("floor.emergency.restart")}</button>`;
  if (current < 0) return post("stop", "floor.emergency.stop");
  return post(`steps/${current}`, current < book.steps.length - 1 ? "floor.emergency.next" : "floor.emergency.last");
}

export const pages = {
  "/floor/emergency": emergency,
  "/floor/emergency/phones": phonesPage,
  "/floor/emergency/:id": playbook,
};
