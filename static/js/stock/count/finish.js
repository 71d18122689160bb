/** The end of a bin: what was counted, what is still missing about it; and a bin before it is begun. */

import {band, empty, icon, lamp, row} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {t} from "../../floor/words.js";
import {nameOf as personName} from "../../checklists/who.js";
import {amount, areaName, binTape} from "../goods.js";
import {countsOf, isCounted, isLive, mayCount, sumOf} from "../take.js";
import {metaOf, nameOf, unitIn} from "./last.js";
import {expect, frame} from "./page.js";
import {targets} from "./rows.js";

/** @typedef {import("./view.js").View} View */

/** Lines, pieces, codes nobody knows; no word of what the book says (F11, F12). @param {View} view */
export function finishPage(view) {
  const {groups, products, url, bin} = view;
  const {rows, total, unknown} = sumOf(groups);
  const bare = groups.filter((group) => isCounted(group) && products.get(group.product_id)?.lot && !group.lot);
  const figure = (n, word) => html`<div><dt>${word}</dt><dd>${n}</dd></div>`;
  const main = html`<dl class="sum">${figure(rows, t("stock.finish.rows"))}${figure(amount(total), t("stock.finish.pieces"))}${figure(unknown, t("stock.finish.unknown"))}</dl>
    ${unknown > 0 && note(t("stock.finish.unknown_text"))}${bare.length > 0 && note(t("stock.finish.bare", {n: bare.length}))}
    ${targets(view)}<ul class="gap-s">${groups.filter(isCounted).map((group) => row({
      href: url(`line/${group.id}`), lead: icon(group.product_id ? "box" : "flag"), ask: nameOf(view, group), meta: html`<span>${metaOf(view, group)}</span>`,
      end: html`<span class="row-value">${amount(group.total)} <small>${unitIn(view, group)}</small></span>`,
    }))}</ul>`;
  return layout(view.ctx, {
    ...frame(view), back: url(), head: expect(view, t("stock.finish.all_here"), binTape(bin, "tape-l")), main,
    dock: html`<a class="btn" href="${url()}">${t("stock.finish.go_on")}</a><button type="button" class="btn btn-main" hx-post="${url("finish")}">${t("stock.count.finish")}</button>`,
  });
}

const note = (text) => html`<p class="pad inline">${lamp("wait")}<span>${text}</span></p>`;

/** A bin that I am not counting now: begin, count anew, or say why it cannot be counted. @param {View} view */
export function beginPage(view, {skip = false} = {}) {
  const {ctx, take, bin, place, others, replica, url} = view;
  if (!place || !(mayCount(ctx, take) || view.targets.length)) return away(view);
  const mine = countsOf(ctx, take.id, bin.id).filter((one) => !one.recounts.length);
  const names = others.map((id) => personName(ctx, id)).join(t("floor.and"));
  const isAgain = mine.length > 0 && !view.targets.length;
  const main = html`${names && band({cue: "wait", text: t(place.state === "counting" ? "stock.said.shared" : "stock.begin.counted_by", {names})})}
    <div class="pad stack gap-top"><p class="lead">${areaName(replica, bin.area)}${bin.note && html` · ${bin.note}`}</p>
    <p>${t(view.targets.length ? "stock.begin.recount" : isAgain ? "stock.begin.again_text" : "stock.begin.text")}</p></div>${targets(view)}
    ${skip ? skipForm(view) : !view.targets.length && place.state !== "counted" && html`<p class="pad gap-top"><a class="btn" href="${url("skip")}">${t("stock.begin.skip")}</a></p>`}`;
  return layout(ctx, {
    ...frame(view), head: expect(view, t("stock.begin.scan"), binTape(bin, "tape-l")), main, from: skip ? url("skip") : url(),
    dock: html`<button type="button" class="btn btn-main" hx-post="${url("open")}">${t(isAgain ? "stock.begin.again" : "stock.begin.go")}</button>`,
  });
}

const REASONS = ["blocked", "moving", "locked", "time"];

function skipForm({url}) {
  const key = (name) => html`<button class="key" name="reason" value="${t(`stock.skip.${name}`)}">${t(`stock.skip.${name}`)}</button>`;
  return html`<div class="pad stack gap-top"><p class="meta" id="why">${t("stock.skip.why")}</p>
    <form hx-post="${url("skip")}"><div class="phrases" role="group" aria-labelledby="why">${REASONS.map(key)}</div></form>
    <form class="field" hx-post="${url("skip")}"><label for="reason">${t("stock.skip.other")}</label><textarea class="input" id="reason" name="reason" rows="2" required maxlength="1000"></textarea>
    <button class="btn">${t("stock.skip.do")}</button></form></div>`;
}

/** Not a bin of this stock take, or there is nothing to count any more. */
function away({ctx, take, bin, place}) {
  const key = !place ? "stock.begin.not_in_take" : isLive(take) ? "stock.begin.not_mine" : "stock.begin.over";
  return layout(ctx, {
    title: take.title, back: `/floor/count/${take.id}`, tab: "stock", shows: "stock_take stock_take_bin recount",
    main: empty({title: t(key), text: t(`${key}_text`), action: html`<a class="btn" href="/floor/stock/bin/${bin.id}">${t("stock.begin.see_bin", {bin: bin.code})}</a>`}),
  });
}
