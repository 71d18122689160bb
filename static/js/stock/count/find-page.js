/** Goods without a label that can be read: found by name and counted, or matched with a code nobody knows. */

import {empty, icon, row} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {pick, t} from "../../floor/words.js";
import {search} from "../find.js";
import {binTape, factsOf} from "../goods.js";
import {expect, frame} from "./page.js";

/** `q`: what was typed or scanned · `for`: the unknown goods that this is. @param {import("./view.js").View} view @param {any} ctx */
export async function findPage(view, ctx) {
  const {replica, url} = view;
  const [q, goods] = [ctx.query.get("q") ?? "", ctx.query.get("for") ?? ""];
  const found = q ? await search(replica, q) : [];
  const one = (product) =>
    html`<li class="row row-opens"><span class="row-lead">${icon("box")}</span><div class="row-body"><p class="row-ask"><button type="button" class="row-open" hx-post="${
      url(`found?product=${product.id}&for=${goods}`)
    }">${pick(product)}</button></p><p class="meta">${factsOf(replica, product)}</p></div><div class="row-end">${icon("plus")}</div></li>`;
  const nothing = q && empty({title: t("stock.find.nothing", {q}), text: t("stock.find.nothing_text")});
  const main = html`${findForm(url("find"), q, goods)}<div id="found">${found.length ? html`<ul>${found.map(one)}</ul>` : nothing}${
    q && !goods && html`<p class="pad gap-top"><button type="button" class="btn btn-wide" hx-post="${url("unknown")}" name="code" value="${q}">${icon("flag")}${t("stock.find.keep")}</button></p>`
  }</div>`;
  return layout(ctx, {...frame(view), back: url(), head: expect(view, t("stock.count.scan_goods"), binTape(view.bin, "tape-l")), main, from: `${url("find")}?${ctx.query}`});
}

/** Answers while one types; the box keeps the cursor. @param {string} action @param {string} q @param {string} [goods] */
export const findForm = (action, q, goods) =>
  html`<form class="pad stack gap-s" role="search" hx-get="${action}" hx-trigger="input changed delay:60ms, change, submit" hx-target="#found" hx-select="#found" hx-swap="outerHTML" hx-replace-url="true">
<label class="find find-wide">${icon("search")}<input type="search" name="q" value="${q}" placeholder="${t("stock.find.hint")}" aria-label="${t("stock.find.hint")}" autocomplete="off" enterkeyhint="search"></label>${
    goods && html`<input type="hidden" name="for" value="${goods}">`
  }</form>`;
