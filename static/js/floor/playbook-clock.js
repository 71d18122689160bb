/**
 * The clock of a playbook that is being followed, on this device: when it began, when each step was done (F23: times, never a ticking
 * number). It stays here until it is begun anew, so that an incident can be written up from it.
 */

const KEY = "offstage.playbooks";

/** @typedef {{started_at: number, steps: Record<string, number>, stopped_at?: number}} Going */

/** @returns {Record<string, Going>} by playbook */
export function allGoing() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** @param {string} id @returns {Going | undefined} */
export const going = (id) => allGoing()[id];

/** Throws where the browser keeps nothing: a stamp that is lost must not look kept. @param {string} id @param {Going} state */
function keep(id, state) {
  localStorage.setItem(KEY, JSON.stringify({...allGoing(), [id]: state}));
}

/** @param {string} id @param {number} now */
export const start = (id, now) => keep(id, {started_at: now, steps: {}});

/** A second tap takes the stamp back. @param {string} id @param {string} step its number @param {number} now */
export function stamp(id, step, now) {
  const state = going(id) ?? {started_at: now, steps: {}};
  const {[step]: known, ...others} = state.steps;
  keep(id, {...state, steps: known ? others : {...others, [step]: now}});
}

/** @param {string} id @param {number} now */
export function stop(id, now) {
  const state = going(id);
  if (state && !state.stopped_at) keep(id, {...state, stopped_at: now});
}
