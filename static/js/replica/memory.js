/** The day's records in memory: base ⊕ pending, seen with the eyes of one person. IndexedDB is the truth, this is its copy. */

import {keysOf} from "./overlay.js";

/**
 * @typedef {{rev: number, base?: object, view?: object}} Entry
 * @typedef {{buckets: Set<string>, kinds: Set<string>, ids: Set<string>}} Touched
 */

/** @returns {Touched} */
export const nothingTouched = () => ({buckets: new Set(), kinds: new Set(), ids: new Set()});

/**
 * What is on an enrolled device before anything was learned. `person`: who is unlocked · `last`: who was before the lock · `pins`: by person,
 * what a PIN is compared with · `proved`: who typed their password here, and when.
 */
export const freshState = () => ({
  epoch: null, access: null, etag: null, device: null, site: null, person: null, grants: {}, endings: [],
  buckets: {}, pull: null, gen: 0, trash: [], isRevoked: false, last: null, pins: {}, proved: null,
});

/**
 * What this device's stream of operations has come to. `acked`: the server has all up to here. `made` counts the operations ever
 * made here, over all streams: it orders them.
 */
export const freshStream = () => ({id: null, last_seq: 0, acked: 0, durable_seq: 0, made: 0});

/** Playbooks and the device's own bucket are read by the device itself, also before sign-in (SAF-1). @param {string} bucket */
export const isOfDevice = (bucket) => bucket.startsWith("device:") || bucket.endsWith(":safety");

export class Memory {
  state = freshState();
  stream = freshStream();
  /** @type {Map<string, any>} operations of the outbox by id */
  rows = new Map();
  /** @type {Set<string>} operations in a request at this moment */
  sending = new Set();
  /** @type {Map<string, Map<string, Map<string, Entry>>>} bucket → kind → id */
  #buckets = new Map();
  #lists = new Map();
  #seen = null;
  #touching = null;
  #ordered = null;

  // -- reading --------------------------------------------------------------------------------------------------------------

  readable() {
    const {buckets, person} = this.state;
    const isSeen = (name) => isOfDevice(name) || (person && buckets[name].readers.includes(person));
    this.#seen ??= Object.keys(buckets).filter(isSeen);
    return this.#seen;
  }

  get(kind, id) {
    for (const name of this.readable()) {
      const entry = this.#buckets.get(name)?.get(kind)?.get(id);
      const data = entry?.view ?? entry?.base;
      if (data) return data;
    }
    return undefined;
  }

  all(kind) {
    let list = this.#lists.get(kind);
    if (!list) {
      list = [];
      for (const name of this.readable()) {
        for (const entry of this.#buckets.get(name)?.get(kind)?.values() ?? []) {
          const data = entry.view ?? entry.base;
          if (data) list.push(data);
        }
      }
      this.#lists.set(kind, list);
    }
    return list;
  }

  /** The bucket that holds a record the person sees. */
  bucketOf(kind, id) {
    return this.readable().find((name) => this.#buckets.get(name)?.get(kind)?.has(id));
  }

  /** The outbox in the order things were done on this device. */
  ordered() {
    this.#ordered ??= [...this.rows.values()].sort((a, b) => a.no - b.no);
    return this.#ordered;
  }

  /** @returns {"kept" | "sending" | "sent" | undefined} */
  pendingState(kind, id) {
    const row = this.#index().get(`${kind}\n${id}`)?.findLast((found) => found.verdict?.status !== "rejected");
    if (!row) return undefined;
    if (row.verdict) return "sent";
    return this.sending.has(row.id) ? "sending" : "kept";
  }

  /** The operations of the outbox that touch a record. */
  operationsOn(kind, id) {
    return this.#index().get(`${kind}\n${id}`) ?? [];
  }

  #index() {
    if (!this.#touching) {
      this.#touching = new Map();
      for (const row of this.ordered()) {
        for (const key of keysOf(row)) {
          const name = key.slice(key.indexOf("\n") + 1);
          if (!this.#touching.get(name)?.push(row)) this.#touching.set(name, [row]);
        }
      }
    }
    return this.#touching;
  }

  // -- following what was committed --------------------------------------------------------------------------------------------

  /**
   * Take over what a transaction changed. `base` and `view` are `[place, row | null]`, `rows` `[id, row | null]`.
   * @returns {Touched} what pages may have to show anew
   */
  commit({base = [], view = [], rows = [], blocks = [], state, stream}) {
    const touched = nothingTouched();
    if (state) this.#follow(state, touched);
    if (stream) this.stream = stream;
    for (const [place, row] of base) {
      if (!this.#isCurrent(place)) continue;
      this.#put(place, {base: row?.data, rev: row?.rev ?? 0});
      this.#touch(place, touched);
    }
    for (const [place, row] of view) {
      if (!this.#isCurrent(place)) continue;
      this.#put(place, {view: row?.data});
      this.#touch(place, touched);
    }
    for (const {ids, ...place} of blocks) if (this.#isCurrent(place)) for (const id of ids) this.#touch({...place, id}, touched);
    for (const [id, row] of rows) {
      const old = this.rows.get(id);
      for (const key of keysOf(row ?? old ?? {effects: []})) {
        const [bucket, kind, name] = key.split("\n");
        this.#touch({bucket, kind, id: name}, touched);
      }
      if (row) this.rows.set(id, row);
      else this.rows.delete(id);
    }
    if (rows.length) this.#ordered = this.#touching = null;
    for (const kind of touched.kinds) this.#lists.delete(kind);
    return touched;
  }

  /**
   * Put whole buckets in place of what was held of them, and the outbox with them: no moment shows one without the other.
   * @param {Map<string, Map<string, Map<string, Entry>>>} loaded @param {any[]} rows the whole outbox
   * @returns {Touched} only what differs
   */
  replace(loaded, rows, state, stream) {
    const touched = this.commit({state, stream});
    for (const [bucket, kinds] of loaded) {
      const old = this.#buckets.get(bucket) ?? new Map();
      this.#buckets.set(bucket, kinds);
      for (const kind of new Set([...old.keys(), ...kinds.keys()])) {
        const [was, is] = [old.get(kind) ?? new Map(), kinds.get(kind) ?? new Map()];
        for (const id of new Set([...was.keys(), ...is.keys()])) {
          const [a, b] = [was.get(id), is.get(id)];
          if (a?.rev !== b?.rev || a?.view || b?.view) this.#touch({bucket, kind, id}, touched);
        }
      }
    }
    const gone = [...this.rows.keys()].filter((id) => !rows.some((row) => row.id === id));
    const more = this.commit({rows: [...rows.map((row) => [row.id, row]), ...gone.map((id) => [id, null])]});
    for (const name of ["buckets", "kinds", "ids"]) more[name].forEach((value) => touched[name].add(value));
    this.#lists.clear();
    return touched;
  }

  #follow(state, touched) {
    const old = this.state;
    this.state = state;
    this.#seen = null;
    const seen = ({person, buckets}) => JSON.stringify([person, Object.entries(buckets).map(([b, {readers}]) => [b, readers])]);
    if (seen(old) === seen(state)) return;
    this.#lists.clear();
    for (const bucket of new Set([...Object.keys(old.buckets), ...Object.keys(state.buckets)])) {
      for (const [kind, ids] of this.#buckets.get(bucket) ?? []) {
        for (const id of ids.keys()) this.#touch({bucket, kind, id}, touched);
      }
      if (!state.buckets[bucket]) this.#buckets.delete(bucket);
    }
  }

  /** A generation that is still being filled is not shown; it comes in whole, by `replace`. */
  #isCurrent({bucket, gen}) {
    return this.state.buckets[bucket]?.gen === gen;
  }

  #put({bucket, kind, id}, change) {
    const kinds = this.#buckets.get(bucket) ?? this.#buckets.set(bucket, new Map()).get(bucket);
    const ids = kinds.get(kind) ?? kinds.set(kind, new Map()).get(kind);
    const entry = {rev: 0, ...ids.get(id), ...change};
    if (entry.base || entry.view) ids.set(id, entry);
    else ids.delete(id);
  }

  #touch({bucket, kind, id}, touched) {
    touched.buckets.add(bucket);
    touched.kinds.add(kind);
    touched.ids.add(id);
  }
}
