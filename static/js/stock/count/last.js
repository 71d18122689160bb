/** What stands large on the count screen: the last scan with its new total, what it meant, and what the next one will mean. */

import {icon, lamp} from "../../floor/components.js";
import {html, joined} from "../../floor/html.js";
import {pick, t} from "../../floor/words.js";
import {AVAILABLE, amount, binsWith, decimalsOf, statusName, statusesOf, tapes, thousandths, unitOf} from "../goods.js";

/** @typedef {import("./view.js").View} View @typedef {import("../take.js").Group} Group */

/** @param {View} view @param {Group} group @returns {string} */
export const nameOf = ({products}, {product_id}) => pick(products.get(product_id)) || t(product_id ? "stock.product_missing" : "stock.unknown_goods");

/** SKU, lot, expiry, state of goods, or the code nobody knows. @param {View} view @param {Group} group */
export function metaOf({replica, products}, {product_id, code, lot, expires_on, status}) {
  return joined([
    product_id ? products.get(product_id)?.sku : code, lot && t("stock.lot", {lot}), expires_on && t("stock.expires", {date: expires_on}),
    status !== AVAILABLE && html`<b class="cue-wait">${statusName(replica, status)}</b>`,
  ], " · ");
}

export const unitIn = ({replica, products}, {product_id}) => unitOf(replica, products.get(product_id));

/** What one scan of the next code means (F8): one, a pack of the goods shown, as often as typed; and in which state it is. */
export function mult({replica, stage, products, shown, url}) {
  const product = products.get(shown?.product_id);
  const packs = [...new Set(product?.codes.map(({pack}) => pack))].filter((pack) => Number(pack) > 1).slice(0, 2);
  const isPack = (size) => stage.pack?.product === product?.id && stage.pack?.size === size;
  const isPlain = stage.times === 1 && !stage.typed && !packs.some(isPack);
  const unit = unitOf(replica, product);
  const key = (size, isOn, text) =>
    html`<button type="button" class="key" role="radio" aria-checked="${String(isOn)}" tabindex="${isOn ? 0 : -1}" data-mult="${size}">×${size}<small>${text}</small></button>`;
  const times = Number(stage.typed) || stage.times;
  return html`<div class="mult" id="mult"><div role="radiogroup" aria-label="${t("stock.count.mult")}">${key("1", isPlain, unit)}${
    packs.map((pack) => key(pack, isPack(pack), t("stock.count.pack_of")))
  }${times !== 1 && key(amount(times * 1000), true, t("stock.count.next"))}</div><a class="key" href="${url("status")}"${
    stage.status !== AVAILABLE && html` data-cue="wait"`
  }>${statusName(replica, stage.status)}<small>${t("stock.count.status")}</small></a></div>`;
}

/** @param {View} view @param {boolean} isWide the pad stands beside it */
export function last(view, isWide) {
  const {shown} = view;
  const body = !shown ? nothing(view) : html`${shown.product_id ? known(view, shown) : unknown(view, shown)}${
    quantity(view, shown, isWide)
  }${beside(view, shown)}`;
  return html`<section id="last" class="count-last">${body}</section>`;
}

const nothing = ({targets, bin}) =>
  html`<div class="empty">${lamp("work", {size: "l"})}<h2>${t(targets.length ? "stock.count.first_recount" : "stock.count.first")}</h2><p>${
    t("stock.count.first_text", {bin: bin.code})
  }</p></div>`;

const known = (view, group) => html`<div class="last"><h2>${nameOf(view, group)}</h2><p class="meta">${metaOf(view, group)}</p></div>`;

const unknown = (view, group) => html`<div class="last"><p class="inline cue-wait">${lamp("wait")}<b>${t("stock.count.unknown")}</b></p><h2 class="code">${
  group.code
}</h2><p class="meta">${t("stock.count.unknown_text")}</p></div>`;

function quantity(view, group, isWide) {
  const unit = unitIn(view, group);
  const total = html`${amount(group.total)}<small>${unit}</small>`;
  const label = t("stock.count.total", {n: amount(group.total), unit});
  const shown = html`<output>${isWide ? total : html`<a href="${view.url("pad")}" aria-label="${label}">${total}</a>`}</output>`;
  return html`<div class="qty"><button type="button" class="key" data-step="-1" aria-label="${t("stock.count.less")}">${icon("minus")}</button>${shown}<button
    type="button" class="key" data-step="1" aria-label="${t("stock.count.more")}">${icon("plus")}</button></div><p class="qty-note">${noteOf(group, unit)}</p>`;
}

/** What the last scan added: packs are said, and the how manieth it was (STK-11). */
function noteOf({last: line, lines}, unit) {
  const n = amount(Math.abs(thousandths(line.quantity)));
  if (thousandths(line.quantity) < 0) return t("stock.count.took", {n, unit});
  const {pack} = line;
  if (pack === "1") return t("stock.count.added", {n, unit});
  const packs = lines.filter((one) => one.pack === pack).reduce((sum, one) => sum + thousandths(one.quantity), 0) / thousandths(pack);
  return t("stock.count.added_pack", {packs: amount((thousandths(line.quantity) / thousandths(pack)) * 1000), pack, n, unit, nth: amount(packs * 1000)});
}

/** What there is to say or do about the goods shown: a lot to be read off, a photo, where they lie otherwise, every single scan. */
function beside(view, group) {
  const {replica, bin, products, url} = view;
  const product = products.get(group.product_id);
  const isBare = product && ((product.lot && !group.lot) || (product.expiry && !group.expires_on));
  const elsewhere = product && !bin.products.includes(product.id) ? binsWith(replica, product.id) : [];
  return html`<div class="inline pad count-keys">${isBare && html`<a class="btn" href="${url(`line/${group.id}/goods`)}">${icon("text")}${t("stock.count.add_lot")}</a>`}${
    !product && !group.product_id && photoKey(url(`line/${group.id}/photo`), t(group.photo ? "stock.count.photo_again" : "stock.count.photo"))
  }<a class="btn" href="${url(`line/${group.id}`)}">${icon("lists")}${t("stock.count.scans", {n: group.lines.length})}</a></div>${
    elsewhere.length > 0 && html`<p class="pad meta count-hint">${t("stock.count.elsewhere")} ${tapes(elsewhere, 3)}</p>`
  }`;
}

const photoKey = (url, text) => html`<photo-field><form hx-post="${url}"><button type="button" class="btn" data-take>${icon("camera")}<span>${text}</span></button>
  <input type="file" accept="image/*" capture="environment" hidden aria-label="${text}"></form></photo-field>`;

/** The pad: a number for the goods shown, or for the next scan. @param {View} view */
export function pad(view) {
  const {stage, shown, replica, products} = view;
  const decimals = decimalsOf(replica, products.get(shown?.product_id));
  const key = (name, text, label) =>
    html`<button type="button" class="key${text.length > 1 && " key-word"}" data-digit="${name}"${label && html` aria-label="${label}"`}>${text}</button>`;
  const n = stage.typed || "0";
  return html`<div id="pad" class="stack" data-decimals="${decimals}"><output class="count pad-n"><b>${n}</b></output>
    <div class="pad-keys">${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => key(n, String(n)))}${decimals ? key(".", ".") : key("clear", t("stock.count.clear"))}${
      key("0", "0")
    }<button type="button" class="key" data-digit="back" aria-label="${t("stock.count.back")}">${icon("erase")}</button></div>
    <div class="pad-acts"><button type="button" class="btn" data-times>${t("stock.count.next_times", {n: stage.typed || "…"})}</button>${
      shown && html`<button type="button" class="btn btn-main" data-total>${stage.typed ? t("stock.count.set", {n, unit: unitIn({replica, products}, shown)}) : t("stock.count.set_bare")}</button>`
    }</div></div>`;
}

/** @param {View} view */
export const statusKeys = ({replica, stage, url}) =>
  html`<div class="options" role="radiogroup" aria-label="${t("stock.count.status")}">${statusesOf(replica).map(
    (one) => html`<button type="button" class="key key-opt" role="radio" aria-checked="${String(one.id === stage.status)}" tabindex="${
      one.id === stage.status ? 0 : -1
    }" hx-post="${url(`status?value=${one.id}`)}">${pick(one)}</button>`,
  )}</div>`;

