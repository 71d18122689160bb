/** What stands above and below the items of a list: the one thing that stops it, until when, the strip of all items, the way on. */

import {band, icon, lamp} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime, leftCue, leftText, nearTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {criticalFails} from "../judge.js";
import {mayAnswer, nameOf} from "../who.js";
import {folded} from "./bits.js";

/** The head of a list, kept true by itself. */
export function head(sheet) {
  const shows = [
    `checklist_run:${sheet.id}`, ...(sheet.run.needs ?? []).filter((need) => need.run_id).map((need) => `checklist_run:${need.run_id}`),
    ...sheet.items.map((item) => `checklist_item:${sheet.keyOf(item.id)}`),
  ];
  return html`<div id="run-head" data-shows="${shows.join(" ")}" data-from="${sheet.url("head", {as: sheet.signature})}">${banner(sheet)}
    <div class="runhead">${dueLine(sheet)}${strip(sheet)}${roundLine(sheet)}${notes(sheet)}</div></div>`;
}

/** At most one band: the one thing that stops the work, or what became of the list. */
export function banner(sheet, {isEnd = false} = {}) {
  const {run, ctx} = sheet;
  const see = !isEnd && toFinish(sheet, t("checklists.see"));
  const by = (mark) => ({name: nameOf(ctx, mark.by), time: nearTime(mark.at), reason: mark.reason});
  if (run.status === "cancelled") return band({cue: "stop", text: t("checklists.band.cancelled", by(run.cancelled))});
  if (run.status === "accepted") return band({cue: "go", text: t("checklists.band.accepted", by(run.accepted)), action: see});
  const held = heldFinish(sheet);
  if (held) return band({cue: "wait", text: t("checklists.band.held", {names: held.facts.names ?? ""}), action: see});
  if (run.status === "done") return doneBand(sheet, see);
  const failing = criticalFails(sheet.template, sheet.find).length;
  if (failing) return band({cue: "stop", text: t("checklists.band.critical", {n: failing})});
  if (sheet.isWaiting) return waitBand(sheet);
  if (run.rejected) return band({cue: "wait", text: t("checklists.band.rejected", by(run.rejected))});
  return null;
}

const toFinish = (sheet, text) => html`<a class="btn" href="${sheet.url("finish")}">${text}</a>`;

function doneBand(sheet, see) {
  const role = pick(sheet.replica.get("role", sheet.template.accept_role)) || sheet.template.accept_role;
  if (sheet.canAccept) return band({cue: "wait", text: t("checklists.band.yours"), action: see && toFinish(sheet, t("checklists.accept"))});
  const name = nameOf(sheet.ctx, sheet.run.finished?.by);
  return band({cue: "work", text: t("checklists.band.done", {name, role}), action: see});
}

/** A list that waits for others says which, and can be opened all the same (CHK-3). */
function waitBand(sheet) {
  const lists = sheet.openNeeds.map((need) => t("checklists.quoted", {text: listName(sheet, need)})).join(t("checklists.and"));
  const help = mayAnswer(sheet.ctx, sheet) && html`<p class="pad gap-s meta">${t("checklists.go_on_help")}</p>`;
  return html`${band({cue: "wait", text: t("checklists.band.waits", {lists})})}${help}`;
}

function listName(sheet, {code, run_id}) {
  const run = run_id && sheet.replica.get("checklist_run", run_id);
  const template = run ? sheet.replica.get("checklist_template", run.template) : sheet.replica.all("checklist_template").find((one) => one.code === code);
  return pick(template) || code;
}

/** This device's finish, when it waits on the server for another tablet and nothing has overtaken it. */
export function heldFinish(sheet) {
  const {status, finished} = sheet.run;
  if (status !== "done" || finished?.forced) return undefined;
  const isIt = ({type, data, state, actor}) =>
    type === "checklists.finish_run" && data.run_id === sheet.id && state === "held" && actor === finished?.by;
  return sheet.replica.outbox().findLast(isIt);
}

function dueLine(sheet) {
  const {due_at, status} = sheet.run;
  const line = (cue, text) => html`<p class="inline">${lamp(cue)}<span>${text}</span></p>`;
  if (!due_at) return sheet.template.phase === "post" ? line("off", t("checklists.after_show")) : null;
  const time = nearTime(due_at);
  if (!sheet.isOpen) return line(status === "accepted" ? "go" : "work", t("checklists.due_was", {time}));
  const cue = leftCue(due_at);
  const left = html`<time-left at="${due_at}" class="nowrap${cue && ` cue-${cue}`}">${leftText(due_at)}</time-left>`;
  return line(cue === "stop" ? "stop" : "wait", html`${t("checklists.due", {time})}${left}`);
}

const BAR = 7;
const STEP = 10;
const GAP = 5;
const HEIGHT = 20;
const TOP = {pass: 9, na: 13, open: 17, fail: 0, back: 9};
const STRIP_CUE = {pass: "go", fail: "stop", na: "na", open: "off", back: "wait"};

/** Every item as one bar, its height the state; sections stand apart (look/README). */
export function strip(sheet) {
  let x = 0;
  const asked = new Set(sheet.asked);
  const bars = sheet.template.sections.map((section, n) => {
    if (n) x += GAP;
    return section.items.filter((item) => asked.has(item)).map((item) => {
      const bar = barOf(sheet.find(item.id)?.sent_back ? "back" : sheet.standing(item), x);
      x += STEP;
      return bar;
    });
  });
  const label = t("checklists.strip", sheet.progress());
  return html`<svg class="strip" viewBox="0 0 ${x - (STEP - BAR)} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${bars}</svg>`;
}

function barOf(standing, x) {
  if (standing === "contested") return html`<path class="strip-bar" data-cue="stop" d="M${x} 0h2.5v20H${x}zM${x + 4.5} 0h2.5v20h-2.5z"/>`;
  const y = TOP[standing];
  return html`<rect class="strip-bar" data-cue="${STRIP_CUE[standing]}" x="${x}" y="${y}" width="${BAR}" height="${HEIGHT - y}"/>`;
}

/** Rounds of a repeated list: which one this is, and the way to the others. */
function roundLine(sheet) {
  const {round, run} = sheet;
  if (!round) return null;
  const other = (n, mark, label) => html`<a class="key" href="/floor/run/${sheet.first.id}?round=${n}" aria-label="${label}">${icon(mark)}</a>`;
  return html`<nav class="rounds" aria-label="${t("checklists.rounds")}">
    ${round > 1 ? other(round - 1, "back", t("checklists.round_before")) : html`<span></span>`}
    <a class="key" href="${sheet.url("rounds")}">${t("checklists.round", {n: round})}${run.due_at && ` · ${clockTime(run.due_at)}`}</a>
    ${other(round + 1, "next", t("checklists.round_after"))}</nav>`;
}

/** What the list is built to, one tap away. */
function notes(sheet) {
  const {template, run} = sheet;
  const flags = (run.flags ?? []).map((flag) => flagLine(flag, "meta inline"));
  const texts = ["standard", "sampling"].filter((name) => template[name]);
  return [
    ...flags, ...texts.map((name) => folded("book", t(`checklists.text.${name}`), html`<p>${pick(template[name])}</p>`)), rules(sheet),
  ];
}

/** Something the accepter has to know of the whole list. */
export const flagLine = (flag, cls) => html`<p class="${cls}">${lamp("wait", {size: "s"})}<span>${t(`checklists.flag.${flag}`)}</span></p>`;

/** What the handbook says to whoever does this list (F24). */
function rules({replica, template}) {
  const found = replica.all("rule").filter((rule) => rule.applies_to?.includes(template.owner_role)).sort((a, b) => a.seq - b.seq);
  const links = found.map((rule) => html`<li><a href="/floor/handbook/${rule.id}">${pick(rule)}</a></li>`);
  return found.length > 0 && folded("flag", t("checklists.rules", {n: found.length}), html`<ul class="rule-links">${links}</ul>`);
}

/** "3 / 4": answered of all items of a section. */
export function sectionCount(sheet, {id, items}) {
  const asked = sheet.asked.filter((item) => items.includes(item));
  const done = asked.filter((item) => sheet.standing(item) !== "open").length;
  return html`<span class="meta" id="count-${id}">${t("checklists.count", {done, total: asked.length})}</span>`;
}

/** How much is missing, and the one way on: the next item, what keeps the list open, or its end. */
export function dock(sheet) {
  const inside = dockKeys(sheet);
  return inside && html`<div id="run-dock" class="inline grow">${inside}</div>`;
}

function dockKeys(sheet) {
  const main = (text, mark) => html`<a class="btn btn-main" href="${sheet.url("finish")}">${text}${icon(mark)}</a>`;
  if (sheet.run.status === "done" && sheet.canAccept) return main(t("checklists.accept"), "sign");
  if (!sheet.isOpen) return html`<a class="btn btn-wide" href="${sheet.url("finish")}">${t("checklists.see_result")}</a>`;
  if (sheet.isWaiting && mayAnswer(sheet.ctx, sheet)) return goOnKey(sheet);
  if (!sheet.canAnswer) return null;
  const todo = sheet.todo();
  const left = sheet.asked.filter((item) => sheet.standing(item) === "open" || sheet.find(item.id)?.sent_back).length;
  if (todo.length) return html`<a class="btn btn-quiet" href="${sheet.url("finish")}">${t("checklists.left", {n: left})}</a>${nextKey(sheet, todo)}`;
  const isStuck = left > 0 || sheet.gaps().some((gap) => gap.blocks);
  return isStuck ? main(t("checklists.see_gaps"), "next") : main(t("checklists.finish"), "tick");
}

/** One tap, also with no network (CHK-3). */
const goOnKey = (sheet) => html`<button type="button" class="btn btn-main" hx-post="${sheet.url("open")}">${t("checklists.go_on")}</button>`;

/** On a phone the list moves to the next open item, in two panes that item opens. */
function nextKey(sheet, todo) {
  const text = html`${t("checklists.next")}${icon("down")}`;
  if (!sheet.isWide) return html`<button type="button" class="btn btn-main" data-next>${text}</button>`;
  const here = sheet.items.findIndex((item) => item.id === sheet.openItem);
  const next = todo.find((item) => sheet.items.indexOf(item) > here) ?? todo[0];
  const url = sheet.url(`pane/${next.id}`);
  return html`<button type="button" class="btn btn-main" hx-get="${url}" hx-target="#open-item" hx-swap="outerMorph">${text}</button>`;
}
