/** The replica's one way into IndexedDB: units of work that keep memory, disk and the other tabs one. */

import {blocksOf} from "./blocks.js";
import {Database, NotSaved, done} from "./database.js";
import {Memory, freshState, freshStream, nothingTouched} from "./memory.js";
import {Unit, keyIn} from "./unit.js";

/** All but the blocks, which only a pull writes: a tap does not wait for somebody who reads many of them. */
const EVERYTHING = ["base", "view", "outbox", "journal", "blobs", "meta"];
const READ_CHUNK = 1000;

/** All rows of a bucket's generation, or all after a key of it. */
const rangeOf = (bucket, gen, after) =>
  IDBKeyRange.bound(after ?? [bucket, gen], [bucket, gen, []], Boolean(after));

async function readMeta(tx) {
  const meta = tx.objectStore("meta");
  const [state, stream] = await Promise.all([done(meta.get("state")), done(meta.get("stream"))]);
  return {state: state ?? freshState(), stream: stream ?? freshStream()};
}

export class Store {
  memory = new Memory();
  #hearing = Promise.resolve();
  #loading = Promise.resolve();
  /** What this tab committed while buckets are being read whole; null when none is. @type {object[] | null} */
  #meanwhile = null;

  /**
   * @param {string} name of the database and of the channel
   * @param {(touched: import("./memory.js").Touched, changes: object) => void} onChange
   */
  constructor(name, onChange) {
    this.database = new Database(name);
    this.onChange = onChange;
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({data}) => this.#hear(data);
    /** @type {(message: any) => void} what other tabs say besides changes */
    this.onTold = () => {};
    this.onEvicted = () => {};
  }

  async open() {
    await this.#reload([]);
  }

  close() {
    this.channel.close();
    return this.database.close();
  }

  /**
   * One transaction. When it is complete, memory, the pages of this tab and the other tabs know.
   * @template T @param {(unit: Unit) => Promise<T>} work
   * @param {"strict" | "relaxed"} [durability] @param {string[]} [more] stores it also writes
   * @returns {Promise<T>}
   */
  async write(work, durability, more = []) {
    let unit;
    const result = await this.database.transact([...EVERYTHING, ...more], "readwrite", async (tx, attempt) => {
      const {state, stream} = await readMeta(tx);
      // IndexedDB was emptied under us: nothing of what memory holds may be written on as if it were still there.
      if (!state.device && this.memory.state.device) throw new NotSaved("storage_evicted");
      unit = new Unit(tx, attempt, state, stream);
      return work(unit);
    }, durability).catch((error) => this.#refused(error));
    await this.#committed(unit.changes);
    return result;
  }

  async #refused(error) {
    if (error.code === "storage_evicted") {
      await this.#reload([]);
      this.onEvicted();
    }
    throw error;
  }

  /** @template T @param {string[]} stores @param {(tx: IDBTransaction) => Promise<T>} work @returns {Promise<T>} */
  read(stores, work) {
    return this.database.transact(stores, "readonly", work);
  }

  /** Something for the other tabs that changes no record. */
  tell(message) {
    this.channel.postMessage(message);
  }

  async #committed(changes) {
    const reload = [...changes.reload];
    let touched = nothingTouched();
    if (!reload.length) {
      touched = this.memory.commit(changes);
      this.#meanwhile?.push(changes);
    }
    const isShown = ({bucket, gen}) => this.memory.state.buckets[bucket]?.gen === gen;
    const changed = [...changes.base, ...changes.view].map(([place]) => place).filter(isShown);
    const places = changed.map(({bucket, gen, kind, id}) => [bucket, gen, kind, id]);
    const blocks = changes.blocks.filter(isShown);
    const message = {
      buckets: [...touched.buckets], kinds: [...touched.kinds], ids: [...touched.ids],
      places, blocks, rows: changes.rows.map(([id]) => id), reload, blobs: changes.blobs,
    };
    if (reload.length || changes.state || changes.stream || places.length || blocks.length || message.rows.length || changes.blobs) {
      this.tell(message);
    }
    if (reload.length) await this.#reload(reload);
    else this.onChange(touched, changes);
  }

  #hear(message) {
    if (message.places) this.#hearing = this.#hearing.then(() => this.#refresh(message)).catch(() => {});
    else this.onTold(message);
  }

  /** Another tab committed: read what it named. */
  async #refresh(message) {
    const {places, blocks, rows, reload, blobs} = message;
    if (reload.length) return this.#reload(reload);
    const changes = await this.read(["base", "view", "outbox", "meta"], async (tx) => {
      const each = (name, keys) => Promise.all(keys.map((key) => done(tx.objectStore(name).get(key))));
      const [bases, views, found, meta] = await Promise.all([
        each("base", places), each("view", places), each("outbox", rows), readMeta(tx),
      ]);
      const named = places.map(([bucket, gen, kind, id]) => ({bucket, gen, kind, id}));
      return {
        base: named.map((place, n) => [place, bases[n] ?? null]), view: named.map((place, n) => [place, views[n] ?? null]),
        rows: rows.map((id, n) => [id, found[n] ?? null]), ...meta, blocks, blobs,
      };
    });
    const flipped = this.#flipped(changes.state);
    if (flipped.length) {
      await this.#reload(flipped);
      return this.#refresh(message);
    }
    this.onChange(this.memory.commit(changes), changes);
  }

  /** Buckets of which memory still holds another generation. */
  #flipped(state) {
    return Object.keys(state.buckets).filter((name) => state.buckets[name].gen !== this.memory.state.buckets[name]?.gen);
  }

  /** Read whole buckets and put them in place of what memory holds; one such reading at a time. */
  #reload(names) {
    this.#meanwhile ??= [];
    const turn = this.#loading.then(() => this.#load(names));
    this.#loading = turn.catch(() => {});
    return turn;
  }

  /**
   * Small transactions, so that no append waits for long. What this tab commits meanwhile is applied again on top; what other tabs
   * commit is read after.
   */
  async #load(names) {
    this.#meanwhile = [];
    const {state, stream, rows} = await this.read(["outbox", "meta"], async (tx) => {
      const [all, meta] = await Promise.all([done(tx.objectStore("outbox").getAll()), readMeta(tx)]);
      return {rows: all, ...meta};
    });
    const wanted = [...new Set([...names, ...this.#flipped(state)])].filter((bucket) => state.buckets[bucket]);
    // All are asked for before the first has answered: the first picture waits for the slowest, not for one after the other.
    const loaded = new Map(await Promise.all(wanted.map(async (bucket) => [bucket, await this.#loadBucket(bucket, state.buckets[bucket].gen)])));
    const touched = this.memory.replace(loaded, rows, state, stream);
    for (const changes of this.#meanwhile) this.memory.commit(changes);
    this.#meanwhile = null;
    const filled = [...loaded.keys()];
    this.onChange(touched, {state, stream, rows: rows.map((row) => [row.id, row]), base: [], view: [], filled});
  }

  async #loadBucket(bucket, gen) {
    const kinds = new Map();
    const put = ({kind, id}, change) => {
      const ids = kinds.get(kind) ?? kinds.set(kind, new Map()).get(kind);
      ids.set(id, {rev: 0, ...ids.get(id), ...change});
    };
    const [bases, views] = await Promise.all([this.#rows("base", bucket, gen), this.#rows("view", bucket, gen)]);
    for (const row of bases) put(row, {base: row.data, rev: row.rev});
    for (const row of views) put(row, {view: row.data});
    return kinds;
  }

  async #rows(store, bucket, gen) {
    const all = [];
    for (let after; ; ) {
      const range = rangeOf(bucket, gen, after);
      const rows = await this.read([store], (tx) => done(tx.objectStore(store).getAll(range, READ_CHUNK)));
      all.push(...rows);
      if (rows.length < READ_CHUNK) return all;
      after = keyIn(gen, rows.at(-1));
    }
  }

  /** Every live record of a bucket's generation, as the sum wants them. */
  async recordsOf(bucket, gen) {
    const rows = [];
    for (const {kind, id, rev} of await this.#rows("base", bucket, gen)) rows.push({kind, id, rev});
    for await (const block of blocksOf(this, bucket, gen)) for (const [id, {rev}] of block.rows) rows.push({kind: block.kind, id, rev});
    return rows;
  }

  /** Delete generations nobody shows any more, a little at a time. */
  async sweep(limit) {
    for (const [bucket, gen] of this.memory.state.trash) {
      for (const name of ["view", "base", "blocks"]) {
        for (let more = true; more; ) {
          more = await this.database.transact([name], "readwrite", async (tx) => {
            const store = tx.objectStore(name);
            const keys = await done(store.getAllKeys(rangeOf(bucket, gen), limit));
            if (keys.length) store.delete(IDBKeyRange.bound(keys[0], keys.at(-1)));
            return keys.length === limit;
          });
        }
      }
      await this.write(async (unit) => {
        unit.state.trash = unit.state.trash.filter(([b, g]) => b !== bucket || g !== gen);
        unit.saveState();
      });
    }
  }
}
