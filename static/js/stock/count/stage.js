/**
 * The count screen as it stands: what was typed, what the next scan means, which goods are shown large, what was said last. Nothing of it is
 * lost work: what was counted is in the replica.
 */

import {AVAILABLE} from "../goods.js";

/**
 * @typedef {{typed: string, times: number, pack: {product: string, size: string} | null, status: string, shown: string | null, said: any}} Stage
 *   times: as often as the next scan counts · pack: a plain code of that product stands for a pack · shown: a group's id; null: the newest ·
 *   said: {key, cue, params, …} of the last scan that was no plain one
 */

/** Whether the camera stands on the pages of counting; a tap says so, and it stays from bin to bin. */
export const camera = {isOn: false};

/** @type {Map<string, Stage>} */
const stages = new Map();

/** @param {string} countId @returns {Stage} */
export function stageOf(countId) {
  if (!stages.has(countId)) stages.set(countId, {typed: "", times: 1, pack: null, status: AVAILABLE, shown: null, said: null});
  return stages.get(countId);
}

const MOST = 1_000_000;

/** A key of the pad. @param {Stage} stage @param {string} key a digit, ".", "back" or "clear" @param {number} decimals of the unit */
export function press(stage, key, decimals) {
  const {typed} = stage;
  if (key === "clear") stage.typed = "";
  else if (key === "back") stage.typed = typed.slice(0, -1);
  else {
    const next = key === "." ? `${typed || "0"}.` : typed === "0" ? key : typed + key;
    const isNumber = decimals ? /^\d+(\.\d*)?$/.test(next) && (next.split(".")[1] ?? "").length <= decimals : /^\d+$/.test(next);
    if (isNumber && Number(next) <= MOST) stage.typed = next;
  }
}

/**
 * What one scan comes to, in thousandths (STK-11): as often as typed, packs multiplied, what a GS1 code itself says.
 * @param {Stage} stage @param {import("../codes.js").Code} code @param {any} product @param {string} codePack one scan of this code means so many
 * @returns {{quantity: number, pack: string}}
 */
export function worth(stage, code, product, codePack) {
  const isPack = codePack === "1" && stage.pack?.product === product.id;
  const pack = isPack ? stage.pack.size : codePack;
  const each = code.weight_kg && product.unit === "kg" ? Number(code.weight_kg) : Number(pack) * (code.count || 1);
  return {quantity: Math.round(each * 1000) * (Number(stage.typed) || stage.times), pack};
}

/** After a scan: a number typed for it is used up, a pack stands for its own product alone. */
export function used(stage, product) {
  Object.assign(stage, {typed: "", times: 1, shown: null, said: null});
  if (stage.pack?.product !== product?.id) stage.pack = null;
}
