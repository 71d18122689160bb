/** A unit of work: one read-write transaction of the replica, and what it changes. */

import {done} from "./database.js";
import {covers, isWaiting, keyOf, keysOf, placeOf, withEffects} from "./overlay.js";

/** A record's key in `base` and `view`. */
export const keyIn = (gen, {bucket, kind, id}) => [bucket, gen, kind, id];

/** One read-write transaction, with what it has changed so far. Only its own requests may be awaited. */
export class Unit {
  changes = {base: [], view: [], rows: [], blocks: [], state: null, stream: null, reload: new Set(), blobs: false};

  constructor(tx, attempt, state, stream) {
    this.tx = tx;
    this.attempt = attempt;
    this.state = state;
    this.stream = stream;
  }

  store(name) {
    return this.tx.objectStore(name);
  }

  get(store, key) {
    return done(this.store(store).get(key));
  }

  saveState() {
    this.changes.state = this.state;
    this.store("meta").put(this.state, "state");
  }

  saveStream() {
    this.changes.stream = this.stream;
    this.store("meta").put(this.stream, "stream");
  }

  putBase(row) {
    this.changes.base.push([row, row]);
    this.store("base").put(row);
  }

  dropBase(place) {
    this.changes.base.push([place, null]);
    this.store("base").delete([place.bucket, place.gen, place.kind, place.id]);
  }

  /** @param {import("./blocks.js").Block} block @param {string[]} ids of the records in it that are new */
  putBlock(block, ids) {
    const {rows: _, ...place} = block;
    this.changes.blocks.push({...place, ids});
    this.store("blocks").put(block);
  }

  putRow(row) {
    this.changes.rows.push([row.id, row]);
    this.store("outbox").put(row);
  }

  putBlob(blob) {
    this.changes.blobs = true;
    this.store("blobs").put(blob);
  }

  /** Out of the outbox: settled, or put away by the person. */
  fileAway(row, at) {
    this.changes.rows.push([row.id, null]);
    this.store("outbox").delete(row.id);
    this.store("journal").put({...row, settled_at: at});
  }

  /** The whole outbox, in order. */
  async rows() {
    return (await done(this.store("outbox").getAll())).sort((a, b) => a.no - b.no);
  }

  /**
   * Make the view of these records anew: base ⊕ what still covers them. A record nothing covers has no row in `view`.
   * @param {Iterable<string>} keys @param {any[]} [rows] the outbox as it is now
   */
  async project(keys, rows) {
    const held = [...new Set(keys)].filter((key) => this.state.buckets[placeOf(key).bucket]);
    if (!held.length) return;
    rows ??= await this.rows();
    const bases = await Promise.all(held.map((key) => this.#base(placeOf(key))));
    held.forEach((key, n) => {
      const effects = rows.filter((row) => covers(row, key)).flatMap((row) => row.effects.filter((e) => keyOf(e) === key));
      this.setView(placeOf(key), effects.length ? withEffects(bases[n]?.data, effects) : undefined);
    });
  }

  #base(place) {
    return this.get("base", keyIn(this.state.buckets[place.bucket].gen, place));
  }

  setView({bucket, kind, id}, data) {
    const row = {bucket, gen: this.state.buckets[bucket].gen, kind, id, data};
    this.changes.view.push([row, data ? row : null]);
    if (data) this.store("view").put(row);
    else this.store("view").delete(keyIn(row.gen, row));
  }

  /** A later decided operation takes the overlay of earlier held or parked ones off the records they share. */
  uncover(decided, rows) {
    const keys = keysOf(decided);
    for (const row of rows) {
      if (row.no >= decided.no || !isWaiting(row)) continue;
      const shared = [...keysOf(row)].filter((key) => keys.has(key) && !row.uncovered?.includes(key));
      if (!shared.length) continue;
      row.uncovered = [...(row.uncovered ?? []), ...shared];
      this.putRow(row);
    }
  }
}
