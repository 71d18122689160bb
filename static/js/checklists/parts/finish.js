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
import {banner, heldFinish, strip} from "./head.js";
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
  const main = html`<div class="runhead">${strip(sheet)}</div>${blocking.length > 0 && section({id: "blocking", title: t("checklists.gaps.blocking"), meta: t("checklists.gaps.n", {n: blocking.length}), body: list(blocking)})}${
    others.length > 0 && section({id: "others", title: t("checklists.gaps.others"), meta: t("checklists.gaps.n", {n: others.length}), body: list(others)})
  }${!gaps.length && empty({cue: "go", title: t("checklists.gaps.none"), text: t("checklists.gaps.none_text", {role: acceptRole(sheet)})})}`;
  return {main, dock: sheet.canAnswer && finishKey(sheet, blocking, others)};
}

/** Never a dead button: while something is missing it leads there (F19). */
function finishKey(sheet, blocking, others) {
  if (blocking.length) return html`<a class="btn btn-main" aria-disabled="true" href="${itemAddress(sheet, blocking[0].item_id)}">${t("checklists.not_yet")}${icon("next")}</a>`;
  const text = others.length ? t("checklists.finish_with", {n: others.length}) : t("checklists.finish");
  return html`<button type="button" class="btn btn-main" hx-post="${sheet.url("finish")}">${icon("tick")}${text}</button>`;
}

const itemAddress = (sheet, itemId) => sheet.url("", {item: itemId});

function gapRow(sheet, {item_id, why}) {
  const item = sheet.item(item_id);
  const waits = why === "open" ? sheet.waits(item) : [];
  return row({
    href: itemAddress(sheet, waits[0] ?? item_id), lead: lamp(why === "sent_back" ? "wait" : waits.length ? "locked" : CUE[why]), ask: pick(item),
    meta: joined([html`<span>${t(`checklists.gaps.${why}`)}</span>`, ...marks(sheet, item, {withVerdict: false, withSigner: false})], ""), end: icon("next"),
  });
}

// -- done: what a second person sees and signs ----------------------------------------------------------------------------

const acceptRole = (sheet) => pick(sheet.replica.get("role", sheet.template.accept_role)) || sheet.template.accept_role;

function resultOf(sheet, how) {
  return html`${banner(sheet, {isEnd: true})}<div class="runhead">${strip(sheet)}${scoreLine(sheet)}</div>${findings(sheet)}${sheet.run.status === "done" ? endOf(sheet, how) : signedPart(sheet, how)}`;
}

function scoreLine(sheet) {
  const {pass, na, total} = sheet.progress();
  const {finished} = sheet.run;
  return html`<p class="lead">${total > na ? t("checklists.score", {pass, total: total - na}) : t("checklists.no_score")}</p>${finished && html`<p class="meta">${t("checklists.finished_by", {
    name: nameOf(sheet.ctx, finished.by), time: nearTime(finished.at),
  })}${finished.forced && html` ${chip(t("checklists.forced", {reason: finished.forced.reason}), "wait")}`}</p>`}`;
}

/** Fails, two answers, open ones, waivers, N/As and lates, before anybody signs (CHK-6). */
function findings(sheet) {
  const groups = [
    ["fails", sheet.items.filter((item) => ["fail", "contested"].includes(sheet.standing(item)))],
    ["waived", sheet.items.filter((item) => isWaived(sheet.find(item.id)))],
    ["unanswered", sheet.items.filter((item) => sheet.standing(item) === "open")],
    ["late", sheet.lateItems],
    ["na", sheet.items.filter((item) => sheet.standing(item) === "na")],
    ["unverified", sheet.items.filter((item) => answersIn(sheet.find(item.id)).some((answer) => answer.unverified))],
    ["fixed", sheet.items.filter((item) => answersIn(sheet.find(item.id)).some((answer) => answer.fixed))],
  ].filter(([, items]) => items.length);
  const flags = sheet.run.flags ?? [];
  if (!groups.length && !flags.length) return empty({cue: "go", title: t("checklists.findings.none")});
  return html`${flags.map((flag) => html`<p class="pad gap-top inline">${lamp("wait")}<span>${t(`checklists.flag.${flag}`)}</span></p>`)}${groups.map(([name, items]) =>
    section({id: `found-${name}`, title: t(`checklists.findings.${name}`), meta: t("checklists.gaps.n", {n: items.length}), body: html`<ul>${items.map((item) => findingRow(sheet, item, name))}</ul>`}),
  )}`;
}

function findingRow(sheet, item, group) {
  const found = sheet.find(item.id);
  const answer = found?.contested ? null : found?.answers?.at(-1);
  const reasons = group === "waived" ? found.waiver.steps.map((step) => html`<p>${nameOf(sheet.ctx, step.by)}：${step.reason}</p>`) : [];
  const texts = [answer?.note, group === "na" && answer?.reason].filter(Boolean).map((text) => html`<p>${text}</p>`);
  const photos = answer && photoRow(sheet, item, answer);
  const wide = [...reasons, ...texts, photos].filter(Boolean);
  return html`<li class="row"><span class="row-lead">${lamp(CUE[standing(found)], {label: t(`checklists.standing.${standing(found)}`)})}</span><div class="row-body"><p class="row-ask">${pick(item)}</p>${markLine(
    marks(sheet, item),
  )}</div><div class="row-end">${answer && valueOf(sheet, item, answer)}</div>${wide.length > 0 && html`<div class="row-wide stack">${wide}</div>`}</li>`;
}

/** The signature, or why it is not this person's, or not yet. */
function endOf(sheet, how) {
  const {ctx} = sheet;
  if (heldFinish(sheet) && hasRight(ctx, "checklists.lead")) return reasonForm(sheet, "force", how, {open: t("checklists.force"), mark: "lock", help: t("checklists.force_help")});
  if (!mayAccept(ctx, sheet.template)) return html`<p class="pad gap-top">${t("checklists.accepts_role", {role: acceptRole(sheet)})}</p>`;
  if (isOwnWork(ctx, sheet)) return html`<p class="pad gap-top">${t("checklists.own_work")}</p>`;
  if (sheet.gaps().some((gap) => gap.blocks)) return html`<p class="pad gap-top cue-stop">${t("checklists.cannot_sign")}</p>${rejectPart(sheet, how)}`;
  if (how.open === "reject") return rejectPart(sheet, how);
  if (isUnsent(sheet)) return html`<p class="pad gap-top inline">${lamp("wait")}<span>${t("checklists.sign_later")}</span></p>`;
  return html`${acceptPart(sheet)}${rejectPart(sheet, how)}`;
}

/** A signature covers what the server knows; changes of this device have to be there first (I7). */
const isUnsent = (sheet) => ["kept", "sending"].includes(sheet.replica.isPending("checklist_run", sheet.id));

function acceptPart(sheet) {
  const me = sheet.replica.get("person", sheet.ctx.person);
  const note = html`<div class="field gap-s"><label for="accept-note">${t("checklists.accept_note")}</label><textarea class="input" id="accept-note" name="note" rows="2" maxlength="1000"></textarea></div>`;
  return html`<section class="pad stack gap-top" aria-labelledby="sign-title"><h2 class="lead" id="sign-title">${t("checklists.accept_title")}</h2><p class="meta">${t("checklists.accept_help")}</p>${signPad({
    url: sheet.url("accept", {state: sheet.run.state}), key: draftKey(sheet.ctx.person, `${sheet.id}/accept/ink`), name: me?.name ?? "—", role: acceptRole(sheet), confirm: t("checklists.accept_confirm"), note,
  })}</section>`;
}

function rejectPart(sheet, how) {
  if (how.open !== "reject") return html`<p class="pad gap-top"><a class="btn btn-wide btn-danger" href="${sheet.url("finish", {open: "reject"})}">${icon("undo")}${t("checklists.reject")}</a></p>`;
  return html`<form class="pad stack gap-top" hx-post="${sheet.url("reject", {state: sheet.run.state})}"><h2 class="lead">${t("checklists.reject")}</h2><div class="field"><label for="reject-reason">${t(
    "checklists.reject_reason",
  )}</label><textarea class="input" id="reject-reason" name="reason" rows="2" required maxlength="1000"></textarea></div><fieldset class="stack"><legend>${t("checklists.reject_items")}</legend>${sheet.items.map(
    (item) => html`<div class="backitem"><label><input type="checkbox" name="item" value="${item.id}"><span>${pick(item)}</span></label><input class="input" name="note-${item.id}" maxlength="1000" placeholder="${t("checklists.reject_item_note")}" aria-label="${t("checklists.reject_item_note")}：${pick(item)}"></div>`,
  )}</fieldset><button class="btn btn-main btn-wide">${icon("undo")}${t("checklists.reject_confirm")}</button></form>`;
}

/** A signed list: the signature, and voiding it with a reason (GEN-2). */
function signedPart(sheet, how) {
  const {accepted} = sheet.run;
  const name = nameOf(sheet.ctx, accepted.by);
  return html`<section class="pad stack gap-top" aria-labelledby="signed-title"><h2 class="lead" id="signed-title">${t("checklists.signed")}</h2><p class="signed"><photo-image sha="${accepted.signature}" form="display" alt="${t("checklists.sign.of", {name})}"></photo-image></p><p class="meta inline">${name} ${nearTime(
    accepted.at,
  )}${kept(sheet.replica.isPending("checklist_run", sheet.id) ?? "sent")}</p>${accepted.note && html`<p>${accepted.note}</p>`}</section>${
    mayAccept(sheet.ctx, sheet.template) && reasonForm(sheet, "reopen", how, {open: t("checklists.reopen"), mark: "undo", help: t("checklists.reopen_help")})
  }`;
}

/** A verb that wants a reason: first the key, then the words. */
function reasonForm(sheet, verb, how, {open, mark, help}) {
  if (how.open !== verb) return html`<p class="pad gap-top"><a class="btn btn-wide" href="${sheet.url("finish", {open: verb})}">${icon(mark)}${open}</a></p>`;
  return html`<form class="pad field gap-top" hx-post="${sheet.url(verb, {state: sheet.run.state})}"><label for="reason">${t("checklists.reason")}</label><textarea class="input" id="reason" name="reason" rows="2" required maxlength="1000"></textarea><p class="help">${help}</p><button class="btn btn-main btn-wide">${icon(
    mark,
  )}${open}</button></form>`;
}
