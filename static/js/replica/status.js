/** What the sync badge, the outbox page and the storage meter say, and what is remembered of the server for it. */

import {done} from "./database.js";
import {isDecided, isWaiting} from "./overlay.js";

const HOUR_MS = 3600_000;

/** Answers of the real server that only a person can get past. */
const NEEDS_PERSON = ["unknown_device", "forbidden", "revoked", "outdated"];

/**
 * @typedef {{state: "synced" | "sending" | "offline" | "need", waiting: number, held: number, need: number, photos: number,
 *   lastContact: number, oldestAt: number | null, reason: string | null, code: string | null, fill: {got: number, count: number} | null,
 *   warnings: string[], storage: {persisted: boolean, usage: number, quota: number, reserve?: number}, clock: {offset: number, seen: number}}} Status
 *   waiting: operations the server has not judged · held: it has, and they wait for something · need: whoever is unlocked has to look ·
 *   photos: still to be sent · reason: why the last exchange failed · warnings: evicted, not_persisted, not_installed,
 *   unsent_24h, silent_72h, clock_differs · fill: lines of the first fill that have come
 */

/** @returns {Status} */
export function statusOf({memory, blobs, storage, clock, exchange}) {
  const rows = memory.ordered();
  const unsent = rows.filter((row) => !row.verdict);
  const {isRevoked, person} = memory.state;
  const isOwn = (row) => !person || row.actor === person;
  const needing = rows.filter((row) => isOwn(row) && (row.verdict?.status === "rejected" || blobs.unreadable(row).length));
  const photos = [...blobs.rows.values()].filter((row) => row.state === "kept" && (row.ready || unsent.some(({blobs: b}) => b.includes(row.sha))));
  const {reason, code = null} = exchange.failure ?? {reason: isRevoked ? "revoked" : null};
  const oldestAt = unsent.length ? Math.min(...unsent.map((row) => row.at)) : null;
  const need = needing.length + (isRevoked || NEEDS_PERSON.includes(reason) ? 1 : 0);
  const warnings = [];
  if (storage.evicted) warnings.push("evicted");
  if (!storage.persisted) warnings.push("not_persisted");
  if (navigator.standalone === false) warnings.push("not_installed"); // iOS purges what is not on the home screen
  if (oldestAt && Date.now() - oldestAt > 24 * HOUR_MS) warnings.push("unsent_24h");
  if (exchange.lastContact && Date.now() - exchange.lastContact > 72 * HOUR_MS) warnings.push("silent_72h");
  if (Math.abs(clock.offset) > 5 * 60_000) warnings.push("clock_differs");
  return {
    state: stateOf({need, reason, waiting: unsent.length + photos.length, exchange}),
    waiting: unsent.length, held: rows.filter(isWaiting).length, need, photos: photos.length,
    lastContact: exchange.lastContact, oldestAt, reason, code, fill: fillOf(memory.state), warnings,
    storage: {persisted: storage.persisted, usage: storage.usage, quota: storage.quota},
    clock: {offset: clock.offset, seen: clock.seen},
  };
}

/** "Offline" means that the last exchange failed, not what the browser thinks of its network. */
function stateOf({need, reason, waiting, exchange}) {
  if (need) return "need";
  if (reason || !exchange.lastContact) return "offline";
  return waiting ? "sending" : "synced";
}

function fillOf({pull}) {
  const fills = Object.values(pull?.fills ?? {});
  if (!fills.length) return null;
  return {got: fills.reduce((sum, fill) => sum + fill.got, 0), count: fills.reduce((sum, fill) => sum + fill.count, 0)};
}

/**
 * A row of the outbox as pages show it. `state`: kept | sending | sent | held | parked | rejected | settled | given_up (a revoked device
 * could not send it); `blobs` tells of its photos.
 */
export function rowOf(row, {memory, blobs}) {
  const {id, seq, type, at, actor, data, note, verdict, settled_at = null} = row;
  const {status = null, code = null, facts = {}, exception = null} = verdict ?? {};
  let state = settled_at ? "given_up" : memory.sending.has(id) ? "sending" : "kept";
  if (verdict) state = isWaiting(row) ? status : settled_at ? "settled" : status === "rejected" ? status : "sent";
  return {
    id, seq, type, at, offset: row.offset, actor, data, note, state, status, code, facts, exception, settled_at, isDecided: isDecided(row),
    blobs: row.blobs.map((sha) => ({sha, state: blobs.rows.get(sha)?.state ?? "sent"})),
  };
}

const SAVE_MS = 20_000;

/** What this device knows of its server: the clock, and how the last exchange ended, in whichever tab. The next page begins with it. */
export class Contact {
  exchange = {failure: null, lastContact: 0};
  #saved = {at: 0, isBad: null};

  /** @param {import("./store.js").Store} store @param {import("./clock.js").Clock} clock */
  constructor(store, clock) {
    this.store = store;
    this.clock = clock;
  }

  async load() {
    const known = await this.store.read(["meta"], (tx) => done(tx.objectStore("meta").get("contact")));
    if (!known) return;
    this.clock.remember(known);
    this.exchange = known.exchange;
  }

  /** @param {{failure: {reason: string, code: string | null} | null, lastContact: number}} exchange */
  follow(exchange) {
    this.exchange = {...exchange, lastContact: exchange.lastContact || this.exchange.lastContact};
  }

  /** Not after every poll: what is a little old does no harm. */
  save() {
    const isBad = Boolean(this.exchange.failure);
    if (Date.now() - this.#saved.at < SAVE_MS && this.#saved.isBad === isBad) return;
    this.#saved = {at: Date.now(), isBad};
    const known = {...this.clock.stamp(), exchange: this.exchange};
    this.store.database.transact(["meta"], "readwrite", async (tx) => void tx.objectStore("meta").put(known, "contact")).catch(() => {});
  }
}
