/** Push: what waits goes to the server in the order of the stream; only the verdicts that come back change it (sync.md §3). */

import {judge, requeue, restore, settle, toWire} from "./outbox.js";
import {utf8} from "./ids.js";
import {Failure} from "./wire.js";

const MOST_OPERATIONS = 100;
const MOST_BYTES = 240_000;

/**
 * Send until nothing waits.
 * @param {import("./drain.js").Link} link
 * @returns {Promise<void>} rejects with a Failure; what was not answered stays as it is
 */
export async function push(link) {
  let most = MOST_OPERATIONS;
  for (let mended = 0; ; ) {
    const batch = nextBatch(link.memory, most);
    if (!batch.length) return;
    let answer;
    try {
      answer = await send(link, batch);
    } catch (failure) {
      if (failure.reason === "too_large" && batch.length > 1) most = batch.length >> 1;
      else if (!canMend(failure) || ++mended > 3) throw failure;
      else await mend(link, failure);
      continue;
    }
    await take(link, batch, answer);
  }
}

/** The longest contiguous run of unsaid operations from the first, within the limits of one request. */
export function nextBatch(memory, most = MOST_OPERATIONS) {
  const batch = [];
  let size = 0;
  for (const row of memory.ordered()) {
    if (row.verdict) continue;
    const operation = toWire(row);
    size += utf8(JSON.stringify(operation)).length;
    const follows = !batch.length || row.seq === batch.at(-1).seq + 1;
    if (batch.length === most || !follows || (batch.length && size > MOST_BYTES)) break; // rule: T43
    batch.push(operation);
  }
  return batch;
}

async function send({wire, memory, tell}, ops) {
  const {device, epoch, grants} = memory.state;
  const ids = ops.map(({id}) => id);
  const tokens = Object.fromEntries(ops.filter(({grant}) => grants[grant]).map(({grant}) => [grant, grants[grant].token]));
  ids.forEach((id) => memory.sending.add(id));
  tell({sending: ids});
  try {
    const json = {device: device.id, epoch, sent_at: Date.now(), last_seq: memory.stream.last_seq, grants: tokens, ops};
    return await (await wire.call("POST", "/api/sync/push", {json})).json();
  } finally {
    ids.forEach((id) => memory.sending.delete(id));
    tell({sent: ids});
  }
}

async function take({store, memory}, batch, {verdicts, durable_seq, next_seq}) {
  if (!Array.isArray(verdicts) || !Number.isInteger(durable_seq) || !Number.isInteger(next_seq)) throw new Failure("cut");
  const stream = memory.stream.id;
  await store.write(async (unit) => {
    await judge(unit, verdicts);
    await settle(unit, Date.now());
    if (unit.stream.id !== stream) return; // another tab went on in a new stream meanwhile
    Object.assign(unit.stream, {acked: next_seq - 1, durable_seq});
    unit.saveStream();
  });
  // An answer that decides nothing must not be asked for without end.
  if (!batch.some(({id}) => !memory.rows.get(id) || memory.rows.get(id).verdict)) throw new Failure("refused", {code: "no_verdicts"});
}

/** The stream here and the one there do not fit each other, which this device can mend itself. */
const canMend = ({status, code}) =>
  (status === 409 && ["fork", "expected_seq"].includes(code)) || (status === 403 && code === "wrong_device");

async function mend(link, {code, facts}) {
  if (code === "expected_seq" && (await fillGap(link, facts.next_seq))) return;
  await link.enrolAgain();
}

/**
 * The server expects an earlier operation: go back to it, from the journal if need be. When it has lost what it had acknowledged, it
 * was restored from a backup.
 * @returns {Promise<boolean>} false when that operation is not here
 */
function fillGap({store}, from) {
  return store.write(async (unit) => {
    if (from <= unit.stream.acked) await restore(unit, unit.state.epoch);
    await requeue(unit, from);
    return (await unit.rows()).some((row) => row.stream === unit.stream.id && row.seq === from);
  });
}
