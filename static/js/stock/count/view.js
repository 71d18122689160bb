/** Everything the count screen shows of one count, looked up once a drawing. */

import {groupsOf, openCount, placeOf, placesOf, recountsOf} from "../take.js";
import {stageOf} from "./stage.js";

/** Products that were shown: the blocks they lie in are many. @type {Map<string, any>} */
const known = new Map();

/** The catalogue changed. */
export const forget = () => known.clear();

export async function productOf(replica, id) {
  if (!id) return null;
  if (!known.has(id)) known.set(id, await replica.fetch("product", id));
  return known.get(id) ?? null;
}

/**
 * @typedef {{ctx: any, replica: any, take: any, bin: any, count: any, place: any, stage: import("./stage.js").Stage,
 *   groups: import("../take.js").Group[], shown: import("../take.js").Group | undefined, products: Map<string, any>, targets: any[],
 *   others: string[], url: (path?: string) => string}} View
 *   targets: the recounts this count is for · others: who else is at this bin
 * @returns {Promise<View | null>} null: the stock take or the bin is not on this device
 */
export async function viewOf(ctx, takeId, binId) {
  const {replica, person} = ctx;
  const [take, bin] = [replica.get("stock_take", takeId), replica.get("bin", binId)];
  if (!take || !bin) return null;
  const place = placeOf(ctx, takeId, binId);
  const count = openCount(ctx, takeId, binId);
  const groups = count ? groupsOf(replica, count.id) : [];
  const stage = count && stageOf(count.id);
  const targets = recountsOf(ctx, takeId, binId).filter(({id}) => !count || count.recounts.includes(id));
  const ids = [...groups, ...targets].map(({product_id}) => product_id).filter(Boolean);
  const products = new Map(await Promise.all([...new Set(ids)].map(async (id) => [id, await productOf(replica, id)])));
  return {
    ctx, replica, take, bin, place, count, stage, groups, targets, products, others: (place?.by ?? []).filter((id) => id !== person),
    shown: groups.find(({id}) => id === stage?.shown) ?? groups[0],
    url: (path = "") => `/floor/count/${takeId}/bin/${binId}${path && `/${path}`}`,
  };
}

/** "3 / 6": where the bin stands in its stock take. @param {View} view */
export function seqOf({ctx, take, place}) {
  const places = placesOf(ctx, take.id);
  return {n: places.indexOf(place) + 1, total: places.length};
}
