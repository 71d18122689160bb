/**
 * What an answer is worth and how a list stands: the display's mirror of `app/checklists/judge.py`. Both are held to
 * `tests/cases/judge.json` and `progress.json`; the server's word is the one that counts.
 */

/**
 * @typedef {{id: string, kind: string, critical?: boolean, min?: number|string|null, max?: number|string|null, fail_if?: string[],
 *   after?: string[], when?: {item: string, is: string[]}, na_allowed?: boolean, choices?: {id: string, zh: string, en: string}[]|null}} Item
 * @typedef {"pass"|"fail"|"na"|"contested"|"open"} Standing
 * @typedef {(itemId: string) => any} Found the record of an item, undefined while nobody touched it
 */

const NUMBER = /^[+-]?\d{1,12}(?:[.,]\d{1,6})?$/;
const NEED_A_VALUE = new Set(["number", "text", "choice", "scan", "signature"]);
const DECIMALS = 6;

/**
 * The number a person typed, in exact millionths, or null: full-width digits, a decimal comma and a true minus are understood.
 * @param {unknown} value @returns {bigint|null}
 */
export function number(value) {
  const text = String(value ?? "").normalize("NFKC").trim().replace("−", "-");
  if (!NUMBER.test(text)) return null;
  const [whole, part = ""] = text.replace(",", ".").split(".");
  const size = BigInt(whole.replace(/^[+-]/, "") + part.padEnd(DECIMALS, "0"));
  return whole.startsWith("-") ? -size : size;
}

/** Inside the item's limits, both ends included (CHK-4). @param {Item} item @param {unknown} value */
export function isWithin(item, value) {
  const measured = number(value);
  if (measured === null) return false;
  return (item.min == null || measured >= number(item.min)) && (item.max == null || measured <= number(item.max));
}

/**
 * The verdict that counts: a number outside its limits or a choice in `fail_if` fails by itself (CHK-4).
 * @param {Item} item @param {string|null|undefined} value @param {string|null|undefined} verdict
 * @returns {"pass"|"fail"|"na"|"open"}
 */
export function judge(item, value, verdict) {
  const isEmpty = value == null || value === "";
  if (verdict === "fail") return "fail";
  if (verdict === "na") return mayBeNa(item) ? "na" : "open";
  if (verdict != null && verdict !== "pass") return "open";
  if (isEmpty && (verdict == null || NEED_A_VALUE.has(item.kind))) return "open";
  if (item.kind === "number") return isWithin(item, value) ? "pass" : "fail";
  return item.kind === "choice" && item.fail_if?.includes(value) ? "fail" : "pass";
}

/** N/A is free on ordinary items; on critical ones only where the template says so (CHK-10). @param {Item} item */
export const mayBeNa = (item) => Boolean(item.na_allowed) || !item.critical;

/** @param {any} found the item's record @returns {Standing} two answers count as fail until decided (CHK-7) */
export function standing(found) {
  if (found?.contested) return "contested";
  return found?.answers?.at(-1)?.verdict ?? "open";
}

/** A complete waiver lets a critical item pass the gate; it does not make it good (CHK-2). @param {any} found */
export const isWaived = (found) => Boolean(found?.waiver?.complete);

/** @param {{sections: {items: Item[]}[]}} template @returns {Item[]} every item, in order */
export const itemsOf = (template) => template.sections.flatMap((section) => section.items);

/**
 * The items that are asked as things stand (F22): one with `when` while the earlier item it names is asked and stands, or was answered, as
 * one of `is`. @param {Found} find @returns {Item[]}
 */
export function asked(template, find) {
  const leftOut = new Set();
  return itemsOf(template).filter(({id, when}) => {
    const isOut = when && (leftOut.has(when.item) || !isOneOf(when.is, find(when.item)));
    if (isOut) leftOut.add(id);
    return !isOut;
  });
}

/** Two answers that differ ask for whatever either of them asks for. */
function isOneOf(wanted, found) {
  const answers = found?.answers ?? [];
  return (found?.contested ? answers : answers.slice(-1)).some(({verdict, value}) => wanted.includes(verdict) || wanted.includes(value));
}

/** How many items stand where; contested ones are not in `fail`, though they count like it. @param {Found} find */
export function progress(template, find) {
  const counts = {pass: 0, fail: 0, na: 0, contested: 0, open: 0, total: 0};
  for (const item of asked(template, find)) {
    counts[standing(find(item.id))] += 1;
    counts.total += 1;
  }
  return counts;
}

/** Passed out of what counts; N/A is left out of both sides, all N/A has no score (F17). @param {Found} find */
export function score(template, find) {
  const counts = progress(template, find);
  const total = counts.total - counts.na;
  return total ? {pass: counts.pass, total} : null;
}

/** The critical items that make the list fail now: failed or contested, not waived (T30). @param {Found} find */
export const criticalFails = (template, find) =>
  asked(template, find).filter(
    (item) => item.critical && ["fail", "contested"].includes(standing(find(item.id))) && !isWaived(find(item.id)),
  );

/** @param {Found} find @param {boolean} done @returns {"pass"|"fail"|null} */
export function result(template, find, done) {
  if (criticalFails(template, find).length) return "fail";
  return done ? "pass" : null;
}

/**
 * What is missing or wrong, in list order. `blocks`: the list cannot end with it (CHK-2); the rest is only shown.
 * @param {Found} find @returns {{item_id: string, why: "open"|"fail"|"contested"|"sent_back", blocks: boolean}[]}
 */
export function gaps(template, find) {
  return asked(template, find).flatMap((item) => {
    const found = find(item.id);
    const why = found?.sent_back ? "sent_back" : standing(found);
    if (why === "pass" || why === "na") return [];
    return [{item_id: item.id, why, blocks: why === "sent_back" || (Boolean(item.critical) && !isWaived(found))}];
  });
}

/** The items this one still waits for: neither passed, nor N/A, nor waived (CHK-3). @param {Item} item @param {Found} find */
export const waitsFor = (item, find) =>
  (item.after ?? []).filter((id) => !["pass", "na"].includes(standing(find(id))) && !isWaived(find(id)));
