/** What a person's own pending operations change on top of the server's records. */

/**
 * @typedef {{bucket: string, kind: string, id: string, do: "set" | "add" | "remove" | "put", path?: (string | number)[],
 *   value?: any, start?: object}} Effect
 *   set: the value at `path` · add: to the array at `path`, once · remove: from that array; without `value` the field itself ·
 *   put: the whole record. On a record that is not there, set and add do nothing unless `start` says what it begins as.
 */

/** Where a record lies, as one string. @param {{bucket: string, kind: string, id: string}} place */
export const keyOf = ({bucket, kind, id}) => `${bucket}\n${kind}\n${id}`;

/** @param {string} key @returns {{bucket: string, kind: string, id: string}} */
export function placeOf(key) {
  const [bucket, kind, id] = key.split("\n");
  return {bucket, kind, id};
}

/** The records an operation's effects touch. @param {{effects: Effect[]}} row @returns {Set<string>} */
export const keysOf = (row) => new Set(row.effects.map(keyOf));

const same = (a, b) => (a?.id !== undefined ? a.id === b?.id : JSON.stringify(a) === JSON.stringify(b));

/**
 * @param {object | undefined} data never changed @param {Effect[]} effects
 * @returns {object | undefined}
 */
export function withEffects(data, effects) {
  let made = data && structuredClone(data);
  for (const effect of effects) {
    if (effect.do === "put") {
      made = structuredClone(effect.value);
      continue;
    }
    made ??= effect.start && structuredClone(effect.start);
    if (made) change(made, effect);
  }
  return made;
}

function change(data, {do: verb, path, value}) {
  let holder = data;
  for (const step of path.slice(0, -1)) holder = holder[step] ??= {};
  const last = path.at(-1);
  const found = holder[last];
  if (verb === "set") holder[last] = structuredClone(value);
  else if (verb === "add") {
    if (!found?.some((item) => same(value, item))) holder[last] = [...(found ?? []), structuredClone(value)];
  } else if (value === undefined) delete holder[last];
  else if (found) holder[last] = found.filter((item) => !same(value, item));
}

/** Decided: the server has said what became of it. Held and parked ones still wait. */
export const isDecided = (row) => ["applied", "noted", "rejected"].includes(row.verdict?.status);

/** On the server, waiting for something or somebody. */
export const isWaiting = (row) => ["held", "parked"].includes(row.verdict?.status);

/**
 * Whether an operation of the outbox still shows on a record. A rejected one does not; a held or parked one no longer does once
 * a later operation on that record was decided (`uncovered`).
 */
export function covers(row, key) {
  if (row.verdict?.status === "rejected") return false;
  return !row.uncovered?.includes(key);
}
