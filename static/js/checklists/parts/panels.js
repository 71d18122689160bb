/** What opens under an item: a fail's note and help, the reason of an N/A, two answers, a waiver, who is to see to a fault. */

import {icon, lamp, who} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {hasRight, nameOf, waiverStep} from "../who.js";
import {CUE, SEVERITIES, faultPlan, helpLinks, valueOf} from "./bits.js";
import {openKey, textField} from "./controls.js";
import {photoRow} from "./photos.js";

/** Words that are said again and again, one tap each. */
const NOTES = ["dirty", "damaged", "missing", "not_working", "wrong_place", "being_fixed"];
const REASONS = ["not_tonight", "not_used", "not_here", "others_do"];

/** @param {any} sheet @param {any} item @param {any} answer that failed */
export function failPanel(sheet, item, answer, open) {
  const isEditing = open === "fail" || sheet.isWide;
  return html`<div class="stack">${faultPlan(sheet, item, isEditing)}${isEditing ? noteField(sheet, item, answer) : answer.note && html`<p>${answer.note}</p>`}${!sheet.isWide && photoRow(sheet, item, answer, {canAdd: true})}${
    isEditing && severity(sheet, item, answer)
  }<div class="inline">${actions(sheet, item, open, isEditing)}</div>${open === "case" && ownerPanel(sheet, item)}</div>`;
}

/** A fail seen by somebody who does not answer here. */
export const failShown = (sheet, item, answer) =>
  (answer.note || answer.photos?.length > 0) && html`<div class="stack">${answer.note && html`<p>${answer.note}</p>`}${photoRow(sheet, item, answer)}</div>`;

function actions(sheet, item, open, isEditing) {
  const found = sheet.find(item.id);
  const hasCase = found?.case && found.case.status !== "closed";
  const fixed = ["tick", "photo"].includes(item.kind)
    ? html`<button type="button" class="btn" hx-post="${sheet.url(`items/${item.id}/fixed`)}">${icon("tick")}${t("checklists.fixed_now")}</button>`
    : openKey(sheet, item, "redo", {cls: "btn", text: html`${icon("retry")}${t("checklists.measure_again")}`, isExpanded: open === "redo"});
  return html`${fixed}${!hasCase && html`<button type="button" class="btn" hx-post="${sheet.url(`items/${item.id}/case`)}">${icon("flag")}${t("checklists.report")}</button>${openKey(sheet, item, "case", {
    cls: "btn", text: html`${icon("user")}${t("checklists.give_task")}`, isExpanded: open === "case",
  })}`}${!isEditing && openKey(sheet, item, "fail", {cls: "btn", text: html`${icon("note")}${t("checklists.add_note")}`})}${helpLinks(sheet, item)}`;
}

function noteField(sheet, item, answer) {
  const url = sheet.url(`items/${item.id}/detail`);
  return html`${textField(sheet, item, {name: "note", value: answer.note, label: {text: t("checklists.note"), isShown: true}, url, placeholder: t("checklists.note_hint")})}<div class="phrases" role="group" aria-label="${t("checklists.phrases")}">${NOTES.map(
    (name) => html`<button type="button" class="key" hx-post="${url}" hx-include="#note-${item.id}" name="add" value="${t(`checklists.phrase.${name}`)}">${t(`checklists.phrase.${name}`)}</button>`,
  )}</div>`;
}

const severity = (sheet, item, answer) =>
  html`<div class="seg" role="radiogroup" aria-label="${t("checklists.severity")}">${SEVERITIES.map(
    (name, n) => html`<button type="button" class="key" role="radio" aria-checked="${answer.severity === name}" tabindex="${answer.severity === name || (!answer.severity && n === 0) ? 0 : -1}" hx-post="${sheet.url(
      `items/${item.id}/detail`, {severity: name},
    )}">${t(`checklists.severity.${name}`)}</button>`,
  )}</div>`;

/** N/A is an answer with a reason (CHK-10). */
export function naPanel(sheet, item) {
  const url = sheet.url(`items/${item.id}/answer`, {verdict: "na"});
  return html`<div class="stack"><p class="meta" id="why-${item.id}">${t("checklists.na_why")}</p><div class="phrases" role="group" aria-labelledby="why-${item.id}">${REASONS.map(
    (name) => html`<button type="button" class="key" hx-post="${url}" name="reason" value="${t(`checklists.na_reason.${name}`)}">${t(`checklists.na_reason.${name}`)}</button>`,
  )}</div>${textField(sheet, item, {name: "reason", value: "", label: {text: t("checklists.na_other"), isShown: true}, url, rows: 1, most: 1000})}</div>`;
}

/**
 * Two answers to one item: both names for everybody; what they said, and which one stands, for those who decide (CHK-7).
 */
export function contestedPanel(sheet, item) {
  const full = hasRight(sheet.ctx, "checklists.lead") && sheet.replica.get("contested_item", sheet.keyOf(item.id));
  const answers = full ? full.answers : sheet.find(item.id).answers;
  return html`<ul class="pairs">${answers.map((answer) => pair(sheet, item, answer, Boolean(full)))}<li class="meta">${t(full ? "checklists.contested.you_decide" : "checklists.contested.lead_decides")}</li></ul>`;
}

function pair(sheet, item, answer, canDecide) {
  const person = sheet.replica.get("person", answer.by) ?? {name: nameOf(sheet.ctx, answer.by)};
  if (!canDecide) return html`<li>${who(person)}<span></span><span>${person.name}</span><span class="meta">${clockTime(answer.at)}</span></li>`;
  const said = html`${t(`checklists.standing.${answer.verdict}`)} ${valueOf(sheet, item, answer)} <span class="meta">${person.name} ${clockTime(answer.at)}</span>`;
  const key = html`<button type="button" class="btn" hx-post="${sheet.url(`items/${item.id}/decide`, {answer: answer.id})}">${t("checklists.contested.this_stands")}</button>`;
  return html`<li>${who(person)}${lamp(CUE[answer.verdict])}<span>${said}</span>${key}</li>${answer.note && html`<li class="meta">${answer.note}</li>`}`;
}

/** The steps of a waiver, and the next one where it is this person's (CHK-2). */
export function waiverPanel(sheet, item, standing, open) {
  const steps = sheet.find(item.id)?.waiver?.steps ?? [];
  const next = waiverStep(sheet.ctx, sheet, item, standing);
  if (!steps.length && !next?.isMine) return null;
  const roleName = (id) => pick(sheet.replica.get("role", id)) || id;
  return html`<div class="stack waiver">${steps.map((step) => html`<p class="meta">${t("checklists.waiver_step", {role: roleName(step.role), name: nameOf(sheet.ctx, step.by), reason: step.reason})}</p>`)}${
    next && steps.length > 0 && !next.isMine && html`<p class="meta">${t("checklists.waiver_next", {role: roleName(next.role)})}</p>`
  }${next?.isMine && (open === "waive" ? waiverForm(sheet, item, next) : openKey(sheet, item, "waive", {cls: "btn", text: html`${icon("shield")}${t("checklists.waive")}`}))}</div>`;
}

const waiverForm = (sheet, item) =>
  html`<form class="field" hx-post="${sheet.url(`items/${item.id}/waive`)}"><label for="waive-${item.id}">${t("checklists.waive_reason")}</label><textarea class="input" id="waive-${item.id}" name="reason" rows="2" required maxlength="1000"></textarea><p class="help">${t(
    "checklists.waive_help",
  )}</p><button class="btn">${icon("shield")}${t("checklists.waive_confirm")}</button></form>`;

/** Who mends things and who leads; the others stand folded under them. */
const MENDERS = ["equipment_keeper", "tech_support", "shift_lead", "logistics_manager"];

/** Who is to see to it: one tap opens the fault with that person as its owner (CHK-9). */
function ownerPanel(sheet, item) {
  const near = new Set([...MENDERS, sheet.template.owner_role]);
  const people = sheet.replica.all("person").filter((person) => person.id !== sheet.ctx.person).sort((a, b) => a.name.localeCompare(b.name));
  const isNear = (person) => person.roles?.some((role) => near.has(role));
  const others = people.filter((person) => !isNear(person));
  return html`<ul class="owners" aria-label="${t("checklists.give_task")}">${people.filter(isNear).map((person) => ownerKey(sheet, item, person))}</ul>${
    others.length > 0 && html`<details class="plan"><summary>${icon("users")}<span>${t("checklists.others", {n: others.length})}</span></summary><ul class="owners">${others.map((person) => ownerKey(sheet, item, person))}</ul></details>`
  }`;
}

function ownerKey(sheet, item, person) {
  const roles = (person.roles ?? []).map((id) => pick(sheet.replica.get("role", id))).filter(Boolean).join(t("checklists.and"));
  return html`<li><button type="button" class="key" hx-post="${sheet.url(`items/${item.id}/case`, {owner: person.id})}">${who(person)}<span>${person.name} <span class="meta">${roles}</span></span></button></li>`;
}
