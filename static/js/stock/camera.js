/**
 * Looks through the camera for <scan-camera>: one stream a visit, one picture at a time to the decoder, a code told once while it is in
 * view (F5, F7, T41). Loaded with the decoder when a camera is first opened; it imports nothing, so that no module is on a page twice.
 */

const WANTED = {video: {facingMode: {ideal: "environment"}, width: {ideal: 1280}, height: {ideal: 720}}};
const REFUSALS = {NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none"};
/** How much of what is seen is aimed at: the corners on the screen, and a little around them. */
const AIM = {width: 0.8, height: 0.7};
const FRAME_MS = 66;
const IDLE_MS = 30_000;
/** A code counts again when it was out of view that long, and for so many pictures: a slow phone must not count one thing twice. */
const AWAY_MS = 1500;
const AWAY_PICTURES = 3;
/** Half a code of these can pass for a whole one, so they are read twice. */
const UNSURE = ["itf", "code_39"];
/** A picture that is black or stands still for so long is a stream that did not survive the phone's pocket. */
const DEAD_MS = 2000;
const MOST_REBUILDS = 3;
/** A camera that nobody looks through is given back. */
const LINGER_MS = 60_000;

let worker = null;
let stream = null;
let lingering = 0;

const trackOf = () => stream?.getVideoTracks()[0];

/** Whichever page looks through it: some phones ask the person each time a stream is opened. */
async function openStream() {
  clearTimeout(lingering);
  if (trackOf()?.readyState !== "live") stream = await navigator.mediaDevices.getUserMedia(WANTED);
  trackOf().enabled = true;
  return stream;
}

function closeStream() {
  trackOf()?.stop();
  stream = null;
}

function leaveStream() {
  if (stream) trackOf().enabled = false;
  clearTimeout(lingering);
  lingering = setTimeout(closeStream, LINGER_MS);
}

/** The part of the video that is aimed at, in its own pixels; the element shows its middle. @param {HTMLVideoElement} video */
function aimed({videoWidth, videoHeight, clientWidth, clientHeight}) {
  const scale = Math.max(clientWidth / videoWidth, clientHeight / videoHeight) || 1;
  const width = Math.round(Math.min(videoWidth, clientWidth / scale || videoWidth) * AIM.width);
  const height = Math.round(Math.min(videoHeight, clientHeight / scale || videoHeight) * AIM.height);
  return [Math.round((videoWidth - width) / 2), Math.round((videoHeight - height) / 2), width, height];
}

/** What the worker is given; browsers that draw in no worker draw here. */
function picture(video) {
  const area = aimed(video);
  return self.OffscreenCanvas ? createImageBitmap(video, ...area) : pixels(video, area, area[2], area[3]);
}

const canvas = document.createElement("canvas");

function pixels(video, area, width, height) {
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  Object.assign(canvas, {width, height});
  pen.drawImage(video, ...area, 0, 0, width, height);
  return pen.getImageData(0, 0, width, height);
}

const isBlack = (video) =>
  pixels(video, [0, 0, video.videoWidth, video.videoHeight], 16, 9).data.every((value, n) => n % 4 === 3 || value < 6);

export class Camera {
  /** Code → when and in which picture it was last seen. */
  seen = new Map();
  pictures = 0;
  rebuilds = 0;
  isOn = false;

  /**
   * @param {{video: HTMLVideoElement, isConnected: boolean, show: (state: string) => void, showKeys: (track: MediaStreamTrack) => void,
   *   found: (code: {raw: string, format: string}) => void}} place the element
   */
  constructor(place) {
    this.place = place;
  }

  /** From a tap, and again after the phone slept: the permission of the first time still holds. */
  async start() {
    if (this.isOpening) return;
    this.isOpening = true;
    const {video} = this.place;
    try {
      video.srcObject = await openStream();
      await video.play();
      this.begin();
    } catch (error) {
      this.stop(navigator.mediaDevices ? REFUSALS[error.name] ?? "busy" : "insecure");
    } finally {
      this.isOpening = false;
    }
  }

  begin() {
    if (!this.place.isConnected) return this.stop("off");
    worker ??= new Worker(new URL("./decoder.js", import.meta.url), {type: "module"});
    worker.onmessage = ({data}) => this.answer(data);
    worker.onerror = () => this.answer({error: "load"});
    this.place.showKeys(trackOf());
    this.usedAt = this.aliveAt = this.lookedAt = performance.now();
    this.isOn = true;
    this.isReading = false;
    clearInterval(this.ticking);
    this.ticking = setInterval(() => this.tick(), FRAME_MS);
    this.sleep();
    this.awake = navigator.wakeLock?.request("screen").catch(() => null);
    this.hearWaking();
  }

  hearWaking() {
    this.left?.abort();
    this.left = new AbortController();
    const {signal} = this.left;
    const back = () => document.visibilityState === "visible" && this.start();
    document.addEventListener("visibilitychange", back, {signal});
    addEventListener("pageshow", back, {signal});
  }

  /** The screen may go dark again. */
  sleep() {
    this.awake?.then((lock) => lock?.release());
    this.awake = null;
  }

  /** @param {string} state why */
  stop(state) {
    this.isOn = false;
    this.left?.abort();
    this.seen.clear(); // who starts again means what is there
    clearInterval(this.ticking);
    this.sleep();
    this.place.video.srcObject = null;
    leaveStream();
    this.place.show(state);
  }

  /** Somebody is there. */
  use() {
    this.usedAt = performance.now();
  }

  async tick() {
    const now = performance.now();
    if (document.visibilityState !== "visible") return;
    if (now - this.usedAt > IDLE_MS) return this.stop("resting");
    if (!this.isAlive(now)) return this.rebuild();
    if (this.isReading || !this.place.video.videoWidth) return;
    this.isReading = true;
    try {
      const shot = await picture(this.place.video);
      worker.postMessage(shot, [shot.data?.buffer ?? shot]);
    } catch {
      this.isReading = false; // between two streams there is no picture
    }
  }

  /** Looked at twice a second. */
  isAlive(now) {
    if (now - this.lookedAt < DEAD_MS / 4) return true;
    this.lookedAt = now;
    const {video} = this.place;
    if (video.currentTime !== this.shownAt && !isBlack(video)) {
      this.aliveAt = now;
      this.rebuilds = 0;
    }
    this.shownAt = video.currentTime;
    return now - this.aliveAt < DEAD_MS || this.rebuilds >= MOST_REBUILDS; // then somebody holds a thumb on it
  }

  rebuild() {
    this.rebuilds++;
    closeStream();
    return this.start();
  }

  answer({code, error}) {
    if (!this.isOn) return;
    this.isReading = false;
    if (error) {
      console.warn("decoder", error);
      worker.terminate();
      worker = null;
      this.stop("broken");
      return;
    }
    this.pictures++;
    if (this.place.dataset.state !== "on") this.place.show("on");
    if (code) this.see(code, performance.now());
  }

  see({raw, format}, now) {
    const before = this.seen.get(raw);
    const isSure = !UNSURE.includes(format) || this.unsure === raw;
    this.unsure = raw;
    if (!isSure) return;
    this.seen.set(raw, {at: now, picture: this.pictures});
    if (before && (now - before.at < AWAY_MS || this.pictures - before.picture <= AWAY_PICTURES)) return;
    this.use();
    this.place.found({raw, format});
  }

  light() {
    this.set({torch: !trackOf().getSettings().torch});
  }

  /** Once, twice, four times as near, as far as it goes. */
  zoom() {
    const {min, max} = trackOf().getCapabilities().zoom;
    const next = trackOf().getSettings().zoom * 2;
    this.set({zoom: next > Math.min(max, min * 4) ? min : next});
  }

  set(wish) {
    trackOf().applyConstraints({advanced: [wish]}).then(() => this.place.showKeys(trackOf()), () => {});
  }
}
