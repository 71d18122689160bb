/** One kind of goods in a bin: every scan of it, its lot and state, and for a code nobody knows its photo and its neighbours (F10). */

import {icon, kept, row} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {AVAILABLE, amount, binTape, statusesOf, thousandths} from "../goods.js";
import {keptOf, lineId} from "../take.js";
import {metaOf, nameOf, unitIn} from "./last.js";
import {expect, frame} from "./page.js";

/** @typedef {import("./view.js").View} View @typedef {import("../take.js").Group} Group */

const shell = (view, page) =>
  layout(view.ctx, {...frame(view), back: view.url(), head: expect(view, t("stock.count.scan_goods"), binTape(view.bin, "tape-l")), ...page});

/** @param {View} view @param {Group} group */
export function linePage(view, group) {
  const {url} = view;
  const at = url(`line/${group.id}`);
  const goods = group.product_id && html`<a class="btn" href="${at}/goods">${icon("text")}${t("stock.line.goods")}</a>`;
  const match = !group.product_id && html`<a class="btn" href="${url(`find?for=${group.id}`)}">${icon("search")}${t("stock.line.match")}</a>`;
  const main = html`<div class="last"><h2${!group.product_id && html` class="cue-wait"`}>${nameOf(view, group)}</h2><p class="meta">${metaOf(view, group)}</p></div>
    <p class="pad line-total"><b>${amount(group.total)}</b> ${unitIn(view, group)}</p>
    ${group.photo && html`<p class="pad"><span class="photo photo-l"><photo-image sha="${group.photo}" form="display" alt="${t("stock.line.photo")}"></photo-image></span></p>`}
    <div class="inline pad gap-s"><form hx-post="${at}/show"><button class="btn">${icon("keys")}${t("stock.line.change")}</button></form>${goods}${match}</div>
    ${!group.product_id && neighbours(view, group)}
    <section aria-labelledby="scans"><div class="sec"><h2 id="scans">${t("stock.count.scans", {n: group.lines.length})}</h2></div><ul>${group.lines.toReversed().map((line) => scanRow(view, group, line))}</ul></section>`;
  const remove = html`<button type="button" class="btn btn-danger" hx-post="${at}/removal" hx-confirm="${t("stock.line.remove_sure", {n: group.lines.length})}">${t("stock.line.remove_all")}</button>`;
  return shell(view, {main, dock: html`${remove}<a class="btn btn-main" href="${url()}">${t("stock.line.go_on")}</a>`, from: at});
}

function scanRow(view, group, line) {
  const n = thousandths(line.quantity);
  const packs = line.pack !== "1" && t("stock.line.packs", {packs: amount((n / thousandths(line.pack)) * 1000), pack: line.pack});
  return row({
    id: `scan-${lineId(line)}`, lead: icon({camera: "camera", wedge: "scan", pad: "keys", typed: "keys"}[line.via]), ask: `${n > 0 ? "+" : ""}${line.quantity} ${unitIn(view, group)}`,
    meta: html`<span>${clockTime(line.at)}</span>${packs && html`<span>${packs}</span>`}`,
    end: html`${kept(keptOf(view.replica, {lines: [line]}))}<button type="button" class="key" hx-post="${view.url(`line/${group.id}/removal?scan=${lineId(line)}`)}" aria-label="${
      t("stock.line.remove")
    }">${icon("erase")}</button>`,
  });
}

/** What was scanned before and after, so that somebody can tell later what this was. */
function neighbours(view, group) {
  const all = view.groups.flatMap((one) => one.lines.map((line) => ({one, line}))).filter(({one}) => one.product_id).sort((a, b) => (lineId(a.line) < lineId(b.line) ? -1 : 1));
  const before = all.findLast(({line}) => lineId(line) < group.id);
  const after = all.find(({line}) => lineId(line) > group.id);
  const one = (found, key) => found && row({lead: icon("box"), ask: nameOf(view, found.one), meta: html`<span>${t(key)}</span><span>${clockTime(found.line.at)}</span>`});
  return html`<section aria-labelledby="near"><div class="sec"><h2 id="near">${t("stock.line.near")}</h2></div><ul>${one(before, "stock.line.before")}${row({
    lead: icon("flag"), ask: html`<b class="cue-wait">${group.code}</b>`, meta: t("stock.unknown_goods"),
  })}${one(after, "stock.line.after")}</ul></section>`;
}

/** Lot, expiry and state of goods: read off and typed, or chosen. @param {View} view @param {Group} group */
export function goodsPage(view, group) {
  const product = view.products.get(group.product_id);
  const field = (name, type, value) =>
    html`<div class="field"><label for="${name}">${t(`stock.goods.${name}`)}</label><input class="input" id="${name}" name="${name}" type="${type}" value="${value ?? ""}" maxlength="40" autocomplete="off"${
      name === "lot" && product?.lot && html` required`
    }></div>`;
  const status = (one) => html`<label class="key key-opt"><input type="radio" class="sr" name="status" value="${one.id}"${one.id === group.status && html` checked`}><span>${pick(one)}</span></label>`;
  const main = html`<div class="last"><h2>${nameOf(view, group)}</h2><p class="meta">${metaOf(view, group)}</p></div>
    <form id="goods" class="pad stack" hx-post="${view.url(`line/${group.id}/goods`)}"><p>${t("stock.goods.text", {n: amount(group.total), unit: unitIn(view, group)})}</p>
    ${product?.lot && field("lot", "text", group.lot)}${product?.expiry && field("expires_on", "date", group.expires_on)}
    <fieldset class="options"><legend class="meta">${t("stock.count.status")}</legend>${(statusesOf(view.replica).length ? statusesOf(view.replica) : [{id: AVAILABLE}]).map(status)}</fieldset></form>`;
  return shell(view, {main, back: view.url(`line/${group.id}`), dock: html`<button class="btn btn-main" form="goods">${t("stock.goods.save")}</button>`, from: view.url(`line/${group.id}/goods`)});
}
