/** Goods, bins and quantities as pages show them. Quantities are whole thousandths while one reckons, text on the wire (GEN-9). */

import {icon, row} from "../floor/components.js";
import {html, joined} from "../floor/html.js";
import {pick, t} from "../floor/words.js";

/** @param {string | number} text as records have it */
export const thousandths = (text) => Math.round(Number(text) * 1000);

/** @param {number} n thousandths */
export const amount = (n) => String(n / 1000);

export const AVAILABLE = "available";
const PIECE = "each";

const settings = (replica) => replica.get("stock_settings", "stock") ?? {};
const named = (list, id) => list?.find((one) => one.id === id) ?? {zh: id, en: id};

/** Both texts, for a note that may be read in the other language. A code nobody knows is counted in pieces. */
export const unitTexts = (replica, product) => {
  const {zh, en} = named(settings(replica).units, product?.unit ?? PIECE);
  return {zh, en};
};
export const unitOf = (replica, product) => pick(unitTexts(replica, product));
export const decimalsOf = (replica, product) => (product && named(settings(replica).units, product.unit).decimals) || 0;
export const statusesOf = (replica) => settings(replica).statuses ?? [];
export const statusName = (replica, id) => pick(named(statusesOf(replica), id));
export const categoryName = (replica, id) => pick(named(settings(replica).categories, id));
export const areaName = (replica, id) => pick(named(settings(replica).bin_areas, id));

/** @param {any} bin @param {"" | "tape-l"} [size] */
export const binTape = (bin, size = "") => html`<span class="tape ${size}">${bin?.code ?? "—"}</span>`;

/** The bin that a code stands for, read by `readCode`. */
export const binFor = (replica, {key}) => replica.all("bin").find(({code}) => code.toUpperCase() === key);

/** Where a product lies, as far as the book knows; how many is nobody's business here (STK-3). */
export const binsWith = (replica, productId) => replica.all("bin").filter(({products}) => products.includes(productId)).sort(byCode);

export const byCode = (a, b) => (a.code < b.code ? -1 : 1);

/** Tapes of some bins, each a way to its page. @param {any[]} bins @param {number} [most] */
export const tapes = (bins, most = bins.length) =>
  html`<span class="tapes">${bins.slice(0, most).map((bin) => html`<a href="/floor/stock/bin/${bin.id}">${binTape(bin)}</a>`)}${
    bins.length > most && html`<span class="meta">${t("stock.bins_more", {n: bins.length - most})}</span>`
  }</span>`;

/** What of a product is told in one line: SKU, packs, what it is kept by. */
export function factsOf(replica, product) {
  const packs = [...new Set(product.codes.map(({pack}) => pack))].filter((pack) => pack !== "1");
  const unit = unitOf(replica, product);
  return joined([
    product.sku, ...packs.map((pack) => t("stock.pack", {pack, unit})), product.lot && t("stock.has_lot"), product.expiry && t("stock.has_expiry"),
    product.serial && t("stock.has_serial"), product.status !== "active" && t("stock.archived"),
  ], " · ");
}

export const productRow = (replica, product, href = `/floor/stock/product/${product.id}`, much = "") =>
  row({href, lead: icon("box"), ask: pick(product), meta: factsOf(replica, product), end: html`${much && html`<span class="row-value">${much}</span>`}${icon("next")}`});

export const binRow = (replica, bin) =>
  row({
    href: `/floor/stock/bin/${bin.id}`, lead: icon("pin"), ask: binTape(bin), end: icon("next"),
    meta: joined([areaName(replica, bin.area), bin.note, bin.locked && t("stock.locked"), bin.frozen && t("stock.frozen")], " · "),
  });
