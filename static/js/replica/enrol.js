/** Becoming a device, signing people in and out on it, and going on as another device when the stream cannot (sync.md §2). */

import {freshState, freshStream} from "./memory.js";
import {renumber, restore} from "./outbox.js";
import {Failure} from "./wire.js";

/**
 * Make this browser a device, or sign the person of the office session in on it. Needs the network.
 * @param {import("./drain.js").Link} link
 * @param {{name?: string, shared?: boolean, build: string, replaces?: string, giveUp?: boolean}} options
 *   giveUp: a revoked device is enrolled anew although some of its work cannot be sent: it stays here as receipts
 * @returns {Promise<void>} rejects with a Failure; `unknown_device`: nobody is signed in · code `unsent_left`: a revoked device still
 *   holds `n` operations that did not go through
 */
export async function enrol(link, {name, shared = false, build, replaces, giveUp = false}) {
  const {memory} = link;
  const {device} = memory.state;
  const about = {name: name ?? device?.name, shared: device?.shared ?? shared, build};
  if (device && (await attempt(link, () => signIn(link), "not_enrolled"))) return;
  if (await attempt(link, async () => adopt(link.store, await post(link, {...about, replaces: device?.id ?? replaces})))) return;
  // Revoked: it hands in what it holds, into quarantine, and goes on as a device that never was another.
  if (link.hasUnsent()) await link.exchange();
  const left = memory.ordered().filter((row) => !row.verdict).length;
  if (left && !giveUp) throw new Failure("revoked", {code: "unsent_left", facts: {n: left}});
  await adopt(link.store, await post(link, about));
}

/**
 * Do it unless this device is known to be revoked; that it is may be what comes back.
 * @param {string} [mild] a code after which something else is tried
 * @returns {Promise<boolean>} whether it was done
 */
async function attempt({memory, store}, work, mild) {
  if (memory.state.isRevoked) return false;
  try {
    await work();
    return true;
  } catch (failure) {
    if (failure.code === mild) return false;
    if (failure.code !== "revoked") throw failure;
  }
  await store.write(async (unit) => {
    unit.state.isRevoked = true;
    unit.saveState();
  });
  return false;
}

async function post({wire}, json) {
  return (await wire.call("POST", "/api/devices", {json, expect: [200, 201]})).json();
}

async function signIn({wire, store}) {
  const answer = await wire.call("POST", "/api/grants", {json: {}, expect: [200, 201]});
  const {grant, person} = await answer.json();
  if (!grant?.id) throw new Failure("refused", {code: "no_grant"});
  await store.write(async (unit) => {
    keepGrant(unit.state, grant, person);
    unit.saveState();
  });
}

function keepGrant(state, grant, person) {
  const id = person?.id ?? grant.person;
  state.grants[grant.id] = {...grant, name: person?.name ?? null, ended_at: null};
  Object.assign(state, {person: id, proved: {person: id, at: Date.now()}});
  delete state.pins?.[id]; // whoever forgot it, or tried too often, chooses another
}

/** The stream here and the one on the server have parted: go on as a new device that replaces this one. */
export async function enrolAgain(link, build) {
  const {id, name, shared} = link.memory.state.device;
  await adopt(link.store, await post(link, {name, shared, build, replaces: id}), id);
}

/** @param {string} [from] only when this is still the device: another tab may have gone on already */
async function adopt(store, {device, stream, site, epoch, grant, person}, from) {
  if (!device?.id || !stream || !epoch) throw new Failure("cut");
  await store.write(async (unit) => {
    const {state} = unit;
    if (from && state.device?.id !== from) return;
    if (state.isRevoked) await beginAnew(unit);
    if (state.epoch && state.epoch !== epoch) await restore(unit, epoch);
    await renumber(unit, stream);
    Object.assign(state, {device, site, epoch, access: null, etag: null});
    if (grant) keepGrant(state, grant, person);
    unit.saveState();
  }, "strict");
}

/**
 * Nothing of a revoked device goes on: what it handed in waits for a person at the office and is told to no device any more, so it is
 * kept as receipts, beside what could not be sent.
 */
async function beginAnew(unit) {
  const {state} = unit;
  for (const row of await unit.rows()) unit.fileAway(row, Date.now());
  const fills = Object.entries(state.pull?.fills ?? {});
  const left = [...Object.entries(state.buckets), ...fills].map(([bucket, {gen}]) => [bucket, gen]);
  Object.assign(state, freshState(), {gen: state.gen, trash: [...state.trash, ...left]});
  unit.stream = {...freshStream(), made: unit.stream.made};
}

/** Tell the server of sign-outs (one it does not know or want is over as well), and forget ended grants that no operation needs any more. */
export async function endGrants({wire, store, memory}) {
  for (const id of memory.state.endings) {
    await wire.call("DELETE", `/api/grants/${id}`, {expect: [200, 204, 403, 404, 410]}).then((answer) => answer.text());
    await store.write(async (unit) => {
      unit.state.endings = unit.state.endings.filter((other) => other !== id);
      unit.saveState();
    });
  }
  if (!Object.values(memory.state.grants).some((grant) => isSpent(grant, memory.rows.values()))) return;
  await store.write(async (unit) => {
    const rows = await unit.rows();
    for (const [id, grant] of Object.entries(unit.state.grants)) if (isSpent(grant, rows)) delete unit.state.grants[id];
    unit.saveState();
  });
}

const JOURNAL_MS = 30 * 24 * 3600_000;

/** Ended, and neither the outbox nor what the journal might have to send again names it. */
const isSpent = (grant, rows) =>
  grant.ended_at && Date.now() - grant.ended_at > JOURNAL_MS && ![...rows].some((row) => row.grant === grant.id);
