/** One item as a row of its list: a quiet line when it is done, its keys when it is open (look/README: done shrinks, open stays big). */

import {kept} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {draft, draftKey} from "../drafts.js";
import {nameOf} from "../who.js";
import {faultPlan, helpLinks, limits, markLine, marks, valueOf, waitsText} from "./bits.js";
import {clearKey, fieldOf, hasKeys, itemPad, itemUrl, targetOf, tickBox, verdictKeys} from "./controls.js";
import {contestedPanel, failPanel, failShown, naPanel, waiverPanel} from "./panels.js";
import {isPair, pair, photoRow} from "./photos.js";
import {itemLamp, lookOf, showsOf, stateOf} from "./state.js";

/** @typedef {import("./state.js").How} How */

/** @param {any} sheet @param {any} item @param {How} [how] */
export function itemRow(sheet, item, how = {}) {
  const state = stateOf(sheet, item);
  if (item.when && !sheet.asked.includes(item)) return unasked(sheet, item, state);
  const {end, wide} = sheet.isWide ? narrowControls(sheet, item, state) : rowControls(sheet, item, state, how);
  const look = lookOf(sheet, state);
  const flags = [
    look && html` data-state="${look}"`, state.standing === "contested" && html` data-contested`,
    sheet.canAnswer && sheet.isTodo(item) && html` data-todo`, sheet.isWide && sheet.openItem === item.id && html` aria-current="true"`,
  ];
  return html`<li class="row${isKey(sheet, state) && " row-opens"}" id="item-${item.id}" tabindex="-1"${flags}
    data-shows="${showsOf(sheet, item, state)}" data-from="${sheet.url(`items/${item.id}`, {open: how.open})}">
    <span class="row-lead">${itemLamp(sheet, state)}</span>
    <div class="row-body"><p class="row-ask">${ask(sheet, item, state, how)}</p>${rowMeta(sheet, item, state, how)}</div>
    ${end && html`<div class="row-end">${end}</div>`}${wide && html`<div class="row-wide">${wide}</div>`}</li>`;
}

/** Not asked as things stand: it keeps its place for when it will be. */
const unasked = (sheet, item, state) =>
  html`<li id="item-${item.id}" hidden data-shows="${showsOf(sheet, item, state)}" data-from="${sheet.url(`items/${item.id}`)}"></li>`;

/** The question itself opens the item, wherever there is more to it than one sees. */
const isKey = (sheet, state) => sheet.isWide || state.canAnswer;

function ask(sheet, item, state, how) {
  if (!isKey(sheet, state)) return pick(item);
  const isExpanded = sheet.isWide ? sheet.openItem === item.id : Boolean(how.open);
  const url = itemUrl(sheet, item, isExpanded && !sheet.isWide ? "" : "1");
  return html`<button type="button" class="row-open" aria-expanded="${String(isExpanded)}"
    hx-get="${url}" hx-target="${targetOf(sheet, item)}" hx-swap="outerMorph">${pick(item)}</button>`;
}

function rowMeta(sheet, item, state, how) {
  const {standing, answer, found} = state;
  const isQuiet = standing === "pass" || standing === "na";
  const isExpanded = Boolean(how.open);
  // The end of a quiet row says when; who is said of others.
  const pieces = marks(sheet, item, {withOrder: isExpanded, withSigner: !isQuiet || (isExpanded && answer?.by !== sheet.ctx.person)});
  if (isQuiet && !isExpanded && item.critical) pieces.shift();
  const say = (text) => pieces.push(html`<span>${text}</span>`);
  if (state.waits.length) say(waitsText(sheet, state.waits));
  else if (item.kind === "number" && standing !== "pass") say(limits(sheet, item));
  if (state.isBack && found.sent_back.note) say(`${nameOf(sheet.ctx, found.sent_back.by)}：${found.sent_back.note}`);
  if (standing === "na") say(answer?.reason);
  if (isUnsaid(sheet, item, answer)) pieces.push(html`<b class="cue-wait">${t("checklists.unsaid")}</b>`);
  if (how.said?.error) pieces.push(html`<b class="cue-stop" id="error-${item.id}">${how.said.error}</b>`);
  return markLine(pieces);
}

/** A number was typed before the page was closed, and never said. */
function isUnsaid(sheet, item, answer) {
  const typed = item.kind === "number" && draft(draftKey(sheet.ctx.person, `${sheet.keyOf(item.id)}/value`));
  return Boolean(typed) && typed !== answer?.value;
}

const SHOWN_AT_END = ["number", "choice"];

/** The end of an answered row: its value, when, how far it has come (F28). */
function doneEnd(sheet, item, {answer, standing}) {
  const pending = sheet.replica.isPending("checklist_item", sheet.keyOf(item.id));
  const hasValue = answer && standing !== "na" && SHOWN_AT_END.includes(item.kind);
  const hasTime = answer && standing === "pass" && !sheet.isWide;
  const time = hasTime && html`<span class="meta">${clockTime(answer.at)}</span>`;
  return html`${hasValue && valueOf(sheet, item, answer)}${time}${kept(pending ?? "sent")}`;
}

/** In two panes rows stay short: a plain tick keeps its box, everything else opens on the right. */
function narrowControls(sheet, item, state) {
  if (!state.isOpen) return {end: doneEnd(sheet, item, state)};
  return {end: state.canAnswer && item.kind === "tick" && !hasKeys(item) && tickBox(sheet, item, "")};
}

function rowControls(sheet, item, state, how) {
  const {open = ""} = how;
  const {standing, answer} = state;
  if (standing === "contested") return {end: doneEnd(sheet, item, state), wide: contestedPanel(sheet, item)};
  if (!state.canAnswer) return {end: !state.isOpen && doneEnd(sheet, item, state), wide: readOnly(sheet, item, state, open)};
  if (state.isOpen || state.isBack) return openControls(sheet, item, state, how);
  const end = doneEnd(sheet, item, state);
  if (standing === "fail") {
    const canChange = open && (item.kind === "tick" || open !== "fail");
    const keys = canChange && changeKeys(sheet, item, state, how);
    return {end, wide: stacked([keys, failPanel(sheet, item, answer, open), waiverPanel(sheet, item, standing, open)])};
  }
  if (!open) return {end, wide: quietEvidence(sheet, item, answer)};
  return {end, wide: stacked([changeKeys(sheet, item, state, how), evidence(sheet, item, answer, {hasRow: item.kind === "photo"})])};
}

/** @param {unknown[]} pieces empty ones are left out */
const stacked = (pieces) => {
  const shown = pieces.filter(Boolean);
  return shown.length > 0 && html`<div class="stack">${shown}</div>`;
};

/** What was answered, for somebody who only reads. */
export function readOnly(sheet, item, {answer, standing}, open) {
  const shown = answer && (standing === "fail" ? failShown(sheet, item, answer) : evidence(sheet, item, answer));
  return stacked([shown, waiverPanel(sheet, item, standing, open)]);
}

/** Words, codes and pictures of an answer that passed; `hasRow`: its photos stand above already, beside the camera. */
export function evidence(sheet, item, answer, {hasRow = false} = {}) {
  const isCode = item.kind === "scan";
  const isSigned = item.kind === "signature" && answer.value;
  return stacked([
    (isCode || item.kind === "text") && answer.value && html`<p${isCode && html` class="row-value"`}>${answer.value}</p>`,
    isPair(answer) ? pair(sheet, item, answer, {canAdd: sheet.canAnswer})
      : !hasRow && photoRow(sheet, item, answer, {canAdd: answer.fixed && sheet.canAnswer}),
    isSigned && signature(sheet, answer), answer.note && html`<p>${answer.note}</p>`,
  ]);
}

const signature = (sheet, {by, value}) =>
  html`<p class="signed"><photo-image sha="${value}" form="display" alt="${t("checklists.sign.of", {name: nameOf(sheet.ctx, by)})}"></photo-image></p>`;

/** A done row is one quiet line; photos, words and codes stay in sight. */
function quietEvidence(sheet, item, answer) {
  if (isPair(answer)) return pair(sheet, item, answer, {canAdd: sheet.canAnswer});
  if (item.kind === "photo") return photoRow(sheet, item, answer);
  return ["text", "scan"].includes(item.kind) && answer?.value && html`<p class="meta">${answer.value}</p>`;
}

/** Every way to answer an item that is open. */
function openControls(sheet, item, state, how) {
  const {open = ""} = how;
  const field = fieldOf(sheet, item, state.answer, how);
  const isBoxed = item.kind === "tick" && !hasKeys(item);
  return {
    end: isBoxed ? tickBox(sheet, item, open) : field.end,
    wide: stacked([
      field.wide, (hasKeys(item) || open) && verdictKeys(sheet, item, state.standing, open), open === "na" && naPanel(sheet, item),
      open === "sign" && itemPad(sheet, item), open && faultPlan(sheet, item, false), open && helpLinks(sheet, item),
      waiverPanel(sheet, item, state.standing, open),
    ]),
  };
}

/** An answer is changed by another tap, and taken back by pressing it again. */
function changeKeys(sheet, item, state, how) {
  const {open = ""} = how;
  const field = fieldOf(sheet, item, state.answer, how);
  const hasPanel = state.standing === "fail" && item.kind === "photo"; // the panel under it shows the photos
  return html`${field.end && html`<div class="inline">${field.end}</div>`}${!hasPanel && field.wide}${verdictKeys(sheet, item, state.standing, open)}${
    open === "na" && naPanel(sheet, item)
  }${open === "sign" && itemPad(sheet, item)}${item.kind !== "tick" && html`<div class="inline">${clearKey(sheet, item)}</div>`}`;
}
