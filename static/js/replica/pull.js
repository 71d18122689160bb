/** Pull: what the device lacks, page by page; a cursor only moves when everything up to it is here (sync.md §3). */

import {keepPage, layOut} from "./blocks.js";
import {sumOf, uuidv7} from "./ids.js";
import {isInBlocks} from "./kinds.js";
import {judge, restore, settle} from "./outbox.js";
import {keysOf, placeOf} from "./overlay.js";
import {Failure} from "./wire.js";

const CHUNK = 200;
const DAY_MS = 24 * 3600_000;
const REFILL_MS = 3600_000;

/**
 * Whether the head's answer says that this device lacks something. `cursors` are those from before the head was asked.
 * @returns {"nothing" | "delta" | "restored"} restored: the server has gone back behind what this device holds
 */
export function lacking(state, cursors, {epoch, access, heads}) {
  if (epoch !== state.epoch) return "restored";
  if (Object.entries(heads).some(([bucket, rev]) => rev < (cursors[bucket] ?? 0))) return "restored";
  const same = Object.keys(cursors).length === Object.keys(heads).length &&
    Object.entries(heads).every(([bucket, rev]) => cursors[bucket] === rev);
  return same && access === state.access && !state.pull ? "nothing" : "delta";
}

/** @returns {Record<string, number>} */
export const cursorsOf = (state) => Object.fromEntries(Object.entries(state.buckets).map(([bucket, {rev}]) => [bucket, rev]));

/**
 * Ask page after page until the device holds everything.
 * @param {import("./drain.js").Link} link @param {{access?: string, etag?: string}} [head] what the head had said
 */
export async function pull(link, head = {}) {
  const token = uuidv7();
  await link.store.write(async (unit) => {
    unit.state.pull = {after: null, fills: {}, ...unit.state.pull, token};
    unit.saveState();
  });
  const fresh = new Map();
  let page;
  let next = ask(link, link.memory.state.pull?.after);
  do {
    page = await next;
    if (!page.isLast) {
      next = ask(link, page.trailer.after); // comes while this one is put away
      next.catch(() => {});
    }
    await apply(link, page, {token, head, fresh});
  } while (!page.isLast);
  await verify(link, page.trailer.checks);
  if (link.memory.state.trash.length) await link.blobs.dropUnheld();
  await link.store.sweep(CHUNK);
}

/** One page, whole: without its trailer it is thrown away. */
async function ask({wire, memory}, after) {
  const {epoch, grants} = memory.state;
  const asked = Object.keys(grants).filter((id) => !grants[id].ended_at);
  const json = {epoch, cursors: cursorsOf(memory.state), ...(after ? {after} : {})};
  const answer = await wire.call("POST", "/api/sync/pull", {json});
  const parsed = [];
  try {
    for await (const line of answer.lines()) if (line) parsed.push(JSON.parse(line));
  } catch (cause) {
    throw cause instanceof Failure ? cause : new Failure("cut", {cause});
  }
  const [header, trailer] = [parsed.shift(), parsed.pop()];
  if (!header?.buckets || !trailer || !("after" in trailer)) throw new Failure("cut");
  return {header, lines: parsed, trailer, isLast: trailer.after === null, asked};
}

async function apply({store, progress}, {header, lines, trailer, isLast, asked}, {token, head, fresh}) {
  const mine = (work) => store.write(async (unit) => {
    // Another tab has begun to pull since: this page may be older than what is here by now.
    if (unit.state.pull?.token !== token) throw new Failure("taken_over");
    await work(unit);
  }, "relaxed", ["blocks"]);
  await mine((unit) => begin(unit, header));
  const single = lines.filter((line) => !isInBlocks(line));
  for (let at = 0; at < single.length; at += CHUNK) {
    await mine((unit) => take(unit, single.slice(at, at + CHUNK)));
    progress();
  }
  const many = lines.filter(isInBlocks);
  if (isLast) await layOut(store, mine, placed(store.memory.state, many), fresh);
  await mine(async (unit) => {
    if (isLast) await finish(unit, {...header, asked}, head);
    else {
      keepPage(unit, counted(placed(unit.state, many)), fresh);
      unit.state.pull.after = trailer.after;
    }
    unit.saveState();
  });
  progress();
}

/** The header: what the device may read now, and what is filled anew. */
async function begin(unit, {epoch, buckets, restart}) {
  if (unit.state.epoch !== epoch) {
    const {token} = unit.state.pull;
    await restore(unit, epoch);
    unit.state.pull = {after: null, fills: {}, token};
  }
  const {state} = unit;
  const drop = (bucket, gen) => state.trash.push([bucket, gen]);
  for (const [bucket, {gen}] of Object.entries(state.pull.fills)) {
    if (buckets[bucket] && !restart) continue;
    drop(bucket, gen);
    delete state.pull.fills[bucket];
  }
  for (const [bucket, {gen}] of Object.entries(state.buckets)) {
    if (buckets[bucket]) state.buckets[bucket].readers = buckets[bucket].readers;
    else {
      drop(bucket, gen);
      delete state.buckets[bucket];
    }
  }
  for (const [bucket, {mode, count}] of Object.entries(buckets)) {
    if (mode === "full") state.pull.fills[bucket] ??= {gen: ++state.gen, got: 0, count};
    else if (!state.buckets[bucket]) throw new Failure("cut", {code: "delta_of_nothing"});
  }
  unit.saveState();
}

/** Lines with the generation they go into. What lies behind the cursor was here before. */
function placed({pull, buckets}, lines) {
  return lines.flatMap((line) => {
    const [fill, held] = [pull.fills[line.bucket], buckets[line.bucket]];
    return fill || line.rev > held?.rev ? [{...line, fill, gen: (fill ?? held).gen}] : [];
  });
}

/** The same lines, told to whoever shows how far a fill has come. */
function counted(lines) {
  for (const {fill} of lines) if (fill) fill.got += 1;
  return lines;
}

/** Lines: a delta is applied as it comes, a full fills the generation nobody sees yet. A line only replaces a lower rev. */
async function take(unit, lines) {
  const {state} = unit;
  const places = counted(placed(state, lines));
  const keyOf = ({bucket, gen, kind, id}) => [bucket, gen, kind, id];
  const old = await Promise.all(places.map((line) => unit.get("base", keyOf(line))));
  const views = await Promise.all(places.map((line) => (line.fill ? undefined : unit.get("view", keyOf(line)))));
  const covered = [];
  places.forEach(({bucket, gen, kind, id, rev, gone, data}, n) => {
    if (old[n]?.rev >= rev) return;
    if (gone) unit.dropBase({bucket, gen, kind, id});
    else unit.putBase({bucket, gen, kind, id, rev, data});
    if (views[n]) covered.push(`${bucket}\n${kind}\n${id}`);
  });
  await unit.project(covered);
  const mine = `device:${state.device?.id}`;
  const verdicts = lines.filter(({bucket, kind, gone}) => bucket === mine && kind === "verdict" && !gone);
  if (verdicts.length) await judge(unit, verdicts.map(({id, data}) => ({...data, id})));
  unit.saveState();
}

/** The page that read every bucket to its head: its `to` is what the device now holds; new generations are shown from here on. */
async function finish(unit, {buckets, asked}, {access = null, etag = null}) {
  const {state} = unit;
  const flipped = new Set();
  for (const [bucket, {to, readers}] of Object.entries(buckets)) {
    const fill = state.pull.fills[bucket];
    const held = state.buckets[bucket];
    if (!fill) {
      held.rev = Math.max(held.rev, to);
      continue;
    }
    if (held) state.trash.push([bucket, held.gen]);
    state.buckets[bucket] = {gen: fill.gen, rev: to, readers, checked_at: 0, mended_at: held?.mended_at ?? 0};
    flipped.add(bucket);
    unit.changes.reload.add(bucket);
  }
  // A device always reads its own bucket: one that reads none at all was revoked (sync.md §2).
  Object.assign(state, {pull: null, access, etag, isRevoked: !Object.keys(buckets).length});
  if (!state.isRevoked) endUnread(state, buckets, asked);
  if (flipped.size) {
    const rows = await unit.rows();
    await unit.project(rows.flatMap((row) => [...keysOf(row)]).filter((key) => flipped.has(placeOf(key).bucket)), rows);
  }
  await settle(unit, Date.now());
}

/**
 * Whoever works here reads at least what is their own: who reads nothing was signed out at the office. `asked` are the grants that were
 * live when the server was asked; somebody who signed in since is not told of yet.
 */
function endUnread(state, buckets, asked) {
  const readers = new Set(Object.values(buckets).flatMap((bucket) => bucket.readers ?? []));
  for (const grant of asked.map((id) => state.grants[id])) {
    if (!grant || grant.ended_at || readers.has(grant.person)) continue;
    grant.ended_at = Date.now();
    delete state.pins?.[grant.person];
    if (state.person === grant.person) state.person = null;
  }
}

/** Compare sums: after a fill and once a day. A bucket that differs is asked whole, at most once an hour, and reported. */
async function verify({store, memory, report}, checks = {}) {
  for (const [bucket, check] of Object.entries(checks)) {
    const held = memory.state.buckets[bucket];
    const now = Date.now();
    if (!held || held.rev !== check.rev || now - held.checked_at < DAY_MS) continue;
    const records = await store.recordsOf(bucket, held.gen);
    const isSame = records.length === check.count && sumOf(records) === check.sum;
    await store.write(async (unit) => {
      const now_held = unit.state.buckets[bucket];
      if (now_held?.gen !== held.gen || now_held.rev !== held.rev) return; // moved on: the next pull's sums tell
      if (isSame) now_held.checked_at = now;
      else if (now - now_held.mended_at > REFILL_MS) {
        Object.assign(now_held, {rev: 0, mended_at: now});
        unit.state.etag = null;
      }
      unit.saveState();
    });
    if (!isSame) report(`sum_mismatch ${bucket}`);
  }
}
