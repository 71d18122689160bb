/** The page of a list: head, sections of rows, on a tablet the open item beside them. */

import {Html, html, joined} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {dock, head, sectionCount} from "./head.js";
import {itemRow} from "./item.js";
import {itemPane} from "./pane.js";

/** @param {any} sheet @param {{open?: string, openItem?: string}} [how] */
export function runPage(sheet, how = {}) {
  const {ctx, template} = sheet;
  const list = html`${head(sheet)}${template.sections.map((section) => sectionOf(sheet, section, how))}`;
  return layout(ctx, {
    title: titleOf(sheet), sub: subOf(sheet), back: "/floor/lists", tab: "lists", isPanes: sheet.isWide, dock: dock(sheet), from: sheet.url(),
    main: sheet.isWide ? html`<div class="pane">${list}</div>${itemPane(sheet, sheet.item(sheet.openItem), how)}` : list,
  });
}

export const titleOf = (sheet) => pick(sheet.template);

/** Room, show and start; of a list begun by hand, what it is for. */
export function subOf({show, run, replica}) {
  const room = show && pick(replica.get("room", show.room_id));
  return joined([room, show?.title, show && clockTime(show.starts_at), run.title], " · ");
}

function sectionOf(sheet, section, how) {
  const rows = section.items.map((item) => itemRow(sheet, item, item.id === how.openItem ? how : {}));
  return html`<section aria-labelledby="sec-${section.id}">
    <div class="sec"><h2 id="sec-${section.id}">${pick(section)}</h2>${sectionCount(sheet, section)}</div><ul>${rows}</ul></section>`;
}

/** Swaps one element of the page for what it is now. @param {string} target @param {unknown} content */
export const part = (target, content) => html`<hx-partial hx-target="${target}" hx-swap="outerMorph">${content}</hx-partial>`;

/** The whole page in place of what stands there: the list is in another state than it was drawn for. */
export const wholePage = (sheet, page = runPage(sheet)) => part("#page", new Html(String(page).replace(/^<title>.*?<\/title>/, "")));

/**
 * What a change of one item shows elsewhere: its row, rows that wait for it, counts, head, dock, the open item.
 * @param {any} sheet @param {any} item @param {import("./item.js").How} [how]
 */
export function changed(sheet, item, how = {}) {
  const followers = sheet.items.filter((other) => other.after?.includes(item.id) || (other.when && other !== item));
  const isShown = sheet.isWide && sheet.openItem && [item, ...followers].some((one) => one.id === sheet.openItem);
  const row = part(`#item-${item.id}`, itemRow(sheet, item, sheet.isWide ? {} : how));
  const pane = isShown && part("#open-item", itemPane(sheet, sheet.item(sheet.openItem), sheet.openItem === item.id ? how : {}));
  return html`${row}${followers.map((one) => part(`#item-${one.id}`, itemRow(sheet, one)))}${pane}${around(sheet, item)}`;
}

/** Head, counts and dock. */
export const around = (sheet, item) => html`${part("#run-head", head(sheet))}${counts(sheet, item)}`;

/** What else changes with the head. */
export function counts(sheet, item) {
  const sections = item ? [sheet.sectionOf(item.id)] : sheet.template.sections;
  const keys = dock(sheet);
  return html`${sections.map((section) => part(`#count-${section.id}`, sectionCount(sheet, section)))}${keys && part("#run-dock", keys)}`;
}

/** The open item of a tablet changed: the row left and the row chosen. @param {any} sheet @param {string[]} ids */
export const rowsOf = (sheet, ids) => {
  const items = [...new Set(ids)].map((id) => sheet.item(id)).filter(Boolean);
  return items.map((item) => part(`#item-${item.id}`, itemRow(sheet, item)));
};

