/** The drain: when the device and the server speak, and what happens when they cannot (sync.md §4). */

import {restore} from "./outbox.js";
import {cursorsOf, lacking, pull} from "./pull.js";
import {push} from "./push.js";
import {sendBlobs} from "./uploads.js";
import {Failure} from "./wire.js";

const LOCK_PATIENCE_MS = 60_000;
const REPORT_MS = 15 * 60_000;
const CALM_POLL_MS = 30_000;
const BUSY_POLL_MS = 300;
/** Failures that whatever is asked next would meet as well. */
const OF_THE_NETWORK = ["network", "captive", "busy", "unknown_device"];

/**
 * What the parts of an exchange work with.
 * @typedef {{wire: import("./wire.js").Wire, store: import("./store.js").Store, memory: import("./memory.js").Memory,
 *   blobs: import("./blobs.js").Blobs, tell: (message: object) => void, progress: () => void, report: (error: string) => void,
 *   enrolAgain: () => Promise<void>, endGrants: () => Promise<void>, exchange: () => Promise<boolean>, health: () => Promise<object>, isCalm: () => boolean,
 *   hasUnsent: () => boolean}} Link
 */

export class Drain {
  /** @type {Failure | null} why the last exchange failed */
  failure = null;
  /** @type {Promise<void> | null} */
  #running = null;
  #again = false;
  #timer = null;
  #tries = 0;
  #notBefore = 0;
  #heard = Date.now();
  #reportedAt = 0;
  #problem = null;
  /** Another tab was draining; what this one has appended meanwhile may have come too late for it. */
  #isSkipped = false;
  #isOn = false;

  /**
   * @param {Link} link
   * @param {{name: string, pollMs: number, retryMs: number, mostRetryMs: number}} options
   */
  constructor(link, options) {
    this.link = link;
    this.options = options;
    link.report = (error) => (this.#problem = error);
  }

  start() {
    this.#isOn = true;
    for (const [target, name] of Drain.events) target.addEventListener(name, this.kick);
    this.kick();
  }

  stop() {
    this.#isOn = false;
    clearTimeout(this.#timer);
    for (const [target, name] of Drain.events) target.removeEventListener(name, this.kick);
  }

  static events = [[document, "visibilitychange"], [window, "pageshow"], [window, "online"]];

  /** Something happened that makes an exchange worth trying now: waits made longer by failures begin anew. */
  kick = () => {
    this.#tries = 0;
    this.#plan(0);
  };

  /** A tab that speaks with the server says so; a lock held by a silent one is not waited for. */
  hear() {
    this.#heard = Date.now();
  }

  /** Exchange now, whatever the server asked us to wait. @returns {Promise<boolean>} whether it went well */
  async now() {
    this.#notBefore = 0;
    await this.#run();
    return !this.failure;
  }

  #plan(delayMs) {
    if (!this.#isOn) return;
    clearTimeout(this.#timer);
    const wait = Math.max(delayMs, this.#notBefore - Date.now());
    this.#timer = setTimeout(() => this.#run(), wait);
  }

  #run() {
    if (!this.link.memory.state.device) return Promise.resolve();
    if (this.#running) this.#again = true;
    this.#running ??= this.#rounds().finally(() => {
      this.#running = null;
      this.#planNext();
    });
    return this.#running;
  }

  async #rounds() {
    clearTimeout(this.#timer);
    do {
      this.#again = false;
      await this.#locked(() => this.#exchange());
    } while (this.#again && !this.failure);
  }

  #planNext() {
    if (document.visibilityState === "hidden") return; // the next visibilitychange goes on
    const {pollMs, retryMs, mostRetryMs} = this.options;
    if (this.#isSkipped && this.link.hasUnsent()) return this.#plan(Math.min(pollMs, BUSY_POLL_MS));
    if (!this.failure) return this.#plan(this.link.isCalm() ? Math.max(pollMs, CALM_POLL_MS) : pollMs);
    const most = Math.min(mostRetryMs, retryMs * 2 ** this.#tries++);
    this.#plan(retryMs / 10 + Math.random() * most);
  }

  /** One drain at a time, where that can be had: nothing depends on it, and a frozen tab's lock is waited for only so long. */
  async #locked(work) {
    if (!navigator.locks) return work();
    await navigator.locks.request(`${this.options.name}.drain`, {ifAvailable: true}, (lock) => {
      this.#isSkipped = !lock && Date.now() - this.#heard < LOCK_PATIENCE_MS;
      return this.#isSkipped ? undefined : work();
    });
  }

  async #exchange() {
    const {link} = this;
    link.tell({speaking: true});
    this.#heard = Date.now();
    try {
      await link.endGrants();
      const unsent = await push(link).then(() => null, passOver);
      await this.#follow();
      await sendBlobs(link, {isHeldUp: unsent !== null});
      await this.#tellHealth(unsent);
      if (unsent) throw unsent;
      this.failure = null;
      this.#tries = 0;
      link.blobs.tidy().catch(() => {});
    } catch (error) {
      if (error.reason === "taken_over") return; // another tab goes on with it
      this.#failed(error);
    } finally {
      const {failure} = this;
      link.tell({exchange: {failure: failure && {reason: failure.reason, code: failure.code}, lastContact: link.wire.lastContact}});
    }
  }

  #failed(error) {
    this.failure = error instanceof Failure ? error : new Failure("storage", {cause: error});
    if (!(error instanceof Failure)) {
      this.#problem = `${error?.name}: ${error?.message}`;
      console.error("sync", error);
    }
    if (this.failure.waitMs) this.#notBefore = Date.now() + this.failure.waitMs;
  }

  /** The head, and a pull when it tells of something new. */
  async #follow() {
    const {wire, memory, store} = this.link;
    const {etag, pull: going} = memory.state;
    const cursors = cursorsOf(memory.state);
    const headers = {"Offstage-Last-Seq": String(memory.stream.last_seq), ...(etag && !going ? {"If-None-Match": etag} : {})};
    const answer = await wire.call("GET", "/api/sync/head", {headers, timeoutMs: 15_000, expect: [200, 304]});
    if (answer.waitMs) this.#notBefore = Date.now() + answer.waitMs;
    if (answer.status === 304) return answer.text();
    const head = await answer.json();
    if (!head?.heads) throw new Failure("cut");
    const found = lacking(memory.state, cursors, head);
    if (found === "restored") await store.write((unit) => restore(unit, head.epoch));
    if (found !== "nothing") await pull(this.link, {access: head.access, etag: answer.headers.get("ETag")});
    if (found === "restored") this.#again = true; // the journal waits in the outbox now
    return undefined;
  }

  /** A report that fails says nothing about whether work gets through. @param {Failure | null} unsent why the push failed */
  async #tellHealth(unsent) {
    if (!this.#problem && Date.now() - this.#reportedAt < REPORT_MS) return;
    const json = {...(await this.link.health()), last_error: this.#problem ?? (unsent && `push ${unsent.message}`)};
    this.#reportedAt = Date.now();
    this.#problem = null;
    await this.link.wire.call("POST", "/api/sync/report", {json}).then((answer) => answer.text(), () => {});
  }
}

/**
 * A push the server cannot take stops nobody from reading (I9): it stays the failure of this exchange, and the pull goes on. What waits
 * covers what is pulled, as it does before any push.
 * @returns {Failure} rejects with what the pull would meet as well
 */
function passOver(failure) {
  if (!(failure instanceof Failure) || OF_THE_NETWORK.includes(failure.reason)) throw failure;
  return failure;
}
