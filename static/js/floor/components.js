/** The parts that floor pages share, drawn as look/components.css knows them. State is an attribute, a shape and a word, never colour alone. */

import {Html, html} from "./html.js";
import {t} from "./words.js";

const SPRITE = new URL("../../icons.svg", import.meta.url).pathname;

/** A mark of the sprite. @param {string} name without "i-" @param {string} [label] read out; without it the mark is decoration */
export const icon = (name, label) =>
  html`<svg class="i" viewBox="0 0 24 24" ${named(label)}><use href="${SPRITE}#i-${name}"/></svg>`;

const named = (label) => (label ? html`role="img" aria-label="${label}"` : html`aria-hidden="true"`);

/** Shapes that lend another cue's colour. */
const COLOURS = {two: "stop", locked: "off", na: "off"};

/**
 * The cue light.
 * @param {"go" | "wait" | "stop" | "work" | "off" | "na" | "two" | "locked"} cue
 * @param {{label?: string, size?: "" | "s" | "l"}} [how] label: when no word stands beside it
 */
export const lamp = (cue, {label, size = ""} = {}) =>
  html`<svg class="lamp${size && ` lamp-${size}`}" data-cue="${COLOURS[cue] ?? cue}" viewBox="0 0 20 20" ${named(label)}><use href="${SPRITE}#l-${cue}"/></svg>`;

/** A strip of tape: what hangs on a real room, bin, asset or slot, and on nothing else. @param {string} text */
export const tape = (text) => html`<span class="tape">${text}</span>`;

/** A small fact. @param {unknown} text @param {string} [cue] */
export const chip = (text, cue) => html`<span class="chip"${cue && html` data-cue="${cue}"`}>${text}</span>`;

/** How far a row's own operation has come; nothing to say about rows one has not touched. @param {"kept" | "sending" | "sent" | undefined} state */
export const kept = (state) =>
  state && html`<span class="kept" data-state="${state}">${icon(state, t(`floor.kept.${state}`))}</span>`;

/**
 * A list as a whole: done of all its visible items.
 * @param {{done: number, total: number, cue?: string, label?: string}} progress
 */
export function ring({done, total, cue = "work", label = t("floor.ring", {done, total})}) {
  const share = total ? Math.min(100, Math.round((done / total) * 100)) : 0;
  return html`<svg class="ring" data-cue="${done ? cue : "off"}" viewBox="0 0 36 36" role="img" aria-label="${label}"><circle class="ring-bed" cx="18" cy="18" r="15.5"/>${
    share > 0 && html`<circle class="ring-arc" cx="18" cy="18" r="15.5" pathLength="100" stroke-dasharray="${share} 100"/>`
  }<text x="18" y="18">${done}/${total}</text></svg>`;
}

/** @param {{share: number, cue?: string, label: string}} meter share: 0 to 1 */
export function meter({share, cue = "work", label}) {
  const width = Math.max(0, Math.min(100, Math.round(share * 100)));
  return html`<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${label}"><rect width="100" height="8" rx="1"/><rect data-cue="${cue}" width="${width}" height="8" rx="1"/></svg>`;
}

/**
 * Run-sheet grid: gutter | what | end.
 * @param {{href?: string, lead?: unknown, ask: unknown, meta?: unknown, end?: unknown, wide?: unknown, state?: string, id?: string, isTime?: boolean}} row
 *   isTime: the gutter holds a time; meta: an Html with spans, or text; wide: under the text, up to the edge
 */
export function row({href, lead, ask, meta, end, wide, state, id, isTime}) {
  const inside = html`<span class="row-lead${isTime && " row-time"}">${lead}</span><div class="row-body"><p class="row-ask">${ask}</p>${
    meta && html`<p class="meta">${meta instanceof Html ? meta : html`<span>${meta}</span>`}</p>`
  }</div>${end && html`<div class="row-end">${end}</div>`}${wide && html`<div class="row-wide">${wide}</div>`}`;
  const marks = html`${id && html` id="${id}"`}${state && html` data-state="${state}"`}`;
  return href
    ? html`<li${id && html` id="${id}"`}><a class="row" href="${href}"${state && html` data-state="${state}"`}>${inside}</a></li>`
    : html`<li class="row"${marks}>${inside}</li>`;
}

/**
 * A section with its head. @param {{id: string, title: unknown, meta?: unknown, body: unknown}} section id: unique in the page
 */
export const section = ({id, title, meta, body}) =>
  html`<section aria-labelledby="${id}"><div class="sec"><h2 id="${id}">${title}</h2>${
    meta && (meta instanceof Html ? meta : html`<span class="meta">${meta}</span>`)
  }</div>${body}</section>`;

/**
 * The one thing that stops the work, or has to be known before it goes on.
 * @param {{cue: "stop" | "wait" | "work" | "go", text: unknown, action?: unknown}} band
 */
export const band = ({cue, text, action}) =>
  html`<div class="band" data-cue="${cue}" role="${cue === "stop" ? "alert" : "status"}">${lamp(cue)}<p class="grow">${text}</p>${action}</div>`;

/** Nothing here, and why, and who can help (F34). @param {{title: unknown, text?: unknown, action?: unknown, cue?: string}} empty */
export const empty = ({title, text, action, cue = "off"}) =>
  html`<div class="empty">${lamp(cue, {size: "l"})}<h2>${title}</h2>${text && html`<p>${text}</p>`}${action}</div>`;

/** Something happened; with a button that takes it back. @param {{text: unknown, action?: unknown}} toast */
export const toast = ({text, action}) => html`<div class="toast" role="status"><p>${text}</p>${action}</div>`;

/** Something was not kept (red, read out at once). @param {unknown} text */
export const alarm = (text) => band({cue: "stop", text, action: html`<button class="btn" data-dismiss>${t("floor.dismiss")}</button>`});

/**
 * One of several, chosen at once by a tap. The keys post `{[name]: value}` to `action`.
 * @param {{label: string, action: string, name: string, value: string, target?: string, options: {value: string, text: unknown, lang?: string}[]}} seg
 */
export const seg = ({label, action, name, value, target = "#page", options}) =>
  html`<form hx-post="${action}" hx-target="${target}" hx-swap="outerMorph"><div class="seg" role="radiogroup" aria-label="${label}">${options.map(
    (one) => html`<button class="key" id="${name}-${one.value}" name="${name}" value="${one.value}" role="radio" aria-checked="${
      String(one.value === value)
    }" tabindex="${one.value === value ? 0 : -1}"${one.lang && html` lang="${one.lang}"`}>${one.text}</button>`,
  )}</div></form>`;

/** Someone's face: the first letters of a name. @param {{initials?: string, name: string}} person @param {"" | "l"} [size] */
export const who = (person, size = "") =>
  html`<span class="who${size && ` who-${size}`}" aria-hidden="true">${person.initials || [...person.name][0]}</span>`;
