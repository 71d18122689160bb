/** Small pieces that rows, panes and heads of a list share: words for states, limits, names, links out of the list. */

import {chip, icon} from "../../floor/components.js";
import {html, joined} from "../../floor/html.js";
import {MINUTE, clockTime, nearTime, span} from "../../floor/time.js";
import {lang, pick, t} from "../../floor/words.js";
import {nameOf} from "../who.js";

/** Cue light of a standing. @type {Record<string, string>} */
export const CUE = {pass: "go", fail: "stop", na: "na", contested: "two", open: "off"};

export const SEVERITIES = ["minor", "moderate", "major", "critical"];

export const criticalMark = (item) => item.critical && html`<span class="critical">${t("checklists.critical")}</span>`;

/** "不少于 3 台", "18–28 °C" @param {any} sheet @param {any} item @returns {string} */
export function limits(sheet, item) {
  const {min, max} = item;
  const unit = unitOf(sheet, item);
  if (min === null && max === null) return "";
  if (min === max) return t("checklists.limit.exact", {value: min, unit});
  if (max === null) return t("checklists.limit.min", {min, unit});
  return min === null ? t("checklists.limit.max", {max, unit}) : t("checklists.limit.between", {min, max, unit});
}

/** The unit in the reader's words; one that is not listed is written as it stands. */
export function unitOf(sheet, item) {
  const unit = item.unit && sheet.replica.get("unit", item.unit);
  return unit ? pick(unit) : (item.unit ?? "");
}

/** "先做“背景、标识”" @param {any} sheet @param {string[]} ids */
export const waitsText = (sheet, ids) =>
  t("checklists.first_do", {items: ids.map((id) => t("checklists.quoted", {text: shortOf(pick(sheet.item(id)))})).join(t("checklists.and"))});

/** The start of a long item, cut where a sentence has a mark. */
function shortOf(text) {
  const most = lang() === "zh" ? 14 : 32;
  const head = text.split(/[,\uff0c;\uff1b:\uff1a\u3002(\uff08]/)[0];
  return head.length > most + 2 ? `${head.slice(0, most).trim()}…` : head;
}

/** An answer's value as the row shows it. */
export function valueOf(sheet, item, answer) {
  if (!answer?.value) return "";
  if (item.kind === "number") return html`<span class="row-value">${answer.value} <small>${unitOf(sheet, item)}</small></span>`;
  const choice = item.choices?.find((one) => one.id === answer.value);
  if (choice) return html`<span class="row-choice">${pick(choice)}</span>`;
  return item.kind === "signature" ? "" : answer.value;
}

/** Late never goes away (CHK-8). */
export function lateChip(sheet, answer) {
  if (!answer?.late) return null;
  const {due_at} = sheet.run;
  const text = due_at ? t("checklists.late_by", {span: span(Math.max(MINUTE, answer.at - due_at))}) : t("checklists.late");
  return chip(text, "wait");
}

/** Who and when; of one's own answers only when. */
export const signed = (sheet, answer) =>
  answer && html`<span class="nowrap">${answer.by !== sheet.ctx.person && `${nameOf(sheet.ctx, answer.by)} `}${nearTime(answer.at)}</span>`;

/** What there is to say about an item besides its question, as spans. */
export function marks(sheet, item, {withVerdict = true, withSigner = true, withOrder = true} = {}) {
  const found = sheet.find(item.id);
  const standing = sheet.standing(item);
  const answer = standing === "contested" ? null : found?.answers?.at(-1);
  const word = {fail: "fail", na: "na", contested: "contested"}[standing];
  const waiver = found?.waiver;
  return [
    criticalMark(item),
    found?.sent_back && chip(t("checklists.sent_back"), "wait"),
    withVerdict && word && html`<b class="${standing === "na" ? "" : "cue-stop"}">${t(`checklists.standing.${word}`)}</b>`,
    answer?.severity && html`<span>${t(`checklists.severity.${answer.severity}`)}</span>`,
    withSigner && signed(sheet, answer),
    answer?.fixed && chip(t("checklists.fixed"), "go"),
    lateChip(sheet, answer),
    withOrder && answer?.unverified && chip(t("checklists.unverified"), "wait"),
    waiver && chip(t(waiver.complete ? "checklists.waived" : "checklists.waiver_begun"), "wait"),
    found?.case && caseChip(found.case),
  ].filter(Boolean);
}

function caseChip({no, status}) {
  const isClosed = status === "closed";
  return chip(t(isClosed ? "checklists.case_closed" : "checklists.case_open", {no: no ? `#${no}` : ""}), isClosed ? "go" : "work");
}

/** Marks in one line. */
export const markLine = (pieces, cls = "meta") => pieces.length > 0 && html`<p class="${cls}">${joined(pieces, "")}</p>`;

/** Ways to what helps: the playbook and the fault plan of an item, both on this device. */
export function helpLinks(sheet, item) {
  const playbook = item.playbook && sheet.replica.get("playbook", item.playbook);
  return playbook && html`<a class="btn" href="/floor/emergency/${playbook.id}">${icon("alarm")}${pick(playbook)}</a>`;
}

/** The steps of the fault plan, where the item names one (CHK-4). */
export function faultPlan(sheet, item, isOpen) {
  const plan = item.fault && sheet.replica.get("fault_plan", item.fault);
  if (!plan) return null;
  const steps = (pick(plan.steps) || []).map((step) => html`<li>${step}</li>`);
  return folded("alarm", t("checklists.fault_plan", {name: pick(plan)}), html`<ol class="plan-steps">${steps}</ol>`, isOpen);
}

/** Something one tap away. */
export const folded = (mark, title, body, isOpen = false) =>
  html`<details class="plan"${isOpen && html` open`}><summary>${icon(mark)}<span>${title}</span></summary>${body}</details>`;

/** A person's posts. */
export const rolesText = (sheet, person) =>
  (person?.roles ?? []).map((id) => pick(sheet.replica.get("role", id))).filter(Boolean).join(t("checklists.and"));
