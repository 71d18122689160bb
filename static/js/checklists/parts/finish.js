/** The end of a list: what is missing, the way to say it is done, and what a second person signs (CHK-2, CHK-6). */

import {chip, empty, icon, kept, lamp, row, section} from "../../floor/components.js";
import {html, joined} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {nearTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {draftKey} from "../drafts.js";
import {isWaived, standing} from "../judge.js";
import {answersIn, hasRight, isOwnWork, mayAccept, nameOf} from "../who.js";
import {CUE, markLine, marks, valueOf} from "./bits.js";
import {signPad} from "./controls.js";
import {banner, flagLine, heldFinish, strip} from "./head.js";
import {subOf, titleOf} from "./page.js";
import {photoRow} from "./photos.js";

/** @param {any} sheet @param {{open?: string}} [how] open: "reject", "reopen" or "force" */
export function finishPage(sheet, how = {}) {
  const {run} = sheet;
  const shows = [`checklist_run:${sheet.id}`, ...sheet.items.map((item) => `checklist_item:${sheet.keyOf(item.id)}`)].join(" ");
  const {main, dock} = sheet.isOpen ? gapsOf(sheet) : {main: run.status === "cancelled" ? banner(sheet) : resultOf(sheet, how)};
  return layout(sheet.ctx, {
    title: titleOf(sheet), sub: subOf(sheet), back: sheet.url(), tab: "lists", main, dock, shows, from: sheet.url("finish", {open: how.open}),
  });
}

// -- open: gaps -----------------------------------------------------------------------------------------------------------

function gapsOf(sheet) {
  const gaps = sheet.gaps();
  const blocking = gaps.filter((gap) => gap.blocks);
  const others = gaps.filter((gap) => !gap.blocks);
  const list = (some) => html`<ul>${some.map((gap) => gapRow(sheet, gap))}</ul>`;
  const main = html`<div class="runhead">${strip(sheet)}</div>
    ${group("blocking", t("checklists.gaps.blocking"), blocking, list)}${group("others", t("checklists.gaps.others"), others, list)}
    ${!gaps.length && empty({cue: "go", title: t("checklists.gaps.none"), text: t("checklists.gaps.none_text", {role: acceptRole(sheet)})})}`;
  return {main, dock: sheet.canAnswer && finishKey(sheet, blocking, others)};
}

/** A headed list, nothing where nothing is. */
const group = (id, title, some, body) => some.length > 0 && section({id, title, meta: t("checklists.gaps.n", {n: some.length}), body: body(some)});

/** Never a dead button: while something is missing it leads there (F19). */
function finishKey(sheet, blocking, others) {
  const first = blocking[0] && itemAddress(sheet, blocking[0].item_id);
  if (first) return html`<a class="btn btn-main" aria-disabled="true" href="${first}">${t("checklists.not_yet")}${icon("next")}</a>`;
  const text = others.length ? t("checklists.finish_with", {n: others.length}) : t("checklists.finish");
  return html`<button type="button" class="btn btn-main" hx-post="${sheet.url("finish")}">${icon("tick")}${text}</button>`;
}

const itemAddress = (sheet, itemId) => sheet.url("", {item: itemId});

function gapRow(sheet, {item_id, why}) {
  const item = sheet.item(item_id);
  const waits = why === "open" ? sheet.waits(item) : [];
  const cue = why === "sent_back" ? "wait" : waits.length ? "locked" : CUE[why];
  const said = [html`<span>${t(`checklists.gaps.${why}`)}</span>`, ...marks(sheet, item, {withVerdict: false, withSigner: false})];
  return row({href: itemAddress(sheet, waits[0] ?? item_id), lead: lamp(cue), ask: pick(item), meta: joined(said, ""), end: icon("next")});
}

// -- done: what a second person sees and signs ----------------------------------------------------------------------------

const acceptRole = (sheet) => pick(sheet.replica.get("role", sheet.template.accept_role)) || sheet.template.accept_role;

function resultOf(sheet, how) {
  const head = html`<div class="runhead">${strip(sheet)}${scoreLine(sheet)}</div>`;
  const end = sheet.run.status === "done" ? endOf(sheet, how) : signedPart(sheet, how);
  return html`${banner(sheet, {isEnd: true})}${head}${findings(sheet)}${end}`;
}

function scoreLine(sheet) {
  const {pass, na, total} = sheet.progress();
  const {finished} = sheet.run;
  const who = finished && t("checklists.finished_by", {name: nameOf(sheet.ctx, finished.by), time: nearTime(finished.at)});
  const forced = finished?.forced && chip(t("checklists.forced", {reason: finished.forced.reason}), "wait");
  return html`<p class="lead">${total > na ? t("checklists.score", {pass, total: total - na}) : t("checklists.no_score")}</p>
    ${who && html`<p class="meta">${who} ${forced}</p>`}`;
}

/** Fails, two answers, open ones, waivers, N/As and lates, before anybody signs (CHK-6). */
function findings(sheet) {
  const among = (test) => sheet.asked.filter((item) => test(sheet.find(item.id), sheet.standing(item)));
  const groups = [
    ["fails", among((found, standing) => standing === "fail" || standing === "contested")],
    ["waived", among(isWaived)],
    ["unanswered", among((found, standing) => standing === "open")],
    ["late", sheet.lateItems],
    ["na", among((found, standing) => standing === "na")],
    ["unverified", among((found) => answersIn(found).some((answer) => answer.unverified))],
    ["fixed", among((found) => answersIn(found).some((answer) => answer.fixed))],
  ].filter(([, items]) => items.length);
  const flags = sheet.run.flags ?? [];
  if (!groups.length && !flags.length) return empty({cue: "go", title: t("checklists.findings.none")});
  const list = (name) => (items) => html`<ul>${items.map((item) => findingRow(sheet, item, name))}</ul>`;
  return html`${flags.map((flag) => flagLine(flag, "pad gap-top inline"))}
    ${groups.map(([name, items]) => group(`found-${name}`, t(`checklists.findings.${name}`), items, list(name)))}`;
}

function findingRow(sheet, item, name) {
  const found = sheet.find(item.id);
  const answer = found?.contested ? null : found?.answers?.at(-1);
  const waivers = name === "waived" ? found.waiver.steps.map(({by, reason}) => `${nameOf(sheet.ctx, by)}：${reason}`) : [];
  const texts = [...waivers, answer?.note, name === "na" && answer?.reason].filter(Boolean).map((text) => html`<p>${text}</p>`);
  const wide = [...texts, answer && photoRow(sheet, item, answer)].filter(Boolean);
  const stands = standing(found);
  return html`<li class="row"><span class="row-lead">${lamp(CUE[stands], {label: t(`checklists.standing.${stands}`)})}</span>
    <div class="row-body"><p class="row-ask">${pick(item)}</p>${markLine(marks(sheet, item))}</div>
    <div class="row-end">${answer && valueOf(sheet, item, answer)}</div>
    ${wide.length > 0 && html`<div class="row-wide stack">${wide}</div>`}</li>`;
}

/** The signature, or why it is not this person's, or not yet. */
function endOf(sheet, how) {
  const {ctx} = sheet;
  const say = (text) => html`<p class="pad gap-top">${text}</p>`;
  if (heldFinish(sheet) && hasRight(ctx, "checklists.lead")) {
    return reasonForm(sheet, "force", how, {open: t("checklists.force"), mark: "lock", help: t("checklists.force_help")});
  }
  if (!mayAccept(ctx, sheet.template)) return say(t("checklists.accepts_role", {role: acceptRole(sheet)}));
  if (isOwnWork(ctx, sheet)) return say(t("checklists.own_work"));
  if (how.open === "reject") return rejectForm(sheet);
  if (sheet.gaps().some((gap) => gap.blocks)) return html`${say(html`<b class="cue-stop">${t("checklists.cannot_sign")}</b>`)}${rejectKey(sheet)}`;
  if (isUnsent(sheet)) return html`<p class="pad gap-top inline">${lamp("wait")}<span>${t("checklists.sign_later")}</span></p>`;
  return html`${acceptPart(sheet)}${rejectKey(sheet)}`;
}

/** A signature covers what the server knows; changes of this device have to be there first (I7). */
const isUnsent = (sheet) => ["kept", "sending"].includes(sheet.replica.isPending("checklist_run", sheet.id));

function acceptPart(sheet) {
  const me = sheet.replica.get("person", sheet.ctx.person);
  const note = html`<div class="field gap-s"><label for="accept-note">${t("checklists.accept_note")}</label>
    <textarea class="input" id="accept-note" name="note" rows="2" maxlength="1000"></textarea></div>`;
  const pad = signPad({
    url: sheet.url("accept", {state: sheet.run.state}), key: draftKey(sheet.ctx.person, `${sheet.id}/accept/ink`), name: me?.name ?? "—",
    role: acceptRole(sheet), confirm: t("checklists.accept_confirm"), note,
  });
  return html`<section class="pad stack gap-top" aria-labelledby="sign-title"><h2 class="lead" id="sign-title">${t("checklists.accept_title")}</h2>
    <p class="meta">${t("checklists.accept_help")}</p>${pad}</section>`;
}

const rejectKey = (sheet) => openLink(sheet, "reject", "btn btn-wide btn-danger", html`${icon("undo")}${t("checklists.reject")}`);

/** The page again, with a form opened. */
const openLink = (sheet, open, cls, text) =>
  html`<p class="pad gap-top"><a class="${cls}" href="${sheet.url("finish", {open})}">${text}</a></p>`;

/** Why it goes back, and which items have to be answered anew. */
const rejectForm = (sheet) =>
  html`<form class="pad stack gap-top" hx-post="${sheet.url("reject", {state: sheet.run.state})}"><h2 class="lead">${t("checklists.reject")}</h2>
    <div class="field"><label for="reject-reason">${t("checklists.reject_reason")}</label>
      <textarea class="input" id="reject-reason" name="reason" rows="2" required maxlength="1000"></textarea></div>
    <fieldset class="stack"><legend>${t("checklists.reject_items")}</legend>${sheet.asked.map(backItem)}</fieldset>
    <button class="btn btn-main btn-wide">${icon("undo")}${t("checklists.reject_confirm")}</button></form>`;

function backItem(item) {
  const hint = t("checklists.reject_item_note");
  return html`<div class="backitem">
    <label><input type="checkbox" name="item" value="${item.id}"><span>${pick(item)}</span></label>
    <input class="input" name="note-${item.id}" maxlength="1000" placeholder="${hint}" aria-label="${hint}：${pick(item)}"></div>`;
}

/** A signed list: the signature, and voiding it with a reason (GEN-2). */
function signedPart(sheet, how) {
  const {accepted} = sheet.run;
  const name = nameOf(sheet.ctx, accepted.by);
  const reopen = {open: t("checklists.reopen"), mark: "undo", help: t("checklists.reopen_help")};
  return html`<section class="pad stack gap-top" aria-labelledby="signed-title"><h2 class="lead" id="signed-title">${t("checklists.signed")}</h2>
    <p class="signed"><photo-image sha="${accepted.signature}" form="display" alt="${t("checklists.sign.of", {name})}"></photo-image></p>
    <p class="meta inline">${name} ${nearTime(accepted.at)}${kept(sheet.replica.isPending("checklist_run", sheet.id) ?? "sent")}</p>
    ${accepted.note && html`<p>${accepted.note}</p>`}</section>
    ${mayAccept(sheet.ctx, sheet.template) && reasonForm(sheet, "reopen", how, reopen)}`;
}

/** A verb that wants a reason: first the key, then the words. */
function reasonForm(sheet, verb, how, {open, mark, help}) {
  if (how.open !== verb) return openLink(sheet, verb, "btn btn-wide", html`${icon(mark)}${open}`);
  return html`<form class="pad field gap-top" hx-post="${sheet.url(verb, {state: sheet.run.state})}">
    <label for="reason">${t("checklists.reason")}</label>
    <textarea class="input" id="reason" name="reason" rows="2" required maxlength="1000" aria-describedby="reason-help"></textarea>
    <p class="help" id="reason-help">${help}</p><button class="btn btn-main btn-wide">${icon(mark)}${open}</button></form>`;
}
