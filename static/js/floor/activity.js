/** When somebody last touched this device, in whichever tab: a touch, a key, a scan by wedge or camera. It outlives a reload, not a relaunch. */

const IDLE_MS = 2 * 60_000;
const NOTE_MS = 1_000;
/** Somebody who is taking a photo touches the camera's screen, not ours. */
const CHOOSING_MS = 10 * 60_000;

const HERE = "offstage.here"; // of this tab
const ACTIVE = "offstage.active"; // of all

let activeAt = 0;
let isChoosing = false;

/** Whether this tab was in use a moment ago, so that a reload locks nobody out. */
export function wasHere() {
  try {
    return sessionStorage.getItem(HERE) !== null && !isIdle();
  } catch {
    return false;
  }
}

/** A clock that was set back counts as long. */
export const isIdle = () => Math.abs(Date.now() - Math.max(activeAt, elsewhere())) >= (isChoosing ? CHOOSING_MS : IDLE_MS);

function elsewhere() {
  try {
    return Number(localStorage.getItem(ACTIVE)) || 0;
  } catch {
    return 0;
  }
}

function note() {
  const now = Date.now();
  if (Math.abs(now - activeAt) < NOTE_MS) return;
  activeAt = now;
  try {
    sessionStorage.setItem(HERE, "1");
    localStorage.setItem(ACTIVE, String(now));
  } catch {
    // Other tabs and a reload do not know of it: they lock sooner.
  }
}

/** Once a page load, which is activity itself. */
export function watchActivity() {
  const heard = {capture: true, passive: true};
  const isFile = (target) => target.matches?.("input[type=file]");
  for (const name of ["pointerdown", "keydown", "input", "scan"]) document.addEventListener(name, note, heard);
  document.addEventListener("click", ({target}) => isFile(target) && (isChoosing = true), heard);
  for (const name of ["change", "cancel"]) document.addEventListener(name, ({target}) => isFile(target) && chosen(), heard);
  note();
}

function chosen() {
  isChoosing = false;
  note();
}
