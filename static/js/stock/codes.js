/**
 * What a scanned or typed code means: the device's twin of `app/stock/codes.py`, which says why. Both are held to
 * `tests/cases/codes.json`.
 *
 * @typedef {{key: string, raw: string, text: string, kind: "gs1"|"gtin"|"bin"|"person"|"plain", symbology?: string, check?: "wrong", gtin?: string,
 *   sscc?: string, lot?: string, made_on?: string, packed_on?: string, best_before_on?: string, expires_on?: string, serial?: string,
 *   count?: number, weight_kg?: string, bin?: string, person?: string}} Code
 */

const UNSEEN = /[\x00-\x1c\x1e\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;
const GROUPED = /^(?:[0-9 ]+|97[89]-[0-9 -]+)$/;
const AI = /0[0-4]|1\d|2[0-2]|3[07]|9\d|(?:2[3-5]|4[0-2]|71)\d|(?:3[1-69]|43|7[02]|8[0-2])\d\d/y;
const LINK = /^https?:\/\/[^/?#]+\/([^?#]*)(?:\?([^#]*))?/i;
const MARKS = ["C1", "e0", "d2", "Q3", "J1"];
const DATES = {11: "made_on", 13: "packed_on", 15: "best_before_on", 17: "expires_on"};
const TEXTS = {10: "lot", 21: "serial"};

/** The length of an element's digits by the first two of its number; others end at a separator. */
const fixed = (ai) => ({"00": 18, "01": 14, "02": 14, "03": 14, "04": 16, 20: 2, 41: 13})[ai.slice(0, 2)] ?? (/^(1[1-9]|3[1-6])/.test(ai) ? 6 : 0);

function clean(raw) {
  const seen = String(raw).replace(UNSEEN, "").replace(/[\u00a0\u3000]/g, " ").replaceAll("\u241d", "\x1d")
    .replace(/[\uff01-\uff5e]/g, (key) => String.fromCharCode(key.charCodeAt(0) - 0xfee0));
  const [prefix, symbology] = /^[ \x1d]*(?:\]([A-Za-z][0-9A-Za-z])[ \x1d]*)*/.exec(seen);
  return [seen.slice(prefix.length).replace(/[ \x1d]+$/, ""), symbology];
}

/** The code without AIM prefix, control characters and outer spaces; case, zeros in front and group separators stay. @param {string} raw */
export const normalise = (raw) => clean(raw)[0];

/** @param {string} raw @returns {Code} */
export function readCode(raw) {
  const [text, symbology] = clean(raw);
  const upper = text.replace(/[a-z]+/g, (small) => small.toUpperCase());
  const said = readOwn(upper) ?? readLink(text) ?? readElements(text, symbology) ?? readGtin(text);
  return {key: upper.replaceAll("\x1d", ""), raw, text, kind: "plain", ...(symbology && {symbology}), ...said};
}

const isGtinLong = (digits) => [8, 12, 13, 14].includes(digits.length);

/** @param {string} code 8, 12, 13 or 14 digits, the last the check digit of the others? */
export const checkDigitOk = (code) => isGtinLong(code) && mod10Ok(code);

const mod10Ok = (digits) => /^\d+$/.test(digits) && [...digits].reverse().reduce((sum, digit, at) => sum + digit * (at % 2 ? 3 : 1), 0) % 10 === 0;

/** The UPC-A that eight digits of UPC-E stand for, or null. @param {string} code */
export function expandUpcE(code) {
  if (!/^[01]\d{7}$/.test(code)) return null;
  const last = code[6];
  const [at, zeros] = last < "3" ? [3, `${last}0000`] : last < "5" ? [Number(last) + 1, "00000"] : [6, `0000${last}`];
  const whole = code.slice(0, at) + zeros + code.slice(at, 6) + code[7];
  return mod10Ok(whole) ? whole : null;
}

function readOwn(upper) {
  const [, bin, person] = /^(?:BIN: *(.+)|PERSON:([0-9A-F-]{36}))$/.exec(upper) ?? [];
  if (person) return {kind: "person", person: person.toLowerCase()};
  const code = bin ?? /^[A-Z][A-Z0-9]{0,3}-\d\d-\d-\d\d$/.exec(upper)?.[0];
  return code && {kind: "bin", key: code, bin: code};
}

function readGtin(text) {
  const digits = GROUPED.test(text) ? text.replace(/[ -]/g, "") : "";
  if (!isGtinLong(digits)) return null;
  const short = expandUpcE(digits);
  const whole = short && (digits[0] === "0" || !mod10Ok(digits)) ? short : digits;
  if (!mod10Ok(whole)) return {check: "wrong"};
  const gtin = whole.padStart(14, "0");
  return {kind: "gtin", key: gtin, gtin};
}

function readLink(text) {
  const link = LINK.exec(text);
  if (!link) return null;
  try {
    const steps = link[1].split("/").map(decodeURIComponent);
    const at = steps.findIndex((step, n) => /^0[01]$/.test(step) && /^\d{8,18}$/.test(steps[n + 1] ?? ""));
    if (at < 0) return null;
    const pairs = [];
    for (let n = at; n + 1 < steps.length; n += 2) pairs.push([steps[n], steps[n + 1]]);
    for (const one of (link[2] ?? "").split("&")) pairs.push(one.split(/=(.*)/s).map(decodeURIComponent));
    return said(pairs.filter(([ai]) => /^\d{2,4}$/.test(ai)));
  } catch {
    return null; // no text at all behind its % signs
  }
}

function readElements(text, symbology) {
  const human = text.split(/\((\d{2,4})\)/);
  const isHuman = human.length > 1 && !human[0];
  const pairs = [];
  for (let n = 1; isHuman && n < human.length; n += 2) pairs.push([human[n], human[n + 1].replace(/^[ \x1d]+|[ \x1d]+$/g, "")]);
  const found = said(isHuman ? pairs : walk(text));
  return isHuman || text.includes("\x1d") || MARKS.includes(symbology) || found?.key ? found : null;
}

/** The elements of a string; none: it is no element string. */
function walk(text) {
  const pairs = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === "\x1d") {
      at++;
      continue;
    }
    AI.lastIndex = at;
    const ai = AI.exec(text)?.[0];
    if (!ai) return [];
    const length = fixed(ai);
    const from = at + ai.length;
    at = length ? from + length : (text.indexOf("\x1d", from) + 1 || text.length + 1) - 1;
    const value = text.slice(from, at);
    if (!value || (length && !new RegExp(`^\\d{${length}}$`).test(value))) return [];
    pairs.push([ai, value]);
  }
  return pairs;
}

/** What elements say together; a part said twice counts as first said. */
function said(pairs) {
  const parts = {};
  for (const [ai, value = ""] of pairs) {
    const [name, part] = partOf(ai, value);
    if (name === "check") return {check: "wrong"};
    if (name && part == null) return null;
    if (name) parts[name] ??= part;
  }
  const key = parts.gtin ?? parts.sscc;
  return Object.keys(parts).length ? {kind: "gs1", ...(key && {key}), ...parts} : null;
}

/** [name, value] of one element; no name: nothing we keep; no value: it is not what its number says. */
function partOf(ai, value) {
  const when = (shape, part) => (shape.test(value) ? part(value) : null);
  if (ai === "00") return value.length === 18 && mod10Ok(value) ? ["sscc", value] : ["check"];
  if (ai === "01" || ai === "02") return checkDigitOk(value) ? ["gtin", value.padStart(14, "0")] : ["check"];
  if (DATES[ai]) return [DATES[ai], when(/^\d{6}$/, date)];
  if (TEXTS[ai]) return [TEXTS[ai], when(/^[ -~]{1,20}$/, String)];
  if (ai === "30" || ai === "37") return ["count", when(/^\d{1,8}$/, Number)];
  if (/^310[0-5]$/.test(ai)) return ["weight_kg", when(/^\d{6}$/, (digits) => decimal(digits, Number(ai[3])))];
  return [];
}

/** YYMMDD of this century; day 00 is the last of the month. */
function date(value) {
  const [year, month, day] = value.match(/../g).map(Number);
  const last = new Date(Date.UTC(2000 + year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day > last) return null;
  return `20${value.slice(0, 2)}-${value.slice(2, 4)}-${String(day || last).padStart(2, "0")}`;
}

function decimal(digits, places) {
  const whole = digits.slice(0, 6 - places).replace(/^0+(?=\d)/, "");
  return places ? `${whole}.${digits.slice(6 - places)}` : whole;
}
