/** One exchange with the server. Whatever is not clearly Offstage's own answer is a Failure and changes nothing here. */

const GZIP_FROM = 4_000;
const MAX_WAIT_MS = 10 * 60_000;

/**
 * The exchange failed. `reason`: network, slow, captive (somebody else answered), cut (the answer broke off), unknown_device (401),
 * forbidden (403), revoked (410), too_large (413), outdated (426), busy (429, 503), server (other 5xx), refused (other 4xx).
 */
export class Failure extends Error {
  constructor(reason, {status = 0, code = null, facts = {}, waitMs = 0, cause} = {}) {
    super(code ? `${reason}: ${code}` : reason, {cause});
    Object.assign(this, {name: "Failure", reason, status, code, facts, waitMs});
  }
}

const REASONS = {401: "unknown_device", 403: "forbidden", 410: "revoked", 413: "too_large", 426: "outdated", 429: "busy", 503: "busy"};

const reasonOf = (status) => REASONS[status] ?? (status >= 500 ? "server" : "refused");

/** `Retry-After` and `Backoff` are seconds, the former may be a date. */
function waitOf(headers, now) {
  const one = (value) => (value ? (/^\d+(\.\d+)?$/.test(value) ? value * 1000 : Date.parse(value) - now) : 0) || 0;
  return Math.min(MAX_WAIT_MS, Math.max(0, one(headers.get("Retry-After")), one(headers.get("Backoff"))));
}

async function gzipped(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).blob();
}

export class Wire {
  /** @param {import("./clock.js").Clock} clock */
  constructor(clock) {
    this.clock = clock;
    /** Time of the last answer that was Offstage's, device time; 0 = none in this page. */
    this.lastContact = 0;
  }

  /**
   * @param {string} method @param {string} path
   * @param {{json?: any, body?: BodyInit, headers?: Record<string, string>, timeoutMs?: number, expect?: number[]}} [options]
   *   `expect`: statuses the caller deals with; any other is thrown as a Failure
   * @returns {Promise<{status: number, headers: Headers, waitMs: number, json: () => Promise<any>,
   *   text: () => Promise<string>, lines: () => AsyncGenerator<string>}>} an answer whose body must be read
   */
  async call(method, path, {json, body, headers = {}, timeoutMs = 30_000, expect = [200]} = {}) {
    const abort = new AbortController();
    const alarm = new Alarm(() => abort.abort(), timeoutMs);
    if (json !== undefined) {
      body = JSON.stringify(json);
      headers = {"Content-Type": "application/json", ...headers};
      if (body.length > GZIP_FROM && "CompressionStream" in globalThis) {
        body = await gzipped(body);
        headers["Content-Encoding"] = "gzip";
      }
    }
    let response;
    const sent = Date.now();
    try {
      response = await fetch(path, {
        method, body, headers, signal: abort.signal, redirect: "manual", credentials: "same-origin", cache: "no-store",
      });
    } catch (cause) {
      alarm.stop();
      throw new Failure(abort.signal.aborted ? "slow" : "network", {cause});
    }
    const received = Date.now();
    if (!response.headers.get("Offstage-Protocol")) {  // rule: T16
      alarm.stop();
      abort.abort();
      // A proxy in front of a server that is down answers in its own name; anything else is a login page or the like.
      throw new Failure(response.status >= 500 ? "server" : "captive", {status: response.status, waitMs: waitOf(response.headers, received)});
    }
    this.clock.learn(Number(response.headers.get("Offstage-Time")), sent, received);
    this.lastContact = received;
    const answer = new Answer(response, alarm, waitOf(response.headers, received));
    if (!expect.includes(response.status)) throw await answer.asFailure();  // rule: T5
    return answer;
  }
}

/** Rings when nothing was heard for a while. */
class Alarm {
  constructor(ring, ms) {
    Object.assign(this, {ring, ms});
    this.again();
  }

  again() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.ring, this.ms);
  }

  stop() {
    clearTimeout(this.timer);
  }
}

class Answer {
  constructor(response, alarm, waitMs) {
    Object.assign(this, {response, alarm, waitMs, status: response.status, headers: response.headers});
    if (!response.body) alarm.stop();
  }

  async json() {
    try {
      return await this.response.json();
    } catch (cause) {
      throw new Failure("cut", {status: this.status, cause});
    } finally {
      this.alarm.stop();
    }
  }

  /** The body, when nobody minds what it says. */
  async text() {
    return this.response.text().catch(() => "").finally(() => this.alarm.stop());
  }

  /** The body line by line as it arrives. */
  async *lines() {
    const reader = this.response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    try {
      for (;;) {
        const {done, value} = await reader.read();
        this.alarm.again();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        yield* lines;
      }
      if (rest) yield rest;
    } catch (cause) {
      throw new Failure("cut", {status: this.status, cause});
    } finally {
      this.alarm.stop();
      reader.cancel().catch(() => {});
    }
  }

  /** @returns {Promise<Failure>} */
  async asFailure() {
    const body = await this.json().catch(() => null);
    const {code = null, facts = {}} = body?.error ?? {};
    return new Failure(reasonOf(this.status), {status: this.status, code, facts, waitMs: this.waitMs});
  }
}
