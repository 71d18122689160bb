/** The count screen and what opens over it: the pad, the states of goods. */

import {band, icon, lamp} from "../../floor/components.js";
import {html, joined} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {t} from "../../floor/words.js";
import {isWide} from "../../checklists/stage.js";
import {nameOf as personName} from "../../checklists/who.js";
import {binTape} from "../goods.js";
import {isCounted} from "../take.js";
import {last, mult, nameOf, pad, statusKeys, unitIn} from "./last.js";
import {lines, targets} from "./rows.js";
import {camera} from "./stage.js";
import {seqOf} from "./view.js";

/** @typedef {import("./view.js").View} View */

/** The one scan this page waits for, in a large line (F1). @param {{take: any, bin?: any, count?: any}} place @param {string} text @param {unknown} [tape] */
export const expect = ({take, bin, count}, text, tape) =>
  html`<div id="count" class="expect" data-ready data-take="${take.id}" data-bin="${bin?.id ?? ""}" data-count="${count?.id ?? ""}">${lamp("work")}<span>${text}</span>${
    tape ?? ""
  }<button type="button" class="key" data-camera aria-pressed="${String(camera.isOn)}" aria-label="${t("scan.camera.off")}">${icon("camera")}</button>${scanField()}${camera.isOn && CAMERA}</div>`;

export const scanField = () => html`<scan-field id="scan" auto hx-morph-skip></scan-field>`;
export const CAMERA = html`<scan-camera id="camera" hx-morph-skip></scan-camera>`;

/** @param {View} view */
const expectGoods = (view) => expect(view, t("stock.count.scan_goods"), binTape(view.bin, "tape-l"));

/** What was last said besides a figure: a bin's label, goods that are not asked for. Also who else is here. @param {View} view */
export function said({stage, others, place, ctx, replica, groups, url}) {
  const {said: what} = stage;
  const names = others.map((id) => personName(ctx, id)).join(t("floor.and"));
  const isShared = !what && names && place.state === "counting";
  const text = what ? t(`stock.said.${what.key}`, what.params) : isShared && t("stock.said.shared", {names});
  const next = what?.next && html`<form hx-post="${url(`next?bin=${what.next}`)}"><button class="btn">${t(groups.some(isCounted) ? "stock.said.finish_and_go" : "stock.said.go", {bin: replica.get("bin", what.next)?.code})}</button></form>`;
  return html`<div id="said" aria-live="assertive">${text && band({cue: what?.cue ?? "wait", text, action: next})}</div>`;
}

/** @param {View} view */
export function dock({count, groups, url}) {
  const undo = html`<button type="button" class="btn" hx-post="${url("undo")}">${icon("undo")}${t("stock.count.undo")}</button>`;
  const isBare = !groups.some(isCounted) && !count.recounts.length;
  const done = isBare
    ? html`<button type="button" class="btn btn-main" hx-post="${url("finish?empty=1")}" hx-confirm="${t("stock.count.empty_sure")}">${t("stock.count.empty")}</button>`
    : html`<a class="btn btn-main" href="${url("finish")}">${t("stock.count.finish")}</a>`;
  return html`<div id="count-dock" class="dock-keys">${groups.length > 0 && undo}${done}</div>`;
}

/** @param {View} view */
export const frame = (view) => {
  const {n, total} = seqOf(view);
  const kind = view.count?.recounts.length ? "stock.recount" : view.take.blind ? "stock.blind" : "stock.open_count";
  return {
    title: view.take.title, sub: joined([t(kind), n > 0 && t("stock.count.seq", {n, total})], " · "), back: `/floor/count/${view.take.id}`, tab: "stock",
    shows: `stock_take:${view.take.id} stock_take_bin:${view.place?.id} bin:${view.bin.id} bin_count product recount`,
  };
};

/** @param {View} view @param {{sheet?: unknown, at?: string}} [how] sheet: lies over the page, and has this address */
export function countPage(view, {sheet, at = ""} = {}) {
  const wide = isWide();
  const [figures, list] = [html`${mult(view)}${last(view, wide)}`, html`${targets(view)}${lines(view)}`];
  const main = wide ? html`<div class="pane">${list}</div><div class="pane pane-b figures"><div>${figures}</div><div class="pad">${pad(view)}</div></div>` : html`${figures}${list}`;
  return layout(view.ctx, {
    ...frame(view), head: html`${expectGoods(view)}${said(view)}`, main, isPanes: wide, dock: dock(view), sheet, from: view.url(at),
  });
}

const sheetOf = (view, title, meta, body) =>
  html`<section class="sheet" role="dialog" aria-modal="true" aria-labelledby="sheet-head"><div class="split"><div class="grow"><h2 id="sheet-head" class="lead" tabindex="-1" autofocus>${
    title
  }</h2><p class="meta">${meta}</p></div><a class="key" href="${view.url()}" aria-label="${t("stock.count.close")}">${icon("cross")}</a></div>${body}</section>`;

/** @param {View} view */
export function padPage(view) {
  const {shown} = view;
  const meta = shown ? t("stock.count.pad_text", {unit: unitIn(view, shown)}) : t("stock.count.pad_next");
  return countPage(view, {sheet: sheetOf(view, shown ? nameOf(view, shown) : t("stock.count.next"), meta, pad(view)), at: "pad"});
}

/** @param {View} view */
export const statusPage = (view) => countPage(view, {sheet: sheetOf(view, t("stock.count.status"), t("stock.count.status_text"), statusKeys(view)), at: "status"});
