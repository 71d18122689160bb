/**
 * PINs: how one of several people unlocks a shared device, also with no network (sync.md §2). What is kept here only tells whether a PIN is the
 * right one; the PIN itself is nowhere, and never leaves the device. It is a lock, not encryption.
 */

export const FEWEST_DIGITS = 4;
export const MOST_DIGITS = 6;
export const MOST_TRIES = 5;
const ROUNDS = 600_000;
/** How long after typing the password a PIN may be chosen. */
const PROVED_MS = 10 * 60_000;

const UP = "01234567890";
const DOWN = "09876543210";

/**
 * Why a PIN would be guessed first, or null.
 * @param {string} pin @returns {"length" | "same" | "row" | "pair" | "year" | null}
 */
export function weaknessOf(pin) {
  if (!/^\d+$/.test(pin) || pin.length < FEWEST_DIGITS || pin.length > MOST_DIGITS) return "length";
  if (/^(\d)\1+$/.test(pin)) return "same";
  if (UP.includes(pin) || DOWN.includes(pin)) return "row";
  if (/^(\d\d)\1+$/.test(pin) || /^(\d\d\d)\1$/.test(pin)) return "pair";
  if (/^(19|20)\d\d$/.test(pin)) return "year";
  return null;
}

/** Whose PIN is looked at: that try is counted already, and nobody knows yet whether it was wrong. @type {string | null} */
let tried = null;

/**
 * How somebody unlocks this device. `left`: tries before it is frozen; 0: it opens again when its owner signs in with the password.
 * @returns {{digits: number, left: number} | null} null: no PIN was chosen
 */
export function pinOf({memory}, person) {
  const pin = memory.state.pins?.[person];
  return pin ? {digits: pin.digits, left: MOST_TRIES - pin.tries + (tried === person ? 1 : 0)} : null;
}

/** Whether who is unlocked has typed their password a moment ago: only then may they choose a PIN. */
export const mayChoose = ({memory: {state}}) =>
  Boolean(state.person && state.proved?.person === state.person && Math.abs(Date.now() - state.proved.at) < PROVED_MS);

/**
 * Choose a PIN for who is unlocked. @param {import("./index.js").Replica} replica @param {string} pin
 * @returns {Promise<boolean>} false: too long ago, or somebody else by now
 */
export async function choosePin(replica, pin) {
  if (weaknessOf(pin) || !mayChoose(replica)) return false;
  const {person} = replica.memory.state;
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hash = await derive(pin, salt, ROUNDS);
  return replica.store.write((unit) => {
    const {state} = unit;
    if (state.person !== person) return false;
    state.pins = {...state.pins, [person]: {salt, rounds: ROUNDS, hash, digits: pin.length, tries: 0}};
    state.proved = null;
    unit.saveState();
    return true;
  }, "strict");
}

/**
 * Unlock the device for a person. A try is counted, on the disk, before it is looked at: pulling the plug wins none.
 * @param {import("./index.js").Replica} replica @param {string} person @param {string} pin
 * @returns {Promise<{isOpen: boolean, left: number}>}
 */
export async function unlock({store}, person, pin) {
  tried = person;
  try {
    return await compare(store, person, pin);
  } finally {
    tried = null;
  }
}

async function compare(store, person, pin) {
  const kept = await store.write((unit) => noteTry(unit, person), "strict");
  if (!kept) return {isOpen: false, left: 0};
  const {tries, salt, rounds, hash} = kept;
  if (!isSame(await derive(pin, salt, rounds), hash)) return {isOpen: false, left: MOST_TRIES - tries};
  const isOpen = await store.write((unit) => open(unit, person, hash), "strict");
  return {isOpen, left: MOST_TRIES};
}

function noteTry(unit, person) {
  const pin = unit.state.pins?.[person];
  if (!pin) return null;
  if (pin.tries >= MOST_TRIES) return null;  // rule: T40
  pin.tries += 1;
  unit.saveState();
  return {...pin};
}

/** Who has left meanwhile, or chosen another PIN in another tab, stays outside. */
function open(unit, person, hash) {
  const {state} = unit;
  const pin = state.pins?.[person];
  const isHere = Object.values(state.grants).some((grant) => grant.person === person && !grant.ended_at);
  if (!isHere || !pin || !isSame(pin.hash, hash)) return false;
  pin.tries = 0;
  Object.assign(state, {person, last: person, proved: null});
  unit.saveState();
  return true;
}

/** @param {string} pin @param {Uint8Array} salt one of the person and the device @param {number} rounds @returns {Promise<Uint8Array>} */
async function derive(pin, salt, rounds) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds}, key, 256));
}

const isSame = (a, b) => a.length === b.length && a.every((byte, n) => byte === b[n]);
