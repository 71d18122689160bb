/** Operations and verdicts in plain words: what was done, what the server said to it, what the device is waiting for. */

import {operationsOf} from "./features.js";
import {has, pick, t} from "./words.js";

/** Facts as one reads them: two texts by language, people and roles by name. */
function readable(replica, facts = {}) {
  const one = (value) => {
    if (value && typeof value === "object") return Array.isArray(value) ? value.map(one).join(t("floor.and")) : pick(value);
    const person = typeof value === "string" && replica.get("person", value);
    const role = typeof value === "string" && replica.get("role", value);
    return person ? person.name : role ? pick(role) : value;
  };
  return Object.fromEntries(Object.entries(facts ?? {}).map(([name, value]) => [name, one(value)]));
}

/** What was done: the note its verb left. @param {any} replica @param {any} row of the outbox */
export const whatOf = (replica, {note, type}) =>
  note && has(note.key) ? t(note.key, readable(replica, note.params)) : t("floor.outbox.unnamed", {type});

/** Why it was refused, waits or became an exception. @param {any} replica @param {any} row @returns {string | null} */
export function reasonOf(replica, {status, code, facts, blobs}) {
  if (blobs?.some(({state}) => state === "unreadable")) return t("floor.outbox.photo_unreadable");
  if (!code) return status ? t(`floor.verdict.${status}`) : null;
  const key = `errors.${code}`;
  return has(key) ? t(key, readable(replica, facts)) : t("floor.outbox.code", {code});
}

/** Where it can be done again, prefilled, when its feature offers that. @param {any} row @returns {Promise<string | null>} */
export async function redoOf(row) {
  const load = operationsOf[row.type.split(".")[0]];
  // The Outbox opens whatever else does not.
  const module = await load?.().catch(() => null);
  return module?.redo?.[row.type]?.(row) ?? null;
}
