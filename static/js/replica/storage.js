/** How safe this device's storage is: persistence, room, the reserve, and whether it was emptied behind our back (T13). */

import {NotSaved, done} from "./database.js";

const RESERVE_BYTES = 5 * 1024 * 1024;
const RESERVE = "reserve";
const MARKER = "offstage.replica";

export class Storage {
  persisted = false;
  usage = 0;
  quota = 0;
  /** What the marker outside IndexedDB says was here before it was emptied. @type {{device: string, waiting: number} | null} */
  evicted = null;
  #marked = "";

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
  }

  /** Look at the marker of an earlier run: IndexedDB without the device it names was evicted or cleared. */
  lookForEviction() {
    const marker = this.#read();
    this.evicted = marker && !this.store.memory.state.device ? marker : null;
    return this.evicted;
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(MARKER));
    } catch {
      return null;
    }
  }

  /** Note outside IndexedDB that this device exists and how much waits on it. */
  mark(device, waiting) {
    if (!device || this.evicted) return;
    const text = JSON.stringify({device: device.id, waiting});
    if (text === this.#marked) return;
    try {
      localStorage.setItem(MARKER, text);
      this.#marked = text;
    } catch {
      // without a marker an eviction is not told apart from a first run; nothing else depends on it
    }
  }

  /** The person knows; the device was enrolled anew. */
  forgive() {
    this.evicted = null;
  }

  /** Ask the browser not to evict us, and measure. */
  async measure({ask = false} = {}) {
    const manager = navigator.storage;
    if (!manager) return;
    this.persisted = Boolean((await manager.persisted?.()) || (ask && (await manager.persist?.())));
    const {usage = 0, quota = 0} = (await manager.estimate?.()) ?? {};
    Object.assign(this, {usage, quota});
  }

  /** 5 MB that nobody needs, to be given up when an operation finds the disk full. Random, so that no disk stores it smaller. */
  async keepReserve() {
    const has = await this.store.read(["bytes"], (tx) => done(tx.objectStore("bytes").count(RESERVE)));
    if (has) return;
    const bytes = new Uint8Array(RESERVE_BYTES);
    for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    await this.store.database
      .transact(["bytes"], "readwrite", async (tx) => void tx.objectStore("bytes").put(bytes.buffer, RESERVE))
      .catch((error) => {
        if (!(error instanceof NotSaved)) throw error;
      });
  }

  /** @returns {Promise<boolean>} whether there was a reserve to give up */
  async freeReserve() {
    return this.store.database.transact(["bytes"], "readwrite", async (tx) => {
      const bytes = tx.objectStore("bytes");
      const has = await done(bytes.count(RESERVE));
      bytes.delete(RESERVE);
      return has > 0;
    });
  }
}
