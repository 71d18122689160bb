/**
 * The clock of a playbook that is being followed, on this device: when it began, when each step was done (F23: times, never a ticking
 * number). On the disk before the screen shows it. It stays until it is begun anew, so that an incident can be written up from it.
 */

import {NotSaved, done} from "../replica/database.js";

const STORE = "going";

/** @typedef {{started_at: number, steps: Record<string, number>, stopped_at?: number}} Going */

/** A database of its own: it works before the device is enrolled and is read with nobody signed in. @type {Promise<IDBDatabase> | null} */
let opening = null;

function open() {
  opening ??= (async () => {
    const request = indexedDB.open("offstage.playbooks", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    const db = await done(request);
    db.onclose = () => (opening = null);
    return db;
  })();
  opening.catch(() => (opening = null));
  return opening;
}

/** @returns {Promise<Record<string, Going>>} by playbook; nothing where the browser keeps no database */
export async function allGoing() {
  try {
    const store = (await open()).transaction(STORE).objectStore(STORE);
    const [ids, states] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    return Object.fromEntries(ids.map((id, n) => [id, states[n]]));
  } catch {
    return {};
  }
}

/** @param {string} id @returns {Promise<Going | undefined>} */
export const going = async (id) => (await allGoing())[id];

/** Rejects with NotSaved: a stamp that is lost must not look kept. @param {string} id @param {(state: Going | undefined) => Going} next */
async function change(id, next) {
  try {
    const tx = (await open()).transaction(STORE, "readwrite", {durability: "strict"});
    const complete = new Promise((resolve, reject) => {
      tx.oncomplete = resolve;
      tx.onabort = () => reject(tx.error);
    });
    const store = tx.objectStore(STORE);
    store.put(next(await done(store.get(id))), id);
    await complete;
  } catch (error) {
    throw new NotSaved(error?.name === "QuotaExceededError" ? "storage_full" : "storage_lost", error);
  }
}

/** @param {string} id @param {number} now */
export const start = (id, now) => change(id, () => ({started_at: now, steps: {}}));

/** A second tap takes the stamp back. @param {string} id @param {string} step its number @param {number} now */
export const stamp = (id, step, now) =>
  change(id, (state = {started_at: now, steps: {}}) => {
    const {[step]: known, ...others} = state.steps;
    return {...state, steps: known ? others : {...others, [step]: now}};
  });

/** @param {string} id @param {number} now */
export const stop = (id, now) => change(id, (state) => ({started_at: now, steps: {}, stopped_at: now, ...state}));
