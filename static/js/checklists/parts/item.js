/** One item: its row in the list, and the same item opened on the right half of a tablet. */

import {icon, kept, lamp} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {draft, draftKey} from "../drafts.js";
import {nameOf} from "../who.js";
import {CUE, criticalMark, faultPlan, helpLinks, limits, markLine, marks, valueOf, waitsText} from "./bits.js";
import {answerUrl, fieldOf, hasKeys, itemUrl, signPad, targetOf, tickBox, verdictKeys} from "./controls.js";
import {contestedPanel, failPanel, failShown, naPanel, waiverPanel} from "./panels.js";
import {figures, photoRow} from "./photos.js";

/**
 * @typedef {{open?: string, said?: {error: string, typed: string}}} How `open`: what is opened under it (1, more, na, fail, redo, sign, case,
 *   waive) · `said`: what was typed and could not be taken
 */

/** Everything a row and a pane need to know of an item. */
function stateOf(sheet, item) {
  const found = sheet.find(item.id);
  const standing = sheet.standing(item);
  const waits = standing === "open" && !found?.sent_back ? sheet.waits(item) : [];
  return {
    found, standing, waits, answer: standing === "contested" ? undefined : found?.answers?.at(-1), isOpen: standing === "open",
    isBack: Boolean(found?.sent_back), canAnswer: sheet.canAnswer && !waits.length && standing !== "contested",
  };
}

/** @param {any} sheet @param {any} item @param {How} [how] */
export function itemRow(sheet, item, how = {}) {
  const state = stateOf(sheet, item);
  const {end, wide} = sheet.isWide ? narrowControls(sheet, item, state) : rowControls(sheet, item, state, how);
  const isCurrent = sheet.isWide && sheet.openItem === item.id;
  const look = lookOf(sheet, state);
  const shows = [item.id, ...(item.after ?? [])].map((id) => `checklist_item:${sheet.keyOf(id)}`);
  if (state.found?.case) shows.push(`case:${state.found.case.id}`);
  if (state.standing === "contested") shows.push(`contested_item:${sheet.keyOf(item.id)}`);
  return html`<li class="row" id="item-${item.id}" tabindex="-1"${look && html` data-state="${look}"`}${state.standing === "contested" && html` data-contested`}${
    sheet.canAnswer && sheet.isTodo(item) && html` data-todo`
  }${isCurrent && html` aria-current="true"`} data-shows="${shows.join(" ")}" data-from="${sheet.url(`items/${item.id}`, {open: how.open})}"><span class="row-lead">${itemLamp(sheet, state)}</span><div class="row-body"><p class="row-ask">${ask(sheet, item, state, how)}</p>${rowMeta(
    sheet, item, state, how,
  )}</div>${end && html`<div class="row-end">${end}</div>`}${wide && html`<div class="row-wide">${wide}</div>`}</li>`;
}

function lookOf(sheet, {standing, waits, isBack}) {
  if (standing === "fail" || standing === "contested") return "fail";
  if (isBack) return null;
  if (standing !== "open") return "done";
  return waits.length || sheet.isWaiting ? "locked" : null;
}

function itemLamp(sheet, {standing, waits, isBack}) {
  if (isBack) return lamp("wait", {label: t("checklists.sent_back")});
  if (standing === "open") return waits.length || sheet.isWaiting ? lamp("locked", {label: t("checklists.locked")}) : lamp("off");
  return lamp(CUE[standing], {label: t(`checklists.standing.${standing}`)});
}

/** The question itself opens the item, wherever there is more to it than one sees. */
function ask(sheet, item, state, how) {
  if (!sheet.isWide && !state.canAnswer) return pick(item);
  const isExpanded = sheet.isWide ? sheet.openItem === item.id : Boolean(how.open);
  return html`<button type="button" class="row-open" hx-get="${itemUrl(sheet, item, isExpanded && !sheet.isWide ? "" : "1")}" hx-target="${targetOf(sheet, item)}" hx-swap="outerMorph" aria-expanded="${isExpanded}">${pick(item)}</button>`;
}

function rowMeta(sheet, item, state, how) {
  const isQuiet = state.standing === "pass" || state.standing === "na";
  // The end of a quiet row says when; who is said of others.
  const pieces = marks(sheet, item, {withOrder: Boolean(how.open), withSigner: !isQuiet || (Boolean(how.open) && state.answer?.by !== sheet.ctx.person)});
  const shown = isQuiet && !how.open ? pieces.slice(Number(Boolean(item.critical))) : pieces;
  if (state.waits.length) shown.push(html`<span>${waitsText(sheet, state.waits)}</span>`);
  else if (item.kind === "number" && state.standing !== "pass") shown.push(html`<span>${limits(sheet, item)}</span>`);
  if (state.isBack && state.found.sent_back.note) shown.push(html`<span>${nameOf(sheet.ctx, state.found.sent_back.by)}：${state.found.sent_back.note}</span>`);
  if (hasUnsaid(sheet, item, state)) shown.push(html`<b class="cue-wait">${t("checklists.unsaid")}</b>`);
  if (how.said?.error) shown.push(html`<b class="cue-stop" id="error-${item.id}">${how.said.error}</b>`);
  if (state.standing === "na") shown.push(html`<span>${state.answer?.reason}</span>`);
  return markLine(shown);
}

const hasUnsaid = (sheet, item, {answer}) => {
  const typed = ["number"].includes(item.kind) && draft(draftKey(sheet.ctx.person, `${sheet.keyOf(item.id)}/value`));
  return Boolean(typed) && typed !== answer?.value;
};

const SHOWN_AT_END = ["number", "choice"];

/** The end of an answered row: its value, when, how far it has come (F28). */
function doneEnd(sheet, item, {answer, standing}) {
  const pending = sheet.replica.isPending("checklist_item", sheet.keyOf(item.id));
  return html`${answer && standing !== "na" && SHOWN_AT_END.includes(item.kind) && valueOf(sheet, item, answer)}${
    answer && standing === "pass" && !sheet.isWide && html`<span class="meta">${clockTime(answer.at)}</span>`
  }${kept(pending ?? "sent")}`;
}

/** In two panes rows stay short: a plain tick keeps its box, everything else opens on the right. */
function narrowControls(sheet, item, state) {
  if (state.canAnswer && state.isOpen && item.kind === "tick" && !hasKeys(item)) return {end: html`<span class="meta"></span>${tickBox(sheet, item, "")}`};
  return {end: !state.isOpen && doneEnd(sheet, item, state)};
}

function rowControls(sheet, item, state, how) {
  const {open = ""} = how;
  if (state.standing === "contested") return {end: doneEnd(sheet, item, state), wide: contestedPanel(sheet, item)};
  if (!state.canAnswer) return {end: !state.isOpen && doneEnd(sheet, item, state), wide: shownWide(sheet, item, state, open)};
  if (state.isOpen || state.isBack) return openControls(sheet, item, state, how);
  const end = doneEnd(sheet, item, state);
  if (state.standing === "fail") return {end, wide: html`<div class="stack">${open && (item.kind === "tick" || open !== "fail") && changeKeys(sheet, item, state, how)}${failPanel(sheet, item, state.answer, open)}${waiverPanel(sheet, item, "fail", open)}</div>`};
  return {end, wide: open ? html`<div class="stack">${changeKeys(sheet, item, state, how)}${evidence(sheet, item, state)}</div>` : quietEvidence(sheet, item, state)};
}

/** What was answered, for somebody who only reads. */
function shownWide(sheet, item, {answer, standing}, open) {
  const waiver = waiverPanel(sheet, item, standing, open);
  const shown = answer && (standing === "fail" ? failShown(sheet, item, answer) : evidence(sheet, item, {answer}));
  return (shown || waiver) && html`<div class="stack">${shown}${waiver}</div>`;
}

/** Words, codes and pictures of an answer that passed. */
function evidence(sheet, item, {answer}) {
  const text = ["text", "scan"].includes(item.kind) && answer.value;
  const photos = photoRow(sheet, item, answer);
  const signature = item.kind === "signature" && answer.value;
  if (!text && !photos && !signature && !answer.note) return null;
  return html`<div class="stack">${text && html`<p${item.kind === "scan" && html` class="row-value"`}>${text}</p>`}${photos}${
    signature && html`<p class="signed"><photo-image sha="${signature}" form="display" alt="${t("checklists.sign.of", {name: nameOf(sheet.ctx, answer.by)})}"></photo-image></p>`
  }${answer.note && html`<p>${answer.note}</p>`}</div>`;
}

/** A done row stays one quiet line, but a photo item keeps its photos in sight. */
const quietEvidence = (sheet, item, {answer}) =>
  answer && (item.kind === "photo" || item.kind === "text" || item.kind === "scan") && (item.kind === "photo" ? photoRow(sheet, item, answer) : html`<p class="meta">${answer.value}</p>`);

/** Every way to answer an item that is open. */
function openControls(sheet, item, state, how) {
  const {open = ""} = how;
  const field = fieldOf(sheet, item, state.answer, how);
  const isBoxed = item.kind === "tick" && !hasKeys(item);
  const end = isBoxed ? tickBox(sheet, item, open) : field.end;
  const hasVerdicts = hasKeys(item) || open;
  const pieces = [
    field.wide, hasVerdicts && verdictKeys(sheet, item, state.standing, open), open === "na" && naPanel(sheet, item), open === "sign" && pad(sheet, item),
    open && faultPlan(sheet, item, false), open && helpLinks(sheet, item), waiverPanel(sheet, item, state.standing, open),
  ].filter(Boolean);
  return {end, wide: pieces.length > 0 && html`<div class="stack">${pieces}</div>`};
}

/** An answer is changed by another tap, and taken back by pressing it again. */
function changeKeys(sheet, item, state, how) {
  const {open = ""} = how;
  const field = fieldOf(sheet, item, state.answer, how);
  const isFailed = state.standing === "fail";
  const clear = item.kind !== "tick" && html`<button type="button" class="btn" hx-post="${answerUrl(sheet, item, {verdict: "cleared"})}">${icon("erase")}${t("checklists.clear")}</button>`;
  return html`${field.end && html`<div class="inline">${field.end}</div>`}${!(isFailed && item.kind === "photo") && field.wide}${verdictKeys(sheet, item, state.standing, open)}${open === "na" && naPanel(sheet, item)}${
    open === "sign" && pad(sheet, item)
  }${clear && html`<div class="inline">${clear}</div>`}`;
}

const pad = (sheet, item) => {
  const me = sheet.replica.get("person", sheet.ctx.person);
  const roles = (me?.roles ?? []).map((id) => pick(sheet.replica.get("role", id))).filter(Boolean);
  return signPad({
    url: answerUrl(sheet, item), key: draftKey(sheet.ctx.person, `${sheet.keyOf(item.id)}/ink`), name: me?.name ?? "—", role: roles.join(t("checklists.and")),
    confirm: t("checklists.sign.confirm"),
  });
};

/** The item opened beside its list. @param {any} sheet @param {any} item @param {How} [how] */
export function itemPane(sheet, item, how = {}) {
  if (!item) return html`<div class="pane pane-b" id="open-item"></div>`;
  const state = stateOf(sheet, item);
  const shows = [item.id, ...(item.after ?? [])].map((id) => `checklist_item:${sheet.keyOf(id)}`).join(" ");
  return html`<div class="pane pane-b" id="open-item" role="region" aria-label="${t("checklists.this_item")}" data-item="${item.id}" data-shows="${shows}" data-from="${sheet.url(`pane/${item.id}`, {open: how.open})}"><section class="pad stack gap-top"><p class="inline">${criticalMark(item)}<span class="meta">${item.id} · ${pick(sheet.sectionOf(item.id))}</span></p><h2 class="title">${pick(item)}</h2>${markLine(
    marks(sheet, {...item, critical: false}), "meta inline",
  )}${item.kind === "number" && html`<p class="lead">${limits(sheet, item)}</p>`}${how.said?.error && html`<p class="cue-stop" id="error-${item.id}">${how.said.error}</p>`}${paneControls(sheet, item, state, how)}</section>${history(sheet, item, state)}</div>`;
}

function paneControls(sheet, item, state, how) {
  const {open = ""} = how;
  const {standing, answer} = state;
  if (standing === "contested") return contestedPanel(sheet, item);
  if (state.waits.length) return html`<p class="lead inline">${lamp("locked")}${waitsText(sheet, state.waits)}</p>`;
  if (!state.canAnswer) return shownWide(sheet, item, state, open);
  const field = fieldOf(sheet, item, answer, how);
  const hasPictures = item.kind === "photo" || standing === "fail";
  const clear = !state.isOpen && item.kind !== "tick" && html`<button type="button" class="btn" hx-post="${answerUrl(sheet, item, {verdict: "cleared"})}">${icon("erase")}${t("checklists.clear")}</button>`;
  return html`${field.end && html`<div class="inline">${field.end}</div>`}${item.kind === "tick" && verdictKeys(sheet, item, standing, open)}${
    hasPictures ? figures(sheet, item, answer) : field.wide
  }${open === "sign" && pad(sheet, item)}${item.kind !== "tick" && verdictKeys(sheet, item, standing, open)}${open === "na" && naPanel(sheet, item)}${standing === "na" && html`<p>${answer.reason}</p>`}${
    standing === "fail" && failPanel(sheet, item, answer, open)
  }${standing === "pass" && !hasPictures && evidence(sheet, item, state)}${standing !== "fail" && faultPlan(sheet, item, false)}<div class="inline">${standing !== "fail" && helpLinks(sheet, item)}${clear}</div>${waiverPanel(sheet, item, standing, open)}`;
}

/** What happened to this item, as far as its record tells. */
function history(sheet, item, {found}) {
  if (!found) return null;
  const {ctx} = sheet;
  const steps = [
    ...found.answers.map((answer) => ({at: answer.at, cue: CUE[answer.verdict] ?? "off", text: answer.verdict
      ? t(`checklists.history.${answer.verdict}`, {name: nameOf(ctx, answer.by)}) : t("checklists.history.answered", {name: nameOf(ctx, answer.by)}), more: answer.note})),
    found.decided && {at: found.decided.at, cue: "work", text: t("checklists.history.decided", {name: nameOf(ctx, found.decided.by)}), more: found.decided.reason},
    ...(found.waiver?.steps ?? []).map((step) => ({at: step.at, cue: "wait", text: t("checklists.history.waived", {name: nameOf(ctx, step.by)}), more: step.reason})),
    found.sent_back && {at: found.sent_back.at, cue: "wait", text: t("checklists.history.sent_back", {name: nameOf(ctx, found.sent_back.by)}), more: found.sent_back.note},
  ].filter(Boolean).sort((a, b) => a.at - b.at);
  if (!steps.length) return null;
  return html`<section aria-labelledby="history"><div class="sec"><h2 id="history">${t("checklists.history")}</h2></div><ol class="timeline pad">${steps.map(
    (step) => html`<li><time datetime="${new Date(step.at).toISOString()}">${clockTime(step.at)}</time>${lamp(step.cue)}<span>${step.text}${step.more && html` <span class="meta">${step.more}</span>`}</span></li>`,
  )}</ol></section>`;
}
