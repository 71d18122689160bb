/** The goods of a count as rows, the newest first; the ones that stand large are not repeated. */

import {icon, kept} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {t} from "../../floor/words.js";
import {amount} from "../goods.js";
import {isCounted, keptOf} from "../take.js";
import {metaOf, nameOf, unitIn} from "./last.js";

/** @typedef {import("./view.js").View} View @typedef {import("../take.js").Group} Group */

/** The rows under the goods shown. @param {View} view @returns {Group[]} */
export const rowsOf = ({groups, shown}) => groups.filter((group) => group !== shown && isCounted(group));

/** Changes whenever the row has to be drawn anew. @param {View} view @param {Group} group */
export const stampOf = ({replica}, group) => `${group.total} ${group.lines.length} ${keptOf(replica, group)}`;

/** @param {View} view @param {Group} group */
export function lineRow(view, group) {
  const isKnown = group.product_id;
  return html`<li class="row row-opens" id="line-${group.id}" data-stamp="${stampOf(view, group)}"><span class="row-lead">${icon(isKnown ? "box" : "flag")}</span>
    <div class="row-body"><p class="row-ask${!isKnown && " cue-wait"}"><a class="row-open" href="${view.url(`line/${group.id}`)}">${nameOf(view, group)}</a></p>
      <p class="meta">${metaOf(view, group)}</p></div>
    <div class="row-end"><span class="row-value">${amount(group.total)} <small>${unitIn(view, group)}</small></span>${kept(keptOf(view.replica, group))}</div></li>`;
}

/** @param {View} view */
export function lines(view) {
  const all = view.groups.filter(isCounted);
  const rows = rowsOf(view);
  return html`<section aria-labelledby="lines-head"><div class="sec"><h2 id="lines-head">${t("stock.count.here")}</h2>${linesMeta(all.length)}</div>
    <ul id="lines">${rows.map((group) => lineRow(view, group))}</ul></section>`;
}

export const linesMeta = (n) => html`<span class="meta" id="lines-n">${t("stock.count.rows", {n})}</span>`;

/** What a recount is for, with no figure of anybody (F13). @param {View} view */
export const targets = ({targets: wanted, products, groups}) =>
  wanted.length > 0 && html`<section id="targets-part" aria-labelledby="targets"><div class="sec"><h2 id="targets">${t("stock.count.recount_these")}</h2></div><ul>${wanted.map((one) => {
    const isDone = groups.some(({product_id, lot}) => product_id === one.product_id && (!one.lot || lot === one.lot));
    return html`<li class="row" id="target-${one.id}"${isDone && html` data-state="done"`}><span class="row-lead">${icon(isDone ? "tick" : "scan")}</span><div class="row-body"><p class="row-ask">${
      nameOf({products}, one)
    }</p><p class="meta">${products.get(one.product_id)?.sku} ${one.lot && t("stock.lot", {lot: one.lot})}</p></div></li>`;
  })}</ul></section>`;
