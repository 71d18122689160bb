/** What taps while counting do, besides scans and the keys of the count screen: each appends operations and shows the page that follows. */

import {toast} from "../floor/components.js";
import {notice, replaceWith} from "../floor/answers.js";
import {html} from "../floor/html.js";
import {t} from "../floor/words.js";
import * as acts from "./acts.js";
import {inBin} from "./count.js";
import {readCode} from "./codes.js";
import {nameOf} from "./count/last.js";
import {countPage} from "./count/page.js";
import {used} from "./count/stage.js";
import {viewOf} from "./count/view.js";
import {countsOf, isCounted, isOver, lineId, openCount, placesOf} from "./take.js";

const field = (ctx, name) => ctx.form.get(name) ?? ctx.query.get(name);

const takeUrl = ({params}) => `/floor/count/${params.take}`;
const binUrl = (ctx, bin = ctx.params.bin) => `${takeUrl(ctx)}/bin/${bin}`;

/** The count as it is after a verb, with something to say. */
const again = async (view, text) => html`${countPage(await viewOf(view.ctx, view.take.id, view.bin.id))}${notice(toast({text}))}`;

/** Begin; who counted it before counts it anew, and says so. */
async function open(ctx) {
  const {take, bin} = ctx.params;
  const view = await viewOf(ctx, take, bin);
  if (view?.place && !view.count) {
    const recounts = view.targets.map(({id}) => id);
    const replaces = recounts.length ? [] : countsOf(ctx, take, bin).filter((one) => !one.recounts.length).map(({id}) => id);
    await acts.openBin(ctx, take, bin, {replaces, recounts});
  }
  return replaceWith(binUrl(ctx));
}

async function skip(ctx) {
  const reason = field(ctx, "reason")?.trim();
  if (!reason) return replaceWith(`${binUrl(ctx)}/skip`);
  await acts.skipBin(ctx, ctx.params.take, ctx.params.bin, reason);
  return replaceWith(takeUrl(ctx));
}

/** The last line of mine, whatever it was (F9). */
async function undo(view) {
  const lines = view.groups.flatMap((group) => group.lines.map((line) => ({group, line}))).sort((a, b) => (lineId(a.line) < lineId(b.line) ? 1 : -1));
  if (!lines.length) return again(view, t("stock.count.nothing_to_undo"));
  const [{group, line}] = lines;
  await withdraw(view, group, line);
  used(view.stage, null);
  return again(view, t("stock.count.undone", {item: nameOf(view, group), n: line.quantity}));
}

const withdraw = (view, group, line) => acts.withdrawLine(view.ctx, view.count, line, view.products.get(group.product_id) ?? group.code);

/** One scan, or every one of these goods. */
async function remove(view, group, ctx) {
  const scan = field(ctx, "scan");
  const lines = group.lines.filter((line) => !scan || lineId(line) === scan);
  await Promise.all(lines.map((line) => withdraw(view, group, line)));
  const left = group.lines.length - lines.length;
  return replaceWith(left ? view.url(`line/${group.id}`) : view.url());
}

/** These goods stand large now, to be changed by the keys. */
async function show(view, group) {
  Object.assign(view.stage, {shown: group.id, said: null});
  return replaceWith(view.url());
}

/** All of them go over to another lot, expiry or state: what was counted stays in the history, less one here and more there. */
async function regroup(view, group, ctx) {
  const said = {lot: (field(ctx, "lot") ?? group.lot).trim(), expires_on: field(ctx, "expires_on") || group.expires_on, status: field(ctx, "status") ?? group.status};
  const product = view.products.get(group.product_id);
  const {lot, expires_on, status, total} = group;
  if (product && total && (said.lot !== lot || said.expires_on !== expires_on || said.status !== status)) {
    await Promise.all([
      acts.recordLine(ctx, view.count, {product, quantity: -total, lot, expires_on, status, via: "typed"}),
      acts.recordLine(ctx, view.count, {product, quantity: total, ...said, via: "typed"}),
    ]);
    used(view.stage, product);
  }
  return replaceWith(view.url());
}

/** A photo of what nobody knows: said again with it. */
async function photo(view, group, ctx) {
  const sha = field(ctx, "photo");
  const {code, key, status, last} = group;
  if (sha) {
    await acts.recordLine(ctx, view.count, {code, key, status, quantity: Number(last.quantity) * 1000, via: last.via, photo: sha});
    await withdraw(view, group, last);
  }
  return again(view, t("stock.count.photo_kept"));
}

/** Found by name: counted, or put in place of the code nobody knew. */
async function found(view, ctx) {
  const product = await ctx.replica.fetch("product", field(ctx, "product"));
  const unknown = view.groups.find(({id}) => id === field(ctx, "for"));
  if (!product) return replaceWith(view.url());
  const {stage, count} = view;
  const quantity = unknown?.total ?? 1000 * (Number(stage.typed) || stage.times);
  await acts.recordLine(ctx, count, {product, quantity, status: unknown?.status ?? stage.status, via: "typed"});
  if (unknown) await Promise.all(unknown.lines.map((line) => withdraw(view, unknown, line)));
  used(stage, product);
  return replaceWith(view.url());
}

/** Typed, and known to nobody. */
async function unknown(view, ctx) {
  const code = readCode(field(ctx, "code") ?? "");
  if (code.text) {
    await acts.recordLine(ctx, view.count, {code: code.text.slice(0, 200), key: code.key.slice(0, 80), quantity: 1000, status: view.stage.status, via: "typed"});
    used(view.stage, null);
  }
  return replaceWith(view.url());
}

async function setStatus(view, ctx) {
  view.stage.status = field(ctx, "value");
  return replaceWith(view.url());
}

async function finish(view, ctx) {
  const isEmpty = field(ctx, "empty") === "1" && !view.groups.some(isCounted);
  await acts.finishBin(ctx, view.count, isEmpty);
  return replaceWith(takeUrl(ctx));
}

/** This bin is done, that one is begun; one in which nothing was counted is left as it is. */
async function next(view, ctx) {
  const bin = field(ctx, "bin");
  view.stage.said = null;
  if (view.groups.some(isCounted)) await acts.finishBin(ctx, view.count, false);
  if (!openCount(ctx, view.take.id, bin)) {
    const before = countsOf(ctx, view.take.id, bin).filter((one) => !one.recounts.length);
    if (!before.length) await acts.openBin(ctx, view.take.id, bin);
  }
  return replaceWith(binUrl(ctx, bin));
}

async function close(ctx) {
  const places = placesOf(ctx, ctx.params.take);
  if (places.length && places.every(isOver)) await acts.closeTake(ctx, ctx.params.take);
  return replaceWith(takeUrl(ctx));
}

const ofLine = (run) =>
  inBin((view, ctx) => {
    const group = view.groups.find(({id}) => id === ctx.params.line);
    return group ? run(view, group, ctx) : replaceWith(view.url());
  });

const bin = (verb) => `POST /floor/count/:take/bin/:bin/${verb}`;

export const verbs = {
  "POST /floor/count/:take/close": close,
  [bin("open")]: open,
  [bin("skip")]: skip,
  [bin("undo")]: inBin(undo),
  [bin("finish")]: inBin(finish),
  [bin("next")]: inBin(next),
  [bin("status")]: inBin(setStatus),
  [bin("found")]: inBin(found),
  [bin("unknown")]: inBin(unknown),
  [bin("line/:line/show")]: ofLine(show),
  [bin("line/:line/goods")]: ofLine(regroup),
  [bin("line/:line/photo")]: ofLine(photo),
  [bin("line/:line/removal")]: ofLine(remove),
};

/** Where something refused is done again: at the bin or the stock take it was about. */
const where = ({note}) => note?.params?.at;

export const redo = Object.fromEntries(
  ["open_bin", "record_count_line", "withdraw_count_line", "finish_bin", "skip_bin", "close_stock_take"].map((name) => [`stock.${name}`, where]),
);

