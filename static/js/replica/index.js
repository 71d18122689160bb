/** The replica: this device's copy of the house, and the queue of what its people did. Pages and verbs know only this module. */

import {Blobs} from "./blobs.js";
import {Clock} from "./clock.js";
import {NotSaved, done} from "./database.js";
import {Drain} from "./drain.js";
import {endGrants, enrol, enrolAgain, signOut} from "./enrol.js";
import {Outbox, pruneJournal} from "./outbox.js";
import {rowOf, statusOf} from "./status.js";
import {Storage} from "./storage.js";
import {Store} from "./store.js";
import {Failure, Wire} from "./wire.js";

export {uuid5, uuidv7} from "./ids.js";
export {Failure, NotSaved};

const CALM_POLL_MS = 30_000;

/**
 * Settings; tests shorten the times. `build` is taken from where this module lies.
 * @typedef {{name?: string, build?: string, pollMs?: number, retryMs?: number, mostRetryMs?: number, autostart?: boolean,
 *   blobBudget?: number}} Options
 */

/**
 * Open this device's replica; one per page. Rejects with NotSaved `storage_lost` where the browser keeps no database.
 * @param {Options} [options]
 * @returns {Promise<Replica>}
 */
export async function openReplica(options = {}) {
  const replica = new Replica({
    name: "offstage", build: import.meta.url.match(/\/static\/([^/]+)\/js\//)?.[1] ?? "", pollMs: 10_000, retryMs: 1_000, mostRetryMs: 30_000,
    autostart: true, ...options,
  });
  await replica.open();
  return replica;
}

export class Replica {
  #listeners = {change: new Set(), status: new Set()};
  #statusTimer = null;
  #exchange = {failure: null, lastContact: 0};
  #clockSaved = 0;

  constructor(options) {
    this.options = options;
    this.clock = new Clock();
    this.wire = new Wire(this.clock);
    this.store = new Store(options.name, (touched, changes) => this.#changed(touched, changes));
    this.store.onTold = (message) => this.#told(message);
    this.store.onEvicted = () => this.storage.lookForEviction();
    this.memory = this.store.memory;
    this.blobs = new Blobs(this.store, {budget: options.blobBudget});
    this.storage = new Storage(this.store);
    this.queue = new Outbox(this.store, this.clock, () => this.#makeRoom());
    this.link = {
      wire: this.wire, store: this.store, memory: this.memory, blobs: this.blobs,
      tell: (message) => this.#tell(message), progress: () => this.#statusSoon(),
      enrolAgain: () => enrolAgain(this.link, options.build), endGrants: () => endGrants(this.link), health: () => this.#health(),
    };
    this.drain = new Drain(this.link, {...options, lock: `${options.name}.drain`, onState: () => this.#drained()});
  }

  async open() {
    await this.store.open();
    await this.blobs.load();
    this.clock.remember(await this.store.read(["meta"], (tx) => done(tx.objectStore("meta").get("clock"))));
    this.storage.lookForEviction();
    if (this.options.autostart) this.drain.start();
    this.#whenIdle(async () => {
      await this.storage.measure();
      await this.storage.keepReserve();
      await pruneJournal(this.store);
      this.#statusSoon();
    });
  }

  /** Stop speaking and give up the database; for tests. */
  async close() {
    this.drain.stop();
    clearTimeout(this.#statusTimer);
    await this.store.close();
  }

  // -- reading --------------------------------------------------------------------------------------------------------------

  /** The record as this person sees it: the server's, with their own pending operations on top. Not to be changed. */
  get(kind, id) {
    return this.memory.get(kind, id);
  }

  /** All records of a kind; not to be changed. @returns {any[]} */
  all(kind) {
    return this.memory.all(kind);
  }

  /** @returns {"kept" | "sending" | "sent" | undefined} the newest own operation on that record that is not settled */
  isPending(kind, id) {
    return this.memory.pendingState(kind, id);
  }

  /** The ids of own pending operations on a record: they belong into an operation's `basis` (sync.md §5). @returns {string[]} */
  pendingOn(kind, id) {
    return this.memory.operationsOn(kind, id).filter((row) => row.verdict?.status !== "rejected").map((row) => row.id);
  }

  /** Who and where this device is. `persons`: everybody with a live grant. */
  get meta() {
    const {device, site, epoch, person, grants} = this.memory.state;
    const persons = Object.values(grants).filter((grant) => !grant.ended_at).map((grant) => ({id: grant.person, name: grant.name}));
    return {device, site, epoch, person, persons};
  }

  /** @returns {import("./status.js").Status} */
  status() {
    return statusOf({memory: this.memory, blobs: this.blobs, storage: this.storage, clock: this.clock, exchange: this.#exchange});
  }

  /** What is not settled, oldest first; a person sees their own. */
  outbox() {
    const {person} = this.memory.state;
    return this.memory.ordered().filter((row) => !person || row.actor === person).map((row) => rowOf(row, this));
  }

  /** One operation, settled or not: the receipt. */
  async receipt(id) {
    const row = this.memory.rows.get(id) ?? (await this.store.read(["journal"], (tx) => done(tx.objectStore("journal").get(id))));
    return row && rowOf(row, this);
  }

  /** The last settled operations of this person, newest first. */
  async history(most = 50) {
    const rows = await this.store.read(["journal"], (tx) => done(tx.objectStore("journal").index("settled_at").getAll()));
    const {person} = this.memory.state;
    return rows.filter((row) => row.actor === person).slice(-most).reverse().map((row) => rowOf(row, this));
  }

  // -- writing --------------------------------------------------------------------------------------------------------------

  /**
   * Keep what a person did. Resolves when it is on the disk; rejects with NotSaved, and then the screen says so in red.
   * @param {{type: string, v?: number, data: object, basis?: string[], blobs?: string[], note?: {key: string, params?: object},
   *   effects?: import("./overlay.js").Effect[], id?: string}} operation
   * @returns {Promise<{id: string, seq: number, at: number}>}
   */
  async append(operation) {
    const kept = await this.queue.append(operation);
    this.drain.kick();
    return kept;
  }

  /** Keep a photo (≤ 2 MB, shrunk and without metadata) on the device; it is sent after the operation naming it. @returns {Promise<string>} */
  keepBlob(blob) {
    return this.blobs.keep(blob);
  }

  /** Where an <img> finds it. @param {string} sha @param {"thumb" | "display"} [form] @returns {Promise<string>} */
  blobUrl(sha, form = "display") {
    return this.blobs.url(sha, form);
  }

  /** Put a rejected operation away: the person has read why. It stays in the journal. */
  dismiss(id) {
    return this.store.write(async (unit) => {
      const row = await unit.get("outbox", id);
      if (row?.verdict?.status === "rejected") unit.fileAway(row, Date.now());
    });
  }

  // -- the network -----------------------------------------------------------------------------------------------------------

  /** Exchange with the server now. @returns {Promise<boolean>} whether it went well */
  syncNow() {
    return this.drain.now();
  }

  /** Poll every 30 s instead of 10 while nothing that others change is open. */
  set isCalm(calm) {
    this.drain.pollMs = calm ? Math.max(CALM_POLL_MS, this.options.pollMs) : this.options.pollMs;
  }

  /**
   * Make this browser a device for the signed-in person, or sign them in on it. Rejects with a Failure; `reason` `unknown_device` means
   * that nobody is signed in at the office.
   * @param {{name?: string, shared?: boolean}} [options]
   */
  async enrol(options = {}) {
    await enrol(this.link, {...options, build: this.options.build, replaces: this.storage.evicted?.device});
    this.storage.forgive();
    await this.storage.measure({ask: true});
    this.#statusSoon();
    this.drain.kick();
  }

  /** The person leaves the device; what they did stays and is sent. */
  async signOut() {
    await signOut(this.link);
    this.drain.kick();
  }

  // -- events ----------------------------------------------------------------------------------------------------------------

  /**
   * change: ({buckets, kinds, ids}) as arrays, after records or their pending state changed, from this tab or another ·
   * status: (Status)
   * @returns {() => void} stops listening
   */
  on(name, listener) {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  #emit(name, value) {
    for (const listener of this.#listeners[name]) {
      try {
        listener(value);
      } catch (error) {
        console.error(error);
      }
    }
  }

  #changed({buckets, kinds, ids}, changes) {
    if (changes.blobs) this.blobs.load().then(() => this.#statusSoon());
    if (kinds.size) this.#emit("change", {buckets: [...buckets], kinds: [...kinds], ids: [...ids]});
    this.#statusSoon();
  }

  /** Many changes a moment make one status. */
  #statusSoon() {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = null;
      const status = this.status();
      this.storage.mark(this.memory.state.device, status.waiting);
      this.#emit("status", status);
    }, 30);
  }

  #tell(message) {
    this.store.tell(message);
    this.#showSending(message);
  }

  #told(message) {
    const {sending, sent, blobs} = message;
    if (message.speaking || message.exchanged !== undefined) this.drain.hear();
    if (message.exchanged !== undefined) this.#exchange = {failure: message.exchanged, lastContact: message.lastContact || this.#exchange.lastContact};
    sending?.forEach((id) => this.memory.sending.add(id));
    sent?.forEach((id) => this.memory.sending.delete(id));
    if (blobs) this.blobs.load().then(() => this.#statusSoon());
    this.#showSending(message);
    this.#statusSoon();
  }

  /** The icons of rows whose operations are on their way. */
  #showSending({sending, sent}) {
    const effects = [...(sending ?? []), ...(sent ?? [])].flatMap((id) => this.memory.rows.get(id)?.effects ?? []);
    if (!effects.length) return;
    const each = (name) => [...new Set(effects.map((effect) => effect[name]))];
    this.#emit("change", {buckets: each("bucket"), kinds: each("kind"), ids: each("id")});
  }

  #drained() {
    this.#exchange = {failure: this.drain.failure, lastContact: this.wire.lastContact || this.#exchange.lastContact};
    this.#statusSoon();
    if (Date.now() - this.#clockSaved < 20_000 || !this.clock.seen) return;
    this.#clockSaved = Date.now();
    const clock = this.clock.stamp();
    this.store.database.transact(["meta"], "readwrite", async (tx) => void tx.objectStore("meta").put(clock, "clock")).catch(() => {});
  }

  // -- house-keeping ---------------------------------------------------------------------------------------------------------

  async #makeRoom() {
    const hadReserve = await this.storage.freeReserve();
    const hadBlobs = await this.blobs.makeRoom(1024 * 1024);
    return hadReserve || hadBlobs;
  }

  async #health() {
    await this.storage.measure();
    const {waiting, oldestAt, storage} = this.status();
    return {
      last_seq: this.memory.stream.last_seq, waiting, oldest: oldestAt, storage: {usage: storage.usage, quota: storage.quota},
      persisted: storage.persisted, build: this.options.build,
    };
  }

  #whenIdle(work) {
    const soon = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 500));
    soon(() => work().catch((error) => console.warn("replica", error)));
  }
}
