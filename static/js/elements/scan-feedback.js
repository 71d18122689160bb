/**
 * What a scan says at once (F2–F4): a tone, the edge of the screen with a large mark, and a buzz where the device has one. The mark and
 * its shape say everything; sound may be refused or switched off: <html data-quiet> silences it (a room is on air).
 */

import {lamp} from "../floor/components.js";
import {html} from "../floor/html.js";

const SHOWN_MS = 500;
const LOUD = 0.5;

/** Four answers that differ in pitch, number and length, so that nobody has to look. tones: [hertz, from, to] in ms; buzz: on, off, on … */
const ANSWERS = {
  ok: {cue: "go", tones: [[1568, 0, 90]], buzz: [40]},
  repeat: {cue: "work", tones: [[1047, 0, 60], [1047, 110, 170]], buzz: [30, 50, 30]},
  unknown: {cue: "wait", tones: [[740, 0, 120], [494, 130, 320]], buzz: [120]},
  wrong: {cue: "stop", tones: [[175, 0, 450]], wave: "square", buzz: [200, 80, 200]},
};

/** A tone that comes later than this would answer another scan. */
const LATE_MS = 300;

let audio = null;

/** Browsers let sound out once somebody has touched the page; iOS takes it back now and then. */
async function unlock() {
  audio ??= new AudioContext();
  if (audio.state !== "running") await audio.resume();
}

for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, () => unlock().catch(() => {}), {capture: true, passive: true});

/**
 * @param {"ok" | "repeat" | "unknown" | "wrong"} kind
 * @param {string} text read out: what was scanned, and what is the matter with it
 */
export function feedback(kind, text) {
  const {cue, tones, wave = "sine", buzz} = ANSWERS[kind];
  if (!("quiet" in document.documentElement.dataset)) play(tones, wave).catch(() => {}); // no sound here: the mark has said it
  flash(cue);
  navigator.vibrate?.(buzz);
  said().textContent = text;
}

async function play(tones, wave) {
  const asked = performance.now();
  if (audio?.state !== "running") await unlock();
  if (performance.now() - asked > LATE_MS) return;
  for (const [hertz, from, to] of tones) {
    const tone = audio.createOscillator();
    const level = audio.createGain();
    const [start, end] = [from, to].map((ms) => audio.currentTime + ms / 1000);
    Object.assign(tone, {type: wave});
    tone.frequency.value = hertz;
    level.gain.setValueAtTime(LOUD, start);
    level.gain.exponentialRampToValueAtTime(0.001, end);
    tone.connect(level).connect(audio.destination);
    tone.start(start);
    tone.stop(end);
  }
}

function flash(cue) {
  const edge = part("scan-flash", "flash");
  edge.dataset.cue = cue;
  edge.innerHTML = html`${lamp(cue, {size: "l"})}`;
  const last = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : 0;
  for (const before of edge.getAnimations()) before.cancel();
  edge.animate({opacity: [1, 1, last]}, SHOWN_MS);
}

function said() {
  const place = part("scan-said", "sr");
  place.setAttribute("role", "status");
  return place;
}

/** Outside of the page, which is drawn anew while they still speak. */
function part(id, className) {
  const found = document.getElementById(id);
  if (found) return found;
  const made = Object.assign(document.createElement("div"), {id, className});
  document.body.append(made);
  return made;
}
