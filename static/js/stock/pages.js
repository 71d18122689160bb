/** Stock on the floor: find a product or a bin, see where goods lie, my counts. How much is on the devices of those who may know it (STK-3). */

import {empty, icon, row, section} from "../floor/components.js";
import {html} from "../floor/html.js";
import {layout} from "../floor/layout.js";
import {lang, pick, t} from "../floor/words.js";
import {findForm} from "./count/find-page.js";
import {prepare, search} from "./find.js";
import {amount, areaName, binRow, binTape, binsWith, byCode, categoryName, productRow, tapes, thousandths, unitOf} from "./goods.js";
import {myCounts} from "./mine.js";
import {myTakes, placeOf} from "./take.js";

const MOST_BINS = 20;

async function stock(ctx) {
  const {replica, query} = ctx;
  const q = query.get("q")?.trim() ?? "";
  prepare(replica);
  const mine = myCounts(ctx) || empty({title: t("stock.no_counts"), text: t("stock.no_counts_text")});
  return layout(ctx, {
    title: t("floor.tab.stock"), tab: "stock", from: `/floor/stock?${query}`, shows: "stock_take stock_take_bin recount",
    main: html`${findForm("/floor/stock", q)}<div id="found">${q ? await found(replica, q) : mine}</div>`,
  });
}

async function found(replica, q) {
  const wanted = q.toUpperCase().replace(/^BIN:\s*/, "");
  const bins = replica.all("bin").filter(({code}) => code.toUpperCase().includes(wanted)).sort(byCode).slice(0, MOST_BINS);
  const products = await search(replica, q);
  if (!bins.length && !products.length) return empty({title: t("stock.find.nothing", {q}), text: t("stock.find.nothing_text")});
  return html`<ul class="gap-s">${products.map((product) => productRow(replica, product))}${bins.map((bin) => binRow(replica, bin))}</ul>`;
}

const gone = (ctx, key) =>
  layout(ctx, {title: t(key), back: "/floor/stock", tab: "stock", shows: "product bin", main: empty({title: t(key), text: t("floor.missing.text")})});

async function product(ctx) {
  const {replica, params} = ctx;
  const one = await replica.fetch("product", params.id);
  if (!one) return gone(ctx, "stock.product_missing");
  const bins = binsWith(replica, one.id);
  const unit = unitOf(replica, one);
  const kept = ["lot", "expiry", "serial"].filter((name) => one[name]).map((name) => t(`stock.has_${name}`));
  const fact = (name, value) => value && html`<dt>${t(`stock.product.${name}`)}</dt><dd>${value}</dd>`;
  const codes = one.codes.map(({code, pack}) => html`<li class="row"><span class="row-lead">${icon("scan")}</span><div class="row-body"><p class="row-ask code-s">${code}</p></div><div class="row-end">${
    pack !== "1" && html`<span>${t("stock.pack", {pack, unit})}</span>`
  }</div></li>`);
  const main = html`<div class="last"><h2>${pick(one)}</h2><p class="meta" lang="${lang() === "zh" ? "en" : "zh-CN"}">${lang() === "zh" ? one.en : one.zh}</p></div>
    <dl class="kv pad">${fact("sku", one.sku)}${fact("category", categoryName(replica, one.category))}${fact("unit", unit)}${fact("kept_by", kept.join(t("floor.and")))}${
      one.status !== "active" && fact("status", t("stock.archived"))
    }</dl>
    ${section({id: "bins", title: t("stock.product.bins"), body: html`<p class="pad">${bins.length ? tapes(bins) : t("stock.product.no_bins")}</p>`})}
    ${codes.length > 0 && section({id: "codes", title: t("stock.product.codes"), body: html`<ul>${codes}</ul>`})}`;
  return layout(ctx, {title: one.sku, back: "/floor/stock", tab: "stock", shows: "product bin stock_settings", main});
}

async function bin(ctx) {
  const {replica, params} = ctx;
  const one = replica.get("bin", params.id);
  if (!one) return gone(ctx, "stock.bin_missing");
  const products = (await Promise.all(one.products.map((id) => replica.fetch("product", id)))).filter(Boolean);
  const main = html`<p class="pad gap-s">${areaName(replica, one.area)}${one.note && html` · ${one.note}`}</p>${one.locked && html`<p class="pad cue-wait">${t("stock.locked")}</p>`}${one.frozen && html`<p class="pad cue-wait">${t("stock.frozen")}</p>`}
    ${countHere(ctx, one)}
    ${section({
      id: "goods", title: t("stock.bin.goods"), meta: t("stock.bin.kinds", {n: products.length}),
      body: products.length ? html`<ul>${products.map((product) => productRow(replica, product, undefined, lies(replica, one, product)))}</ul>` : html`<p class="pad">${t("stock.bin.none")}</p>`,
    })}`;
  return layout(ctx, {title: one.code, heading: binTape(one, "tape-l"), back: "/floor/stock", tab: "stock", shows: "bin product balance stock_take stock_take_bin", main});
}

/** How much of the product the book has in the bin, where this device may know it. */
function lies(replica, bin, product) {
  const own = (replica.get("balance", bin.id)?.goods ?? []).filter(({product_id}) => product_id === product.id);
  return own.length > 0 && `${amount(own.reduce((sum, {quantity}) => sum + thousandths(quantity), 0))} ${unitOf(replica, product)}`;
}

/** The bin belongs to a stock take of mine: the way into its count. */
export const countHere = (ctx, {id}) => {
  const takes = myTakes(ctx).filter((take) => placeOf(ctx, take.id, id));
  return takes.length > 0 && html`<ul class="offer">${takes.map((take) => row({
    href: `/floor/count/${take.id}/bin/${id}`, lead: icon("stock"), ask: t("stock.count_here"), meta: take.title, end: icon("next"),
  }))}</ul>`;
};

export const pages = {"/floor/stock": stock, "/floor/stock/product/:id": product, "/floor/stock/bin/:id": bin};
