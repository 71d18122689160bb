/** The difference between the server's clock and this device's, taken at the middle of the best recent exchange (GEN-5). */

const RECENT_MS = 10 * 60_000;
const STEP_MS = 1_000;

export class Clock {
  /** @type {{offset: number, trip: number, at: number}[]} */
  #samples = [];
  /** Wall clock minus the page's monotonic clock: moves only when somebody sets the clock, or the device slept. */
  #origin = Date.now() - performance.now();

  /** server − device, in ms */
  offset = 0;
  /** the last server time this device knew, ms since 1970; 0 = never */
  seen = 0;

  /** What an earlier page had learned. @param {{offset: number, seen: number} | undefined} known */
  remember(known) {
    if (!known || known.seen <= this.seen) return;
    this.seen = known.seen;
    if (!this.#samples.length) this.offset = known.offset;
  }

  /**
   * @param {number} server the time the answer carried
   * @param {number} sent @param {number} received device times of the exchange
   */
  learn(server, sent, received) {
    if (!Number.isFinite(server)) return;
    const now = Date.now();
    const origin = now - performance.now();
    if (Math.abs(origin - this.#origin) > STEP_MS) this.#samples = [];
    this.#origin = origin;
    // Rounded only here: a trip that looks negative is one in which the clock was set.
    if (received < sent) return;
    this.#samples.push({offset: server - (sent + received) / 2, trip: received - sent, at: now});
    this.#samples = this.#samples.filter((sample) => Math.abs(now - sample.at) <= RECENT_MS).slice(-20);
    const best = this.#samples.reduce((a, b) => (b.trip <= a.trip ? b : a));
    this.offset = Math.round(best.offset);
    this.seen = Math.max(this.seen, server);
  }

  /** What an operation carries. */
  stamp() {
    return {offset: this.offset, seen: this.seen};
  }

  /** The server's time now, as well as known. */
  now() {
    return Date.now() + this.offset;
  }
}
