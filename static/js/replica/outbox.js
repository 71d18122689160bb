/** The outbox: operations are kept here from the tap until the server's word on them has reached every record they touched. */

import {NotSaved, done} from "./database.js";
import {uuidv7, utf8} from "./ids.js";
import {isDecided, keyOf, keysOf, withEffects} from "./overlay.js";

/** What is said of a photo that is not sent any more, and of one that is the server's. */
export const WITHDRAWN = "withdrawn";
export const COPY = "copy";

const OPERATION_LIMIT = 32_000;
const JOURNAL_MS = 30 * 24 * 3600_000;
const JOURNAL_ROWS = 5_000;

/** What of a row goes over the wire. @param {any} row */
export const toWire = ({id, seq, type, v, actor, grant, at, offset, seen, basis, data, blobs}) =>
  ({id, seq, type, v, actor, grant, at, offset, seen, basis, data, blobs});

export class Outbox {
  #queue = [];
  #flushing = false;

  /**
   * @param {import("./store.js").Store} store @param {import("./clock.js").Clock} clock
   * @param {() => Promise<boolean>} makeRoom frees the reserve; true when that may have helped
   */
  constructor(store, clock, makeRoom) {
    this.store = store;
    this.clock = clock;
    this.makeRoom = makeRoom;
  }

  /**
   * Keep an operation. Resolves when it is on the disk; rejects with NotSaved, and then nothing of it was kept.
   * @returns {Promise<{id: string, seq: number, at: number}>}
   */
  append({type, v = 1, data, basis = [], blobs = [], withdraws = [], effects = [], note = null, id = uuidv7()}) {  // rule: T2
    const {state} = this.store.memory;
    const grant = Object.values(state.grants).findLast((found) => found.person === state.person && !found.ended_at);
    if (!state.device) return Promise.reject(new NotSaved("not_enrolled"));
    if (!grant) return Promise.reject(new NotSaved("no_person"));
    // Through JSON once: what is kept is what will be sent, and nothing in it can fail inside the transaction.
    const row = JSON.parse(JSON.stringify({
      id, type, v, actor: state.person, grant: grant.id, at: Date.now(), ...this.clock.stamp(), basis, data, blobs, note,
      ...(withdraws.length && {withdraws}),
      effects: effects.map((effect) => ({...effect, bucket: effect.bucket ?? this.store.memory.bucketOf(effect.kind, effect.id)})),
    }));
    if (utf8(JSON.stringify(toWire({...row, seq: 1e9}))).length > OPERATION_LIMIT) return Promise.reject(new NotSaved("too_large"));
    return new Promise((resolve, reject) => {
      this.#queue.push({row, resolve, reject});
      if (!this.#flushing) this.#flush();
    });
  }

  /** Appends that arrive while one transaction commits share the next. */
  async #flush() {
    this.#flushing = true;
    await null;
    while (this.#queue.length) {
      const batch = this.#queue.splice(0);
      try {
        const kept = await this.#keep(batch.map(({row}) => row));
        batch.forEach(({resolve}, n) => resolve(kept[n]));
      } catch (error) {
        batch.forEach(({reject}) => reject(error instanceof NotSaved ? error : new NotSaved("storage_lost", error)));
      }
    }
    this.#flushing = false;
  }

  async #keep(rows) {
    const once = () => this.store.write((unit) => appendAll(unit, rows), "strict");
    try {
      return await once();
    } catch (error) {
      if (error.code !== "storage_full" || !(await this.makeRoom())) throw error;
      return once();
    }
  }
}

async function appendAll(unit, rows) {
  const {stream} = unit;
  const views = new Map();
  const kept = [];
  for (const given of rows) {
    // A connection lost while committing leaves it open whether the rows are there; the second attempt looks.
    const known = unit.attempt > 1 && (await unit.get("outbox", given.id));
    const row = known || {...given, no: ++stream.made, seq: ++stream.last_seq, stream: stream.id};
    kept.push({id: row.id, seq: row.seq, at: row.at});
    if (known) continue;
    unit.putRow(row);
    await addToViews(unit, row, views);
  }
  unit.saveStream();
  for (const [, {place, data}] of views) unit.setView(place, data);
  return kept;
}

/** One effect after the other on what shows now; no need to look at the rest of the outbox. */
async function addToViews(unit, row, views) {
  for (const effect of row.effects) {
    const bucket = unit.state.buckets[effect.bucket];
    if (!bucket) continue;
    const key = keyOf(effect);
    if (!views.has(key)) {
      const at = [effect.bucket, bucket.gen, effect.kind, effect.id];
      const [view, base] = await Promise.all([unit.get("view", at), unit.get("base", at)]);
      views.set(key, {place: effect, data: (view ?? base)?.data});
    }
    const held = views.get(key);
    held.data = withEffects(held.data, [effect]);
  }
}

/**
 * Take over the server's word on operations, in the order of their stream. A verdict with a lower `n` than the one known is ignored.
 * @param {import("./unit.js").Unit} unit
 * @param {{id: string, n: number, status: string, code?: string, facts?: object, revs?: object, exception?: string}[]} verdicts
 */
export async function judge(unit, verdicts) {
  const rows = await unit.rows();
  const held = new Map(rows.map((row) => [row.id, row]));
  const changed = [];
  for (const verdict of verdicts) {
    const row = held.get(verdict.id);
    if (!row) await judgeFiled(unit, verdict);
    else if (verdict.n > (row.verdict?.n ?? 0)) {
      row.verdict = verdictOf(verdict);
      unit.putRow(row);
      changed.push(row);
    }
  }
  for (const row of changed) if (isDecided(row)) unit.uncover(row, rows);
  await markBlobs(unit, changed, {ready: true});
  await withdrawBlobs(unit, changed);
  await unit.project(changed.flatMap((row) => [...keysOf(row)]), rows);
}

const verdictOf = ({n, status, code = null, facts = {}, revs = {}, exception = null}) => ({n, status, code, facts, revs, exception});

async function judgeFiled(unit, verdict) {
  const row = await unit.get("journal", verdict.id);
  if (row && verdict.n > (row.verdict?.n ?? 0)) unit.store("journal").put({...row, verdict: verdictOf(verdict)});
}

/** Every bucket the operation changed, and the device still reads, holds the change. */
const isSettled = ({verdict}, buckets) =>
  ["applied", "noted"].includes(verdict?.status) &&
  Object.entries(verdict.revs).every(([bucket, rev]) => !buckets[bucket] || buckets[bucket].rev >= rev);

/** File away what has settled: the overlay goes in the transaction in which the cursor came to cover it, so nothing flickers back. */
export async function settle(unit, at) {
  const rows = await unit.rows();
  const settled = rows.filter((row) => isSettled(row, unit.state.buckets));
  if (!settled.length) return;
  for (const row of settled) unit.fileAway(row, at);
  const left = rows.filter((row) => !settled.includes(row));
  await unit.project(settled.flatMap((row) => [...keysOf(row)]), left);
}

/**
 * Send again everything of the present stream from `from` on: the server no longer has it. Settled ones come back into the outbox, so
 * that the person goes on seeing what they did.
 * @param {(row: any) => boolean} [which] of those, only these
 */
export async function requeue(unit, from, which = () => true) {
  const {stream} = unit;
  if (!stream.id) return;
  const place = IDBKeyRange.bound([stream.id, from], [stream.id, Infinity]);
  const filed = (await done(unit.store("journal").index("place").getAll(place))).filter(which);
  const kept = (await unit.rows()).filter((row) => row.stream === stream.id && row.seq >= from).filter(which);
  for (const row of filed) unit.store("journal").delete(row.id);
  for (const row of [...filed, ...kept]) unit.putRow(unsaid(row));
  stream.acked = Math.min(stream.acked, from - 1);
  unit.saveStream();
  await markBlobs(unit, [...filed, ...kept], {state: "kept", ready: false});
  await unit.project([...filed, ...kept].flatMap((row) => [...keysOf(row)]));
}

const unsaid = ({settled_at: _, ...row}) => ({...row, verdict: null, uncovered: []});

/** Photos follow their operation; when it has to be sent again, so have they. */
async function markBlobs(unit, rows, change) {
  for (const sha of new Set(rows.flatMap((row) => row.blobs))) {
    const blob = await unit.get("blobs", sha);
    if (blob && blob.state !== "unreadable" && blob.status !== COPY) unit.putBlob({...blob, ...change});
  }
}

/** Doubts that leave an answer in force; after any other, what it withdraws is evidence still. */
const isInForce = ({verdict}) => verdict.status === "applied" || verdict.code === "order_unverified";

/** A photo that was never sent, and in whose place another stands now, is not sent any more (decision 0023). */
async function withdrawBlobs(unit, rows) {
  for (const sha of rows.filter(isInForce).flatMap((row) => row.withdraws ?? [])) {
    const blob = await unit.get("blobs", sha);
    if (blob?.state === "kept") unit.putBlob({...blob, state: "sent", status: WITHDRAWN});
  }
}

const isRejected = (row) => row.verdict?.status === "rejected";

/**
 * Go on in a new stream: everything without a last word, and what no backup of the server has yet, is renumbered from 1. Ids and grants
 * stay, so what the server already has is told as a replay. What was rejected stays listed as it is.
 */
export async function renumber(unit, id) {
  await requeue(unit, unit.stream.durable_seq + 1, (row) => !isRejected(row));
  const open = (await unit.rows()).filter((row) => !isRejected(row));
  open.forEach((row, n) => unit.putRow({...unsaid(row), stream: id, seq: n + 1}));
  unit.stream = {id, last_seq: open.length, acked: 0, durable_seq: 0, made: unit.stream.made};
  unit.saveStream();
}

/** The server lost what came after its backup: every bucket is asked whole, the journal is sent again. */
export async function restore(unit, epoch) {
  const {state} = unit;
  for (const bucket of Object.values(state.buckets)) bucket.rev = 0;
  if (state.pull) state.trash.push(...Object.entries(state.pull.fills).map(([bucket, {gen}]) => [bucket, gen]));
  Object.assign(state, {epoch, pull: null, access: null, etag: null});
  unit.saveState();
  await requeue(unit, unit.stream.durable_seq + 1);
}

/** The journal keeps what no backup of the server has; of the rest 30 days or 5,000 operations. */
export function pruneJournal(store) {
  return store.write(async (unit) => {
    const journal = unit.store("journal");
    const rows = await done(journal.index("settled_at").getAll());
    const isSafe = (row) => row.stream !== unit.stream.id || row.seq <= unit.stream.durable_seq;
    const isOld = (row, n) => n < rows.length - JOURNAL_ROWS || Date.now() - row.settled_at > JOURNAL_MS;
    for (const row of rows.filter(isOld)) if (isSafe(row)) journal.delete(row.id);
  });
}
