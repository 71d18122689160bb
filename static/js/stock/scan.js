/** Scan: camera, scanner and typing in one place; the code decides what it is and what fits. */

import "../elements/scan-camera.js";
import "../elements/scan-field.js";
import {feedback} from "../elements/scan-feedback.js";
import {band, empty, icon, lamp, row} from "../floor/components.js";
import {html} from "../floor/html.js";
import {layout} from "../floor/layout.js";
import {pick, t} from "../floor/words.js";
import {readCode} from "./codes.js";
import {CAMERA, scanField} from "./count/page.js";
import {binFor, binTape, areaName, binsWith, factsOf, productRow, tapes} from "./goods.js";
import {countHere} from "./pages.js";
import {lastOpen} from "./take.js";

const MOST_TAPES = 4;

document.addEventListener("scan", async ({detail}) => {
  if (!document.getElementById("scan-page")) return;
  await window.htmx.ajax("GET", `/floor/scan?code=${encodeURIComponent(detail.raw)}`, {target: "#found", select: "#found", swap: "outerHTML", replace: "true"});
  const said = document.querySelector("#found [data-tone]");
  feedback(said?.dataset.tone ?? "wrong", said?.parentElement.querySelector("h2")?.textContent ?? said?.textContent ?? "");
});

async function scan(ctx) {
  const raw = ctx.query.get("code");
  const main = html`<div id="found">${raw === null ? open(ctx) : await meaning(ctx, raw)}</div>`;
  const head = html`<div id="scan-page" class="expect" data-ready>${lamp("work")}<span>${t("stock.scan.any")}</span>${scanField()}</div>${CAMERA}`;
  return layout(ctx, {title: t("floor.tab.scan"), tab: "scan", head, main, shows: raw ? "product bin stock_take bin_count" : "bin_count", from: `/floor/scan?${ctx.query}`});
}

/** Nothing scanned yet: what can be, and the count one is in the middle of. */
const open = (ctx) => html`${goOn(ctx)}${empty({cue: "work", title: t("stock.scan.start"), text: t("stock.scan.start_text")})}`;

function goOn(ctx) {
  const count = lastOpen(ctx);
  const bin = count && ctx.replica.get("bin", count.bin_id);
  return bin && html`<ul class="offer">${row({
    href: `/floor/count/${count.stock_take_id}/bin/${bin.id}`, lead: icon("stock"), ask: html`${t("stock.go_on")} ${binTape(bin)}`, meta: ctx.replica.get("stock_take", count.stock_take_id)?.title, end: icon("next"),
  })}</ul>`;
}

async function meaning(ctx, raw) {
  const {replica} = ctx;
  const code = readCode(raw);
  const products = code.kind === "bin" ? [] : await replica.find("product", code.key);
  const bin = products.length ? null : binFor(replica, code);
  const said = (cue, text) => html`<div data-tone="${cue === "go" ? "ok" : "unknown"}">${band({cue, text: html`${text} <b>${code.text}</b>`})}</div>`;
  if (bin) return html`${said("go", t("stock.scan.is_bin"))}${binFound(ctx, bin)}`;
  if (products.length === 1) return html`${said("go", t("stock.scan.found"))}${productFound(ctx, products[0], code)}`;
  if (products.length) return html`${said("wait", t("stock.scan.several"))}<ul>${products.map((one) => productRow(replica, one))}</ul>`;
  return html`${said("wait", t("stock.scan.unknown"))}<div class="pad stack gap-top"><p>${t(code.check === "wrong" ? "stock.scan.misread" : "stock.scan.unknown_text")}</p>
    <a class="btn" href="/floor/stock?q=${encodeURIComponent(code.text)}">${icon("search")}${t("stock.scan.search")}</a></div>${goOn(ctx)}`;
}

function productFound(ctx, product, code) {
  const bins = binsWith(ctx.replica, product.id);
  const facts = [code.lot && t("stock.lot", {lot: code.lot}), code.expires_on && t("stock.expires", {date: code.expires_on})].filter(Boolean).join(" · ");
  return html`<div class="last"><h2>${pick(product)}</h2><p class="meta">${factsOf(ctx.replica, product)}</p>${facts && html`<p class="meta">${facts}</p>`}</div>
    <p class="pad">${bins.length ? tapes(bins, MOST_TAPES) : html`<span class="meta">${t("stock.product.no_bins")}</span>`}</p>
    ${goOn(ctx)}<ul class="offer">${row({href: `/floor/stock/product/${product.id}`, lead: icon("search"), ask: t("stock.scan.see_product"), end: icon("next")})}</ul>`;
}

const binFound = (ctx, bin) => html`<div class="last"><h2>${binTape(bin, "tape-l")}</h2><p class="meta">${areaName(ctx.replica, bin.area)}</p></div>
  ${countHere(ctx, bin)}<ul class="offer">${row({href: `/floor/stock/bin/${bin.id}`, lead: icon("search"), ask: t("stock.scan.see_bin"), meta: t("stock.bin.kinds", {n: bin.products.length}), end: icon("next")})}</ul>`;

export const pages = {"/floor/scan": scan};
