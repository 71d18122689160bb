/** The service worker: registered once; a new build waits until the person takes it, between tasks (F29). */

const LOOK_MS = 60 * 60_000;
const ASK_AGAIN_MS = 1000;

/** @type {ServiceWorker | null} */
let waiting = null;
let isTaking = false;

/** @param {() => void} onNew a new build has come */
export async function keepFresh(onNew) {
  if (!("serviceWorker" in navigator)) return;
  const {serviceWorker} = navigator;
  serviceWorker.addEventListener("controllerchange", () => isTaking && location.reload());
  const registration = await serviceWorker.register("/sw.js", {updateViaCache: "none"}).catch(() => null);
  if (!registration) return;
  const look = () => {
    // The first worker of a device is no update.
    waiting = serviceWorker.controller ? registration.waiting : null;
    document.documentElement.toggleAttribute("data-update", Boolean(waiting));
    if (waiting) onNew();
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  look();
  setInterval(() => document.visibilityState === "visible" && registration.update().catch(() => {}), LOOK_MS);
}

/** What is big and not needed at once is fetched when this device is filled and has a moment, unless its owner wants to save data. */
export function keepLater(replica) {
  if (!("serviceWorker" in navigator) || navigator.connection?.saveData) return;
  const look = async () => {
    const {fill, lastContact} = replica.status();
    if (fill || !lastContact) return;
    stop();
    const {active} = await navigator.serviceWorker.ready;
    (self.requestIdleCallback ?? setTimeout)(() => active.postMessage("keep-later"));
  };
  const stop = replica.on("status", look);
  look();
}

/**
 * Go over to the new build; the page loads again when it has taken over. A browser lets go of the old worker only in a moment in which that has
 * nothing to do, and may miss it, so the new one is asked until it has.
 */
export function takeUpdate() {
  if (isTaking) return;
  isTaking = true;
  const askFor = () => waiting?.postMessage("skip-waiting");
  askFor();
  setInterval(askFor, ASK_AGAIN_MS);
}
