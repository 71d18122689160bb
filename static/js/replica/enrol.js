/** Becoming a device, signing people in and out on it, and going on as another device when the stream cannot (sync.md §2). */

import {renumber, restore} from "./outbox.js";
import {Failure} from "./wire.js";

/**
 * Make this browser a device, or sign the person of the office session in on it. Needs the network.
 * @param {import("./drain.js").Link} link
 * @param {{name?: string, shared?: boolean, build: string, replaces?: string}} options
 * @returns {Promise<void>} rejects with a Failure; `unknown_device`: nobody is signed in
 */
export async function enrol(link, {name, shared = false, build, replaces}) {
  const {device} = link.memory.state;
  if (device) {
    try {
      return await signIn(link);
    } catch (failure) {
      if (failure.code !== "not_enrolled") throw failure;
    }
  }
  const about = {name: name ?? device?.name, shared: device?.shared ?? shared, build};
  return adopt(link.store, await post(link, {...about, replaces: device?.id ?? replaces}));
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
  state.person = id;
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
    if (state.epoch && state.epoch !== epoch) await restore(unit, epoch);
    await renumber(unit, stream);
    Object.assign(state, {device, site, epoch, access: null, etag: null});
    if (grant) keepGrant(state, grant, person);
    unit.saveState();
  }, "strict");
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
