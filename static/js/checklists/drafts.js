/** What somebody is typing and has not said yet: kept on this device at every keystroke, so that nothing is lost by a reload (F25). */

const HEAD = "offstage.draft:";
const KEEP_MS = 7 * 24 * 3600_000;

/** @param {string | null} person @param {string} name "<run>/<item>/value" */
export const draftKey = (person, name) => `${HEAD}${person}:${name}`;

/** The name of marks on a photo that are not in the picture yet. @param {string} sha */
export const markDraft = (sha) => `mark/${sha}`;

/** @param {string} key @returns {string | null} */
export function draft(key) {
  try {
    return JSON.parse(localStorage.getItem(key))?.text ?? null;
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} text empty text is no draft */
export function keepDraft(key, text) {
  try {
    if (text) localStorage.setItem(key, JSON.stringify({text, at: Date.now()}));
    else localStorage.removeItem(key);
  } catch {
    // A full or closed storage costs the draft, never the answer: that lies in the replica.
  }
}

/** The words were said: nothing is left to keep. @param {...string} keys */
export const dropDrafts = (...keys) => keys.forEach((key) => keepDraft(key, ""));

/** Drafts that nobody came back to in a week go, and so does what cannot be read. */
export function pruneDrafts() {
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(HEAD))) {
    if (!(Date.now() - whenOf(key) < KEEP_MS)) localStorage.removeItem(key);
  }
}

function whenOf(key) {
  try {
    return JSON.parse(localStorage.getItem(key)).at;
  } catch {
    return NaN;
  }
}
