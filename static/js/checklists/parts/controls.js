/** What a person answers with: the keys and fields of one item, one tap where one tap can be enough. Every control posts by itself. */

import {icon} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {pick, t} from "../../floor/words.js";
import {draft, draftKey} from "../drafts.js";
import {mayBeNa} from "../judge.js";
import {limits, rolesText, unitOf} from "./bits.js";
import {photoRow} from "./photos.js";

/** Items whose failing opens something show their three keys at once; plain ticks keep the box (look/README, decision 3). */
export const hasKeys = (item) => item.kind === "tick" && Boolean(item.critical || item.fault || item.playbook);

/** @param {any} sheet @param {any} item @param {Record<string, string>} [said] @returns {string} the address that answers */
export const answerUrl = (sheet, item, said = {}) => sheet.url(`items/${item.id}/answer`, said);

/** In two panes an item opens on the right, on a phone in its row. */
export const itemUrl = (sheet, item, open) => sheet.url(`${sheet.isWide ? "pane" : "items"}/${item.id}`, {open});
export const targetOf = (sheet, item) => (sheet.isWide ? "#open-item" : `#item-${item.id}`);

const fieldId = (item, name) => `${name}-${item.id}`;

// -- keys -----------------------------------------------------------------------------------------------------------------

/** Asks for the item again, with something opened under it; pressed again, closed. */
export const openKey = (sheet, item, open, {cls, text, label, isExpanded = false}) =>
  html`<button type="button" class="${cls}" aria-expanded="${String(isExpanded)}"${label && html` aria-label="${label}"`}
    hx-get="${itemUrl(sheet, item, isExpanded ? "" : open)}" hx-target="${targetOf(sheet, item)}" hx-swap="outerMorph">${text}</button>`;

const verdictKey = (sheet, item, verdict, {cue, mark, isPressed}) =>
  html`<button type="button" class="key"${cue && html` data-cue="${cue}"`} aria-pressed="${String(isPressed)}"
    hx-post="${answerUrl(sheet, item, {verdict: isPressed ? "cleared" : verdict})}">${mark && icon(mark)}${t(`checklists.standing.${verdict}`)}</button>`;

/** N/A wants a reason first (CHK-10); pressed again it is taken back like any other answer. */
const naKey = (sheet, item, standing, open) =>
  standing === "na"
    ? verdictKey(sheet, item, "na", {isPressed: true})
    : openKey(sheet, item, "na", {cls: "key", text: t("checklists.standing.na"), isExpanded: open === "na"});

/** 合格 / 不合格 / 不适用. Where the value says whether it is good, only the two others stand here. */
export function verdictKeys(sheet, item, standing, open) {
  const keys = [
    item.kind === "tick" && verdictKey(sheet, item, "pass", {cue: "go", mark: "tick", isPressed: standing === "pass"}),
    verdictKey(sheet, item, "fail", {cue: "stop", mark: "cross", isPressed: standing === "fail"}),
    mayBeNa(item) && naKey(sheet, item, standing, open),
  ].filter(Boolean);
  return html`<div class="answers" data-keys="${keys.length}" role="group" aria-label="${t("checklists.verdict")}">${keys}</div>`;
}

/** The box of a plain tick, and the way to its two other answers. */
export const tickBox = (sheet, item, open) =>
  html`${openKey(sheet, item, "more", {
    cls: "key key-bare", text: icon("dots"), label: t("checklists.more_answers"), isExpanded: open === "more",
  })}<button type="button" class="key key-box" aria-pressed="false" aria-label="${t("checklists.tick", {item: pick(item)})}"
    hx-post="${answerUrl(sheet, item, {verdict: "pass"})}"></button>`;

/** Takes the answer back, where no pressed key does. */
export const clearKey = (sheet, item) =>
  html`<button type="button" class="btn" hx-post="${answerUrl(sheet, item, {verdict: "cleared"})}">${icon("erase")}${t("checklists.clear")}</button>`;

const MOST_IN_A_LINE = 4;
const SHORT_ENOUGH = 7;

/** One of several, said by one tap. */
export function choiceKeys(sheet, item, answer) {
  const names = item.choices.map((choice) => pick(choice));
  const isLine = names.length <= MOST_IN_A_LINE && names.every((name) => name.length <= SHORT_ENOUGH);
  const chosen = answer?.value ?? null;
  const focusable = Math.max(0, item.choices.findIndex((choice) => choice.id === chosen));
  const key = (choice, n) =>
    html`<button type="button" class="key key-opt" role="radio" aria-checked="${String(choice.id === chosen)}" tabindex="${n === focusable ? 0 : -1}"
      hx-post="${answerUrl(sheet, item, {value: choice.id})}">${names[n]}</button>`;
  return html`<div class="options"${isLine && html` data-line`} role="radiogroup" aria-label="${pick(item)}">${item.choices.map(key)}</div>`;
}

// -- fields ---------------------------------------------------------------------------------------------------------------

/**
 * A number as typed, with its unit; leaving the field or Enter is the answer (CHK-4).
 * @param {{error?: string, typed?: string}} [said] what was typed and is no number
 */
export function numberField(sheet, item, answer, {error, typed} = {}) {
  const key = draftKey(sheet.ctx.person, `${sheet.keyOf(item.id)}/value`);
  const id = fieldId(item, "value");
  const value = typed ?? draft(key) ?? answer?.value ?? "";
  const wrong = error && html` aria-invalid="true" aria-describedby="error-${item.id}"`;
  return html`${canBeNegative(item) && signToggle(id)}<label class="numfield"${error && html` data-cue="stop"`}>
    <span class="sr">${pick(item)} ${limits(sheet, item)}</span>
    <input id="${id}" name="value" value="${value}" inputmode="decimal" enterkeyhint="done" autocomplete="off" maxlength="20"
      data-draft="${key}"${wrong} hx-post="${answerUrl(sheet, item)}" hx-trigger="change">
    <span class="meta">${unitOf(sheet, item)}</span></label>`;
}

const canBeNegative = (item) => (item.min ?? item.max ?? 0) < 0;

/** Number keyboards of phones have no minus. */
const signToggle = (id) =>
  html`<button type="button" class="key key-bare" data-sign="${id}" aria-label="${t("checklists.change_sign")}">±</button>`;

/**
 * Words as typed: kept at every keystroke, said when the field is left (F25).
 * @param {{name: string, value?: string, label: {text: string, isShown?: boolean}, url: string, rows?: number, placeholder?: string, most?: number}} field
 */
export function textField(sheet, item, {name, value, label, url, rows = 2, placeholder = "", most = 2000}) {
  const key = draftKey(sheet.ctx.person, `${sheet.keyOf(item.id)}/${name}`);
  const typed = draft(key);
  const id = fieldId(item, name);
  const isUnsaid = typed !== null && typed !== (value ?? "");
  return html`<div class="field">
    <label for="${id}"${!label.isShown && html` class="sr"`}>${label.text}</label>
    <textarea class="input" id="${id}" name="${name}" rows="${rows}" maxlength="${most}" placeholder="${placeholder}"
      data-draft="${key}" hx-post="${url}" hx-trigger="change">${typed ?? value ?? ""}</textarea>
    ${isUnsaid && html`<p class="meta"><b class="cue-wait">${t("checklists.unsaid")}</b></p>`}
    <button type="button" class="btn" hx-post="${url}" hx-include="#${id}">${icon("tick")}${t("checklists.save")}</button></div>`;
}

/** A code: from a scanner that types, or by hand. Kept as it was read. */
export const scanField = (sheet, item, answer) =>
  html`<scan-field><form class="inline" hx-post="${answerUrl(sheet, item)}" data-scan>
    <button type="button" class="key key-opt grow" data-arm>${icon("scan")}<span data-idle>${
      t(answer?.value ? "checklists.scan.again" : "scan.ready")
    }</span></button>
    <button type="button" class="key" data-type>${icon("keys")}${t("scan.type")}</button>
    <input class="input" name="value" hidden autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" enterkeyhint="done"
      maxlength="200" aria-label="${t("checklists.scan.code", {item: pick(item)})}"></form></scan-field>`;

// -- signatures -----------------------------------------------------------------------------------------------------------

/** Opens the pad; a pad that is always there would catch the thumb that scrolls. */
const signKey = (sheet, item, open) =>
  openKey(sheet, item, "sign", {cls: "btn btn-wide", text: html`${icon("sign")}${t("checklists.sign.open")}`, isExpanded: open === "sign"});

/**
 * The pad itself, with name and role printed under the line (F21).
 * @param {{url: string, key: string, name: string, role: string, confirm: string, note?: unknown}} pad key: of its draft
 */
export const signPad = ({url, key, name, role, confirm, note}) =>
  html`<form class="stack" hx-post="${url}"><signature-pad data-key="${key}" data-name="${name}" data-role="${role}">
    <div class="sign" data-pad><svg class="ink" role="img" aria-label="${t("checklists.sign.pad")}"></svg><p class="meta">${name} · ${role}</p></div>
    <input type="hidden" name="signature">
    <div class="split gap-s">
      <button type="button" class="btn" data-clear>${icon("erase")}${t("checklists.sign.clear")}</button>
      <button type="button" class="btn" data-typed>${icon("text")}${t("checklists.sign.typed")}</button></div>
    ${note}
    <button type="button" class="btn btn-main btn-wide gap-s" data-confirm>${confirm}</button></signature-pad></form>`;

/** The pad of an item. */
export function itemPad(sheet, item) {
  const me = sheet.replica.get("person", sheet.ctx.person);
  return signPad({
    url: answerUrl(sheet, item), key: draftKey(sheet.ctx.person, `${sheet.keyOf(item.id)}/ink`), name: me?.name ?? "—",
    role: rolesText(sheet, me), confirm: t("checklists.sign.confirm"),
  });
}

/**
 * The field or keys by which this kind of item is answered, without the verdict keys: at the end of the row or under it.
 * @returns {{end?: unknown, wide?: unknown}}
 */
export function fieldOf(sheet, item, answer, {open = "", said} = {}) {
  switch (item.kind) {
    case "number":
      return {end: numberField(sheet, item, answer, said)};
    case "choice":
      return {wide: choiceKeys(sheet, item, answer)};
    case "photo":
      return {wide: photoRow(sheet, item, answer, {canAdd: true})};
    case "scan":
      return {wide: scanField(sheet, item, answer)};
    case "text":
      return {wide: textField(sheet, item, {name: "value", value: answer?.value, label: {text: pick(item)}, url: answerUrl(sheet, item)})};
    case "signature":
      return {wide: signKey(sheet, item, open)};
    default:
      return {};
  }
}
