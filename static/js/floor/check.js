/** The start-of-shift check (F31): what has to be right before one relies on this device for a shift. Half a minute, one tap. */

import {rememberCheck} from "./last.js";

const PATIENCE_MS = 6_000;
const CLOCK_MS = 5_000;
const FRESH_MS = 2 * 60_000;

export const CHECKS = ["online", "lists", "clock", "storage", "camera", "sound"];

/** Look at everything; asks for the camera and plays a tone, so it has to come from a tap. @param {any} replica @param {number} at */
export async function runCheck(replica, at) {
  const heard = playTone();
  const [isOnline, isPersisted, camera] = await Promise.all([exchanged(replica), persisted(), cameraState()]);
  const {lastContact, fill, clock} = replica.status();
  const results = {
    online: isOnline ? "go" : "wait",
    lists: isOnline && !fill && Date.now() - lastContact < FRESH_MS ? "go" : "wait",
    clock: Math.abs(clock.offset) < CLOCK_MS ? "go" : "wait",
    storage: isPersisted ? "go" : "wait",
    camera,
    sound: (await heard) ? "go" : "wait",
  };
  rememberCheck({at, results, isFine: Object.values(results).every((cue) => cue === "go")});
}

function exchanged(replica) {
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, false));
  return Promise.race([replica.syncNow().catch(() => false), patience]);
}

async function persisted() {
  const {storage} = navigator;
  return Boolean(storage && ((await storage.persisted?.()) || (await storage.persist?.())));
}

/** A camera that may be used is red only when somebody said no. */
async function cameraState() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: "environment"}});
    for (const track of stream.getTracks()) track.stop();
    return "go";
  } catch (error) {
    return error.name === "NotAllowedError" ? "stop" : "wait";
  }
}

/** A short tone; it also unlocks sound for the shift (F2). @returns {Promise<boolean>} whether the browser let it out */
async function playTone() {
  try {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const level = audio.createGain();
    level.gain.setValueAtTime(0.2, audio.currentTime);
    level.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.4);
    tone.frequency.value = 880;
    tone.connect(level).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.4);
    await Promise.race([audio.resume(), new Promise((resolve) => setTimeout(resolve, 500))]);
    return audio.state === "running";
  } catch {
    return false;
  }
}
