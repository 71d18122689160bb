/** Photos and signatures by their content: kept here first, deleted last (sync.md §3, §4). */

import {NotSaved, done} from "./database.js";
import {sha256} from "./ids.js";
import {COPY, WITHDRAWN} from "./outbox.js";

const MOST_BYTES = 2 * 1024 * 1024;
const BUDGET_BYTES = 200 * 1024 * 1024;
const UNNAMED_MS = 24 * 3600_000;

/**
 * A blob's row: `kept` here only · `sent` the server verified its hash · `unreadable` the server cannot decode it, for good.
 * `ready`: an operation that names it is with the server, so it may follow.
 * @typedef {{sha: string, type: string, size: number, at: number, state: "kept" | "sent" | "unreadable", ready: boolean,
 *   status?: string}} BlobRow status: what the server said of it, or that it is withdrawn
 */

export class Blobs {
  /** @type {Map<string, BlobRow>} */
  rows = new Map();
  #urls = new Map();

  /** @param {import("./store.js").Store} store @param {{budget?: number}} [options] */
  constructor(store, {budget = BUDGET_BYTES} = {}) {
    this.store = store;
    this.budget = budget;
  }

  async load() {
    const rows = await this.store.read(["blobs"], (tx) => done(tx.objectStore("blobs").getAll()));
    this.rows = new Map(rows.map((row) => [row.sha, row]));
  }

  /**
   * Keep a photo on the device. Resolves when it is on the disk.
   * @param {Blob} blob shrunk, upright and without metadata already
   * @returns {Promise<string>} its sha256
   */
  async keep(blob) {
    if (blob.size > MOST_BYTES) throw new NotSaved("photo_too_large");
    const buffer = await blob.arrayBuffer();
    const row = {sha: await sha256(buffer), type: blob.type, size: buffer.byteLength, at: Date.now(), state: "kept", ready: false};
    try {
      await this.#put(row, buffer);
    } catch (error) {
      if (error.code !== "storage_full" || !(await this.makeRoom(row.size))) throw error;
      await this.#put(row, buffer);
    }
    return row.sha;
  }

  #put(row, buffer) {
    return this.#write(async (blobs, bytes) => {
      const known = await done(blobs.get(row.sha));
      // A copy is what the server shows, not what was hashed: it cannot be sent.
      if (known && known.status !== COPY && (await done(bytes.count(row.sha)))) return;
      blobs.put(row);
      bytes.put(buffer, row.sha);
    }, "strict");
  }

  /** Keep what somebody else's photo looks like, as the server shows it, to be seen with no network. @param {string} sha @param {Blob} blob */
  async keepCopy(sha, blob) {
    const buffer = await blob.arrayBuffer();
    const row = {sha, type: blob.type, size: buffer.byteLength, at: Date.now(), state: "sent", ready: true, status: COPY};
    await this.#write(async (blobs, bytes) => {
      if (await done(blobs.get(sha))) return;
      blobs.put(row);
      bytes.put(buffer, sha);
    });
  }

  /** @param {(sha: string) => boolean} which of the copies nobody has a use for */
  dropCopies(which) {
    return this.#delete(this.#copies().map(({sha}) => sha).filter(which));
  }

  /** How many bytes copies take. */
  copied = () => this.#copies().reduce((sum, row) => sum + row.size, 0);

  #copies = () => [...this.rows.values()].filter((row) => row.status === COPY);

  async #write(work, durability) {
    await this.store.database.transact(
      ["blobs", "bytes"], "readwrite", (tx) => work(tx.objectStore("blobs"), tx.objectStore("bytes")), durability,
    );
    await this.load();
    this.store.tell({blobs: true});
  }

  /** @returns {Promise<ArrayBuffer | undefined>} */
  bytes(sha) {
    return this.store.read(["bytes"], (tx) => done(tx.objectStore("bytes").get(sha)));
  }

  /** A blob: URL of the local copy, or the server's path. @param {string} sha @param {"thumb" | "display"} form */
  async url(sha, form) {
    const row = this.rows.get(sha);
    if (!row) return `/api/blobs/${sha}/${form}`;
    if (!this.#urls.has(sha)) {
      const buffer = await this.bytes(sha);
      if (!buffer) return `/api/blobs/${sha}/${form}`;
      this.#urls.set(sha, URL.createObjectURL(new Blob([buffer], {type: row.type})));
    }
    return this.#urls.get(sha);
  }

  /** What the server said of it. @param {string} sha @param {Partial<BlobRow>} change */
  mark(sha, change) {
    return this.#write(async (blobs) => {
      const row = await done(blobs.get(sha));
      if (row) blobs.put({...row, ...change});
    });
  }

  /** Photos the server could not read: the person takes another. */
  unreadable(row) {
    return row.blobs.filter((sha) => this.rows.get(sha)?.state === "unreadable");
  }

  /** Delete what was withdrawn, and local copies beyond the budget, oldest settled first. */
  async tidy() {
    await this.#delete([...this.rows.values()].filter((row) => row.status === WITHDRAWN).map((row) => row.sha));
    const held = [...this.rows.values()].reduce((sum, row) => sum + row.size, 0);
    return held > this.budget ? this.makeRoom(held - this.budget) : this.#forgetUnnamed();
  }

  /**
   * Delete at least `wanted` bytes of copies that the server has verified and whose operations are settled and in its backup.
   * @returns {Promise<boolean>} whether anything went
   */
  async makeRoom(wanted) {
    const needed = await this.#needed();
    let freed = 0;
    const go = [];
    for (const row of [...this.rows.values()].sort((a, b) => a.at - b.at)) {
      if (freed >= wanted) break;
      if (row.state !== "sent" || needed.has(row.sha)) continue;
      go.push(row.sha);
      freed += row.size;
    }
    await this.#delete(go);
    return go.length > 0;
  }

  /** Local copies go with the buckets of the operations that named them. */
  async dropUnheld() {
    const {buckets} = this.store.memory.state;
    const needed = await this.#needed();
    const filed = await this.store.read(["journal"], (tx) => done(tx.objectStore("journal").getAll()));
    const isHeld = (row) => !row.effects.length || row.effects.some((effect) => buckets[effect.bucket]);
    if (!buckets.org) await this.dropCopies(() => true);
    const held = new Set(filed.filter(isHeld).flatMap((row) => row.blobs));
    const named = new Set(filed.flatMap((row) => row.blobs));
    const go = [...named].filter((sha) => !held.has(sha) && !needed.has(sha) && this.rows.get(sha)?.state === "sent");
    await this.#delete(go);
  }

  /** What the outbox names, and what of the journal no backup of the server holds yet. */
  async #needed() {
    const {rows, stream} = this.store.memory;
    const place = IDBKeyRange.bound([stream.id ?? "", stream.durable_seq + 1], [stream.id ?? "", Infinity]);
    const filed = await this.store.read(["journal"], (tx) => done(tx.objectStore("journal").index("place").getAll(place)));
    return new Set([...rows.values(), ...filed].flatMap((row) => row.blobs));
  }

  /** A photo taken for a form that was never saved belongs to nothing. */
  async #forgetUnnamed() {
    const old = [...this.rows.values()].filter((row) => row.state === "kept" && Date.now() - row.at > UNNAMED_MS);
    if (!old.length) return;
    const filed = await this.store.read(["journal"], (tx) => done(tx.objectStore("journal").getAll()));
    const named = new Set([...this.store.memory.rows.values(), ...filed].flatMap((row) => row.blobs));
    await this.#delete(old.map((row) => row.sha).filter((sha) => !named.has(sha)));
  }

  async #delete(shas) {
    if (!shas.length) return;
    await this.#write(async (blobs, bytes) => shas.forEach((sha) => (blobs.delete(sha), bytes.delete(sha))));
    for (const sha of shas) {
      if (this.#urls.has(sha)) URL.revokeObjectURL(this.#urls.get(sha));
      this.#urls.delete(sha);
    }
  }
}
