/** The bins of a stock take in order, mine first; the recounts somebody else is asked for; and its end. */

import {band, chip, empty, icon, lamp, ring, row, section} from "../../floor/components.js";
import {html, joined} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {leftText} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {hasRight, nameOf} from "../../checklists/who.js";
import {areaName, binTape} from "../goods.js";
import {isLive, isOver, openCount, placesOf, recountsOf} from "../take.js";
import {expect} from "./page.js";
import {productOf} from "./view.js";

const CUE = {todo: "off", counting: "work", counted: "go", skipped: "na"};
/** More than anybody scrolls through: any bin opens by its label. */
const MOST = 150;

export async function takePage(ctx) {
  const {replica, params} = ctx;
  const take = replica.get("stock_take", params.take);
  if (!take) return missingTake(ctx);
  const places = placesOf(ctx, take.id);
  const [done, mine] = [places.filter(isOver), places.filter((place) => openCount(ctx, take.id, place.bin_id))];
  const left = places.filter((place) => !isOver(place) && !mine.includes(place));
  const again = await recountRows(ctx, take);
  const rows = (some) => html`<ul>${some.slice(0, MOST).map((place) => placeRow(ctx, take, place))}</ul>`;
  const more = left.length > MOST && html`<p class="pad meta">${t("stock.take.more", {n: left.length - MOST})}</p>`;
  const main = html`${!again.length && state(ctx, take)}
    ${again.length > 0 && section({id: "again", title: t("stock.take.recounts"), meta: t("stock.take.recounts_n", {n: again.length}), body: html`<ul>${again}</ul>`})}
    ${mine.length > 0 && section({id: "open", title: t("stock.take.mine"), body: rows(mine)})}
    ${left.length > 0 && section({id: "left", title: t("stock.take.left"), meta: t("stock.bins", {n: left.length}), body: html`${rows(left)}${more}`})}
    ${done.length > 0 && section({id: "done", title: t("stock.take.done"), meta: t("stock.bins", {n: done.length}), body: rows(done)})}`;
  return layout(ctx, {
    title: take.title, back: "/floor/stock", tab: "stock", shows: `stock_take:${take.id} stock_take_bin bin_count recount bin`,
    sub: joined([t(take.blind ? "stock.blind" : "stock.open_count"), take.due_at && leftText(take.due_at)], " · "),
    head: isLive(take) || again.length ? html`${expect({take}, t("stock.take.scan_bin"), ring({done: done.length, total: places.length, label: t("stock.take.ring", {done: done.length, total: places.length})}))}<div id="said" aria-live="assertive"></div>` : null,
    main, dock: end(ctx, take, places),
  });
}

/** What keeps the stock take from going on, or that it is over. */
function state(ctx, take) {
  if (ctx.replica.isPending("stock_take", take.id) && !isLive(take)) return band({cue: "work", text: t("stock.take.closing")});
  if (!isLive(take)) return band({cue: "go", text: t(`stock.take.is_${take.status === "cancelled" ? "cancelled" : "closed"}`)});
  return !take.counters.includes(ctx.person) && band({cue: "wait", text: t("stock.take.not_mine")});
}

/** Everything is counted: it ends here. */
function end(ctx, take, places) {
  if (!isLive(take) || !hasRight(ctx, "stock.count") || !places.length || !places.every(isOver)) return null;
  return html`<button type="button" class="btn btn-main" hx-post="/floor/count/${take.id}/close">${t("stock.take.close")}</button>`;
}

function placeRow(ctx, take, {bin_id, state: how, by}) {
  const bin = ctx.replica.get("bin", bin_id);
  const names = by.map((id) => (id === ctx.person ? t("stock.me") : nameOf(ctx, id))).join(t("floor.and"));
  return row({
    id: `bin-${bin_id}`, href: `/floor/count/${take.id}/bin/${bin_id}`, lead: lamp(CUE[how]), ask: binTape(bin), end: icon("next"), state: isOver({state: how}) ? "done" : null,
    meta: joined([t(`stock.state.${how}`, {names}), bin && areaName(ctx.replica, bin.area)], " · "),
  });
}

/** Bins to be counted again, with the goods it is about and no figure (F13). */
function recountRows(ctx, take) {
  const all = recountsOf(ctx, take.id);
  return Promise.all([...new Set(all.map(({bin_id}) => bin_id))].map(async (binId) => {
    const wanted = all.filter(({bin_id}) => bin_id === binId);
    const names = await Promise.all(wanted.map(async ({product_id}) => pick(await productOf(ctx.replica, product_id)) || t("stock.product_missing")));
    return row({
      href: `/floor/count/${take.id}/bin/${binId}`, lead: icon("retry"), ask: html`${binTape(ctx.replica.get("bin", binId))} ${wanted.some(({round}) => round > 2) && chip(t("stock.take.third"), "wait")}`,
      meta: names.join(t("floor.and")), end: icon("next"),
    });
  }));
}

export const missingTake = (ctx) =>
  layout(ctx, {
    title: t("stock.take.missing"), back: "/floor/stock", tab: "stock", shows: "stock_take bin",
    main: empty({title: t("stock.take.missing"), text: t("stock.take.missing_text"), action: html`<a class="btn" href="/floor/stock">${t("floor.tab.stock")}</a>`}),
  });
