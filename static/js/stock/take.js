/** A stock take as the device knows it: its bins and their states, this person's counts, and what their lines come to. Never what is expected. */

import {AVAILABLE, thousandths} from "./goods.js";

const LIVE = ["planned", "counting"];

/** Done with by somebody, or not to be reached. */
const OVER = ["counted", "skipped"];

export const isLive = (take) => LIVE.includes(take.status);
export const isOver = (place) => OVER.includes(place.state);

/** Stock takes in which this person is to count or to count again, the one due first first. */
export const myTakes = (ctx) =>
  ctx.replica.all("stock_take").filter((take) => isMine(ctx, take)).sort((a, b) => (a.due_at ?? Infinity) - (b.due_at ?? Infinity));

/** Who is on the list counts; a recount may also be given to somebody else. */
export const mayCount = ({person}, take) => isLive(take) && take.counters.includes(person);

const isMine = (ctx, take) => mayCount(ctx, take) || recountsOf(ctx, take.id).length > 0;

/** The bins of a stock take in order. @returns {{id: string, bin_id: string, seq: number, state: string, by: string[]}[]} */
export const placesOf = ({replica}, takeId) => replica.all("stock_take_bin").filter((one) => one.stock_take_id === takeId).sort((a, b) => a.seq - b.seq);

export const placeOf = ({replica}, takeId, binId) => replica.get("stock_take_bin", `${takeId}/${binId}`);

/** My recounts that are not done: in the stock take, in the bin. */
export const recountsOf = ({replica}, takeId, binId) =>
  replica.all("recount").filter((one) => one.stock_take_id === takeId && !one.done && (!binId || one.bin_id === binId));

const isCurrent = (count) => !count.replaced_by;

/** My counts of a bin that stand, the newest last. */
export const countsOf = ({replica}, takeId, binId) =>
  replica.all("bin_count").filter((one) => one.stock_take_id === takeId && one.bin_id === binId && isCurrent(one)).sort((a, b) => a.opened_at - b.opened_at);

/** The count I am in the middle of. */
export const openCount = (ctx, takeId, binId) => countsOf(ctx, takeId, binId).findLast((one) => !one.finished_at);

/** The newest of my counts that is not finished: where to go on after a kill (F25). */
export function lastOpen({replica}) {
  const isOpen = (one) => {
    const take = replica.get("stock_take", one.stock_take_id);
    return isCurrent(one) && !one.finished_at && take && (isLive(take) || (take.status === "review" && one.recounts.length > 0));
  };
  const open = replica.all("bin_count").filter(isOpen);
  return open.sort((a, b) => a.opened_at - b.opened_at).at(-1);
}

/** The operation that recorded a line: its record is named "<count>/<operation>". */
export const lineId = (line) => line.id.split("/").at(-1);

/**
 * The lines of a count, one scan each, as goods: the goods counted last come first.
 * @typedef {{id: string, product_id: string | null, key: string | null, code: string | null, lot: string, expires_on: string | null,
 *   status: string, total: number, lines: any[], last: any, photo: string | null}} Group
 *   id: of its first line · total: thousandths · lines: those that count · last: the newest of them
 * @returns {Group[]}
 */
export function groupsOf(replica, countId) {
  const groups = new Map();
  const all = replica.all("count_line").filter((line) => line.bin_count_id === countId).sort((a, b) => (lineId(a) < lineId(b) ? -1 : 1));
  for (const line of all) {
    const {product_id, key, code, lot, status} = line;
    const name = [product_id ?? key ?? code, lot, status].join("\n");
    const group = groups.get(name) ?? {id: lineId(line), product_id, key, code, lot, status, expires_on: null, photo: null, total: 0, lines: []};
    groups.set(name, group);
    if (line.withdrawn) continue;
    group.lines.push(line);
    group.last = line;
    group.total += thousandths(line.quantity);
    group.expires_on = line.expires_on ?? group.expires_on;
    group.photo = line.photo ?? group.photo;
  }
  return [...groups.values()].filter(({lines}) => lines.length).sort((a, b) => (lineId(a.last) < lineId(b.last) ? 1 : -1));
}

/** Taken back to nothing is nothing; what a lot or a state was corrected from comes to that. */
export const isCounted = ({total}) => total !== 0;

/** What the whole count comes to, for its summary. @param {Group[]} groups */
export const sumOf = (groups) => {
  const counted = groups.filter(isCounted);
  return {rows: counted.length, total: counted.reduce((sum, {total}) => sum + total, 0), unknown: counted.filter(({product_id}) => !product_id).length};
};

/** How far a group's lines have come. @returns {"kept" | "sending" | "sent"} */
export function keptOf(replica, {lines}) {
  const {rows, sending} = replica.memory;
  const open = lines.map(lineId).filter((id) => rows.has(id) && !rows.get(id).verdict);
  if (!open.length) return "sent";
  return open.some((id) => !sending.has(id)) ? "kept" : "sending";
}

/** Lot and expiry of goods whose code does not say them: as on the last piece of the same. @param {Group[]} groups */
export function lotBefore(groups, productId, status = AVAILABLE) {
  const same = groups.filter((group) => group.product_id === productId && isCounted(group));
  const {lot = "", expires_on = null} = same.find((group) => group.status === status) ?? same[0] ?? {};
  return {lot, expires_on};
}
