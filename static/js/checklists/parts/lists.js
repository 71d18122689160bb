/** The rounds of a repeated list, and the lists that can be begun by hand. */

import {empty, icon, lamp, ring, row} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {itemsOf} from "../judge.js";
import {currentRound, roundsOf, runOfRound} from "../sheet.js";
import {mayStart} from "../who.js";
import {subOf, titleOf} from "./page.js";

/** @param {any} sheet of any round */
export async function roundsPage(sheet) {
  const {ctx, first, template} = sheet;
  const here = currentRound(ctx, first);
  const numbers = Array.from({length: roundsOf(ctx, first)}, (_, n) => n + 1);
  const runs = await Promise.all(numbers.map((n) => runOfRound(ctx, first, template, n)));
  const main = html`<ul class="rows-time gap-s">${runs.map((run, n) => roundRow(sheet, run, n + 1, here))}</ul>`;
  return layout(ctx, {
    title: titleOf(sheet), sub: subOf(sheet), back: sheet.url(), tab: "lists", main, shows: "checklist_run", from: sheet.url("rounds"),
    dock: html`<a class="btn btn-main" href="/floor/run/${first.id}?round=${here}">${t("checklists.round_now", {n: here})}${icon("next")}</a>`,
  });
}

function roundRow({first, ctx}, run, n, here) {
  const time = run.due_at && clockTime(run.due_at);
  return row({
    href: `/floor/run/${first.id}?round=${n}`, isTime: true, lead: n === here ? html`<b>${time}</b>` : time, ask: t("checklists.round", {n}),
    meta: roundWord(ctx, run, n === here), state: run.status === "accepted" ? "done" : null, end: roundEnd(ctx, run),
  });
}

/** Due, and nobody began it. */
const isMissed = (ctx, run) => run.status === "scheduled" && run.due_at && run.due_at < ctx.now;

function roundWord(ctx, run, isHere) {
  if (run.status === "accepted") return t("checklists.round_accepted");
  if (run.status === "done") return t("checklists.round_done");
  if (isMissed(ctx, run)) return html`<b class="cue-stop">${t("checklists.round_missed")}</b>`;
  return isHere && (run.start_at ?? 0) <= ctx.now && t("checklists.round_is_now");
}

function roundEnd(ctx, run) {
  const {open, fail, contested, pass, na} = run.counts;
  const total = open + fail + contested + pass + na;
  if (run.status === "accepted") return lamp("go", {size: "l", label: t("checklists.round_accepted")});
  if (open < total) return ring({done: total - open, total, cue: fail + contested ? "stop" : "work"});
  return lamp(isMissed(ctx, run) ? "stop" : "off", {size: "l", label: t("checklists.not_begun")});
}

/** Phases that hang on no show. */
const BY_HAND = new Set(["event", "daily"]);

/** Lists whose moment no plan knows: a delivery, a return, a drill. @param {import("../../floor/router.js").Context} ctx */
export function startPage(ctx) {
  const newest = new Map();
  for (const template of ctx.replica.all("checklist_template")) {
    if (!BY_HAND.has(template.phase)) continue;
    if ((newest.get(template.code)?.version ?? 0) < template.version) newest.set(template.code, template);
  }
  const mine = [...newest.values()].filter((template) => mayStart(ctx, template));
  const none = empty({title: t("checklists.start.none"), text: t("checklists.start.none_text")});
  const main = mine.length ? html`<ul class="starts">${mine.map((template) => startRow(ctx, template))}</ul>` : none;
  return layout(ctx, {title: t("checklists.start"), back: "/floor/lists", tab: "lists", main, shows: "checklist_template me role"});
}

function startRow(ctx, template) {
  const accepter = pick(ctx.replica.get("role", template.accept_role));
  return html`<li class="row"><span class="row-lead">${icon("lists")}</span>
    <div class="row-body"><p class="row-ask">${pick(template)}</p>
      <p class="meta"><span>${t("checklists.items", {n: itemsOf(template).length})}</span><span>${accepter} ${t("checklists.accepts")}</span></p></div>
    <form class="row-wide startform" hx-post="/floor/start"><input type="hidden" name="template" value="${template.code}@${template.version}">
      ${template.phase === "event" ? titleField(template) : html`<span></span>`}<button class="btn">${t("checklists.start.go")}</button></form></li>`;
}

/** What a list without a show is for. */
function titleField(template) {
  const hint = t("checklists.start.title");
  return html`<input class="input" name="title" maxlength="200" autocomplete="off" placeholder="${hint}" aria-label="${hint}：${pick(template)}">`;
}
