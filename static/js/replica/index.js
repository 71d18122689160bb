/** The replica: this device's copy of the house, and the queue of what its people did. Pages and verbs know only this module. */

import {Blobs} from "./blobs.js";
import {Blocks} from "./blocks.js";
import {Clock} from "./clock.js";
import {NotSaved, done} from "./database.js";
import {isOfDevice} from "./memory.js";
import {Outbox, pruneJournal} from "./outbox.js";
import {Contact, rowOf, statusOf} from "./status.js";
import {Storage} from "./storage.js";
import {Store} from "./store.js";

export {uuid5, uuidv7} from "./ids.js";
export {NotSaved};

/**
 * Settings; tests shorten the times. `build` is taken from where this module lies. `isReturn`: the page was in use a moment ago; otherwise a
 * shared device opens locked.
 * @typedef {{name?: string, build?: string, pollMs?: number, retryMs?: number, mostRetryMs?: number, autostart?: boolean,
 *   blobBudget?: number, isReturn?: boolean}} Options
 */
const DEFAULTS = {
  name: "offstage", build: import.meta.url.match(/\/static\/([^/]+)\/js\//)?.[1] ?? "", pollMs: 10_000, retryMs: 1_000, mostRetryMs: 30_000,
  autostart: true,
};
const SWEEP = 200;

/**
 * Open this device's replica; one per page. Rejects with NotSaved `storage_lost` where the browser keeps no database.
 * @param {Options} [options]
 * @returns {Promise<Replica>}
 */
export async function openReplica(options = {}) {
  const replica = new Replica({...DEFAULTS, ...options});
  await replica.open();
  return replica;
}

export class Replica {
  #listeners = {change: new Set(), status: new Set()};
  #statusTimer = null;
  #network = null;
  /** Nothing that others change is on the screen: poll every 30 s instead of 10. */
  isCalm = false;

  constructor(options) {
    this.options = options;
    this.clock = new Clock();
    this.store = new Store(options.name, (touched, changes) => this.#changed(touched, changes));
    this.store.onTold = (message) => this.#told(message);
    this.store.onEvicted = () => this.storage.lookForEviction();
    this.memory = this.store.memory;
    this.blocks = new Blocks(this.store);
    this.contact = new Contact(this.store, this.clock);
    this.blobs = new Blobs(this.store, {budget: options.blobBudget});
    this.storage = new Storage(this.store);
    this.queue = new Outbox(this.store, this.clock, () => this.#makeRoom());
  }

  async open() {
    await Promise.all([this.store.open(), this.blobs.load(), this.contact.load()]);
    this.storage.lookForEviction();
    if (this.meta.isShared && this.meta.person && !this.options.isReturn) await this.lock();
    whenIdle(() => this.#settleIn());
  }

  async #settleIn() {
    if (this.options.autostart) await this.#connected(({drain}) => drain.start());
    await this.storage.measure({ask: Boolean(this.memory.state.device)});
    await this.storage.keepReserve();
    await pruneJournal(this.store);
    this.statusSoon();
  }

  /** Stop speaking and give up the database; for tests. */
  async close() {
    (await this.#network)?.drain.stop();
    clearTimeout(this.#statusTimer);
    await this.store.close();
  }

  /** @returns {Promise<ReturnType<typeof import("./network.js").connect>>} */
  network() {
    this.#network ??= import("./network.js").then(({connect}) => connect(this)).catch((error) => {
      this.#network = null;
      throw error;
    });
    return this.#network;
  }

  /** Without a network the module may not have come yet: the next event asks for it again. */
  #connected(work) {
    return this.network().then(work, (error) => console.warn("replica", error));
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

  /** Of a kind that lies in blocks (kinds.js): the records that a key leads to. @returns {Promise<any[]>} */
  find(kind, key) {
    return this.blocks.find(kind, key);
  }

  /** Of a kind that lies in blocks: one record. @returns {Promise<any>} undefined: there is none */
  fetch(kind, id) {
    return this.blocks.fetch(kind, id);
  }

  /** Of a kind that lies in blocks: all records, some at a time. @returns {AsyncGenerator<any[]>} */
  scan(kind) {
    return this.blocks.scan(kind);
  }

  /** @returns {"kept" | "sending" | "sent" | undefined} the newest own operation on that record that is not settled */
  isPending(kind, id) {
    return this.memory.pendingState(kind, id);
  }

  /** The ids of own pending operations on a record: they belong into an operation's `basis` (sync.md §5). @returns {string[]} */
  pendingOn(kind, id) {
    return this.memory.operationsOn(kind, id).filter((row) => row.verdict?.status !== "rejected").map((row) => row.id);
  }

  /**
   * Who and where this device is. `persons`: everybody with a live grant · `isShared`: they take turns, and unlock it by PIN · `isLocked`: it is
   * nobody's turn · `last`: whose it was · `isRevoked`: it only hands in what it holds.
   */
  get meta() {
    const {device, site, epoch, person, last, grants, pins, isRevoked = false} = this.memory.state;
    const persons = Object.values(grants).filter((grant) => !grant.ended_at).map((grant) => ({
      id: grant.person, name: grant.name, hasPin: Boolean(pins?.[grant.person]),
    }));
    const isShared = Boolean(device && (this.get("device", device.id) ?? device).shared);
    const isLocked = isShared && !isRevoked && !person && persons.length > 0;
    return {device, site, epoch, person, last, persons, isShared, isLocked, isRevoked};
  }

  /** @returns {import("./status.js").Status} */
  status() {
    return statusOf({memory: this.memory, blobs: this.blobs, storage: this.storage, clock: this.clock, exchange: this.contact.exchange});
  }

  /**
   * Whose work lies here without the server's word, or was refused, also of people who left.
   * @returns {{id: string, name: string | null, waiting: number, need: number}[]}
   */
  queues() {
    const names = new Map(Object.values(this.memory.state.grants).map((grant) => [grant.person, grant.name]));
    const found = new Map();
    for (const {actor, verdict} of this.memory.ordered()) {
      const queue = found.get(actor) ?? found.set(actor, {id: actor, name: names.get(actor) ?? null, waiting: 0, need: 0}).get(actor);
      if (!verdict) queue.waiting += 1;
      else if (verdict.status === "rejected") queue.need += 1;
    }
    return [...found.values()].filter(({waiting, need}) => waiting || need);
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
   * @param {{type: string, v?: number, data: object, basis?: string[], blobs?: string[], withdraws?: string[],
   *   note?: {key: string, params?: object}, effects?: import("./overlay.js").Effect[], id?: string}} operation
   *   withdraws: photos that need not be sent any more once this is in force
   * @returns {Promise<{id: string, seq: number, at: number}>}
   */
  async append(operation) {
    const kept = await this.queue.append(operation);
    this.#connected(({drain}) => drain.kick());
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
  async syncNow() {
    return Boolean(await this.#connected(({drain}) => drain.now()));
  }

  /**
   * Make this browser a device for the signed-in person, or sign them in on it. Rejects with a Failure (wire.js); `reason`
   * `unknown_device` means that nobody is signed in at the office. A revoked device hands in what it holds and is enrolled anew; `code`
   * `unsent_left` means that some of it does not go through, and `giveUp` that it stays behind as receipts.
   * @param {{name?: string, shared?: boolean, giveUp?: boolean}} [options]
   */
  async enrol(options = {}) {
    const {enrol, drain} = await this.network();
    await enrol({...options, replaces: this.storage.evicted?.device});
    this.storage.forgive();
    await this.storage.measure({ask: true});
    this.statusSoon();
    drain.kick();
  }

  /**
   * The person leaves this device: what nobody else here reads goes. What they did stays in the outbox; the server is told of their leaving before
   * anything else is sent.
   */
  async signOut() {
    await this.store.write((unit) => {
      const {state} = unit;
      for (const grant of Object.values(state.grants)) {
        if (grant.person !== state.person || grant.ended_at) continue;
        grant.ended_at = Date.now();
        state.endings.push(grant.id);
      }
      dropUnread(state);
      delete state.pins?.[state.person];
      Object.assign(state, {person: null, last: null, proved: null});
      unit.saveState();
    }, "strict");
    this.#sweep().catch((error) => console.warn("replica", error)); // else the next pull sweeps
    this.#connected(({drain}) => drain.kick());
  }

  async #sweep() {
    await this.blobs.dropUnheld();
    await this.store.sweep(SWEEP);
  }

  /** Nobody is unlocked any more. Work goes on being sent, each under its own grant. */
  lock() {
    return this.store.write((unit) => {
      const {state} = unit;
      if (state.person) Object.assign(state, {person: null, last: state.person, proved: null});
      unit.saveState();
    }, "strict");
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

  #changed(touched, changes) {
    this.blocks.follow(touched, changes);
    const {buckets, kinds, ids} = touched;
    if (changes.blobs) this.#blobsChanged();
    if (kinds.size) this.#emit("change", {buckets: [...buckets], kinds: [...kinds], ids: [...ids]});
    this.statusSoon();
  }

  #blobsChanged() {
    this.blobs.load().then(() => this.statusSoon(), () => {});
  }

  /** Many changes a moment make one status. */
  statusSoon() {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = null;
      const status = this.status();
      this.storage.mark(this.memory.state.device, status.waiting);
      this.#emit("status", status);
    }, 30);
  }

  /** What the part that speaks with the server has to say, here and in the other tabs. */
  tell(message) {
    this.store.tell(message);
    this.#follow(message);
    if (message.exchange) this.contact.save();
  }

  #told(message) {
    if (message.blobs) this.#blobsChanged();
    if (message.speaking || message.exchange) this.#network?.then(({drain}) => drain.hear(), () => {});
    this.#follow(message);
  }

  #follow({exchange, sending = [], sent = []}) {
    if (exchange) this.contact.follow(exchange);
    sending.forEach((id) => this.memory.sending.add(id));
    sent.forEach((id) => this.memory.sending.delete(id));
    const effects = [...sending, ...sent].flatMap((id) => this.memory.rows.get(id)?.effects ?? []);
    const each = (name) => [...new Set(effects.map((effect) => effect[name]))];
    if (effects.length) this.#emit("change", {buckets: each("bucket"), kinds: each("kind"), ids: each("id")});
    this.statusSoon();
  }

  // -- house-keeping ---------------------------------------------------------------------------------------------------------

  async #makeRoom() {
    const hadReserve = await this.storage.freeReserve();
    const hadBlobs = await this.blobs.makeRoom(1024 * 1024);
    return hadReserve || hadBlobs;
  }

  async health() {
    await this.storage.measure();
    const {waiting, need, oldestAt, storage, warnings} = this.status();
    return {
      last_seq: this.memory.stream.last_seq, waiting, need, oldest_at: oldestAt, storage: {usage: storage.usage, quota: storage.quota},
      persisted: storage.persisted, installed: !warnings.includes("not_installed"), offset: this.clock.offset, build: this.options.build,
    };
  }
}

/** Buckets that only people read who have left go, and so does a pull that still brings them: the next one begins anew. */
function dropUnread(state) {
  const here = new Set(Object.values(state.grants).filter((grant) => !grant.ended_at).map((grant) => grant.person));
  for (const [bucket, {gen}] of Object.entries(state.pull?.fills ?? {})) state.trash.push([bucket, gen]);
  Object.assign(state, {pull: null, access: null, etag: null});
  for (const [bucket, {gen, readers}] of Object.entries(state.buckets)) {
    if (isOfDevice(bucket) || readers.some((person) => here.has(person))) continue;
    state.trash.push([bucket, gen]);
    delete state.buckets[bucket];
  }
}

function whenIdle(work) {
  const soon = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 50));
  soon(() => work().catch((error) => console.warn("replica", error)), {timeout: 500});
}
