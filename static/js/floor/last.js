/** Which list a person was in, so that Today can lead back after the app was killed (F25). A convenience of this browser, not a record. */

const KEY = "offstage.last";

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** @param {string | null} person @returns {string | undefined} the id of a run */
export const lastRun = (person) => read()[person];

/** @param {string | null} person @param {string} runId */
export function rememberRun(person, runId) {
  if (!person) return;
  try {
    localStorage.setItem(KEY, JSON.stringify({...read(), [person]: runId}));
  } catch {
    // private mode: Today offers the next list instead
  }
}
