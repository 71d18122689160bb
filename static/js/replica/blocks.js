/** Blocks: where kinds with tens of thousands of records lie, and how one of them is found (sync.md §4). */

import {done} from "./database.js";
import {crc32} from "./ids.js";
import {BLOCK_KINDS} from "./kinds.js";

/**
 * A row of the store `blocks`. `part`: `rows` has records by id, `keys` ids by what a record is looked up by, `pages` lines of a pull that
 * is not complete.
 * @typedef {{bucket: string, gen: number, kind: string, part: "rows" | "keys" | "pages", n: number, rows: any}} Block
 * @typedef {{bucket: string, gen: number, kind: string, id: string, rev: number, data?: any}} Line without `data`: gone
 * @typedef {(unit: import("./unit.js").Unit) => Promise<void> | void} Work
 */

const BLOCKS = 256;
/** As many as one transaction reads or writes: nothing waits for more. */
const AT_ONCE = 8;
const MOST_CACHED = 64;

const blockOf = (text) => crc32(text) % BLOCKS;
const keyIn = ({bucket, gen, kind, part, n}) => [bucket, gen, kind, part, n];
const rangeOf = (place, from, to) => IDBKeyRange.bound(keyIn({...place, n: from}), keyIn({...place, n: to}));

// -- filling ------------------------------------------------------------------------------------------------------------------

/**
 * Lines of a page that is not the last are kept as they came, in the transaction in which `after` moves: laying out each page for itself
 * would write all blocks as often as there are pages.
 * @param {import("./unit.js").Unit} unit @param {Line[]} lines @param {Map<string, Line[]>} fresh the same pages, for who goes on at once
 */
export function keepPage(unit, lines, fresh) {
  const n = (unit.state.pull.pages ?? 0) + 1;
  for (const kind of Object.keys(BLOCK_KINDS)) {
    const rows = lines.filter((line) => line.kind === kind);
    if (!rows.length) continue;
    const place = {bucket: rows[0].bucket, gen: rows[0].gen, kind, part: "pages", n};
    unit.store("blocks").put({...place, rows});
    fresh.set(keyIn(place).join(), rows);
    unit.state.pull.pages = n;
  }
}

/**
 * The last page is here: lay everything out in blocks. Keys go first, so that a record that is there is found. Broken off, it comes to the
 * same end the next time: a line only replaces a lower rev, and `find` passes over a key that leads to nothing.
 * @param {import("./store.js").Store} store @param {(work: Work) => Promise<void>} write a transaction of this pull
 * @param {Line[]} lines of the last page @param {Map<string, Line[]>} fresh pages that need not be read
 */
export async function layOut(store, write, lines, fresh) {
  const {pull, buckets} = store.memory.state;
  const pages = pull.pages ?? 0;
  for (const [kind, {bucket, keysOf}] of Object.entries(BLOCK_KINDS)) {
    const last = lines.filter((line) => line.kind === kind);
    const held = pull.fills[bucket] ?? buckets[bucket];
    if (!held || (!pages && !last.length)) continue;
    const place = {bucket, gen: held.gen, kind};
    const sorted = {rows: new Map(), keys: new Map()};
    for (let n = 1; n <= pages; n++) {
      const key = keyIn({...place, part: "pages", n});
      const page = fresh.get(key.join()) ?? (await store.read(["blocks"], (tx) => done(tx.objectStore("blocks").get(key))))?.rows;
      sort(page ?? [], keysOf, sorted);
    }
    sort(last, keysOf, sorted);
    await merge(write, {...place, part: "keys"}, sorted.keys, addIds);
    await merge(write, {...place, part: "rows"}, sorted.rows, replaceLower);
    if (pages) await write((unit) => void unit.store("blocks").delete(rangeOf({...place, part: "pages"}, 1, pages)));
  }
}

/** Put lines with the others of their block: the newest of each record, and what leads to it. */
function sort(lines, keysOf, {rows, keys}) {
  const blockIn = (blocks, n) => blocks.get(n) ?? blocks.set(n, new Map()).get(n);
  for (const line of lines) {
    const block = blockIn(rows, blockOf(line.id));
    if (block.get(line.id)?.rev >= line.rev) continue;
    block.set(line.id, line);
    for (const key of line.data ? keysOf(line.data) : []) addId(blockIn(keys, blockOf(key)), key, line.id);
  }
}

/**
 * @param {Map<number, Map<string, any>>} sorted what comes, by block
 * @param {(rows: Map<string, any>, more: Map<string, any>) => string[] | null} mix the ids it changed; null: nothing
 */
async function merge(write, place, sorted, mix) {
  const numbers = [...sorted.keys()];
  for (let at = 0; at < numbers.length; at += AT_ONCE) {
    await write(async (unit) => {
      await Promise.all(numbers.slice(at, at + AT_ONCE).map(async (n) => {
        const {rows} = (await unit.get("blocks", keyIn({...place, n}))) ?? {rows: new Map()};
        const ids = mix(rows, sorted.get(n));
        if (ids) unit.putBlock({...place, n, rows}, ids);
      }));
    });
  }
}

/** @returns {boolean} whether that is new */
function addId(leads, key, id) {
  const ids = leads.get(key);
  if (ids?.includes(id)) return false;
  if (ids) ids.push(id);
  else leads.set(key, [id]);
  return true;
}

function addIds(rows, more) {
  let isNew = false;
  for (const [key, ids] of more) for (const id of ids) isNew = addId(rows, key, id) || isNew;
  return isNew ? [] : null;
}

function replaceLower(rows, more) {
  const ids = [];
  for (const [id, {rev, data}] of more) {
    if (rows.get(id)?.rev >= rev) continue;
    if (data) rows.set(id, {rev, data});
    else rows.delete(id);
    ids.push(id);
  }
  return ids.length ? ids : null;
}

// -- reading ------------------------------------------------------------------------------------------------------------------

/** Every record of a bucket's generation that lies in blocks, block by block. @param {import("./store.js").Store} store */
export async function* blocksOf(store, bucket, gen) {
  for (const kind of Object.keys(BLOCK_KINDS).filter((name) => BLOCK_KINDS[name].bucket === bucket)) {
    const range = (n) => rangeOf({bucket, gen, kind, part: "rows"}, n, n + AT_ONCE - 1);
    const read = (n) => store.read(["blocks"], (tx) => done(tx.objectStore("blocks").getAll(range(n))));
    for (let n = 0, next = read(0); n < BLOCKS; n += AT_ONCE) {
      const blocks = await next;
      next = read(n + AT_ONCE); // comes while these are worked on
      yield* blocks;
    }
  }
}

/** The generation is looked up in the same transaction: another tab may just have swept away the one that memory knows. */
const readAll = (store, places) => store.read(["meta", "blocks"], async (tx) => {
  const state = await done(tx.objectStore("meta").get("state"));
  const genOf = (bucket) => state?.buckets[bucket]?.gen ?? 0;
  const blocks = await Promise.all(places.map((place) => done(tx.objectStore("blocks").get(keyIn({...place, gen: genOf(place.bucket)})))));
  return blocks.map((block) => block?.rows ?? new Map());
});

/** What pages see of the blocks. The ones used last are kept in memory. */
export class Blocks {
  /** @type {Map<string, Promise<Map<string, any>>>} the one used last comes last */
  #cache = new Map();
  /** Kind → whether it could be read when last looked at. */
  #seen = new Map();
  /** What the next transaction reads. @type {{places: object[], rows: Promise<Map<string, any>[]>} | null} */
  #asked = null;

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
  }

  /** The records that a key leads to; an exact one, in the form the kind's `keysOf` gives it. @returns {Promise<any[]>} */
  async find(kind, key) {
    const ids = (await this.#block(kind, "keys", key)).get(key) ?? [];
    const found = await Promise.all(ids.map((id) => this.fetch(kind, id)));
    return found.filter((data) => data && BLOCK_KINDS[kind].keysOf(data).includes(key));
  }

  /** One record. @returns {Promise<any>} undefined: there is none */
  async fetch(kind, id) {
    return (await this.#block(kind, "rows", id)).get(id)?.data;
  }

  /** All records, block by block. @returns {AsyncGenerator<any[]>} */
  async *scan(kind) {
    const {bucket} = BLOCK_KINDS[kind];
    if (!this.#isSeen(bucket)) return;
    const {gen} = this.store.memory.state.buckets[bucket];
    for await (const block of blocksOf(this.store, bucket, gen)) {
      if (block.kind === kind) yield [...block.rows.values()].map(({data}) => data);
    }
  }

  #isSeen(bucket) {
    return this.store.memory.readable().includes(bucket);
  }

  /** The promise is kept, not what it becomes: a block that is read while it changes is forgotten with it. */
  #block(kind, part, text) {
    const {bucket} = BLOCK_KINDS[kind];
    if (!this.#isSeen(bucket)) return new Map();
    const name = `${kind} ${part} ${blockOf(text)}`;
    const block = this.#cache.get(name) ?? this.#read({bucket, kind, part, n: blockOf(text)});
    this.#cache.delete(name);
    this.#cache.set(name, block);
    if (this.#cache.size > MOST_CACHED) this.#cache.delete(this.#cache.keys().next().value);
    block.catch(() => this.#cache.delete(name));
    return block;
  }

  /** Blocks asked for in one go are read in one transaction. */
  #read(place) {
    if (!this.#asked) {
      const places = [];
      const rows = Promise.resolve().then(() => {
        this.#asked = null;
        return readAll(this.store, places);
      });
      this.#asked = {places, rows};
    }
    const at = this.#asked.places.push(place) - 1;
    return this.#asked.rows.then((rows) => rows[at]);
  }

  /**
   * Something was committed, here or in another tab. Of a bucket that was filled anew, is gone or may no longer be seen nothing is left.
   * @param {import("./memory.js").Touched} touched what pages have to show anew
   */
  follow(touched, {blocks = [], filled = []}) {
    for (const {kind, part, n} of blocks) this.#cache.delete(`${kind} ${part} ${n}`);
    for (const [kind, {bucket}] of Object.entries(BLOCK_KINDS)) {
      const isSeen = this.#isSeen(bucket);
      if (!filled.includes(bucket) && isSeen === this.#seen.get(kind)) continue;
      this.#seen.set(kind, isSeen);
      this.#cache.clear();
      touched.kinds.add(kind);
    }
  }
}
