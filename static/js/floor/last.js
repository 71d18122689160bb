/** What this browser remembers for convenience: the list a person was in (F25), the last shift check. No records; private mode forgets them. */

const RUNS = "offstage.last";
const CHECK = "offstage.check";

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Today offers the next list instead, and the check anew
  }
}

/** @param {string | null} person @returns {string | undefined} the id of a run */
export const lastRun = (person) => read(RUNS)?.[person];

/** @param {string | null} person @param {string} runId */
export const rememberRun = (person, runId) => person && write(RUNS, {...read(RUNS), [person]: runId});

/** @returns {{at: number, isFine: boolean, results: Record<string, "go" | "wait" | "stop">} | null} the last shift check on this device */
export const lastCheck = () => read(CHECK);

/** @param {NonNullable<ReturnType<typeof lastCheck>>} check */
export const rememberCheck = (check) => write(CHECK, check);
