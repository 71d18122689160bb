/** What a scanned or typed code means while a bin is being counted. */

import {pick, t} from "../../floor/words.js";
import {readCode} from "../codes.js";
import {binFor, decimalsOf, thousandths} from "../goods.js";
import {isCounted, lotBefore, placeOf} from "../take.js";
import * as acts from "../acts.js";
import {used, worth} from "./stage.js";

/**
 * @typedef {{tone: "ok" | "repeat" | "unknown" | "wrong", name?: string, isWeighed?: boolean, saved?: Promise<any>, said?: any, find?: string}} Heard
 *   name: what is read out · isWeighed: one scan does not say how much · find: several products it may be, or a name: a person chooses
 */

/** @param {import("./view.js").View} view @param {string} raw @param {"wedge" | "camera" | "typed"} via @returns {Promise<Heard>} */
export async function hearGoods(view, raw, via) {
  const {replica, stage} = view;
  const code = readCode(raw);
  const found = code.kind === "bin" ? [] : await replica.find("product", code.key);
  if (!found.length) {
    const bin = binFor(replica, code);
    if (bin) return otherBin(view, bin);
    if (code.kind === "bin") return wrong("no_such_bin", {code: code.text});
    if (via === "typed" && code.kind === "plain") return {tone: "repeat", find: code.text};
    return unknown(view, code, via);
  }
  if (found.length > 1) return {tone: "wrong", find: code.text};
  return goods(view, found[0], code, via, stage);
}

const wrong = (key, params, more = {}) => ({tone: "wrong", said: {key, cue: "stop", params, ...more}});

/** The label of a bin, in the middle of counting one (F11). */
function otherBin({ctx, take, bin}, other) {
  if (other.id === bin.id) return {tone: "repeat", said: {key: "same_bin", cue: "go", params: {bin: bin.code}}};
  const params = {bin: bin.code, other: other.code};
  return placeOf(ctx, take.id, other.id) ? wrong("other_bin", params, {cue: "wait", next: other.id}) : wrong("not_in_take", params);
}

function goods(view, product, code, via, stage) {
  const {count, ctx, groups, targets} = view;
  const target = targets.find(({product_id, lot}) => product_id === product.id && (!code.lot || !lot || lot === code.lot));
  if (count.recounts.length && !target) return wrong("not_recounted", {item: pick(product)});
  if (code.serial && groups.some((group) => isCounted(group) && group.lines.some((line) => line.code === code.text))) {
    return {tone: "repeat", said: {key: "already", cue: "wait", params: {serial: code.serial}}};
  }
  const pack = product.codes.find(({key}) => key === code.key)?.pack ?? "1";
  const {lot, expires_on} = lotBefore(groups, product.id, stage.status);
  const said = {
    product, via, ...worth(stage, code, product, pack), status: target?.status ?? stage.status, lot: code.lot ?? target?.lot ?? lot,
    expires_on: code.expires_on ?? (code.lot && code.lot !== lot ? null : expires_on), ...(code.serial && {code: code.text, key: code.key}),
  };
  if (!said.quantity) return wrong("nothing", {});
  const isWeighed = decimalsOf(ctx.replica, product) > 0 && !code.weight_kg && !stage.typed && stage.times === 1;
  used(stage, product);
  return {tone: "ok", name: pick(product), isWeighed, saved: acts.recordLine(ctx, count, said)};
}

/** Nobody knows it: it is kept and never stops the work (F10). */
function unknown({ctx, count, stage}, code, via) {
  if (count.recounts.length) return wrong("not_recounted", {item: code.text});
  const quantity = thousandths(Number(stage.typed) || stage.times);
  used(stage, null);
  return {tone: "unknown", name: t("stock.count.unknown"), saved: acts.recordLine(ctx, count, {code: code.text.slice(0, 200), key: code.key.slice(0, 80), quantity, via, status: stage.status})};
}
