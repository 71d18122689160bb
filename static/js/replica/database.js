/** IndexedDB as promises: one connection, reopened when lost, and transactions that complete or change nothing. */

import {BLOCK_KINDS} from "./kinds.js";

const VERSION = 2;

/**
 * Something was not kept on this device. The screen says so in red; `code` chooses the words:
 * storage_full, storage_lost, storage_evicted, not_enrolled, no_person, too_large, photo_too_large.
 */
export class NotSaved extends Error {
  /** @param {string} code @param {unknown} [cause] */
  constructor(code, cause) {
    super(code, {cause});
    this.name = "NotSaved";
    this.code = code;
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Additive only: a store or index once shipped stays, and what the outbox holds is never rewritten. */
function upgrade(db, from, tx) {
  if (from < 1) {
    for (const name of ["base", "view"]) db.createObjectStore(name, {keyPath: ["bucket", "gen", "kind", "id"]});
    db.createObjectStore("outbox", {keyPath: "id"});
    const journal = db.createObjectStore("journal", {keyPath: "id"});
    journal.createIndex("place", ["stream", "seq"]);
    journal.createIndex("settled_at", "settled_at");
    db.createObjectStore("blobs", {keyPath: "sha"});
    db.createObjectStore("bytes");
    db.createObjectStore("meta");
  }
  if (from < 2) {
    db.createObjectStore("blocks", {keyPath: ["bucket", "gen", "kind", "part", "n"]});
    fillAgain(tx.objectStore("meta"));
  }
}

/** A page of before blocks may have taken their records one by one: those buckets are asked whole, and show what they hold until then. */
async function fillAgain(meta) {
  const state = await done(meta.get("state"));
  if (!state) return;
  for (const {bucket} of Object.values(BLOCK_KINDS)) if (state.buckets[bucket]) state.buckets[bucket].rev = 0;
  for (const [bucket, {gen}] of Object.entries(state.pull?.fills ?? {})) state.trash.push([bucket, gen]);
  meta.put({...state, pull: null, etag: null}, "state");
}

const isLost = (error) => ["InvalidStateError", "AbortError", "UnknownError"].includes(error?.name);

export class Database {
  /** @type {Promise<IDBDatabase> | null} */
  #opening = null;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** The connection; a new one when the last was lost or had to give way to an upgrade. */
  open() {
    this.#opening ??= this.#connect().catch((error) => {
      this.#opening = null;
      throw new NotSaved("storage_lost", error);
    });
    return this.#opening;
  }

  async #connect() {
    const request = indexedDB.open(this.name, VERSION);
    request.onupgradeneeded = (event) => upgrade(request.result, event.oldVersion, request.transaction);
    const db = await done(request);
    const forget = () => (this.#opening = null);
    db.onclose = forget;
    db.onversionchange = () => {
      forget();
      db.close();
    };
    return db;
  }

  /** Give up the handle, so that the next use opens another. */
  async close() {
    const opening = this.#opening;
    this.#opening = null;
    (await opening?.catch(() => null))?.close();
  }

  /**
   * Run `work` in one transaction and wait until it is complete. Inside, only requests of that transaction may be awaited.
   * When the connection turns out to be lost, nothing was changed, and `work` runs once more on a new one (`attempt` 2).
   * @template T
   * @param {string[]} stores @param {"readonly" | "readwrite"} mode
   * @param {(tx: IDBTransaction, attempt: number) => Promise<T>} work
   * @param {"strict" | "relaxed"} [durability] strict: on the disk when this resolves
   * @returns {Promise<T>}
   */
  async transact(stores, mode, work, durability = "relaxed") {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(await this.open(), stores, mode, (tx) => work(tx, attempt), durability);
      } catch (error) {
        if (error?.name === "QuotaExceededError") throw new NotSaved("storage_full", error);  // rule: T13
        if (!isLost(error)) throw error;
        await this.close();
        if (attempt === 2) throw new NotSaved("storage_lost", error);
      }
    }
  }
}

async function run(db, stores, mode, work, durability) {
  const tx = db.transaction(stores, mode, {durability});
  const over = new Promise((resolve) => {
    tx.oncomplete = () => resolve(true);
    tx.onabort = () => resolve(false);
  });
  let result;
  try {
    result = await work(tx);
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // it is over already
    }
    await over;
    // Requests of a transaction that ran out of room fail with AbortError; the transaction knows why.
    throw tx.error ?? error;
  }
  if (mode === "readwrite") tx.commit?.();
  if (!(await over)) throw tx.error ?? new DOMException("aborted", "AbortError");
  return result;
}
