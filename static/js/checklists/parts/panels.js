/** What opens under an item: a fail's note and help, the reason of an N/A, two answers, a waiver, who is to see to a fault. */

import {icon, lamp, who} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {hasRight, nameOf, waiverStep} from "../who.js";
import {CUE, SEVERITIES, faultPlan, folded, helpLinks, rolesText, valueOf} from "./bits.js";
import {answerUrl, openKey, textField} from "./controls.js";
import {photoRow, takeKey} from "./photos.js";
import {hasPhrase, phrasesOf} from "./phrases.js";

/** Reasons that are given again and again, one tap each. */
const REASONS = ["not_tonight", "not_used", "not_here", "others_do"];

/** What says that the fault is mended: a word, a photo of the repair; other kinds are measured, chosen or typed again. */
function mendKey(sheet, item, open) {
  if (item.kind === "tick") return post(sheet.url(`items/${item.id}/fixed`), "tick", t("checklists.fixed_now"));
  if (item.kind !== "photo") return againKey(sheet, item, open);
  return takeKey(sheet, item, {fixed: "1", text: t("checklists.fixed_photo"), cls: "btn"});
}

// -- a fail ---------------------------------------------------------------------------------------------------------------

/** @param {any} sheet @param {any} item @param {any} answer that failed @param {string} open */
export function failPanel(sheet, item, answer, open) {
  const isEditing = open === "fail" || sheet.isWide;
  return html`<div class="stack">
    ${faultPlan(sheet, item, isEditing)}
    ${isEditing ? noteField(sheet, item, answer) : answer.note && html`<p>${answer.note}</p>`}
    ${!sheet.isWide && photoRow(sheet, item, answer, {canAdd: true})}
    ${isEditing && severity(sheet, item, answer)}
    <div class="inline">${actions(sheet, item, open, isEditing)}</div>
    ${open === "case" && ownerPanel(sheet, item)}</div>`;
}

/** A fail seen by somebody who does not answer here. */
export const failShown = (sheet, item, answer) =>
  (answer.note || answer.photos?.length > 0) &&
  html`<div class="stack">${answer.note && html`<p>${answer.note}</p>`}${photoRow(sheet, item, answer)}</div>`;

function actions(sheet, item, open, isEditing) {
  const found = sheet.find(item.id)?.case;
  const hasCase = found && found.status !== "closed";
  return [
    mendKey(sheet, item, open),
    !hasCase && post(sheet.url(`items/${item.id}/case`), "flag", t("checklists.report")),
    !hasCase && opens(sheet, item, "case", open, "user", t("checklists.give_task")),
    !isEditing && opens(sheet, item, "fail", open, "note", t("checklists.add_note")),
    helpLinks(sheet, item),
  ];
}

const post = (url, mark, text) => html`<button type="button" class="btn" hx-post="${url}">${icon(mark)}${text}</button>`;

const opens = (sheet, item, name, open, mark, text) =>
  openKey(sheet, item, name, {cls: "btn", text: html`${icon(mark)}${text}`, isExpanded: open === name});

/** In two panes the field stands above already. */
const againKey = (sheet, item, open) => !sheet.isWide && opens(sheet, item, "redo", open, "retry", t("checklists.measure_again"));

function noteField(sheet, item, answer) {
  const url = sheet.url(`items/${item.id}/detail`);
  const label = {text: t("checklists.note"), isShown: true};
  const phrase = (name) => {
    const text = t(`checklists.phrase.${name}`);
    const isSaid = hasPhrase(answer.note ?? "", text, t("checklists.phrase_mark"));
    return html`<button type="button" class="key" aria-pressed="${String(isSaid)}" hx-post="${url}" hx-include="#note-${item.id}, #drawn-${item.id}"
      name="phrase" value="${text}">${text}</button>`;
  };
  return html`${textField(sheet, item, {name: "note", value: answer.note, label, url, placeholder: t("checklists.note_hint")})}
    <input type="hidden" id="drawn-${item.id}" name="drawn" value="${answer.note ?? ""}">
    <div class="phrases" role="group" aria-label="${t("checklists.phrases")}">${phrasesOf(sheet.template.code, item).map(phrase)}</div>`;
}

function severity(sheet, item, answer) {
  const focusable = answer.severity ?? SEVERITIES[0];
  const key = (name) =>
    html`<button type="button" class="key" role="radio" aria-checked="${String(answer.severity === name)}" tabindex="${name === focusable ? 0 : -1}"
      hx-post="${sheet.url(`items/${item.id}/detail`, {severity: name})}">${t(`checklists.severity.${name}`)}</button>`;
  return html`<div class="seg" role="radiogroup" aria-label="${t("checklists.severity")}">${SEVERITIES.map(key)}</div>`;
}

// -- N/A ------------------------------------------------------------------------------------------------------------------

/** N/A is an answer with a reason (CHK-10). */
export function naPanel(sheet, item) {
  const url = answerUrl(sheet, item, {verdict: "na"});
  const reason = (name) => {
    const text = t(`checklists.na_reason.${name}`);
    return html`<button type="button" class="key" hx-post="${url}" name="reason" value="${text}">${text}</button>`;
  };
  const other = {name: "reason", value: "", label: {text: t("checklists.na_other"), isShown: true}, url, rows: 1, most: 1000};
  return html`<div class="stack">
    <p class="meta" id="why-${item.id}">${t("checklists.na_why")}</p>
    <div class="phrases" role="group" aria-labelledby="why-${item.id}">${REASONS.map(reason)}</div>
    ${textField(sheet, item, other)}</div>`;
}

// -- two answers ----------------------------------------------------------------------------------------------------------

/** Two answers to one item: both names for everybody; what they said, and which one stands, for those who decide (CHK-7). */
export function contestedPanel(sheet, item) {
  const full = hasRight(sheet.ctx, "checklists.lead") && sheet.replica.get("contested_item", sheet.keyOf(item.id));
  const pair = full ? decidablePair : namedPair;
  return html`<ul class="pairs">${(full || sheet.find(item.id)).answers.map((answer) => pair(sheet, item, answer))}
    <li class="meta">${t(full ? "checklists.contested.you_decide" : "checklists.contested.lead_decides")}</li></ul>`;
}

const personOf = (sheet, id) => sheet.replica.get("person", id) ?? {name: nameOf(sheet.ctx, id)};

function namedPair(sheet, item, {by, at}) {
  const person = personOf(sheet, by);
  return html`<li>${who(person)}<span></span><span>${person.name}</span><span class="meta">${clockTime(at)}</span></li>`;
}

function decidablePair(sheet, item, answer) {
  const person = personOf(sheet, answer.by);
  return html`<li>${who(person)}${lamp(CUE[answer.verdict])}
    <span>${t(`checklists.standing.${answer.verdict}`)} ${valueOf(sheet, item, answer)}
      <span class="meta">${person.name} ${clockTime(answer.at)}</span></span>
    <button type="button" class="btn" hx-post="${sheet.url(`items/${item.id}/decide`, {answer: answer.id})}">${
      t("checklists.contested.this_stands")
    }</button></li>
    ${answer.note && html`<li class="meta">${answer.note}</li>`}`;
}

// -- waivers --------------------------------------------------------------------------------------------------------------

/** The steps of a waiver, and the next one where it is this person's (CHK-2). */
export function waiverPanel(sheet, item, standing, open) {
  const steps = sheet.find(item.id)?.waiver?.steps ?? [];
  const next = sheet.isOver ? null : waiverStep(sheet.ctx, sheet, item, standing);
  if (!steps.length && !next?.isMine) return null;
  const roleName = (id) => pick(sheet.replica.get("role", id)) || id;
  const said = ({role, by, reason}) => t("checklists.waiver_step", {role: roleName(role), name: nameOf(sheet.ctx, by), reason});
  return html`<div class="stack waiver">
    ${steps.map((step) => html`<p class="meta">${said(step)}</p>`)}
    ${next && steps.length > 0 && !next.isMine && html`<p class="meta">${t("checklists.waiver_next", {role: roleName(next.role)})}</p>`}
    ${next?.isMine && (open === "waive" ? waiverForm(sheet, item) : opens(sheet, item, "waive", open, "shield", t("checklists.waive")))}</div>`;
}

const waiverForm = (sheet, item) =>
  html`<form class="field" hx-post="${sheet.url(`items/${item.id}/waive`)}">
    <label for="waive-${item.id}">${t("checklists.waive_reason")}</label>
    <textarea class="input" id="waive-${item.id}" name="reason" rows="2" required maxlength="1000" aria-describedby="waive-help-${item.id}"></textarea>
    <p class="help" id="waive-help-${item.id}">${t("checklists.waive_help")}</p>
    <button class="btn">${icon("shield")}${t("checklists.waive_confirm")}</button></form>`;

// -- who is to see to it --------------------------------------------------------------------------------------------------

/** Who mends things and who leads; the others stand folded under them. */
const MENDERS = ["equipment_keeper", "tech_support", "shift_lead", "logistics_manager"];

/** One tap opens the fault with that person as its owner (CHK-9). */
function ownerPanel(sheet, item) {
  const near = new Set([...MENDERS, sheet.template.owner_role]);
  const people = sheet.replica.all("person").filter((person) => person.id !== sheet.ctx.person).sort((a, b) => a.name.localeCompare(b.name));
  const isNear = (person) => person.roles?.some((role) => near.has(role));
  const keys = (some) => some.map((person) => ownerKey(sheet, item, person));
  const others = people.filter((person) => !isNear(person));
  return html`<ul class="owners" aria-label="${t("checklists.give_task")}">${keys(people.filter(isNear))}</ul>
    ${others.length > 0 && folded("users", t("checklists.others", {n: others.length}), html`<ul class="owners">${keys(others)}</ul>`)}`;
}

const ownerKey = (sheet, item, person) =>
  html`<li><button type="button" class="key" hx-post="${sheet.url(`items/${item.id}/case`, {owner: person.id})}">${who(person)}
    <span>${person.name} <span class="meta">${rolesText(sheet, person)}</span></span></button></li>`;
