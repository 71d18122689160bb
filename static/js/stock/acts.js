/** What a person does with stock, as operations and their small effects on this device's view. The server judges every one of them again. */

import {uuidv7} from "../replica/ids.js";
import {AVAILABLE, amount, unitTexts} from "./goods.js";
import {lineId, placeOf, recountsOf} from "./take.js";

const texts = ({zh, en}) => ({zh, en});

/** Where this was done, and what the Outbox says of it. */
const note = (name, {replica}, {stock_take_id, bin_id}, params = {}) => {
  const take = replica.get("stock_take", stock_take_id);
  return {
    key: `stock.outbox.${name}`,
    params: {
      take: take?.title, bin: bin_id && replica.get("bin", bin_id)?.code,
      at: `/floor/count/${stock_take_id}${bin_id ? `/bin/${bin_id}` : ""}`, ...params,
    },
  };
};

const set = (kind, id, fields) => Object.entries(fields).map(([name, value]) => ({kind, id, do: "set", path: [name], value}));

/** I am at this bin. @param {{replaces?: string[], recounts?: string[]}} [how] @returns {Promise<string>} the id of this count of it */
export async function openBin(ctx, takeId, binId, {replaces = [], recounts = []} = {}) {
  const id = uuidv7();
  const of = {stock_take_id: takeId, bin_id: binId};
  const count = {id, ...of, opened_at: ctx.now, finished_at: null, is_empty: false, recounts, replaced_by: null};
  // A recount makes no bin counted and no stock take begin.
  const place = recounts.length ? null : placeOf(ctx, takeId, binId);
  const isNew = place && ["todo", "skipped"].includes(place.state);
  await ctx.replica.append({
    id, type: "stock.open_bin", data: {...of, ...(replaces.length && {replaces}), ...(recounts.length && {recounts})},
    effects: [
      {bucket: `person:${ctx.person}`, kind: "bin_count", id, do: "put", value: count},
      ...replaces.flatMap((old) => set("bin_count", old, {replaced_by: id})),
      ...(isNew ? set("stock_take_bin", place.id, {state: "counting"}) : []),
      ...(place ? [{kind: "stock_take_bin", id: place.id, do: "add", path: ["by"], value: ctx.person}] : []),
      ...(place ? set("stock_take", takeId, {status: "counting"}) : []),
    ],
    note: note("open", ctx, of),
  });
  return id;
}

/**
 * One scan, or one typed quantity.
 * @param {{product?: any, code?: string, key?: string, quantity: number, pack?: string, lot?: string, expires_on?: string | null, status?: string,
 *   via: "wedge" | "camera" | "typed" | "pad", photo?: string | null}} said quantity: thousandths, packs multiplied
 */
export function recordLine(ctx, count, {product, quantity, ...said}) {
  const id = uuidv7();
  const {stock_take_id, bin_id} = count;
  const record = {
    id: `${count.id}/${id}`, bin_count_id: count.id, stock_take_id, bin_id, product_id: product?.id ?? null, key: null, code: null, lot: "", expires_on: null,
    status: AVAILABLE, pack: "1", photo: null, note: null, ...said, quantity: amount(quantity), at: ctx.now, withdrawn: false,
  };
  const sent = ["bin_count_id", "product_id", "code", "key", "lot", "expires_on", "status", "quantity", "pack", "via", "photo"];
  const data = Object.fromEntries(sent.map((name) => [name, record[name]]).filter(([, value]) => value));
  return ctx.replica.append({
    id, type: "stock.record_count_line", data, blobs: record.photo ? [record.photo] : [],
    effects: [{bucket: `person:${ctx.person}`, kind: "count_line", id: record.id, do: "put", value: record}],
    note: note(product ? "line" : "unknown", ctx, count, {
      item: product ? texts(product) : record.code, n: quantity > 0 ? `+${record.quantity}` : record.quantity, unit: unitTexts(ctx.replica, product),
    }),
  });
}

/** Takes a line back; both stay in the history (F9). */
export const withdrawLine = (ctx, count, line, item) =>
  ctx.replica.append({
    type: "stock.withdraw_count_line", data: {count_line_id: lineId(line)}, note: note("withdraw", ctx, count, {item, n: line.quantity}),
    effects: set("count_line", line.id, {withdrawn: true}),
  });

/** That is all that lies here; `isEmpty`: nothing does. */
export const finishBin = (ctx, count, isEmpty) =>
  ctx.replica.append({
    type: "stock.finish_bin", data: {bin_count_id: count.id, ...(isEmpty && {is_empty: true})}, note: note(isEmpty ? "empty" : "finish", ctx, count),
    effects: [
      ...set("bin_count", count.id, {finished_at: ctx.now, is_empty: isEmpty}),
      ...(count.recounts?.length ? [] : set("stock_take_bin", `${count.stock_take_id}/${count.bin_id}`, {state: "counted"})),
      ...recountsOf(ctx, count.stock_take_id, count.bin_id).filter(({id}) => count.recounts?.includes(id)).flatMap(({id}) => set("recount", id, {done: true})),
    ],
  });

/** A bin that cannot be counted, and why (STK-6). */
export const skipBin = (ctx, takeId, binId, reason) =>
  ctx.replica.append({
    type: "stock.skip_bin", data: {stock_take_id: takeId, bin_id: binId, reason}, note: note("skip", ctx, {stock_take_id: takeId, bin_id: binId}),
    effects: set("stock_take_bin", `${takeId}/${binId}`, {state: "skipped"}),
  });

/** Every bin is done; held on the server until every device that took part was heard. */
export const closeTake = (ctx, takeId) =>
  ctx.replica.append({
    type: "stock.close_stock_take", data: {stock_take_id: takeId}, note: note("close", ctx, {stock_take_id: takeId}),
    effects: set("stock_take", takeId, {status: "review"}),
  });
